"""The JSON report, described by `results.schema.json`. Baselines and comparisons read it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver.errors import StartError
from mockserver.verify.results import Finding, Results, to_json

VERSION = 1
SCHEMA = Path(__file__).parent / "results.schema.json"


class OldReportError(StartError):
    """Raised when an earlier report, such as a baseline, cannot be read."""


def render(results: Results) -> str:
    """Renders the file."""
    return json.dumps(report(results), indent=1, ensure_ascii=False) + "\n"


def report(results: Results) -> dict[str, Any]:
    """Returns the report as JSON values."""
    return {
        "version": VERSION,
        "verdict": results.verdict,
        "partial": results.partial,
        "exit_code": int(results.exit_code),
        "environment": to_json(results.environment),
        "findings": [_finding(finding, results) for finding in results.findings],
        "coverage": [
            to_json(c) | {"never_seen": list(c.never_seen), "undocumented": list(c.undocumented)}
            for c in results.coverage
        ],
        "not_tested": to_json(results.not_tested),
        "cleanup": to_json(results.cleanup),
        "guard": to_json(results.guard),
        "stopped": results.stopped,
    }


def _finding(finding: Finding, results: Results) -> dict[str, Any]:
    members: dict[str, Any] = to_json(finding)
    return members | {"identity": finding.identity, "known": finding.identity in results.known}


def identities(file: Path) -> dict[str, str]:
    """Reads the findings of an earlier report: identity and what was received."""
    try:
        earlier = json.loads(file.read_text(encoding="utf-8"))
        return {finding["identity"]: finding["received"] for finding in earlier["findings"]}
    except OSError as error:
        raise OldReportError(f"{file}: the report cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise OldReportError(f"{file}: this is no report. Fix: name a verify.json of an earlier run.") from error


def compare(old: Path, new: Path) -> Iterator[str]:
    """Yields the lines of a comparison: new, fixed and unchanged findings."""
    before, after = identities(old), identities(new)
    for title, names, received in (
        ("new", after.keys() - before.keys(), after),
        ("fixed", before.keys() - after.keys(), before),
        ("still there", after.keys() & before.keys(), after),
    ):
        yield f"{title}: {len(names)}"
        for name in sorted(names):
            yield f"  {name}: {' '.join(received[name].split())[:200]}"
