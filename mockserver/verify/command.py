"""`mockserver verify`: words, options and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from mockserver.errors import StartError
from mockserver.verify import reports
from mockserver.verify.compare import compare
from mockserver.verify.contract_run import Plan, Progress, finish, verify
from mockserver.verify.options import FILE, Options, plan_of, read_file
from mockserver.verify.reports import terminal
from mockserver.verify.resources import Contract
from mockserver.verify.results import ExitCode, Results
from mockserver.verify.safety import ledger as ledgers
from mockserver.verify.safety.spared import mode_limits
from mockserver.verify.safety.undo import creations

HELP = {
    "spec": "the contract [default: openapi.yaml]",
    "mode": "read-only, own-data or full [default: read-only, on loopback own-data]",
    "depth": "quick, normal or thorough [default: normal]",
    "operations": "operationIds with commas [default: all]",
    "tags": "tags with commas [default: all]",
    "rate": "most requests in a time, such as 5/s [default: no limit]",
    "max_time": "end testing after this time, such as 10m; cleaning comes on top [default: 10m]",
    "request_time": "longest time for one request [default: 15s]",
    "slow": "a median above this is a finding [default: 2s]",
    "seed": "seed of all generated data [default: 0]",
    "workspace": "slug of the workspace to test in",
    "foreign_workspace": "slug of a workspace that the key may not read",
    "fail_on": "exit with 1 from this severity on: error, warning or note [default: error]",
    "baseline": "verify.json of an earlier run, whose findings are known",
    "report": "folder for the reports [default: none are written]",
    "ledger": "where to note what was created [default: verify-ledger.jsonl in the folder of the reports]",
    "i_own_this_target": "repeat the host name to allow --mode full beyond loopback",
}


def _options(command: Any) -> Any:
    for part in reversed([part for part in fields(Options) if part.name in HELP]):
        command = click.option("--" + part.name.replace("_", "-"), default=None, help=HELP[part.name])(command)
    return command


@click.command(name="verify")
@click.argument("target", required=False)
@_options
@click.option("--allow-http", is_flag=True, flag_value="true", default=None, help="allow plain http beyond loopback")
@click.option("--dry-run", is_flag=True, help="tell what would be tested, and send nothing")
@click.option("--clean", type=click.Path(path_type=Path), help="delete what the killed run of this ledger has left")
@click.option("--compare", "old", type=click.Path(path_type=Path), help="earlier verify.json: tell what is new")
def verify_command(
    target: str | None, dry_run: bool, clean: Path | None, old: Path | None, **given: str | None
) -> None:
    """Test whether TARGET keeps the contract, without touching what is not the run's own.

    Keys come from the environment: MOCKSERVER_VERIFY_KEY, and for tests of access MOCKSERVER_VERIFY_SECOND_KEY (may
    only read) and MOCKSERVER_VERIFY_EXPIRED_KEY. On loopback the demo keys are used where none is given. Options may
    stand in verify.toml. Exit codes: 0 kept, 1 broken, 2 usage or contract, 3 environment, 4 stopped by the guard.
    """
    try:
        options = _merged(target, given)
        if clean is not None:
            _clean(clean, options)
        plan = plan_of(options)
        if dry_run:
            _tell_plan(plan)
        elif old is not None and options.report is None:
            raise StartError("--compare needs --report, where the new verify.json is written")
        else:
            _run(plan, options, old)
    except StartError as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(ExitCode.USAGE)


def _merged(target: str | None, given: dict[str, str | None]) -> Options:
    """The command line over the file."""
    written = read_file(FILE) if FILE.exists() else {}
    named = {name: value for name, value in given.items() if value is not None}
    return Options(**(written | named | ({"target": target} if target else {})))


def _run(plan: Plan, options: Options, old: Path | None) -> None:
    folder = Path(options.report) if options.report else None
    if folder is not None:
        reports.prepare(folder)
    if plan.ledger is not None and plan.ledger.exists():
        raise StartError(f"{plan.ledger}: a run has left records. Mend: mockserver verify --clean {plan.ledger}")
    with _progress(plan) as progress:
        results = verify(plan, progress)
    _forget_ledger(plan, results)
    _tell(results, folder)
    if old is not None and folder is not None:
        for line in compare(old, folder / "verify.json"):
            click.echo(line)
    sys.exit(results.exit_code)


def _clean(file: Path, options: Options) -> None:
    """Ends the process: a cleaning is not followed by a run."""
    ledger = ledgers.read(file)
    plan = plan_of(replace(options, target=ledger.target, mode=options.mode or "own-data"))
    results = finish(plan, ledger)
    _forget_ledger(replace(plan, ledger=file), results)
    for line in terminal.cleaning(results):
        click.echo(line)
    sys.exit(ExitCode.ENVIRONMENT if results.cleanup.left else ExitCode.KEPT)


def _forget_ledger(plan: Plan, results: Results) -> None:
    """A ledger that names nothing that is left has done its work."""
    if plan.ledger is not None and not results.cleanup.ledger:
        plan.ledger.unlink(missing_ok=True)


def _tell(results: Results, folder: Path | None) -> None:
    for line in terminal.lines(results):
        click.echo(line)
    for path in reports.write(results, folder) if folder else ():
        click.echo(f"report: {path}")


def _tell_plan(plan: Plan) -> None:
    """What a run would do; the same reasons that its report would give."""
    contract = Contract(plan.document)
    _, left_out = mode_limits(plan.limits.mode, creations(plan.document), contract)
    why = {part.what: part.why for part in left_out}
    click.echo(f"{plan.target}: mode {plan.limits.mode}, depth {plan.depth}, seed {plan.seed}; nothing is sent")
    for operation in contract.operations:
        if plan.wants(operation):
            told = f"not tested: {why[operation.id]}" if operation.id in why else "tested"
            click.echo(f"  {operation.method:6} {operation.path} {operation.id}: {told}")


@contextmanager
def _progress(plan: Plan) -> Iterator[Progress]:
    """One line that is written over, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda line: None
        return

    def tell(line: str) -> None:
        click.echo(f"\r\033[K{line[:100]}", nl=False, err=True)

    try:
        yield tell
    finally:
        click.echo("\r\033[K", nl=False, err=True)
