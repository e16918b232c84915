"""Reports of a run, each rendered from `Results` alone; `write` puts all of them into a folder."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import StartError
from mockserver.verify.judging.reproduction_files import identifier
from mockserver.verify.reports import html_report, json_report, junit_report, markdown_report
from mockserver.verify.results import Results

# File names are part of the public interface: pipelines collect them.
RENDERERS = {
    "verify.json": json_report.render,
    "verify.xml": junit_report.render,
    "verify.md": markdown_report.render,
    "verify.html": html_report.render,
}

PATCH = "learned.patch"


class ReportError(StartError):
    """Raised when reports cannot be written to their folder."""


def prepare(folder: Path) -> None:
    """Creates the folder and tries to write there. `ReportError` before the run, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # `mkdir` succeeds on an existing folder without write access.
        (folder / "verify.json").touch()
    except OSError as error:
        raise ReportError(f"{folder}: reports cannot be written there: {error.strerror}") from error


def write(results: Results, folder: Path) -> list[Path]:
    """Writes all reports, and the files of each reproduction; returns the paths of the reports."""
    written = []
    for name, render in RENDERERS.items():
        (folder / name).write_text(render(results), encoding="utf-8")
        written.append(folder / name)
    if results.patch:
        (folder / PATCH).write_text(results.patch, encoding="utf-8")
        written.append(folder / PATCH)
    for finding in results.findings:
        name = identifier(finding.identity)
        for file, source in ((f"test_{name}.py", finding.reproduce), (f"{name}.sh", finding.script)):
            if source:
                path = folder / "reproduce" / file
                path.parent.mkdir(exist_ok=True)
                path.write_text(source, encoding="utf-8")
    return written
