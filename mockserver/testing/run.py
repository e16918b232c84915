"""`mockserver run`: runs a command with a mock server of its own, for test suites in any language.

The command finds URL and credentials in its environment. The server stops with the command.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import fields
from types import FrameType

from mockserver.coverage.outcome import NOT_WRITTEN, check_file, finish
from mockserver.coverage.rendering import render_table
from mockserver.errors import StartError
from mockserver.settings import Settings, environment_with, proxy_exceptions
from mockserver.testing.enspace_client import Calls, Json, control_client, describe_call
from mockserver.testing.mock_server import MockServer
from mockserver.text import count_of

MAX_LISTED_REFUSALS = 20
STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


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
        )
        code = _exit_code(command, environment | proxy_exceptions())
        report_code, lines = _report(server, settings, has_failed=code != 0)
        return code or report_code, lines
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
    for number in STOP_SIGNALS:
        # A signal that is ignored, as `nohup` does it, stays ignored here and in the command.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, forward)
    code = process.wait()
    # A negative code is the signal that ended the command; shells report it as 128 and its number.
    return code if code >= 0 else 128 - code


def _report(server: MockServer, settings: Settings, *, has_failed: bool) -> tuple[int, list[str]]:
    """Returns the exit code of the coverage, and one line of summary.

    Refused requests are listed if the command has failed or with `--coverage`; the table comes with `--coverage` or if
    the coverage is too low.
    """
    try:
        report = server.coverage()
        code, problems = finish(report, settings.coverage, settings.coverage_min)
        table = render_table(report) if settings.coverage or problems else []
        is_detailed = has_failed or bool(settings.coverage)
        return code, [*_summarize_calls(server.url, settings.control_token, is_detailed), *table, *problems]
    except Exception as error:  # whatever it is, it must not replace the exit code of the command
        return NOT_WRITTEN, [f"the requests of the command cannot be reported: {error!r}"]


def _summarize_calls(url: str, token: str, is_detailed: bool) -> Iterator[str]:
    """The numbers of calls and of refused ones, as far back as the journal reaches, and in detail what was refused."""
    with control_client(url, token) as control:
        # A large journal takes long on a busy machine, and a timeout would lose the exit code of the command.
        control.timeout = None
        calls = Calls(control).last(1_000_000)
    # A suite sends some requests in order to be refused, so a refusal is no failure.
    refused: list[Json] = [call for call in reversed(calls) if 400 <= call["answer"]["status"] < 500]
    total = calls[0]["number"] if calls else 0
    among = "" if total == len(calls) else f" among the last {len(calls)}"
    yield f"{count_of(total, 'request')}, {len(refused)} refused{among}"
    if not is_detailed:
        return
    for call in refused[:MAX_LISTED_REFUSALS]:
        yield describe_call(call)
        for violation in call["violations"]:
            yield f"    {violation['where']}: received {violation['received']}, documented: {violation['documented']}"
    if len(refused) > MAX_LISTED_REFUSALS:
        yield f"  and {len(refused) - MAX_LISTED_REFUSALS} more"
