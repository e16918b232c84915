"""Correctness of each server, since a fast answer is worth little if the request was not checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.requests import BAD_FIELD, FIELD, FIELDS, MEMBER, WORKSPACE, Answer, Request, get, post, send

WRONG_KEY = {"x-api-key": "en.NobodyHasThisKey000000000000000000"}


@dataclass(frozen=True)
class Check:
    promise: str
    request: Request
    kept: Callable[[Answer], bool]


@dataclass(frozen=True)
class Verdict:
    promise: str
    kept: bool
    status: int


def refused(answer: Answer) -> bool:
    return 400 <= answer.status < 500


def not_found(answer: Answer) -> bool:
    return answer.status == 404


def unauthorized(answer: Answer) -> bool:
    return answer.status == 401


def has_the_error_shape(answer: Answer) -> bool:
    value = answer.value()
    return refused(answer) and isinstance(value, dict) and value.keys() >= {"statusCode", "error", "message"}


def names_every_mistake(answer: Answer) -> bool:
    wrong = [name for name, value in BAD_FIELD.items() if value != FIELD[name]]
    return refused(answer) and all(name in answer.body for name in wrong)


def has_id_18(answer: Answer) -> bool:
    value = answer.value()
    return isinstance(value, dict) and value.get("id") == 18


def has_three_records(answer: Answer) -> bool:
    value = answer.value()
    return isinstance(value, list) and len(value) == 3


def has_what_was_sent(answer: Answer) -> bool:
    value = answer.value()
    return isinstance(value, dict) and all(value.get(name) == sent for name, sent in FIELD.items())


def lists_what_was_sent(answer: Answer) -> bool:
    value = answer.value()
    return isinstance(value, list) and any(field.get("slug") == FIELD["slug"] for field in value)


# In this order: the last two checks build on the creation before them. 18 is no id of the contract's examples; there
# is a member 18 in our fixtures, and no member 999999.
CHECKS = (
    Check("refuses a bad body", post(FIELDS, BAD_FIELD), refused),
    Check("names all mistakes of a bad body", post(FIELDS, BAD_FIELD), names_every_mistake),
    Check("answers errors in the documented shape", post(FIELDS, BAD_FIELD), has_the_error_shape),
    Check("refuses a bad query value", get("/ws/types/contratos/items?_limit=many"), refused),
    Check("refuses a missing key", Request("GET", MEMBER, headers=WORKSPACE), unauthorized),
    Check("refuses an unknown key", Request("GET", MEMBER, headers=WORKSPACE | WRONG_KEY), unauthorized),
    Check("answers with the id asked for", get("/ws/members/18"), has_id_18),
    Check("does not find what is not there", get("/ws/members/999999"), not_found),
    Check("answers as many records as asked for", get("/ws/types/contratos/items?_limit=3"), has_three_records),
    Check("answers a creation with what was sent", post(FIELDS, FIELD), has_what_was_sent),
    Check("lists what was created", get(FIELDS + "?_limit=1000"), lists_what_was_sent),
    Check("refuses to create it once more", post(FIELDS, FIELD), refused),
)


def check(port: int) -> list[Verdict]:
    return [verdict_of(one, send(port, one.request)) for one in CHECKS]


def verdict_of(one: Check, answer: Answer) -> Verdict:
    return Verdict(one.promise, one.kept(answer), answer.status)
