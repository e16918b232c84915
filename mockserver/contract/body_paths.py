"""The members that a request body may have, as the contract declares them, and which of them a given body has.

Members of free objects have no path. The variants of `oneOf` and `anyOf` are merged, and the items of an array have one
path together, such as `body.conditions[].field`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import parts_of

MAX_LEVELS = 6
# A longer array is represented by its first items, so that a large body does not cost more than it shows.
MAX_ITEMS = 100


class BodyPath:
    """One value in a body: its name in reports, and the values inside it.

    They are found on demand: contracts of others have bodies with a hundred thousand.
    """

    def __init__(
        self, document: Document, schemas: Iterable[Schema], path: str, above: tuple[frozenset[int], ...]
    ) -> None:
        # `above` has the ids of the schemas around the value, by level: a schema that contains itself ends there.
        parts = (part for schema in schemas for part in parts_of(document, schema))
        written = [part for part in parts if not any(id(part) in level for level in above)]
        self.path, self._document = path, document
        self._parts = written if len(above) < MAX_LEVELS else []
        self._inside = (*above, frozenset(map(id, written)))

    @cached_property
    def members(self) -> dict[str, BodyPath]:
        """The members that a client may set."""
        writable = _writable_members(self._document, self._parts)
        return {
            name: BodyPath(self._document, schemas, f"{self.path}.{name}", self._inside)
            for name, schemas in writable.items()
        }

    @cached_property
    def items(self) -> BodyPath | None:
        """The items of a list, which all have the same path."""
        schemas = [part["items"] for part in self._parts if "items" in part]
        return BodyPath(self._document, schemas, f"{self.path}[]", self._inside) if schemas else None


def body_path_of(document: Document, schema: Schema, path: str) -> BodyPath:
    """Returns the path of a value of this schema, with all paths inside it."""
    return BodyPath(document, [schema], path, ())


def paths_in(body_path: BodyPath) -> Iterator[str]:
    """Yields the names of all members inside, in the order of the contract."""
    for member in body_path.members.values():
        yield member.path
        yield from paths_in(member)
    if body_path.items is not None:
        yield from paths_in(body_path.items)


def collect_paths(body_path: BodyPath, value: Any, found: set[str]) -> None:
    """Adds the names of all members that the value has to `found`."""
    if isinstance(value, dict):
        for name, member in body_path.members.items():
            if name in value:
                found.add(member.path)
                collect_paths(member, value[name], found)
    elif isinstance(value, list) and body_path.items is not None:
        for item in value[:MAX_ITEMS]:
            collect_paths(body_path.items, item, found)


def _writable_members(document: Document, parts: Iterable[Schema]) -> dict[str, list[Schema]]:
    """Returns the schemas of each member that a client may set."""
    writable: dict[str, list[Schema]] = {}
    for part in parts:
        for name, member in part.get("properties", {}).items():
            if not document.resolve(member).get("readOnly"):
                writable.setdefault(name, []).append(member)
    return writable
