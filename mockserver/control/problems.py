"""Errors of the control API as problem details (RFC 9457), without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException

from mockserver.contract.operations import allowed_methods
from mockserver.contract.path_matcher import PathMatcher
from mockserver.secrets import mask_text
from mockserver.state.sandboxes import NameTaken, UnknownName
from mockserver.state.stores import StoreUnavailable

Paths = Mapping[str, Mapping[str, Any]]


def problem(status: HTTPStatus, detail: str, **members: Any) -> ProblemException:
    """An error response with this status; `members` are added to its body."""
    return ProblemException(status=status.value, title=status.phrase, detail=detail, ext=members)


def bad_request(detail: str, **members: Any) -> ProblemException:
    return problem(HTTPStatus.BAD_REQUEST, detail, **members)


def not_found(detail: str) -> ProblemException:
    return problem(HTTPStatus.NOT_FOUND, detail)


def conflict(detail: str) -> ProblemException:
    return problem(HTTPStatus.CONFLICT, detail)


@contextmanager
def state_errors() -> Iterator[None]:
    """Turns errors of the sandboxes into responses: 404 for unknown names, 409 for names that are taken."""
    try:
        yield
    except UnknownName as error:
        raise not_found(str(error)) from error
    except NameTaken as error:
        raise conflict(str(error)) from error


def render_problem(request: ConnexionRequest, error: ProblemException) -> ConnexionResponse:
    """Renders a problem. Secrets are masked, because its detail may quote the request.

    Connexion appends the schema on further lines, which are dropped.
    """
    error.detail = mask_text(str(error.detail or error.title).partition("\n")[0])
    return error.to_problem()


def render_unavailable(request: ConnexionRequest, error: StoreUnavailable) -> ConnexionResponse:
    """Renders a 503: the database of a shared store does not answer."""
    return render_problem(request, problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)))


def render_routing_error(paths: Paths) -> Callable[[ConnexionRequest, HTTPException], ConnexionResponse]:
    """A handler for 404 and 405. Connexion names only the first method of a path in `Allow`; this one names all."""

    matcher = PathMatcher[str]()
    for template, methods in paths.items():
        matcher.add(template, allowed_methods(methods, answers_options=False))

    def render(request: ConnexionRequest, error: HTTPException) -> ConnexionResponse:
        headers = None
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            match = matcher.match(request.scope["path"].removeprefix(request.scope.get("root_path", "")))
            headers = {"Allow": match.value if match else ""}
        answer = ProblemException(status=error.status_code, title=error.detail, detail=error.detail, headers=headers)
        return answer.to_problem()

    return render
