"""Write-only members: the members that a request body calls `writeOnly`, looked for in responses of the resource.

`redaction` finds secrets by their value; here the name is enough, whatever the value is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation
from mockserver.contract.walk import parts_of
from mockserver.verify.resources import Contract

MemberPath = tuple[str, ...]
DEEPEST = 2  # levels of objects that are searched; schemas may refer to themselves


class WriteOnlyMembers:
    """The write-only members of each operation whose response must not contain them."""

    def __init__(self, contract: Contract) -> None:
        self._paths: dict[str, set[MemberPath]] = {}
        document = contract.document
        for resource in contract.resources:
            candidates = [resource.listing, resource.get, resource.create, resource.update]
            operations = [operation for operation in candidates if operation is not None]
            sent = {path for o in operations if o.body for path in _members(document, o.body.schema, write_only=True)}
            for operation in operations if sent else ():
                self._paths[operation.id] = sent - _declared(document, operation)

    def find(self, operation: Operation, value: Any) -> str:
        """Returns the first write-only member in a response body, as `data.api_key`; empty without any."""
        records = value if isinstance(value, list) else [value]
        paths = sorted(self._paths.get(operation.id, ()))
        found = (path for path in paths if any(_contains(record, path) for record in records))
        return ".".join(next(found, ()))


def _declared(document: Document, operation: Operation) -> set[MemberPath]:
    """The members that the response declares: one of the same name is then of another kind, and allowed."""
    schema = document.resolve(operation.success.schema or {})
    return set(_members(document, schema.get("items", schema), write_only=False))


def _members(document: Document, schema: Schema, *, write_only: bool, above: MemberPath = ()) -> Iterator[MemberPath]:
    """The members of an object and of the objects in it: the `writeOnly` ones, or all."""
    for part in parts_of(document, schema):
        for name, member in part.get("properties", {}).items():
            member = document.resolve(member)
            if member.get("writeOnly") or not write_only:
                yield (*above, name)
            elif len(above) < DEEPEST:
                yield from _members(document, member, write_only=write_only, above=(*above, name))


def _contains(value: Any, path: MemberPath) -> bool:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    # Null shows no secret.
    return value is not None
