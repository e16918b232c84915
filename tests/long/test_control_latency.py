"""Random calls of the control API, large and odd ones among them, never keep another client waiting.

CONTROL_CALLS and CONTROL_LATENCY extend the run and tighten its bound, on a machine that does nothing else.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from io import BytesIO
from json import dumps
from threading import Event, Thread
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.conftest import FULL_KEY
from tests.live import PATIENCE, LiveServer

# Calls beyond one of each kind.
CALLS = int(os.environ.get("CONTROL_CALLS", "20"))
# A bound for hanging only, unless the variable names the promised 0.1.
LATENCY = float(os.environ.get("CONTROL_LATENCY", "2"))
FULL = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}
JSON, ZIP = {"content-type": "application/json"}, {"content-type": "application/zip"}

Call = tuple[str, str, bytes | None, dict[str, str]]


def posted(path: str, body: Any) -> Call:
    return "POST", path, dumps(body).encode(), JSON


def zipped(**files: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.yaml", text)
    return packed.getvalue()


def nested(depth: int) -> Any:
    return {"$not": nested(depth - 1)} if depth else 1


KINDS: tuple[Callable[[random.Random], Call], ...] = (
    lambda draw: (
        "GET",
        f"/_mock/journal?limit=100000&form={draw.choice(['json', 'brief', 'lines', 'har'])}",
        None,
        {},
    ),
    lambda draw: ("GET", f"/_mock/journal?limit=100000&member=data.numero={draw.random()}", None, {}),
    lambda draw: ("GET", f"/_mock/{draw.choice(['state', 'fixtures', 'fixtures.zip', 'coverage', 'keys'])}", None, {}),
    lambda draw: ("GET", f"/_mock/state/items?q={draw.choice('aeiou')}&sort=reference:DESC", None, {}),
    lambda draw: posted(
        "/_mock/journal/verify", {"expectations": [{"path": f"/{draw.random()}"}] * draw.randrange(300)}
    ),
    lambda draw: posted("/_mock/journal/find", {"expectation": {"body": nested(draw.randrange(60))}}),
    lambda draw: posted(
        "/_mock/journal/find", {"expectation": {"body": {"data": {"many": {"$unordered": [1] * 999 + [2]}}}}}
    ),
    lambda draw: posted(
        "/_mock/journal/find", {"expectation": {"path": {"$matches": "(x+x+)+y" * draw.randrange(99)}}}
    ),
    lambda draw: posted("/_mock/fixtures", {"users": [{}] * draw.randrange(250_000)}),
    lambda draw: posted("/_mock/fixtures", {"users": {"a": "x" * draw.randrange(3_000_000)}}),
    lambda draw: ("POST", "/_mock/fixtures", b"[" * draw.randrange(2_000_000), JSON),
    lambda draw: (
        "POST",
        "/_mock/fixtures",
        b'{"users": [' + b'{"\\u0061": 1},' * draw.randrange(200_000) + b"1]}",
        JSON,
    ),
    lambda draw: ("POST", "/_mock/fixtures.zip", zipped(users="- {}\n" * draw.randrange(800_000)), ZIP),
    lambda draw: ("POST", "/_mock/fixtures.zip", zipped(users="- &a [x]\n" + "- [*a, *a]\n" * 9_000), ZIP),
    lambda draw: ("POST", "/_mock/fixtures.zip", zipped(users="- " * draw.randrange(9_000)), ZIP),
    lambda draw: ("POST", "/_mock/fixtures.zip", draw.randbytes(1_000), ZIP),
    lambda draw: posted("/_mock/sandboxes", {"lifetime": 1}),
    lambda draw: posted("/_mock/snapshots", {"name": draw.choice("abc")}),
    lambda draw: ("POST", "/_mock/reset", b"", {}),
)


@contextmanager
def another_client(server: LiveServer) -> Iterator[Callable[[], float]]:
    """Sends requests one after the other, meanwhile; the function returns its longest wait since it was called."""
    ended, waits = Event(), [0.0]

    def run() -> None:
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as client:
            while not ended.is_set():
                begin = time.perf_counter()
                client.request("GET", "/ws/types", headers=FULL)
                client.getresponse().read()
                waits.append(time.perf_counter() - begin)

    def pop_longest() -> float:
        longest = max(waits)
        waits[:] = [0.0]
        return longest

    thread = Thread(target=run)
    thread.start()
    try:
        yield pop_longest
    finally:
        ended.set()
        thread.join()


@pytest.mark.starts_first
def test_control_calls__never_keep_another_client_waiting() -> None:
    draw, server, slow = random.Random(7), LiveServer(), []
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as client:
        for number in range(200):
            client.request(
                "POST", "/ws/types/contratos/items", dumps({"data": {"many": [number] * 1_000}}), FULL | JSON
            )
            client.getresponse().read()
        with another_client(server) as pop_longest:
            for kind in (*KINDS, *draw.choices(KINDS, k=CALLS)):
                method, path, body, headers = kind(draw)
                client.request(method, path, body, headers)
                answer = client.getresponse()
                answer.read()
                assert answer.status < 500, path
                if (longest := pop_longest()) > LATENCY:
                    slow.append((round(longest, 3), path, len(body or b"")))
    server.stop()
    assert not slow, slow
