"""Progress of a run: the share of the work that is done, and an estimate of the time that the rest takes."""

from __future__ import annotations

from mockserver.verify.engine import Depth

# Share of our own checks in the time of a run, measured on the fake; the rest is that of Schemathesis.
CHECKS = {Depth.QUICK: 0.9, Depth.NORMAL: 0.2, Depth.THOROUGH: 0.05}
PHASES = {Depth.QUICK: 1, Depth.NORMAL: 3, Depth.THOROUGH: 3}
ENOUGH = 0.05  # of the work: an estimate from less is none


class TimeEstimate:
    """The time that a run will still take, if the rest goes as fast as what is done."""

    def __init__(self, depth: Depth) -> None:
        self._checks, self._phases = CHECKS[depth], PHASES[depth]
        self._done = 0.0
        self._cases: set[tuple[str, str]] = set()

    def note_check(self, number: int, total: int) -> None:
        """Notes that one of our own checks begins; `number` counts from 0."""
        self._done = self._checks * number / total

    def note_case(self, phase: str, operation: str, operations: int) -> None:
        """Notes that Schemathesis tests an operation in one of its phases."""
        self._cases.add((phase, operation))
        share = len(self._cases) / (self._phases * operations)
        self._done = self._checks + (1 - self._checks) * share

    def describe(self, elapsed: float, limit: float) -> str:
        """Describes the rest in words; empty as long as nothing is known. Times are in seconds."""
        if self._done < ENOUGH:
            return ""
        rest = max(0.0, min(elapsed * (1 - self._done) / self._done, limit))
        return f", about {_rounded(rest)} left"


def _rounded(seconds: float) -> str:
    if seconds >= 90:
        return f"{round(seconds / 60)} min"
    return f"{max(5, 5 * round(seconds / 5))} s"
