"""The table of mutants itself: forty, spread over the contract, and each has an effect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver import Settings
from mockserver.app import assemble
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from tests.asgi_client import AsgiClient
from tests.verify.exchange import App
from tests.verify.mutant import Mutant, Send
from tests.verify.mutants import MUTANTS

CLOCK = "2026-03-20T12:00:00.000Z"

LastAnswer = tuple[int, str, str, str, float]  # status, media type, Allow, body, delay
Ask = Callable[[Mutant, bool], LastAnswer]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Sends the script of a mutant, to it or to the healthy fake, and returns the last answer."""
    fake = assemble(Settings(clock=CLOCK))
    with AsgiClient(fake.app):

        def play(mutant: Mutant, is_broken: bool) -> LastAnswer:
            delays: list[float] = []

            async def sleep(seconds: float) -> None:
                delays.append(seconds)

            app: App = mutant.of(fake.app, sleep=sleep) if is_broken else fake.app
            client = AsgiClient(app)
            client.post("/_mock/reset").raise_for_status()
            answer = _send_all(client, mutant.shown_by)
            headers = answer.headers
            head = answer.status_code, headers.get("content-type", ""), headers.get("allow", "")
            return *head, answer.text, sum(delays)

        return play


def _send_all(client: AsgiClient, script: tuple[Send, ...]) -> Any:
    answer, made = None, None
    for send in script:
        method, path = send.line.split(" ")
        answer = client.request(method, path.replace("{id}", str(made)), json=send.body, headers=send.headers)
        made = answer.json()["id"] if method == "POST" and answer.is_success else made
    return answer


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant__answers_otherwise_than_the_healthy_fake(mutant: Mutant, ask: Ask) -> None:
    healthy = ask(mutant, False)

    assert healthy == ask(mutant, False)
    assert healthy != ask(mutant, True)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant__breaks_nothing_else(mutant: Mutant, ask: Ask) -> None:
    paths = {send.line.split(" ")[1].partition("?")[0].replace("{id}", "301") for send in mutant.shown_by}
    odd = [Send(f"{method} {path}", ["odd"]) for path in sorted(paths) for method in ("OPTIONS", "POST", "PUT")]
    scripts = [replace(mutant, shown_by=(send,)) for send in odd]

    differs = [one.shown_by[0].line for one in scripts if ask(one, False) != ask(one, True)]
    assert differs == (["POST /c-flow-stages", "PUT /c-flow-stages"] if mutant.name == "405-without-allow" else [])


def test_mutants__are_forty_with_names_of_their_own() -> None:
    names = [mutant.name for mutant in MUTANTS]

    assert len(names) == len(set(names)) == 40
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert len({mutant.breaks for mutant in MUTANTS}) == 40


def test_mutants__are_spread_over_all_tags() -> None:
    operations = {operation.id: operation for operation in read_operations(load_document(Settings().spec))}
    tags = Counter(operations[mutant.operations[0]].tag for mutant in MUTANTS)

    assert set(tags) == {operation.tag for operation in operations.values()}
    assert max(tags.values()) <= 5
