"""Schemas by meaning: what a schema allows, however its parts are written, and what of it another schema does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging import schema_places
from mockserver.judging.observing import LIMITS


@dataclass(frozen=True)
class SchemaView:
    """A schema of a document with its `allOf` parts and its alternatives taken together."""

    document: Document
    written: Pointer

    @cached_property
    def place(self) -> Pointer:
        """The place that references lead to."""
        return schema_places.followed(self.document, self.written)

    @cached_property
    def parts(self) -> list[Pointer]:
        return list(_parts(self.document, self.place))

    @cached_property
    def kinds(self) -> set[str]:
        """The JSON types; empty if all are allowed."""
        return schema_places.allowed_kinds(self.document, self.place)

    @cached_property
    def members(self) -> dict[str, SchemaView]:
        found = (schema_places.members(self.document, part) for part in self.parts)
        return {name: SchemaView(self.document, place) for members in found for name, place in members.items()}

    @cached_property
    def required(self) -> set[str]:
        return {name for part in self.parts for name in self.document.at(part).get("required", ())}

    @cached_property
    def is_closed(self) -> bool:
        return schema_places.is_closed(self.document, self.place)

    @cached_property
    def items(self) -> SchemaView | None:
        found = (part for part in self.parts if isinstance(self.document.at(part).get("items"), dict))
        return next((SchemaView(self.document, (*part, "items")) for part in found), None)

    @cached_property
    def choices(self) -> list[Any]:
        """The values of `enum` except null; empty if any value is allowed."""
        return [value for part in self.parts for value in self.document.at(part).get("enum", ()) if value is not None]

    @cached_property
    def limits(self) -> dict[str, Any]:
        return {name: part[name] for part in map(self.document.at, self.parts) for name in LIMITS if name in part}


def _parts(document: Document, place: Pointer) -> Iterator[Pointer]:
    """The places of a schema, of its `allOf` parts and of its alternatives."""
    for part in schema_places.parts(document, place):
        yield part
        for branch in schema_places.branches(document, part):
            if branch != part:
                yield from _parts(document, branch)
