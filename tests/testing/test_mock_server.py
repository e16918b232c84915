"""`MockServer` and the client of a sandbox."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer, Settings
from mockserver.serving.server import listen
from mockserver.testing.enspace_client import ControlError, Enspace
from tests.cards import CARDS
from tests.live import PATIENCE


@pytest.fixture
def enspace(running: MockServer) -> Iterator[Enspace]:
    with running.sandbox() as sandbox:
        yield sandbox


def test_mock_server__answers_on_a_free_port_until_it_ends() -> None:
    with MockServer() as enspace:
        assert httpx.get(f"{enspace.url}/ws/types/count", headers=enspace.headers, timeout=PATIENCE).json() == 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(enspace.url, timeout=PATIENCE)


def test_mock_server__at_localhost_listens_on_ipv4_and_ipv6() -> None:
    with MockServer(host="localhost") as enspace:
        port = enspace.url.rpartition(":")[2]
        for host in ("127.0.0.1", "[::1]", "localhost"):
            assert httpx.get(f"http://{host}:{port}/_mock/health", timeout=PATIENCE).status_code == 200


def test_mock_server__at_localhost_without_ipv6_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.serving.server.socket.AF_INET6", 9999)  # a family that no machine has
    (listening,) = listen(Settings(host="localhost", port=0))
    assert listening.getsockname()[0] == "127.0.0.1"
    listening.close()


def test_mock_server__with_a_contract_without_keys_has_one_sandbox(tmp_path: Path) -> None:
    (tmp_path / "cards.yaml").write_text(CARDS, encoding="utf-8")
    server = MockServer(spec=tmp_path / "cards.yaml").start()
    for _ in range(2):
        with server.sandbox(lifetime=60) as cards:
            cards.fault("listCards", status=503, times=1)
            assert [cards.client.get("/cards").status_code for _ in range(2)] == [503, 204]
            cards.journal.assert_called("listCards", times=2)
            assert cards.headers == {}
    assert httpx.get(f"{server.url}/_mock/journal/count", timeout=PATIENCE).json() == {"count": 0}
    assert (server.main_key(), server.coverage().parts.operations.seen) == (("", ""), 1)
    server.stop()


def test_sandbox__is_reset_and_restored(enspace: Enspace) -> None:
    enspace.client.delete("/ws/types/contratos")
    enspace.snapshot("without")
    enspace.reset()
    assert enspace.client.get("/ws/types/count").json() == 5
    enspace.restore("without")
    assert enspace.client.get("/ws/types/count").json() == 4
    assert len(enspace.state()["types"]) == 7


def test_sandbox__clock_and_keys(enspace: Enspace) -> None:
    enspace.freeze("2030-01-01T00:00:00Z")
    enspace.advance(90)
    made = enspace.client.post("/ws/roles", json={"name": "Auditor"}).json()
    assert made["created_at"] == "2030-01-01T00:01:30.000Z"
    key = enspace.key_for("diego.martins@yourcompany.com.br")
    refused = enspace.client.post("/ws/types", json={"name": "Ativos"}, headers={"x-api-key": key})
    assert refused.status_code == 403


def test_sandbox__that_is_closed_is_gone(running: MockServer) -> None:
    with running.sandbox(name="short") as sandbox:
        assert httpx.get(f"{running.url}/ws", headers=sandbox.headers, timeout=PATIENCE).status_code == 200
    assert httpx.get(f"{running.url}/ws", headers=sandbox.headers, timeout=PATIENCE).status_code == 401


def test_control__refusal_is_an_error_with_its_reason(enspace: Enspace) -> None:
    with pytest.raises(ControlError, match="POST /_mock/snapshots/nowhere/restore: 404 no snapshot 'nowhere'"):
        enspace.restore("nowhere")


def test_assertion__names_the_nearest_call_and_its_differences(enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor"})
    with pytest.raises(AssertionError) as failure:
        enspace.journal.assert_called("createRole", body={"name": "Auditora"})
    assert "expected at least 1, received 0" in str(failure.value)
    assert "nearest is call" in str(failure.value)
    assert "body.name: expected 'Auditora', received 'Auditor'" in str(failure.value)


def test_journal__is_searched_and_cleared(enspace: Enspace) -> None:
    for name in ("Auditor", "Fiscal"):
        enspace.client.post("/ws/roles", json={"name": name})
    (found,) = enspace.journal.find("createRole", body={"name": {"$contains": "isc"}})
    assert found["request"]["body"] == {"name": "Fiscal"}
    assert enspace.journal.clear(operation="createRole") == 2
    enspace.journal.assert_not_called("createRole")
    assert enspace.journal.text() == "  none"


def test_assertion__of_an_order(enspace: Enspace) -> None:
    for path in ("/ws/types", "/ws/members", "/ws/roles"):
        enspace.client.get(path)
    enspace.journal.assert_in_order("listTypes", "listRoles")
    with pytest.raises(AssertionError, match="which met the expectation before this one"):
        enspace.journal.assert_in_order("listRoles", "listTypes")
    assert enspace.journal.count(path="/ws/*") == 3


def test_sandbox__that_has_ended_is_closed_without_an_error(running: MockServer) -> None:
    with running.sandbox(name="ended") as sandbox:
        httpx.delete(f"{running.url}/_mock/sandboxes/ended", timeout=PATIENCE).raise_for_status()
    assert sandbox.client.is_closed
