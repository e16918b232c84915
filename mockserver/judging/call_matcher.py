"""Matcher of recorded calls: the operation that a method and a path stand for, and its place in the contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation, base_path, read_operations
from mockserver.contract.path_matcher import PathMatcher, is_key
from mockserver.contract.schemas import Schemas
from mockserver.judging import schema_places

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


_IDENTIFIER = re.compile(r"\d+|(?=.*\d)[0-9a-f-]{8,}|(?=.*\d)[A-Za-z0-9_-]{12,}")


@dataclass(frozen=True)
class _Template:
    """The segments of a path of the contract, and the schemas of its keys by name."""

    segments: tuple[str, ...]
    keys: dict[str, Any]


class CallMatcher:
    """The operations of a contract by path. `prefix` is the path that the host adds before those of the contract."""

    def __init__(self, document: Document, prefix: str | None = None) -> None:
        self._document = document
        self._prefix = base_path(document) if prefix is None else prefix.rstrip("/")
        self._schemas = Schemas(document, "request")
        self._matchers: dict[str, PathMatcher[Operation]] = {method: PathMatcher() for method in METHODS}
        self._places: dict[str, Pointer] = {}
        self._keys: dict[int, Any] = {}
        self._templates: list[_Template] = []
        own = base_path(document)
        for operation, entry in zip(read_operations(document), document.operations(), strict=True):
            self._places[operation.id] = ("paths", entry.path, entry.method)
            keys = {parameter.name: parameter.schema for parameter in operation.parameters_in("path")}
            self._templates.append(_Template(tuple(operation.path.removeprefix(own).split("/")), keys))
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

    def template(self, inner_path: str) -> str:
        """The template of a path that the contract does not have, with the keys of the paths that begin alike."""
        alike, segments = self._templates, list[str]()
        for number, segment in enumerate(inner_path.split("/")):
            longer = [template for template in alike if number < len(template.segments)]
            literal = [template for template in longer if template.segments[number] == segment]
            alike = literal or [template for template in longer if self._has_key(template, number, segment)]
            segments.append(alike[0].segments[number] if alike else _new_segment(segment, segments))
        return "/".join(segments)

    def keys(self, template: str, inner_path: str) -> dict[str, str]:
        """The texts of the keys in a path of this template."""
        pairs = zip(template.split("/"), inner_path.split("/"), strict=True)
        return {written[1:-1]: unquote(text) for written, text in pairs if is_key(written)}

    def _has_key(self, template: _Template, number: int, segment: str) -> bool:
        """Whether a segment fits the key that a template has there."""
        written = template.segments[number]
        schema = template.keys.get(written[1:-1]) if is_key(written) else None
        return schema is not None and self._is_key(schema, unquote(segment))

    def place(self, operation: Operation) -> Pointer:
        """The place of an operation in the document."""
        return self._places[operation.id]

    def body_place(self, operation: Operation, status: int) -> Pointer | None:
        """The place of the JSON schema of an answer; None for an undocumented status, or one without a body."""
        response = operation.find_response(status)
        if response is None or response.schema is None:
            return None
        return self.schema_place((*self.place(operation), "responses", response.key))

    def nearest_body_place(self, operation: Operation, status: int) -> Pointer | None:
        """The place of the JSON schema of an answer; for an undocumented status that of another one of its hundred."""
        alike = (known for known in operation.responses if known // 100 == status // 100)
        statuses = (status, *alike)
        return next(filter(None, (self.body_place(operation, one) for one in statuses)), None)

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


def _new_segment(segment: str, before: list[str]) -> str:
    """A segment below all known paths: a key, named after the segment before it, or the literal itself."""
    if not _IDENTIFIER.fullmatch(unquote(segment)):
        return segment
    words = re.findall("[A-Za-z]+", before[-1]) if before else []
    name = (words[-1].removesuffix("s") if words else "") or "key"
    return f"{{{name}Id}}" if f"{{{name}Id}}" not in before else f"{{{name}Id{len(before)}}}"
