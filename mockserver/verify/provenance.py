"""How sure the contract is of the part that a finding contradicts, and what it would say had it learned."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, pointer_of
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


def proposal(document: Document, pointer: tuple[str | int, ...], note: str) -> str:
    """A unified diff that writes beside the part what a real answer has shown, for a person to finish."""
    lines = document.text.splitlines(keepends=True)
    number = document.line(pointer)
    indent = lines[number - 1][: len(lines[number - 1]) - len(lines[number - 1].lstrip())]
    learned = [*lines[: number - 1], f"{indent}# learned: {' '.join(note.split())[:160]}\n", *lines[number - 1 :]]
    name = document.path.name
    return "".join(difflib.unified_diff(lines, learned, f"a/{name}", f"b/{name}", n=2))


def place_in_contract(
    document: Document, operation: Operation, status: int, pointer: tuple[str | int, ...]
) -> tuple[str | int, ...]:
    """Where the contract speaks of a member of an answer: the property, else its schema, else the response."""
    path, method = next(
        (path, method) for path, method, written in document.operations() if written["operationId"] == operation.id
    )
    response: tuple[str | int, ...] = ("paths", path, method, "responses")
    place: tuple[str | int, ...] = (*response, str(status)) if status in operation.responses else response
    if status not in operation.responses:
        return place
    schema = operation.responses[status].schema
    return _descend(document, schema, place, pointer) if schema else place


def _descend(
    document: Document, schema: dict[str, Any], place: tuple[str | int, ...], pointer: tuple[str | int, ...]
) -> tuple[str | int, ...]:
    while "$ref" in schema:
        place = pointer_of(schema["$ref"])
        schema = document.at(place)
    if not pointer:
        return place
    step, *rest = pointer
    if isinstance(step, int) and isinstance(schema.get("items"), dict):
        return _descend(document, schema["items"], place, tuple(rest))
    if isinstance(step, str) and step in schema.get("properties", {}):
        return _descend(document, schema["properties"][step], (*place, "properties", step), tuple(rest))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            found = _descend(document, part, place, pointer)
            if found != place:
                return found
    return place
