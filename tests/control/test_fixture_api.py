"""Download and upload of all records of a sandbox."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.fixture_files.fixture_validator import load_world
from tests.conftest import Enspace


def zipped(**files: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.yaml", content)
    return packed.getvalue()


def load(enspace: Enspace, packed: bytes) -> Any:
    return enspace.post("/_mock/fixtures.zip", content=packed, headers={"content-type": "application/zip"})


def test_fixtures__downloaded_and_uploaded_are_unchanged(enspace: Enspace) -> None:
    task = enspace.get("/_mock/state/tasks/73").json() | {"settings": {"deep": json.loads("[" * 80 + "]" * 80)}}
    assert enspace.put("/_mock/state/tasks/73", json=task).status_code == 200
    before = enspace.state()
    rows = enspace.get("/_mock/fixtures").json()
    enspace.post("/ws/roles", json={"name": "Auditor", "description": None})
    answer = enspace.post("/_mock/fixtures", json=rows)
    assert (answer.status_code, answer.json()["records"]["roles"]) == (200, len(before["roles"]))
    assert enspace.state() == before
    assert enspace.get("/ws/types").status_code == 200  # the rows have its key masked


def test_fixtures__are_a_snapshot_and_a_reset_restores_the_initial_ones(enspace: Enspace) -> None:
    before = enspace.state()
    rows = enspace.get("/_mock/fixtures").json()
    assert enspace.post("/_mock/fixtures", json={**rows, "quick_tasks": []}).status_code == 200
    assert enspace.get("/_mock/snapshots").json() == [{"name": "upload"}]
    assert enspace.state()["quick_tasks"] == []
    enspace.post("/_mock/reset")
    assert enspace.state() == before


def test_files__are_served_as_they_are(enspace: Enspace, tmp_path: Path) -> None:
    packed = enspace.get("/_mock/fixtures.zip").content
    with ZipFile(BytesIO(packed)) as archive:
        assert b"***" in archive.read("api_keys.yaml")
        archive.extractall(tmp_path)
    keys = (tmp_path / "api_keys.yaml").read_text(encoding="utf-8").splitlines()
    named = [line.replace("key: '***'", f"key: en.Mine{number:030}") for number, line in enumerate(keys)]
    (tmp_path / "api_keys.yaml").write_text("\n".join(named), encoding="utf-8")
    world = load_world(tmp_path, load_document(Settings().spec))
    assert len(world["items"]) == len(enspace.state()["items"])
    assert load(enspace, packed).status_code == 200


@pytest.mark.parametrize(
    ("packed", "part"),
    [
        (b"x", "received no zip archive"),
        (zipped(other=b""), "the archive holds none of users.yaml"),
        (zipped(users=b"- {"), "users.yaml:2: not readable as YAML"),
        (zipped(users=b"a: 1"), "users.yaml:1: not a list"),
        (zipped(users=b"\xff"), "users.yaml: not readable"),
        (zipped(users=b"- {id: 1}"), "users, row 1: `email` is missing."),
        (zipped(users=b"- 1"), "users, row 1: the row has no members"),
    ],
)
def test_files__that_cannot_be_used_change_nothing(enspace: Enspace, packed: bytes, part: str) -> None:
    before = enspace.state()
    answer = load(enspace, packed)
    assert answer.status_code == 400
    assert part in answer.json()["detail"]
    assert enspace.state() == before


@pytest.mark.parametrize(
    ("size", "part"),
    [(2**21, "users, row 1: `email` is missing."), (2**21 + 1, "the archive holds more than 2097152 bytes")],
)
def test_files__that_state_too_large_a_size_are_not_unpacked(enspace: Enspace, size: int, part: str) -> None:
    packed = bytearray(zipped(users=b"- {id: 1}"))
    place = packed.rindex(b"PK\1\2") + 24  # the unpacked size in the directory at the end of the archive
    packed[place : place + 4] = size.to_bytes(4, "little")
    assert part in load(enspace, bytes(packed)).json()["detail"]


def test_rows__of_an_unknown_collection_are_refused(enspace: Enspace) -> None:
    answer = enspace.post("/_mock/fixtures", json={"usrs": []})
    assert answer.status_code == 400
    assert "no collection 'usrs'; known are api_keys, fields" in answer.json()["detail"]
    rows = enspace.get("/_mock/fixtures").json()
    rows["flows"][0]["status"] = 5
    answer = enspace.post("/_mock/fixtures", json=rows)
    (error,) = answer.json()["errors"]
    assert (error["collection"], error["row"], "5 is not" in error["message"]) == ("flows", 1, True)
