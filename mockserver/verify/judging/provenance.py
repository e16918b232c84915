"""How sure the contract is of the part that a finding contradicts, and where it speaks of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, pointer_of
from mockserver.contract.operations import Operation
from mockserver.verify.resources import Contract
from mockserver.verify.results import Provenance

SURE = ("documented", "partly-documented")


def of_operation(contract: Contract, operation: Operation) -> Provenance:
    """The provenance of an operation as a whole."""
    return _read(contract.written(operation).get("x-provenance"))


def of_member(document: Document, schema: dict[str, Any] | None, pointer: tuple[str | int, ...]) -> Provenance | None:
    """The provenance of the member of an answer at `pointer`: the nearest schema that has one decides.

    None if no schema on the way says anything.
    """
    found: Provenance | None = None
    parts = [schema] if schema else []
    for step in (*pointer, None):
        resolved = [inner for part in parts for inner in _level(document, part)]
        for part in resolved:
            if "x-provenance" in part and (step is None or isinstance(step, str) or found is None):
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


def _of_name(schema: dict[str, Any], name: str | int | None) -> Provenance:
    written = schema["x-provenance"]
    whole = _read(written)
    if name in written.get("inferred", ()):
        return Provenance("inferred", whole.source)
    if name in written.get("partly", ()):
        return Provenance("partly-documented", whole.source)
    return whole


def _read(written: Any) -> Provenance:
    told = written if isinstance(written, dict) else {}
    return Provenance(told.get("status", "documented"), told.get("source", ""))


def place_in_contract(document: Document, operation: Operation, status: int, pointer: tuple[str | int, ...]) -> Pointer:
    """Where the contract speaks of a member of an answer: the property, else its schema, else the responses."""
    path, method = next(
        (path, method) for path, method, written in document.operations() if written["operationId"] == operation.id
    )
    responses: Pointer = ("paths", path, method, "responses")
    if status not in operation.responses:
        return responses
    response = followed(document, (*responses, str(status)))
    media = next(iter(document.at(response).get("content", ())), None)
    return response if media is None else _descend(document, (*response, "content", media, "schema"), pointer)


def followed(document: Document, place: Pointer) -> Pointer:
    """The place itself, or the one that its `$ref`s lead to."""
    while "$ref" in (part := document.at(place)):
        place = pointer_of(part["$ref"])
    return place


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
            part = followed(document, (*place, keyword, number))
            if (found := _descend(document, part, pointer)) != part:
                return found
    return place
