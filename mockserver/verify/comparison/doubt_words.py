"""Words of a fault for its finding, and the assertion for its reproduction."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.traffic.generated_values import SAME_TIME
from mockserver.verify.comparison.blame import BlamedDoubt
from mockserver.verify.comparison.doubts import EXISTENCE, ORDER, STATUS, Doubt
from mockserver.verify.judging.assertions import (
    contains_value,
    has_status,
    has_value,
    instant,
    lacks_value,
    row_has,
    row_lacks,
)
from mockserver.verify.judging.reproductions import BY_EARLIER, OF_THIS_RUN, AnswerMember, Expectation
from mockserver.verify.probe import BrokenPromise
from mockserver.verify.received import Received, show
from mockserver.verify.watching.exchange_log import ExchangeLog, SentRequest

PROMISE = "answers_as_the_fake"


def broken_promise(fault: BlamedDoubt, log: ExchangeLog, keys: dict[str, str]) -> BrokenPromise:
    """Returns the broken promise of a fault; `log` has the requests of the run, sent with `keys` by their names."""
    doubt, write = fault.doubt, fault.write
    acts = (log.entries[write.number - 1].request,) if write else ()
    request, status = log.entries[doubt.number - 1].request, log.entries[doubt.number - 1].status
    shown = Received(status, request=acts[0] if acts else request)
    where = _circumstances(doubt, request, keys) + (f" in a later answer to {doubt.operation}" if acts else "")
    values = doubt.member, doubt.received, doubt.wanted
    member, received, wanted = values if doubt.member == ORDER else _first_difference(*values)
    why = ", because of their records" if doubt.is_by_earlier else ""
    documented = _time_words(doubt, member, received, wanted) or _words(doubt, member, wanted, doubt.refusals[1])
    if doubt.member != ORDER and (odd := _odd_part(received, wanted)):
        named = ", ".join(map(show, odd[1]))
        documented = _in_record(doubt, f"{member} {'without' if odd[0] else 'with'} {named}")
    return BrokenPromise(
        fault.operation,
        PROMISE,
        _words(doubt, member, received, doubt.refusals[0]) + where,
        f"{documented}, as the fake answers after the same requests{why}",
        shown,
        expectation=_expectation_of_row(doubt, log, request, acts) or _expectation(doubt, request, acts),
        member=doubt.member,
    )


def _circumstances(doubt: Doubt, request: SentRequest, keys: dict[str, str]) -> str:
    """Describes the query, for rows of a list, and the key, if it is not that of the run."""
    query = "&".join(part for part in unquote(urlsplit(request.url).query).split("&") if not part.startswith("_limit="))
    used = [name for name, key in keys.items() if key == request.headers.get("x-api-key")]
    who = f" with $MOCKSERVER_VERIFY_{used[0].upper()}" if used and used[0] != "key" else ""
    return (f" for {query}" if query and doubt.member in (EXISTENCE, ORDER) else "") + who


def _first_difference(member: str, one: Any, other: Any) -> tuple[str, Any, Any]:
    """Returns the innermost member in which two values differ, and what it is in both; of rows of a list, their ids."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one | other:
            pair = one.get(name, MISSING), other.get(name, MISSING)
            if pair[0] != pair[1]:
                return _first_difference(f"{member}.{name}", *pair)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return member, _ids(one), _ids(other)
        for number, pair in enumerate(zip(one, other, strict=True)):
            if pair[0] != pair[1]:
                return _first_difference(f"{member}.{number}", *pair)
    return member, one, other


def _odd_part(received: Any, wanted: Any) -> tuple[bool, list[Any]] | None:
    """Returns whether the received one of two lists has values that the other has not, and what one has too much.

    That is certain even if the rest of a list is not known, such as what else a key may do.
    """
    values = [one if isinstance(one, list) else [{}] for one in (received, wanted)]
    if any(isinstance(one, (dict, list)) for side in values for one in side):
        return None
    one, other = ([row for row in side if row not in rest] for side, rest in (values, values[::-1]))
    return (bool(one), one or other) if one or other else None


def _ids(rows: list[Any]) -> list[Any]:
    return [row.get("id", row) if isinstance(row, dict) else row for row in rows]


def _words(doubt: Doubt, member: str, value: Any, refusal: str) -> str:
    if doubt.member == EXISTENCE:
        return f"the record {show(doubt.key[1])} is {'' if value else 'not '}in the list"
    if doubt.member in (STATUS, ORDER):
        return f"{doubt.member} {show(value)}" + (f" ({refusal})" if refusal else "")
    return _in_record(doubt, " ".join(filter(None, (member, show(value)))))


def _time_words(doubt: Doubt, member: str, received: Any, wanted: Any) -> str:
    """Describes a time that has stayed or changed unlike that of the fake, which is another one; else empty."""
    had, has = instant(received), instant(wanted)
    if had is None or has is None or abs(has - had) > SAME_TIME:
        return ""
    return _in_record(doubt, f"{'a later' if has > had else 'an unchanged'} {member}")


def _in_record(doubt: Doubt, text: str) -> str:
    return f"{text} in the record {show(doubt.key[1])}" if doubt.key[0] else text


def _expectation_of_row(
    doubt: Doubt, log: ExchangeLog, request: SentRequest, acts: tuple[SentRequest, ...]
) -> Expectation | None:
    """Returns whether a list has a record, or shows a member of it, which the run has created in it; else None."""
    path, key = log.entries[doubt.number - 1].path, doubt.key[1]
    created = [one for one in log.created_before(doubt.number) if one.path == path and one.values.get("id") == key]
    if not created:
        return None
    row = AnswerMember(created[-1].request, ("id",))
    if doubt.member == EXISTENCE:
        return Expectation(contains_value if doubt.wanted else lacks_value, request, (("*", "id"), row), acts)
    if doubt.path != ("*",) or doubt.is_by_earlier or doubt.wanted is MISSING or _is_time(doubt.wanted):
        return None
    if odd := _odd_part(doubt.received, doubt.wanted):
        return Expectation(row_lacks if odd[0] else row_has, request, (row, (doubt.member, "*"), odd[1][0]), acts)
    return Expectation(row_has, request, (row, (doubt.member,), doubt.wanted), acts)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and instant(value) is not None


def _expectation(doubt: Doubt, request: SentRequest, acts: tuple[SentRequest, ...]) -> Expectation:
    if doubt.is_by_earlier:
        return BY_EARLIER
    if doubt.member == STATUS:
        status = "2xx" if 200 <= doubt.wanted < 300 else str(doubt.wanted)
        return Expectation(has_status, request, (status,), acts)
    path = (*doubt.path, doubt.member) if doubt.key[0] else doubt.path
    # Other records and times: an assertion about them would hold for the state of this run only.
    is_of_others = not path or "*" in path or (doubt.is_read and doubt.key[0] and doubt.path)
    if is_of_others or _is_time(doubt.wanted) or doubt.wanted is MISSING or doubt.member in (EXISTENCE, ORDER):
        return OF_THIS_RUN
    if odd := _odd_part(doubt.received, doubt.wanted):
        return Expectation(lacks_value if odd[0] else contains_value, request, ((*path, "*"), odd[1][0]), acts)
    return Expectation(has_value, request, (path, doubt.wanted), acts)
