"""Effect of each fault on three real clients: httpx, curl, and the fetch of Node."""

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
from mockserver.testing.enspace_client import Enspace
from tests.live import PATIENCE

FETCH = """
const [url, headers, seconds] = process.argv.slice(1);
const options = {headers: JSON.parse(headers), signal: AbortSignal.timeout(Number(seconds) * 1000)};
try {
  const answer = await fetch(url, options);
  const text = await answer.text();
  const wait = answer.headers.get("retry-after");
  try { JSON.parse(text); console.log(wait ? `${answer.status} after ${wait}` : answer.status); }
  catch { console.log("no JSON"); }
} catch (error) { console.log(error.name, error.cause?.code ?? error.code ?? ""); }
"""


@pytest.fixture
def enspace(running: MockServer) -> Iterator[Enspace]:
    with running.sandbox() as sandbox:
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
    return _describe(str(answer.status_code), answer.headers.get("retry-after"))


def curl_sees(enspace: Enspace, seconds: float) -> str:
    """Returns the status, the exit code of curl, or `no JSON`."""
    headers = [part for name, text in enspace.headers.items() for part in ("-H", f"{name}: {text}")]
    form = "\n%{http_code} %header{retry-after}"
    command = ["curl", "-s", "-m", str(seconds), "-w", form, *headers, f"{enspace.url}/ws/types"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return f"exit {done.returncode}"
    body, _, summary = done.stdout.rpartition("\n")
    try:
        json.loads(body)
    except ValueError:
        return "no JSON"
    status, _, wait = summary.partition(" ")
    return _describe(status, wait)


def fetch_sees(enspace: Enspace, seconds: float) -> str:
    command = ["node", "--input-type=module", "-e", FETCH, f"{enspace.url}/ws/types", json.dumps(enspace.headers)]
    return subprocess.run([*command, str(seconds)], check=True, capture_output=True, text=True).stdout.strip()


def _describe(status: str, wait: str | None) -> str:
    return f"{status} after {wait}" if wait else status


CLIENTS = {"httpx": httpx_sees, "curl": curl_sees, "fetch": fetch_sees}

# Exit codes of curl: 18 partial file, 28 timeout, 52 empty reply, 56 failure in receiving.
TOO_LATE = {"httpx": "ReadTimeout", "curl": "exit 28", "fetch": "TimeoutError 23"}
SEEN: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "status": ({"status": 503}, dict.fromkeys(CLIENTS, "503")),
    "header": ({"status": 503, "headers": {"Retry-After": "7"}}, dict.fromkeys(CLIENTS, "503 after 7")),
    "rate": ({"rate": {"calls": 0, "seconds": 60}}, dict.fromkeys(CLIENTS, "429 after 60")),
    "delay": ({"delay": 60_000}, TOO_LATE),
    "lognormal delay": ({"delay": {"median": 60_000, "sigma": 0}}, TOO_LATE),
    "late status": ({"delay": 30, "status": 503}, dict.fromkeys(CLIENTS, "503")),
    "timeout": ({"connection": "timeout"}, TOO_LATE),
    "reset": ({"connection": "reset"}, {"httpx": "ReadError", "curl": "exit 56", "fetch": "TypeError ECONNRESET"}),
    "truncated": (
        {"connection": "truncated"},
        {"httpx": "RemoteProtocolError", "curl": "exit 18", "fetch": "TypeError UND_ERR_SOCKET"},
    ),
    "malformed": ({"connection": "malformed"}, dict.fromkeys(CLIENTS, "no JSON")),
    "drip": ({"connection": "drip", "seconds": 0.2}, dict.fromkeys(CLIENTS, "200")),
}


def demand(client: str) -> None:
    """Skips a test whose client is not installed; in CI it fails instead."""
    tool = {"curl": "curl", "fetch": "node"}.get(client)
    if tool and shutil.which(tool) is None:
        assert not os.environ.get("CI"), f"{tool} is missing"
        pytest.skip(f"{tool} is missing")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", SEEN)
def test_fault__has_its_effect_on_a_client(enspace: Enspace, fault: str, client: str) -> None:
    demand(client)
    wanted, seen = SEEN[fault]
    enspace.fault("listTypes", **wanted)
    is_silent = seen["curl"] == "exit 28"
    assert CLIENTS[client](enspace, 0.5 if is_silent else PATIENCE) == seen[client]
    assert enspace.faults()[0]["hits"] == 1


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("late", [{"connection": "drip", "seconds": 0.3}, {"delay": 300}], ids=["drip", "delay"])
def test_late_answer__takes_its_time(enspace: Enspace, late: dict[str, Any], client: str) -> None:
    demand(client)
    enspace.fault("listTypes", **late)
    began = monotonic()
    assert CLIENTS[client](enspace, PATIENCE) == "200"
    assert monotonic() - began >= 0.3
