"""The log on stderr: one line per request of `mockserver serve`."""

import re
from collections.abc import Iterator

import pytest

from mockserver import Settings
from mockserver.app import assemble
from mockserver.serving.server import print_lines
from mockserver.serving.terminal_log import log_to, terminal_recorders
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, HEADERS
from tests.live import LiveServer

LINES: list[str] = []


@pytest.fixture(scope="module")
def logged() -> AsgiClient:
    """A client of a server that appends its lines to `LINES`."""
    return AsgiClient(assemble(Settings(), recorders=(log_to(LINES.append),)).app, headers=HEADERS)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    LINES.clear()


@pytest.mark.parametrize(
    ("method", "url", "line"),
    [
        ("GET", "/ws/types?status=active", r"GET /ws/types\?status=active 200 [0-9.]+ ms"),
        ("GET", "/ws/tipes", r"GET /ws/tipes 404 [0-9.]+ ms: Not Found: no operation is documented at .+"),
        ("PATCH", "/ws", r"PATCH /ws 405 [0-9.]+ ms: Method Not Allowed: received PATCH, documented: .+"),
        (
            "GET",
            "/ws/types/contratos/items?limit=1",
            r"GET /ws/types/contratos/items\?limit=1 200 [0-9.]+ ms: ignored the query parameter 'limit', .+ is _limit",
        ),
        ("OPTIONS", "/ws", r"OPTIONS /ws 204 [0-9.]+ ms"),
        ("GET", "/ws/types/mock-401", r"GET /ws/types/mock-401 401 [0-9.]+ ms: .*mock-401.*"),
    ],
)
def test_request__is_one_line(logged: AsgiClient, method: str, url: str, line: str) -> None:
    logged.request(method, url)
    assert len(LINES) == 1
    assert re.fullmatch(line, LINES[0]), LINES


@pytest.mark.parametrize(
    "url", [f"/ws/types/{FULL_KEY}", f"/ws?_q={FULL_KEY}", "/ws?token=sesame-open", "/ws?senha=abc"]
)
def test_secret__is_masked(logged: AsgiClient, url: str) -> None:
    logged.get(url)
    assert "***" in LINES[0]
    assert not re.search("DemoFull|sesame|abc ", LINES[0])


def test_controls__are_escaped(logged: AsgiClient) -> None:
    logged.get("/ws/%1B[2Jx%E2%80%AEy%0Az")
    assert r"\x1b[2Jx\u202ey\nz" in LINES[0]
    assert LINES[0].isprintable()


@pytest.mark.parametrize(("option", "logs"), [("--log", True), ("--no-log", False), ("", False)])
def test_serve__logs_on_request(option: str, logs: bool) -> None:
    live = LiveServer(*filter(None, [option]))
    live.ask(b"GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    _, _, errors = live.stop()
    assert errors.startswith("GET /nowhere 404 ") is logs


def test_serve__logs_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal_recorders(Settings()) == ()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert len(terminal_recorders(Settings())) == 1
    assert terminal_recorders(Settings(log=False)) == ()


def test_printed_lines__have_no_controls(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(["Enspace\x1b[2J\u202e: 68 operations"])
    assert capsys.readouterr().out == "Enspace\\x1b[2J\\u202e: 68 operations\n"
