"""A run as a test in somebody's own suite: `assert_kept` passes, or fails with the summary."""

from __future__ import annotations

from pathlib import Path

from mockserver.verify import reports
from mockserver.verify.contract_run import verify
from mockserver.verify.options import VerifyOptions, plan_of
from mockserver.verify.reports import terminal_report
from mockserver.verify.results import ExitCode, Results


def assert_kept(target: str, **options: str) -> Results:
    """Runs with the options of the command line (`max_time="2m"`); `AssertionError` unless the verdict is kept.

    If only a part was tested, `partial` of the results contains the reason.
    """
    given = VerifyOptions(target=target, **options)
    results = verify(plan_of(given))
    if given.report is not None:
        reports.prepare(Path(given.report))
        reports.write(results, Path(given.report))
    if results.exit_code is not ExitCode.KEPT:
        raise AssertionError("\n".join(terminal_report.lines(results)))
    return results
