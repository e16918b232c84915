"""The HTML report: one page without network and scripts, rendered from `report.html.jinja`."""

from __future__ import annotations

import re
from math import log10
from pathlib import Path

from mockserver.coverage.templates import load_template
from mockserver.judging.report_style import report_style
from mockserver.text import count_of
from mockserver.verify.judging.causes import by_meaning, count_causes
from mockserver.verify.reports.markdown_report import TITLES, describe_cleanup, describe_consequences, describe_troubles
from mockserver.verify.results import Finding, Provenance, Results

FOLDER = Path(__file__).parent


def render(results: Results) -> str:
    """Renders the page. Every text of the target is escaped by Jinja2."""
    template = load_template(
        FOLDER / "report.html.jinja",
        anchor=anchor,
        log_x=log_x,
        provenance=describe_provenance,
        count_of=count_of,
        consequences=describe_consequences,
    )
    return template.render(
        results=results,
        style=report_style(),
        groups={
            f"{TITLES[meaning]} ({count_causes(causes)})": causes
            for meaning, causes in by_meaning(results.findings).items()
        },
        troubles=describe_troubles(results),
        statuses=sorted({status for c in results.coverage for status in (*c.documented, *c.seen)}),
        timed=[c for c in results.coverage if c.latency],
        cleanup=describe_cleanup(results),
    )


def anchor(title: str) -> str:
    """Returns the id of a section."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def log_x(milliseconds: float) -> float:
    """Maps 0.1 ms to 100 s on a logarithmic scale, in pixels: a step of 100 pixels is ten times as long."""
    return round(230 + 100 * (log10(min(max(milliseconds, 0.1), 100_000)) + 1), 1)


def describe_provenance(finding: Finding) -> str:
    """Describes how certain the contract is of the operation, and of the part of the response."""
    text = f"the operation is {_describe(finding.operation_provenance)}"
    part = finding.property_provenance
    return text + (f", this part {_describe(part)}" if part else "")


def _describe(provenance: Provenance) -> str:
    return f"{provenance.status} ({provenance.source or 'the contract'})"
