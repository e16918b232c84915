"""`mockserver drift --narrow`: what thirty records without an exception say is a note, and on request an edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.conftest import Recorder
from tests.traffic.har_programs import write_har
from tests.traffic.reference.deviations import QUICK, ROLES, in_records
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.reference.tour import take_tour, visitor

ADDRESSED = in_records(lambda r: r.update(description=f"{r['id']}@aurora.com.br"), *QUICK, some=False)
DESCRIBED = in_records(lambda r: r.update(description="Portaria"), *ROLES, some=False)


@pytest.fixture(scope="module")
def narrow_har() -> str:
    """A recording in which no quick task and no role is without description; there are fewer than thirty roles."""
    with ReferenceServer([ADDRESSED, DESCRIBED]) as server, visitor(server.url) as client:
        take_tour(client)
        return write_har("Playwright", client.exchanges)


@pytest.fixture
def file(recorder: Recorder, narrow_har: str) -> Path:
    path = recorder.folder / "narrow.har"
    path.write_text(narrow_har, encoding="utf-8")
    return path


def test_thirty_records__are_notes_that_fail_nothing(recorder: Recorder, file: Path) -> None:
    result = recorder.drift(file, "--narrow")
    assert "note    QuickTask.description: received never null, documented: nullable" in result.stdout
    assert "note    QuickTask.description: received always email, documented: any text" in result.stdout
    assert "Role.description" not in result.stdout
    assert result.exit_code == 0


def test_contract__is_not_narrowed_unasked(recorder: Recorder, file: Path) -> None:
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"


def test_patch__narrows_and_ends_the_notes(recorder: Recorder, file: Path) -> None:
    patch = recorder.folder / "narrow.patch"
    recorder.drift(file, "--narrow", "--patch", patch)
    recorder.apply(patch)
    assert recorder.lint() == "0 finding(s)\n"
    assert recorder.drift(file, "--narrow").stdout.splitlines()[-1] == "no drift"
    with ReferenceServer() as server, visitor(server.url) as client:
        take_tour(client)
        file.write_text(write_har("Playwright", client.exchanges), encoding="utf-8")
    assert "QuickTask.description: received null, documented: string" in recorder.drift(file).stdout


def test_documented_part__is_not_narrowed(recorder: Recorder, file: Path) -> None:
    assert "UserApiKey" not in recorder.drift(file, "--narrow").stdout
