"""Laws on examples: that they are there, that they are valid, and that they give no secret away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.problem import Breach
from mockserver.contract.lint.survey import Node, Survey
from mockserver.contract.walk import parts_of

_PLACEHOLDER = re.compile("x{4}", re.IGNORECASE)


@dataclass(frozen=True)
class _Example:
    """A value that the document shows for a schema."""

    pointer: Pointer
    owner: Node
    schema: Schema
    value: Any


def scalars_have_an_example(survey: Survey) -> Iterator[Breach]:
    """Every member, item, parameter and named schema that is a scalar has an `example`."""
    for node in survey.all("schema"):
        if _is_shown(node) and _is_scalar(node.value) and "example" not in node.value:
            owner = survey.document.at(node.pointer[:-1]) if node.pointer[-1] == "schema" else {}
            if not owner.keys() & {"example", "examples"}:
                name = _name(survey.document, node)
                yield Breach(node.pointer, f"`{name}` has no example", "add example: and a likely value")


def examples_are_valid(survey: Survey) -> Iterator[Breach]:
    """Every example is valid against its schema, as a request or as an answer, whichever it belongs to."""
    for example in _examples(survey):
        directions = survey.directions(example.owner) or {"request"}
        if problem := survey.objection(example.schema, example.value, directions):
            yield Breach(example.pointer, f"the example is not valid: {problem}", "change the example or the schema")


def secrets_are_placeholders(survey: Survey) -> Iterator[Breach]:
    """The example of a text that is `writeOnly` contains `xxxx`, so that nobody commits a secret."""
    for example in _examples(survey):
        for way in _open_secrets(survey.document, example.schema, example.value):
            name = way[-1] if way else _name(survey.document, example.owner)
            mend = "write a placeholder such as xxxxxxxxxxxxxxxxxxxx"
            yield Breach((*example.pointer, *way), f"the secret `{name}` may be a real one", mend)


def _is_shown(node: Node) -> bool:
    """False for a mere part of another schema, and for values under free names."""
    return node.pointer[-1] not in ("additionalProperties", "not") and node.pointer[-2] not in COMBINATIONS


def _is_scalar(schema: Schema) -> bool:
    return schema.get("type") not in ("array", "object") and not schema.keys() & {*COMBINATIONS, "not"}


def _name(document: Document, node: Node) -> str:
    """The name of a member, parameter or component; of items the name of their array."""
    pointer = node.pointer
    while pointer[-1] in ("items", "schema") and pointer[-2] != "properties":
        pointer = pointer[:-1]
    return str(pointer[-1] if isinstance(pointer[-1], str) else document.at(pointer).get("name", "a part"))


def _examples(survey: Survey) -> Iterator[_Example]:
    for node in survey.all("schema"):
        if "example" in node.value:
            yield _Example((*node.pointer, "example"), node, node.value, node.value["example"])
    for kind in ("mediaType", "parameter", "header"):
        for node in survey.all(kind):
            yield from _examples_beside(survey.document, node)


def _examples_beside(document: Document, node: Node) -> Iterator[_Example]:
    schema = node.value.get("schema", {})
    if "example" in node.value:
        yield _Example((*node.pointer, "example"), node, schema, node.value["example"])
    for name, part in node.value.get("examples", {}).items():
        example = document.resolve(part)
        if "value" in example:
            yield _Example((*node.pointer, "examples", name), node, schema, example["value"])


def _open_secrets(document: Document, schema: Schema, value: Any) -> Iterator[Pointer]:
    """The ways to all secrets in the value that do not look like a placeholder."""
    for part in parts_of(document, schema):
        if isinstance(value, str) and part.get("writeOnly") and "enum" not in part and not _PLACEHOLDER.search(value):
            yield ()
        for key, inner in _inside(part, value):
            yield from ((key, *way) for way in _open_secrets(document, *inner))


def _inside(schema: Schema, value: Any) -> Iterator[tuple[str | int, tuple[Schema, Any]]]:
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield name, (part, value[name])
    elif isinstance(value, list) and "items" in schema:
        yield from ((index, (schema["items"], part)) for index, part in enumerate(value))
