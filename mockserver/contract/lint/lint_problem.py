"""What a broken law is reported as, and the wording that the reports share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from mockserver.contract.document import Document, Pointer, pointer_text

if TYPE_CHECKING:
    from mockserver.contract.lint.contract_index import ContractIndex

# Longer lists of names are no help in a message.
_MAX_NAMES = 12


@dataclass(frozen=True)
class BrokenLaw:
    """A broken law as the law yields it; `where` is a line, or the pointer to a value that has one."""

    where: Pointer | int
    problem: str
    fix: str


Law: TypeAlias = "Callable[[ContractIndex], Iterator[BrokenLaw]]"


@dataclass(frozen=True, order=True)
class LintProblem:
    """A broken law with its name and its position, as it is printed. `pointer` is empty for a law on lines."""

    line: int
    column: int
    law: str
    problem: str
    fix: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.line}:{self.column} {self.law}: {self.problem.rstrip('.')}. Fix: {self.fix.rstrip('.')}."


def name_of(law: Law) -> str:
    """Returns the name under which a law is reported."""
    return law.__name__.replace("_", "-")


def locate(document: Document, law: Law, broken: BrokenLaw) -> LintProblem:
    """Adds the name of the law and the position."""
    where, name = broken.where, name_of(law)
    if isinstance(where, int):
        return LintProblem(where, 1, name, broken.problem, broken.fix)
    return LintProblem(*document.position(where), name, broken.problem, broken.fix, pointer_text(where))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Finds the known name that was most likely meant, ignoring case."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None


def suggest(name: str, known: Iterable[str], otherwise: str = "remove it: no similar name is known here") -> str:
    """Suggests what to write instead of an unknown name: the nearest one, or one of a few, or `otherwise`."""
    known = list(known)
    if meant := nearest(name, known):
        return f"write `{meant}`"
    return f"use one of {join_names(known)}" if 0 < len(known) <= _MAX_NAMES else otherwise


def join_names(names: Iterable[str]) -> str:
    """Joins names for a sentence."""
    return ", ".join(f"`{name}`" for name in names)
