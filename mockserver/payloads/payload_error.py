"""Errors about a schema or a hint. They are raised while generators are compiled, never while one is called.

StartError
└── PayloadError     the contract must be fixed
Exception
└── NoValue          this part has no value; another branch may have one, at the root it becomes a PayloadError
    └── Endless      it would have to contain itself; an object or a list may do without it
"""

from __future__ import annotations

from mockserver.errors import StartError


class PayloadError(StartError):
    """A hint that is not understood, or a schema for which no value can be generated."""

    def __init__(self, where: str, problem: str, fix: str) -> None:
        self.where, self.problem, self.fix = where, problem, fix
        super().__init__(f"{where}: {problem}. Fix: {fix}.")


class NoValue(Exception):
    """No value can be generated for the schema at `where`. Never leaves this package."""

    def __init__(self, where: str, problem: str, fix: str = "loosen the keywords that contradict each other") -> None:
        self.where, self.problem, self.fix = where, problem, fix
        super().__init__(problem)


class Endless(NoValue):
    """A value would have to contain another value of its own kind, and so on without end."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "each value would have to contain another one", "make the reference to itself optional")
