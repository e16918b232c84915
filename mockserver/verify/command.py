"""The command `mockserver verify`: arguments, messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click

from mockserver.errors import StartError
from mockserver.text import escape_controls
from mockserver.verify import reports
from mockserver.verify.contract_run import Run, finish
from mockserver.verify.options import FILE, VerifyOptions, plan_of, read_file
from mockserver.verify.plan import Plan
from mockserver.verify.reports import terminal_report
from mockserver.verify.reports.json_report import compare
from mockserver.verify.resources import Contract
from mockserver.verify.results import ExitCode, Results
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import read_ledger
from mockserver.verify.safety.protected_requests import mode_limits

PROGRESS_EVERY = 15.0  # seconds, without a terminal


def _options(command: Any) -> Any:
    # Each decorator puts its option first, so the last one is added first.
    for part in reversed([part for part in fields(VerifyOptions) if "help" in part.metadata]):
        command = click.option(f"--{part.name.replace('_', '-')}", default=None, help=part.metadata["help"])(command)
    return command


@click.command(name="verify")
@click.argument("target", required=False)
@_options
@click.option("--allow-http", is_flag=True, flag_value="true", default=None, help="allow plain http beyond loopback")
@click.option("--dry-run", is_flag=True, help="list what would be tested, and send nothing")
@click.option("--clean", type=click.Path(path_type=Path), help="delete the records in the ledger of a killed run")
@click.option("--compare", "old", type=click.Path(path_type=Path), help="list differences to an earlier verify.json")
def verify_command(
    target: str | None, dry_run: bool, clean: Path | None, old: Path | None, **given: str | None
) -> None:
    """Test whether TARGET keeps the contract. Records that the run has not created stay untouched (except in mode
    full).

    Set keys in the environment: MOCKSERVER_VERIFY_KEY, and for access tests MOCKSERVER_VERIFY_SECOND_KEY (read-only),
    MOCKSERVER_VERIFY_EXPIRED_KEY, MOCKSERVER_VERIFY_LIMITED_KEY (of a member with a role) and
    MOCKSERVER_VERIFY_VIEWER_KEY. On loopback the demo keys are the default. verify.toml can set all options but
    --dry-run, --clean and --compare. Exit codes: 0 kept, 1 broken, 2 usage or contract, 3 environment, 4 stopped by the
    request guard, 5 records left behind that have a DELETE, 130 interrupted.
    """
    try:
        options = _merged(target, given)
        if clean is not None:
            _clean(clean, options, target)
        plan = plan_of(options)
        if dry_run:
            _print_plan(plan)
        elif old is not None and options.report is None:
            raise StartError("--compare needs --report, the folder for the new verify.json")
        else:
            _run(plan, options, old)
    except StartError as error:
        click.echo(f"mockserver: {escape_controls(str(error))}", err=True)
        sys.exit(ExitCode.USAGE)


def _merged(target: str | None, given: dict[str, str | None]) -> VerifyOptions:
    """Merges the options of the command line over those of the file."""
    written = read_file(FILE) if FILE.exists() else {}
    named = {name: value for name, value in given.items() if value is not None}
    return VerifyOptions(**(written | named | ({"target": target} if target else {})))


def _run(plan: Plan, options: VerifyOptions, old: Path | None) -> None:
    folder = Path(options.report) if options.report else None
    if folder is not None:
        # Before the run: an unwritable folder must not cost ten minutes of tests.
        reports.prepare(folder)
    # A second run would append its records to those of a killed one, under another mark.
    if plan.ledger is not None and plan.ledger.exists():
        raise StartError(f"{plan.ledger}: a run has left records. Fix: mockserver verify --clean {plan.ledger}")
    run = Run(plan, _show_on_terminal if sys.stderr.isatty() else lambda line: None)
    with _progress(run):
        results = run.execute()
    _remove_ledger(plan.ledger, results)
    _print_results(results, folder)
    if old is not None and folder is not None:
        for line in compare(old, folder / "verify.json"):
            click.echo(escape_controls(line))
    sys.exit(results.exit_code)


def _clean(file: Path, options: VerifyOptions, target: str | None) -> None:
    """Cleans up and exits: no run follows."""
    ledger = read_ledger(file)
    if target is not None and target.rstrip("/") != ledger.target:
        raise StartError(f"{file}: the ledger lists records of {ledger.target}, not of {target}. Fix: omit TARGET.")
    # The ledger names the target, so that a cleanup cannot delete the same paths elsewhere.
    plan = plan_of(replace(options, target=ledger.target, mode=options.mode or "own-data"))
    results = finish(plan, ledger)
    _remove_ledger(file, results)
    for line in terminal_report.cleanup_lines(results):
        click.echo(escape_controls(line))
    sys.exit(results.exit_code)


def _remove_ledger(file: Path | None, results: Results) -> None:
    """Removes a ledger without records that are left."""
    if file is not None and not results.cleanup.ledger:
        file.unlink(missing_ok=True)


def _print_results(results: Results, folder: Path | None) -> None:
    for line in terminal_report.lines(results):
        click.echo(escape_controls(line))
    for path in reports.write(results, folder) if folder else ():
        click.echo(f"report: {path}")


def _print_plan(plan: Plan) -> None:
    """Prints what a run would test, with the reasons that its report would contain."""
    contract = Contract(plan.document)
    _, left_out = mode_limits(plan.limits.mode, find_creations(plan.document), contract)
    reasons = {part.what: part.why for part in left_out}
    head = f"{plan.target}: mode {plan.limits.mode}, depth {plan.depth}, seed {plan.seed}; nothing is sent"
    click.echo(escape_controls(head))
    for operation in contract.operations:
        if plan.selects(operation):
            state = f"not tested: {reasons[operation.id]}" if operation.id in reasons else "tested"
            click.echo(escape_controls(f"  {operation.method:6} {operation.path} {operation.id}: {state}"))


def _show_on_terminal(line: str) -> None:
    """Overwrites one line of the terminal."""
    click.echo(f"\r\033[K{escape_controls(line)[:100]}", nl=False, err=True)


@contextmanager
def _progress(run: Run) -> Iterator[None]:
    """Shows the progress of a run: on a terminal in one line, elsewhere a line now and then."""
    if sys.stderr.isatty():
        try:
            yield
        finally:
            _show_on_terminal("")
        return
    done = Event()
    # A thread: a slow target may keep a run from noticing that the time has passed.
    thread = Thread(target=_log_progress, args=(run, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _log_progress(run: Run, done: Event) -> None:
    # The log of a CI job must not get thousands of lines.
    while not done.wait(PROGRESS_EVERY):
        click.echo(escape_controls(run.describe_progress()), err=True)
