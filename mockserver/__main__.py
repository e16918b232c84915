"""The command line: `mockserver serve`, `run`, `lint`, `seed` and `verify`.

Only words and exit codes; what the commands do is elsewhere. Exit codes: 0 done, 1 findings, 2 usage or contract, 3 too
little coverage.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import click

from mockserver.errors import StartError
from mockserver.settings import Settings, SettingsError, load_settings, option_of


class _Commands(click.Group):
    """Loads `verify` when it is asked for: its engine takes longer to load than the fake to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "verify"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "verify":
            return super().get_command(ctx, cmd_name)
        try:
            from mockserver.verify.command import verify_command
        except ModuleNotFoundError:
            return _without_its_engine()
        return verify_command


def _without_its_engine() -> click.Command:
    """Stands in the help all the same, and says what it needs when it is called."""

    @click.command("verify", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    def verify() -> None:
        """Test whether a target keeps the contract; needs enspace-mockserver[verify]."""
        _stop(StartError("`verify` needs Schemathesis. Fix: pip install 'enspace-mockserver[verify]'"))

    return verify


@click.group(cls=_Commands)
@click.version_option(package_name="enspace-mockserver")
def main() -> None:
    """A fake Enspace, driven by its contract."""


def _options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One option per setting; texts, because the settings read and judge them themselves."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for setting in reversed([s for s in fields(Settings) if not names or s.name in names]):
            is_switch = isinstance(setting.default, bool)
            # Even `flag_value=None` would let an option stand without its value.
            kind: dict[str, Any] = {"is_flag": True, "flag_value": "true"} if is_switch else {}
            default = "" if is_switch or setting.default == "" else f" [default: {_shown(setting.default)}]"
            command = click.option(
                option_of(setting.name),
                **kind,
                default=None,
                type=str,
                help=setting.metadata["meaning"] + default,
            )(command)
        return command

    return decorate


def _shown(default: Any) -> str:
    return default.name if isinstance(default, Path) else str(default)


@main.command()
@_options()
def serve(**options: str | None) -> None:
    """Serve the contract until interrupted."""
    gc.disable()  # until all is compiled: there is nothing to collect, and the search for it is a tenth of the start
    # Connexion loads httpx, whose command line would load a twentieth of the start more; httpx does without it.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # Python's way to say that there is no such module
    from mockserver.app import assemble
    from mockserver.coverage.outcome import check_file, finish
    from mockserver.serving.server import front_of, listen, serve, start_lines, url_of

    settings = _settings(options)
    try:
        check_file(settings.coverage)
        fake = assemble(settings)
        app = front_of(fake, settings)
        listening = listen(settings)
    except StartError as error:
        _stop(error)
    for line in start_lines(fake, url_of(listening)):
        click.echo(line)
    serve(app, fake.journal, listening)
    code, told = finish(fake.coverage(), settings.coverage, settings.coverage_min)
    for line in told:
        click.echo(f"mockserver: {line}", err=True)
    sys.exit(code)


@main.command()
@_options()
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...], **options: str | None) -> None:
    """Run COMMAND with a fake of its own; its exit code is that of the command, or 3 for too little coverage.

    The command finds ENSPACE_API_URL, ENSPACE_API_KEY and ENSPACE_WORKSPACE_ID in its environment. The fake takes a
    free port, unless --port names one.
    """
    from mockserver.testing.run import run

    settings = _settings(options | {"port": options["port"] or "0"})
    try:
        code, told = run(settings, command)
    except StartError as error:
        _stop(error)
    for line in told:
        click.echo(f"mockserver: {line}", err=True)
    sys.exit(code)


@main.command()
@_options("spec", "fixtures")
def lint(**options: str | None) -> None:
    """Check the contract against the laws that keep it readable and true."""
    from mockserver.contract.document import load_document
    from mockserver.contract.lint import lint
    from mockserver.payloads import load_vocabulary

    settings = _settings(options)
    try:
        document = load_document(settings.spec)
        vocabulary = load_vocabulary(settings.fixtures / "vocabulary.yaml")
    except StartError as error:
        _stop(error)
    words = {f"{family}.{member}" for family, rows in vocabulary.items() for row in rows for member in row}
    findings = lint(document, words)
    for finding in findings:
        click.echo(f"{settings.spec}:{finding}")
    click.echo(f"{len(findings)} finding(s)")
    sys.exit(1 if findings else 0)


@main.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write; it may not exist yet.")
@click.option("--items", default=0, type=click.IntRange(0, 1_000_000), help="How many items there shall be in all.")
@click.option("--members", default=0, type=click.IntRange(0, 100_000), help="How many members.")
@click.option("--quick-tasks", default=0, type=click.IntRange(0, 100_000), help="How many quick tasks.")
@_options("spec", "fixtures", "seed", "locale")
def seed(out: Path, items: int, members: int, quick_tasks: int, **options: str | None) -> None:
    """Write larger fixtures, as consistent as those they grow from."""
    from mockserver.contract.document import load_document
    from mockserver.enspace.tables import TABLES
    from mockserver.fixture_files.fixture_validator import load_world
    from mockserver.fixture_files.growth import Grower, write_fixtures

    settings = _settings(options)
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        _stop(StartError(f"{out}: there is something already. Mend: name a new folder with --out."))
    try:
        world = load_world(settings.fixtures, load_document(settings.spec))
    except StartError as error:
        _stop(error)
    Grower(world, settings.seed, settings.locale).grow(items, members, quick_tasks)
    write_fixtures(world, TABLES, settings.fixtures, out)
    told = ", ".join(f"{len(world[name])} {name}" for name in ("items", "members", "quick_tasks", "schedule_tasks"))
    click.echo(f"{out}: {told}")


def _settings(options: dict[str, str | None]) -> Settings:
    try:
        return load_settings(options)
    except SettingsError as error:
        _stop(error)


def _stop(error: Exception) -> NoReturn:
    click.echo(f"mockserver: {error}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main(prog_name="mockserver")
