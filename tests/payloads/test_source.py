"""Where the chance comes from: evenly spread, and independent from place to place."""

import pytest

from mockserver.payloads.source import apart, below, element, in_turn, key_of, mixed, pick, sometimes_null

SEEDS = [mixed(number) for number in range(6000)]
ROWS = [element(mixed(7), number) for number in range(6000)]


@pytest.mark.parametrize("seeds", [SEEDS, ROWS], ids=["seeds", "rows"])
@pytest.mark.parametrize("count", [2, 3, 7, 10, 64])
@pytest.mark.parametrize("place", ["a", "b", "#/components/schemas/Member/properties/email"])
def test_draw__is_evenly_spread(seeds: list[int], count: int, place: str) -> None:
    drawn = list(map(below(count, key_of(place)), seeds))
    expected = len(seeds) / count
    surprise = sum((drawn.count(value) - expected) ** 2 / expected for value in range(count))
    assert surprise < 3 * count + 15


def test_draws__of_two_places_do_not_follow_each_other() -> None:
    one, other = below(4, key_of("one")), below(4, key_of("other"))
    pairs = [(one(seed), other(seed)) for seed in SEEDS]
    assert all(300 < pairs.count(pair) < 450 for pair in set(pairs))
    assert len(set(pairs)) == 16


def test_apart__has_a_seed_of_its_own() -> None:
    draw = below(100, key_of("name"))
    same = sum(draw(seed) == apart(draw, key_of("user"))(seed) for seed in SEEDS)
    assert same < 150


def test_in_turn__goes_on_from_row_to_row_and_is_handed_down() -> None:
    take = in_turn("abc", key_of("family"))
    rows = [element(mixed(3), number) for number in range(6)]
    assert len({take(row) for row in rows[:3]}) == 3
    assert [take(row) for row in rows[:3]] == [take(row) for row in rows[3:]]
    assert all(apart(take, 12345)(row) == take(row) for row in rows)


def test_pick__of_one_value_is_that_value() -> None:
    assert {pick(["only"], 3)(seed) for seed in SEEDS[:20]} == {"only"}


def test_null__comes_in_one_of_ten() -> None:
    make = sometimes_null(lambda seed: seed, key_of("part"))
    assert 500 < sum(make(seed) is None for seed in SEEDS) < 700
