"""The contract by resource: which operations list, count, read, make, change and delete the same kind of record."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation, base_path, read_operations
from mockserver.contract.walk import parts_of

_KEY = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Resource:
    """One collection. `key` is the path key of a record, empty if no operation names one."""

    collection: str
    listing: Operation
    count: Operation | None
    get: Operation | None
    create: Operation | None
    update: Operation | None
    delete: Operation | None
    key: str

    def takes(self, name: str) -> bool:
        """True if the list takes a parameter of this name."""
        return any(parameter.name == name for parameter in self.listing.parameters)

    @property
    def parent_keys(self) -> list[str]:
        """The path keys of the collection itself."""
        return _KEY.findall(self.collection)


class Contract:
    """Operations by id and by label, and the resources they make up."""

    def __init__(self, document: Document) -> None:
        self.document = document
        prefix = base_path(document)  # the target's own address stands in its place
        self.operations = tuple(replace(o, path=o.path.removeprefix(prefix)) for o in read_operations(document))
        self.by_id = {operation.id: operation for operation in self.operations}
        self._by_route = {(operation.method, operation.path): operation for operation in self.operations}
        self.by_label = {
            f"{method.upper()} {path}": self.by_id[written["operationId"]]
            for path, method, written in document.operations()
        }
        self.resources = tuple(self._resource(operation) for operation in self.operations if self._is_list(operation))

    def written(self, operation: Operation) -> dict[str, Any]:
        """The operation as it stands in the document."""
        return next(part for _, _, part in self.document.operations() if part["operationId"] == operation.id)

    def at(self, method: str, path: str) -> Operation | None:
        """The operation that a request reaches; literal segments win over keys."""
        candidates = [o for o in self.operations if o.method == method and _matches(o.path, path)]
        return min(candidates, key=lambda operation: len(_KEY.findall(operation.path)), default=None)

    def _is_list(self, operation: Operation) -> bool:
        schema = operation.success.schema
        pages = any(parameter.name == "_limit" for parameter in operation.parameters)
        is_array = schema is not None and any(part.get("type") == "array" for part in parts_of(self.document, schema))
        return operation.method == "GET" and is_array and pages

    def _resource(self, listing: Operation) -> Resource:
        path = listing.path
        record = next((p for _, p in self._by_route if re.fullmatch(re.escape(path) + r"/\{[^}/]+\}", p)), "")

        def at(method: str, place: str) -> Operation | None:
            return self._by_route.get((method, place))

        return Resource(
            collection=path,
            listing=listing,
            count=at("GET", path + "/count"),
            get=at("GET", record),
            create=at("POST", path),
            update=at("PUT", record) or at("PATCH", record),
            delete=at("DELETE", record),
            key=_KEY.findall(record)[-1] if record else "",
        )


def _matches(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(w == g or _KEY.fullmatch(w) for w, g in zip(wanted, given, strict=True))


def key_of(name: str, record: dict[str, Any]) -> Any:
    """What a record is addressed by, for a path key of this name; None if it has nothing fit."""
    return record.get(name, record.get("id"))
