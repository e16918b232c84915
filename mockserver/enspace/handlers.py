"""Handlers of operations, found by name: `listMembers` of the tag Members is `list_members` in `members.py`.

The parameters of a handler are, in this order: `context`, path keys (`memberId` as `member_id`), `query`, `body`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module, util
from inspect import signature
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.enspace.access import Need, need_of
from mockserver.enspace.context import Context

# Tags whose responses contain the request log, which changes with every call.
_WITH_REQUEST_LOG = ("User",)


@dataclass(frozen=True)
class Handler:
    """A function and its arguments; `keys` are path keys. Results of `only_reads` change only with the records."""

    function: Callable[..., Any]
    keys: tuple[str, ...]
    takes_query: bool
    takes_body: bool
    need: Need
    only_reads: bool

    def __call__(self, context: Context, path: Mapping[str, Any], query: Mapping[str, Any], body: Any) -> Any:
        values = list(map(path.__getitem__, self.keys))
        if self.takes_query:
            values.append(query)
        if self.takes_body:
            values.append(body)
        return self.function(context, *values)


def is_enspace(document: Document) -> bool:
    """Whether it is the contract of Enspace. Another document may have the same operation names by chance."""
    return bool(document.raw["info"]["title"] == "Enspace")


def find_handlers(document: Document, operations: Iterable[Operation]) -> dict[str, Handler]:
    """Returns handlers by operationId; none for a document that is not Enspace's."""
    if not is_enspace(document):
        return {}
    found = ((operation, find_function(operation)) for operation in operations)
    return {operation.id: _handler(operation, function) for operation, function in found if function is not None}


def find_function(operation: Operation) -> Callable[..., Any] | None:
    """Returns the function with the name of the operation, or None."""
    # A foreign tag such as `My tag!` is no name of a module, and must not be imported.
    name = f"mockserver.enspace.{_snake_case(operation.tag)}"
    if not _snake_case(operation.tag).isidentifier() or util.find_spec(name) is None:
        return None
    function: Callable[..., Any] | None = getattr(import_module(name), _snake_case(operation.id), None)
    return function


def _handler(operation: Operation, function: Callable[..., Any]) -> Handler:
    keys = {_snake_case(parameter.name): parameter.name for parameter in operation.parameters_in("path")}
    taken = list(signature(function).parameters)
    used = [name for name in taken if name in keys]
    others = [name for name in ("query", "body") if name in taken]
    # A handler with a misspelt parameter stops the start, not the first request.
    assert taken == ["context", *used, *others], (
        f"{function.__name__} takes {taken}, expected: context, path keys, query, body"
    )
    return Handler(
        function=function,
        keys=tuple(keys[name] for name in used),
        takes_query="query" in others,
        takes_body="body" in others,
        need=need_of(operation.id, operation.tag, operation.method),
        only_reads=operation.method == "GET" and operation.tag not in _WITH_REQUEST_LOG,
    )


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace(" ", "_").lower()
