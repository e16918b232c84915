"""The regressions themselves: each is visible, the kinds and subjects are spread, and the halves are disjoint."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import pytest

from mockserver import Settings
from mockserver.app import assemble
from tests.asgi_client import AsgiClient
from tests.verify.exchange import App
from tests.verify.mutant import Mutant
from tests.verify.mutants import MUTANTS
from tests.verify.regressions.half_a import HALF_A
from tests.verify.regressions.half_b import HALF_B
from tests.verify.regressions.regression import KINDS, SUBJECTS, Regression, names_of_half
from tests.verify.regressions.third import THIRD
from tests.verify.tools import OPERATIONS

REGRESSIONS = HALF_A + HALF_B
LEAST = {"schema": 50, "description": 36, "sense": 18}

LastAnswer = tuple[int, str, str]  # status, media type, body
Ask = Callable[[Regression, bool], LastAnswer]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Sends the script of a regression, to it or to the healthy fake, and returns the last answer."""
    fake = assemble(Settings(clock="2026-03-20T12:00:00.000Z"))
    with AsgiClient(fake.app):

        def play(regression: Regression, is_broken: bool) -> LastAnswer:
            app: App = regression.of(fake.app) if is_broken else fake.app
            client = AsgiClient(app)
            client.post("/_mock/reset").raise_for_status()
            answer = _send_all(client, regression)
            return answer.status_code, answer.headers.get("content-type", ""), _value_of(answer.content)

        return play


def _value_of(body: bytes) -> str:
    """Returns a body with its JSON in one form: a change writes other spaces than the fake, and `1` equals `True`."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except ValueError:
        return body.decode("latin-1")


def _send_all(client: AsgiClient, regression: Mutant) -> Any:
    """Sends all requests of a script; keys in a path are members of the record created last."""
    answer: Any = None
    created: dict[str, Any] = {}
    for send in regression.shown_by:
        method, path = send.line.split(" ")
        answer = client.request(method, path.format_map(created), json=send.body, headers=send.headers)
        if method == "POST" and answer.is_success:
            created = answer.json()
    return answer


@pytest.mark.parametrize("regression", REGRESSIONS + THIRD, ids=lambda regression: regression.name)
def test_regression__answers_otherwise_than_the_healthy_fake(regression: Regression, ask: Ask) -> None:
    healthy = ask(regression, False)

    assert healthy == ask(regression, False)
    assert healthy != ask(regression, True)


def test_regressions__have_names_and_promises_of_their_own() -> None:
    names = [mutant.name for mutant in (*REGRESSIONS, *THIRD, *MUTANTS)]

    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert all(regression.breaks.endswith(".") for regression in REGRESSIONS + THIRD)


def test_regressions__name_documented_operations_that_reach_the_change() -> None:
    known = {operation.id for operation in OPERATIONS}

    assert {name for one in REGRESSIONS + THIRD for name in (*one.operations, *one.related)} <= known
    assert not any(set(one.operations) & set(one.related) for one in REGRESSIONS + THIRD)
    assert all(regression.operations and regression.shown_by for regression in REGRESSIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_regressions__of_each_kind_are_enough(kind: str) -> None:
    assert sum(regression.kind == kind for regression in REGRESSIONS) >= LEAST[kind]


def test_third_set__has_one_half_that_a_schema_promises() -> None:
    kinds = Counter(regression.kind == "schema" for regression in THIRD)

    assert kinds == {True: 25, False: 25}


def test_regressions__are_spread_over_tags_operations_and_subjects() -> None:
    named = {name for regression in REGRESSIONS for name in regression.operations}
    tags = {operation.tag for operation in OPERATIONS if operation.id in named}
    subjects = Counter(regression.subject for regression in REGRESSIONS)

    assert tags == {operation.tag for operation in OPERATIONS}
    assert {operation.id for operation in OPERATIONS} == named
    assert set(subjects) == set(SUBJECTS)
    assert min(subjects.values()) >= 4


@pytest.mark.parametrize(("half", "regressions"), [("A", HALF_A), ("B", HALF_B)])
def test_halves__are_every_second_name_of_each_kind(
    half: Literal["A", "B"], regressions: tuple[Regression, ...]
) -> None:
    for kind in KINDS:
        names = [regression.name for regression in regressions if regression.kind == kind]

        assert names == names_of_half((one.name for one in REGRESSIONS if one.kind == kind), half)
