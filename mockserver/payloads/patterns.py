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

# Drawing costs time for each character of a range such as `\u0020-\uD7FF`, whose first ones are enough.
_BROAD = re.compile(r"\\u([0-9A-Fa-f]{4})-\\u([0-9A-Fa-f]{4})")
_BREADTH = 128
# Python has no `\p{L}`: a few characters of each property, letters and digits of others.
_PROPERTY = re.compile(r"\\p\{(\w+)\}|\\.|[\[\]]")
_PROPERTIES = {
    **dict.fromkeys(("L", "Letter", "Alpha"), "a-zA-Z"),
    **dict.fromkeys(("Lu", "Upper"), "A-Z"),
    **dict.fromkeys(("Ll", "Lower"), "a-z"),
    **dict.fromkeys(("N", "Nd", "Digit"), "0-9"),
    **dict.fromkeys(("P", "Punct"), "!-/"),
    **dict.fromkeys(("Z", "Zs", "Blank"), " "),
    "S": "+=",
    "XDigit": "0-9a-f",
}
_LETTERS = frozenset(string.ascii_letters + string.digits)
_SAMPLES = 64
# As many are enough where values may repeat.
_FITTING = 8
# Characters that may be drawn for one text: repetitions of repetitions could be a million.
_MOST = 2_000


class ReadableRandom(Random):
    """A random generator for `rstr` that prefers letters and digits, and keeps repetitions short.

    A repetition such as `+` or `{2,}` has from `least` to `least` + `spread` elements more than it must have.
    """

    def __init__(self, seed: int, least: int, spread: int) -> None:
        super().__init__(seed)
        self._least, self._spread, self._left = least, spread, _MOST + least

    def choice(self, seq: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise OverflowError
        if seq and isinstance(seq[0], str):
            # `rstr` takes characters from sets, whose order differs from process to process.
            return super().choice(sorted(filter(_LETTERS.__contains__, seq)) or sorted(seq))
        return super().choice(seq)

    def randint(self, a: int, b: int) -> int:
        # An open end arrives as the limit of `rstr`, which a start may exceed.
        most = a + self._spread if b >= STAR_PLUS_LIMIT else min(b, a + self._spread)
        return super().randint(min(a + self._least, most), most)


def draw_matching(pattern: str, fits: Fits, least: int, location: SchemaLocation) -> Draw | None:
    """Draws texts that fit, short ones rather than long ones; None for a pattern that Python cannot read.

    least: the documented minimum of the length
    """
    pattern = _BROAD.sub(_narrow, _write_out_properties(pattern))
    fallback = None
    enough = _SAMPLES if location.variety > 1 else _FITTING
    # Short repetitions; then just as long as `least`, for `^a+$`; none, for `.*a{9}.*`; then longer and longer ones.
    for bounds in ((0, 3), (max(0, least - 3), least), (0, 0), (0, 8), (0, 20), (0, STAR_PLUS_LIMIT), (0, 1000)):
        draw = _draw_text(pattern, location.pointer, *bounds)
        try:
            fitting = list(islice(filter(fits, map(draw, samples(_SAMPLES))), enough))
        except (re.error, KeyError, IndexError, RecursionError):
            return None
        if fitting:
            fallback = fallback or verified(draw, fits, fitting, location.pointer)
            if len(set(fitting)) >= min(location.variety, _SAMPLES // 2):
                return verified(draw, fits, fitting, location.pointer)
    return fallback or _draw_lengthened(pattern, fits, least, location)


def _draw_lengthened(pattern: str, fits: Fits, least: int, location: SchemaLocation) -> Draw | None:
    """Draws texts with more letters behind, for a pattern without an end such as `^arn:`."""
    draw = _draw_text(pattern, location.pointer, 0, 3)
    texts = (draw(seed).ljust(least, "x") for seed in samples(_FITTING))
    fitting = list(filter(fits, texts))
    return (lambda seed: seed.choose(fitting, location.pointer)) if fitting else None


def _write_out_properties(pattern: str) -> str:
    is_in_brackets = False

    def write_out(found: re.Match[str]) -> str:
        nonlocal is_in_brackets
        if found[1]:
            characters = _PROPERTIES.get(found[1], "a-zA-Z0-9")
            return characters if is_in_brackets else f"[{characters}]"
        if found[0] in "[]":
            is_in_brackets = found[0] == "["
        return found[0]

    return _PROPERTY.sub(write_out, pattern)


def _narrow(broad: re.Match[str]) -> str:
    first, last = (int(digits, 16) for digits in broad.groups())
    return f"\\u{first:04x}-\\u{min(last, first + _BREADTH):04x}"


def _draw_text(pattern: str, key: str, least: int, spread: int) -> Draw:
    def draw_text(seed: Seed) -> str:
        try:
            text: str = Rstr(ReadableRandom(hash_of(seed.number, key), least, spread)).xeger(pattern)
        except OverflowError:
            return ""  # others are shorter
        return text

    return draw_text
