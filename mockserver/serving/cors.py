"""CORS: which pages of a browser may call the fake."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from mockserver.settings import Settings


class Cors(CORSMiddleware):
    """Starlette's rules for requests of a browser; other clients send no `Origin` and pass at once."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]  # whoever calls it awaits it
        for name, _ in scope.get("headers", ()):
            if name == b"origin":
                return super().__call__(scope, receive, send)
        return self.app(scope, receive, send)


def cors(settings: Settings) -> list[partial[Cors]]:
    """The middleware that the settings ask for. `auto` lets every page in while only this machine can be reached."""
    origins = settings.cors
    if origins == "auto":
        origins = "*" if settings.is_loopback else "none"
    if origins == "none":
        return []
    allowed = {"allow_origin_regex": ".*"} if origins == "*" else {"allow_origins": origins.split(",")}
    return [
        partial(
            Cors,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"],
            allow_headers=["*"],
            allow_credentials=True,
            expose_headers=["Allow", "Link", "Preference-Applied", "Retry-After", "X-Mock-Operation", "X-Mock-Source"],
            **allowed,
        )
    ]
