"""Bounds of the control API: sizes and processor time, so that no call keeps other clients waiting."""

from __future__ import annotations

import pytest

from tests.conftest import Enspace
from tests.control.test_fixture_api import load, zipped

UNORDERED = {"body": {"data": {"numero": "CT-9", "tags": {"$unordered": [*range(300, 0, -1)]}}}}


def test_body__beyond_the_limit_is_a_413(enspace: Enspace) -> None:
    answer = enspace.post("/_mock/fixtures", json={"users": ["x" * 2_200_000]})
    assert answer.status_code == 413
    assert answer.json()["detail"] == "body: received more than 2097152 bytes, documented: at most 2097152"


def test_archive__beyond_the_limit_is_a_413(enspace: Enspace) -> None:
    assert load(enspace, bytes(2_200_000)).status_code == 413


def test_archive__with_many_values_names_their_line(enspace: Enspace) -> None:
    answer = load(enspace, zipped(users=b"- {}\n" * 120_000))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("users.yaml:40000: more than 40000 values and keys")


def test_archive__nested_deeply_is_refused(enspace: Enspace) -> None:
    answer = load(enspace, zipped(users=b"- " + b"[" * 90_000))
    assert answer.status_code == 400
    assert "users.yaml:1: not readable as YAML: nested deeper than 100 levels" in answer.json()["detail"]


def test_body__in_chunks_is_read(enspace: Enspace) -> None:
    content, json = iter([b'{"frozen"', b": true}"]), {"content-type": "application/json"}
    assert enspace.put("/_mock/clock", content=content, headers=json).json()["frozen"] is True


@pytest.mark.parametrize("part", [b"[],", b"{},"])
def test_body__with_many_parts_is_refused(enspace: Enspace, part: bytes) -> None:
    json = {"content-type": "application/json"}
    answer = enspace.post("/_mock/fixtures", content=b'{"users": [' + part * 110_000 + b"1]}", headers=json)
    assert answer.status_code == 400
    assert "received more than 100000 objects and lists, documented: at most 100000" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/_mock/journal/verify", "/_mock/journal/find"])
def test_expectation__that_takes_too_long_is_refused(
    enspace: Enspace, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("mockserver.control.expectations._MAX_SECONDS", 0.001)
    enspace.post("/ws/types/contratos/items", json={"data": {"numero": "CT-9", "tags": [*range(1, 301)]}})
    answer = enspace.post(path, json={"expectation": UNORDERED} if "find" in path else {"expectations": [UNORDERED]})
    assert answer.status_code == 400
    assert "this takes more than 0.001 seconds of processor time; expect fewer calls" in answer.json()["detail"]


def test_message__of_a_large_value_is_short(enspace: Enspace) -> None:
    answer = enspace.post("/_mock/fixtures", json={"users": {"a": [["b"]] * 1_000}})
    detail = answer.json()["detail"]
    assert detail.startswith('body.users: received {"a":[["b"],["b"]')
    assert detail.endswith("…, documented: array")
