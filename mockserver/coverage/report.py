"""Coverage report: the documented parts of every operation, and which of them were seen.

The report contains names of the contract only, never values from requests. `rendering` renders it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from mockserver.contract.body_paths import body_path_of, paths_in
from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.state.coverage_log import CoverageLog


@dataclass(frozen=True)
class Tally:
    """How many parts of a kind the contract documents (`of`), and how many of them were seen."""

    seen: int = 0
    of: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.seen + other.seen, self.of + other.of)

    @property
    def percent(self) -> float:
        """With one digit, rounded down, so that 100 means all. 100 if there is nothing to see."""
        # In integers: rounding 99.96 up to 100 would hide what is missing.
        return self.seen * 1000 // self.of / 10 if self.of else 100.0

    def reaches(self, percent: int) -> bool:
        """Whether at least this percentage was seen."""
        return self.seen * 100 >= percent * self.of


@dataclass(frozen=True)
class Parts:
    """The tallies of the four kinds of parts."""

    operations: Tally = Tally()
    statuses: Tally = Tally()
    parameters: Tally = Tally()
    members: Tally = Tally()

    def __add__(self, other: Parts) -> Parts:
        return Parts(*(mine + theirs for mine, theirs in zip(self.tallies(), other.tallies(), strict=True)))

    def tallies(self) -> tuple[Tally, ...]:
        """The tallies in the order of the fields."""
        return self.operations, self.statuses, self.parameters, self.members

    def by_name(self) -> dict[str, Tally]:
        """The tallies by kind."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @property
    def overall(self) -> Tally:
        """All kinds together. Each single part has the same weight."""
        return sum(self.tallies(), Tally())


@dataclass(frozen=True)
class CoverageLine:
    """One operation: its documented parts, and whether each was seen.

    Parameters and members are named like `query.page` and `body.data`. `undocumented` are statuses that the operation
    answered although the contract does not document them.
    """

    operation: Operation
    provenance: str
    called: bool
    statuses: dict[int, bool]
    parameters: dict[str, bool]
    members: dict[str, bool]
    undocumented: tuple[int, ...]

    @property
    def parts(self) -> Parts:
        return Parts(Tally(int(self.called), 1), _tally(self.statuses), _tally(self.parameters), _tally(self.members))


@dataclass(frozen=True)
class CoverageGroup:
    """The operations of one tag."""

    tag: str
    lines: tuple[CoverageLine, ...]

    @property
    def parts(self) -> Parts:
        return sum((line.parts for line in self.lines), Parts())


@dataclass(frozen=True)
class Report:
    """All operations in the order of the contract. `sandbox` is None for all sandboxes together."""

    title: str
    sandbox: str | None
    lines: tuple[CoverageLine, ...]

    @property
    def parts(self) -> Parts:
        return sum((line.parts for line in self.lines), Parts())

    @property
    def groups(self) -> list[CoverageGroup]:
        """The lines by tag, in the order of the contract."""
        # Not `groupby`: operations of a tag need not be neighbours in the contract.
        by_tag: dict[str, list[CoverageLine]] = {}
        for line in self.lines:
            by_tag.setdefault(line.operation.tag, []).append(line)
        return [CoverageGroup(tag, tuple(lines)) for tag, lines in by_tag.items()]


def report_of(
    document: Document, operations: Iterable[Operation], log: CoverageLog, sandbox: str | None = None
) -> Report:
    """Builds the report of a coverage log."""
    statuses: dict[str, set[int]] = {}
    filled: dict[str, set[str]] = {}
    # One operation may be called with several statuses; what any of those calls contained counts.
    for (operation, status), places in log.merged().items():
        statuses.setdefault(operation, set()).add(status)
        filled.setdefault(operation, set()).update(places)
    provenance = _provenance(document)
    lines = tuple(
        _line(document, o, provenance[o.id], statuses.get(o.id, set()), filled.get(o.id, set())) for o in operations
    )
    return Report(document.raw["info"]["title"], sandbox, lines)


def _provenance(document: Document) -> dict[str, str]:
    """The provenance of each operation; empty where the contract has none."""
    operations = (operation for _, _, operation in document.operations())
    return {o["operationId"]: o.get("x-provenance", {}).get("status", "") for o in operations}


def _line(
    document: Document, operation: Operation, provenance: str, statuses: set[int], filled: set[str]
) -> CoverageLine:
    parameters = [f"{p.where}.{p.name}" for p in operation.parameters]
    body = operation.body
    members = paths_in(body_path_of(document, body.schema, "body")) if body is not None else ()
    return CoverageLine(
        operation,
        provenance,
        bool(statuses),
        {status: status in statuses for status in sorted(operation.responses)},
        {place: place in filled for place in parameters},
        {place: place in filled for place in members},
        # Listed apart: they would raise the share of what is documented.
        tuple(sorted(statuses - operation.responses.keys())),
    )


def _tally(seen: dict[int, bool] | dict[str, bool]) -> Tally:
    return Tally(sum(seen.values()), len(seen))
