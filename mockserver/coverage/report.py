"""The report: the contract on one side, what calls have shown of it on the other.

A value, which the files beside this one tell as JSON, as text and as a page. It holds names of the contract only.
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
    """How many of some promises were seen."""

    seen: int = 0
    of: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.seen + other.seen, self.of + other.of)

    @property
    def percent(self) -> float:
        """With one digit, rounded down: 100 means all. Of nothing, all was seen."""
        return self.seen * 1000 // self.of / 10 if self.of else 100.0

    def reaches(self, percent: int) -> bool:
        """True if at least so much was seen."""
        return self.seen * 100 >= percent * self.of


@dataclass(frozen=True)
class Parts:
    """The tallies of the four parts that are counted."""

    operations: Tally = Tally()
    statuses: Tally = Tally()
    parameters: Tally = Tally()
    members: Tally = Tally()

    def __add__(self, other: Parts) -> Parts:
        return Parts(*(mine + theirs for mine, theirs in zip(self.tallies(), other.tallies(), strict=True)))

    def tallies(self) -> tuple[Tally, ...]:
        """In the order of their names."""
        return self.operations, self.statuses, self.parameters, self.members

    def by_name(self) -> dict[str, Tally]:
        """The tallies by the names of their parts."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @property
    def overall(self) -> Tally:
        """All parts together; each single promise weighs the same."""
        return sum(self.tallies(), Tally())


@dataclass(frozen=True)
class Line:
    """One operation: what is documented, and whether it was seen. `undocumented` are statuses that it answered too.

    Parameters and members are told by their places, such as `query.page` and `body.data`.
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
class Report:
    """All operations in the order of the contract. `sandbox` is None for the calls of all sandboxes."""

    title: str
    sandbox: str | None
    lines: tuple[Line, ...]

    @property
    def parts(self) -> Parts:
        return sum((line.parts for line in self.lines), Parts())

    @property
    def by_tag(self) -> dict[str, list[Line]]:
        """The lines of each tag, in the order of the contract."""
        tags: dict[str, list[Line]] = {}
        for line in self.lines:
            tags.setdefault(line.operation.tag, []).append(line)
        return tags


def report_of(
    document: Document, operations: Iterable[Operation], seen: CoverageLog, sandbox: str | None = None
) -> Report:
    """What the calls behind `seen` have shown of the contract."""
    statuses: dict[str, set[int]] = {}
    filled: dict[str, set[str]] = {}
    for (operation, status), places in seen.merged().items():
        statuses.setdefault(operation, set()).add(status)
        filled.setdefault(operation, set()).update(places)
    sureness = _provenance(document)
    lines = tuple(
        _line(document, o, sureness[o.id], statuses.get(o.id, set()), filled.get(o.id, set())) for o in operations
    )
    return Report(document.raw["info"]["title"], sandbox, lines)


def _provenance(document: Document) -> dict[str, str]:
    """How sure the contract is of each operation; empty where it does not say."""
    written = (operation for _, _, operation in document.operations())
    return {o["operationId"]: o.get("x-provenance", {}).get("status", "") for o in written}


def _line(document: Document, operation: Operation, provenance: str, statuses: set[int], filled: set[str]) -> Line:
    parameters = [f"{p.where}.{p.name}" for p in operation.parameters]
    body = operation.body
    members = paths_in(body_path_of(document, body.schema, "body")) if body is not None else ()
    return Line(
        operation,
        provenance,
        bool(statuses),
        {status: status in statuses for status in sorted(operation.responses)},
        {place: place in filled for place in parameters},
        {place: place in filled for place in members},
        tuple(sorted(statuses - operation.responses.keys())),
    )


def _tally(seen: dict[int, bool] | dict[str, bool]) -> Tally:
    return Tally(sum(seen.values()), len(seen))
