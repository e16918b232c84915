"""What can be wrong with a schema or a hint. Raised while generators are compiled, never while one is called.

StartError
└── PayloadError     the contract must be mended
Exception
└── NoValue          this part has no value; another branch may have one, at the root it is a PayloadError
    └── Endless      because it would have to hold itself; an object or a list may do without it
"""

from __future__ import annotations

from mockserver.errors import StartError


class PayloadError(StartError):
    """A hint that is not understood, or a schema for which no value can be made."""

    def __init__(self, where: str, problem: str, mend: str) -> None:
        self.where, self.problem, self.mend = where, problem, mend
        super().__init__(f"{where}: {problem}. Mend: {mend}.")


class NoValue(Exception):
    """No value can be made for the schema at `where`. Never leaves this package."""

    def __init__(self, where: str, problem: str, mend: str = "loosen what contradicts itself there") -> None:
        self.where, self.problem, self.mend = where, problem, mend
        super().__init__(problem)


class Endless(NoValue):
    """A value would have to hold another of its own kind, and so on without end."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "each value would have to hold another one", "make the reference to itself optional")
