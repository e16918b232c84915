"""The values of an item follow the fields of its type. R77-R80."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from jsonschema_rs import Draft4Validator

from mockserver.state.table import Record

Fault = tuple[str, Any, str]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_is_email = Draft4Validator({"type": "string", "format": "email"}).is_valid
_is_url = Draft4Validator({"type": "string", "format": "uri"}).is_valid


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


# By the type of a field: does a value fit, and what is demanded of it. R78.
_FITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "must be a text"),
    "number": (_is_number, "must be a number"),
    "boolean": (lambda value: isinstance(value, bool), "must be true or false"),
    "date": (_is_date, "must be a date, YYYY-MM-DD"),
    "email": (_is_email, "must be an e-mail address"),
    "url": (_is_url, "must be a URL"),
}


def choices_of(field: Record) -> list[str]:
    """R73: `options.choices` win over `config.choices`."""
    for place in ("options", "config"):
        choices = (field.get(place) or {}).get("choices")
        if isinstance(choices, list) and choices:
            return [choice for choice in choices if isinstance(choice, str)]
    return []


def demand_of(field: Record, value: Any) -> str | None:
    """What the value would have to be, or None if it fits the field."""
    if field["type"] == "select":
        choices = choices_of(field)
        return None if value in choices else "must be one of " + ", ".join(choices)
    fits, demand = _FITS[field["type"]]
    return None if fits(value) else demand


def default_of(field: Record) -> Any:
    """R80: `defaultValue` as the type of the field wants it; a text that cannot be converted stays one."""
    text = field.get("defaultValue")
    if text is None:
        return None
    if field["type"] == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if field["type"] == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def faults_of(fields: Iterable[Record], data: Record, *, is_whole: bool) -> list[Fault]:
    """What is wrong with the values of an item; `is_whole` if required fields may not be left out. R77-R79."""
    active = {field["slug"]: field for field in fields if field["active"]}
    faults: list[Fault] = [
        (f"data.{key}", data[key], "is no active field of the type") for key in data if key not in active
    ]
    for slug, field in active.items():
        value = data.get(slug)
        if value is None:
            if field["required"] and (is_whole or slug in data):
                faults.append((f"data.{slug}", None, "is required"))
        elif (demand := demand_of(field, value)) is not None:
            faults.append((f"data.{slug}", value, demand))
    return faults
