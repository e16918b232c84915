"""Laws on examples: scalars have one, it is valid, and it reveals no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.lint_problem import BrokenLaw
from mockserver.contract.lint.walk_objects import Node
from mockserver.contract.walk import parts_of

_PLACEHOLDER = re.compile("x{4}", re.IGNORECASE)


@dataclass(frozen=True)
class _Example:
    """An example with the schema that it illustrates; `owner` is the object that has it."""

    pointer: Pointer
    owner: Node
    schema: Schema
    value: Any


def scalars_have_an_example(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every member, item, parameter and named schema that is a scalar has an `example`."""
    for node in contract.all("schema"):
        if _is_shown(node) and _is_scalar(node.value) and "example" not in node.value:
            owner = contract.document.at(node.pointer[:-1]) if node.pointer[-1] == "schema" else {}
            if not owner.keys() & {"example", "examples"}:
                name = _name(contract.document, node)
                yield BrokenLaw(node.pointer, f"`{name}` has no example", "add example: and a likely value")


def examples_are_valid(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every example is valid against its schema, in the direction in which the schema is used."""
    for example in _examples(contract):
        # A component that nothing uses yet has no direction.
        directions = contract.directions(example.owner) or {"request"}
        if problem := contract.find_fault(example.schema, example.value, directions):
            yield BrokenLaw(example.pointer, f"the example is not valid: {problem}", "change the example or the schema")


def secrets_are_placeholders(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The example of a `writeOnly` text contains `xxxx`, so that no real secret gets committed."""
    for example in _examples(contract):
        for path in _open_secrets(contract.document, example.schema, example.value):
            name = path[-1] if path else _name(contract.document, example.owner)
            fix = "write a placeholder such as xxxxxxxxxxxxxxxxxxxx"
            yield BrokenLaw((*example.pointer, *path), f"the secret `{name}` may be a real one", fix)


def _is_shown(node: Node) -> bool:
    """Whether the docs show the schema on its own: not as a branch of another, nor as a value of a map."""
    return node.pointer[-1] not in ("additionalProperties", "not") and node.pointer[-2] not in COMBINATIONS


def _is_scalar(schema: Schema) -> bool:
    return schema.get("type") not in ("array", "object") and not schema.keys() & {*COMBINATIONS, "not"}


def _name(document: Document, node: Node) -> str:
    """Returns the name of a member, parameter or component; for items the name of their array."""
    pointer = node.pointer
    while pointer[-1] in ("items", "schema") and pointer[-2] != "properties":
        pointer = pointer[:-1]
    return str(pointer[-1] if isinstance(pointer[-1], str) else document.at(pointer).get("name", "a part"))


def _examples(contract: ContractIndex) -> Iterator[_Example]:
    for node in contract.all("schema"):
        if "example" in node.value:
            yield _Example((*node.pointer, "example"), node, node.value, node.value["example"])
    for kind in ("mediaType", "parameter", "header"):
        for node in contract.all(kind):
            yield from _examples_beside(contract.document, node)


def _examples_beside(document: Document, node: Node) -> Iterator[_Example]:
    schema = node.value.get("schema", {})
    if "example" in node.value:
        yield _Example((*node.pointer, "example"), node, schema, node.value["example"])
    for name, part in node.value.get("examples", {}).items():
        example = document.resolve(part)
        if "value" in example:
            yield _Example((*node.pointer, "examples", name), node, schema, example["value"])


def _open_secrets(document: Document, schema: Schema, value: Any) -> Iterator[Pointer]:
    """Yields the pointers to all secrets in the value that are no placeholder."""
    for part in parts_of(document, schema):
        if isinstance(value, str) and part.get("writeOnly") and "enum" not in part and not _PLACEHOLDER.search(value):
            yield ()
        for inner in _values_inside(part, value):
            yield from ((inner.key, *path) for path in _open_secrets(document, inner.schema, inner.value))


class _InnerValue(NamedTuple):
    """A member of an object, or an element of an array, with its schema."""

    key: str | int
    schema: Schema
    value: Any


def _values_inside(schema: Schema, value: Any) -> Iterator[_InnerValue]:
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield _InnerValue(name, part, value[name])
    elif isinstance(value, list) and "items" in schema:
        yield from (_InnerValue(index, schema["items"], part) for index, part in enumerate(value))
