"""The two that look for a broken promise, by their command lines: `mockserver verify` and plain `st run`.

Both get the same contract, the same key and the same seed. What they say is read from their JSON reports; how many
requests they sent is counted by the target.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation, read_operations
from mockserver.settings import Settings
from tests.conftest import EXPIRED_KEY, FULL_KEY, READ_ONLY_KEY
from tests.verify.mutants import FULL

OPERATIONS = read_operations(load_document(Settings().spec))


@dataclass(frozen=True)
class Told:
    """One finding: an operationId, or nothing for the target as a whole, and which promise or check it names."""

    operation: str
    promise: str


@dataclass(frozen=True)
class Asked:
    """What a tool is run with."""

    url: str
    operations: tuple[Operation, ...]
    seed: int
    depth: str
    folder: Path
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What a run of a tool came to. `failed` is why there are no findings to speak of."""

    told: frozenset[Told]
    seconds: float
    exit_code: int
    failed: str = ""


Tool = Callable[[Asked], Outcome]


def verify(mode: str) -> Tool:
    """`mockserver verify` in this mode."""

    def run(asked: Asked) -> Outcome:
        command = [sys.executable, "-m", "mockserver", "verify", asked.url, "--mode", mode, "--depth", asked.depth]
        command += ["--seed", str(asked.seed), "--report", str(asked.folder), *_chosen(asked)]
        return _run(command, asked, _of_verify, (0, 1))

    return run


def schemathesis(asked: Asked) -> Outcome:
    """`st run` with its defaults."""
    command = [str(Path(sys.executable).with_name("st")), "run", str(Settings().spec), "--url", asked.url]
    command += [part for name, value in FULL.items() for part in ("--header", f"{name}: {value}")]
    command += ["--seed", str(asked.seed), "--report", "json", "--report-dir", str(asked.folder)]
    if len(asked.operations) < len(OPERATIONS):
        command += [part for operation in asked.operations for part in ("--include-operation-id", operation.id)]
    return _run(command, asked, _of_schemathesis, (0, 1))


TOOLS: dict[str, Tool] = {"full": verify("full"), "read-only": verify("read-only"), "st": schemathesis}


def _chosen(asked: Asked) -> list[str]:
    everything = len(asked.operations) == len(OPERATIONS)
    return [] if everything else ["--operations", ",".join(operation.id for operation in asked.operations)]


def _run(command: list[str], asked: Asked, read: Callable[[Any], frozenset[Told]], good: tuple[int, ...]) -> Outcome:
    # In a folder of its own, so that neither finds settings or leaves a cache behind.
    asked.folder.mkdir(parents=True, exist_ok=True)
    began = monotonic()
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=asked.seconds, cwd=asked.folder, env=_environment()
        )
    except subprocess.TimeoutExpired:
        return Outcome(frozenset(), monotonic() - began, -1, f"not done in {asked.seconds:.0f} s")
    (asked.folder / "told.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")
    reports = [json.loads(path.read_text()) for path in sorted(asked.folder.glob("*.json"))]
    seconds, code = monotonic() - began, ended.returncode
    if code not in good or not reports:
        return Outcome(frozenset(), seconds, code, f"exit code {code}: {(ended.stderr or ended.stdout)[-200:].strip()}")
    return Outcome(frozenset().union(*map(read, reports)), seconds, code)


def _of_verify(report: Any) -> frozenset[Told]:
    return frozenset(Told(finding["operation"], finding["promise"]) for finding in report.get("findings", []))


def _of_schemathesis(report: Any) -> frozenset[Told]:
    ids = {f"{operation.method} {operation.path}": operation.id for operation in OPERATIONS}
    return frozenset(
        Told(ids.get(label, ""), failure["title"])
        for failure in report.get("failures", [])
        for label in failure["operations"]
    )


def _environment() -> dict[str, str]:
    """Keys come to `verify` by the environment alone."""
    keys = {"KEY": FULL_KEY, "SECOND_KEY": READ_ONLY_KEY, "EXPIRED_KEY": EXPIRED_KEY}
    named = {f"MOCKSERVER_VERIFY_{name}": value for name, value in keys.items()}
    return os.environ | named | {"MOCKSERVER_VERIFY_WORKSPACE": "company-abc"}
