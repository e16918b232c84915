"""Handlers: one function for each operation of the contract, found by name and listed in docs/operations.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import getmembers, isfunction
from itertools import groupby
from pathlib import Path
from typing import Any

from mockserver import Settings
from mockserver.app import assemble
from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation, read_operations
from mockserver.enspace.handlers import find_function, find_handlers
from mockserver.serving.server import start_lines
from tests.asgi_client import AsgiClient

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
VERBS = ("list_", "count_", "get_", "create_", "update_", "delete_", "remove_", "add_", "leave_")
FOREIGN = """
paths:
  /ws/members:
    get:
      {tags: [Members], operationId: listMembers, responses: {'200': {description: Members.}}}
"""


@cache
def operations() -> tuple[Operation, ...]:
    return read_operations(load_document(Settings().spec))


def test_operations__have_a_handler_in_the_module_of_their_tag() -> None:
    for operation in operations():
        function = find_function(operation)
        assert function is not None, operation.id
        assert function.__name__.replace("_", "") == operation.id.lower()
        assert function.__module__ == "mockserver.enspace." + operation.tag.replace(" ", "_").lower()


def test_handlers__are_all_in_use() -> None:
    for tag in {operation.tag for operation in operations()}:
        module = import_module("mockserver.enspace." + tag.replace(" ", "_").lower())
        handlers = [function for name, function in getmembers(module, isfunction) if name.startswith(VERBS)]
        defined = {function for function in handlers if function.__module__ == module.__name__}
        assert defined == {find_function(operation) for operation in operations() if operation.tag == tag}


def start_line(**settings: Any) -> str:
    """Returns the start line with the number of operations that answer from state."""
    return list(start_lines(assemble(Settings(**settings)), "http://127.0.0.1:4010"))[1].strip()


def test_start__counts_the_operations_that_answer_from_state() -> None:
    assert start_line() == "68 answer from state, 0 with generated data"


def test_start__counts_no_operation_from_state__stateless() -> None:
    assert start_line(stateless=True) == "0 answer from state, 68 with generated data"


def test_foreign_contract__has_no_handlers(contract: Callable[[str], Path]) -> None:
    spec = contract(FOREIGN)
    document = load_document(spec)
    (operation,) = read_operations(document)
    assert find_function(operation) is not None  # the same operationId as one of Enspace's
    assert find_handlers(document, [operation]) == {}
    assert start_line(spec=spec) == "0 answer from state, 1 with generated data"


def test_unknown_type__is_not_found_in_state_and_generated_without_it(server: Callable[..., AsgiClient]) -> None:
    assert server().get("/ws/types/nenhum").status_code == 404
    assert server(stateless=True).get("/ws/types/nenhum").status_code == 200


def test_docs__list_the_operations_of_the_contract() -> None:
    table = re.search(
        "<!-- operations -->\n(.*)<!-- /operations -->", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL
    )
    assert table is not None
    assert table[1].strip("\n").split("\n") == operations_table()


def operations_table() -> list[str]:
    """Returns the table that the contract requires."""
    lines = ["| tag | operations | stateful |", "|---|---|---|"]
    for tag, group in groupby(operations(), key=lambda operation: operation.tag):
        own = list(group)
        names = ", ".join(f"`{operation.id}`" for operation in own)
        stateful = "yes" if all(find_function(operation) for operation in own) else "no"
        lines.append(f"| {tag} | {names} | {stateful} |")
    return lines
