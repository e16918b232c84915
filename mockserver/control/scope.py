"""Which sandbox a call of the control API means, and how it is told that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connexion import request
from connexion.exceptions import ProblemException

from mockserver.state.sandboxes import DEFAULT, NameTaken, Sandbox, Sandboxes, UnknownName


def sandbox_of(sandboxes: Sandboxes, name: str | None) -> Sandbox:
    """The named one, else that of the key in `x-api-key`, else the default one. A problem of 404 if there is none."""
    return named_sandbox(sandboxes, name) or sandboxes[DEFAULT]


def named_sandbox(sandboxes: Sandboxes, name: str | None) -> Sandbox | None:
    """The named one, else that of the key in `x-api-key`; None if the call says nothing of either."""
    with problems():
        if name is not None:
            return sandboxes[name]
        secret = request.headers.get("x-api-key")
        if secret is None or not sandboxes.have_keys:  # a document that is not Enspace's knows no keys
            return None
        found = sandboxes.find("api_keys", secret.encode("latin-1"))
        if found is None:
            raise UnknownName("no sandbox has the key in x-api-key")
        return found[0]


@contextmanager
def problems() -> Iterator[None]:
    """Tells what cannot be done as the control API tells errors."""
    try:
        yield
    except UnknownName as error:
        raise missing(str(error)) from error
    except NameTaken as error:
        raise ProblemException(status=409, title="Conflict", detail=str(error)) from error


def missing(problem: str) -> ProblemException:
    return ProblemException(status=404, title="Not Found", detail=problem)


def unusable(problem: str) -> ProblemException:
    return ProblemException(status=400, title="Bad Request", detail=problem)
