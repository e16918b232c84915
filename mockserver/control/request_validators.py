"""Validators for requests to the control API: strict JSON, and messages that name the place and mask secrets."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from connexion.validators import ParameterValidator
from connexion.validators.json import JSONRequestBodyValidator
from starlette.types import Scope

from mockserver.contract.schemas import Schemas
from mockserver.control.background import in_background
from mockserver.control.problems import bad_request
from mockserver.pipeline.json_text import JsonError, read_json
from mockserver.pipeline.violations import find_first_violation
from mockserver.secrets import NO_SECRETS

_LARGE = 65_536  # bytes
# The garbage collector stops all threads to pass more of them.
_MAX_BRACKETS = 100_000


class BodyValidator(JSONRequestBodyValidator):  # type: ignore[misc]  # Connexion has no types
    """Replaces Connexion's validator, which quotes whole bodies and fails on bytes that are not UTF-8.

    `schemas` compiles the schemas of the control API.
    """

    def __init__(self, schemas: Schemas, **options: Any) -> None:
        super().__init__(**options)
        # Connexion adds the components of the contract, which `schemas` knows.
        self._compiled = schemas.validator({key: part for key, part in self._schema.items() if key != "components"})

    async def _parse(self, stream: AsyncGenerator[bytes, None], scope: Scope) -> Any:
        raw = b"".join([part async for part in stream])
        try:
            # A thread costs more than it saves for a small body.
            return read_json(raw) if len(raw) < _LARGE else await in_background(_read_large, raw)
        except JsonError as error:
            raise bad_request(f"body: {error}") from None

    def _validate(self, body: Any) -> None:
        # The first violation suffices: it is read by the author of a test, who fixes one after the other.
        for violation in find_first_violation(self._compiled, body, NO_SECRETS):
            raise bad_request(str(replace(violation, where=("body", *violation.where))))


class QueryValidator(ParameterValidator):  # type: ignore[misc]
    """Replaces Connexion's validator, which does not name the parameter.

    Formats and list items are left to the handlers: whether Connexion checks a format depends on installed packages.
    """

    @staticmethod
    def validate_parameter(kind: str, value: Any, parameter: Any, param_name: str | None = None) -> str | None:
        schema = {keyword: part for keyword, part in parameter["schema"].items() if keyword not in ("format", "items")}
        error = ParameterValidator.validate_parameter(kind, value, parameter | {"schema": schema}, param_name)
        return error and f"{param_name or parameter['name']}: {error}"


def _read_large(raw: bytes) -> Any:
    if raw.count(b"{") + raw.count(b"[") > _MAX_BRACKETS:
        raise JsonError(f"received more than {_MAX_BRACKETS} objects and lists, documented: at most {_MAX_BRACKETS}")
    return read_json(raw)
