"""Style of the HTML reports: of a run of `verify`, and of a comparison by `drift`."""

from __future__ import annotations

from pathlib import Path


def report_style() -> str:
    """Returns the style sheet, which a page contains, so that it needs no network."""
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")
