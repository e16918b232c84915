"""The contract by resource: which operations list, count, read, create, update and delete the same kind of record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation, Parameter, base_path, read_operations
from mockserver.contract.path_matcher import PathMatcher, key_names, shape_of
from mockserver.contract.promises import Effect, Equal, MemberPath, Promise, Referrers, Timestamps, Visible, promises_of
from mockserver.contract.schemas import Schemas
from mockserver.contract.walk import parts_of, properties_of
from mockserver.verify.redaction import write_only_names

# Where `_sort` takes any name: members that most records have.
SORTED_BY = ("id", "name", "title", "status", "created_at")
# The names that the pattern of `_sort` lists.
_SORT_NAMES = re.compile(r"\(([a-z_]+(?:\|[a-z_]+)+)\)")


@dataclass(frozen=True)
class Resource:
    """One collection and its operations. `key` is the path key of a record, empty if no operation has one."""

    collection: str
    listing: Operation
    count: Operation | None
    get: Operation | None
    create: Operation | None
    update: Operation | None
    delete: Operation | None
    key: str

    def parameter(self, name: str) -> Parameter | None:
        """Returns the parameter of the list with this name."""
        return next((parameter for parameter in self.listing.parameters if parameter.name == name), None)

    def accepts(self, name: str) -> bool:
        """True if the list has a parameter of this name."""
        return self.parameter(name) is not None

    @property
    def sort_names(self) -> list[str]:
        """The members by which the list can be sorted."""
        parameter = self.parameter("_sort")
        found = _SORT_NAMES.search(parameter.schema.get("pattern", "")) if parameter else None
        return found[1].split("|") if found else list(SORTED_BY if parameter else ())

    @property
    def is_in_workspace(self) -> bool:
        """True if a request for the list names a workspace."""
        return is_in_workspace(self.listing)

    @property
    def parent_keys(self) -> list[str]:
        """The path keys of the collection itself."""
        return key_names(self.collection)


class Contract:
    """Operations by id and by label (`GET /ws/types`), and the resources that they form."""

    def __init__(self, document: Document) -> None:
        self.document = document
        prefix = base_path(document)  # replaced by the address of the target
        self.operations = tuple(replace(o, path=o.path.removeprefix(prefix)) for o in read_operations(document))
        self.by_id = {operation.id: operation for operation in self.operations}
        self._by_route = {(operation.method, operation.path): operation for operation in self.operations}
        self._by_method: dict[str, PathMatcher[Operation]] = defaultdict(PathMatcher)
        self._shapes = PathMatcher[str]()
        for operation in self.operations:
            self._by_method[operation.method].add(operation.path, operation)
            self._shapes.add(operation.path, shape_of(operation.path))
        self.by_label = {
            f"{method.upper()} {path}": self.by_id[written["operationId"]]
            for path, method, written in document.operations()
        }
        self._promises = promises_of(document)
        self._answers = Schemas(document, "response")
        self.secret_names = write_only_names(document)
        self.resources = tuple(self._resource(operation) for operation in self.operations if self._is_list(operation))
        self.by_listing = {resource.listing.id: resource for resource in self.resources}
        self.write_only = {one.id: names for resource in self.resources for one, names in self._write_only(resource)}

    def as_written(self, operation: Operation) -> dict[str, Any]:
        """Returns the operation object of the document."""
        return next(part for _, _, part in self.document.operations() if part["operationId"] == operation.id)

    def promises(self, operation: Operation) -> tuple[Promise, ...]:
        """Returns the promises of an operation that no schema expresses."""
        return self._promises.get(operation.id, ())

    def fits(self, operation: Operation, name: str, value: Any) -> bool:
        """True if a member of an answer has a value that its schema allows."""
        schema = self.document.resolve(operation.success.schema or {})
        members = properties_of(self.document, schema.get("items", schema))
        return name not in members or self._answers.validator(members[name]).is_valid(value)

    def allows(self, schema: Schema, value: Any) -> bool:
        """True if a schema of an answer allows a value."""
        return self._answers.validator(schema).is_valid(value)

    def above(self, resource: Resource) -> Resource | None:
        """Returns the resource with the records that a collection is directly below; None at the top."""
        return next((one for one in self.resources if [one.key] == resource.parent_keys[-1:]), None)

    def declares(self, operation: Operation, name: str) -> bool:
        """True if answers of an operation may have a member: one that its schema lists, or any without a list."""
        schema = self.document.resolve(operation.success.schema or {})
        members = properties_of(self.document, schema.get("items", schema))
        return name in members or not members

    def member(self, schema: Schema, *path: str) -> Schema:
        """Returns the schema at a path of an object, an empty one where the schema has no such member."""
        for name in path:
            schema = properties_of(self.document, schema).get(name, {})
        return self.document.resolve(schema)

    def linked_members(self, operation: Operation, name: str) -> set[str]:
        """Returns the members of a record that may change with one member of an update, and the member itself."""
        linked: set[MemberPath] = {(name,)}
        for promise in self.promises(operation):
            if isinstance(promise, Equal) and (name,) in promise.members:
                linked.update(promise.members)
            elif isinstance(promise, Timestamps):
                linked.add(promise.updated)
            elif isinstance(promise, Effect) and any(path[0] == name for path in promise.when):
                linked.update(promise.then)
        return {path[0] for path in linked if path}

    @cached_property
    def references(self) -> dict[str, set[str]]:
        """The members of bodies and query parameters that name other records, with the collections of these.

        The promises say so.
        """
        found = defaultdict[str, set[str]](set)
        for name, promises in self._promises.items():
            for one in promises:
                if isinstance(one, Referrers):
                    found[one.member[-1]].add(self.by_id[name].path.rpartition("/")[0])
                elif isinstance(one, Visible) and one.within and one.member:
                    found[one.member[-1]].add(self.by_id[one.within].path)
        return dict(found)

    def filters_naming(self, resource: Resource) -> list[tuple[Operation, str, MemberPath]]:
        """Returns lists with a filter for records of a resource, by the promises, and what the filter takes of it."""
        every = [promise for promises in self._promises.values() for promise in promises]
        within = [one for one in every if isinstance(one, Visible) and one.within == resource.listing.id]
        # A key inside, such as the id of a user, may name something that stays.
        keys = {one.member[-1]: one.key for one in within if one.member and len(one.key) == 1}
        return [
            (other.listing, parameter.name, keys[parameter.name])
            for other in self.resources
            for parameter in other.listing.parameters_in("query")
            if parameter.name in keys
        ]

    def match(self, method: str, path: str) -> Operation | None:
        """Returns the operation of a request; literal segments win over path keys."""
        match = self._by_method[method].match(path)
        return match.value if match else None

    def at_path(self, path: str) -> list[Operation]:
        """Returns the operations of a path; literal segments win over path keys."""
        match = self._shapes.match(path)
        return [one for one in self.operations if match and shape_of(one.path) == match.value]

    def _write_only(self, resource: Resource) -> Iterator[tuple[Operation, frozenset[str]]]:
        """Yields the operations of a resource with the members that their bodies may have, but no answer."""
        candidates = (resource.listing, resource.get, resource.create, resource.update)
        operations = [operation for operation in candidates if operation is not None]
        members = [one for o in operations if o.body for one in self._members(o.body.schema)]
        members += [inner for _, part in members for inner in self._members(part)]
        names = frozenset(name for name, part in members if part.get("writeOnly"))
        yield from ((operation, names) for operation in operations)

    def _members(self, schema: Schema) -> list[tuple[str, Schema]]:
        """Returns the members of each part of a schema: those of different parts may have the same name."""
        members = [one for part in parts_of(self.document, schema) for one in part.get("properties", {}).items()]
        return [(name, self.document.resolve(part)) for name, part in members]

    def _is_list(self, operation: Operation) -> bool:
        schema = operation.success.schema
        # Other arrays, such as the values of a setting, are no collections.
        has_pages = any(parameter.name == "_limit" for parameter in operation.parameters)
        is_array = schema is not None and any(part.get("type") == "array" for part in parts_of(self.document, schema))
        return operation.method == "GET" and is_array and has_pages

    def _resource(self, listing: Operation) -> Resource:
        path = listing.path
        record = next((p for _, p in self._by_route if re.fullmatch(re.escape(path) + r"/\{[^}/]+\}", p)), "")

        def find(method: str, template: str) -> Operation | None:
            return self._by_route.get((method, template))

        return Resource(
            collection=path,
            listing=listing,
            count=find("GET", path + "/count"),
            get=find("GET", record),
            create=find("POST", path),
            update=find("PUT", record) or find("PATCH", record),
            delete=find("DELETE", record),
            key=key_names(record)[-1] if record else "",
        )


def is_in_workspace(operation: Operation) -> bool:
    """True if a request names a workspace."""
    return any("WorkspaceAuth" in alternative for alternative in operation.security)


def key_of(name: str, record: dict[str, Any]) -> Any:
    """Returns the value of a record for a path key: the member of this name, else the id; None without both."""
    return record.get(name, record.get("id"))
