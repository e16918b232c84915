"""Seeded chance of faults: which calls they affect, and how long each delay is."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

from mockserver.state.faults import Fault

LOGNORMAL = {"median": 400, "sigma": 0.8, "most": 8000}


def delays(seed: int, delay: Any) -> list[float]:
    return [Fault("fault-1", {"delay": delay}, seen=call).delay(seed) for call in range(1, 1001)]


def hits(seed: int) -> list[bool]:
    fault = Fault("fault-1", {"probability": 0.2})
    return [fault.affects_next(seed, now=0) for _ in range(1000)]


def test_probability__hits_the_same_calls_each_time_and_the_expected_number() -> None:
    assert hits(7) == hits(7) != hits(8)
    assert 160 <= sum(hits(7)) <= 240


@pytest.mark.parametrize("delay", [LOGNORMAL, {"from": 100, "to": 900}], ids=["lognormal", "range"])
def test_delay__is_the_same_each_time_and_differs_by_call_and_seed(delay: Any) -> None:
    assert delays(7, delay) == delays(7, delay) != delays(8, delay)
    assert len(set(delays(7, delay))) > 900


def test_delay__lognormal_has_its_median_a_long_tail_and_an_end() -> None:
    found = sorted(delays(7, LOGNORMAL))
    assert 340 <= median(found) <= 460
    # In a lognormal distribution 16 % lie above median * e**sigma, and 16 % below median / e**sigma.
    assert 750 <= found[840] <= 1050
    assert 150 <= found[160] <= 215
    assert max(delays(7, LOGNORMAL | {"most": 500})) == 500
    assert delays(7, {"median": 50_000}) == delays(7, {"median": 50_000, "sigma": 0.5, "most": 60_000})


def test_delay__from_a_range_stays_within_and_fills_it() -> None:
    found = delays(7, {"from": 100, "to": 900})
    assert 100 <= min(found) < 120
    assert 880 < max(found) <= 900


def test_rate__restarts_in_each_window() -> None:
    fault = Fault("fault-1", {"rate": {"calls": 2, "seconds": 10}})
    affected = [fault.affects_next(0, now) for now in (0, 1, 2, 9.9, 10, 11, 12)]
    assert affected == [False, False, True, True, False, False, True]
    assert fault.seconds_left(12) == 8
    assert not fault.affects_next(0, 9)  # the clock was set back
