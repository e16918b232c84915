"""Rules of bodies and queries: each returns what is wrong with a value, or an empty text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any], str]
Rules = dict[str, Rule]

REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
REASONS |= {413: "Payload Too Large", 415: "Unsupported Media Type", 500: "Internal Server Error"}
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
URL = re.compile(r"https?://[^\s/]+\S*")
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Refused(Exception):
    """Raised for a refused request; `body` is Enspace's envelope."""

    def __init__(self, status: int, message: str, bad: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"statusCode": status, "error": REASONS.get(status, "Error"), "message": message}
        if bad:
            self.body["data"] = [{"field": name, "message": problem} for name, problem in bad.items()]


def invalid(bad: Mapping[str, str]) -> Refused:
    return Refused(400, "Validation failed", bad)


# -------- Rules of values -----------------------------------------------------------


def nullable(rule: Rule) -> Rule:
    return lambda value: "" if value is None else rule(value)


def text(least: int = 0, most: int = 10_000) -> Rule:
    def rule(value: Any) -> str:
        if not isinstance(value, str):
            return "must be a string"
        return "" if least <= len(value) <= most else f"must have {least} to {most} characters"

    return rule


def one_of(*values: Any) -> Rule:
    listed = ", ".join(map(str, values))
    return lambda value: "" if type(value) in (str, int) and value in values else f"must be one of {listed}"


def whole(least: int) -> Rule:
    def rule(value: Any) -> str:
        is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        return "" if is_whole and value >= least else f"must be a whole number from {least} on"

    return rule


def number(value: Any) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "must be a number"


def flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def mapping(value: Any) -> str:
    return "" if isinstance(value, dict) else "must be an object"


def anything(value: Any) -> str:
    return ""


def spelt(pattern: re.Pattern[str], what: str, most: int = 10_000) -> Rule:
    def rule(value: Any) -> str:
        is_spelt = isinstance(value, str) and len(value) <= most and pattern.fullmatch(value)
        return "" if is_spelt else f"must be {what}"

    return rule


slug, email, url = spelt(SLUG, "a slug", 60), spelt(EMAIL, "an e-mail address"), spelt(URL, "an address")


def day(value: Any) -> str:
    return "" if _is_read(date.fromisoformat, value, r"\d{4}-\d{2}-\d{2}") else "must be a date, YYYY-MM-DD"


def instant(value: Any) -> str:
    pattern = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})"
    return "" if _is_read(datetime.fromisoformat, value, pattern) else "must be a date and time"


def _is_read(read: Callable[[str], Any], value: Any, pattern: str) -> bool:
    try:
        return isinstance(value, str) and re.fullmatch(pattern, value) is not None and read(value) is not None
    except ValueError:
        return False


def listed(rule: Rule, least: int = 0, *, unique: bool = False) -> Rule:
    def check(value: Any) -> str:
        if not isinstance(value, list) or len(value) < least:
            return f"must be a list of at least {least}"
        if unique and len(value) != len({repr(one) for one in value}):
            return "must not repeat a value"
        return next(filter(None, map(rule, value)), "")

    return check


def having(rules: Rules, required: tuple[str, ...] = ()) -> Rule:
    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return "must be an object"
        problems = [f"{name} is required" for name in required if name not in value]
        problems += [f"{name} {bad}" for name in value if name in rules and (bad := rules[name](value[name]))]
        return "; ".join(problems)

    return check


texts_by_name: Rule = lambda value: mapping(value) or next(filter(None, map(text(), value.values())), "")  # noqa: E731
ids = listed(whole(1))
audience = having({"users": ids, "roles": ids, "mgroups": ids}, ("users", "roles", "mgroups"))
STATUS = one_of("active", "inactive")
FIELD_TYPE = one_of("text", "number", "date", "select", "boolean", "email", "url")
MEMBER_TYPES = ("full", "standard", "viewer")
AREA = one_of("items", "tasks", "spaceflows", "calendar", "ai", "settings")
ACTION = one_of("create", "read", "update", "delete")
TASK_ACTION = one_of(
    *("form_fill", "send_email", "confirmation", "external_api", "complete_step", "complete_flow", "answer_question"),
    *("submit_response", "generate_item_document", "internal_document_review", "external_document_review"),
    *("use_integration", "send_to_knowledge_base"),
)
TRIGGER = nullable(
    having({"action": one_of("next_stage", "go_to_stage", "complete_flow"), "stage": nullable(whole(1))}, ("action",))
)
CONDITION = having(
    {"field": text(), "operator": one_of("eq", "ne", "lt", "lte", "gt", "gte", "contains", "is_null")},
    ("field", "operator"),
)

# The value of an item by the type of its field.
VALUES: Rules = {"text": text(), "number": number, "date": day, "boolean": flag, "email": email, "url": url}

# -------- Bodies --------------------------------------------------------------------

TYPE: Rules = {
    "name": text(1, 80),
    "slug": slug,
    "description": nullable(text()),
    "icon": nullable(text()),
    "color": nullable(text()),
    "settings": texts_by_name,
    "status": STATUS,
}
FIELD: Rules = {
    "name": text(1, 31),
    "slug": slug,
    "type": FIELD_TYPE,
    "required": flag,
    "defaultValue": nullable(text()),
    "options": having({"choices": listed(text())}),
    "position": whole(0),
    "active": flag,
    "config": mapping,
    "order": whole(0),
}
ITEM: Rules = {"data": mapping, "form": nullable(whole(1)), "status": STATUS}
TASK: Rules = {
    "name": text(1, 120),
    "description": nullable(text()),
    "status": STATUS,
    "action": TASK_ACTION,
    "settings": mapping,
    "stage": whole(1),
    "assignees": audience,
    "response_time": nullable(
        having({"value": whole(1), "unit": one_of("minute", "hour", "day", "week")}, ("value", "unit"))
    ),
    "success_trigger": TRIGGER,
    "error_trigger": TRIGGER,
    "conditions": listed(CONDITION),
}
NEW_MEMBER: Rules = {
    "email": email,
    "type": one_of(*MEMBER_TYPES),
    "role": nullable(whole(1)),
    "mgroups": ids,
    "fname": text(),
    "lname": text(),
    "v1_compatibility": flag,
}
MEMBER: Rules = {
    "type": one_of(*MEMBER_TYPES),
    "role": nullable(whole(1)),
    "status": one_of("active", "inactive", "blocked"),
    "v1_compatibility": flag,
}
ROLE: Rules = {"name": text(1, 60), "description": nullable(text())}
PERMISSION: Rules = {
    "area": AREA,
    "action": ACTION,
    "item_type": nullable(text()),
    "form": nullable(whole(1)),
    "field": nullable(whole(1)),
}
GROUP: Rules = {"name": text(1, 60), "users": ids}
GROUP_USERS: Rules = {"users": listed(whole(1), 1, unique=True)}
QUICK_TASK: Rules = {
    "title": text(1, 120),
    "description": nullable(text()),
    "kind": one_of("manual", "approval", "form"),
    "status": one_of("pending", "in_progress", "completed", "canceled"),
    "priority": nullable(one_of("low", "medium", "high")),
    "points": nullable(whole(0)),
    "due_date": nullable(instant),
    "assigned_to": nullable(whole(1)),
    "limit_access": audience,
    "item": nullable(whole(1)),
    "approval": nullable(one_of("approved", "rejected")),
}
WORKSPACE: Rules = {
    "name": text(1, 80),
    "slug": slug,
    "description": nullable(text()),
    "icon": nullable(url),
    "language": one_of("pt", "en", "es"),
    "settings": having(
        {
            "show_categories": flag,
            "ignore_full_member_permissions": flag,
            "hide_create_button": flag,
            "document_stamp": flag,
            "modules": listed(one_of("monetary_correction", "comparisons")),
        }
    ),
}
INTEGRATION: Rules = {"integration": one_of(*range(1, 9)), "data": mapping}
INTEGRATION_DATA: Rules = {
    "environment": one_of("stage", "production"),
    "changeKeys": flag,
    "webhookCatcherEndpoint": url,
    "phone_number": text(),
    "autoclose_hours": whole(0),
    "autoclose_minutes": whole(0),
    "send_autoclose_message_minutes": whole(0),
    "autoclose_message": text(),
    "post_autoclose_message": text(),
    "api_key": text(),
    "token": text(),
    "cryptKey": text(),
    "integration_key": text(),
    "access_token": text(),
    "user_id": text(),
    "account_id": text(),
    "from_email": email,
    "from_name": text(),
    "model": text(),
    "organization": text(),
}
# What an answer shows of the data of an integration; the rest is secret.
SHOWN = (
    *("environment", "changeKeys", "webhookCatcherEndpoint", "phone_number", "autoclose_hours", "autoclose_minutes"),
    *("send_autoclose_message_minutes", "autoclose_message", "post_autoclose_message"),
)
NEEDED_BY_PROVIDER = {4: ("environment", "api_key", "from_email", "from_name"), 6: ("phone_number",)}
NEEDED_BY_PROVIDER |= {7: ("environment", "api_key")}


def accept(sent: Any, rules: Rules, required: tuple[str, ...] = ()) -> Json:
    """The known members of a body. `Refused` lists all invalid and missing ones."""
    if not isinstance(sent, dict) or not sent:
        raise invalid({"body": "must be an object with at least one member"})
    bad = {name: "is required" for name in required if name not in sent}
    bad |= {name: problem for name in sent if name in rules and (problem := rules[name](sent[name]))}
    if bad:
        raise invalid(bad)
    return {name: value for name, value in sent.items() if name in rules}


# -------- Queries: the values are texts ---------------------------------------------


def whole_text(least: int, most: int = 10**18) -> Rule:
    def rule(value: str) -> str:
        fits = WHOLE.fullmatch(value) is not None and least <= int(value) <= most
        return "" if fits else f"must be a whole number from {least} on"

    return rule


FLAG_TEXT, ID_TEXT = one_of("true", "false"), whole_text(1)
PAGING: Rules = {"_limit": whole_text(1, 1000), "_start": whole_text(0)}


def sorting(names: tuple[str, ...]) -> Rule:
    """A rule of `_sort`; without names any member may be sorted by."""
    key = f"(?:{'|'.join(names)})" if names else "[A-Za-z0-9_-]+"
    pattern = re.compile(rf"{key}:(?:ASC|DESC)(?:,{key}:(?:ASC|DESC))*")
    return spelt(pattern, f"of {', '.join(names) or 'members'}, each with :ASC or :DESC")


def accept_query(query: Mapping[str, str], rules: Rules, *, is_open: bool = False) -> None:
    """Raises `Refused` for invalid values, and for unknown names unless `is_open`."""
    bad = {name: "is unknown" for name in query if name not in rules and not is_open}
    bad |= {name: problem for name in query if name in rules and (problem := rules[name](query[name]))}
    if bad:
        raise Refused(400, f"Invalid query parameter: {', '.join(bad)}", bad)
