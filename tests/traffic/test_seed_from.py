"""`mockserver seed --from`: the records of recordings as fixtures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mockserver import Settings
from mockserver.app import assemble
from mockserver.contract.lenient.reading import read_contract
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.pseudonyms import Pseudonyms
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, OTHER_WORKSPACE_KEY, Enspace
from tests.invocation import invoke
from tests.traffic.har_client import HarClient

LISTS = (
    *("/ws", "/ws/types", "/ws/members", "/ws/roles", "/ws/mgroups", "/c-flow-tasks", "/c-flow-stages", "/c-flows"),
    *("/c-forms", "/c-quick-tasks", "/integrations", "/c-schedule-tasks"),
)
ITEMS = "/ws/types/{}/items?_limit=100"
DOCUMENT = read_contract(Settings().spec)


def read_all(client: AsgiClient) -> None:
    """Reads the first page of each list of a workspace."""
    client.get("/ws/context")
    for path in LISTS:
        client.get(path, params={} if path == "/ws" else {"_limit": 100})
    for row in client.get("/ws/types?_limit=100").json():
        client.get(f"/ws/types/{row['slug']}")
        client.get(ITEMS.format(row["slug"]))
    for row in client.get("/ws/roles?_limit=100").json():
        client.get(f"/ws/roles/{row['id']}/permissions")


@pytest.fixture
def har(enspace: Enspace) -> HarClient:
    """A recording of the sandbox, as it is."""
    recorder = HarClient(DOCUMENT)
    recorder.watch(enspace)
    return recorder


def seed(out: Path, *files: Path, options: tuple[str, ...] = ("--keep-values",)) -> Result:
    named = [argument for file in files for argument in ("--from", str(file))]
    return invoke("seed", *named, "--out", str(out), *options)


def serve(folder: Path) -> AsgiClient:
    """Serves written fixtures, with the demo key that the command names."""
    fake = assemble(Settings(fixtures=folder, keep_dates=True))
    key, workspace = fake.credentials()
    return AsgiClient(fake.app, headers={"x-api-key": key, "en-workspace": workspace})


def rows_of(calls: list[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The path and the rows of each recorded list."""
    for call in calls:
        body = json.loads(call["response"]["content"].get("text") or "null")
        if call["request"]["method"] == "GET" and isinstance(body, list):
            yield call["request"]["url"].removeprefix("http://127.0.0.1"), body


def test_fixtures_from_own_traffic__give_the_recorded_lists(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    read_all(enspace)
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert result.exit_code == 0, result.output
    assert "left out" not in result.output
    client = serve(tmp_path / "out")
    for path, rows in rows_of(har.calls):
        assert client.get(path).json() == rows, path


def test_fixtures_of_two_workspaces__hold_both(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    read_all(enspace)
    first = har.write(tmp_path / "first.har")
    other = HarClient(DOCUMENT)
    client = enspace.as_user("eduarda.rocha@yourcompany.com.br", "rh-abc")
    other.watch(client)
    read_all(client)
    result = seed(tmp_path / "out", first, other.write(tmp_path / "second.har"))
    assert result.exit_code == 0, result.output
    slugs = {row["slug"] for row in serve_rows(tmp_path / "out", "workspaces")}
    assert {"company-abc", "rh-abc"} <= slugs
    assert OTHER_WORKSPACE_KEY not in (tmp_path / "out" / "api_keys.yaml").read_text()


def serve_rows(folder: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = serve(folder).get("/_mock/state").json()[table]
    return rows


def test_items_alone__get_the_parents_that_they_name(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    choice = {"name": "Tipo", "type": "select", "required": True, "options": {"choices": ["a", "b"]}}
    enspace.post("/ws/types/chamados/fields", json=choice | {"slug": "tipo"})
    enspace.get("/ws/types/chamados")
    enspace.get(ITEMS.format("contratos"))
    enspace.get("/c-schedule-tasks?_limit=100")
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert re.search(r"completed, as answers only named them: .*\d+ tasks, \d types", result.output), result.output
    client = serve(tmp_path / "out")
    for path, rows in rows_of(har.calls):
        assert client.get(path).json() == rows, path
    unseen = [item["data"] for item in client.get(ITEMS.format("chamados")).json()]
    assert unseen == [{"assunto": "-", "contato": "nobody@example.com", "tipo": "a"}] * len(unseen) != []


def test_changes__win_over_earlier_answers(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    roles = enspace.get("/ws/roles").json()
    kept, gone = roles[0]["id"], roles[-1]["id"]
    enspace.put(f"/ws/roles/{kept}", json={"name": "Chefia"})
    enspace.delete(f"/ws/roles/{gone}")
    made = enspace.post("/ws/roles", json={"name": "Estágio"}).json()
    enspace.post("/ws", json={"name": "Nova", "slug": "nova-abc"})
    assert seed(tmp_path / "out", har.write(tmp_path / "calls.har")).exit_code == 0
    client = serve(tmp_path / "out")
    assert {row["slug"]: row["member_type"] for row in client.get("/ws").json()}["nova-abc"] == "owner"
    rows = {row["id"]: row["name"] for row in client.get("/ws/roles").json()}
    assert rows[kept] == "Chefia"
    assert rows[made["id"]] == "Estágio"
    assert gone not in rows


def test_files__are_read_in_the_order_of_their_calls(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/roles/3")
    first, har.calls = har.write(tmp_path / "first.har"), []
    enspace.put("/ws/roles/3", json={"name": "Chefia"})
    second = har.write(tmp_path / "second.har")
    assert seed(tmp_path / "out", second, first).exit_code == 0
    assert [row["name"] for row in serve_rows(tmp_path / "out", "roles")] == ["Chefia"]


def test_item_in_a_later_stage__gets_a_flow_with_a_start(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    items = enspace.get(ITEMS.format("contratos")).json()
    later = next(item["reference"] for item in items if item["stage"] and not item["stage"]["is_start"])
    har.calls.clear()
    item = enspace.get(f"/ws/types/contratos/items/{later}").json()
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert "left out" not in result.output
    assert serve(tmp_path / "out").get(f"/ws/types/contratos/items/{later}").json() == item


def test_deleted_type__takes_its_items_along(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get(ITEMS.format("clientes"))
    enspace.get("/ws/types")
    enspace.delete("/ws/types/clientes")
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert "28 of items: `item_type` is unknown or deleted" in result.output
    assert serve(tmp_path / "out").get("/ws/types/clientes").status_code == 404


def test_raw_recording__loses_its_personal_data(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    read_all(enspace)
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"), options=())
    assert result.exit_code == 0, result.output
    assert "left out" not in result.output
    for table in ("users", "items", "quick_tasks", "members"):
        text = (tmp_path / "out" / f"{table}.yaml").read_text()
        assert not re.search(r"Souza|yourcompany|Construtora|11\.222\.333", text), table


def test_masked_recording__keeps_its_values(enspace: Enspace, tmp_path: Path) -> None:
    har = HarClient(DOCUMENT, PersonalData(DOCUMENT, Pseudonyms(b"key")))
    har.watch(enspace)
    read_all(enspace)
    assert seed(tmp_path / "out", har.write(tmp_path / "calls.har"), options=()).exit_code == 0
    client = serve(tmp_path / "out")
    lists = [(client.get(path).json(), rows) for path, rows in rows_of(har.calls)]
    equal = sum(row in answered for answered, rows in lists for row in rows)
    assert equal / sum(len(rows) for _, rows in lists) >= 0.95


def test_demo_key__is_a_new_one(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/types")
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    key = re.search(r"demo key (en\.\w{34}), workspace company-abc", result.output)
    assert key is not None
    assert key[1] != enspace.headers["x-api-key"]
    assert serve(tmp_path / "out").post("/ws/roles", json={"name": "Nova"}).status_code == 200


def test_secrets_of_a_browser_recording__are_not_in_fixtures(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get(ITEMS.format("clientes"))
    content = har.calls[0]["response"]["content"]
    rows = json.loads(content["text"])
    rows[0]["data"] |= {"senha": "minhaSenha1", "site": f"https://a.example/?token=abcdef&key={FULL_KEY}"}
    content["text"] = json.dumps(rows)
    har.calls[0]["request"]["headers"] = [
        {"name": "x-api-key", "value": FULL_KEY}, {"name": "en-workspace", "value": "company-abc"}
    ]  # fmt: skip
    assert seed(tmp_path / "out", har.write(tmp_path / "calls.har")).exit_code == 0
    written = "".join(file.read_text() for file in (tmp_path / "out").glob("*.yaml"))
    assert not re.search(f"minhaSenha1|abcdef|{FULL_KEY}", written)
    assert len(serve(tmp_path / "out").get(ITEMS.format("clientes")).json()) == len(rows)


def test_values__are_replaced_alike_in_all_files(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/types/clientes/items?razao_social=Construtora%20Horizonte%20Ltda.")
    first, har.calls = har.write(tmp_path / "first.har"), []
    enspace.get("/ws/types/fornecedores/items?_limit=1")
    (call,) = har.calls
    call["response"]["content"]["text"] = re.sub(
        '("razao_social": )"[^"]+"', r'\1"Construtora Horizonte Ltda."', call["response"]["content"]["text"]
    )
    assert seed(tmp_path / "out", first, har.write(tmp_path / "second.har"), options=()).exit_code == 0
    names = {row["data"]["razao_social"] for row in serve_rows(tmp_path / "out", "items")}
    assert len(names) == 1
    assert names != {"Construtora Horizonte Ltda."}


def test_contradicting_records__leave_the_newer_one(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/roles/3")
    enspace.get("/ws/roles/4")
    name = json.loads(har.calls[1]["response"]["content"]["text"])["name"]
    older = json.loads(har.calls[0]["response"]["content"]["text"]) | {"name": name}
    har.calls[0]["response"]["content"]["text"] = json.dumps(older)
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert "left out: 1 of roles: `name`, such as: another row has the same workspace and name" in result.output
    assert [row["id"] for row in serve_rows(tmp_path / "out", "roles")] == [4]


@pytest.mark.parametrize(
    ("member", "value", "code"), [("status", "unheard-of", "values `status` in types"), ("name", 7, "types: `name`")]
)
def test_record_that_breaks_the_contract__is_repaired_or_left_out(
    enspace: Enspace, har: HarClient, tmp_path: Path, member: str, value: Any, code: str
) -> None:
    enspace.get("/ws/types")
    rows = json.loads(har.calls[0]["response"]["content"]["text"])
    rows[0][member] = value
    har.calls[0]["response"]["content"]["text"] = json.dumps(rows)
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert re.search(rf"left out: 1 of (the )?{code}, such as: {member}: ", result.output), result.output
    assert len(serve_rows(tmp_path / "out", "types")) == (len(rows) if member == "status" else len(rows) - 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "received no HAR file"),
        ('{"log": {"entries": []}}', "received no entries"),
        ('{"log": {"entries": [{"request"', "received no HAR file"),
        ("{}", "received no entries"),
        ('{"log": {"entries": [{"request": {"method": "GET", "url": "http://a/b"}, "response": {"status": 200}}]}}',
         "show no record of this API: 1 another API"),
    ],
)  # fmt: skip
def test_unusable_recording__writes_nothing(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "calls.har").write_text(text)
    result = seed(tmp_path / "out", tmp_path / "calls.har")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


def test_cut_recording__gives_what_is_there(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/types")
    enspace.get("/ws/roles")
    file = har.write(tmp_path / "calls.har")
    file.write_text(file.read_text()[:-300])
    result = seed(tmp_path / "out", file)
    assert result.exit_code == 0
    assert "1 cut off" in result.output
    assert len(serve(tmp_path / "out").get("/ws/types").json()) == 5


def test_existing_folder__stays(enspace: Enspace, har: HarClient, tmp_path: Path) -> None:
    enspace.get("/ws/types")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    result = seed(tmp_path / "out", har.write(tmp_path / "calls.har"))
    assert (result.exit_code, [file.name for file in (tmp_path / "out").iterdir()]) == (2, ["mine"])


def test_files_without_from__are_refused(tmp_path: Path) -> None:
    result = invoke("seed", "calls.har", "--out", str(tmp_path / "out"))
    assert (result.exit_code, "Fix: --from calls.har" in result.stderr) == (2, True)
