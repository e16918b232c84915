"""Random numbers are evenly spread, and independent from location to location."""

import pytest

from mockserver.payloads.randomness import Seed, derived, seed_of, sometimes_null

SEEDS = [seed_of(number) for number in range(6000)]
ROWS = [seed_of(7).element(number) for number in range(6000)]


@pytest.mark.parametrize("seeds", [SEEDS, ROWS], ids=["seeds", "rows"])
@pytest.mark.parametrize("count", [2, 7, 64])
def test_draw__is_evenly_spread(seeds: list[Seed], count: int) -> None:
    drawn = [seed.below(count, "#/components/schemas/Member/properties/email") for seed in seeds]
    expected = len(seeds) / count
    chi_square = sum((drawn.count(value) - expected) ** 2 / expected for value in range(count))
    assert chi_square < 3 * count + 15


def test_draws__at_two_locations_are_independent() -> None:
    pairs = [(seed.below(4, "one"), seed.below(4, "other")) for seed in SEEDS]
    assert all(300 < pairs.count(pair) < 450 for pair in set(pairs))
    assert len(set(pairs)) == 16


def test_derived__has_a_seed_of_its_own() -> None:
    def draw(seed: Seed) -> int:
        return seed.below(100, "name")

    assert sum(draw(seed) == derived(draw, "user")(seed) for seed in SEEDS) < 150


def test_choice_by_row__continues_from_row_to_row() -> None:
    rows = [seed_of(3).element(number) for number in range(6)]
    chosen = [row.choose_by_row("abc") for row in rows]
    assert len(set(chosen[:3])) == 3
    assert chosen[:3] == chosen[3:]


def test_choice_by_row__is_the_same_in_all_parts_of_a_row() -> None:
    assert all(row.derive("part").choose_by_row("abc") == row.choose_by_row("abc") for row in ROWS[:20])


def test_null__comes_in_one_of_ten() -> None:
    draw = sometimes_null(lambda seed: seed, "part")
    assert 500 < sum(draw(seed) is None for seed in SEEDS) < 700
