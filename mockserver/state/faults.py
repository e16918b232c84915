"""The faults of a sandbox: requested failures and delays, and the requests that each affects. Not part of the world.

How a fault is sent is in `pipeline/send.py`. Chance follows from the seed of the sandbox and the number of the request,
so that the same requests meet the same faults in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from math import exp
from statistics import NormalDist
from typing import Any, TypeAlias

MAX_FAULTS = 1000

# A fault as the control API accepts it; documented in `control/openapi.yaml`.
Specification: TypeAlias = Mapping[str, Any]


@dataclass(slots=True)
class Fault:
    """One fault with its counters.

    `seen` counts the requests that match, `hits` those that were affected. `window_start` is the start of the present
    window of a rate, in seconds since 1970; `window_count` counts the requests in it.
    """

    id: str
    specification: Specification
    seen: int = 0
    hits: int = 0
    window_start: float | None = None
    window_count: int = 0

    def matches(self, operation: str, tag: str, method: str) -> bool:
        """Returns whether operation or tag, and the method, match. A filter that is left out matches everything."""
        operations, tags = self.specification.get("operations", ()), self.specification.get("tags", ())
        is_named = (not operations and not tags) or operation in operations or tag in tags
        return is_named and method in self.specification.get("methods", (method,))

    def affects_next(self, seed: int, now: float) -> bool:
        """Counts a matching request; returns whether the fault affects it."""
        self.seen += 1
        if self.seen <= self.specification.get("after", 0):
            return False
        if self.hits >= self.specification.get("times", self.seen) or not self._exceeds_rate(now):
            return False
        if _chance(seed, self.id, "probability", self.seen) >= self.specification.get("probability", 1):
            return False
        self.hits += 1
        return True

    def delay(self, seed: int) -> float:
        """Returns the milliseconds by which the present request is delayed."""
        delay = self.specification.get("delay", 0)
        if not isinstance(delay, Mapping):
            return float(delay)
        chance = _chance(seed, self.id, "delay", self.seen)
        if "median" in delay:
            spread: float = NormalDist().inv_cdf(min(max(chance, 1e-9), 1 - 1e-9)) * delay.get("sigma", 0.5)
            return min(float(delay["median"]) * exp(spread), float(delay.get("most", 60_000)))
        return float(delay["from"]) + chance * (float(delay["to"]) - float(delay["from"]))

    def seconds_left(self, now: float) -> float:
        """Returns the seconds until the next window of the rate."""
        assert self.window_start is not None
        return self.window_start + float(self.specification["rate"]["seconds"]) - now

    def _exceeds_rate(self, now: float) -> bool:
        rate = self.specification.get("rate")
        if rate is None:
            return True
        if self.window_start is None or not self.window_start <= now < self.window_start + rate["seconds"]:
            self.window_start, self.window_count = now, 0
        self.window_count += 1
        return self.window_count > int(rate["calls"])


class Faults:
    """The faults of one sandbox in their order: the first one that affects a request wins."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._of_scenarios: dict[str, Faults] = {}
        self._number = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, specification: Specification) -> Fault:
        """Adds a fault behind the others."""
        self._number += 1
        fault = Fault(f"fault-{self._number}", specification)
        self._faults[fault.id] = fault
        return fault

    def remove(self, id: str) -> bool:
        """Removes a fault; returns False if there is none with this id."""
        return self._faults.pop(id, None) is not None

    def clear(self) -> None:
        """Removes all faults."""
        self._faults.clear()

    def start_again(self) -> None:
        """Returns to the beginning: no faults, and the first name again."""
        self._faults, self._of_scenarios, self._number = {}, {}, 0

    def to_json(self) -> dict[str, Any]:
        """Renders all faults with their counters."""
        return {
            "number": self._number,
            "faults": [asdict(fault) for fault in self._faults.values()],
            "scenarios": {name: faults.to_json() for name, faults in self._of_scenarios.items()},
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Faults:
        """Returns the faults that `to_json` has rendered."""
        faults = cls()
        faults._number = written["number"]
        faults._faults = {fault["id"]: Fault(**fault) for fault in written["faults"]}
        faults._of_scenarios = {name: cls.from_json(part) for name, part in written["scenarios"].items()}
        return faults

    def of_scenario(self, scenario: str, specifications: Iterable[Specification]) -> Faults:
        """Returns the faults of a scenario that single requests prefer; they have counters of their own."""
        if scenario not in self._of_scenarios:
            faults = self._of_scenarios[scenario] = Faults()
            for specification in specifications:
                faults.add(specification)
        return self._of_scenarios[scenario]

    def affecting(self, operation: str, tag: str, method: str, seed: int, now: float) -> Fault | None:
        """Counts a request of this operation; returns the fault that affects it, or None."""
        matching = (fault for fault in self._faults.values() if fault.matches(operation, tag, method))
        return next((fault for fault in matching if fault.affects_next(seed, now)), None)


def _chance(seed: int, *purpose: Any) -> float:
    """Returns a number from 0 to 1 that depends on the arguments only."""
    key = " ".join(map(str, (seed, *purpose))).encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big") / 2**64
