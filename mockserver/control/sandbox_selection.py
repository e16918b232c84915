"""Selection of the sandbox that a request to the control API is about."""

from __future__ import annotations

from connexion import request

from mockserver.control.problems import not_found, state_errors
from mockserver.state.sandboxes import DEFAULT, Sandbox, Sandboxes


def select_sandbox(sandboxes: Sandboxes, name: str | None) -> Sandbox:
    """The named sandbox, else that of the key in `x-api-key`, else the default one. Raises a 404 for unknown ones."""
    return find_sandbox(sandboxes, name) or sandboxes[DEFAULT]


def find_sandbox(sandboxes: Sandboxes, name: str | None) -> Sandbox | None:
    """The named sandbox, else that of the key in `x-api-key`; None if the request has neither."""
    if name is not None:
        with state_errors():
            return sandboxes[name]
    secret = request.headers.get("x-api-key")
    if secret is None or not sandboxes.have_keys:  # contracts other than Enspace's have no keys
        return None
    # Header values are latin-1 in ASGI.
    found = sandboxes.find("api_keys", secret.encode("latin-1"))
    if found is None:
        raise not_found("no sandbox has the key in x-api-key")
    return found[0]
