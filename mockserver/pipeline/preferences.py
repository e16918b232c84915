"""Preferences: what a request asks for in its `Prefer` header. Source: RFC 7240.

Names are case-insensitive, values may be quoted, the first of two equal names counts, and unknown preferences are
ignored. A preference of ours whose value cannot be used is `unmet`; the stage `choose` refuses the request then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from mockserver.secrets import excerpt

MAX_DELAY = 60_000  # milliseconds
MAX_SEED = 2**63 - 1
_MAX_NOTES = 20

_KNOWN = ("code", "example", "dynamic", "seed", "delay", "scenario", "explain")
# Registered by IANA, with no meaning for a fake: ignored without a note.
_REGISTERED = {"return", "wait", "respond-async", "handling", "depth-noroot", "safe"}

# `name`, `name=value` or `name="value"`, up to the next comma or semicolon.
_PREFERENCE = re.compile(
    r"""\s*(?P<name>[^\s=,;"]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<value>[^,;"]*?)))?\s*(?:[,;]|$)"""
)
_ESCAPED = re.compile(r"\\(.)")


class _UnmetError(ValueError):
    """The value of a preference cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of one request, None where the request states none. `delay` is in milliseconds.

    `notes` name what was ignored; `unmet` says why the preferences cannot be met, empty if they can.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    seed: int | None = None
    delay: int | None = None
    scenario: str | None = None
    explain: bool | None = None
    notes: tuple[str, ...] = ()
    unmet: str = ""

    @property
    def bypass_state(self) -> bool:
        """True if a certain status, a certain example or generated data is asked for."""
        return bool(self.dynamic) or self.code is not None or self.example is not None or self.seed is not None

    def render(self) -> str:
        """Renders the value of `Preference-Applied`."""
        values = {name: getattr(self, name) for name in _KNOWN if getattr(self, name) is not None}
        return ", ".join(name if name == "explain" else f"{name}={_render_value(values[name])}" for name in values)


NO_PREFERENCES = Preferences()


def parse_preferences(header: str) -> Preferences:
    """Parses a `Prefer` header, or several joined with commas. Never fails."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    unmet = ""
    for name, text in _split(header, notes):
        if name in _REGISTERED:
            continue
        if name not in _KNOWN:
            notes.append(f"ignored the unknown preference {excerpt(name, 40)!r}{_describe_closest(name)}")
        elif name in values:
            notes.append(f"ignored the second preference {name}")
        else:
            try:
                values[name] = _convert(name, text)
            except _UnmetError as error:
                values[name], unmet = None, unmet or str(error)
    if values.get("example") is not None and values.get("dynamic"):
        unmet = unmet or "example asks for a documented answer and dynamic=true for a generated one"
    return Preferences(**values, notes=tuple(notes[:_MAX_NOTES]), unmet=unmet)


def _split(header: str, notes: list[str]) -> Iterator[tuple[str, str]]:
    """Yields names and values.

    RFC 7240 calls what follows a semicolon a parameter of the preference before it. Ours have no parameters, so that
    `code=404; example=none` can only mean two preferences.
    """
    position = 0
    while position < len(header):
        match = _PREFERENCE.match(header, position)
        if match is None:
            end = header.find(",", position)
            text, position = (header[position:], len(header)) if end < 0 else (header[position:end], end + 1)
            if text.strip():
                notes.append(f"ignored the malformed preference {excerpt(text.strip(), 40)!r}")
            continue
        position = match.end()
        quoted = match["quoted"]
        yield match["name"].lower(), (match["value"] or "") if quoted is None else _ESCAPED.sub(r"\1", quoted)


def _convert(name: str, text: str) -> int | str | bool:
    match name:
        case "code":
            return _convert_number(name, text, 100, 599)
        case "seed":
            return _convert_number(name, text, 0, MAX_SEED)
        case "delay":
            return _convert_number(name, text, 0, MAX_DELAY)
        case "explain" if not text:
            return True
        case "example" | "scenario" if text:
            return text
        case "dynamic" if text.lower() in ("true", "false"):
            return text.lower() == "true"
    documented = {"example": "the name of an example", "scenario": "the name of a scenario", "explain": "no value"}
    raise _UnmetError(f"{name}: received {excerpt(text, 40)!r}, documented: {documented.get(name, 'true or false')}")


def _convert_number(name: str, text: str, lowest: int, highest: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and lowest <= (number := int(text)) <= highest:
        return number
    documented = f"a whole number from {lowest} to {highest}"
    raise _UnmetError(f"{name}: received {excerpt(text, 40)!r}, documented: {documented}")


def _describe_closest(name: str) -> str:
    closest = get_close_matches(name, _KNOWN, n=1, cutoff=0.5)
    return f"; the closest known one is {closest[0]}" if closest else f"; known are {', '.join(_KNOWN)}"


def _render_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if re.fullmatch(r"[\w.+~-]+", text) else '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
