"""Promises of members that no update changes."""

from __future__ import annotations

from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Immutable
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import promises_of_kind, resource_of
from mockserver.verify.checks.writes.difficult_values import flatten
from mockserver.verify.checks.writes.record_life import begin_full_life
from mockserver.verify.checks.writes.samples import changed_bodies
from mockserver.verify.checks.writes.write_checks import LONG_AGO
from mockserver.verify.judging.assertions import instant, is_same
from mockserver.verify.probe import REFUSALS, Probe


@for_each_operation
def fixed_members_stay(probe: Probe, update: Operation) -> None:
    """An update that sends a member that is fixed is refused, or leaves it."""
    promised = [path[0] for promise in promises_of_kind(probe, update, Immutable) for path in promise.members]
    life = begin_full_life(probe, resource_of(probe, update)) if update.method in ("PUT", "PATCH") else None
    if life is None or life.resource.update != update:
        return
    write, own, created = life.update, life.own_keys, life.record
    # What no body can set is set by the target alone.
    names = dict.fromkeys([*promised, *(n for n in created if n not in write.members and n != "updated_at")])
    create: Any = write.resource.create
    names = {name: None for name in names if not probe.is_wrong(create, name)}
    get: Any = write.resource.get
    later = probe.call(get, own)
    for name in names:
        earlier, before = later, later.record
        body = {name: _other(probe, update, name, before.get(name))}
        response = probe.call(update, own, body=body)
        if response.status in REFUSALS:  # an unknown member alone may be an empty body
            response = probe.call(update, own, body=changed_bodies(update, write.base)[0] | body)
        later = probe.call(get, own)
        for answer in (later, response):
            record = answer.record
            # A value of another shape is a fault of its own.
            is_shaped = all(probe.contract.fits(update, name, one[name]) for one in (before, record) if name in one)
            # What the creation has shown too is no change, but a fault of the GET.
            is_known = any(is_same(one.get(name), record.get(name)) for one in (before, created))
            if name in before and name in record and is_shaped and not is_known:
                why = ", whatever an update sends"
                probe.report_value(update, "fixed_member_stays", response, answer, (name,), earlier, why)
                break


def _other(probe: Probe, update: Operation, name: str, value: Any) -> Any:
    """Returns another value of the same type."""
    schema = probe.contract.member(update.success.schema or {}, name)
    others = [other for other in flatten(probe.contract.document, schema).get("enum", ()) if other != value]
    if instant(value) is not None:
        return LONG_AGO
    if others or isinstance(value, (bool, int)) or value is None:
        return others[0] if others else not value if isinstance(value, bool) else (value or 0) + 1
    return f"{probe.mark}@example.com" if "@" in str(value) else f"{probe.mark}-other"
