"""Laws on parameters: the server can decode their text as the value that the schema describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw
from mockserver.contract.media_types import is_json
from mockserver.contract.walk import SCALARS, is_scalar

# The first style of each place is its default.
_STYLES = {
    "path": ("simple",),
    "query": ("form", "deepObject", "spaceDelimited", "pipeDelimited"),
    "header": ("simple",),
    "cookie": ("form",),
}


def parameters_have_a_schema(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A parameter has a `schema`, or `content` that is JSON."""
    for pointer, _, parameter in contract.all("parameter"):
        if "schema" not in parameter and not any(map(is_json, parameter.get("content", ()))):
            yield BrokenLaw(pointer, f"`{parameter['name']}` has no `schema`", "describe it under schema:")


def parameter_styles_are_read(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A parameter in path or header has the style simple; one in query or cookie any style but matrix and label."""
    for pointer, _, parameter in contract.all("parameter"):
        known = _STYLES[parameter["in"]]
        if (style := parameter.get("style", known[0])) not in known:
            problem = f"`{parameter['name']}` has style {style}, which is not decoded in {parameter['in']}"
            yield BrokenLaw((*pointer, "style"), problem, f"write style: {known[0]}, or leave it out")


def parameter_types_are_read(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A parameter is a scalar, an array of scalars, an object of these or of free names, or a `deepObject`."""
    for pointer, _, parameter in contract.all("parameter"):
        if "schema" in parameter and (unreadable := _find_unreadable(contract.document, parameter)):
            problem = f"`{parameter['name']}` {unreadable.problem}"
            yield BrokenLaw((*pointer, "schema"), problem, unreadable.fix)


@dataclass(frozen=True)
class _Unreadable:
    """Why the server cannot decode a parameter."""

    problem: str
    fix: str


_NO_TYPE = _Unreadable("has no `type`, by which its text is decoded", f"write one of {', '.join(sorted(SCALARS))}")
_NO_SCALAR_ITEMS = _Unreadable("is an array of something else than scalars", "give its items a scalar type")
_NO_TEXTS = _Unreadable(
    "is an object of something else than texts and documented members of scalars",
    "give its members scalar types, or write additionalProperties: {type: string}",
)


def _find_unreadable(document: Document, parameter: dict[str, Any]) -> _Unreadable | None:
    schema = document.resolve(parameter["schema"])
    kind = schema.get("type")
    if is_scalar(document, schema):
        return None
    if kind not in ("array", "object"):
        return _NO_TYPE
    if kind == "array":
        return None if is_scalar(document, schema.get("items", {})) else _NO_SCALAR_ITEMS
    if parameter.get("style") == "deepObject":
        return None
    if "properties" in schema:
        return None if all(_is_flat(document, member) for member in schema["properties"].values()) else _NO_TEXTS
    return None if _is_free(document, schema) else _NO_TEXTS


def _is_flat(document: Document, member: Schema) -> bool:
    """Whether one text says the value: a scalar, or an array of scalars."""
    member = document.resolve(member)
    return is_scalar(document, member.get("items", {}) if member.get("type") == "array" else member)


def _is_free(document: Document, schema: Schema) -> bool:
    """Whether the schema allows members of any name with a text."""
    free = schema.get("additionalProperties", True)
    return free is True or (isinstance(free, dict) and document.resolve(free).get("type") == "string")
