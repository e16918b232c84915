"""The terminal report: target and verdict, findings, coverage, cleanup, and the verdict again in the last line."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.text import count_of
from mockserver.verify.judging.causes import Cause, by_meaning, count_causes
from mockserver.verify.reports.markdown_report import (
    TITLES,
    describe_cleanup,
    describe_consequences,
    describe_environment,
    describe_troubles,
)
from mockserver.verify.results import Finding, LeftRecord, Results, Severity

MOST = 20
LONGEST_TEXT, LONGEST_CURL = 300, 400


def lines(results: Results) -> Iterator[str]:
    """Yields the summary line by line; the last line is the verdict."""
    for name, text in describe_environment(results).items():
        yield f"{name}: {text}"
    for meaning, causes in by_meaning(results.new).items():
        yield f"{TITLES[meaning]}: {count_causes(causes)}"
        for cause in causes[:MOST]:
            yield from _cause(cause)
        if len(causes) > MOST:
            yield f"  and {len(causes) - MOST} more"
    known = len(results.findings) - len(results.new)
    if known:
        yield f"{count_of(known, 'known finding')} of the baseline not repeated"
    yield from _troubles(results)
    yield from _coverage(results)
    if results.patch:
        yield "the contract should learn: learned.patch in the reports has the edits (git apply)"
    yield f"{count_of(results.guard.sent, 'request')} in {results.environment.seconds:g} s; {describe_cleanup(results)}"
    if results.guard.waited:
        yield f"  waited {results.guard.waited:g} s for a busy target (429, 503) or a lost one"
    yield from map(_left, results.cleanup.left[:MOST])
    if len(results.cleanup.left) > MOST:
        yield f"  and {len(results.cleanup.left) - MOST} more left; the reports list them"
    if results.cleanup.ledger:
        yield f"  fix: mockserver verify --clean {results.cleanup.ledger}"
    for reason, count in sorted(results.guard.refused.items()):
        yield f"  not sent: {count_of(count, 'time')}: {reason}"
    if results.stopped:
        yield f"stopped by the request guard: {results.stopped}"
    yield f"verdict: {results.full_verdict} (seed {results.environment.seed})"


def cleanup_lines(results: Results) -> Iterator[str]:
    """Yields the outcome of `--clean`."""
    yield describe_cleanup(results)
    yield from map(_left, results.cleanup.left)
    if results.stopped:
        yield f"stopped by the request guard: {results.stopped}"


def _left(record: LeftRecord) -> str:
    return f"  left: {record.path} ({record.why})"


def _cause(cause: Cause) -> Iterator[str]:
    yield from _finding(cause.finding)
    if cause.consequences:
        yield f"    consequences: {describe_consequences(cause)}"


def _finding(finding: Finding) -> Iterator[str]:
    where = f" at {finding.location}" if finding.location else ""
    # Errors are the rule.
    severity = "" if finding.severity is Severity.ERROR else f" ({finding.severity})"
    yield f"  {finding.operation or 'the target'}: {finding.promise}{where}{severity}"
    yield f"    received: {' '.join(finding.received.split())[:LONGEST_TEXT]}"
    yield f"    documented: {' '.join(finding.documented.split())[:LONGEST_TEXT]}"
    if finding.contract:
        yield f"    contract: {finding.contract}"
    if finding.request:
        yield f"    since request {finding.request:,}"
    if finding.curl:
        yield f"    {finding.curl[:LONGEST_CURL]}"
    if finding.reproduction:
        yield f"    reproduction: {finding.reproduction}"


def _troubles(results: Results) -> Iterator[str]:
    if results.troubles:
        yield "Requests without a usable answer:"
    for trouble in describe_troubles(results)[:MOST]:
        yield f"  {trouble}"
    if len(results.troubles) > MOST:
        yield f"  and {count_of(len(results.troubles) - MOST, 'more operation')}"


def _coverage(results: Results) -> Iterator[str]:
    # No valid request can ask a healthy target for a 5xx.
    documented = [(c, s) for c in results.coverage for s in c.documented if s < 500]
    seen = sum(s in c.seen for c, s in documented)
    operations = f"{results.reached} of {count_of(len(results.coverage), 'operation')} reached"
    yield f"{operations}, {seen} of {count_of(len(documented), 'documented status', 'documented statuses')} seen"
    if results.not_tested:
        yield f"{count_of(len(results.not_tested), 'part')} not tested; the reports list the reasons"
