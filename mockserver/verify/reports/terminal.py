"""The report for the person who waits."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.verify.reports.markdown import TITLES, cleaned
from mockserver.verify.results import Finding, Results, by_meaning

MOST = 20


def lines(results: Results) -> Iterator[str]:
    """The summary, line by line; the last one is the verdict."""
    for meaning, findings in by_meaning(results.new).items():
        yield f"{TITLES[meaning]}: {len(findings)}"
        for finding in findings[:MOST]:
            yield from _finding(finding)
        if len(findings) > MOST:
            yield f"  and {len(findings) - MOST} more"
    forgiven = len(results.findings) - len(results.new)
    if forgiven:
        yield f"{forgiven} known finding(s) of the baseline are not told again"
    yield from _coverage(results)
    yield f"{results.guard.sent} requests in {results.environment.seconds:g} s; {cleaned(results)}"
    if results.guard.waited:
        yield f"  waited {results.guard.waited:g} s for a target that had no time (429, 503)"
    for left in results.cleanup.left:
        yield f"  left: {left.path} ({left.why})"
    if results.cleanup.ledger:
        yield f"  mend: mockserver verify --clean {results.cleanup.ledger}"
    for reason, count in sorted(results.guard.refused.items()):
        yield f"  not sent: {count} times: {reason}"
    if results.stopped:
        yield f"stopped by the guard: {results.stopped}"
    yield f"verdict: {results.judgement} (seed {results.environment.seed})"


def cleaning(results: Results) -> Iterator[str]:
    """What a cleaning has done."""
    yield cleaned(results)
    for left in results.cleanup.left:
        yield f"  left: {left.path} ({left.why})"


def _finding(finding: Finding) -> Iterator[str]:
    where = f" at {finding.location}" if finding.location else ""
    yield f"  {finding.operation or 'the target'}: {finding.promise}{where}"
    yield f"    received: {' '.join(finding.received.split())[:300]}"
    yield f"    documented: {' '.join(finding.documented.split())[:300]}"
    if finding.curl:
        yield f"    {finding.curl[:400]}"


def _coverage(results: Results) -> Iterator[str]:
    reached = sum(bool(c.seen) for c in results.coverage)
    documented = [(c, s) for c in results.coverage for s in c.documented if s < 500]
    seen = sum(s in c.seen for c, s in documented)
    operations = f"{reached} of {len(results.coverage)} operations reached"
    yield f"{operations}, {seen} of {len(documented)} documented statuses seen"
    if results.not_tested:
        yield f"{len(results.not_tested)} part(s) not tested; the reports say which and why"
