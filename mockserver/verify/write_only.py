"""Members that are sent and never told: those that a body calls `writeOnly`, looked for in the answers about it.

Secrets among them are also known by their values; here a name is enough, whatever stands under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation
from mockserver.contract.walk import parts_of
from mockserver.verify.resources import Contract

Place = tuple[str, ...]


class WriteOnly:
    """By operation the places that no answer of it may fill."""

    def __init__(self, contract: Contract) -> None:
        self._places: dict[str, set[Place]] = {}
        for resource in contract.resources:
            operations = [resource.listing, resource.get, resource.create, resource.update]
            known = [operation for operation in operations if operation is not None]
            sent = {place for o in known if o.body for place in _places(contract.document, o.body.schema, secret=True)}
            for operation in known if sent else ():
                self._places[operation.id] = sent - _told(contract.document, operation)

    def find(self, operation: Operation, value: Any) -> str:
        """The first such member that an answer tells, as `data.api_key`; empty if it tells none."""
        places = self._places.get(operation.id)
        if not places:
            return ""
        records = value if isinstance(value, list) else [value]
        found = (place for place in sorted(places) if any(_holds(record, place) for record in records))
        return ".".join(next(found, ()))


def _told(document: Document, operation: Operation) -> set[Place]:
    """What the answer itself declares: it may have a member of that name, of another kind."""
    schema = document.resolve(operation.success.schema or {})
    return set(_places(document, schema.get("items", schema), secret=False))


def _places(document: Document, schema: Schema, *, secret: bool, above: Place = ()) -> Iterator[Place]:
    """The members of a record and of the objects in it; only the `writeOnly` ones, or all."""
    for part in parts_of(document, schema):
        for name, member in part.get("properties", {}).items():
            member = document.resolve(member)
            if member.get("writeOnly") or not secret:
                yield (*above, name)
            elif len(above) < 2:
                yield from _places(document, member, secret=secret, above=(*above, name))


def _holds(value: Any, place: Place) -> bool:
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value is not None
