"""Texts that match a regular expression, drawn with `rstr` and validated: it ignores lookaheads, for example."""

from __future__ import annotations

import re
import string
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from rstr import Rstr
from rstr.xeger import STAR_PLUS_LIMIT

from mockserver.payloads.combinations import verified
from mockserver.payloads.randomness import Draw, Seed, hash_of, samples

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Fits, SchemaLocation

_LETTERS = frozenset(string.ascii_letters + string.digits)
_SAMPLES = 64
# As many are enough where values may repeat.
_FITTING = 8


class ReadableRandom(Random):
    """A random generator for `rstr` that prefers letters and digits, and keeps repetitions short.

    A repetition such as `+` or `{2,}` has from `least` to `least` + `spread` elements more than it must have.
    """

    def __init__(self, seed: int, least: int, spread: int) -> None:
        super().__init__(seed)
        self._least, self._spread = least, spread

    def choice(self, seq: Any) -> Any:
        if seq and isinstance(seq[0], str):
            # `rstr` takes characters from sets, whose order differs from process to process.
            characters = sorted("".join(seq))
            return super().choice([one for one in characters if one in _LETTERS] or characters)
        return super().choice(seq)

    def randint(self, a: int, b: int) -> int:
        # An open end arrives as the limit of `rstr`, which a start may exceed.
        most = a + self._spread if b >= STAR_PLUS_LIMIT else min(b, a + self._spread)
        return super().randint(min(a + self._least, most), most)


def draw_matching(pattern: str, fits: Fits, least: int, location: SchemaLocation) -> Draw | None:
    """Draws texts that fit, short ones rather than long ones; None for a pattern that Python cannot read.

    least: the documented minimum of the length
    """
    fallback = None
    enough = _SAMPLES if location.variety > 1 else _FITTING
    # Short repetitions; then just as long as `least`, for `^a+$`; then longer and longer ones.
    for bounds in ((0, 3), (max(0, least - 3), least), (0, 8), (0, 20), (0, STAR_PLUS_LIMIT), (0, 1000)):
        draw = _draw_text(pattern, location.pointer, *bounds)
        try:
            fitting = list(islice(filter(fits, map(draw, samples(_SAMPLES))), enough))
        except (re.error, KeyError, IndexError, RecursionError):
            return None
        if fitting:
            fallback = fallback or verified(draw, fits, fitting, location.pointer)
            if len(set(fitting)) >= min(location.variety, _SAMPLES // 2):
                return verified(draw, fits, fitting, location.pointer)
    return fallback


def _draw_text(pattern: str, key: str, least: int, spread: int) -> Draw:
    def draw_text(seed: Seed) -> str:
        text: str = Rstr(ReadableRandom(hash_of(seed.number, key), least, spread)).xeger(pattern)
        return text

    return draw_text
