"""Records of others stay as they are, whatever the seed, the depth and the mode, and after a killed run.

SAFETY_SEEDS sets the number of seeds, SAFETY_DEPTHS the depths, SAFETY_KILLS the number of kills on each target.
"""

# ruff: noqa: F811
from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.contract.document import Document
from mockserver.settings import environment_with
from mockserver.verify.contract_run import verify
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.safety.limits import Limits, Mode
from tests.invocation import invoke
from tests.verify import others
from tests.verify.conftest import document  # noqa: F401
from tests.verify.others import Moment, Place

SEEDS = int(os.environ.get("SAFETY_SEEDS", "1"))
DEPTHS = [Depth(name) for name in os.environ.get("SAFETY_DEPTHS", "quick").split(",")]
KILLS = int(os.environ.get("SAFETY_KILLS", "1"))
REQUESTS = {"second": 250, "fake": 600}  # of a quick run, about
PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "second": lambda fixtures: others.second(),
    "leading away": lambda fixtures: others.leading_away(),
    "fake": others.fake,
}
# `own-data` reads all that `read-only` does.
RUNS = [("leading away", Mode.READ_ONLY), *((name, Mode.OWN_DATA) for name in PLACES)]


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of the demo, grown to 100 items, members and quick tasks."""
    folder = tmp_path_factory.mktemp("seeded") / "fixtures"
    wanted = ("--items", "60", "--members", "20", "--quick-tasks", "20")
    done = invoke("seed", "--out", str(folder), *wanted)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, fixtures: Path) -> Iterator[Place]:
    with PLACES[request.param](fixtures) as place:
        yield place


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """All addresses that this process has connected to."""
    connect, seen = socket.socket.connect, set[Any]()

    def noted(self: socket.socket, address: Any) -> None:
        seen.add(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return seen


@pytest.mark.starts_first
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("place", "mode"), RUNS, indirect=["place"])
def test_run__leaves_everything_as_it_was(
    place: Place, document: Document, tmp_path: Path, addresses: set[Any], depth: Depth, mode: Mode, seed: int
) -> None:
    before, limits = place.dump(), Limits(mode=mode)
    plan = Plan(
        place.url, document, place.credentials, limits, depth, seed, tags=place.tags, ledger=tmp_path / "ledger"
    )
    results = verify(plan)
    ended = [part.why for part in results.not_tested if part.what == "the rest of the run"]
    print(f"{results.guard.sent} requests, {results.cleanup.created} records created {ended}")
    assert place.dump() == before
    assert addresses == {("127.0.0.1", urlsplit(place.url).port)}
    assert results.cleanup.created == results.cleanup.deleted
    assert (results.cleanup.created > 0) == (mode is Mode.OWN_DATA)
    assert not results.cleanup.left
    assert not (place.is_honest and results.findings)
    # A check that fails on an answer is not tested, so that no answer, however odd, stops a run.
    unread = [part for part in results.not_tested if "could not read" in part.why]
    assert not (place.is_honest and unread)


def mockserver(place: Place, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = environment_with(
        MOCKSERVER_VERIFY_KEY=place.credentials.key, MOCKSERVER_VERIFY_WORKSPACE=place.credentials.workspace
    )
    command = [sys.executable, "-m", "mockserver", "verify", *arguments]
    return subprocess.Popen(command, env=environment, cwd=folder, text=True, stdout=-1, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("number", range(KILLS))
@pytest.mark.parametrize(("place", "requests"), REQUESTS.items(), indirect=["place"])
def test_killed_run__is_finished_by_its_ledger(place: Place, tmp_path: Path, requests: int, number: int) -> None:
    before, moment = place.dump(), Moment.by_chance(random.Random(number), requests)
    place.kill_at(moment)
    tags = ",".join(place.tags or ("Roles", "Member Groups"))
    options = ("--seed", str(number), "--depth", "quick", "--tags", tags)
    moment.process = mockserver(place, tmp_path, place.url, *options)
    output = moment.process.communicate()[0]
    ledger = tmp_path / "verify-ledger.jsonl"
    print(f"request {moment.number}, {moment.way}: exit code {moment.process.returncode} {output.strip()[-200:]}")
    if ledger.exists():
        done = mockserver(place, tmp_path, "--clean", str(ledger)).communicate()[0]
        print(done)
        assert re.fullmatch(r"Nothing was created\.\n|(\d+) records created, \1 deleted, none left\.\n", done)
    assert not ledger.exists()
    assert place.dump() == before
