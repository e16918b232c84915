"""A verification as a test of somebody's own suite: `assert_kept` passes, or fails with the summary."""

from __future__ import annotations

from pathlib import Path

from mockserver.verify import reports
from mockserver.verify.contract_run import verify
from mockserver.verify.options import Options, plan_of
from mockserver.verify.reports import terminal
from mockserver.verify.results import ExitCode, Results


def assert_kept(target: str, **options: str) -> Results:
    """Runs with the options of the command line (`max_time="2m"`); `AssertionError` unless the verdict is kept.

    Of a run that tested only a part, `partial` of the results says why.
    """
    given = Options(target=target, **options)
    results = verify(plan_of(given))
    if given.report is not None:
        reports.prepare(Path(given.report))
        reports.write(results, Path(given.report))
    if results.exit_code is not ExitCode.KEPT:
        raise AssertionError("\n".join(terminal.lines(results)))
    return results
