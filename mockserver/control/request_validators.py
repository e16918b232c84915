"""What comes with a call of the control API: bodies are read as strictly as Enspace's, and what is wrong is told by its
place and without its secrets."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from connexion.json_schema import Draft4RequestValidator
from connexion.validators import ParameterValidator
from connexion.validators.json import JSONRequestBodyValidator
from starlette.types import Scope

from mockserver.control.scope import unusable
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.violations import describe_value


class JsonBody(JSONRequestBodyValidator):  # type: ignore[misc]  # Connexion has no types
    """In place of Connexion's own, which quotes whole bodies and fails at bytes that are no text."""

    @property
    def _validator(self) -> Draft4RequestValidator:
        return Draft4RequestValidator(self._schema)  # without formats, as below

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


class Parameters(ParameterValidator):  # type: ignore[misc]
    """In place of Connexion's own, which does not say which parameter it means.

    Whether a format is asserted would depend on what else is installed; the handlers read instants themselves, and the
    items of a list, which they have better words for.
    """

    @staticmethod
    def validate_parameter(kind: str, value: Any, parameter: Any, param_name: str | None = None) -> str | None:
        schema = {keyword: part for keyword, part in parameter["schema"].items() if keyword not in ("format", "items")}
        error = ParameterValidator.validate_parameter(kind, value, parameter | {"schema": schema}, param_name)
        return error and f"{param_name or parameter['name']}: {error}"


def _told(error: Any) -> str:
    """The validator's own sentence, most of which begin with the whole value."""
    where, value = ["body", *error.absolute_path], repr(error.instance)
    told = error.message
    if told.startswith(value):
        told = f"received {describe_value(where, error.instance, frozenset())}, which{told.removeprefix(value)}"
    return f"{'.'.join(map(str, where))}: {told}"
