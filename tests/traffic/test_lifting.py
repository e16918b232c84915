"""`mockserver drift --lift`: what was inferred and recordings confirm becomes observed."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.lenient.reading import interpret
from tests.traffic.conftest import Recorder, changed


@pytest.fixture
def lifted(recorder: Recorder) -> dict[str, Any]:
    """The contract after a patch that lifts what a recording confirms; it contradicts the name of a group."""
    har = changed(recorder.har(), "/ws/mgroups", lambda group: group.update(name=None))
    patch = recorder.folder / "lifted.patch"
    recorder.drift(recorder.write(har), "--lift", "--patch", patch)
    recorder.apply(patch)
    contract = recorder.folder / "openapi.yaml"
    return interpret(contract, contract.read_text()).raw


def provenance(contract: dict[str, Any], *place: str) -> dict[str, Any]:
    part = contract
    for name in place:
        part = part[name]
    found: dict[str, Any] = part["x-provenance"]
    return found


def test_operation__is_observed_with_its_answers(recorder: Recorder, lifted: dict[str, Any]) -> None:
    listed = provenance(lifted, "paths", "/c-quick-tasks", "get")
    assert listed == {"status": "inferred", "source": "sendgrid-2021823m0", "observed": ["method", "path"]}
    never_called = provenance(lifted, "paths", "/c-quick-tasks", "post")
    assert never_called == {"status": "inferred", "source": "sendgrid-2021823m0"}
    assert recorder.lint() == "0 finding(s)\n"


def test_schema__is_observed_once_all_its_members_are(lifted: dict[str, Any]) -> None:
    """A documented part stays documented, and a contradicted one keeps what it has."""
    role, created, group = (
        provenance(lifted, "components", "schemas", n) for n in ("Role", "CreatedAt", "MemberGroup")
    )
    assert role == {"status": "observed", "source": "atualizar-cargo-18086905e0"}
    assert created == {"status": "documented", "source": "sendgrid-2021823m0"}
    assert (group["status"], group["observed"]) == ("partly-documented", ["created_at", "updated_at"])


def test_lifting_twice__changes_nothing(recorder: Recorder, lifted: dict[str, Any]) -> None:
    patch = recorder.folder / "second.patch"
    recorder.drift(recorder.folder / "calls.har", "--lift", "--patch", patch)
    assert patch.read_text() == ""
