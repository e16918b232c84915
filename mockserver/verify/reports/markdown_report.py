"""The Markdown report for a merge request: verdict, findings, and what was not tested, on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.text import count_of, markdown_cell
from mockserver.verify.judging.causes import Cause, by_meaning, count_causes
from mockserver.verify.results import Meaning, Results

TITLES = {
    Meaning.BROKEN: "Broken promises",
    Meaning.LEARN: "Contradicted guesses of the contract",
    Meaning.ENVIRONMENT: "Environment problems",
}
# GitHub limits a comment to 65,536 characters; each row may have 600.
MOST = 30
MOST_NAMED = 5  # deleted records of others; verify.json has all


def render(results: Results) -> str:
    """Renders the file."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    environment, guard = results.environment, results.guard
    yield f"## Contract against {environment.target}: {markdown_cell(results.full_verdict)}"
    yield ""
    yield (
        f"{environment.started}, mode {environment.mode}, depth {environment.depth}, seed {environment.seed}: "
        f"{count_of(guard.sent, 'request')} in {environment.seconds:g} s, {guard.refused_total} not sent. "
        f"{describe_cleanup(results)}"
    )
    for meaning, causes in by_meaning(results.new).items():
        yield f"\n### {TITLES[meaning]} ({count_causes(causes)})\n"
        yield "| operation | promise | received | documented | contract | since request |\n|---|---|---|---|---|---|"
        yield from map(_row, causes[:MOST])
        if len(causes) > MOST:
            yield f"\nand {len(causes) - MOST} more."
    if results.troubles:
        yield "\n### Requests without a usable answer\n"
        yield from (f"- {markdown_cell(trouble)}" for trouble in describe_troubles(results))
    if left := results.cleanup.left:
        yield f"\n### Records left behind ({len(left)})\n"
        yield from (f"- {markdown_cell(record.path)}: {markdown_cell(record.why)}" for record in left)
    yield f"\n{results.reached} of {count_of(len(results.coverage), 'operation')} reached."
    if results.not_tested:
        yield f"<details><summary>Not tested ({len(results.not_tested)})</summary>\n"
        yield from (f"- {markdown_cell(n.what)}: {markdown_cell(n.why)}" for n in results.not_tested)
        yield "\n</details>"


def describe_cleanup(results: Results) -> str:
    """Describes in a sentence how many records the run has created, deleted and left."""
    cleanup, others = results.cleanup, results.cleanup.deleted_others
    named = ", ".join([*others[:MOST_NAMED], *(["…"] if len(others) > MOST_NAMED else [])])
    lost = f" {count_of(len(others), 'record')} of the target deleted: {named}." if others else ""
    if not cleanup.created and not cleanup.left:
        return f"Nothing was created.{lost}"
    left = f", {len(cleanup.left)} left" if cleanup.left else ", none left"
    return f"{count_of(cleanup.created, 'record')} created, {cleanup.deleted} deleted{left}.{lost}"


def describe_environment(results: Results) -> dict[str, str]:
    """Describes what every report begins with."""
    environment = results.environment
    return {
        "target": f"{environment.target} (mode {environment.mode}, depth {environment.depth})",
        "date": environment.started,
        "verdict": results.full_verdict,
        "cleanup": describe_cleanup(results),
    }


def describe_troubles(results: Results) -> list[str]:
    """Describes the requests without a usable answer, by operation."""
    return [f"{trouble.operation or 'other requests'}: {trouble.share}" for trouble in results.troubles]


def describe_consequences(cause: Cause) -> str:
    """Describes what else one cause breaks: other promises of the operation, and other operations."""
    head, others = cause.finding, cause.consequences
    own = sorted({f.promise for f in others if f.operation == head.operation and f.promise != head.promise})
    operations = sorted({f.operation for f in others if f.operation != head.operation})
    parts = [f"also {', '.join(own)}"] if own else []
    if operations:
        parts.append(f"also in {count_of(len(operations), 'operation')}: {', '.join(operations)}")
    return "; ".join(parts) or f"{count_of(len(others), 'more finding')} of this kind"


def _row(cause: Cause) -> str:
    finding = cause.finding
    consequences = f" ({describe_consequences(cause)})" if cause.consequences else ""
    words = (finding.operation or "the target", finding.promise + consequences, finding.received, finding.documented)
    cells = (*words, finding.contract, f"{finding.request:,}" if finding.request else "")
    return "| " + " | ".join(map(markdown_cell, cells)) + " |"
