"""Laws on parameters: that the server can read their text as the value that the schema describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.lint.problem import Breach
from mockserver.contract.lint.survey import Survey

_STYLES = {"path": "simple", "query": "form", "header": "simple"}
_SCALARS = ("string", "integer", "number", "boolean")


def parameters_have_a_schema(survey: Survey) -> Iterator[Breach]:
    """A parameter has a `schema`; `content` is not read."""
    for pointer, _, parameter in survey.all("parameter"):
        if "content" in parameter or "schema" not in parameter:
            found = "has `content`" if "content" in parameter else "has no `schema`"
            yield Breach(pointer, f"`{parameter['name']}` {found}", "describe it under schema:")


def parameter_styles_are_read(survey: Survey) -> Iterator[Breach]:
    """A parameter is in path or header with style simple, or in query with style form."""
    for pointer, _, parameter in survey.all("parameter"):
        where = parameter["in"]
        if where not in _STYLES:
            problem = f"`{parameter['name']}` is in {where}, which is not read"
            yield Breach((*pointer, "in"), problem, "move it to query or header")
        elif (style := parameter.get("style", _STYLES[where])) != _STYLES[where]:
            problem = f"`{parameter['name']}` has style {style}, which is not read in {where}"
            yield Breach((*pointer, "style"), problem, f"write style: {_STYLES[where]}, or leave it out")


def parameter_types_are_read(survey: Survey) -> Iterator[Breach]:
    """A parameter is a scalar; in query also an array of scalars, or an exploded object of free names and texts."""
    for pointer, _, parameter in survey.all("parameter"):
        if "schema" in parameter and (problem := _unreadable(survey.document, parameter)):
            yield Breach((*pointer, "schema"), f"`{parameter['name']}` {problem[0]}", problem[1])


def _unreadable(document: Document, parameter: dict[str, Any]) -> tuple[str, str] | None:
    """What cannot be read in the schema and what to do, or None."""
    schema = document.resolve(parameter["schema"])
    kind = schema.get("type")
    if kind in _SCALARS:
        return None
    if kind is None:
        return "has no `type`, by which its text is read", f"write one of {', '.join(_SCALARS)}"
    if parameter["in"] != "query":
        return f"is an {kind}, which is read in query only", "describe it as a string, or move it to query"
    return _unreadable_array(document, schema) if kind == "array" else _unreadable_object(document, parameter, schema)


def _unreadable_array(document: Document, schema: Schema) -> tuple[str, str] | None:
    if document.resolve(schema.get("items", {})).get("type") in _SCALARS:
        return None
    return "is an array of something else than scalars", "give its items a scalar type"


def _unreadable_object(document: Document, parameter: dict[str, Any], schema: Schema) -> tuple[str, str] | None:
    free = schema.get("additionalProperties", True)
    texts = free is True or (isinstance(free, dict) and document.resolve(free).get("type") == "string")
    if parameter.get("explode", True) and "properties" not in schema and texts:
        return None
    mend = "write explode: true and additionalProperties: {type: string}, or one parameter for each name"
    return "is an object of something else than free names and texts", mend
