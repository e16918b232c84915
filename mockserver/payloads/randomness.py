"""Stateless pseudo-random numbers: a function of a seed and of a key, which is usually the location of a schema.

A generated value depends on its seed and its location only, not on the order of calls nor on the other members of its
object. That is why no random generator is passed around here: its state would depend on all earlier draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Seed:
    """Source of all choices inside one object.

    `row` is the number of the object in the list around it. It selects the row of the vocabulary: neighbours in a list
    take different rows, and all parts of one object take the same row, however deeply they are nested.
    """

    number: int
    row: int

    def below(self, count: int, key: str) -> int:
        """Draws an integer from 0 to `count` - 1."""
        return hash_of(self.number, key) % count

    def choose(self, values: Sequence[T], key: str) -> T:
        return values[self.below(len(values), key)]

    def choose_by_row(self, values: Sequence[T]) -> T:
        return values[self.row % len(values)]

    def element(self, index: int) -> Seed:
        """Returns the seed of one element of a list."""
        return Seed(hash_of(self.number, index), self.row + index)

    def derive(self, key: str) -> Seed:
        """Returns a seed for a part that has nothing in common with its neighbours, such as another person."""
        return Seed(hash_of(self.number, key), self.row)


Draw: TypeAlias = Callable[[Seed], Any]


def hash_of(*parts: int | str) -> int:
    """Hashes the parts to 64 bits. Unlike `hash`, it gives the same number in every process."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def seed_of(number: int) -> Seed:
    """Returns the seed of a whole value; any integer will do."""
    return Seed(number, hash_of(number, "row") % 1000)


def samples(count: int) -> list[Seed]:
    """Returns seeds with which a generator is tried out at compile time."""
    return [seed_of(number) for number in range(count)]


def derived(draw: Draw, key: str) -> Draw:
    """Gives the generator a seed of its own, so that two parts of one object differ."""
    return lambda seed: draw(seed.derive(key))


def sometimes_null(draw: Draw, key: str) -> Draw:
    """Replaces one value out of ten by null."""
    return lambda seed: None if seed.below(10, f"{key} is null") == 0 else draw(seed)
