"""Validation rules of the second target: a table for each body and each query, and the refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any], bool]

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
SORT_KEY = r"(?:id|position|name|slug|type|status|role|created_at|updated_at):(?:ASC|DESC)"
SORT = re.compile(f"{SORT_KEY}(?:,{SORT_KEY})*")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,99}")

REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


class Refused(Exception):
    """Raised for a refused request; `body` is Enspace's envelope."""

    def __init__(self, status: int, message: str, bad: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        reason = REASONS.get(status, "Error")
        self.body: Json = {"statusCode": status, "error": reason, "message": message}
        if bad:
            self.body["data"] = [{"field": name, "message": problem} for name, problem in bad.items()]


def text(least: int = 0, most: int = 10_000, *, null: bool = False) -> Rule:
    return lambda value: (null and value is None) or (isinstance(value, str) and least <= len(value) <= most)


def one_of(*values: str) -> Rule:
    return lambda value: isinstance(value, str) and value in values


def whole(least: int, *, null: bool = False) -> Rule:
    def rule(value: Any) -> bool:
        if isinstance(value, bool):
            return False
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return (null and value is None) or (is_whole and value >= least)

    return rule


def truth(value: Any) -> bool:
    return isinstance(value, bool)


def mapping(value: Any) -> bool:
    return isinstance(value, dict)


def texts_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def choices(value: Any) -> bool:
    listed = value.get("choices", []) if isinstance(value, dict) else None
    return isinstance(listed, list) and all(isinstance(one, str) for one in listed)


def slug(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 60 and SLUG.fullmatch(value) is not None


def email(value: Any) -> bool:
    return isinstance(value, str) and EMAIL.fullmatch(value) is not None


def ids(value: Any) -> bool:
    return isinstance(value, list) and all(map(whole(1), value))


TYPE: dict[str, Rule] = {
    "name": text(1, 80),
    "slug": slug,
    "description": text(null=True),
    "icon": text(null=True),
    "color": text(null=True),
    "settings": texts_by_name,
    "status": one_of("active", "inactive"),
}

FIELD: dict[str, Rule] = {
    "name": text(1, 31),
    "slug": slug,
    "type": one_of("text", "number", "date", "select", "boolean", "email", "url"),
    "required": truth,
    "defaultValue": text(null=True),
    "options": choices,
    "position": whole(0),
    "active": truth,
    "config": mapping,
    "order": whole(0),
}

NEW_MEMBER: dict[str, Rule] = {
    "email": email,
    "type": one_of("full", "standard", "viewer"),
    "role": whole(1, null=True),
    "mgroups": ids,
    "fname": text(),
    "lname": text(),
    "v1_compatibility": truth,
}

MEMBER: dict[str, Rule] = {
    "type": one_of("full", "standard", "viewer"),
    "role": whole(1, null=True),
    "status": one_of("active", "inactive", "blocked"),
    "v1_compatibility": truth,
}


def number(least: int, most: int | None = None) -> Rule:
    def rule(value: Any) -> bool:
        return WHOLE.fullmatch(value) is not None and least <= int(value) and (most is None or int(value) <= most)

    return rule


SEARCH: dict[str, Rule] = {"_q": text()}

PAGING: dict[str, Rule] = {
    "_limit": number(1, 1000),
    "_start": number(0),
    "_sort": lambda value: SORT.fullmatch(value) is not None,
}

TYPE_FILTERS: dict[str, Rule] = {"name": text(), "slug": text(), "status": one_of("active", "inactive")}

FIELD_FILTERS: dict[str, Rule] = {
    "type": FIELD["type"],
    "required": one_of("true", "false"),
    "active": one_of("true", "false"),
}

MEMBER_FILTERS: dict[str, Rule] = {
    "type": one_of("owner", "full", "standard", "viewer"),
    "status": one_of("active", "inactive", "blocked"),
    "role": number(1),
    "email": text(),
}


def accept(sent: Any, rules: dict[str, Rule], needed: tuple[str, ...] = ()) -> Json:
    """The members of a body that count. `Refused` names all invalid ones; unknown and read-only ones are ignored."""
    if not isinstance(sent, dict) or not sent:
        raise Refused(400, "Validation failed", {"body": "must be an object with at least one member"})
    bad = {name: "is not as documented" for name, value in sent.items() if name in rules and not rules[name](value)}
    bad |= {name: "is required" for name in needed if name not in sent}
    if bad:
        raise Refused(400, f"Validation failed: {', '.join(bad)}", bad)
    return {name: value for name, value in sent.items() if name in rules}


def accept_query(query: dict[str, str], rules: dict[str, Rule]) -> dict[str, str]:
    """The query, if every name is known and every value as documented."""
    bad = {name: "is not as documented" for name, value in query.items() if name not in rules or not rules[name](value)}
    if bad:
        raise Refused(400, f"Invalid query parameter: {', '.join(bad)}", bad)
    return query
