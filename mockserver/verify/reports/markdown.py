"""The report for a merge request: the verdict, the findings, and what was not tested, on one screen."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.verify.results import Finding, Meaning, Results, by_meaning

TITLES = {
    Meaning.BROKEN: "Broken promises",
    Meaning.LEARN: "The contract should learn",
    Meaning.ENVIRONMENT: "The environment",
}
MOST = 30


def render(results: Results) -> str:
    """The file."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    told, guard = results.environment, results.guard
    yield f"## Contract against {told.target}: {results.judgement}"
    yield ""
    yield (
        f"Mode {told.mode}, depth {told.depth}, seed {told.seed}: {guard.sent} requests in {told.seconds:g} s, "
        f"{guard.refused_in_all} not sent. {cleaned(results)}"
    )
    for meaning, findings in by_meaning(results.new).items():
        yield f"\n### {TITLES[meaning]} ({len(findings)})\n"
        yield "| operation | promise | received | documented |\n|---|---|---|---|"
        for finding in findings[:MOST]:
            yield _row(finding)
        if len(findings) > MOST:
            yield f"\nand {len(findings) - MOST} more."
    reached = sum(bool(c.seen) for c in results.coverage)
    yield f"\n{reached} of {len(results.coverage)} operations were reached."
    if results.not_tested:
        yield f"<details><summary>Not tested ({len(results.not_tested)})</summary>\n"
        yield from (f"- {_cell(n.what)}: {_cell(n.why)}" for n in results.not_tested)
        yield "\n</details>"


def cleaned(results: Results) -> str:
    """What became of the records of the run, in a sentence."""
    done = results.cleanup
    if not done.created and not done.left:
        return "Nothing was created."
    left = f", {len(done.left)} left" if done.left else ", none left"
    return f"{done.created} records created, {done.deleted} deleted{left}."


def _row(finding: Finding) -> str:
    cells = (finding.operation or "the target", finding.promise, finding.received, finding.documented)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return flat if len(flat) <= 160 else flat[:159] + "…"
