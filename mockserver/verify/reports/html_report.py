"""The HTML report: one page without network and scripts, rendered from `report.html.jinja`."""

from __future__ import annotations

import re
from math import log10
from pathlib import Path

from mockserver.coverage.templates import load_template
from mockserver.verify.reports.markdown_report import TITLES, describe_cleanup
from mockserver.verify.results import Finding, Provenance, Results, by_meaning

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "report.css").read_text(encoding="utf-8")


def render(results: Results) -> str:
    """Renders the page. Every text of the target is escaped by Jinja2."""
    template = load_template(FOLDER / "report.html.jinja", anchor=anchor, log_x=log_x, provenance=describe_provenance)
    return template.render(
        results=results,
        style=STYLE,
        groups={TITLES[meaning]: findings for meaning, findings in by_meaning(results.findings).items()},
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
