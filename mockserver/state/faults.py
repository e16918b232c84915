"""The faults of a sandbox: what goes wrong on purpose, for which calls, and whose turn it is. Not part of the world.

What a fault looks like on the wire is not known here. Chance comes from the seed of the sandbox and the number of the
call, so that the same calls meet the same faults in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import exp
from statistics import NormalDist
from typing import Any

MOST_FAULTS = 1000


@dataclass(slots=True)
class Fault:
    """One fault. `wanted` is how the control API describes it; `seen` counts the calls it fits, `hits` those it met.

    `since` is when the present window of a rate began, in seconds since 1970, and `within` counts the calls in it.
    """

    id: str
    wanted: Mapping[str, Any]
    seen: int = 0
    hits: int = 0
    since: float | None = None
    within: int = 0

    def fits(self, operation: str, tag: str, method: str) -> bool:
        """True if the operation is named, by itself or by its tag, and its method too; what is left out fits all."""
        operations, tags = self.wanted.get("operations", ()), self.wanted.get("tags", ())
        is_named = (not operations and not tags) or operation in operations or tag in tags
        return is_named and method in self.wanted.get("methods", (method,))

    def strikes(self, seed: int, now: float) -> bool:
        """Counts a call that fits; True if it is one that is to go wrong."""
        self.seen += 1
        if self.seen <= self.wanted.get("after", 0):
            return False
        if self.hits >= self.wanted.get("times", self.seen) or not self._exceeds_rate(now):
            return False
        if _chance(seed, self.id, "probability", self.seen) >= self.wanted.get("probability", 1):
            return False
        self.hits += 1
        return True

    def delay(self, seed: int) -> float:
        """Milliseconds that the present call is kept waiting."""
        delay = self.wanted.get("delay", 0)
        if not isinstance(delay, Mapping):
            return float(delay)
        chance = _chance(seed, self.id, "delay", self.seen)
        if "median" in delay:
            spread: float = NormalDist().inv_cdf(min(max(chance, 1e-9), 1 - 1e-9)) * delay.get("sigma", 0.5)
            return min(float(delay["median"]) * exp(spread), float(delay.get("most", 60_000)))
        return float(delay["from"]) + chance * (float(delay["to"]) - float(delay["from"]))

    def seconds_left(self, now: float) -> float:
        """Until the next window of the rate begins."""
        return 0.0 if self.since is None else max(self.since + float(self.wanted["rate"]["seconds"]) - now, 0.0)

    def _exceeds_rate(self, now: float) -> bool:
        rate = self.wanted.get("rate")
        if rate is None:
            return True
        if self.since is None or not self.since <= now < self.since + rate["seconds"]:
            self.since, self.within = now, 0
        self.within += 1
        return self.within > int(rate["calls"])


class Faults:
    """The faults of one sandbox, in the order in which they are asked: the first that strikes is the one."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._wished: dict[str, Faults] = {}
        self._number = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, wanted: Mapping[str, Any]) -> Fault:
        """Makes the fault the last one to be asked."""
        self._number += 1
        fault = Fault(f"fault-{self._number}", wanted)
        self._faults[fault.id] = fault
        return fault

    def remove(self, id: str) -> bool:
        """False if there is none with this id."""
        return self._faults.pop(id, None) is not None

    def clear(self) -> None:
        """Ends all faults."""
        self._faults.clear()

    def wished(self, scenario: str, wanted: Iterable[Mapping[str, Any]]) -> Faults:
        """The faults of a scenario that single calls wish for; they count for themselves."""
        if scenario not in self._wished:
            faults = self._wished[scenario] = Faults()
            for each in wanted:
                faults.add(each)
        return self._wished[scenario]

    def strike(self, operation: str, tag: str, method: str, seed: int, now: float) -> Fault | None:
        """The fault that a call of this operation meets, or None."""
        fitting = (fault for fault in self._faults.values() if fault.fits(operation, tag, method))
        return next((fault for fault in fitting if fault.strikes(seed, now)), None)


def _chance(seed: int, *what: Any) -> float:
    """A number from 0 to 1, always the same one for the same things."""
    named = " ".join(map(str, (seed, *what))).encode()
    return int.from_bytes(blake2b(named, digest_size=8).digest(), "big") / 2**64
