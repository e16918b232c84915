"""Promises of actions: records that are named are added to a list of another record, or removed from it."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, Visible, value_at
from mockserver.verify.checks.lists.filters import Query
from mockserver.verify.checks.promised.promised_records import (
    Lists,
    create_record,
    ids_of,
    promises_of_kind,
    resource_of,
    whole_lists,
)
from mockserver.verify.checks.writes.write import visible_keys
from mockserver.verify.judging.assertions import changed_members, others_stay, same_rows
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Received, show


def check_action(probe: Probe, action: Operation, promise: Effect) -> None:
    """Checks that an action adds the records that it names to a list, or removes only those."""
    resource = resource_of(probe, action)
    create: Any = resource.create
    visible = next((one for one in promises_of_kind(probe, create, Visible) if one.member == (promise.sent,)), None)
    # The last ones: the first may be special, such as the owner of a workspace.
    ids = visible_keys(probe, visible)[-5:] if visible else []
    if visible is None or len(ids) < 2:
        return
    plan = _plan(ids, is_removal=promise.becomes == "absent")
    keys, created = create_record(probe, resource, {promise.sent: plan.had})
    shown = probe.call(probe.contract.by_id[promise.shows_in], keys) if created.record else created
    # A creation that sets other ones is a fault of its own.
    if ids_of(value_at(shown.record, promise.member)) != plan.had:
        return
    refused = probe.call(action, keys, body={} if action.body else NOT_SET)
    probe.expect_refusal(action, "invalid_value_is_refused", refused, f"no {promise.sent}", "400: it is required")
    create_record(probe, resource, {promise.sent: ids})  # another record with the same ids
    names = (visible.within, resource.listing.id)
    before = [whole_lists(probe, name) for name in names]
    query, body = _arguments(action, promise.sent, plan.sent)
    first, second = (probe.call(action, keys, query, body) for _ in range(2))
    for name, known in zip(names, before, strict=True) if probe.is_alone and second.ok else ():
        _check_others(probe, action, second, created, (known, whole_lists(probe, name)))
    for answer, lists, earlier in ((first, plan.had, []), (second, plan.wanted, [first])):
        texts = f"{plan.sent} where the list has {lists}", "ids without effect are ignored"
        if probe.expect_success(action, "action_has_its_effect", answer, *texts, after=earlier):
            return
    if second.ok:
        _check_list(probe, action, promise, plan, keys, (first, second))


class _ActionPlan(NamedTuple):
    """Ids that a list has, those that an action names, and those that the list has to have after it."""

    had: list[Any]
    sent: list[Any]
    wanted: list[Any]


def _plan(ids: list[Any], *, is_removal: bool) -> _ActionPlan:
    """Returns a plan in which the first id sent changes nothing: the list has it already, or does not have it."""
    last = min(len(ids), 4)
    begun = max(last - 2, 1)
    if is_removal:
        return _ActionPlan(ids[:last], ids[last:] + ids[: last - 1], ids[last - 1 : last])
    return _ActionPlan(ids[:begun], ids[begun - 1 : last], ids[:last])


def _arguments(action: Operation, name: str, ids: list[Any]) -> tuple[Query | None, Any]:
    """Returns the query and the body that name ids, as the contract declares it."""
    if action.body:
        return None, {name: ids}
    is_spread = any(one.name == name and one.explode for one in action.parameters_in("query"))
    return {name: ids if is_spread else ",".join(map(str, ids))}, NOT_SET


def _check_list(
    probe: Probe, action: Operation, promise: Effect, plan: _ActionPlan, keys: Keys, answers: tuple[Received, Received]
) -> None:
    """Checks the list that an action has changed; `answers` are those of the same action, sent twice."""
    first, second = answers
    shown = probe.call(probe.contract.by_id[promise.shows_in], keys)
    rows = value_at(shown.record, promise.member)
    if isinstance(rows, list) and ids_of(rows) != sorted(plan.wanted):
        text = f"{'.'.join(promise.member)} {ids_of(rows)} after {action.method} with {plan.sent}, sent twice"
        expected = shown.expects(same_rows, promise.member, plan.wanted, after=[first])
        probe.report(action, "action_has_its_effect", second, text, f"{sorted(plan.wanted)}", expected)


def _check_others(
    probe: Probe, action: Operation, response: Received, created: Received, lists: tuple[Lists, Lists]
) -> None:
    """Checks that an action changes no record but its own, which was `created`; the lists are before and after it."""
    for one, other in zip(*(answers.values() for answers in lists), strict=False):
        rows = {str(row.get("id")): row for row in other.records}
        for row in (row for row in one.records if row.get("id") != created.record["id"]):
            key = str(row.get("id"))
            names = changed_members(row, rows[key]) if key in rows else ["id"]
            names = [name for name in names if name != "updated_at"]
            if names:
                text = f"{names[0]} {show(rows.get(key, {}).get(names[0]))} in the record {key} after {action.method}"
                expected = other.expects(others_stay, one.member(), created.member("id"), "updated_at")
                wanted = f"{names[0]} {show(row[names[0]])}, as before"
                probe.report(action, "action_leaves_what_it_names", response, text, wanted, expected)
                return
