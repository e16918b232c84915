"""The report for everybody: one page that needs no network and no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from math import log10
from pathlib import Path

from mockserver.verify.reports.markdown import TITLES, cleaned
from mockserver.verify.results import Coverage, Finding, Results, by_meaning

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def render(results: Results) -> str:
    """The file."""
    title = f"{results.judgement}: contract against {results.environment.target}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head><body>\n'
        + "\n".join(_sections(results))
        + "\n</body></html>\n"
    )


def _sections(results: Results) -> Iterator[str]:
    sections = [(title, body) for title, body in _named(results) if body]
    links = "".join(f'<li><a href="#{_anchor(title)}">{escape(title)}</a></li>' for title, _ in sections)
    yield _head(results)
    yield f'<nav aria-label="Sections"><ul>{links}</ul></nav><main>'
    for title, body in sections:
        yield f'<section><h2 id="{_anchor(title)}">{escape(title)}</h2>{body}</section>'
    yield "</main>"


def _named(results: Results) -> Iterator[tuple[str, str]]:
    for meaning, findings in by_meaning(results.findings).items():
        told = (_finding(finding, finding.identity in results.known) for finding in findings)
        yield f"{TITLES[meaning]} ({len(findings)})", "\n".join(told)
    yield "Statuses", _matrix(results.coverage)
    yield "Latencies", _latencies(results.coverage)
    yield "Records and guard", _cleanup(results)
    yield "Not tested", _not_tested(results)
    yield "Environment", _environment(results)


def _anchor(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def _head(results: Results) -> str:
    reached = sum(bool(c.seen) for c in results.coverage)
    stopped = f"<p>Stopped by the guard: {escape(results.stopped)}</p>" if results.stopped else ""
    return (
        f'<header class="{"partial" if results.partial else ""} {results.verdict}">'
        f'<p class="verdict">{escape(results.judgement)}</p>'
        f"<h1>Contract against {escape(results.environment.target)}</h1>"
        f"<p>{results.guard.sent} requests in {results.environment.seconds:g} s, {len(results.findings)} finding(s), "
        f"{reached} of {len(results.coverage)} operations reached. {escape(cleaned(results))}</p>{stopped}</header>"
    )


def _finding(finding: Finding, known: bool) -> str:
    tag = " <em>known</em>" if known else ""
    where = f" at <code>{escape(finding.location)}</code>" if finding.location else ""
    rows = [
        ("received", escape(finding.received)),
        ("documented", escape(finding.documented)),
        ("provenance", escape(_provenance(finding))),
        ("seed", str(finding.seed)),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    parts = [("See it again", finding.curl), ("As a test", finding.reproduce), ("Proposed change", finding.proposal)]
    blocks = "".join(f"<h4>{name}</h4><pre tabindex='0'>{escape(text)}</pre>" for name, text in parts if text)
    return (
        f'<details class="{finding.severity.value}"><summary><b>{escape(finding.operation or "the target")}</b> '
        f"{escape(finding.promise)}{where}{tag}</summary><dl>{terms}</dl>{blocks}</details>"
    )


def _provenance(finding: Finding) -> str:
    operation, member = finding.operation_provenance, finding.property_provenance
    told = f"the operation is {operation.status} ({operation.source or 'the contract'})"
    return told + (f", this part {member.status} ({member.source or 'the contract'})" if member else "")


def _matrix(coverage: tuple[Coverage, ...]) -> str:
    statuses = sorted({status for c in coverage for status in (*c.documented, *c.seen)})
    head = "".join(f'<th scope="col">{status}</th>' for status in statuses)
    rows = "".join(
        f'<tr><th scope="row">{escape(c.operation)}</th>{"".join(_cell(c, s) for s in statuses)}</tr>' for c in coverage
    )
    return (
        "<p>How often each status came. "
        '<span class="seen">n</span> documented and seen, <span class="never">-</span> documented and never seen, '
        '<span class="undocumented">n</span> seen and not documented.</p>'
        f'<div class="wide" tabindex="0" role="region" aria-label="Statuses by operation">'
        f'<table><thead><tr><th scope="col">operation</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )


def _cell(c: Coverage, status: int) -> str:
    count = c.seen.get(status)
    if status in c.documented:
        return f'<td class="seen">{count}</td>' if count else '<td class="never">-</td>'
    return f'<td class="undocumented">{count}</td>' if count else "<td></td>"


def _latencies(coverage: tuple[Coverage, ...]) -> str:
    timed = [(c.operation, c.latency) for c in coverage if c.latency]
    if not timed:
        return ""
    height = 18 * len(timed) + 24
    bars = "".join(
        f'<text x="0" y="{18 * n + 13}">{escape(name)}</text>'
        f'<line x1="{_x(told.median)}" x2="{_x(told.longest)}" y1="{18 * n + 9}" y2="{18 * n + 9}"/>'
        f'<rect x="{_x(0.1)}" y="{18 * n + 4}" width="{_x(told.median) - _x(0.1):.0f}" height="10">'
        f"<title>{escape(name)}: median {told.median} ms, longest {told.longest} ms, {told.count} answers</title>"
        "</rect>"
        for n, (name, told) in enumerate(timed)
    )
    marks = "".join(f'<text x="{_x(ms)}" y="{height - 4}">{ms} ms</text>' for ms in (1, 10, 100, 1000, 10_000))
    return (
        "<p>Bars end at the median, lines at the longest answer; each step is ten times."
        f'</p><div class="wide" tabindex="0" role="region" aria-label="Latencies by operation">'
        f'<svg viewBox="0 0 860 {height}" width="860" height="{height}" role="img" aria-label="Latencies">{bars}{marks}'
        "</svg></div>"
    )


def _x(milliseconds: float) -> float:
    """A logarithmic scale from 0.1 ms to 100 s."""
    return round(230 + 100 * (log10(min(max(milliseconds, 0.1), 100_000)) + 1), 1)


def _cleanup(results: Results) -> str:
    left = "".join(f"<li><code>{escape(x.path)}</code>: {escape(x.why)}</li>" for x in results.cleanup.left)
    refused = "".join(f"<li>{n} times: {escape(why)}</li>" for why, n in sorted(results.guard.refused.items()))
    return (
        f"<p>{escape(cleaned(results))}</p>"
        + (f"<h3>Left</h3><ul>{left}</ul>" if left else "")
        + (f"<h3>Not sent</h3><ul>{refused}</ul>" if refused else "<p>The guard let everything pass.</p>")
    )


def _not_tested(results: Results) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(n.what)}</th><td>{escape(n.why)}</td></tr>" for n in results.not_tested
    )
    return f"<table><tbody>{rows}</tbody></table>" if rows else "<p>Everything was tested.</p>"


def _environment(results: Results) -> str:
    told = results.environment
    rows = {"target": told.target, "mode": told.mode, "depth": told.depth, "seed": told.seed, "contract": told.contract}
    rows |= {"mark": told.mark, "started": told.started} | told.versions
    body = "".join(f"<dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd>" for name, value in rows.items())
    return f"<dl>{body}</dl>"
