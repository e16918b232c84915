"""Reports of a run, each made of `Results` alone; `write` puts all of them into a folder."""

from __future__ import annotations

from pathlib import Path

from mockserver.errors import StartError
from mockserver.verify.judging.findings import file_name
from mockserver.verify.reports import html, json_file, junit, markdown
from mockserver.verify.results import Results

WRITERS = {
    "verify.json": json_file.render,
    "verify.xml": junit.render,
    "verify.md": markdown.render,
    "verify.html": html.render,
}


class ReportError(StartError):
    """The folder of the reports cannot be written."""


def prepare(folder: Path) -> None:
    """The folder is there and takes files; said before the run, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "verify.json"
        probe.touch()
    except OSError as error:
        raise ReportError(f"{folder}: reports cannot be written there: {error.strerror}") from error


def write(results: Results, folder: Path) -> list[Path]:
    """All reports, and a pytest file for each finding that can be seen again."""
    written = []
    for name, render in WRITERS.items():
        (folder / name).write_text(render(results), encoding="utf-8")
        written.append(folder / name)
    for finding in results.findings:
        if finding.reproduce:
            place = folder / "reproduce" / file_name(finding)
            place.parent.mkdir(exist_ok=True)
            place.write_text(finding.reproduce, encoding="utf-8")
    return written
