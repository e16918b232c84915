"""What a broken law is reported as, and the words shared by the reports. No law stands here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from mockserver.contract.document import Document, Pointer

if TYPE_CHECKING:
    from mockserver.contract.lint.survey import Survey


_FEW = 12


@dataclass(frozen=True)
class Breach:
    """A broken law, as the law itself yields it; `where` is a line, or the pointer to what has one."""

    where: Pointer | int
    problem: str
    mend: str


Law: TypeAlias = "Callable[[Survey], Iterator[Breach]]"


@dataclass(frozen=True, order=True)
class Finding:
    """A broken law, as people read it."""

    line: int
    law: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.line} {self.law}: {self.problem.rstrip('.')}. Mend: {self.mend.rstrip('.')}."


def name_of(law: Law) -> str:
    """The name under which a law is reported."""
    return law.__name__.replace("_", "-")


def finding(document: Document, law: Law, breach: Breach) -> Finding:
    """The breach of a law with its line."""
    line = breach.where if isinstance(breach.where, int) else document.line(breach.where)
    return Finding(line, name_of(law), breach.problem, breach.mend)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was most likely meant, upper and lower case alike."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None


def instead(name: str, known: Iterable[str], otherwise: str = "remove it: nothing like it is known here") -> str:
    """What to write instead of an unknown name: the nearest, one of a few, else what is said."""
    known = list(known)
    if meant := nearest(name, known):
        return f"write `{meant}`"
    return f"use one of {listed(known)}" if 0 < len(known) <= _FEW else otherwise


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(f"`{name}`" for name in names)
