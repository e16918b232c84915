"""How a creation is undone, as the contract tells it: which DELETE takes back which POST, and what names the record.

A `links` entry of the creation says it; else the DELETE one segment below the collection does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mockserver.contract.document import Document
from mockserver.verify.safety.ledger import Own

_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Creation:
    """A POST that makes a record which a DELETE can take back.

    `keys` maps each path key of the DELETE to an expression of the contract's links.
    """

    collection: str
    record: str
    keys: dict[str, str]

    def made(self, path: str, body: Any) -> Own | None:
        """The record that an answer tells of; None if the answer does not name it."""
        asked = path_keys(self.collection, path)
        if asked is None or not isinstance(body, dict):
            return None
        keys = {name: _value(expression, asked, body) for name, expression in self.keys.items()}
        if not all(keys.values()):
            return None
        return Own(fill(self.record, keys), self.collection, keys)

    def parent(self, path: str) -> str | None:
        """The record below which this collection lies, with its path; None at the top."""
        segments = self.collection.split("/")
        last = max((n for n, segment in enumerate(segments) if _PLACEHOLDER.fullmatch(segment)), default=None)
        return None if last is None else "/".join(path.split("/")[: last + 1])


def creations(document: Document) -> dict[str, Creation]:
    """The creations that can be undone, by path template."""
    return dict(_creations(document))


def _creations(document: Document) -> Iterator[tuple[str, Creation]]:
    deletes = {op["operationId"]: path for path, method, op in document.operations() if method == "delete"}
    for path, method, operation in document.operations():
        if method != "post":
            continue
        linked = _linked_delete(document, operation, deletes) or _delete_below(path, deletes)
        if linked is not None:
            record, keys = linked
            yield path, Creation(path, record, keys)


def _linked_delete(
    document: Document, operation: dict[str, Any], deletes: dict[str, str]
) -> tuple[str, dict[str, str]] | None:
    for response in operation["responses"].values():
        for link in document.resolve(response).get("links", {}).values():
            written = document.resolve(link)
            name, parameters = written.get("operationId"), written.get("parameters", {})
            # A DELETE that does not end with a key made by the creation deletes something else.
            if name in deletes and any("$response.body" in str(value) for value in parameters.values()):
                return deletes[name], parameters
    return None


def _delete_below(path: str, deletes: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    below = re.compile(re.escape(path) + r"/\{([^}]+)\}")
    for record in deletes.values():
        if match := below.fullmatch(record):
            keys = {name: f"$request.path.{name}" for name in _PLACEHOLDER.findall(path)}
            return record, keys | {match[1]: f"$response.body#/{match[1]}|id"}
    return None


def _value(expression: str, asked: dict[str, str], body: dict[str, Any]) -> str:
    if expression.startswith("$request.path."):
        return asked.get(expression.removeprefix("$request.path."), "")
    names = expression.removeprefix("$response.body#/").split("|")
    found = next((body[name] for name in names if name in body), None)
    is_key = isinstance(found, int | str) and not isinstance(found, bool)
    return str(found) if is_key else ""


def path_keys(template: str, path: str) -> dict[str, str] | None:
    """What stands in the place of each key; None if the path is none of the template."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    keys = {}
    for segment, value in zip(wanted, given, strict=True):
        if match := _PLACEHOLDER.fullmatch(segment):
            keys[match[1]] = value
        elif segment != value:
            return None
    return keys


def fill(template: str, keys: dict[str, Any]) -> str:
    """The path with its keys filled in."""
    return _PLACEHOLDER.sub(lambda match: quote(str(keys[match[1]]), safe=""), template)
