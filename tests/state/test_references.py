"""The reference checker finds each kind of broken reference."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.asgi_client import AsgiClient
from tests.state.references import MANY, ONE, State, dangling

NOBODY = 999_999
LINKS = [(name, member) for name, members in ONE.items() for member in members]
LISTS = [(name, path) for name, paths in MANY.items() for path in paths]


@pytest.fixture(scope="module")
def shipped(server: Callable[..., AsgiClient]) -> State:
    state: State = server().get("/_mock/state", headers={"x-api-key": ""}, params={"sandbox": "default"}).json()
    return state


def test_shipped_state__is_sound(shipped: State) -> None:
    assert dangling(shipped) == []
    assert sum(map(len, shipped.values())) > 500


def test_links__to_nothing_are_found(shipped: State) -> None:
    for table, member in LINKS:
        state = copy.deepcopy(shipped)
        state[table][0][member] = NOBODY
        assert any(line.startswith(f"{table} {state[table][0]['id']}: {member} names ") for line in dangling(state))


def test_lists__with_a_link_to_nothing_are_found(shipped: State) -> None:
    for table, path in LISTS:
        state = copy.deepcopy(shipped)
        holder: Any = state[table][0]
        *outer, last = path.split(".")
        for name in outer:
            holder = holder[name]
        holder[last] = [NOBODY]
        assert any(f": {path} names " in line for line in dangling(state)), (table, path)


@pytest.mark.parametrize(
    ("table", "member", "value", "problem"),
    [
        ("members", "type", "full", "0 owners"),
        ("stages", "is_start", True, "2 start stages"),
        ("items", "data", {"no_such_field": 1}, "no field no_such_field"),
        ("roles", "workspace", 124, "of another workspace"),
        ("types", "slug", "clientes", "occurs 2 times"),
        ("roles", "id", 4, "an id is repeated"),
        ("api_keys", "scope", {"workspaces": ["nowhere"]}, "no workspace nowhere"),
        ("members", "workspace", None, "workspace is null"),
    ],
)
def test_state__that_breaks_a_rule_is_found(shipped: State, table: str, member: str, value: Any, problem: str) -> None:
    state = copy.deepcopy(shipped)
    state[table][0][member] = value
    assert [line for line in dangling(state) if problem in line]
