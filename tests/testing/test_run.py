"""`mockserver run`: a command finds a fake of its own, and its exit code is passed on."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.live import mockserver

pytestmark = pytest.mark.long

ASK = """
import os, sys, httpx
names = ["ENSPACE_API_URL", "ENSPACE_API_KEY", "ENSPACE_WORKSPACE_ID"]
url, key, workspace = [os.environ[name] for name in names]
answer = httpx.request(*sys.argv[1:3], headers={"x-api-key": key, "en-workspace": workspace})
""".replace("*sys.argv[1:3]", "sys.argv[1], url + sys.argv[2]")


def ask(method: str, path: str, then: str = "") -> subprocess.CompletedProcess[str]:
    return mockserver("run", "--", sys.executable, "-c", ASK + then, method, path)


def test_command__finds_the_fake_in_its_environment() -> None:
    done = ask("GET", "/ws/types", "print(answer.status_code, answer.json()[0]['slug'])")
    assert (done.returncode, done.stdout) == (0, "200 contratos\n")
    assert done.stderr.startswith("mockserver: 1 calls, 0 of them broke the contract\n")


def test_command__is_told_where_it_broke_the_contract() -> None:
    done = ask("GET", "/ws/members/x")
    told = 'mockserver:   GET /ws/members/x: path.memberId: received "x", documented: integer'
    assert done.stderr.splitlines()[1] == told


def test_command__that_calls_more_than_the_journal_remembers_is_told_so() -> None:
    again = "[httpx.get(answer.url, headers=answer.request.headers) for _ in range(4)]"
    done = mockserver("run", "--journal-size", "3", "--", sys.executable, "-c", ASK + again, "GET", "/ws/types")
    assert done.stderr.startswith("mockserver: 5 calls, 0 of the last 3 broke the contract\n")


@pytest.mark.parametrize("code", [0, 1, 3])
def test_exit_code__is_that_of_the_command(code: int) -> None:
    assert ask("GET", "/ws", f"sys.exit({code})").returncode == code


def test_exit_code__of_a_command_that_was_killed() -> None:
    assert ask("GET", "/ws", "os.kill(os.getpid(), 9)").returncode == 128 + 9


def test_signal__reaches_the_command() -> None:
    told = (
        "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up', flush=True); signal.pause()"
    )
    command = [sys.executable, "-m", "mockserver", "run", "--", sys.executable, "-c", ASK + told, "GET", "/ws"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--", "no-such-command"], "cannot run 'no-such-command': No such file or directory. Mend: name a command"),
        (["--spec", "nowhere.yaml", "--", "true"], "nowhere.yaml"),
        ([], "Missing argument 'COMMAND...'"),
    ],
)
def test_run__that_cannot_begin(arguments: list[str], told: str) -> None:
    done = mockserver("run", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
