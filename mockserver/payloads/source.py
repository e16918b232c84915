"""Where the chance in a value comes from: a 64-bit seed that is multiplied, never a generator that is advanced.

Each place in a schema has a key of its own and draws by multiplying the seed with it, so that a value depends on the
seed and the place only: not on the order of calls, nor on what else the object holds. It is also several times
cheaper than seeding `random.Random`.

    seed = | turn, 16 bits | noise, 48 bits |

The turn counts the rows of a list and is handed down unchanged: it says which row of the vocabulary an object and
all parts of it take, so that neighbours in a list differ and parts of one row agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Make: TypeAlias = Callable[[int], Any]

_ALL = (1 << 64) - 1
_TURN = 0xFFFF << 48
_NOISE = (1 << 48) - 1


def mixed(number: int) -> int:
    """Any integer as an evenly spread 64-bit seed (the finalizer of splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _ALL
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _ALL
    return number ^ number >> 31


def key_of(place: str) -> int:
    """The key of a place: odd, and of 30 bits because Python multiplies those fastest. The same in every process."""
    return int.from_bytes(blake2b(place.encode(), digest_size=4).digest(), "big") >> 2 | 1


def element(seed: int, index: int) -> int:
    """The seed of one row of a list; the turn goes on from row to row."""
    return (seed + (index << 48)) & _TURN | mixed(seed + index) & _NOISE


def below(count: int, key: int) -> Callable[[int], int]:
    return lambda seed: (seed * key >> 24) % count


def pick(values: Sequence[T], key: int) -> Callable[[int], T]:
    """One of the values, at random."""
    count = len(values)
    if count == 1:
        only = values[0]
        return lambda seed: only
    return lambda seed: values[(seed * key >> 24) % count]


def in_turn(values: Sequence[T], key: int) -> Callable[[int], T]:
    """One of the values, the next one for the next row of a list."""
    count = len(values)
    return lambda seed: values[((seed >> 48) + key) % count]


def apart(make: Make, key: int) -> Make:
    """The same maker with a seed of its own, so that two parts of one object are not alike."""
    return lambda seed: make(seed & _TURN | seed * key & _NOISE)


def sometimes_null(make: Make, key: int) -> Make:
    """Null in one of ten values."""
    return lambda seed: None if (seed * key >> 24) % 10 == 0 else make(seed)


def samples(count: int) -> list[int]:
    """Seeds to try a maker with while compiling."""
    return [mixed(number) for number in range(count)]
