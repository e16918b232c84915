"""CORS: which pages of a browser may call the fake."""

from __future__ import annotations

from functools import partial

from starlette.middleware.cors import CORSMiddleware

from mockserver.settings import Settings


def cors(settings: Settings) -> list[partial[CORSMiddleware]]:
    """Returns the middleware for the setting. `auto` admits every page while only this machine can reach the server."""
    origins = settings.cors
    if origins == "auto":
        origins = "*" if settings.is_loopback else "none"
    if origins == "none":
        return []
    allowed = {"allow_origin_regex": ".*"} if origins == "*" else {"allow_origins": origins.split(",")}
    return [
        partial(
            CORSMiddleware,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"],
            allow_headers=["*"],
            allow_credentials=True,
            # Chromium asks before a page of the internet may call this machine.
            allow_private_network=True,
            expose_headers=["Allow", "Link", "Preference-Applied", "Retry-After", "X-Mock-Operation", "X-Mock-Source"],
            **allowed,
        )
    ]
