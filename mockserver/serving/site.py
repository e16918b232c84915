"""The paths of the fake that Enspace does not have: docs, the contract, the dashboard and the control API.

Everything is served from this machine; the pages request nothing from other hosts.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from swagger_ui_bundle import swagger_ui_path

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation, base_path
from mockserver.control.caller_guard import CallerGuard, objection
from mockserver.coverage.templates import load_template
from mockserver.enspace.keys import DemoCredentials
from mockserver.pipeline.envelope import render_refusal
from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt
from mockserver.serving.served_contract import render_json, render_yaml
from mockserver.settings import Settings

_CONTROL = "/_mock"
_PAGE_PATHS = ("/", "/docs", "/openapi.yaml", "/openapi.json")

_PAGES = Path(__file__).resolve().parent / "pages"
_DASHBOARD = Path(__file__).resolve().parents[1] / "control" / "dashboard"
# The dashboard runs scripts from its own files only, and connects to this server only.
_DASHBOARD_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src *"


def find_own_paths(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Returns the paths that are not the contract's, themselves and below. Its own paths win over our pages."""
    hidden = find_hidden_pages(operations)
    return (_CONTROL, *(page for page in _PAGE_PATHS if page not in hidden))


def find_contract_folders(document: Document) -> tuple[str, ...]:
    """Returns the base path of a contract that lies below the control API, as those of some mock servers do."""
    base = base_path(document)
    return (base,) if base.startswith(f"{_CONTROL}/") else ()


def find_hidden_pages(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Returns the pages in whose place the contract has operations."""
    paths = {operation.path for operation in operations}
    return tuple(
        page
        for page in _PAGE_PATHS
        if page in paths or (page != "/" and any(path.startswith(f"{page}/") for path in paths))
    )


def site(
    document: Document, control: Callable[[], ASGIApp], settings: Settings, credentials: Callable[[], DemoCredentials]
) -> ASGIApp:
    """Returns an ASGI app for everything outside the contract.

    The docs page contains the credentials, unless a page of another site may have asked for it.
    """
    hosts = tuple(filter(None, (host.strip().lower() for host in settings.allowed_hosts.split(","))))
    dashboard = (_DASHBOARD / "index.html").read_text(encoding="utf-8")

    async def show_docs(request: Request) -> Response:
        is_foreign = objection(request.method, request.headers, hosts) is not None
        shown = DemoCredentials() if is_foreign else credentials()
        page = load_template(_PAGES / "docs.html").render(key=shown.key, workspace=shown.workspace)
        return HTMLResponse(page, headers={"content-security-policy": _POLICY, "cache-control": "no-store"})

    async def show_dashboard(request: Request) -> Response:
        return HTMLResponse(
            dashboard, headers={"content-security-policy": _DASHBOARD_POLICY, "referrer-policy": "no-referrer"}
        )

    async def go_to_dashboard(request: Request) -> Response:
        return RedirectResponse("/_mock/")

    async def show_yaml(request: Request) -> Response:
        return Response(render_yaml(document, request), media_type="application/yaml")

    async def show_json(request: Request) -> Response:
        return Response(render_json(document, request), media_type="application/json")

    async def go_to_docs(request: Request) -> Response:
        return RedirectResponse("/docs")

    routes: list[BaseRoute] = [
        Route("/", go_to_docs),
        Route("/docs", show_docs),
        Mount("/docs/own", StaticFiles(directory=_PAGES)),
        Mount("/docs/swagger-ui", StaticFiles(directory=swagger_ui_path)),
        Route("/openapi.yaml", show_yaml),
        Route("/openapi.json", show_json),
        # The dashboard itself contains no secret: it is served without the token, and asks for it.
        Route("/_mock", go_to_dashboard),
        Route("/_mock/", show_dashboard),
        Mount("/_mock/dashboard", _Revalidated(directory=_DASHBOARD)),
        _Below("/_mock", CallerGuard(Deferred(control), settings.control_token, hosts)),
    ]
    return ExceptionMiddleware(Router(routes, default=_not_found), handlers={HTTPException: _refuse})


class _Revalidated(StaticFiles):
    """Files that a browser revalidates each time, so that a page never mixes two versions of them."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "no-cache"
        return response


class _Below(Mount):
    """A mount that also matches paths with a line break, which Starlette's pattern does not."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


class Deferred:
    """An app that is created by its first request. Creating the control API would take a tenth of the start."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make, self._lock = make, asyncio.Lock()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._lock:
            if self._app is None:
                # In a thread, as other requests must not wait for it.
                self._app = await asyncio.to_thread(self._make)
            app = self._app
        await app(scope, receive, send)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    raise HTTPException(404)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = render_refusal(
        Refusal(error.status_code, f"{error.detail}: {request.method} {excerpt(request.url.path, 200)}")
    )
    return Response(answer.body, answer.status, error.headers, answer.media_type)
