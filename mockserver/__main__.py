"""The command line: `mockserver serve`, `run`, `lint`, `seed`, `drift`, `record` and `verify`.

Options, output and exit codes only. Exit codes: 0 success, 1 findings, 2 usage or contract error, 3 coverage below
`--coverage-min`.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click

from mockserver.errors import StartError
from mockserver.settings import Settings, SettingsError, load_settings, option_of
from mockserver.text import escape_controls


class _Commands(click.Group):
    """Loads some commands only when they are used: Schemathesis takes longer to load than the fake to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "drift", "record", "verify"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "drift":
            from mockserver.traffic.drift_command import drift_command

            return drift_command
        if cmd_name == "record":
            from mockserver.traffic.record_command import record_command

            return record_command
        return _load_verify() if cmd_name == "verify" else super().get_command(ctx, cmd_name)

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                _stop(StartError(f"{error.filename}: {error.strerror}. Fix: name a shorter path."))
            if error.errno != errno.ENOSPC:
                raise
            sys.stdout = None  # Python would fail again when it flushes the rest at its end
            _stop(StartError(f"the output cannot be written: {error.strerror}. Fix: free some space."))


def _load_verify() -> click.Command:
    try:
        from mockserver.verify.command import verify_command
    except ModuleNotFoundError:
        return _verify_without_schemathesis()
    return verify_command


def _verify_without_schemathesis() -> click.Command:
    """Returns a command that is listed in the help and states what is missing when it is called."""

    @click.command("verify", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    def verify() -> None:
        """Test whether a target keeps the contract; needs the extra `verify`."""
        wheel = f"enspace_mockserver-{version('enspace-mockserver')}-py3-none-any.whl"
        fix = f"in a checkout, use `make verify`; elsewhere, pip install './{wheel}[verify]'"
        _stop(StartError(f"`verify` needs Schemathesis. Fix: {fix}"))

    return verify


@click.group(cls=_Commands)
@click.version_option(package_name="enspace-mockserver")
def main() -> None:
    """A fake Enspace, driven by its contract."""


def _options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds one option per setting. All are texts, since the settings parse and check them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for setting in reversed([s for s in fields(Settings) if not names or s.name in names]):
            option = option_of(setting.name)
            # With `flag_value`, even None, click would accept an option without its value.
            kind: dict[str, Any] = {"type": str}
            if isinstance(setting.default, bool):
                kind |= {"is_flag": True, "flag_value": "true"}
            elif setting.default is None:
                option, kind = f"{option}/--no-{setting.name}", {"callback": _render_switch}
            stated = setting.default is None or isinstance(setting.default, bool) or setting.default == ""
            default = "" if stated else f" [default: {_render_default(setting.default)}]"
            command = click.option(option, **kind, default=None, help=setting.metadata["meaning"] + default)(command)
        return command

    return decorate


def _render_switch(context: click.Context, option: click.Parameter, value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _render_default(default: Any) -> str:
    return default.name if isinstance(default, Path) else str(default)


@main.command()
@_options()
def serve(**options: str | None) -> None:
    """Serve the contract until interrupted."""
    from mockserver.app import assemble
    from mockserver.coverage.outcome import check_file, finish
    from mockserver.serving.server import (
        create_served_app,
        listen,
        print_lines,
        serve,
        serve_forked,
        start_lines,
        url_of,
    )
    from mockserver.serving.terminal_log import terminal_recorders
    from mockserver.serving.workers import check_workers, run_workers

    settings = _settings(options)
    try:
        check_file(settings.coverage)
        check_workers(settings)
        fake = assemble(settings, recorders=terminal_recorders(settings))
        app = create_served_app(fake, settings)
        sockets = listen(settings)
    except StartError as error:
        _stop(error)
    print_lines(start_lines(fake, url_of(sockets)))
    if settings.workers > 1:
        failed = run_workers(settings.workers, lambda: serve_forked(app, fake, sockets))
    else:
        serve(app, fake, sockets)
        failed = 0
    fake.sandboxes.close()  # an SQLite store moves its write-ahead log into the file
    code, lines = finish(fake.coverage(), settings.coverage, settings.coverage_min)
    print_lines((f"mockserver: {line}" for line in lines), to_errors=True)
    sys.exit(failed or code)


@main.command()
@_options(*(setting.name for setting in fields(Settings) if setting.name != "log"))
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...], **options: str | None) -> None:
    """Run COMMAND with a fake of its own; exits with the code of the command, or 3 if coverage is too low.

    The environment of the command has ENSPACE_API_URL, ENSPACE_API_KEY and ENSPACE_WORKSPACE_ID. The fake takes a
    free port, unless --port names one.
    """
    from mockserver.serving.server import print_lines
    from mockserver.testing.run import run

    settings = _settings(options | {"port": options["port"] or "0"})
    try:
        code, lines = run(settings, command)
    except StartError as error:
        _stop(error)
    print_lines((f"mockserver: {line}" for line in lines), to_errors=True)
    sys.exit(code)


@main.command()
@_options("spec", "fixtures")
def lint(**options: str | None) -> None:
    """Check a contract: ours against all laws of this project, others against what can be served as it is written."""
    from mockserver.contract.document import load_document
    from mockserver.contract.lenient.findings import list_findings
    from mockserver.payloads import load_vocabulary
    from mockserver.payloads.gaps import list_gaps

    settings = _settings(options)
    try:
        document = load_document(settings.spec)
        vocabulary = load_vocabulary(settings.fixtures / "vocabulary.yaml")
    except StartError as error:
        _stop(error)
    words = {f"{family}.{member}" for family, rows in vocabulary.items() for row in rows for member in row}
    findings = [*list_findings(document, words), *list_gaps(document, vocabulary)]
    for finding in findings:
        click.echo(escape_controls(f"{settings.spec}:{finding}"))
    click.echo(f"{len(findings)} finding(s)")
    sys.exit(1 if findings else 0)


@main.command()
@click.option("--from", "recordings", multiple=True, type=click.Path(path_type=Path), help="HAR file; its records.")
@click.argument("more", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write; it must not exist.")
@click.option("--items", default=0, type=click.IntRange(0, 1_000_000), help="Total number of items.")
@click.option("--members", default=0, type=click.IntRange(0, 100_000), help="Total number of members.")
@click.option("--quick-tasks", default=0, type=click.IntRange(0, 100_000), help="Total number of quick tasks.")
@click.option("--base-path", help="With --from: path before those of the contract. Default: that of its first server.")
@click.option("--keep-values", is_flag=True, help="With --from: keep personal data.")
@click.option("--replace-slugs", is_flag=True, help="With --from: replace slugs and references too.")
@click.option("--at-start", is_flag=True, help="With --from: the records before the first call, not after the last.")
@_options("spec", "fixtures", "seed", "locale")
def seed(
    recordings: tuple[Path, ...],
    more: tuple[Path, ...],
    out: Path,
    items: int,
    members: int,
    quick_tasks: int,
    base_path: str | None,
    keep_values: bool,
    replace_slugs: bool,
    at_start: bool,
    **options: str | None,
) -> None:
    """Write larger fixtures, as consistent as the given ones; or those of recordings: --from FILE.har…

    Personal data of recordings is replaced, unless that was done when they were made.
    """
    from mockserver.contract.document import load_document
    from mockserver.enspace.tables import TABLES
    from mockserver.fixture_files.fixture_validator import load_world
    from mockserver.fixture_files.growth import Grower, write_fixtures

    settings = _settings(options)
    if more and not recordings:
        _stop(StartError(f"{more[0]}: received without --from. Fix: --from {more[0]}"))
    try:
        if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
            _stop(StartError(f"{out}: it exists already. Fix: name a new folder with --out."))
        if recordings:
            how = {"keep_values": keep_values, "replace_slugs": replace_slugs, "at_start": at_start}
            _seed_from([*recordings, *more], out, settings, base_path, how)
            return
        world = load_world(settings.fixtures, load_document(settings.spec))
        Grower(world, settings.seed, settings.locale).grow(items, members, quick_tasks)
        write_fixtures(world, TABLES, settings.fixtures, out)
    except StartError as error:
        _stop(error)
    except OSError as error:
        _stop(StartError(f"{out}: it cannot be written: {error.strerror}. Fix: name another folder with --out."))
    counts = ", ".join(f"{len(world[name])} {name}" for name in ("items", "members", "quick_tasks", "schedule_tasks"))
    click.echo(f"{out}: {counts}")


def _seed_from(
    files: Sequence[Path], out: Path, settings: Settings, base_path: str | None, how: dict[str, bool]
) -> None:
    """Writes the records of recordings as fixtures. Raises `StartError`."""
    from mockserver.contract.lenient.reading import read_contract
    from mockserver.traffic.har_reader import HarFile
    from mockserver.traffic.recorded_fixtures import read_recorded_fixtures

    recorded = read_recorded_fixtures(list(map(HarFile, files)), read_contract(settings.spec), base_path, **how)
    recorded.write(out, settings.fixtures)
    for line in recorded.describe():
        click.echo(escape_controls(line))


def _settings(options: dict[str, str | None]) -> Settings:
    try:
        return load_settings(options)
    except SettingsError as error:
        _stop(error)


def _stop(error: Exception) -> NoReturn:
    lines = map(escape_controls, str(error).split("\n"))
    click.echo("mockserver: " + "\n".join(lines), err=True)
    sys.exit(2)


if __name__ == "__main__":
    main(prog_name="mockserver")
