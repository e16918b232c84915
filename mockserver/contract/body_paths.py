"""The members that a request body may have, by their dotted paths, and which of them a given body has.

Only what the contract names: members of free objects have no place. All variants of `oneOf` and `anyOf` lie over each
other, and arrays are told by their items, as `body.conditions[].field`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import parts_of

MOST_LEVELS = 6
# Of longer arrays the first items stand for all, so that a large body does not cost more than it tells.
MOST_ITEMS = 100


class Place(NamedTuple):
    """A value in a body: its path, and the places inside it. Of a leaf the contract names nothing inside."""

    path: str
    members: dict[str, Place]
    items: Place | None
    is_leaf: bool


def place_of(document: Document, schema: Schema, path: str) -> Place:
    """The place of a value of this schema, with all places inside."""
    return _place(document, [schema], path, ())


def paths_in(place: Place) -> Iterator[str]:
    """The paths of all members inside, in the order of the contract."""
    for member in place.members.values():
        yield member.path
        yield from paths_in(member)
    if place.items is not None:
        yield from paths_in(place.items)


def collect_paths(place: Place, value: Any, found: set[str]) -> None:
    """Adds to `found` the paths of all members that the value has."""
    if isinstance(value, dict):
        members = place.members
        # By whichever has less: a body may have many more members than the contract names, and mostly has few of them.
        for name in value if len(value) < len(members) else members:
            if (member := members.get(name)) is not None and name in value:
                found.add(member.path)
                if not member.is_leaf:
                    collect_paths(member, value[name], found)
    elif isinstance(value, list) and place.items is not None:
        for item in value[:MOST_ITEMS]:
            collect_paths(place.items, item, found)


def _place(document: Document, schemas: Iterable[Schema], path: str, above: tuple[frozenset[int], ...]) -> Place:
    """`above` are the schemas on the way here by level: one that contains itself ends there."""
    parts = [part for schema in schemas for part in parts_of(document, schema)]
    parts = [part for part in parts if not any(id(part) in level for level in above)]
    if len(above) == MOST_LEVELS:
        return Place(path, {}, None, True)
    seen = (*above, frozenset(map(id, parts)))
    written = [part["items"] for part in parts if "items" in part]
    members = {name: _place(document, s, f"{path}.{name}", seen) for name, s in _members(document, parts).items()}
    items = _place(document, written, f"{path}[]", seen) if written else None
    # Items of which nothing is named inside show nothing either.
    items = None if items is not None and items.is_leaf else items
    return Place(path, members, items, not members and items is None)


def _members(document: Document, parts: Iterable[Schema]) -> dict[str, list[Schema]]:
    """The schemas of each member that a client may set."""
    named: dict[str, list[Schema]] = {}
    for part in parts:
        for name, member in part.get("properties", {}).items():
            if not document.resolve(member).get("readOnly"):
                named.setdefault(name, []).append(member)
    return named
