"""Bodies of the control API: read as strictly as Enspace's, and what is wrong with one is told without its secrets."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from connexion.validators.json import JSONRequestBodyValidator
from starlette.types import Scope

from mockserver.control.scope import unusable
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.violations import tell_value


class JsonBody(JSONRequestBodyValidator):  # type: ignore[misc]  # Connexion has no types
    """In place of Connexion's own, which quotes whole bodies and fails at bytes that are no text."""

    async def _parse(self, stream: AsyncGenerator[bytes, None], scope: Scope) -> Any:
        raw = b"".join([part async for part in stream])
        if not raw:
            return None
        try:
            return read_json(raw)
        except JsonError as error:
            raise unusable(f"body: {error}") from None

    def _validate(self, body: Any) -> None:
        if body is None:
            raise unusable("body: received nothing, documented: a JSON body")
        error = next(self._validator.iter_errors(body), None)
        if error is not None:
            raise unusable(_told(error))


def _told(error: Any) -> str:
    """The validator's own sentence, most of which begin with the whole value."""
    where, value = ["body", *error.absolute_path], repr(error.instance)
    told = error.message
    if told.startswith(value):
        told = f"received {tell_value(where, error.instance, frozenset())}, which{told.removeprefix(value)}"
    return f"{'.'.join(map(str, where))}: {told}"
