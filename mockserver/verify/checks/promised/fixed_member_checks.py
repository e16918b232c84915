"""Promises of members that no update changes."""

from __future__ import annotations

from typing import Any

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Immutable
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import promises_of_kind, resource_of
from mockserver.verify.checks.writes.difficult_values import flatten
from mockserver.verify.checks.writes.record_life import RecordLife, begin_full_life
from mockserver.verify.checks.writes.samples import Body, changed_bodies
from mockserver.verify.checks.writes.write_checks import LONG_AGO
from mockserver.verify.judging.assertions import instant, is_same
from mockserver.verify.probe import REFUSALS, Probe
from mockserver.verify.received import Received


@for_each_operation
def fixed_members_stay(probe: Probe, update: Operation) -> None:
    """An update that sends a member that is fixed is refused, or leaves it."""
    promised = [path[0] for promise in promises_of_kind(probe, update, Immutable) for path in promise.members]
    life = begin_full_life(probe, resource_of(probe, update)) if update.method in ("PUT", "PATCH") else None
    if life is None or life.resource.update != update:
        return
    write, created = life.update, life.record
    # What no body can set is set by the target alone.
    names = dict.fromkeys([*promised, *(n for n in created if n not in write.members and n != "updated_at")])
    names = {name: None for name in names if not probe.is_wrong(life.creation.operation, name)}
    shown = _read(life)
    others = {name: _other(life, name, shown.record.get(name)) for name in names}
    unknown = {name: value for name, value in others.items() if name not in write.members}
    shown, is_refused = _send(life, unknown, shown) if unknown else (shown, False)
    for name, value in others.items():
        if is_refused or name not in unknown:
            shown, _ = _send(life, {name: value}, shown)


def _read(life: RecordLife) -> Received:
    get: Any = life.resource.get
    return life.probe.call(get, life.own_keys)


def _send(life: RecordLife, body: Body, earlier: Received) -> tuple[Received, bool]:
    """Sends members beside a change, since alone they may be no change; returns the record, and if it was refused."""
    probe, update, before = life.probe, life.update.operation, earlier.record
    response = probe.call(update, life.own_keys, body=changed_bodies(update, life.body)[0] | body)
    later = _read(life)
    for name in body:
        for answer in (later, response):
            record = answer.record
            # A value of another shape is a fault of its own.
            is_shaped = all(probe.contract.fits(update, name, one[name]) for one in (before, record) if name in one)
            # What the creation has shown too is no change, but a fault of the GET.
            is_known = any(is_same(one.get(name), record.get(name)) for one in (before, life.record))
            if name in before and name in record and is_shaped and not is_known:
                why = ", whatever an update sends"
                probe.report_value(update, "fixed_member_stays", response, answer, (name,), earlier, why)
                break
    return later, response.status in REFUSALS


def _other(life: RecordLife, name: str, value: Any) -> Any:
    """Returns another value of the same type."""
    probe, update = life.probe, life.update.operation
    schema = probe.contract.member(update.success.schema or {}, name)
    others = [other for other in flatten(probe.contract.document, schema).get("enum", ()) if other != value]
    if instant(value) is not None:
        return LONG_AGO
    if others or isinstance(value, (bool, int)) or value is None:
        return others[0] if others else not value if isinstance(value, bool) else (value or 0) + 1
    return f"{probe.mark}@example.com" if "@" in str(value) else f"{probe.mark}-other"
