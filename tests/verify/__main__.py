"""`make mutants`: which of forty broken promises `verify` and plain `st run` find, and in how many requests.

A full run takes hours. Outcomes are kept in the folder of `--out` and not repeated; `--narrow` tests only the tags of
the mutant. A finding of the same tool on the healthy fake does not count. `--set regressions` runs `verify` on one half
of the regressions, with a summary by kind.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mockserver.app import assemble
from mockserver.contract.operations import Operation
from mockserver.settings import Settings
from tests.verify.exchange import Answer, Fake, Request
from tests.verify.mutant import Mutant
from tests.verify.mutants import MUTANTS
from tests.verify.regressions.half_a import HALF_A
from tests.verify.regressions.half_b import HALF_B
from tests.verify.regressions.summary import Verdict, summary
from tests.verify.regressions.third import THIRD
from tests.verify.report import Row, markdown, verdict
from tests.verify.serving import Recording, served
from tests.verify.tools import OPERATIONS, TOOLS, Asked

HALVES = {"A": HALF_A, "B": HALF_B, "third": THIRD}


def main() -> None:
    options = read_options()
    sys.exit(measure_regressions(options) if options.set == "regressions" else measure_mutants(options))


def measure_mutants(options: argparse.Namespace) -> int:
    """Prints the table of the forty mutants, and returns the exit code."""
    chosen = [mutant for mutant in MUTANTS if not options.only or mutant.name in options.only]
    tools = options.tools or list(TOOLS)
    rows = [Row(mutant, {tool: found(mutant, tool, options) for tool in tools}) for mutant in chosen]
    print("\n" + markdown(rows))
    return verdict(rows)


def measure_regressions(options: argparse.Namespace) -> int:
    """Prints a summary of one half for each tool; 0 if each regression has the expected verdict."""
    chosen = [one for one in HALVES[options.half] if not options.only or one.name in options.only]
    results = {tool: [Verdict(one, found(one, tool, options)) for one in chosen] for tool in options.tools or ["full"]}
    for tool, verdicts in results.items():
        print("\n" + summary(tool, verdicts))
    everything = [verdict for verdicts in results.values() for verdict in verdicts]
    return 0 if all(one.is_found and one.is_exit_code_right and not one.elsewhere for one in everything) else 1


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.verify", description=__doc__.split("\n")[0])
    names = [mutant.name for mutant in (*MUTANTS, *HALF_A, *HALF_B, *THIRD)]
    parser.add_argument("--set", default="mutants", choices=["mutants", "regressions"])
    parser.add_argument(
        "--half", default="A", choices=list(HALVES), help="of the regressions; `third` was written later"
    )
    parser.add_argument("--only", type=names_of(names), default=[], metavar="NAME,…")
    parser.add_argument("--tools", type=names_of(TOOLS), default=[], metavar="NAME,…", help=", ".join(TOOLS))
    parser.add_argument("--narrow", action="store_true", help="test the operations of the mutant's tags alone")
    parser.add_argument("--depth", default="normal", choices=["quick", "normal", "thorough"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1800, help="the longest that one run may take")
    parser.add_argument("--out", type=Path, default=Path(".mutants"), help="where outcomes are kept")
    return parser.parse_args()


def names_of(known: Iterable[str]) -> Any:
    names = list(known)

    def read(text: str) -> list[str]:
        if unknown := set(text.split(",")) - set(names):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(names)}")
        return text.split(",")

    return read


def found(mutant: Mutant, tool: str, options: argparse.Namespace) -> dict[str, Any]:
    """The findings of the tool on the mutant and not on the healthy fake."""
    operations = tags_of(mutant) if options.narrow else OPERATIONS
    healthy = outcome(healthy_for(operations), operations, tool, options)
    broken = outcome(mutant, operations, tool, options)
    return broken | {
        "findings": [one for one in broken["findings"] if one not in healthy["findings"]],
        "healthy": healthy,
    }


def tags_of(mutant: Mutant) -> tuple[Operation, ...]:
    tags = {operation.tag for operation in OPERATIONS if operation.id in mutant.operations}
    return tuple(operation for operation in OPERATIONS if operation.tag in tags)


def healthy_for(operations: tuple[Operation, ...]) -> Mutant:
    """Returns the unchanged fake, named by the tags that are tested."""

    async def unchanged(request: Request, fake: Fake) -> Answer:
        return await fake.ask(request)

    everything = len(operations) == len(OPERATIONS)
    name = "all" if everything else "-".join(sorted({o.tag.replace(" ", "") for o in operations}))
    return Mutant(f"healthy-{name}", "Nothing.", (), unchanged, ())


def outcome(
    mutant: Mutant, operations: tuple[Operation, ...], tool: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Returns the kept outcome of a tool on a mutant, or a new one on a fresh fake."""
    kept = options.out / f"{mutant.name}.{tool}.json"
    if not kept.exists():
        print(f"{mutant.name}: {tool} …", file=sys.stderr, flush=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(run(mutant, operations, tool, options), indent=1))
    earlier: dict[str, Any] = json.loads(kept.read_text())
    return earlier


def run(mutant: Mutant, operations: tuple[Operation, ...], tool: str, options: argparse.Namespace) -> dict[str, Any]:
    fake = assemble(Settings(seed=options.seed))
    recording = Recording(mutant.of(fake.app))
    folder = (options.out / "reports" / f"{mutant.name}.{tool}").resolve()
    with served(recording) as url:
        done = TOOLS[tool](Asked(url, operations, options.seed, options.depth, folder, options.seconds))
    requests = sum(not call.path.startswith("/_mock") for call in recording.calls)
    findings = sorted(done.findings, key=lambda one: (one.operation, one.promise))
    return asdict(done) | {"findings": [asdict(one) for one in findings], "requests": requests}


if __name__ == "__main__":
    main()
