"""Texts that match a pattern, drawn while compiling and checked: a pattern may hold what `rstr` ignores."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import cache
from itertools import islice, pairwise
from random import Random
from typing import Any

from rstr import Rstr
from rstr.xeger import STAR_PLUS_LIMIT

from mockserver.payloads.source import Make, key_of, pick

# One class of characters, counted: an id such as `^[A-Za-z0-9]{16}$`.
_COUNTED = re.compile(r"\^(\[(?:[^\]\\]|\\.)+\]|\\[dw])\{(\d+)\}\$")
_PIECES, _PIECE_POOL = 4, 256
_LETTERS = frozenset(string.ascii_letters + string.digits)
_POOL, _TRIES = 64, 256
# How much longer than it must a repetition is, at least and at most, and how many texts to try, until enough fit.
_LATER_ROUNDS = ((0, 8, 128), (0, 20, 128), (0, STAR_PLUS_LIMIT, 16), (0, 1000, 8))


@cache
def _readable(characters: str) -> str:
    """Letters and digits, if there are any. Sorted, because `rstr` has them from sets, in the order of the process."""
    ordered = "".join(sorted(characters))
    return "".join(filter(_LETTERS.__contains__, ordered)) or ordered


class _Readable(Random):
    """Chooses letters and digits where it may, and repeats no more often than asked."""

    least, spread = 0, 0

    def choice(self, seq: Any) -> Any:
        is_text = bool(seq) and isinstance(seq[0], str)
        return super().choice(_readable("".join(seq)) if is_text else seq)

    def randint(self, a: int, b: int) -> int:
        # An open end arrives as the limit of `rstr`, which a start may be above.
        most = a + self.spread if b >= STAR_PLUS_LIMIT else min(b, a + self.spread)
        return super().randint(min(a + self.least, most), most)


def matching(pattern: str, fits: Callable[[str], bool], least: int, variety: int) -> list[str]:
    """Different texts that fit, short ones rather than long ones; none for a pattern that Python cannot read.

    least: how long they must be · variety: how many there must be
    """
    random = _Readable(key_of(pattern))
    maker = Rstr(random)
    wanted = max(_POOL, 4 * variety)
    found: dict[str, None] = {}
    first_rounds = [(0, 3, max(_TRIES, 4 * wanted)), (max(0, least - 3), least, max(_TRIES, 4 * wanted))]
    for at_least, spread, tries in [*first_rounds, *_LATER_ROUNDS]:
        random.least, random.spread = at_least, spread
        try:
            texts = (maker.xeger(pattern) for _ in range(tries))
            found |= dict.fromkeys(islice(filter(fits, texts), wanted))
        except (re.error, KeyError, IndexError, RecursionError):
            return []
        if len(found) >= max(1, variety):
            break
    return list(found)


def counted(pattern: str, key: int) -> Make | None:
    """A maker for a counted class of characters, put together from pieces: a whole pool would soon repeat itself."""
    match = _COUNTED.fullmatch(pattern)
    length, letters = (int(match[2]), _letters_of(match[1])) if match else (0, "")
    if length < 2 * _PIECES or not letters:
        return None
    ends = [length * number // _PIECES for number in range(_PIECES + 1)]
    pools = [_pieces(letters, end - start) for start, end in pairwise(ends)]
    one, two, three, four = (pick(pool, key_of(f"{key} piece {number}")) for number, pool in enumerate(pools))
    return lambda seed: one(seed) + two(seed) + three(seed) + four(seed)


def _letters_of(characters: str) -> str:
    """The readable ones of a class; none if Python cannot read it."""
    try:
        return _readable("".join(filter(re.compile(characters).fullmatch, string.printable)))
    except re.error:
        return ""


@cache
def _pieces(letters: str, length: int) -> list[str]:
    random = Random(key_of(letters))
    return ["".join(random.choices(letters, k=length)) for _ in range(_PIECE_POOL)]
