"""Matcher of recorded calls: the operation that a method and a path stand for, and its place in the contract."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation, base_path, read_operations
from mockserver.contract.path_matcher import PathMatcher
from mockserver.contract.schemas import Schemas
from mockserver.judging import schema_places

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class CallMatcher:
    """The operations of a contract by path. `prefix` is the path that the host adds before those of the contract."""

    def __init__(self, document: Document, prefix: str | None = None) -> None:
        self._document = document
        self._prefix = base_path(document) if prefix is None else prefix.rstrip("/")
        self._schemas = Schemas(document, "request")
        self._matchers: dict[str, PathMatcher[Operation]] = {method: PathMatcher() for method in METHODS}
        self._places: dict[str, Pointer] = {}
        self._keys: dict[int, Any] = {}
        own = base_path(document)
        for operation, entry in zip(read_operations(document), document.operations(), strict=True):
            self._places[operation.id] = ("paths", entry.path, entry.method)
            if operation.method in self._matchers:
                self._matchers[operation.method].add(operation.path.removeprefix(own), operation)

    def inner_path(self, path: str) -> str:
        """The path as the contract writes it; empty for one that is not below the prefix."""
        return path.removeprefix(self._prefix) if path.startswith(self._prefix + "/") else ""

    def match(self, method: str, path: str) -> Operation | None:
        """Returns the operation of a call, if its path keys have the documented form."""
        inner = self.inner_path(path)
        match = self._matchers[method].match(inner) if inner and method in self._matchers else None
        if match is None:
            return None
        keys = {parameter.name: parameter.schema for parameter in match.value.parameters_in("path")}
        # `/items/count-by-status` is no item, if the contract says how the keys of items are spelt.
        fits = (self._is_key(keys[name], unquote(text)) for name, text in match.keys.items() if name in keys)
        return match.value if all(fits) else None

    def path_keys(self, method: str, path: str) -> dict[str, str]:
        """Returns the keys in the path of a call that has an operation, by name."""
        match = self._matchers[method].match(self.inner_path(path))
        return {name: unquote(text) for name, text in match.keys.items()} if match else {}

    def place(self, operation: Operation) -> Pointer:
        """The place of an operation in the document."""
        return self._places[operation.id]

    def body_place(self, operation: Operation, status: int) -> Pointer | None:
        """The place of the JSON schema of an answer; None for an undocumented status, or one without a body."""
        response = operation.find_response(status)
        if response is None or response.schema is None:
            return None
        return self.schema_place((*self.place(operation), "responses", response.key))

    def request_place(self, operation: Operation) -> Pointer | None:
        """The place of the JSON schema of a request body; None without one."""
        place = (*self.place(operation), "requestBody")
        return self.schema_place(place) if schema_places.find(self._document, place) is not None else None

    def schema_place(self, response: Pointer) -> Pointer:
        """The place of the JSON schema of a response; that of an undocumented one does not exist yet."""
        media = "application/json"
        if schema_places.find(self._document, response) is not None:
            response = schema_places.followed(self._document, response)
            media = next(iter(self._document.at(response).get("content", ())), media)
        return (*response, "content", media, "schema")

    def _is_key(self, schema: dict[str, Any], text: str) -> bool:
        value: Any = int(text) if schema.get("type") == "integer" and text.isdecimal() else text
        if id(schema) not in self._keys:
            self._keys[id(schema)] = self._schemas.validator(schema)
        return bool(self._keys[id(schema)].is_valid(value))
