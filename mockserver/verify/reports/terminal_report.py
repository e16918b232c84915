"""The terminal report: findings, coverage, cleanup, and the verdict in the last line."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.verify.reports.markdown_report import TITLES, describe_cleanup
from mockserver.verify.results import Finding, LeftRecord, Results, by_meaning

MOST = 20
LONGEST_TEXT, LONGEST_CURL = 300, 400


def lines(results: Results) -> Iterator[str]:
    """Yields the summary line by line; the last line is the verdict."""
    for meaning, findings in by_meaning(results.new).items():
        yield f"{TITLES[meaning]}: {len(findings)}"
        for finding in findings[:MOST]:
            yield from _finding(finding)
        if len(findings) > MOST:
            yield f"  and {len(findings) - MOST} more"
    known = len(results.findings) - len(results.new)
    if known:
        yield f"{known} known finding(s) of the baseline are not repeated"
    yield from _coverage(results)
    if results.patch:
        yield "the contract should learn: learned.patch in the reports has the edits (git apply)"
    yield f"{results.guard.sent} requests in {results.environment.seconds:g} s; {describe_cleanup(results)}"
    if results.guard.waited:
        yield f"  waited {results.guard.waited:g} s for a busy target (429, 503)"
    yield from map(_left, results.cleanup.left[:MOST])
    if len(results.cleanup.left) > MOST:
        yield f"  and {len(results.cleanup.left) - MOST} more left; the reports list them"
    if results.cleanup.ledger:
        yield f"  fix: mockserver verify --clean {results.cleanup.ledger}"
    for reason, count in sorted(results.guard.refused.items()):
        yield f"  not sent: {count} times: {reason}"
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


def _finding(finding: Finding) -> Iterator[str]:
    where = f" at {finding.location}" if finding.location else ""
    yield f"  {finding.operation or 'the target'}: {finding.promise}{where}"
    yield f"    received: {' '.join(finding.received.split())[:LONGEST_TEXT]}"
    yield f"    documented: {' '.join(finding.documented.split())[:LONGEST_TEXT]}"
    if finding.curl:
        yield f"    {finding.curl[:LONGEST_CURL]}"
    if finding.reproduction:
        yield f"    reproduction: {finding.reproduction}"


def _coverage(results: Results) -> Iterator[str]:
    # No valid request can ask a healthy target for a 5xx.
    documented = [(c, s) for c in results.coverage for s in c.documented if s < 500]
    seen = sum(s in c.seen for c, s in documented)
    operations = f"{results.reached} of {len(results.coverage)} operations reached"
    yield f"{operations}, {seen} of {len(documented)} documented statuses seen"
    if results.not_tested:
        yield f"{len(results.not_tested)} part(s) not tested; the reports list them with the reasons"
