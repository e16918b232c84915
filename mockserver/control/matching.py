"""Comparison of received values with expected ones, and the differences.

An expected object may omit members, at any depth; an expected list must have exactly the same entries. A matcher can
stand in place of a value. It is an object with one member: `$matches` a regular expression, `$contains` a text or a
list entry, `$any` or `$absent` true, `$not` a value, `$one_of` a list of values, `$unordered` a list in any order,
`$exactly` an object without further members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import re2

from mockserver.control.background import TimeLimit
from mockserver.secrets import MASK, SecretMembers, mask_text

# The time of RE2 grows with the length of the text only, whatever the pattern: nobody can block the server with one.
_MAX_MATCHED_TEXT = 10_000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # on stderr, besides the exception


class _Nothing:
    """The absence of a value, which null cannot express."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = _Nothing()


@dataclass(frozen=True)
class Difference:
    """A place where two values differ, as readable texts."""

    where: str
    expected: str
    received: str


@dataclass(frozen=True)
class Comparison:
    """Compares values without exposing secrets in the differences. Raises `TooLong` beyond the limit.

    An expected secret equals the same secret or its mask. A matcher gets the mask only, so that nobody can guess.
    `secrets` is None for values that are masked already.
    """

    secrets: SecretMembers | None
    limit: TimeLimit

    def find_differences(self, expected: Any, received: Any, *where: str) -> Iterator[Difference]:
        """Yields the places at which `received` is not as expected. `where` are the names that lead to the values."""
        self.limit.check()
        matcher = _parse_matcher(expected)
        if matcher is not None:
            name, argument = matcher
            if not _MATCHERS[name](Comparison(None, self.limit), argument, self._mask(received, where)):
                yield self._describe(f"{name[1:]} ", argument, received, where)
        elif isinstance(expected, dict) and isinstance(received, dict):
            for name, part in expected.items():
                yield from self.find_differences(part, received.get(name, NOTHING), *where, name)
        elif isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
            for index, (part, other) in enumerate(zip(expected, received, strict=True)):
                yield from self.find_differences(part, other, *where, str(index))
        # A test may expect the mask that it has read in the journal.
        elif not _equal(expected, received) and not _equal(expected, self._mask(received, where)):
            yield self._describe("", expected, received, where)

    def has_differences(self, expected: Any, received: Any) -> bool:
        return next(self.find_differences(expected, received), None) is not None

    def _describe(self, matcher: str, expected: Any, received: Any, where: tuple[str, ...]) -> Difference:
        specification, actual = matcher + repr(self._mask(expected, where)), repr(self._mask(received, where))
        if actual == specification:  # two different secrets have the same mask
            actual = "another value, masked too"
        return Difference(mask_text(".".join(where)), specification, actual)

    def _mask(self, value: Any, where: tuple[str, ...]) -> Any:
        if self.secrets is None:
            return value
        if value is not NOTHING and self.secrets.hides(where):
            return MASK
        return self.secrets.mask(value)


def _equal(expected: Any, received: Any) -> bool:
    """Equality of JSON values. In Python, True equals 1."""
    return isinstance(expected, bool) is isinstance(received, bool) and bool(expected == received)


def _parse_matcher(expected: Any) -> tuple[str, Any] | None:
    """The name and the argument of a matcher; None for a plain value."""
    if isinstance(expected, dict) and len(expected) == 1:
        name, argument = next(iter(expected.items()))
        return (name, argument) if name in _MATCHERS else None
    return None


def _matches(comparison: Comparison, pattern: Any, received: Any) -> bool:
    text = received if isinstance(received, str) else repr(received)
    return received is not NOTHING and re2.search(str(pattern), text[:_MAX_MATCHED_TEXT], _OPTIONS) is not None


def _contains(comparison: Comparison, part: Any, received: Any) -> bool:
    return isinstance(received, (str, list)) and part in received


def _one_of(comparison: Comparison, choices: Any, received: Any) -> bool:
    return isinstance(choices, list) and not all(comparison.has_differences(choice, received) for choice in choices)


def _unordered(comparison: Comparison, expected: Any, received: Any) -> bool:
    """Pairs each expected entry with the first equal received entry that is not taken."""
    if not isinstance(expected, list) or not isinstance(received, list) or len(expected) != len(received):
        return False
    # A copy: each entry can match only once.
    free = list(received)
    for part in expected:
        index = next((index for index, other in enumerate(free) if not comparison.has_differences(part, other)), None)
        if index is None:
            return False
        del free[index]
    return True


_MATCHERS: dict[str, Callable[[Comparison, Any, Any], bool]] = {
    "$matches": _matches,
    "$contains": _contains,
    "$any": lambda _, specification, received: (received is not NOTHING) is bool(specification),
    "$absent": lambda _, specification, received: (received is NOTHING) is bool(specification),
    "$not": lambda comparison, unwanted, received: comparison.has_differences(unwanted, received),
    "$one_of": _one_of,
    "$unordered": _unordered,
    "$exactly": lambda _, expected, received: _equal(expected, received),
}
