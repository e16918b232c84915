"""`mockserver drift --replay`: recorded calls repeated against a fake."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mockserver import Settings
from mockserver.contract.lenient.reading import read_contract
from tests.conftest import Enspace
from tests.invocation import invoke
from tests.traffic.har_client import HarClient

DOCUMENT = read_contract(Settings().spec)
SHIPPED = ("--fixtures", str(Settings().fixtures))


@pytest.fixture
def har(enspace: Enspace) -> HarClient:
    """A recording of the sandbox, in which there were other calls before."""
    for number in range(3):
        made = enspace.post("/ws/roles", json={"name": f"before {number}"}).json()
        enspace.delete(f"/ws/roles/{made['id']}")
    recorder = HarClient(DOCUMENT)
    recorder.watch(enspace)
    return recorder


def replay(file: Path, *options: str) -> Result:
    return invoke("drift", str(file), "--replay", *options)


def make_people(enspace: Enspace) -> None:
    role = enspace.post("/ws/roles", json={"name": "Estagiário"}).json()["id"]
    person = {"email": "nova@example.com", "type": "standard", "role": role}
    member = enspace.post("/ws/members", json=person).json()
    enspace.get(f"/ws/members?role={role}")
    group = enspace.post("/ws/mgroups", json={"name": "Novo", "users": [member["user"]["id"]]}).json()["id"]
    enspace.get(f"/ws/mgroups/{group}")
    enspace.delete(f"/ws/roles/{role}")
    enspace.get(f"/ws/members/{member['id']}")


def make_items(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Projetos"})
    enspace.post("/ws/types/projetos/fields", json={"name": "Nome", "slug": "nome", "type": "text", "required": True})
    item = enspace.post("/ws/types/projetos/items", json={"data": {"nome": "Site"}}).json()
    enspace.put(f"/ws/types/projetos/items/{item['reference']}", json={"data": {"nome": "Portal"}})
    task = enspace.post("/c-quick-tasks", json={"title": "Ligar", "item": item["id"]}).json()["id"]
    enspace.put(f"/c-quick-tasks/{task}", json={"status": "completed"})
    enspace.get("/ws/types/projetos/items")
    enspace.delete("/ws/types/projetos")
    enspace.get(f"/c-quick-tasks/{task}")


def make_refusals(enspace: Enspace) -> None:
    enspace.get("/ws/roles/999999")
    enspace.post("/ws/roles", json={})
    enspace.get("/ws/roles", headers={"en-workspace": "rh-abc"})
    enspace.get("/ws/roles", headers={"x-api-key": "unknown"})
    enspace.get("/ws/roles?colour=red")


def test_own_traffic__is_answered_alike(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    make_people(enspace)
    make_items(enspace)
    make_refusals(enspace)
    result = replay(har.write(tmp_path / "calls.har"), *SHIPPED)
    assert result.output.splitlines()[-1] == f"fidelity 100.0 % of {len(har.calls)} calls"
    assert result.exit_code == 0


def test_key_without_scopes__is_found(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/roles")
    reader = enspace.as_user("bruno.lima@yourcompany.com.br", scopes=["read"])
    har.watch(reader)
    reader.get("/ws/context")
    reader.post("/ws/roles", json={"name": "no"})
    assert "fidelity 100.0 % of 3 calls" in replay(har.write(tmp_path / "calls.har"), *SHIPPED).output


def test_without_fixtures__the_recorded_records_answer(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/mgroups")
    enspace.get("/ws/members?_limit=100")
    enspace.get("/ws/roles")
    make_people(enspace)
    result = replay(har.write(tmp_path / "calls.har"))
    assert f"fidelity 100.0 % of {len(har.calls)} calls" in result.output


def changed(har: HarClient, number: int, **members: Any) -> None:
    """Changes the first record of a recorded answer; a member that is `...` is taken out."""
    content = har.calls[number]["response"]["content"]
    rows = json.loads(content["text"])
    rows[0] = {name: value for name, value in (rows[0] | members).items() if value is not ...}
    content["text"] = json.dumps(rows)


@pytest.mark.parametrize(
    ("members", "difference"),
    [
        ({"description": None}, r"body\[0\]\.description: recorded null, answered \".+\""),
        ({"name": "Other"}, r"body\[0\]\.name: recorded \"Other\", answered \".+\""),
        (
            {"color": "red"} | dict.fromkeys("abcdefgh", 1),
            r"body\[0\]\.color: recorded \"red\", answered no such member and 8 more",
        ),
        ({"description": ...}, r"body\[0\]\.description: recorded no such member, answered \".+\""),
        ({"id": 5}, r"body\[0\]\.id: recorded 5, answered 3"),
        ({"created_at": "2020-02-29T00:00:00.000Z"}, r"body\[0\]\.created_at: recorded \"2020.+"),
    ],
)
def test_difference__is_shown_with_its_place(
    enspace: Enspace, har: HarClient, tmp_path: Path, members: dict[str, Any], difference: str
) -> None:
    enspace.get("/ws/roles")
    enspace.get("/ws/types")
    changed(har, 0, **members)
    result = replay(har.write(tmp_path / "calls.har"), *SHIPPED, "--fail-on", "error")
    assert re.search(rf"  0\.0 % listRoles: 0 of 1\n        call 1: {difference}\n", result.output), result.output
    assert result.output.splitlines()[-1] == "fidelity 50.0 % of 2 calls"


@pytest.mark.parametrize(("is_all", "percent"), [(True, "100.0"), (False, "50.0")])
def test_days__may_all_be_moved_by_the_same_number(
    enspace: Enspace, har: HarClient, tmp_path: Path, is_all: bool, percent: str
) -> None:
    enspace.get("/ws/roles")
    enspace.get("/ws/types")
    for call in har.calls if is_all else har.calls[:1]:
        rows = json.loads(call["response"]["content"]["text"])
        for row in rows if is_all else rows[:1]:
            for name in ("created_at", "updated_at"):
                row[name] = f"{date.fromisoformat(row[name][:10]) - timedelta(days=40)}{row[name][10:]}"
        call["response"]["content"]["text"] = json.dumps(rows)
    assert f"fidelity {percent} % of 2 calls" in replay(har.write(tmp_path / "calls.har"), *SHIPPED).output


def test_status__is_compared(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.post("/ws/roles", json={"name": "Portaria"})
    enspace.get("/ws/roles?name=Portaria")
    har.calls[0]["response"]["status"] = 201
    result = replay(har.write(tmp_path / "calls.har"), *SHIPPED)
    assert "call 1: status: recorded 201, answered 200" in result.output
    assert "100.0 % listRoles" in result.output


@pytest.mark.parametrize(("lowest", "code"), [("50", 0), ("51", 1)])
def test_too_little_fidelity__is_exit_code_1(
    enspace: Enspace, har: HarClient, tmp_path: Path, lowest: str, code: int
) -> None:
    enspace.get("/ws/roles")
    enspace.get("/ws/types")
    changed(har, 0, name="Other")
    file = har.write(tmp_path / "calls.har")
    assert replay(file, *SHIPPED, "--fidelity-min", lowest, "--fail-on", "error").exit_code == code


def test_options_of_a_replay__need_it(har: HarClient, tmp_path: Path) -> None:
    file = har.write(tmp_path / "calls.har")
    result = invoke("drift", str(file), "--fidelity-min", "90")
    assert (result.exit_code, "Fix: add --replay" in result.stderr) == (2, True)


def test_recording_of_something_else__is_not_replayed(tmp_path: Path) -> None:
    call = {"request": {"method": "GET", "url": "http://a.example/b"}, "response": {"status": 200}}
    (tmp_path / "calls.har").write_text(json.dumps({"log": {"entries": [call]}}))
    assert replay(tmp_path / "calls.har", "--fidelity-min", "90").exit_code == 3


def test_calls__that_prove_nothing_are_not_replayed(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    for path in ("/ws/roles", "/ws/types", "/ws/mgroups", "/ws/members"):
        enspace.get(path)
    failing, faulty, cut = (call["response"] for call in har.calls[:3])
    failing["status"], faulty["headers"] = 503, [{"name": "x-mock-source", "value": "fault"}]
    del cut["content"]["text"]
    output = replay(har.write(tmp_path / "calls.har"), *SHIPPED).output
    assert "not replayed: 1 429 or 5xx, 1 made by a fault, 1 the recording has left the body out\n" in output
    assert "fidelity 100.0 % of 1 calls" in output


def test_order_of_equal_rows__does_not_count(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/c-quick-tasks?_sort=status:ASC")
    content = har.calls[0]["response"]["content"]
    rows = json.loads(content["text"])
    content["text"] = json.dumps(sorted(rows, key=lambda row: (row["status"], -row["id"])))
    assert "fidelity 100.0 % of 1 calls" in replay(har.write(tmp_path / "calls.har"), *SHIPPED).output


def test_secret_that_was_not_recorded__gets_an_example(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    data = {"environment": "stage", "api_key": "secret", "from_email": "a@example.com", "from_name": "A"}
    enspace.post("/integrations", json={"integration": 4, "data": data})
    file = har.write(tmp_path / "calls.har")
    assert "***" in file.read_text()
    assert "fidelity 100.0 % of 1 calls" in replay(file, *SHIPPED).output
