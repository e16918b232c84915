"""`mockserver run`: runs a command with a mock server of its own, for test suites in any language.

The command finds URL and credentials in its environment. The server stops with the command.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import fields
from types import FrameType
from typing import Any

from mockserver.coverage.outcome import check_file, finish
from mockserver.coverage.rendering import render_table
from mockserver.errors import StartError
from mockserver.settings import Settings, environment_with, proxy_exceptions
from mockserver.testing.enspace_client import Calls, control_client
from mockserver.testing.mock_server import MockServer

MAX_LISTED_VIOLATIONS = 20


class RunError(StartError):
    """The command cannot be run. The message says how to fix it."""


def run(settings: Settings, command: Sequence[str]) -> tuple[int, list[str]]:
    """Runs the command. Returns the exit code, and the lines of a summary of its calls.

    The exit code is that of the command or, after 0, that of the coverage. Raises `StartError` if nothing can be run.
    """
    check_file(settings.coverage)
    server = MockServer(**{setting.name: getattr(settings, setting.name) for setting in fields(settings)}).start()
    try:
        key, workspace = server.main_key()
        environment = environment_with(
            ENSPACE_API_URL=server.url,
            ENSPACE_API_KEY=key,
            ENSPACE_WORKSPACE_ID=workspace,
            MOCKSERVER_URL=server.url,
            MOCKSERVER_CONTROL_TOKEN=settings.control_token,
            **proxy_exceptions(),
        )
        code = _exit_code(command, environment)
        report = server.coverage()
        coverage_code, problems = finish(report, settings.coverage, settings.coverage_min)
        return code or coverage_code, [
            *_summarize_calls(server.url, settings.control_token),
            *render_table(report),
            *problems,
        ]
    finally:
        server.stop()


def _exit_code(command: Sequence[str], environment: dict[str, str]) -> int:
    # Without a shell: the arguments reach the command as they were written.
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise RunError(f"cannot run {command[0]!r}: {error.strerror}. Fix: name a command after `--`.") from error

    def forward(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    # The command decides what a signal means; we wait for it, so that its report is complete.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    code = process.wait()
    # A negative code is the signal that ended the command; shells report it as 128 and its number.
    return code if code >= 0 else 128 - code


def _summarize_calls(url: str, token: str) -> Iterator[str]:
    """The number of calls and the contract violations, as far back as the journal reaches."""
    with control_client(url, token) as control:
        # A large journal takes long on a busy machine, and a timeout would lose the exit code of the command.
        control.timeout = None
        calls = Calls(control).last(1_000_000)
    invalid: list[dict[str, Any]] = [call for call in reversed(calls) if call["violations"]]
    total = calls[0]["number"] if calls else 0
    among = "" if total == len(calls) else f" among the last {len(calls)}"
    yield f"{total} calls, {len(invalid)} with contract violations{among}"
    for call in invalid[:MAX_LISTED_VIOLATIONS]:
        request, first = call["request"], call["violations"][0]
        where = f"{first['where']}: received {first['received']}, documented: {first['documented']}"
        yield f"  {request['method']} {request['path']}: {where}"
    if len(invalid) > MAX_LISTED_VIOLATIONS:
        yield f"  and {len(invalid) - MAX_LISTED_VIOLATIONS} more"
