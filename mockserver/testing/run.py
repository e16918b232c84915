"""`mockserver run`: a command with a fake of its own, for suites of any language.

The fake is gone with the command. What the command gets to know stands in its environment.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import fields
from types import FrameType
from typing import Any

import httpx

from mockserver.coverage.outcome import check_file, finish
from mockserver.coverage.rendering import render_table
from mockserver.errors import StartError
from mockserver.settings import Settings, environment_with
from mockserver.testing.enspace_client import Calls
from mockserver.testing.mock_server import MockServer

MOST_TOLD = 20


class RunError(StartError):
    """The command cannot be run; reads as a sentence with the mend."""


def run(settings: Settings, command: Sequence[str]) -> tuple[int, list[str]]:
    """The exit code, and what is to be said of the calls. `StartError` if the command could not begin.

    The command's own exit code wins over that of a coverage that is too low.
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
        )
        code = _exit_code(command, environment)
        report = server.coverage()
        coverage_code, problems = finish(report, settings.coverage, settings.coverage_min)
        return code or coverage_code, [*_told(server.url, settings.control_token), *render_table(report), *problems]
    finally:
        server.stop()


def _exit_code(command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise RunError(f"cannot run {command[0]!r}: {error.strerror}. Mend: name a command after `--`.") from error

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    code = process.wait()
    return code if code >= 0 else 128 - code


def _told(url: str, token: str) -> Iterator[str]:
    """How many calls there were, and those that broke the contract, as far back as the journal remembers."""
    headers = {"x-mock-token": token} if token else {}
    # A full journal takes its time on a busy machine, and the exit code of the command must not be lost over it.
    with httpx.Client(base_url=f"{url}/_mock", headers=headers, timeout=None) as control:
        calls = Calls(control).last(1_000_000)
    broken: list[dict[str, Any]] = [call for call in reversed(calls) if call["violations"]]
    total = calls[0]["number"] if calls else 0
    of_them = "of them" if total == len(calls) else f"of the last {len(calls)}"
    yield f"{total} calls, {len(broken)} {of_them} broke the contract"
    for call in broken[:MOST_TOLD]:
        request, first = call["request"], call["violations"][0]
        where = f"{first['where']}: received {first['received']}, documented: {first['documented']}"
        yield f"  {request['method']} {request['path']}: {where}"
    if len(broken) > MOST_TOLD:
        yield f"  and {len(broken) - MOST_TOLD} more"
