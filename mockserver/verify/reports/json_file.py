"""The report for programs; its form is told in `results.schema.json`. Comparisons and baselines read it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mockserver.errors import StartError
from mockserver.verify.results import Finding, Results, plain

VERSION = 1
SCHEMA = Path(__file__).parent / "results.schema.json"


class OldReportError(StartError):
    """A report or baseline that was named cannot be read."""


def told(results: Results) -> dict[str, Any]:
    """The results as JSON values."""
    return {
        "version": VERSION,
        "verdict": results.verdict,
        "partial": results.partial,
        "exit_code": int(results.exit_code),
        "environment": plain(results.environment),
        "findings": [_finding(finding, results) for finding in results.findings],
        "coverage": [
            plain(c) | {"never_seen": list(c.never_seen), "undocumented": list(c.undocumented)}
            for c in results.coverage
        ],
        "not_tested": plain(results.not_tested),
        "cleanup": plain(results.cleanup),
        "guard": plain(results.guard),
        "stopped": results.stopped,
    }


def _finding(finding: Finding, results: Results) -> dict[str, Any]:
    told: dict[str, Any] = plain(finding)
    return told | {"identity": finding.identity, "known": finding.identity in results.known}


def render(results: Results) -> str:
    """The file."""
    return json.dumps(told(results), indent=1, ensure_ascii=False) + "\n"


def identities(file: Path) -> dict[str, str]:
    """The findings of an earlier report by identity, with what was received."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
        return {finding["identity"]: finding["received"] for finding in report["findings"]}
    except OSError as error:
        raise OldReportError(f"{file}: the report cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise OldReportError(f"{file}: this is no report. Mend: name a verify.json of an earlier run.") from error
