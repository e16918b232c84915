"""Reports of a comparison: JSON, JUnit, Markdown and HTML in a folder, in the forms that `verify` writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.errors import StartError
from mockserver.judging.drift import DriftRow, DriftSeverity
from mockserver.judging.report_style import report_style
from mockserver.text import count_of, markdown_cell, xml_text

VERSION = 1
MOST = 100  # rows in Markdown; GitHub limits a comment to 65,536 characters
COLUMNS = ("severity", "place", "received", "documented", "line", "seen", "operations")


@dataclass(frozen=True)
class DriftResults:
    """The rows of a comparison, and which of them fail it. `sources` describes what was compared."""

    contract: str
    sources: list[str]
    first_day: str
    last_day: str
    rows: list[DriftRow]
    failing: frozenset[str]  # identities

    @property
    def verdict(self) -> str:
        return count_of(len(self.rows), "row") if self.rows else "no drift"

    @property
    def days(self) -> str:
        """The days of the recordings; empty if they do not say it."""
        return self.first_day if self.first_day == self.last_day else f"{self.first_day} to {self.last_day}"


def write_reports(results: DriftResults, folder: Path) -> list[Path]:
    """Writes all reports; returns their paths. Raises `StartError` if they cannot be written."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, render in RENDERERS.items():
            (folder / name).write_text(render(results), encoding="utf-8")
            written.append(folder / name)
    except OSError as error:
        raise StartError(f"{folder}: reports cannot be written there: {error.strerror}") from error
    return written


def render_json(results: DriftResults) -> str:
    """Renders the file for programs."""
    report = {
        "version": VERSION,
        "verdict": results.verdict,
        "contract": results.contract,
        "sources": results.sources,
        "first_day": results.first_day,
        "last_day": results.last_day,
        "rows": [_row_to_json(row, row.identity in results.failing) for row in results.rows],
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def _row_to_json(row: DriftRow, fails: bool) -> dict[str, object]:
    return {
        "identity": row.identity,
        "place": row.name,
        "contradiction": row.contradiction.value,
        "severity": row.severity.value,
        "fails": fails,
        "received": row.received,
        "documented": row.documented,
        "line": row.line,
        "answers": row.seen.answers,
        "records": row.seen.records,
        "operations": list(row.operations),
    }


def render_junit(results: DriftResults) -> str:
    """Renders a test case for each row; a row that does not fail the comparison is skipped."""
    suite = Element("testsuite", name="mockserver drift")
    for row in results.rows:
        case = SubElement(suite, "testcase", classname="drift", name=xml_text(row.identity))
        message = xml_text(f"{row.severity}: received {row.received}, documented: {row.documented}")
        if row.identity in results.failing:
            failure = SubElement(case, "failure", type=row.contradiction.value, message=message)
            failure.text = xml_text(f"{results.contract}:{row.line}; {_describe_evidence(row)}")
        else:
            SubElement(case, "skipped", message=message)
    if not results.rows:
        SubElement(suite, "testcase", classname="drift", name=xml_text(results.contract))
    for kind, plural in (("testcase", "tests"), ("failure", "failures"), ("skipped", "skipped")):
        suite.set(plural, str(len(list(suite.iter(kind)))))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def render_markdown(results: DriftResults) -> str:
    """Renders a table for a merge request."""
    return "\n".join(_markdown_lines(results)) + "\n"


def _markdown_lines(results: DriftResults) -> Iterator[str]:
    yield f"## {markdown_cell(results.contract)} and real traffic: {results.verdict}\n"
    yield from (f"- {markdown_cell(source)}" for source in results.sources)
    if results.rows:
        yield "\n| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS)
    yield from ("| " + " | ".join(map(markdown_cell, _cells(row))) + " |" for row in results.rows[:MOST])
    if len(results.rows) > MOST:
        yield f"\nand {len(results.rows) - MOST} more."


def render_html(results: DriftResults) -> str:
    """Renders one page without network and scripts."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row)) + "</tr>\n" for row in results.rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>" if rows else ""
    sources = "".join(f"<li>{escape(source)}</li>" for source in results.sources)
    kind = "failing" if results.failing else "kept"
    title = f"{escape(results.contract)} and real traffic"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{results.verdict}: {title}</title><link rel="icon" href="data:,">\n'
        f"<style>{report_style()}</style></head><body>\n"
        f'<header class="{kind}"><p class="verdict">{results.verdict}</p>\n'
        f"<h1>{title}</h1><p>{escape(results.days)}</p></header>\n<main><ul>{sources}</ul>\n"
        f'<div class="wide" tabindex="0" role="region" aria-label="Rows">{table}</div></main></body></html>\n'
    )


def _cells(row: DriftRow) -> tuple[str, ...]:
    where = (row.severity.value, row.name, row.received, row.documented, str(row.line))
    return (*where, _describe_evidence(row), ", ".join(row.operations))


def _describe_evidence(row: DriftRow) -> str:
    return f"{count_of(row.seen.answers, 'answer')}, {count_of(row.seen.records, 'record')}"


# File names are part of the public interface: pipelines collect them.
RENDERERS: dict[str, Callable[[DriftResults], str]] = {
    "drift.json": render_json,
    "drift.xml": render_junit,
    "drift.md": render_markdown,
    "drift.html": render_html,
}


def failing_rows(rows: list[DriftRow], least: DriftSeverity) -> frozenset[str]:
    """The identities of the rows from a severity on."""
    order = list(DriftSeverity)
    return frozenset(row.identity for row in rows if order.index(row.severity) <= order.index(least))
