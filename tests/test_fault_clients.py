"""Each fault as three real clients see it: httpx, curl, and the fetch of Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.enspace_client import Enspace

pytestmark = pytest.mark.long

FETCH = """
const [url, headers, seconds] = process.argv.slice(1);
const options = {headers: JSON.parse(headers), signal: AbortSignal.timeout(Number(seconds) * 1000)};
try {
  const answer = await fetch(url, options);
  const text = await answer.text();
  try { JSON.parse(text); console.log(answer.status); } catch { console.log("no JSON"); }
} catch (error) { console.log(error.name, error.cause?.code ?? error.code ?? ""); }
"""


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    server = MockServer().start()
    yield server
    server.stop()


@pytest.fixture
def enspace(fake: MockServer) -> Iterator[Enspace]:
    with fake.sandbox() as sandbox:
        yield sandbox


def httpx_sees(enspace: Enspace, seconds: float) -> str:
    try:
        answer = httpx.get(f"{enspace.url}/ws/types", headers=enspace.headers, timeout=seconds)
    except httpx.HTTPError as error:
        return type(error).__name__
    try:
        answer.json()
    except ValueError:
        return "no JSON"
    return str(answer.status_code)


def curl_sees(enspace: Enspace, seconds: float) -> str:
    """The status, or curl's exit code; for a body that is no JSON, this."""
    headers = [part for name, text in enspace.headers.items() for part in ("-H", f"{name}: {text}")]
    command = ["curl", "-s", "-m", str(seconds), "-w", "\n%{http_code}", *headers, f"{enspace.url}/ws/types"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return f"exit {done.returncode}"
    body, _, status = done.stdout.rpartition("\n")
    try:
        json.loads(body)
    except ValueError:
        return "no JSON"
    return status


def fetch_sees(enspace: Enspace, seconds: float) -> str:
    command = ["node", "--input-type=module", "-e", FETCH, f"{enspace.url}/ws/types", json.dumps(enspace.headers)]
    return subprocess.run([*command, str(seconds)], check=True, capture_output=True, text=True).stdout.strip()


CLIENTS = {"httpx": httpx_sees, "curl": curl_sees, "fetch": fetch_sees}

# What each client calls it; 52: empty reply, 56: failure in receiving, 18: partial file, 28: timeout.
SEEN: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "status": ({"status": 503}, {"httpx": "503", "curl": "503", "fetch": "503"}),
    "rate": ({"rate": {"calls": 0, "seconds": 60}}, {"httpx": "429", "curl": "429", "fetch": "429"}),
    "delay": ({"delay": 60_000}, {"httpx": "ReadTimeout", "curl": "exit 28", "fetch": "TimeoutError 23"}),
    "timeout": ({"connection": "timeout"}, {"httpx": "ReadTimeout", "curl": "exit 28", "fetch": "TimeoutError 23"}),
    "reset": ({"connection": "reset"}, {"httpx": "ReadError", "curl": "exit 56", "fetch": "TypeError ECONNRESET"}),
    "truncated": (
        {"connection": "truncated"},
        {"httpx": "RemoteProtocolError", "curl": "exit 18", "fetch": "TypeError UND_ERR_SOCKET"},
    ),
    "malformed": ({"connection": "malformed"}, {"httpx": "no JSON", "curl": "no JSON", "fetch": "no JSON"}),
    "drip": ({"connection": "drip", "seconds": 0.2}, {"httpx": "200", "curl": "200", "fetch": "200"}),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", SEEN)
def test_fault__is_seen_by_a_client_as_what_it_is(enspace: Enspace, fault: str, client: str) -> None:
    tool = {"curl": "curl", "fetch": "node"}.get(client)
    if tool and shutil.which(tool) is None:
        assert not os.environ.get("CI"), f"{tool} is missing"
        pytest.skip(f"{tool} is missing")
    wanted, seen = SEEN[fault]
    enspace.fault("listTypes", **wanted)
    is_silent = seen["curl"] == "exit 28"
    assert CLIENTS[client](enspace, 0.5 if is_silent else 20) == seen[client]
    assert enspace.faults()[0]["hits"] == 1


def test_drip__takes_its_time(enspace: Enspace) -> None:
    enspace.fault("listTypes", connection="drip", seconds=0.3)
    began = monotonic()
    assert len(enspace.client.get("/ws/types").json()) > 0
    assert monotonic() - began >= 0.3
