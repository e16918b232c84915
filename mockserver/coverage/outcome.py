"""Coverage at the end of a command: the report file, and an exit code if the coverage is too low."""

from __future__ import annotations

import os
from pathlib import Path

from mockserver.coverage.rendering import renderer_for
from mockserver.coverage.report import Report
from mockserver.errors import StartError

# Exit codes. 1 is left to the command, and 2 is that of errors at startup.
TOO_LITTLE = 3
NOT_WRITTEN = 2


class CoverageError(StartError):
    """The coverage file cannot be written. The message says how to fix it."""


def check_file(file: str) -> None:
    """Checks at startup that the coverage file can be written, before a long test run. Raises `CoverageError`."""
    path = Path(file)
    if not file:
        return
    # Not created: a misspelled folder should be noticed.
    if path.is_dir() or not path.parent.is_dir():
        raise CoverageError(f"--coverage: {path} cannot be written. Fix: name a file in a folder that exists.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CoverageError(f"--coverage: {path} may not be written. Fix: name a file in a folder of yours.")


def finish(report: Report, file: str, required: int) -> tuple[int, list[str]]:
    """Writes the report to the file, if there is one. Returns the exit code and, unless it is 0, the reason."""
    if file:
        try:
            Path(file).write_text(renderer_for(Path(file))(report), encoding="utf-8")
        except OSError as error:
            # The disk may be full by now; the lines of the coverage are still printed.
            return NOT_WRITTEN, [f"the coverage cannot be written to {file}: {error.strerror}"]
    overall = report.parts.overall
    if overall.reaches(required):
        return 0, []
    return TOO_LITTLE, [f"coverage of the contract: received {overall.percent} %, required: {required} %"]
