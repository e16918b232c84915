"""Provenance of the part of the contract that a finding contradicts, and its location in the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation
from mockserver.contract.walk import properties_of
from mockserver.judging.schema_places import followed
from mockserver.verify.resources import Contract
from mockserver.verify.results import Provenance

CERTAIN = ("documented", "partly-documented")


def of_operation(contract: Contract, operation: Operation) -> Provenance:
    """Returns the provenance of an operation as a whole."""
    return _read(contract.as_written(operation).get("x-provenance"))


def of_body(contract: Contract, operation: Operation) -> Provenance:
    """Returns the provenance of the bodies of an operation where their schema has none of its own."""
    written = contract.as_written(operation)
    return _of_name(written, "body") if "x-provenance" in written else Provenance()


def of_member(document: Document, schema: dict[str, Any] | None, pointer: tuple[str | int, ...]) -> Provenance | None:
    """Returns the provenance of the response member at `pointer`: that of the nearest schema on the way.

    None if no schema on the way has one.
    """
    found: Provenance | None = None
    parts = [schema or {}]
    for step in (*pointer, None):
        resolved = [inner for part in parts for inner in _level(document, part)]
        for part in resolved:
            # The provenance of a list itself does not replace that of the member that contains it.
            is_about = _has(document, part, step) if isinstance(step, str) else step is None or found is None
            if "x-provenance" in part and is_about:
                found = _of_name(part, step)
        if step is not None:
            parts = [child for part in resolved for child in _children(part, step)]
    return found


def _level(document: Document, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    schema = document.resolve(schema)
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield from _level(document, part)


def _children(schema: dict[str, Any], step: str | int) -> Iterator[dict[str, Any]]:
    if isinstance(step, int):
        if isinstance(items := schema.get("items"), dict):
            yield items
    elif step in schema.get("properties", {}):
        yield schema["properties"][step]


def _has(document: Document, schema: dict[str, Any], name: str) -> bool:
    """False for a part of `allOf` that declares other members only: it says nothing about this one."""
    properties = properties_of(document, schema)
    return name in properties or not properties


def _of_name(schema: dict[str, Any], name: str | int | None) -> Provenance:
    written = schema["x-provenance"]
    whole = _read(written)
    if name in written.get("inferred", ()):
        return Provenance("inferred", whole.source)
    if name in written.get("partly", ()):
        return Provenance("partly-documented", whole.source)
    return whole


def _read(written: Any) -> Provenance:
    known = written if isinstance(written, dict) else {}
    return Provenance(known.get("status", "documented"), known.get("source", ""))


def place_of_operation(document: Document, operation: Operation) -> Pointer:
    """Returns the location of an operation in the document."""
    entries = document.operations()
    return next(("paths", path, method) for path, method, part in entries if part["operationId"] == operation.id)


def locate(document: Document, operation: Operation, status: int, pointer: tuple[str | int, ...]) -> Pointer:
    """Returns the location of a response member in the document: its property, else its schema, else the responses."""
    responses: Pointer = (*place_of_operation(document, operation), "responses")
    # An undocumented status has no location of its own.
    if status not in operation.responses:
        return responses
    response = followed(document, (*responses, str(status)))
    media = next(iter(document.at(response).get("content", ())), None)
    return response if media is None else _descend(document, (*response, "content", media, "schema"), pointer)


def _descend(document: Document, place: Pointer, pointer: tuple[str | int, ...]) -> Pointer:
    if not pointer:
        return place
    place, step, rest = followed(document, place), pointer[0], pointer[1:]
    schema = document.at(place)
    if isinstance(step, int) and isinstance(schema.get("items"), dict):
        return _descend(document, (*place, "items"), rest)
    if isinstance(step, str) and step in schema.get("properties", {}):
        return _descend(document, (*place, "properties", step), rest)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for number in range(len(schema.get(keyword, ()))):
            # A part that has the member leads further than to itself.
            part = followed(document, (*place, keyword, number))
            if (found := _descend(document, part, pointer)) != part:
                return found
    return place
