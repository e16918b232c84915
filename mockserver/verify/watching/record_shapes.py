"""Shapes of answers: the objects in an answer that have a schema of their own, such as records within records."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.promises import MemberPath
from mockserver.contract.walk import items_of, properties_of

MOST_ROWS = 40  # of a list that are looked at
ROW = "*"  # in a path


class RecordShape:
    """A schema as the search for records needs it; its parts are read when an answer has them."""

    def __init__(self, document: Document, schema: Schema) -> None:
        self._document, self._schema = document, schema

    @cached_property
    def component(self) -> str:
        """The name of the schema, of the one that it extends, or of the one beside null; empty without one."""
        name, schema, seen = "", self._schema, list[Schema]()
        while schema not in seen:
            seen.append(schema)
            name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else name
            others = [
                part for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if part.get("enum") != [None]
            ]
            parts = [*schema.get("allOf", ()), *(others if len(others) == 1 else ())]
            schema = self._document.resolve(schema) if "$ref" in schema else next(iter(parts), schema)
        return name

    @cached_property
    def members(self) -> dict[str, RecordShape]:
        return {name: RecordShape(self._document, part) for name, part in self.schemas.items()}

    @cached_property
    def schemas(self) -> dict[str, Schema]:
        return properties_of(self._document, self._schema)

    @cached_property
    def rows(self) -> RecordShape:
        return RecordShape(self._document, items_of(self._document, self._schema))

    def at(self, path: MemberPath) -> RecordShape:
        """Returns the shape at a path; rows of a list that ends it."""
        shape = self
        for name in path:
            shape = shape.members[name] if name in shape.members else RecordShape(self._document, {})
        return shape if shape.component else shape.rows


def objects_in(
    shape: RecordShape, value: Any, path: MemberPath = ()
) -> Iterator[tuple[MemberPath, RecordShape, dict[str, Any]]]:
    """Yields the objects with a schema of their own in a value."""
    if isinstance(value, list):
        for row in value[:MOST_ROWS]:
            yield from objects_in(shape.rows, row, (*path, ROW))
    elif isinstance(value, dict):
        if shape.component:
            yield path, shape, value
        for name in (name for name in shape.members if name in value):
            yield from objects_in(shape.members[name], value[name], (*path, name))
