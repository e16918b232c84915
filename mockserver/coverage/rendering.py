"""Renderings of a coverage report: JSON, text and HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockserver.coverage.report import CoverageLine, Report, Tally
from mockserver.coverage.templates import load_template

_PAGE = Path(__file__).with_name("page.html")
_HEADS = ("operations", "statuses", "parameters", "members")


def to_json(report: Report) -> dict[str, Any]:
    parts = report.parts
    return {
        "title": report.title,
        "sandbox": report.sandbox,
        **_tally_to_json(parts.overall),
        "parts": {name: _tally_to_json(tally) for name, tally in parts.by_name().items()},
        "operations": [_line_to_json(line) for line in report.lines],
        "undocumented": {line.operation.id: list(line.undocumented) for line in report.lines if line.undocumented},
    }


def render_table(report: Report) -> Iterator[str]:
    """The tallies by tag, as lines of text."""
    yield _summary(report)
    width = max((len(group.tag) for group in report.groups), default=0)
    yield f"  {'':{width}}" + "".join(f"{head:>14}" for head in _HEADS)
    for group in report.groups:
        yield f"  {group.tag:{width}}" + "".join(f"{_fraction(tally):>14}" for tally in group.parts.tallies())


def render_text(report: Report) -> str:
    """The table, followed by the names of what was not seen and by undocumented statuses."""
    called = [line for line in report.lines if line.called]
    sections = {
        "never called": [_call(line) for line in report.lines if not line.called],
        "not seen of called operations": [
            f"{_call(line)}: {missing}" for line in called if (missing := _missing(line))
        ],
        "undocumented statuses": [f"{_call(line)}: {_join(line.undocumented)}" for line in called if line.undocumented],
    }
    lines = list(render_table(report))
    for head, entries in sections.items():
        lines += ["", head, *(f"  {entry}" for entry in entries or ["nothing"])]
    return "\n".join(lines) + "\n"


def _summary(report: Report) -> str:
    """The coverage in one line."""
    parts = ", ".join(f"{name} {tally.seen} of {tally.of}" for name, tally in report.parts.by_name().items())
    return f"coverage of the contract: {report.parts.overall.percent} % ({parts})"


def render_json(report: Report) -> str:
    return json.dumps(to_json(report), ensure_ascii=False, indent=1) + "\n"


def render_html(report: Report) -> str:
    """A self-contained page without scripts: a matrix of operations and statuses, or blocks on a narrow screen."""
    # One column for each status that any operation documents.
    statuses = sorted({status for line in report.lines for status in line.statuses})
    return load_template(_PAGE).render(report=report, statuses=statuses)


def renderer_for(file: Path) -> Callable[[Report], str]:
    """JSON for `.json`, HTML for `.html`, text for any other ending."""
    renderers = {".json": render_json, ".html": render_html, ".htm": render_html}
    return renderers.get(file.suffix.lower(), render_text)


def _tally_to_json(tally: Tally) -> dict[str, Any]:
    return {"percent": tally.percent, "seen": tally.seen, "of": tally.of}


def _line_to_json(line: CoverageLine) -> dict[str, Any]:
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


def _call(line: CoverageLine) -> str:
    return f"{line.operation.id} ({line.operation.method} {line.operation.path})"


def _missing(line: CoverageLine) -> str:
    """The documented parts of an operation that were not seen."""
    statuses, parameters, members = (
        [name for name, seen in part.items() if not seen] for part in (line.statuses, line.parameters, line.members)
    )
    return _join([*statuses, *parameters, *members])


def _join(names: Any) -> str:
    return ", ".join(map(str, names))


def _fraction(tally: Tally) -> str:
    # "0 of 0" would read like a gap.
    return f"{tally.seen} of {tally.of}" if tally.of else "-"
