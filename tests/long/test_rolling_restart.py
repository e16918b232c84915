"""A rolling restart of three processes behind nginx: idempotent calls do not notice it, and few others do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.conftest import HEADERS
from tests.live import PATIENCE, LiveServer, free_port
from tests.state.database import PostgresServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "shared" / "nginx.conf"
PROCESSES, CLIENTS = 3, 4


@pytest.fixture
def program() -> str:
    """The path of nginx."""
    path = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(path).exists():
        assert not os.environ.get("CI"), "nginx is missing"
        pytest.skip("nginx is missing")
    return path


@contextmanager
def nginx(program: str, folder: Path, ports: list[int]) -> Iterator[str]:
    """Runs nginx with the configuration of the example, before these ports."""
    own = free_port()
    servers = "".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;\n" for port in ports)
    text = re.sub(r"(server \w+:4010.*;\s*)+", servers, EXAMPLE.read_text())
    text = text.replace("listen 80;", f"listen 127.0.0.1:{own};")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    head = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
    (folder / "nginx.conf").write_text(f"{head}http {{ access_log off; {folders} {text} }}\n")
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=PATIENCE) as probe:
            probe.get(f"http://127.0.0.1:{own}/_mock/health")
        yield f"http://127.0.0.1:{own}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.starts_first
def test_rolling_restart__fails_no_idempotent_call(postgres: PostgresServer, program: str, tmp_path: Path) -> None:
    store, ports = postgres.new_database(), [free_port() for _ in range(PROCESSES)]
    ended = Event()

    def start(port: int) -> LiveServer:
        return LiveServer("--store", store, "--port", str(port))

    def call(number: int) -> Counter[tuple[str, int]]:
        statuses = Counter[tuple[str, int]]()
        with httpx.Client(base_url=address, headers=HEADERS, timeout=PATIENCE) as client:
            while not ended.is_set():
                statuses["GET", client.get("/ws/roles/5").status_code] += 1
                statuses["PUT", client.put("/ws/roles/5", json={"description": f"{number}"}).status_code] += 1
                body = {"name": f"{number} {statuses.total()}"}
                statuses["POST", client.post("/ws/roles", json=body).status_code] += 1
                ended.wait(0.05)  # leaves time to the processes that start
        return statuses

    with ThreadPoolExecutor(PROCESSES) as pool:
        servers = list(pool.map(start, ports))
    with nginx(program, tmp_path, ports) as address, ThreadPoolExecutor(CLIENTS) as pool:
        before = httpx.get(f"{address}/ws/roles/count", headers=HEADERS, timeout=PATIENCE).json()
        calls = [pool.submit(call, number) for number in range(CLIENTS)]
        try:
            for number, port in enumerate(ports):
                servers[number].stop(signal.SIGTERM)
                servers[number] = start(port)
                ended.wait(1.5)  # longer than nginx leaves out a server that has failed
        finally:
            ended.set()
        total = sum((done.result() for done in calls), Counter[tuple[str, int]]())
        made = httpx.get(f"{address}/ws/roles/count", headers=HEADERS, timeout=PATIENCE).json() - before
    for server in servers:
        server.stop()
    print(total, f"{made} created")
    assert {status for method, status in total if method != "POST"} == {200}, total
    # nginx does not repeat a POST, which may have had its effect.
    assert {status for method, status in total if method == "POST"} <= {200, 502}, total
    assert 100 < total["POST", 200] <= made <= total["POST", 200] + total["POST", 502]
