"""`mockserver record`: what is forwarded, what is refused, and what gets into the file."""

from __future__ import annotations

import gzip
import json
import re
import socket
from pathlib import Path

import pytest

from tests.conftest import FULL_KEY
from tests.invocation import invoke
from tests.live import PATIENCE
from tests.traffic.recording import recording
from tests.traffic.target import PERSON, Target


def test_call__is_forwarded_as_it_is(target: Target, tmp_path: Path) -> None:
    with recording(target.address, tmp_path / "calls.har") as proxy:
        path = "/ws/types/a%2Fb/items?values[x]=1&values[x]=%C3%A3&empty="
        status, body = proxy.ask("POST", path, b'{"a": 1}', {"content-type": "application/json", "x-trace": "7"})
        assert proxy.end().endswith("1 call added")
    assert (status, body) == (200, target.answer)
    line, headers, sent = target.received[0]
    assert (line, sent) == (f"POST {path}", b'{"a": 1}')
    assert headers["host"] == target.address.removeprefix("http://")
    assert headers["x-trace"] == "7"


def test_entry__has_neither_secrets_nor_personal_data(target: Target, tmp_path: Path) -> None:
    secrets = {"authorization": "Bearer abcdef123456", "cookie": "sid=topsecret", "x-api-key": FULL_KEY}
    with recording(target.address, tmp_path / "calls.har") as proxy:
        proxy.ask("GET", "/ws/roles/7?_q=Joana&token=plainsecret", headers=secrets)
        written = proxy.file.with_name("calls.har.part").read_text()
        proxy.end()
    for text in (written, proxy.file.read_text()):
        for hidden in ("Joana", "Prado", "529.982.247-25", "2026-03-01", "abcdef123456", "topsecret", "plainsecret"):
            assert hidden not in text
        assert FULL_KEY not in text
        assert '"key-1"' in text
    assert proxy.file.stat().st_mode & 0o077 == 0


def test_replaced_values__keep_shape_equality_and_check_digits(target: Target, tmp_path: Path) -> None:
    with recording(target.address, tmp_path / "calls.har") as proxy:
        for _ in range(2):
            proxy.ask("GET", "/ws/roles/7")
        proxy.end()
    first, second = (json.loads(entry["response"]["content"]["text"]) for entry in proxy.entries())
    assert first == second
    assert first["id"] == 7
    assert re.fullmatch(r"[A-Z][a-z]{4} [A-Z][a-z]{4}", first["name"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT10:00:00\.000Z", first["created_at"])
    assert has_check_digits(re.sub(r"\D", "", first["description"]))


def has_check_digits(cpf: str) -> bool:
    sums = (sum(int(d) * w for d, w in zip(cpf, range(n + 1, 1, -1), strict=False)) * 10 % 11 % 10 for n in (9, 10))
    return list(sums) == [int(cpf[9]), int(cpf[10])]


def test_compressed_answer__arrives_compressed_and_is_recorded_as_text(target: Target, tmp_path: Path) -> None:
    target.headers["Content-Encoding"], target.answer = "gzip", gzip.compress(target.answer)
    with recording(target.address, tmp_path / "calls.raw.har", "--keep-values") as proxy:
        assert proxy.ask("GET", "/ws/roles/7", headers={"accept-encoding": "br, gzip;q=0.5, zstd"}) == (
            200,
            target.answer,
        )
        proxy.end()
    assert target.received[0][1]["accept-encoding"] == "gzip;q=0.5"
    assert json.loads(proxy.entries()[0]["response"]["content"]["text"]) == PERSON


def test_body_that_is_no_json__has_its_size_only(target: Target, tmp_path: Path) -> None:
    target.headers["Content-Type"], target.answer = "text/html", b"<p>Joana Prado</p>"
    with recording(target.address, tmp_path / "calls.har") as proxy:
        proxy.ask("GET", "/page")
        proxy.end()
    assert proxy.entries()[0]["response"]["content"] == {"size": 18, "mimeType": "text/html"}


def test_later_recording__is_appended(target: Target, tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1"):
        with recording(target.address, tmp_path / "calls.har", "--host", host) as proxy:
            proxy.ask("GET", "/ws/roles/7")
            proxy.end()
    assert len(proxy.entries()) == 2


def test_killed_recording__is_read_from_its_part(target: Target, tmp_path: Path) -> None:
    with recording(target.address, tmp_path / "calls.har") as proxy:
        proxy.ask("GET", "/ws/roles/7")
        proxy.process.kill()
    result = invoke("drift", str(tmp_path / "calls.har.part"))
    assert "1 entry, 1 used" in result.stdout


REFUSED = {
    b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n": b"501",
    b"GET http://other.example/x HTTP/1.1\r\nHost: other.example\r\n\r\n": b"421",
    b"POST /ws/roles HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n": b"405",
}


def test_request_for_something_else_or_a_write__is_refused(tmp_path: Path) -> None:
    """The target is not on loopback, and has no address, so that anything forwarded to it would be a 502."""
    with recording("https://target.invalid", tmp_path / "calls.har") as proxy:
        for head, status in REFUSED.items():
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE) as client:
                client.sendall(head)
                assert client.recv(1000).split(b" ")[1] == status
        proxy.end()


def test_target_that_does_not_answer__is_a_502(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with recording(f"http://127.0.0.1:{port}", tmp_path / "calls.har") as proxy:
        status, body = proxy.ask("GET", "/ws/roles")
        proxy.end()
    assert (status, json.loads(body)["message"]) == (502, "the target did not answer (ConnectError)")
    assert proxy.entries() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ftp://example.com", "--out", "x.har"], "TARGET: received no address"),
        (["http://example.com", "--out", "x.har"], "plain http beyond loopback"),
        (["https://user:pw@example.com", "--out", "x.har"], "without credentials"),
        (["https://example.com", "--out", "x.har", "--keep-values"], "documented: a name that ends in .raw.har"),
        (["https://example.com", "--out", "/proc/x.har"], "the recording cannot be written"),
    ],
)
def test_unusable_option__is_named(arguments: list[str], says: str) -> None:
    result = invoke("record", *arguments)
    assert says in result.stderr
    assert "pw" not in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize("option", ["--replace-slugs", ""])
def test_slugs__are_listed_or_replaced(target: Target, tmp_path: Path, option: str) -> None:
    kind = {"id": 1, "name": "Joana", "slug": "joana-prado", "settings": {}, "created_at": "2026-03-01T10:00:00.000Z"}
    target.answer = json.dumps([kind]).encode()
    with recording(target.address, tmp_path / "calls.har", *filter(None, [option])) as proxy:
        proxy.ask("GET", "/ws/types/joana-prado/items", headers={"en-workspace": "casa-joana"})
        proxy.ask("GET", "/ws/types")
        output = proxy.end_with_output()
    is_kept = option == ""
    assert ("kept, please review: 1 slug (joana-prado)" in output) == is_kept
    assert ("joana-prado" in proxy.file.read_text()) == is_kept
    assert ("casa-joana" in proxy.file.read_text()) == is_kept
