"""Access to the control API: with the token of the server or, without one, for callers that no web page can imitate.

A page of another site can send requests to this machine: with its own `Origin`, which browsers add, or under a name of
its own that resolves to this machine (DNS rebinding), which the `Host` header shows.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "x-mock-token"

_READING = ("GET", "HEAD")
# Pages may send any other media type only after a preflight, which CORS answers with their origin.
_MEDIA_TYPES = ("application/json", "application/zip")


class CallerGuard:
    """An app that refuses untrusted callers, in front of another app.

    With a token, its holders are trusted; else every caller that passes `objection`. `hosts` are trusted besides
    loopback.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str]) -> None:
        self._app, self._token, self._hosts = app, token.encode(), hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._token:
            refusal = objection(scope["method"], headers, self._hosts)
        # In constant time, so that the token cannot be guessed byte by byte.
        elif hmac.compare_digest(headers.get(HEADER, "").encode("latin-1"), self._token):
            refusal = None
        else:
            refusal = _problem(401, "Unauthorized", f"the control API needs its token in the header {HEADER}")
        await (refusal or self._app)(scope, receive, send)


def objection(method: str, headers: Headers, hosts: Collection[str]) -> JSONResponse | None:
    """Returns the refusal of a request that a page of another site may have sent, or None."""
    host, origin = headers.get("host", ""), headers.get("origin")
    if host and not _is_trusted(f"//{host}", hosts):
        detail = f"host: received {host[:60]!r}, documented: loopback or a name of --allowed-hosts"
        return _problem(421, "Misdirected Request", detail)
    if origin is not None and not _is_trusted(origin, hosts):
        detail = f"origin: received {origin[:60]!r}, documented: a page on loopback or of --allowed-hosts"
        return _problem(403, "Forbidden", f"{detail}, as there is no --control-token")
    if origin is None and method not in _READING and headers.get("sec-fetch-site") == "cross-site":
        return _problem(403, "Forbidden", "sec-fetch-site: received 'cross-site', documented: an origin on loopback")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method not in _READING and media_type and media_type not in _MEDIA_TYPES:
        documented = " or ".join(_MEDIA_TYPES)
        detail = f"content-type: received {media_type[:60]!r}, documented: {documented}"
        return _problem(415, "Unsupported Media Type", detail)
    return None


def _is_trusted(address: str, hosts: Collection[str]) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if name in hosts or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    body = {"status": status, "title": title, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
