"""`--reload`: edits of contract and fixtures while the server runs."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import httpx
import pytest

from mockserver import MockServer, Settings
from mockserver.testing.enspace_client import Enspace
from tests.conftest import HEADERS, READ_ONLY_KEY
from tests.live import PATIENCE, mockserver

SMALL = """
openapi: 3.0.3
info: {title: Small, version: '1'}
paths:
  /things:
    get: {operationId: listThings, responses: {'200': {description: Things.}}}
"""
MORE = """
  /others:
    get: {operationId: listOthers, responses: {'200': {description: Others.}}}
"""


class EditedServer:
    """A server whose files a test edits, with the lines that it prints about each reload."""

    def __init__(self, stack: ExitStack, **settings: Path) -> None:
        self._stack = stack
        self._server = MockServer(reload=True, **settings).start()
        stack.callback(self._server.stop)
        self.client = stack.enter_context(httpx.Client(base_url=self._server.url, headers=HEADERS, timeout=PATIENCE))

    def sandbox(self, **options: Any) -> Enspace:
        return self._stack.enter_context(self._server.sandbox(**options))

    def edit(self, path: Path, old: str, new: str) -> str:
        """Replaces a text in a file, and returns the line that the server prints about it."""
        text = path.read_text(encoding="utf-8")
        assert old in text
        # Not `capsys`: its buffer loses what another thread writes while it is emptied.
        with redirect_stderr(StringIO()) as errors:
            path.write_text(text.replace(old, new), encoding="utf-8")
            return self._line_in(errors)

    def _line_in(self, errors: StringIO) -> str:
        """Waits for a printed line; meanwhile every request has to be answered."""
        end = monotonic() + PATIENCE
        while not (printed := errors.getvalue()).endswith("\n"):
            assert self.client.get("/_mock/ready").status_code == 200
            assert monotonic() < end, f"no whole line was printed: {printed!r}"
        return printed.removeprefix("reload: ").rstrip("\n")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return Path(shutil.copy(Settings().spec, tmp_path / "openapi.yaml"))


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Settings().fixtures, tmp_path / "fixtures"))


@pytest.fixture
def edited(spec: Path, fixtures: Path) -> Iterator[EditedServer]:
    with ExitStack() as stack:
        yield EditedServer(stack, spec=spec, fixtures=fixtures)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[EditedServer]:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    with ExitStack() as stack:
        yield EditedServer(stack, spec=tmp_path / "small.yaml")


def test_row__changed_is_served(edited: EditedServer, fixtures: Path) -> None:
    assert edited.client.get("/ws/types/contratos").json()["name"] == "Contratos"
    line = edited.edit(fixtures / "types.yaml", "name: Contratos,", "name: Acordos,")
    assert line == "fixtures/types.yaml: 1 row changed"
    assert edited.client.get("/ws/types/contratos").json()["name"] == "Acordos"


def test_operation__added_is_served(small: EditedServer, tmp_path: Path) -> None:
    assert small.client.get("/others").status_code == 404
    line = small.edit(tmp_path / "small.yaml", SMALL, SMALL.replace("Things.", "All.") + MORE)
    assert line == "small.yaml: 1 operation added, 1 changed"
    assert [small.client.get(path).status_code for path in ("/things", "/others")] == [200, 200]
    assert "/others" in small.client.get("/openapi.json").json()["paths"]


def test_files__behind_symbolic_links_are_watched(spec: Path, fixtures: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / "openapi.yaml").symlink_to(spec)
    (tmp_path / "types").mkdir()
    types = (fixtures / "types.yaml").rename(tmp_path / "types" / "types.yaml")
    (fixtures / "types.yaml").symlink_to(types)
    (links / "fixtures").symlink_to(fixtures)
    with ExitStack() as stack:
        settings = {"spec": links / "openapi.yaml", "fixtures": links / "fixtures"}
        server = EditedServer(stack, **settings)
        assert server.edit(types, "name: Contratos,", "name: Acordos,") == "fixtures/types.yaml: 1 row changed"
        assert server.edit(spec, "title: Enspace", "title: Enspace  # ours").startswith("openapi.yaml: ")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Small", "Tiny", "other parts changed"),
        ("/things:", "/things:  # all of them", "only comments and layout changed"),
        ("paths:", "components: {schemas: {Thing: {type: object}}}\npaths:", "1 component added"),
        ("/things", "/elsewhere", "1 operation added, 1 removed"),
    ],
)
def test_change__is_reported_in_one_line(small: EditedServer, tmp_path: Path, old: str, new: str, line: str) -> None:
    assert small.edit(tmp_path / "small.yaml", old, new) == f"small.yaml: {line}"


def test_contract__broken_is_reported_while_the_previous_one_is_served(small: EditedServer, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    line = small.edit(path, "/things:", "/things: [")
    assert line.startswith(f"{path}:7: not readable as YAML: ")
    assert line.endswith("Fix: correct that line. The previous version is still served.")
    assert small.client.get("/things").status_code == 200
    assert small.edit(path, "/things: [", "/things:") == "the files are again as they are served"


def test_contract__that_raises_an_unexpected_error_is_reported(
    small: EditedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.app.read_operations", lambda document: [][0])
    line = small.edit(tmp_path / "small.yaml", "Things.", "All.")
    assert line.startswith("small.yaml cannot be served (IndexError(")
    assert small.client.get("/things").status_code == 200


def test_answer__cached_before_the_reload_follows_the_new_contract(edited: EditedServer, spec: Path) -> None:
    assert edited.client.get("/ws/types").status_code == 200
    at = spec.read_text(encoding="utf-8").index("operationId: listTypes")
    operation = spec.read_text(encoding="utf-8")[at:].partition("'200'")[0]
    assert edited.edit(spec, operation + "'200'", operation + "'203'") == "openapi.yaml: 1 operation changed"
    assert edited.client.get("/ws/types").status_code == 203


def test_row__invalid_is_reported_with_its_line(edited: EditedServer, fixtures: Path) -> None:
    path = fixtures / "types.yaml"
    line = edited.edit(path, "slug: contratos,", "slug: contratos, colour: red,")
    assert line.startswith(f"{path}:2: unknown member `colour`. Fix: did you mean `color`?")
    assert edited.client.get("/ws/types/contratos").status_code == 200


def test_sandbox__is_kept_with_its_data_and_keys(edited: EditedServer, fixtures: Path) -> None:
    own = edited.sandbox()
    for client in (own.client, edited.client):
        client.post("/ws/types", json={"name": "Ativos"})
    line = edited.edit(fixtures / "vocabulary.yaml", "# Words", "# The words")
    assert line == "vocabulary.yaml: changed"
    assert [client.get("/ws/types/ativos").status_code for client in (own.client, edited.client)] == [200, 200]


def test_sandbox__with_its_own_changes_gets_new_rows_when_it_is_reset(edited: EditedServer, fixtures: Path) -> None:
    edited.client.post("/ws/types", json={"name": "Ativos"})
    line = edited.edit(fixtures / "types.yaml", "name: Contratos,", "name: Acordos,")
    assert line.endswith("; the sandbox default has changes of its own and gets the new rows with its next reset")
    assert edited.client.get("/ws/types/contratos").json()["name"] == "Contratos"
    edited.client.post("/_mock/reset")
    assert edited.client.get("/ws/types/contratos").json()["name"] == "Acordos"


def test_sandbox__invalid_under_the_new_contract_is_reset(edited: EditedServer, spec: Path) -> None:
    fit, unfit = edited.sandbox(name="fit"), edited.sandbox(name="unfit")
    unfit.client.post("/ws/types", json={"name": "A" * 80})
    unfit.snapshot("before")
    fit.client.post("/ws/types", json={"name": "Ativos"})
    line = edited.edit(spec, "maxLength: 80, x-faker: type.name", "maxLength: 70, x-faker: type.name")
    assert line.split("; ")[1:] == [
        "the snapshot before of the sandbox unfit is not valid any more and was deleted",
        "the sandbox unfit is not valid any more and was reset",
    ]
    assert "AAAA" not in unfit.client.get("/ws/types").text
    assert fit.client.get("/ws/types/ativos").status_code == 200


def test_sandbox__with_invalid_initial_rows_starts_with_the_new_rows(
    edited: EditedServer, spec: Path, fixtures: Path
) -> None:
    boxes = {rows: edited.sandbox(fixtures=rows, scopes=["read"]) for rows in ("standard", "empty")}
    edited.edit(fixtures / "users.yaml", "fname: Camila", "fname: Bela")
    keys = fixtures / "api_keys.yaml"
    keys.write_text(keys.read_text("utf-8").replace("id: 5984", "id: 9984"), "utf-8")  # a new key
    line = edited.edit(spec, "{fname: {type: string, ", "{fname: {type: string, pattern: '^[^C]', ")
    for rows, own in boxes.items():
        assert f"the sandbox {own.name} is not valid any more and was reset" in line
        assert (own.client.get("/ws/types").json() == []) is (rows == "empty")
        assert own.client.post("/ws/types", json={"name": "Ativos"}).status_code == 403
        listed = edited.client.get("/_mock/keys", params={"sandbox": own.name}).json()
        assert {key["id"]: key["key"] == READ_ONLY_KEY for key in listed}[9984] is False


def test_request__in_progress_is_answered_by_the_previous_contract(small: EditedServer, tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    begun = Event()

    def slow_body() -> Iterator[bytes]:
        yield b"{"
        begun.set()
        assert changed.wait(PATIENCE)
        yield b"}"

    changed = Event()
    path = "/things"
    call = Thread(target=lambda: answers.append(small.client.request("GET", path, content=slow_body())))
    call.start()
    assert begun.wait(PATIENCE)
    small.edit(tmp_path / "small.yaml", "/things", "/elsewhere")
    changed.set()
    call.join()
    assert (answers[0].status_code, small.client.get("/things").status_code) == (200, 404)


def test_journal__continues_after_a_reload(small: EditedServer, tmp_path: Path) -> None:
    small.client.get("/things")
    with small.client.stream("GET", "/_mock/journal/stream?after=0&path=/others") as stream:
        small.edit(tmp_path / "small.yaml", SMALL, SMALL + MORE)
        small.client.get("/others")
        assert any(line.startswith('data: {"number": 2,') for line in stream.iter_lines())
    assert small.client.get("/_mock/journal").json()["count"] == 2


def test_reload__cannot_be_combined_with_a_store(tmp_path: Path) -> None:
    done = mockserver("serve", "--reload", "--store", f"sqlite:///{tmp_path}/state.db", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: --reload cannot be combined with --store, as a store belongs to one version of the contract."
        " Fix: leave one of them out.\n"
    )
