"""Media types: comparison with documented ones, ranges included, and how a body of each type is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["json", "urlencoded", "multipart", "xml", "text", "opaque"]

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def bare(media_type: str) -> str:
    """Returns type and subtype in lower case, without parameters such as a charset."""
    return media_type.partition(";")[0].strip().lower()


def kind_of(media_type: str) -> Kind:
    """Returns how a body of this type is decoded; an opaque one is not."""
    name = bare(media_type)
    if name in (URLENCODED, MULTIPART):
        return "urlencoded" if name == URLENCODED else "multipart"
    if is_xml(name):
        return "xml"
    if name == "text/plain":
        return "text"
    return "json" if is_json(name) else "opaque"


def is_xml(media_type: str) -> bool:
    """Whether a body of this type is XML."""
    return bare(media_type).endswith(("/xml", "+xml"))


def is_json(media_type: str) -> bool:
    """Whether a body of this type is JSON; a range that JSON fits counts."""
    name = bare(media_type)
    return name in ("application/json", "text/json", "application/*", "*/*") or name.endswith("+json")


def find_match(received: str, documented: Sequence[str]) -> str | None:
    """Returns the documented type or range that a type fits: the most specific one."""
    name = bare(received)
    for candidate in (name, f"{name.partition('/')[0]}/*", "*/*"):
        found = next((each for each in documented if bare(each) == candidate), None)
        if found is not None:
            return found
    return None


def negotiate(accept: str, documented: Sequence[str]) -> str | None:
    """Returns the documented type that an `Accept` header prefers; None if it accepts none of them. RFC 9110, 12.5.1.

    Of equally preferred ones it is the first.
    """
    ranges = [_parse_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return documented[0]
    weights = [_weight(each, ranges) for each in documented]
    best = max(weights)
    return documented[weights.index(best)] if best > 0 else None


def _parse_range(text: str) -> tuple[str, float]:
    name, *parameters = text.split(";")
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
    return name.strip().lower(), weight


def _weight(documented: str, ranges: Iterable[tuple[str, float]]) -> float:
    """Returns the weight of a documented type: that of the most specific range that it fits."""
    name = bare(documented)
    weights = dict(ranges)
    # A client that reads JSON reads every kind of it.
    kinds = ("application/json",) if is_json(name) else ()
    candidates = (name, *kinds, f"{name.partition('/')[0]}/*", "*/*")
    # A documented range accepts whatever the client does, and so does what is no media type at all.
    if "*" in name or "/" not in name:
        return max(weights.values())
    return next((weights[candidate] for candidate in candidates if candidate in weights), 0.0)
