"""`mockserver run`: environment, summary and exit code of the command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest
from click.testing import Result

from tests.invocation import invoke
from tests.live import PATIENCE, mockserver

DEAD_PROXY = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), "http://127.0.0.1:9")
ASK = """
import os, sys, httpx
names = ["ENSPACE_API_URL", "ENSPACE_API_KEY", "ENSPACE_WORKSPACE_ID"]
url, key, workspace = [os.environ[name] for name in names]
answer = httpx.request(*sys.argv[1:3], headers={"x-api-key": key, "en-workspace": workspace}, timeout=60)
""".replace("*sys.argv[1:3]", "sys.argv[1], url + sys.argv[2]")


def ask(method: str, path: str, then: str = "", *options: str, **environment: str) -> Result:
    """Runs a command that sends one request; it is a process of its own, its server is not."""
    return invoke("run", *options, "--", sys.executable, "-c", ASK + then, method, path, **environment)


def test_command__finds_the_server_in_its_environment() -> None:
    then = "print(answer.status_code, answer.json()[0]['slug'])"
    done = mockserver("run", "--", sys.executable, "-c", ASK + then, "GET", "/ws/types")
    assert (done.returncode, done.stdout) == (0, "200 contratos\n")
    assert done.stderr == "mockserver: 1 request, 0 refused\n"


def test_summary__of_an_expected_refusal_is_one_line() -> None:
    assert ask("GET", "/ws/members/x").stderr == "mockserver: 1 request, 1 refused\n"


def test_summary__of_a_failed_command_lists_refusals_with_all_violations() -> None:
    done = ask("GET", "/ws/members/x?y=1", "sys.exit(1)")
    first, refused, *violations = done.stderr.splitlines()
    assert first == "mockserver: 1 request, 1 refused"
    assert re.fullmatch(r"mockserver: +1 GET /ws/members/x\?y=1 400 .+", refused)
    assert 'mockserver:     path.memberId: received "x", documented: integer' in violations
    assert any(line.startswith("mockserver:     query.y: received ") for line in violations)


def test_summary__says_how_far_back_the_journal_reaches() -> None:
    again = "[httpx.get(answer.url, headers=answer.request.headers) for _ in range(4)]"
    done = ask("GET", "/ws/types", again, "--journal-size", "3")
    assert done.stderr.startswith("mockserver: 5 requests, 0 refused among the last 3\n")


@pytest.mark.parametrize(
    ("listed", "extended"),
    [("", "127.0.0.1,localhost"), ("example.com", "example.com,127.0.0.1,localhost"), ("*", "*")],
)
def test_proxy__is_not_used_for_the_server(capfd: pytest.CaptureFixture[str], listed: str, extended: str) -> None:
    then = "print(answer.status_code, os.environ['NO_PROXY'], os.environ['no_proxy'])"
    done = ask("GET", "/ws/types", then, **DEAD_PROXY, NO_PROXY=listed, no_proxy="")
    assert (done.exit_code, capfd.readouterr().out) == (0, f"200 {extended} {extended}\n")
    assert done.stderr == "mockserver: 1 request, 0 refused\n"


@pytest.mark.parametrize(("ending", "code"), [("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", 128 + 9)])
def test_exit_code__is_that_of_the_command(ending: str, code: int) -> None:
    done = invoke("run", "--", sys.executable, "-c", f"import os, sys; {ending}")
    assert (done.exit_code, done.stderr) == (code, "mockserver: 0 requests, 0 refused\n")


@pytest.mark.parametrize(("own", "code"), [(0, 2), (5, 5)])
@pytest.mark.parametrize("failing", ["coverage", "summary"])
def test_exit_code__survives_a_report_that_fails(
    monkeypatch: pytest.MonkeyPatch, failing: str, own: int, code: int
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no report")

    function = {"coverage": "finish", "summary": "control_client"}[failing]
    monkeypatch.setattr(f"mockserver.testing.run.{function}", fail)
    done = invoke("run", "--", sys.executable, "-c", f"raise SystemExit({own})")
    reason = "the requests of the command cannot be reported: RuntimeError('no report')"
    assert (done.exit_code, done.stderr) == (code, f"mockserver: {reason}\n")


def test_signal__is_forwarded_to_the_command() -> None:
    handlers = "signal.signal(signal.SIGHUP, lambda *_: print('hup', flush=True))\n"
    handlers += "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
    text = f"import signal, sys\n{handlers}print('up', flush=True)\nwhile True: signal.pause()"
    command = [sys.executable, "-m", "mockserver", "run", "--", sys.executable, "-c", text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline() == "hup\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 7


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--", "no-such-command"], "cannot run 'no-such-command': No such file or directory. Fix: name a command"),
        (["--spec", "nowhere.yaml", "--", "true"], "nowhere.yaml"),
        ([], "Missing argument 'COMMAND...'"),
    ],
)
def test_run__that_cannot_start_says_why(arguments: list[str], text: str) -> None:
    done = invoke("run", *arguments)
    assert done.exit_code == 2
    assert text in done.stderr
