"""Creations that can be undone: which POST creates a record, which DELETE removes it, and which keys name it.

A `links` entry of the POST says so; without one, a DELETE exactly one path segment below the collection does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import requests

from mockserver.contract.document import Document
from mockserver.contract.path_matcher import PathMatcher, is_key, key_names
from mockserver.contract.walk import properties_of
from mockserver.verify.safety.ledger import OwnRecord

CREATED_AT = "created_at"
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Creation:
    """A POST to `collection` whose record a DELETE of `record` removes (both are path templates).

    `keys` maps each path key of the DELETE to a runtime expression of OpenAPI links. `has_time` is true if the contract
    promises a time of creation in the response.
    """

    collection: str
    record: str
    keys: dict[str, str]
    has_time: bool = False

    def created_record(self, path_values: dict[str, str], body: Any) -> OwnRecord | None:
        """Returns the record that a response names, below the keys in the path; None if it names none."""
        if not isinstance(body, dict):
            return None
        keys = {name: _evaluate(expression, path_values, body) for name, expression in self.keys.items()}
        # A path with an empty key would be the path of the collection.
        if not all(keys.values()) or is_ambiguous(record := fill(self.record, keys)):
            return None
        return OwnRecord(record, self.collection, keys)

    def parent(self, path: str) -> str | None:
        """Returns the path of the record that contains this collection; None at the top."""
        segments = self.collection.split("/")
        last = max((n for n, segment in enumerate(segments) if is_key(segment)), default=None)
        return None if last is None else "/".join(path.split("/")[: last + 1])


class Creations:
    """Creations by the paths of their collections and of their records."""

    def __init__(self, creations: Iterable[Creation] = ()) -> None:
        self._every = tuple(creations)
        self._collections, self._records = PathMatcher[Creation](), PathMatcher[Creation]()
        for creation in self._every:
            self._collections.add(creation.collection, creation)
            self._records.add(creation.record, creation)

    def __iter__(self) -> Iterator[Creation]:
        return iter(self._every)

    def by_template(self, collection: str) -> Creation | None:
        """Returns the creation in a collection, given its path template."""
        return self._collections.at(collection)

    def at(self, path: str) -> Creation | None:
        """Returns the creation in the collection at a path."""
        match = self._collections.match(path)
        return match.value if match else None

    def made_by(self, request: requests.PreparedRequest, path: str) -> Creation | None:
        """Returns the creation that a request to a path is; None if it is none."""
        return self.at(path) if request.method == "POST" else None

    def of_record(self, path: str) -> Creation | None:
        """Returns the creation of the records of which one is at a path."""
        match = self._records.match(path)
        return match.value if match else None

    def namer(self, path: str) -> Callable[[Any], OwnRecord | None]:
        """Returns a function that returns the record which an answer of the collection at a path names."""
        match = self._collections.match(path)
        return partial(match.value.created_record, match.keys) if match else lambda body: None


def find_creations(document: Document) -> Creations:
    """Returns the creations that can be undone."""
    return Creations(_creations(document))


def _creations(document: Document) -> Iterator[Creation]:
    deletes = {op["operationId"]: path for path, method, op in document.operations() if method == "delete"}
    for path, method, operation in document.operations():
        if method == "post":
            creation = _linked(document, path, operation, deletes) or _by_path(path, deletes)
            if creation is not None:
                yield replace(creation, has_time=_has_time(document, operation))


def _has_time(document: Document, operation: dict[str, Any]) -> bool:
    responses = [document.resolve(part) for status, part in operation["responses"].items() if str(status)[0] == "2"]
    schemas = [media.get("schema", {}) for response in responses for media in response.get("content", {}).values()]
    return any(CREATED_AT in properties_of(document, schema) for schema in schemas)


def _linked(document: Document, path: str, operation: dict[str, Any], deletes: dict[str, str]) -> Creation | None:
    """The creation whose `links` name a DELETE."""
    for response in operation["responses"].values():
        for reference in document.resolve(response).get("links", {}).values():
            link = document.resolve(reference)
            name, parameters = link.get("operationId"), link.get("parameters", {})
            # A DELETE without a key from the response body deletes something else than the new record.
            if name in deletes and any("$response.body" in str(value) for value in parameters.values()):
                return Creation(path, deletes[name], parameters)
    return None


def _by_path(path: str, deletes: dict[str, str]) -> Creation | None:
    """The creation with a DELETE at `path/{key}`."""
    below = re.compile(re.escape(path) + r"/\{([^}]+)\}")
    # Exactly one segment: a longer path deletes a part of the record.
    for record in deletes.values():
        if match := below.fullmatch(record):
            keys = {name: f"$request.path.{name}" for name in key_names(path)}
            return Creation(path, record, keys | {match[1]: f"$response.body#/{match[1]}|id"})
    return None


def _evaluate(expression: str, path_values: dict[str, str], body: dict[str, Any]) -> str:
    """Evaluates a link expression; empty if it yields no key. `a|b` names the first member that exists."""
    if expression.startswith("$request.path."):
        return path_values.get(expression.removeprefix("$request.path."), "")
    names = expression.removeprefix("$response.body#/").split("|")
    value = next((body[name] for name in names if name in body), None)
    # In Python, True is an int.
    is_key = isinstance(value, int | str) and not isinstance(value, bool)
    return str(value) if is_key else ""


def is_ambiguous(path: str) -> bool:
    """True if client and server might read different paths."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    return any(segment in ("", ".", "..") or any(c in segment for c in "/\\%;") for segment in segments)


def fill(template: str, keys: dict[str, Any]) -> str:
    """Returns the path with its keys filled in and quoted."""
    return _PLACEHOLDER.sub(lambda match: quote(str(keys[match[1]]), safe=""), template)
