"""The end of a command: the coverage goes to its file, and too little of it is an exit code."""

from __future__ import annotations

import os
from pathlib import Path

from mockserver.coverage.rendering import form_of
from mockserver.coverage.report import Report
from mockserver.errors import StartError

TOO_LITTLE = 3
NOT_WRITTEN = 2


class CoverageError(StartError):
    """The file for the coverage cannot be written; reads as one sentence with the mend."""


def check_file(file: str) -> None:
    """`CoverageError` at the start, so that nobody learns at the end that all was for nothing."""
    path = Path(file)
    if not file:
        return
    if path.is_dir() or not path.parent.is_dir():
        raise CoverageError(f"--coverage: {path} cannot be written. Mend: name a file in a folder that exists.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CoverageError(f"--coverage: {path} may not be written. Mend: name a file in a folder of yours.")


def finish(report: Report, file: str, demanded: int) -> tuple[int, list[str]]:
    """Writes the report to the file, if there is one. An exit code other than 0 comes with its reason."""
    if file:
        try:
            Path(file).write_text(form_of(Path(file))(report), encoding="utf-8")
        except OSError as error:
            return NOT_WRITTEN, [f"the coverage cannot be written to {file}: {error.strerror}"]
    overall = report.parts.overall
    if overall.reaches(demanded):
        return 0, []
    return TOO_LITTLE, [f"coverage of the contract: received {overall.percent} %, demanded: {demanded} %"]
