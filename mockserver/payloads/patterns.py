"""Texts that match a pattern, drawn while compiling. The caller checks them: a pattern may hold what `rstr` ignores."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

from rstr import Rstr
from rstr.xeger import STAR_PLUS_LIMIT

from mockserver.payloads.source import Make, key_of, pick

# One class of characters, counted: an id such as `^[A-Za-z0-9]{16}$`.
_COUNTED = re.compile(r"\^(\[(?:[^\]\\]|\\.)+\]|\\[dw])\{(\d+)\}\$")
_PIECES, _PIECE_POOL = 4, 256
_SPREADS = (3, 8, 20, STAR_PLUS_LIMIT, 1000, 10_000)


class _Readable(Random):
    """Chooses letters and digits where it may, and repeats no more often than asked.

    `rstr` collects characters in sets, whose order differs from process to process: hence the sorting.
    """

    spread = 0

    def choice(self, seq: Any) -> Any:
        if seq and isinstance(seq[0], str):
            seq = sorted(seq)
            seq = [character for character in seq if character.isalnum() and character.isascii()] or seq
        return super().choice(seq)

    def randint(self, a: int, b: int) -> int:
        # An open end arrives as the limit of `rstr`, a higher start than that stays above it.
        most = a + self.spread if b >= STAR_PLUS_LIMIT or b < a else min(b, a + self.spread)
        return super().randint(a, most)


def matching(pattern: str, count: int) -> Iterator[str]:
    """Texts for the pattern, short ones first; nothing if it is not one that Python can read."""
    random = _Readable(key_of(pattern))
    maker = Rstr(random)
    for spread in _SPREADS:
        random.spread = spread
        try:
            yield from (maker.xeger(pattern) for _ in range(count))
        except (re.error, KeyError, IndexError, RecursionError):
            return


def counted(pattern: str, key: int) -> Make | None:
    """A maker for a counted class of characters, put together from pieces: a whole pool would soon repeat itself."""
    match = _COUNTED.fullmatch(pattern)
    length = int(match[2]) if match else 0
    if match is None or length < 2 * _PIECES:
        return None
    ends = [length * number // _PIECES for number in range(_PIECES + 1)]
    pools = [_pieces(match[1], end - start) for start, end in pairwise(ends)]
    one, two, three, four = (pick(pool, key_of(f"{key} piece {number}")) for number, pool in enumerate(pools))
    return lambda seed: one(seed) + two(seed) + three(seed) + four(seed)


@cache
def _pieces(characters: str, length: int) -> list[str]:
    test = re.compile(characters)
    found = [character for character in string.printable if test.fullmatch(character)]
    letters = [character for character in found if character.isalnum()] or found
    random = Random(key_of(characters))
    return ["".join(random.choices(letters, k=length)) for _ in range(_PIECE_POOL)]
