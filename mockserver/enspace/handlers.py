"""Which function answers which operation: the one named after its operationId, in the file named after its tag.

`listMembers` of the tag Members is `list_members` in `members.py`. Its parameters name what it takes: `here`, path keys
(`memberId` as `member_id`), `query` and `body`.
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
from mockserver.enspace.here import Here

# Tags whose answers tell of calls, which change with every one.
_TELLING_CALLS = ("User",)


@dataclass(frozen=True)
class Handler:
    """A function with what it takes. `keys` are its parameters with the path keys that they take."""

    function: Callable[..., Any]
    keys: tuple[tuple[str, str], ...]
    takes_query: bool
    takes_body: bool
    need: Need
    only_reads: bool

    def __call__(self, here: Here, path: Mapping[str, Any], query: Mapping[str, Any], body: Any) -> Any:
        values = {parameter: path[key] for parameter, key in self.keys}
        if self.takes_query:
            values["query"] = query
        if self.takes_body:
            values["body"] = body
        return self.function(here, **values)


def is_enspace(document: Document) -> bool:
    """True for the contract of Enspace, or a copy of it. Another document may have the same names by chance."""
    return bool(document.raw["info"]["title"] == "Enspace")


def find_handlers(document: Document, operations: Iterable[Operation]) -> dict[str, Handler]:
    """The handlers of a document's operations by operationId; none for a document that is not Enspace's."""
    if not is_enspace(document):
        return {}
    found = ((operation, find_function(operation)) for operation in operations)
    return {operation.id: _handler(operation, function) for operation, function in found if function is not None}


def find_function(operation: Operation) -> Callable[..., Any] | None:
    """The function named after the operation, or None."""
    name = f"mockserver.enspace.{_snake_case(operation.tag)}"
    if not _snake_case(operation.tag).isidentifier() or util.find_spec(name) is None:
        return None
    function: Callable[..., Any] | None = getattr(import_module(name), _snake_case(operation.id), None)
    return function


def _handler(operation: Operation, function: Callable[..., Any]) -> Handler:
    keys = {_snake_case(parameter.name): parameter.name for parameter in operation.parameters_in("path")}
    taken = list(signature(function).parameters)[1:]
    return Handler(
        function=function,
        keys=tuple((name, keys[name]) for name in taken if name in keys),
        takes_query="query" in taken,
        takes_body="body" in taken,
        need=need_of(operation.id, operation.tag, operation.method),
        only_reads=operation.method == "GET" and operation.tag not in _TELLING_CALLS,
    )


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace(" ", "_").lower()
