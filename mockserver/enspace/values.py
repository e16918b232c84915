"""Validation of the values of an item against the fields of its type. R77-R80."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from jsonschema_rs import Draft4Validator

from mockserver.enspace.rule_errors import MemberFault
from mockserver.state.table import Record

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Fifteen digits: a float keeps no more.
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
# The validator of the contract, so that items and bodies agree on what an address is.
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


# For each type of field: whether a value fits, and what it must be. R78.
_FITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "must be a text"),
    "number": (_is_number, "must be a number"),
    "boolean": (lambda value: isinstance(value, bool), "must be true or false"),
    "date": (_is_date, "must be a date, YYYY-MM-DD"),
    "email": (_is_email, "must be an e-mail address"),
    "url": (_is_url, "must be a URL"),
}


def choices_of(field: Record) -> list[str]:
    """Returns the choices of a select field; `options.choices` win over `config.choices`. R73."""
    for member in ("options", "config"):
        choices = (field.get(member) or {}).get("choices")
        if isinstance(choices, list) and choices:
            return [choice for choice in choices if isinstance(choice, str)]
    return []


def unmet_requirement(field: Record, value: Any) -> str | None:
    """Returns what the value must be, or None if it fits the field."""
    if field["type"] == "select":
        choices = choices_of(field)
        return None if value in choices else "must be one of " + ", ".join(choices)
    fits, requirement = _FITS[field["type"]]
    return None if fits(value) else requirement


def default_of(field: Record) -> Any:
    """Converts `defaultValue` to the type of the field; a text that cannot be converted stays a text. R80."""
    text = field.get("defaultValue")
    if text is None:
        return None
    if field["type"] == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if field["type"] == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def find_faults(fields: Iterable[Record], data: Record, *, is_whole: bool) -> list[MemberFault]:
    """Validates the values of an item; `is_whole` if required fields may not be left out. R77-R79."""
    active = {field["slug"]: field for field in fields if field["active"]}
    faults: list[MemberFault] = [
        MemberFault(("data", key), data[key], "is no active field of the type") for key in data if key not in active
    ]
    for slug, field in active.items():
        value = data.get(slug)
        if value is None:
            if field["required"] and (is_whole or slug in data):
                faults.append(MemberFault(("data", slug), None, "is required"))
        elif (requirement := unmet_requirement(field, value)) is not None:
            faults.append(MemberFault(("data", slug), value, requirement))
    return faults
