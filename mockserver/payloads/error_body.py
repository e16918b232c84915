"""The error envelope tells the status that it is sent with. Only of the answer itself, never of a part of it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.merging import Merged

Tell: TypeAlias = Callable[[dict[str, Any], int], None]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_MESSAGES = {
    400: "Validation failed",
    401: "Invalid or missing API key",
    403: "Insufficient permissions",
    500: "An internal server error occurred",
}
_ENVELOPE: dict[str, Callable[[int], Any]] = {
    "statusCode": lambda status: status,
    "error": lambda status: _PHRASES.get(status, "Error"),
    "message": lambda status: _MESSAGES.get(status) or _PHRASES.get(status, "Error"),
}


def status_rule(compiler: Compiler, whole: Merged) -> Tell | None:
    """For an error envelope, a function that writes the status into it."""
    properties = whole.keywords.get("properties", {})
    if whole.keywords.get("type") != "object" or not {"statusCode", "error"} <= properties.keys():
        return None
    fits = {name: compiler.fits(compiler.merge(properties[name])) for name in _ENVELOPE if name in properties}

    def tell(value: dict[str, Any], status: int) -> None:
        for name, fit in fits.items():
            if name in value and fit(said := _ENVELOPE[name](status)):
                value[name] = said

    return tell
