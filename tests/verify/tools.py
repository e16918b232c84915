"""The two tools of the comparison, by their command lines: `mockserver verify` and plain `st run`.

Both get the same contract, key and seed. Findings are read from their JSON reports; the target counts requests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation, read_operations
from mockserver.settings import Settings
from tests.conftest import EXPIRED_KEY, FULL_KEY, READ_ONLY_KEY
from tests.verify.mutant import FULL

OPERATIONS = read_operations(load_document(Settings().spec))


@dataclass(frozen=True)
class ReportedFinding:
    """One finding: an operationId, or nothing for the target as a whole, and which promise or check it names."""

    operation: str
    promise: str


@dataclass(frozen=True)
class Asked:
    """The arguments of a tool."""

    url: str
    operations: tuple[Operation, ...]
    seed: int
    depth: str
    folder: Path
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run; `failed` is the reason if the run had no verdict."""

    findings: frozenset[ReportedFinding]
    seconds: float
    exit_code: int
    failed: str = ""


Tool = Callable[[Asked], Outcome]


def verify(mode: str) -> Tool:
    """`mockserver verify` in this mode."""

    def run(asked: Asked) -> Outcome:
        command = [sys.executable, "-m", "mockserver", "verify", asked.url, "--mode", mode, "--depth", asked.depth]
        command += ["--seed", str(asked.seed), "--report", str(asked.folder), *_chosen(asked)]
        return _run(command, asked, read_verify)

    return run


def schemathesis(asked: Asked) -> Outcome:
    """`st run` with its defaults."""
    command = [str(Path(sys.executable).with_name("st")), "run", str(Settings().spec), "--url", asked.url]
    command += [part for name, value in FULL.items() for part in ("--header", f"{name}: {value}")]
    command += ["--seed", str(asked.seed), "--report", "ndjson", "--report-dir", str(asked.folder)]
    if len(asked.operations) < len(OPERATIONS):
        command += [part for operation in asked.operations for part in ("--include-operation-id", operation.id)]
    return _run(command, asked, read_schemathesis)


TOOLS: dict[str, Tool] = {"full": verify("full"), "read-only": verify("read-only"), "st": schemathesis}


def _chosen(asked: Asked) -> list[str]:
    everything = len(asked.operations) == len(OPERATIONS)
    return [] if everything else ["--operations", ",".join(operation.id for operation in asked.operations)]


def _run(command: list[str], asked: Asked, read: Callable[[Path], Iterator[ReportedFinding]]) -> Outcome:
    # In a folder of its own, so that neither finds settings or leaves a cache behind.
    asked.folder.mkdir(parents=True, exist_ok=True)
    began = monotonic()
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=asked.seconds, cwd=asked.folder, env=_environment()
        )
    except subprocess.TimeoutExpired:
        return Outcome(frozenset(), monotonic() - began, -1, f"not done in {asked.seconds:.0f} s")
    (asked.folder / "output.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")
    is_verdict = ended.returncode in (0, 1, 5)
    failed = "" if is_verdict else f"exit code {ended.returncode}: {(ended.stderr or ended.stdout)[-200:].strip()}"
    return Outcome(frozenset(read(asked.folder)), monotonic() - began, ended.returncode, failed)


def read_verify(folder: Path) -> Iterator[ReportedFinding]:
    for path in folder.glob("*.json"):
        report = json.loads(path.read_text(encoding="utf-8"))
        yield from (ReportedFinding(finding["operation"], finding["promise"]) for finding in report.get("findings", []))


def read_schemathesis(folder: Path) -> Iterator[ReportedFinding]:
    """Its JSON report names no operation for what it found in sequences of calls; its events do."""
    ids = {f"{operation.method} {operation.path}": operation.id for operation in OPERATIONS}
    for path in folder.glob("*.ndjson"):
        with path.open(encoding="utf-8") as events:
            for failure in _failures(map(json.loads, events)):
                yield ReportedFinding(ids.get(failure["operation"], ""), failure["title"])


def _failures(events: Iterable[Any]) -> Iterator[Any]:
    for event in events:
        recorder = event.get("ScenarioFinished", {}).get("recorder", {})
        for checks in recorder.get("checks", {}).values():
            yield from (check["failure_info"]["failure"] for check in checks if check.get("failure_info"))


def _environment() -> dict[str, str]:
    """Keys come to `verify` by the environment alone."""
    keys = {"KEY": FULL_KEY, "SECOND_KEY": READ_ONLY_KEY, "EXPIRED_KEY": EXPIRED_KEY}
    named = {f"MOCKSERVER_VERIFY_{name}": value for name, value in keys.items()}
    places = {"MOCKSERVER_VERIFY_WORKSPACE": "company-abc", "MOCKSERVER_VERIFY_FOREIGN_WORKSPACE": "rh-abc"}
    return os.environ | named | places
