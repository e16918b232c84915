"""The report as JSON values and as text, and which form a file has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockserver.coverage.page import page
from mockserver.coverage.report import Line, Parts, Report, Tally

_HEADS = ("operations", "statuses", "parameters", "members")


def values(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    parts = report.parts
    return {
        "title": report.title,
        "sandbox": report.sandbox,
        **_told(parts.overall),
        "parts": {name: _told(tally) for name, tally in parts.by_name().items()},
        "operations": [_line(line) for line in report.lines],
        "undocumented": {line.operation.id: list(line.undocumented) for line in report.lines if line.undocumented},
    }


def table(report: Report) -> Iterator[str]:
    """The tallies by tag, as lines of text."""
    yield summary(report)
    width = max((len(tag) for tag in report.by_tag), default=0)
    yield f"  {'':{width}}" + "".join(f"{head:>14}" for head in _HEADS)
    for tag, lines in report.by_tag.items():
        parts = sum((line.parts for line in lines), Parts())
        yield f"  {tag:{width}}" + "".join(f"{_fraction(tally):>14}" for tally in parts.tallies())


def text(report: Report) -> str:
    """The table, and below it by name what was never seen and what was answered though undocumented."""
    called = [line for line in report.lines if line.called]
    sections = {
        "never called": [_call(line) for line in report.lines if not line.called],
        "never seen of what was called": [f"{_call(line)}: {told}" for line in called if (told := _missing(line))],
        "answered, but not documented": [
            f"{_call(line)}: {_listed(line.undocumented)}" for line in called if line.undocumented
        ],
    }
    lines = list(table(report))
    for head, entries in sections.items():
        lines += ["", head, *(f"  {entry}" for entry in entries or ["nothing"])]
    return "\n".join(lines) + "\n"


def summary(report: Report) -> str:
    """The coverage in one line."""
    parts = ", ".join(f"{name} {tally.seen} of {tally.of}" for name, tally in report.parts.by_name().items())
    return f"coverage of the contract: {report.parts.overall.percent} % ({parts})"


def as_json(report: Report) -> str:
    """The report as a JSON text."""
    return json.dumps(values(report), ensure_ascii=False, indent=1) + "\n"


def form_of(file: Path) -> Callable[[Report], str]:
    """JSON for `.json`, a page for `.html`, text for any other ending."""
    return {".json": as_json, ".html": page, ".htm": page}.get(file.suffix.lower(), text)


def _told(tally: Tally) -> dict[str, Any]:
    return {"percent": tally.percent, "seen": tally.seen, "of": tally.of}


def _line(line: Line) -> dict[str, Any]:
    operation = line.operation
    return {
        "operation": operation.id,
        "tag": operation.tag,
        "method": operation.method,
        "path": operation.path,
        "provenance": line.provenance,
        "called": line.called,
        "statuses": {str(status): seen for status, seen in line.statuses.items()},
        "parameters": line.parameters,
        "members": line.members,
        "undocumented": list(line.undocumented),
    }


def _call(line: Line) -> str:
    return f"{line.operation.id} ({line.operation.method} {line.operation.path})"


def _missing(line: Line) -> str:
    """What is documented of an operation and was never seen."""
    statuses, parameters, members = (
        [name for name, seen in part.items() if not seen] for part in (line.statuses, line.parameters, line.members)
    )
    return _listed([*statuses, *parameters, *members])


def _listed(names: Any) -> str:
    return ", ".join(map(str, names))


def _fraction(tally: Tally) -> str:
    return f"{tally.seen} of {tally.of}" if tally.of else "-"
