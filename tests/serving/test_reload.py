"""`--reload`: contract and fixtures are edited while the fake is in use."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import httpx
import pytest

from mockserver import MockServer, Settings
from mockserver.testing.enspace_client import Enspace
from tests.conftest import HEADERS
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


class Desk:
    """A fake whose files are edited; its lines are those that a person reads."""

    def __init__(self, stack: ExitStack, read_errors: Callable[[], str], **settings: Path) -> None:
        self._stack, self._read_errors = stack, read_errors
        self._server = MockServer(reload=True, **settings).start()
        stack.callback(self._server.stop)
        self.client = stack.enter_context(httpx.Client(base_url=self._server.url, headers=HEADERS))

    def sandbox(self, **options: Any) -> Enspace:
        return self._stack.enter_context(self._server.sandbox(**options))

    def edit(self, path: Path, old: str, new: str) -> str:
        """Replaces a text in a file, and gives the line that is told of it."""
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return self.line()

    def line(self) -> str:
        """The next line that is told; meanwhile every request has to be answered."""
        told, end = "", monotonic() + PATIENCE
        while not told.endswith("\n"):
            assert self.client.get("/_mock/ready").status_code == 200
            assert monotonic() < end, f"nothing was told but {told!r}"
            told += self._read_errors()
        return told.removeprefix("reload: ").rstrip("\n")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return Path(shutil.copy(Settings().spec, tmp_path / "openapi.yaml"))


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Settings().fixtures, tmp_path / "fixtures"))


@pytest.fixture
def desk(spec: Path, fixtures: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(stack, lambda: capsys.readouterr().err, spec=spec, fixtures=fixtures)


@pytest.fixture
def small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    with ExitStack() as stack:
        yield Desk(stack, lambda: capsys.readouterr().err, spec=tmp_path / "small.yaml")


def test_row__that_is_changed_is_served(desk: Desk, fixtures: Path) -> None:
    assert desk.client.get("/ws/types/contratos").json()["name"] == "Contratos"
    told = desk.edit(fixtures / "types.yaml", "name: Contratos,", "name: Acordos,")
    assert told == "fixtures/types.yaml: 1 row changed"
    assert desk.client.get("/ws/types/contratos").json()["name"] == "Acordos"


def test_operation__that_is_added_is_served(small: Desk, tmp_path: Path) -> None:
    assert small.client.get("/others").status_code == 404
    told = small.edit(tmp_path / "small.yaml", SMALL, SMALL.replace("Things.", "All.") + MORE)
    assert told == "small.yaml: 1 operation added, 1 changed"
    assert [small.client.get(path).status_code for path in ("/things", "/others")] == [200, 200]
    assert "/others" in small.client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Small", "Tiny", "what is no operation changed"),
        ("/things:", "/things:  # all of them", "nothing but comments and layout changed"),
        ("paths:", "components: {schemas: {Thing: {type: object}}}\npaths:", "1 component added"),
        ("/things", "/elsewhere", "1 operation added, 1 removed"),
    ],
)
def test_change__is_told_in_one_line(small: Desk, tmp_path: Path, old: str, new: str, told: str) -> None:
    assert small.edit(tmp_path / "small.yaml", old, new) == f"small.yaml: {told}"


def test_contract__that_is_broken_is_told_while_the_old_one_serves(small: Desk, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    told = small.edit(path, "/things:", "/things: [")
    assert told.startswith(f"{path}:7: not readable as YAML: ")
    assert told.endswith("Fix: correct that line. What was served before is served on.")
    assert small.client.get("/things").status_code == 200
    assert small.edit(path, "/things: [", "/things:") == "the files are again as they are served"


def test_contract__that_nobody_foresaw_is_told_too(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.app.read_operations", lambda document: [][0])
    told = small.edit(tmp_path / "small.yaml", "Things.", "All.")
    assert told.startswith("small.yaml cannot be served (IndexError(")
    assert small.client.get("/things").status_code == 200


def test_answer__that_was_given_before_is_given_as_the_new_contract_says(desk: Desk, spec: Path) -> None:
    assert desk.client.get("/ws/types").status_code == 200
    at = spec.read_text(encoding="utf-8").index("operationId: listTypes")
    operation = spec.read_text(encoding="utf-8")[at:].partition("'200'")[0]
    assert desk.edit(spec, operation + "'200'", operation + "'203'") == "openapi.yaml: 1 operation changed"
    assert desk.client.get("/ws/types").status_code == 203


def test_row__that_does_not_fit_is_told_with_its_line(desk: Desk, fixtures: Path) -> None:
    path = fixtures / "types.yaml"
    told = desk.edit(path, "slug: contratos,", "slug: contratos, colour: red,")
    assert told.startswith(f"{path}:2: unknown member `colour`. Fix: did you mean `color`?")
    assert desk.client.get("/ws/types/contratos").status_code == 200


def test_sandbox__is_kept_with_its_data_and_keys(desk: Desk, fixtures: Path) -> None:
    own = desk.sandbox()
    for client in (own.client, desk.client):
        client.post("/ws/types", json={"name": "Ativos"})
    told = desk.edit(fixtures / "vocabulary.yaml", "# Words", "# The words")
    assert told == "vocabulary.yaml: changed"
    assert [client.get("/ws/types/ativos").status_code for client in (own.client, desk.client)] == [200, 200]


def test_sandbox__with_data_of_its_own_takes_new_rows_with_its_reset(desk: Desk, fixtures: Path) -> None:
    desk.client.post("/ws/types", json={"name": "Ativos"})
    told = desk.edit(fixtures / "types.yaml", "name: Contratos,", "name: Acordos,")
    assert told.endswith("; the sandbox default has data of its own and takes the rows with its next reset")
    assert desk.client.get("/ws/types/contratos").json()["name"] == "Contratos"
    desk.client.post("/_mock/reset")
    assert desk.client.get("/ws/types/contratos").json()["name"] == "Acordos"


def test_sandbox__that_does_not_fit_the_contract_is_reset(desk: Desk, spec: Path) -> None:
    fit, unfit = desk.sandbox(name="fit"), desk.sandbox(name="unfit")
    unfit.client.post("/ws/types", json={"name": "A" * 80})
    unfit.snapshot("before")
    fit.client.post("/ws/types", json={"name": "Ativos"})
    told = desk.edit(spec, "maxLength: 80, x-faker: type.name", "maxLength: 70, x-faker: type.name")
    assert told.split("; ")[1:] == [
        "the snapshot before of the sandbox unfit did not fit and is gone",
        "the sandbox unfit did not fit and was reset",
    ]
    assert "AAAA" not in unfit.client.get("/ws/types").text
    assert fit.client.get("/ws/types/ativos").status_code == 200


@pytest.mark.parametrize("fixtures_of", ["standard", "empty"])
def test_sandbox__whose_beginning_does_not_fit_begins_with_the_new_rows(
    desk: Desk, spec: Path, fixtures: Path, fixtures_of: str
) -> None:
    own = desk.sandbox(fixtures=fixtures_of, scopes=["read"])
    desk.edit(fixtures / "users.yaml", "fname: Camila", "fname: Bela")
    told = desk.edit(spec, "{fname: {type: string, ", "{fname: {type: string, pattern: '^[^C]', ")
    assert f"the sandbox {own.name} did not fit and was reset" in told
    assert (own.client.get("/ws/types").json() == []) is (fixtures_of == "empty")
    assert own.client.post("/ws/types", json={"name": "Ativos"}).status_code == 403


def test_request__that_is_under_way_ends_where_it_began(small: Desk, tmp_path: Path) -> None:
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


def test_journal__goes_on(small: Desk, tmp_path: Path) -> None:
    small.client.get("/things")
    with httpx.stream("GET", f"{small.client.base_url}/_mock/journal/stream?after=0&path=/others") as stream:
        small.edit(tmp_path / "small.yaml", SMALL, SMALL + MORE)
        small.client.get("/others")
        assert any(line.startswith('data: {"number": 2,') for line in stream.iter_lines())
    assert small.client.get("/_mock/journal").json()["count"] == 2


def test_reload__does_not_go_with_a_store(tmp_path: Path) -> None:
    done = mockserver("serve", "--reload", "--store", f"sqlite:///{tmp_path}/state.db", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: --reload does not go with --store, as a store belongs to one version of the contract."
        " Mend: leave one of them out.\n"
    )
