"""The command `mockserver drift`: arguments, output and exit codes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import read_contract
from mockserver.errors import StartError
from mockserver.judging.call_classifier import CallClassifier
from mockserver.judging.contract_patch import ContractPatch, learn
from mockserver.judging.drift import DriftRow, DriftSeverity, find_drift
from mockserver.judging.evidence import Evidence, read_evidence, write_evidence
from mockserver.judging.export_comparison import ExportComparison
from mockserver.judging.narrowing import find_narrowings
from mockserver.settings import Settings, load_settings
from mockserver.text import count_of, escape_controls
from mockserver.traffic.drift_reports import DriftResults, failing_rows, write_reports
from mockserver.traffic.export_reader import Export, is_export
from mockserver.traffic.har_reader import HarFile

DRIFT, USAGE, ENVIRONMENT = 1, 2, 3


@click.command(name="drift")
@click.argument("recordings", nargs=-1, type=click.Path(path_type=Path))
@click.option("--spec", help="The contract. Default: the one of `mockserver serve`.")
@click.option("--base-path", help="Path before those of the contract, such as /api. Default: that of its first server.")
@click.option("--patch", type=click.Path(path_type=Path), help="Write the edits that end the drift, for `git apply`.")
@click.option("--also-documented", is_flag=True, help="Let --patch change documented parts too.")
@click.option("--lift", is_flag=True, help="Let --patch mark as observed what was inferred and recordings confirm.")
@click.option(
    "--narrow", is_flag=True, help="Show, and with --patch write, where the contract is wider than 30 records."
)
@click.option("--report", type=click.Path(path_type=Path), help="Write HTML, JSON, JUnit and Markdown to this folder.")
@click.option("--evidence", type=click.Path(path_type=Path), help="Add to this file what the recordings have shown.")
@click.option("--replay", is_flag=True, help="Replay the calls against a fake and show how alike its answers are.")
@click.option(
    "--fixtures",
    help="With --replay: the fixtures of the fake. Default: the records as the recordings show them first.",
)
@click.option(
    "--fidelity-min",
    type=click.FloatRange(0, 100),
    default=0,
    help="With --replay: percent of alike calls below which the exit code is 1.",
)
@click.option("--baseline", type=click.Path(path_type=Path), help="A file of known rows, one identity in each line.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in DriftSeverity]),
    default=DriftSeverity.WARNING.value,
    show_default=True,
    help="Severity from which on the exit code is 1.",
)
def drift_command(
    recordings: tuple[Path, ...],
    spec: str | None,
    base_path: str | None,
    patch: Path | None,
    also_documented: bool,
    lift: bool,
    narrow: bool,
    report: Path | None,
    evidence: Path | None,
    replay: bool,
    fixtures: str | None,
    fidelity_min: float,
    baseline: Path | None,
    fail_on: str,
) -> None:
    """Show where RECORDINGS contradict the contract: HAR files, official OpenAPI documents, folders of Markdown pages.

    Exit codes: 0 no drift, 1 drift or too little fidelity, 2 usage or contract, 3 no answer of this API.
    """
    try:
        if (fixtures or fidelity_min) and not replay:
            raise StartError("--fixtures and --fidelity-min are options of --replay. Fix: add --replay.")
        settings = load_settings({"spec": spec, "fixtures": fixtures})
        document = read_contract(settings.spec)
        known = _read_baseline(baseline) if baseline else frozenset()
        collected = read_evidence(evidence) if evidence else Evidence()
        added = [_add_recording(document, path, base_path, collected) for path in recordings]
        for source in added:
            _print([source.description])
        if not recordings and not collected.recordings:
            raise StartError("nothing to compare. Fix: name HAR files, or --evidence with a file of an earlier call.")
        found = find_drift(document, collected) + (find_narrowings(document, collected) if narrow else [])
        rows = [row for row in found if row.identity not in known]
        if evidence:
            write_evidence(evidence, collected)
        failing = failing_rows(rows, DriftSeverity(fail_on))
        _print(_describe_rows(document, rows))
        if report:
            described = [source.description for source in added]
            results = DriftResults(document.path.name, described, *collected.days(), rows, failing)
            _print(map(str, write_reports(results, report)))
        if patch:
            places = collected.places()
            learned = learn(document, rows, places, also_documented=also_documented, also_lift=lift)
            _write_patch(document, patch, learned)
        may_replay = replay and any(source.used for source in added)
        how = (document, settings, base_path)
        is_alike = not may_replay or _replay(recordings, *how, has_fixtures=bool(fixtures), lowest=fidelity_min)
    except StartError as error:
        click.echo(f"mockserver: {escape_controls(str(error))}", err=True)
        sys.exit(USAGE)
    if recordings and not any(source.used for source in added):
        sys.exit(ENVIRONMENT)
    sys.exit(DRIFT if failing or not is_alike else 0)


@dataclass(frozen=True)
class _Source:
    """What was compared: how many calls or operations have proved something."""

    used: int
    description: str


def _add_recording(document: Document, path: Path, base_path: str | None, collected: Evidence) -> _Source:
    """Adds the evidence of a recording or an export."""
    if is_export(path):
        return _add_export(document, Export(path), collected)
    file, classifier = HarFile(path), CallClassifier(document, base_path)
    identity = file.identity()
    recording = classifier.classify(file.calls())
    if classifier.used:
        collected.add(identity, recording)
    return _Source(classifier.used, _describe_recording(file, classifier.used, classifier.set_aside))


def _add_export(document: Document, export: Export, collected: Evidence) -> _Source:
    used = 0
    for number, part in enumerate(export.documents()):
        comparison = ExportComparison(document, part)
        collected.add(f"{export.identity}-{number}", comparison.compare())
        used += comparison.operations
    return _Source(used, f"{export.path}: {count_of(used, 'operation')} of the contract compared")


def _describe_recording(file: HarFile, used: int, set_aside: Counter[str]) -> str:
    reasons = [f"{count} {reason}" for reason, count in sorted(set_aside.items())]
    reasons += [f"{file.unusable} not readable as a call"] if file.unusable else []
    text = f"{file.path}: {count_of(file.entries, 'entry', 'entries')}, {used:,} used"
    text += f"; set aside: {', '.join(reasons)}" if reasons else ""
    return text + ("; cut off; what is there was read" if file.is_cut else "")


def _describe_rows(document: Document, rows: list[DriftRow]) -> Iterator[str]:
    for row in rows:
        more = f" and {len(row.operations) - 2} more" if len(row.operations) > 2 else ""
        counts = f"{count_of(row.seen.answers, 'answer')}, {count_of(row.seen.records, 'record')}"
        yield f"{row.severity:7} {row.name}: received {row.received}, documented: {row.documented}"
        yield f"        {document.path.name}:{row.line}; {counts}; {', '.join(row.operations[:2])}{more}"
    yield count_of(len(rows), "row") if rows else "no drift"


def _replay(
    recordings: tuple[Path, ...],
    document: Document,
    settings: Settings,
    base_path: str | None,
    *,
    has_fixtures: bool,
    lowest: float,
) -> bool:
    """Replays the calls of recordings and prints the fidelity; returns whether it is high enough."""
    from mockserver.traffic.replay import describe_set_aside, fidelity_of, open_replay  # it loads the whole fake

    files = [HarFile(path) for path in recordings if not is_export(path)]
    replay = open_replay(files, document, settings, base_path, has_fixtures=has_fixtures)
    fidelity = fidelity_of(replay)
    _print(describe_set_aside(replay.set_aside))
    _print(fidelity.describe())
    return fidelity.percent >= lowest


def _write_patch(document: Document, file: Path, patch: ContractPatch) -> None:
    if document.notes:
        raise StartError(
            f"{document.path}: --patch needs a contract without lenient places, this one has {len(document.notes)}. "
            f"Fix: see `mockserver lint --spec {document.path}`."
        )
    try:
        file.write_text(patch.diff, encoding="utf-8")
    except OSError as error:
        raise StartError(f"{file}: the patch cannot be written: {error.strerror}") from error
    _print([f"{file}: settles {len(patch.learned)} of {len(patch.learned) + len(patch.left)}"])
    if patch.lifted:
        _print([f"  lifted: {count_of(patch.lifted, 'provenance')}, in part or as a whole"])
    _print(f"  review: {row.identity}: name, tag and schema are derived from calls" for row in patch.review)
    _print(f"  left: {row.identity}: {reason}" for row, reason in patch.left)


def _read_baseline(file: Path) -> frozenset[str]:
    try:
        return frozenset(line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{file}: the baseline cannot be read: {error}") from error


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(escape_controls(line))
