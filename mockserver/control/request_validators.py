"""Validators for requests to the control API: strict JSON, and messages that name the place and mask secrets."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from connexion.json_schema import Draft4RequestValidator
from connexion.validators import ParameterValidator
from connexion.validators.json import JSONRequestBodyValidator
from starlette.types import Scope

from mockserver.control.problems import bad_request
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.violations import describe_value
from mockserver.secrets import NO_SECRETS


class BodyValidator(JSONRequestBodyValidator):  # type: ignore[misc]  # Connexion has no types
    """Replaces Connexion's validator, which quotes whole bodies and fails on bytes that are not UTF-8."""

    @property
    def _validator(self) -> Draft4RequestValidator:
        return Draft4RequestValidator(self._schema)  # without formats, see `QueryValidator`

    async def _parse(self, stream: AsyncGenerator[bytes, None], scope: Scope) -> Any:
        raw = b"".join([part async for part in stream])
        if not raw:
            return None
        try:
            return read_json(raw)
        except JsonError as error:
            raise bad_request(f"body: {error}") from None

    def _validate(self, body: Any) -> None:
        if body is None:
            raise bad_request("body: received nothing, documented: a JSON body")
        # The first error suffices: it is read by the author of a test, who fixes one after the other.
        error = next(self._validator.iter_errors(body), None)
        if error is not None:
            raise bad_request(_describe(error))


class QueryValidator(ParameterValidator):  # type: ignore[misc]
    """Replaces Connexion's validator, which does not name the parameter.

    Formats and list items are left to the handlers: whether Connexion checks a format depends on installed packages.
    """

    @staticmethod
    def validate_parameter(kind: str, value: Any, parameter: Any, param_name: str | None = None) -> str | None:
        schema = {keyword: part for keyword, part in parameter["schema"].items() if keyword not in ("format", "items")}
        error = ParameterValidator.validate_parameter(kind, value, parameter | {"schema": schema}, param_name)
        return error and f"{param_name or parameter['name']}: {error}"


def _describe(error: Any) -> str:
    """The message of the validator. Most messages begin with the whole value, which is shortened and masked."""
    where, value = ["body", *error.absolute_path], repr(error.instance)
    message = error.message
    if message.startswith(value):
        message = f"received {describe_value(where, error.instance, NO_SECRETS)}, which{message.removeprefix(value)}"
    return f"{'.'.join(map(str, where))}: {message}"
