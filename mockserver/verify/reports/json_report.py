"""The JSON report, described by `results.schema.json`. Baselines and comparisons read it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from mockserver.errors import StartError
from mockserver.verify.results import Results

VERSION = 1
SCHEMA = Path(__file__).parent / "results.schema.json"


class OldReportError(StartError):
    """Raised when an earlier report, such as a baseline, cannot be read."""


def render(results: Results) -> str:
    """Renders the file."""
    values = asdict(results)
    report = {
        "version": VERSION,
        "verdict": results.verdict,
        "summary": results.full_verdict,
        "partial": results.partial,
        "exit_code": int(results.exit_code),
        "environment": values["environment"],
        "findings": [
            members | {"identity": finding.identity, "known": finding.identity in results.known}
            for members, finding in zip(values["findings"], results.findings, strict=True)
        ],
        "trouble": values["troubles"],
        "coverage": [
            members | {"never_seen": c.never_seen, "undocumented": c.undocumented}
            for members, c in zip(values["coverage"], results.coverage, strict=True)
        ],
        "not_tested": values["not_tested"],
        "cleanup": values["cleanup"],
        "guard": values["guard"],
        "stopped": results.stopped,
        "patch": results.patch,
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


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
