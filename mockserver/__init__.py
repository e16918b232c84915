"""A fake Enspace: one OpenAPI document drives a server that answers as Enspace would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.settings import Settings
from mockserver.testing.mock_server import MockServer

if TYPE_CHECKING:
    from connexion import ConnexionMiddleware

__all__ = ["MockServer", "Settings", "create_app"]


def create_app(settings: Settings | None = None) -> ConnexionMiddleware:
    """The server as an ASGI app. `StartError` if it cannot be built."""
    # Importing Connexion takes a third of a second, which `mockserver lint` and `--help` do not need.
    from mockserver.app import assemble

    return assemble(settings or Settings()).app
