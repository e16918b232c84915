"""Wishes: what a client asks for in its `Prefer` header (RFC 7240), read strictly.

A wish that cannot be met is a 400 that says why. Whether the operation can meet it is decided by the stage `choose`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mockserver.pipeline.refusals import Refusal
from mockserver.secrets import excerpt

MOST_MILLISECONDS = 60_000
MOST_SEED = 2**63 - 1

# Preferences of the RFC and its registry that ask nothing of a fake; unknown ones of our own are typing errors.
_PASSED_OVER = {"return", "wait", "respond-async", "handling"}
_KNOWN = "code, example, dynamic, seed, delay, scenario, explain"


@dataclass(frozen=True, slots=True)
class Preferences:
    """One request's wishes; None where there is none. `delay` is in milliseconds."""

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    seed: int | None = None
    delay: int | None = None
    scenario: str | None = None
    explain: bool | None = None

    @property
    def is_for_made_up(self) -> bool:
        """True if the answer is not to come from state: a certain status or example, or generated data."""
        return bool(self.dynamic) or self.code is not None or self.example is not None or self.seed is not None

    def __str__(self) -> str:
        """As `Preference-Applied` tells them."""
        told = (
            ("code", self.code),
            ("example", self.example),
            ("dynamic", None if self.dynamic is None else str(self.dynamic).lower()),
            ("seed", self.seed),
            ("delay", self.delay),
            ("scenario", self.scenario),
        )
        explain = ["explain"] if self.explain else []
        return ", ".join([*(f"{name}={value}" for name, value in told if value is not None), *explain])


NO_PREFERENCES = Preferences()


def read_preferences(header: bytes) -> Preferences:
    """The wishes of one `Prefer` header; 400 for one that is unknown, malformed, repeated or contradictory."""
    return _read(header.decode("latin-1"))


@lru_cache(maxsize=256)
def _read(header: str) -> Preferences:
    found: dict[str, int | str | bool] = {}
    for part in filter(None, (part.strip() for part in header.replace(";", ",").split(","))):
        name, _, text = (piece.strip() for piece in part.partition("="))
        name, text = name.lower(), text.strip('"')
        if name in _PASSED_OVER:
            continue
        if name in found:
            raise _unmet(f"{name} stands twice")
        found[name] = _value(name, text)
    if "example" in found and found.get("dynamic"):
        raise _unmet("example asks for a documented answer and dynamic=true for a generated one")
    return Preferences(**found)  # type: ignore[arg-type]  # `_value` knows each name's type


def _value(name: str, text: str) -> int | str | bool:
    match name:
        case "code":
            return _whole_number(name, text, 100, 599)
        case "seed":
            return _whole_number(name, text, 0, MOST_SEED)
        case "delay":
            return _whole_number(name, text, 0, MOST_MILLISECONDS)
        case "explain" if not text:
            return True
        case "example" | "scenario" if text:
            return text
        case "dynamic" if text in ("true", "false"):
            return text == "true"
        case "example" | "dynamic" | "scenario" | "explain":
            names = {"example": "the name of an example", "scenario": "the name of a scenario", "explain": "no value"}
            documented = names.get(name, "true or false")
            raise _unmet(f"{name}: received {excerpt(text, 40)!r}, documented: {documented}")
    raise _unmet(f"unknown wish {excerpt(name, 40)!r}, known are {_KNOWN}")


def _whole_number(name: str, text: str, lowest: int, highest: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and lowest <= (number := int(text)) <= highest:
        return number
    raise _unmet(f"{name}: received {excerpt(text, 40)!r}, documented: a whole number from {lowest} to {highest}")


def _unmet(reason: str) -> Refusal:
    return Refusal(400, f"Invalid header: prefer ({reason})")
