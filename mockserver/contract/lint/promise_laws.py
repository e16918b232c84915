"""Laws on `x-promises`: each one can be parsed, and its members and operations exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw, suggest
from mockserver.contract.lint.walk_objects import Node
from mockserver.contract.promises import MemberPath, Promise, PromiseError, parse_promise, parts_about
from mockserver.contract.walk import parts_of, properties_of


def promises_are_well_formed(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`x-promises` is a list of promises, each of a known kind with the parts of that kind."""
    for node in _with_promises(contract):
        written = node.value["x-promises"]
        if not isinstance(written, list) or not written:
            yield BrokenLaw((*node.pointer, "x-promises"), "`x-promises` is no list of promises", "write a list")
            continue
        for number, promise in enumerate(written):
            try:
                parse_promise(promise)
            except PromiseError as error:
                where = [error.where] if isinstance(promise, dict) and error.where in promise else []
                yield BrokenLaw((*node.pointer, "x-promises", number, *where), error.problem, error.fix)


def promises_name_what_exists(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Members that a promise names are in the body or the answer of its operation; operations are in the contract."""
    ids = [node.value.get("operationId", "") for node in contract.all("operation")]
    for node, place, promise in _promises(contract):
        for name, operation in parts_about(promise, "operation"):
            if operation not in ids:
                yield BrokenLaw((*place, name), f"there is no operation `{operation}`", suggest(operation, ids))
        for about, schema in (("body", _body(contract.document, node)), ("answer", _answer(contract.document, node))):
            for name, value in parts_about(promise, about):
                for path in _paths(value):
                    if not _has(contract.document, schema, path):
                        problem = f"there is no `{'.'.join(path)}` in the {about} of the operation"
                        yield BrokenLaw((*place, name), problem, "name a member that its schema has")


def _with_promises(contract: ContractIndex) -> Iterator[Node]:
    return (node for node in contract.all("operation") if "x-promises" in node.value)


def _promises(contract: ContractIndex) -> Iterator[tuple[Node, Pointer, Promise]]:
    for node in _with_promises(contract):
        written = node.value["x-promises"]
        for number, promise in enumerate(written if isinstance(written, list) else ()):
            try:
                yield node, (*node.pointer, "x-promises", number), parse_promise(promise)
            except PromiseError:
                continue  # the law above reports it


def _paths(value: Any) -> Iterable[MemberPath]:
    """The paths of a part: one path, a list of paths, or the keys of an object."""
    return [value] if isinstance(value, tuple) and isinstance(value[0], str) else list(value)


def _body(document: Document, node: Node) -> Schema:
    return _first_schema(document, document.resolve(node.value.get("requestBody", {})))


def _answer(document: Document, node: Node) -> Schema:
    return _first_schema(document, document.resolve(node.value.get("responses", {}).get("200", {})))


def _first_schema(document: Document, part: dict[str, Any]) -> Schema:
    media: dict[str, Any] = next(iter(part.get("content", {}).values()), {})
    schema: Schema = media.get("schema", {})
    return schema


def _has(document: Document, schema: Schema, path: MemberPath) -> bool:
    """True if the schema, or that of its rows, declares the path, or allows any member on the way."""
    parts = list(parts_of(document, schema))
    rows = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
    if rows:
        return _has(document, rows[0], path)
    if not path:
        return True
    members = properties_of(document, schema)
    if path[0] in members:
        return _has(document, members[path[0]], path[1:])
    return any(part.get("additionalProperties") for part in parts)
