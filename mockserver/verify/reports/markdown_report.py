"""The Markdown report for a merge request: verdict, findings, and what was not tested, on one screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.text import escape_controls
from mockserver.verify.results import Finding, Meaning, Results, by_meaning

TITLES = {
    Meaning.BROKEN: "Broken promises",
    Meaning.LEARN: "Contradicted guesses of the contract",
    Meaning.ENVIRONMENT: "Environment problems",
}
# GitHub limits a comment to 65,536 characters; each row may have 600.
MOST = 30
LONGEST_CELL = 160
# What begins a cell, an escape, HTML, a link, an image, code, a mention or, before two slashes, a URL.
_MARKUP = re.compile(r"[|\\<>&\[\]`@]|:(?=//)")


def render(results: Results) -> str:
    """Renders the file."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    environment, guard = results.environment, results.guard
    yield f"## Contract against {environment.target}: {_cell(results.full_verdict)}"
    yield ""
    yield (
        f"Mode {environment.mode}, depth {environment.depth}, seed {environment.seed}: {guard.sent} requests in "
        f"{environment.seconds:g} s, {guard.refused_total} not sent. {describe_cleanup(results)}"
    )
    for meaning, findings in by_meaning(results.new).items():
        yield f"\n### {TITLES[meaning]} ({len(findings)})\n"
        yield "| operation | promise | received | documented |\n|---|---|---|---|"
        yield from map(_row, findings[:MOST])
        if len(findings) > MOST:
            yield f"\nand {len(findings) - MOST} more."
    if left := results.cleanup.left:
        yield f"\n### Records left behind ({len(left)})\n"
        yield from (f"- {_cell(record.path)}: {_cell(record.why)}" for record in left)
    yield f"\n{results.reached} of {len(results.coverage)} operations were reached."
    if results.not_tested:
        yield f"<details><summary>Not tested ({len(results.not_tested)})</summary>\n"
        yield from (f"- {_cell(n.what)}: {_cell(n.why)}" for n in results.not_tested)
        yield "\n</details>"


def describe_cleanup(results: Results) -> str:
    """Describes in a sentence how many records the run has created, deleted and left."""
    cleanup = results.cleanup
    if not cleanup.created and not cleanup.left:
        return "Nothing was created."
    left = f", {len(cleanup.left)} left" if cleanup.left else ", none left"
    return f"{cleanup.created} records created, {cleanup.deleted} deleted{left}."


def _row(finding: Finding) -> str:
    cells = (finding.operation or "the target", finding.promise, finding.received, finding.documented)
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    """Renders a text of the contract or the target, which could contain markup, on one line."""
    line = escape_controls(" ".join(text.split()))
    line = line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"
    return _MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", line)
