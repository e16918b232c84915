"""Does a received value look as expected? And if not, where does it differ?

An expected object asks for its members only, wherever it stands; an expected list for exactly its entries. In place
of a value may stand a matcher, an object with one member: `$matches` a regular expression, `$contains` a text or an
entry, `$any` or `$absent` true, `$not` what follows, `$one_of` a list, `$unordered` a list in any order, `$exactly` an
object without further members.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.secrets import MASK, is_secret_name, mask_text, mask_value

_LONGEST_TEXT = 10_000


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


@dataclass(frozen=True)
class Difference:
    """Where two values differ, as texts for people."""

    where: str
    expected: str
    received: str


@dataclass(frozen=True)
class Matching:
    """How received values are compared with expected ones, and the differences told without secrets.

    A secret is as expected if it is the same one, or if the mask is expected; a matcher gets to see its mask only.
    """

    secret_names: frozenset[str] = frozenset()

    def differences(self, expected: Any, received: Any, *where: str) -> Iterator[Difference]:
        """All places at which `received` is not as expected; `where` leads to the two."""
        matcher = _matcher_of(expected)
        if matcher is not None:
            name, argument = matcher
            if not _MATCHERS[name](argument, self._masked(received, where)):
                yield self._difference(f"{name[1:]} ", argument, received, where)
        elif isinstance(expected, dict) and isinstance(received, dict):
            for name, part in expected.items():
                yield from self.differences(part, received.get(name, NOTHING), *where, name)
        elif isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
            for at, (part, other) in enumerate(zip(expected, received, strict=True)):
                yield from self.differences(part, other, *where, str(at))
        elif not _equal(expected, received) and not _equal(expected, self._masked(received, where)):
            yield self._difference("", expected, received, where)

    def _difference(self, how: str, expected: Any, received: Any, where: tuple[str, ...]) -> Difference:
        wanted, came = how + repr(self._masked(expected, where)), repr(self._masked(received, where))
        return Difference(mask_text(".".join(where)), wanted, "another one, masked too" if came == wanted else came)

    def _masked(self, value: Any, where: tuple[str, ...]) -> Any:
        if value is not NOTHING and any(name in self.secret_names or is_secret_name(name) for name in where):
            return MASK
        return mask_value(value, self.secret_names)


def _equal(expected: Any, received: Any) -> bool:
    """JSON's equality: true is not 1."""
    return isinstance(expected, bool) is isinstance(received, bool) and bool(expected == received)


def _matcher_of(expected: Any) -> tuple[str, Any] | None:
    if isinstance(expected, dict) and len(expected) == 1:
        name, argument = next(iter(expected.items()))
        return (name, argument) if name in _MATCHERS else None
    return None


def _matches(pattern: Any, received: Any) -> bool:
    text = received if isinstance(received, str) else repr(received)
    return received is not NOTHING and re.search(str(pattern), text[:_LONGEST_TEXT]) is not None


def _contains(part: Any, received: Any) -> bool:
    return isinstance(received, (str, list)) and part in received


def _looks_like(expected: Any, received: Any) -> bool:
    return next(Matching().differences(expected, received), None) is None


def _one_of(choices: Any, received: Any) -> bool:
    return isinstance(choices, list) and any(_looks_like(choice, received) for choice in choices)


def _unordered(expected: Any, received: Any) -> bool:
    """Each expected entry takes the first received one that is like it and still free."""
    if not isinstance(expected, list) or not isinstance(received, list) or len(expected) != len(received):
        return False
    free = list(received)
    for part in expected:
        at = next((at for at, other in enumerate(free) if _looks_like(part, other)), None)
        if at is None:
            return False
        del free[at]
    return True


_MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "$matches": _matches,
    "$contains": _contains,
    "$any": lambda wanted, received: (received is not NOTHING) is bool(wanted),
    "$absent": lambda wanted, received: (received is NOTHING) is bool(wanted),
    "$not": lambda unwanted, received: not _looks_like(unwanted, received),
    "$one_of": _one_of,
    "$unordered": _unordered,
    "$exactly": _equal,
}
