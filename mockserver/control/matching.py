"""Does a received value look as expected? And if not, where does it differ?

An expected object asks for its members only, wherever it stands; an expected list for exactly its entries. In place
of a value may stand a matcher: `{"$matches": REGEX}`, `{"$contains": TEXT}`, `{"$any": true}` or `{"$absent": true}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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


def differences(expected: Any, received: Any, where: str) -> Iterator[Difference]:
    """All places at which `received` is not as expected."""
    matcher = _matcher_of(expected)
    if matcher is not None:
        name, argument = matcher
        if not _MATCHERS[name](argument, received):
            yield Difference(where, f"{name[1:]} {argument!r}", repr(received))
    elif isinstance(expected, dict) and isinstance(received, dict):
        for name, part in expected.items():
            yield from differences(part, received.get(name, NOTHING), f"{where}.{name}")
    elif isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
        for at, (part, other) in enumerate(zip(expected, received, strict=True)):
            yield from differences(part, other, f"{where}.{at}")
    elif not _equal(expected, received):
        yield Difference(where, repr(expected), repr(received))


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


_MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "$matches": _matches,
    "$contains": _contains,
    "$any": lambda wanted, received: (received is not NOTHING) is bool(wanted),
    "$absent": lambda wanted, received: (received is NOTHING) is bool(wanted),
}
