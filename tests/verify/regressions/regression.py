"""Form of a regression: a mutant with a kind, a subject and the expected verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from tests.verify.exchange import Change
from tests.verify.mutant import Mutant, Send

# `schema`: a schema of the contract promises it; `description`: a description, a rule or an extension does;
# `sense`: every user of a REST API expects it.
Kind: TypeAlias = Literal["schema", "description", "sense"]
Subject: TypeAlias = Literal[
    "access", "absent", "leak", "list", "relation", "round trip", "shape", "tenancy", "time", "update", "validity"
]
# `learn` only for a shape whose innermost schema with a provenance calls it inferred; access, effects, round trips and
# leaks are broken promises whatever their provenance. `either` for statuses and strictness that only an inferred
# operation promises, where both verdicts are right.
Meaning: TypeAlias = Literal["broken", "learn", "either"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
EXIT_CODES: dict[Meaning, frozenset[int]] = {
    "broken": frozenset({1}),
    "learn": frozenset({0}),
    "either": frozenset({0, 1}),
}


@dataclass(frozen=True)
class Regression(Mutant):
    """One promise that a release breaks.

    `related` are operations that a finding may name beside `operations`, because an observer cannot decide which of two
    contradicting answers is at fault: a count and its list, a creation and the list without the record.
    """

    kind: Kind
    subject: Subject
    meaning: Meaning = "broken"
    related: tuple[str, ...] = ()

    @property
    def exit_codes(self) -> frozenset[int]:
        """The right exit codes of a `verify` that finds it."""
        return EXIT_CODES[self.meaning]


def regression(
    kind: Kind,
    subject: Subject,
    name: str,
    breaks: str,
    operations: str,
    change: Change,
    *shown_by: Send | str,
    meaning: Meaning = "broken",
    related: str = "",
) -> Regression:
    """Returns a regression; operations are separated by spaces, a plain text among `shown_by` has no body."""
    sends = tuple(Send(send) if isinstance(send, str) else send for send in shown_by)
    return Regression(
        name, breaks, tuple(operations.split()), change, sends, kind, subject, meaning, tuple(related.split())
    )


def names_of_half(names: Iterable[str], half: Literal["A", "B"]) -> list[str]:
    """Returns every second name of one kind in alphabetical order: from the first for A, from the second for B."""
    return sorted(names)["AB".index(half) :: 2]
