"""The promises of the contract (`x-promises`), each one against the fake."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation, read_operations
from mockserver.contract.promises import (
    LAST,
    SLUG,
    Count,
    Default,
    Equal,
    Immutable,
    Order,
    Promise,
    Timestamps,
    Unique,
    Visible,
    promises_of,
    value_at,
)
from mockserver.settings import Settings
from tests.conftest import Enspace
from tests.enspace.test_common_behaviour import CREATES, PUTS

DOCUMENT = load_document(Settings().spec)
OPERATIONS = {operation.id: operation for operation in read_operations(DOCUMENT)}
# What makes a decided or fixed member another one.
OTHERS = {"slug": "outro", "native": True, "reference": "A" * 16, "form": 1, "email": "x@example.com", "kind": "form"}


def promised(kind: type[Any]) -> list[Any]:
    """Returns the parameters of a test: each operation with each of its promises of a kind."""
    pairs = [(OPERATIONS[name], one) for name, ones in promises_of(DOCUMENT).items() for one in ones]
    return [pytest.param(o, p, id=f"{o.id}-{p.rule}-{n}") for n, (o, p) in enumerate(pairs) if isinstance(p, kind)]


def path_of(operation: Operation) -> str:
    """Returns the path with the examples of its keys, which exist in the fixtures."""
    examples = {parameter.name: str(parameter.schema["example"]) for parameter in operation.parameters_in("path")}
    return re.sub(r"\{([^}]+)\}", lambda key: examples[key[1]], operation.path)


def answers(enspace: Enspace, operation: Operation) -> Iterator[dict[str, Any]]:
    """Yields the records that an operation answers: those it reads, or the one that it writes."""
    body = enspace.get(path_of(operation)).json() if operation.method == "GET" else write(enspace, operation)
    yield from body if isinstance(body, list) else [body]


def write(enspace: Enspace, operation: Operation, **more: Any) -> dict[str, Any]:
    table: list[tuple[str, Any]] = CREATES if operation.method == "POST" else PUTS
    path, body = next((p, b) for p, b in table if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", operation.path), p))
    answer = enspace.request(operation.method, path, json={**body, **more})
    written: dict[str, Any] = answer.json()
    return written


@pytest.mark.parametrize(("operation", "promise"), promised(Equal))
def test_equal_members__are_equal(enspace: Enspace, operation: Operation, promise: Equal) -> None:
    for record in answers(enspace, operation):
        assert len({str(value_at(record, path)) for path in promise.members}) == 1


@pytest.mark.parametrize(("operation", "promise"), promised(Order))
def test_list__is_in_order(enspace: Enspace, operation: Operation, promise: Order) -> None:
    rows = list(answers(enspace, operation))
    for inner in [value_at(row, promise.member) for row in rows] if promise.member else [rows]:
        [(path, is_descending), *_] = promise.by
        values = [value_at(row, path) for row in inner]
        assert values == sorted(values, reverse=is_descending)


@pytest.mark.parametrize(("operation", "promise"), promised(Default))
def test_member_left_out__has_its_default(enspace: Enspace, operation: Operation, promise: Default) -> None:
    rows = list(answers(enspace, OPERATIONS[promise.of])) if promise.of else []
    record = write(enspace, operation)
    fitting = (row for row in rows if all(value_at(row, path) == value for path, value in promise.where.items()))
    other = next(fitting, {})
    own = {LAST: len(rows), SLUG: record["name"].lower()} if "name" in record else {}  # positions begin with 0
    for path, value in promise.members.items():
        wanted = value_at(other, tuple(value.split("."))) if promise.of else value
        assert value_at(record, path) == (own.get(value, wanted) if isinstance(value, str) else wanted)


@pytest.mark.parametrize(("operation", "promise"), promised(Timestamps))
def test_times__are_those_of_creation_and_change(enspace: Enspace, operation: Operation, promise: Timestamps) -> None:
    for record in answers(enspace, operation):
        assert value_at(record, promise.created) <= value_at(record, promise.updated)


@pytest.mark.parametrize(("operation", "promise"), promised(Unique))
def test_repeated_creation__is_refused_or_the_same(enspace: Enspace, operation: Operation, promise: Unique) -> None:
    first, second = write(enspace, operation), write(enspace, operation)
    assert second.get("statusCode") == 400 if promise.repeated == "refused" else second["id"] == first["id"]


@pytest.mark.parametrize(("operation", "promise"), promised(Immutable))
def test_fixed_member__stays(enspace: Enspace, operation: Operation, promise: Immutable) -> None:
    before = write(enspace, operation)
    for path in promise.members:
        write(enspace, operation, **{path[0]: OTHERS[path[0]]})
        assert value_at(write(enspace, operation), path) == value_at(before, path)


@pytest.mark.parametrize(("operation", "promise"), promised(Count))
def test_number__counts_its_list(enspace: Enspace, operation: Operation, promise: Count) -> None:
    [record] = answers(enspace, operation)
    for path, name in promise.lists.items():
        if promise.by:
            members = [value_at(row, (promise.by,)) for row in answers(enspace, OPERATIONS[name])]
            assert {value: number for value, number in value_at(record, path).items() if number} == Counter(members)
        elif "{" not in OPERATIONS[name].path:
            assert value_at(record, path) == len(enspace.get(OPERATIONS[name].path, params={"_limit": 1000}).json())
    for path, parts in promise.sums.items():
        numbers = value_at(record, tuple(parts.split(".")))
        assert value_at(record, path) == sum(numbers.values() if isinstance(numbers, dict) else numbers)


@pytest.mark.parametrize(("operation", "promise"), promised(Visible))
def test_only_visible__is_listed_or_taken(enspace: Enspace, operation: Operation, promise: Visible) -> None:
    if not promise.member:
        rows = list(answers(enspace, operation))
        assert all(value_at(row, path) == value for row in rows for path, value in promise.where.items())
    elif promise.within and operation.path != "/ws/mgroups/{groupId}/users":
        value: Any = "no-such-slug" if promise.key == ("slug",) else 2_000_000_011
        sent = [value] if promise.member == ("users",) else value
        assert write(enspace, operation, **{promise.member[0]: sent})["statusCode"] == 400


@pytest.mark.parametrize("path", ["/user-api-keys", "/user-request-logs"])
def test_callers_own_rows__are_shown_to_nobody_else(enspace: Enspace, path: str) -> None:
    callers = [enspace, enspace.as_user("bruno.lima@yourcompany.com.br")]
    for caller in callers:
        caller.get("/ws/types")
    own, others = ({row["id"] for row in caller.get(path).json()} for caller in callers)
    assert min(len(own), len(others)) > 0
    assert not own & others


def test_promises__are_of_each_kind() -> None:
    every: list[Promise] = [promise for ones in promises_of(DOCUMENT).values() for promise in ones]
    assert len({type(promise) for promise in every}) == 10
