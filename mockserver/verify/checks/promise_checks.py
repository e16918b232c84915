"""Promises of members that take several requests: defaults, fixed, unique and visible ones."""

from __future__ import annotations

from dataclasses import MISSING
from typing import Any

from schemathesis.core import NOT_SET

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import LAST, SLUG, Default, Immutable, MemberPath, Unique, Visible, value_at
from mockserver.contract.yaml_text import leaves
from mockserver.text import slug_of
from mockserver.verify.checks.difficult_values import flatten, value_naming
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised_records import (
    BEHIND,
    create_record,
    member_fits,
    nested_body,
    promises_of_kind,
    resource_of,
    switched_off,
)
from mockserver.verify.checks.record_checks import MISSING_KEYS
from mockserver.verify.checks.record_life import begin_full_life
from mockserver.verify.checks.samples import Body, changed_bodies, sample_bodies, sample_body
from mockserver.verify.checks.tenancy_checks import foreign_records, other_workspaces
from mockserver.verify.checks.write import Write, visible_keys
from mockserver.verify.checks.write_checks import LONG_AGO
from mockserver.verify.judging.assertions import (
    changed_members,
    has_no_repeat,
    has_value,
    instant,
    is_same,
    lacks_value,
)
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record, show
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES

LONG_NAME = "with a long name 12"


@for_each_operation
def defaults_are_set(probe: Probe, create: Operation) -> None:
    """A creation gives the members that were left out their defaults, those that its schema names too."""
    promises = default_promises(probe, create) if create in [one.create for one in probe.contract.resources] else []
    for is_conditional in (False, True):
        # Only a record whose relations are filled in may fulfil a condition.
        some = [one for one in promises if bool(one.where) is is_conditional]
        left_out = tuple(path for promise in some for path in promise.members)
        for sample in sample_bodies(probe, create)[:: -1 if is_conditional else 1][:1] if some else ():
            # A long name: what is made of it may be cut.
            more = {"name": f"{sample[1]['name']} {LONG_NAME}"} if SLUG in _values_of(some) else {}
            keys, response = create_record(probe, resource_of(probe, create), more, left_out, sample)
            for promise in some:
                values = _shown_elsewhere(probe, promise, keys, response)
                is_fixed = LAST not in promise.members.values()
                check_defaults(probe, create, response, values, is_fixed=is_fixed)
                if not is_fixed:
                    _check_behind_all(probe, create, promise)


def _check_behind_all(probe: Probe, create: Operation, promise: Default) -> None:
    """Checks that a new record comes behind all others below its parent, behind one that is switched off too."""
    resource = resource_of(probe, create)
    above, sample = probe.contract.above(resource), sample_body(probe, create)
    keys, parent = create_record(probe, above) if above else ({}, Received(0))
    if sample is None or not parent.record:
        return
    path = next(path for path, value in promise.members.items() if value == LAST)
    hidden = switched_off(probe, create) | nested_body({path: BEHIND})
    _, before = create_record(probe, resource, hidden, sample=(keys, sample[1]))
    _, created = create_record(probe, resource, None, (path,), (keys, sample[1]))
    received, is_behind = value_at(created.record, path), value_at(before.record, path) == BEHIND
    if is_behind and received not in (MISSING, BEHIND + 1) and member_fits(probe, create, path, received):
        name = ".".join(path)
        texts = f"{name} {show(received)}", f"{name} {BEHIND + 1}, when left out: behind {show(hidden)}"
        expected = created.expects(has_value, path, BEHIND + 1, after=[before])
        probe.report(create, "default_is_set", created, *texts, expected, member=path[0])


def _values_of(promises: list[Default]) -> list[Any]:
    return [value for promise in promises for value in promise.members.values()]


def _shown_elsewhere(probe: Probe, promise: Default, keys: Keys, created: Received) -> dict[MemberPath, Any]:
    """Returns the values that a promise takes from the answer of another operation, else its own."""
    if not promise.of:
        slug = slug_of(str(created.record.get("name")))
        return {path: slug if value == SLUG else value for path, value in promise.members.items()}
    of, key = probe.contract.by_id[promise.of], value_at(created.record, promise.key)
    own = {parameter.name: keys[parameter.name] if not promise.key else key for parameter in of.parameters_in("path")}
    answer = probe.call(of, own, {promise.by: key, "_limit": MOST} if promise.by else {})
    rows = [row for row in answer.records if all(value_at(row, path) == one for path, one in promise.where.items())]
    source = answer.record or next(iter(rows), {})
    others = [row for row in rows if row.get("id") != created.record.get("id")]
    return {
        path: _behind(others, path) if value == LAST else value_at(source, tuple(value.split(".")))
        for path, value in promise.members.items()
    }


def _behind(rows: list[Record], path: MemberPath) -> Any:
    """Returns the number behind those of all rows; the first one depends on where the target begins to count."""
    numbers = [number for row in rows if type(number := value_at(row, path)) is int]
    return max(numbers) + 1 if numbers else MISSING


def check_defaults(
    probe: Probe, create: Operation, response: Received, defaults: dict[MemberPath, Any], *, is_fixed: bool = True
) -> None:
    """Reports members of a new record that have another value than their default, which is the same each time."""
    for path, value in defaults.items() if response.record else ():
        # Nothing is in what is null.
        received = value_at(response.record, path) if response.record.get(path[0], ...) is not None else None
        # A member that is missing is a fault of the shape, a key is not.
        is_unknown = value is MISSING or value_at(response.record, path[:1]) is MISSING
        is_kept = is_unknown or (is_same(value, received) and is_same(received, value))
        if is_kept or not member_fits(probe, create, path, received):
            continue
        if is_fixed:
            probe.report_value(create, "default_is_set", response, response, path, value, ", when left out")
        else:
            name, wanted = ".".join(path), f"{show(value)}, when left out: behind all others"
            texts = f"{name} {show(received)}", f"{name} {wanted}"
            probe.report(create, "default_is_set", response, *texts, member=path[0])


def default_promises(probe: Probe, create: Operation) -> list[Default]:
    """Returns the promised defaults of a creation, those that its schema names too."""
    write = Write(probe, resource_of(probe, create), create, {})
    parts: dict[MemberPath, Schema] = {(name,): write.flat_member(name) for name in write.members}
    parts |= {(*path, key): part for path, one in parts.items() for key, part in one.get("properties", {}).items()}
    named: dict[MemberPath, Any] = {path: part["default"] for path, part in parts.items() if "default" in part}
    of_schema = [Default(members=named, status="documented", rule="")] if named else []
    return [*of_schema, *promises_of_kind(probe, create, Default)]


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


@for_each_operation
def unique_members_are_unique(probe: Probe, create: Operation) -> None:
    """A repeated creation is refused, or answers the record that exists; without such a promise it makes another."""
    promises = list(promises_of_kind(probe, create, Unique))
    if not promises and create in [one.create for one in probe.contract.resources]:
        _check_two(probe, create)
    for promise in promises:
        sample = sample_body(probe, create)
        if sample is None:
            continue
        keys, body = sample
        first = probe.call(create, keys, body=body)
        second = probe.call(create, keys, body=body) if first.record else Received(0)
        if second.status:
            _check_single(probe, resource_of(probe, create), promise, keys, (first, second))
        if not second.record:
            _check_taken(probe, resource_of(probe, create), promise, first)
            _check_elsewhere(probe, resource_of(probe, create), body, first)
            _check_foreign(probe, create, promise, body)
            continue
        names = ", ".join(".".join(path) for path in promise.members)
        if promise.repeated == "kept":
            for name in ("id", "created_at"):
                if first.record.get(name) != second.record.get(name) and probe.contract.fits(
                    create, name, second.record.get(name)
                ):
                    texts = "repeated_creation_is_the_same", f": {names} is the same"
                    probe.report_value(create, texts[0], second, second, (name,), first, texts[1])
        elif all(value_at(second.record, path) == value_at(body, path) for path in promise.members if path[0] in body):
            texts = f"the same {names}", f"400: a record with this {names} exists"
            probe.expect_refusal(create, "duplicate_is_refused", second, *texts, after=[first])


def _check_single(
    probe: Probe, resource: Resource, promise: Unique, keys: Keys, answers: tuple[Received, Received]
) -> None:
    """Checks that a repeated creation has left one record with the unique members; `answers` are those of both."""
    first, second = answers
    whole = probe.call(resource.listing, keys, {"_limit": MOST})
    for path in promise.members if len(promise.members) == 1 else ():
        value = value_at(first.record, path)
        if [value_at(row, path) for row in whole.records].count(value) > 1:
            name = "repeated_creation_is_the_same" if promise.repeated == "kept" else "duplicate_is_refused"
            texts = f"two records with {'.'.join(path)} {show(value)}", "one record"
            expected = whole.expects(has_no_repeat, ("*", *path))
            probe.report(resource.create, name, second, *texts, expected)  # type: ignore[arg-type]


def _check_two(probe: Probe, create: Operation) -> None:
    """Checks that two equal creations make two records."""
    keys, body = sample_body(probe, create) or ({}, NOT_SET)
    first, second = (probe.call(create, keys, body=body) if body is not NOT_SET else Received(0) for _ in range(2))
    key = second.record.get("id")
    if first.record and second.ok and key == first.record.get("id"):
        expected = second.expects(lacks_value, ("id",), first.member("id"))
        received, documented = f"id {show(key)} for the second creation", "another record for each creation"
        probe.report(create, "each_creation_is_a_record", second, received, documented, expected)
    elif first.record:
        texts = "the second creation", "a success: nothing has to be unique"
        probe.expect_success(create, "each_creation_is_a_record", second, *texts, after=[first])


def _check_taken(probe: Probe, resource: Resource, promise: Unique, first: Received) -> None:
    """Checks that no update gives a second record the unique members of the first one."""
    create: Any = resource.create
    update, taken = resource.update, {path: value_at(first.record, path) for path in promise.members}
    # A creation whose answer is lost, or lacks a member, has nothing that could be taken.
    is_known = MISSING not in taken.values() and not any(probe.is_wrong(create, path[0]) for path in taken)
    keys, second = create_record(probe, resource) if is_known and probe.is_selected(update) else ({}, Received(0))
    if update is None or not second.record:
        return
    response = probe.call(update, keys, body=nested_body(taken))
    if response.record and all(value_at(response.record, path) == value for path, value in taken.items()):
        names = ", ".join(".".join(path) for path in promise.members)
        texts = f"the {names} of another record", f"400: a record with this {names} exists"
        probe.expect_refusal(update, "duplicate_is_refused", response, *texts, after=[first])


def _check_elsewhere(probe: Probe, resource: Resource, body: Body, first: Received) -> None:
    """Checks that the unique members of a record can be used below another parent."""
    above = probe.contract.above(resource)
    keys, parent = create_record(probe, above) if above and first.record else ({}, Received(0))
    response = probe.call(resource.create, keys, body=body) if resource.create and parent.record else Received(0)
    if resource.create:
        texts = "a creation below another parent", "a success: unique below one parent"
        probe.expect_success(resource.create, "unique_below_its_parent", response, *texts, after=[first])


def _check_foreign(probe: Probe, create: Operation, promise: Unique, body: Body) -> None:
    """Checks that a record may have a unique member that one of another workspace has, beside a name of the run."""
    resource, [name, *others] = resource_of(probe, create), [path[0] for path in promise.members]
    # An address would reach people.
    has_mark = any(other in body for other in NAMES if other != name) and name != "email"
    workspaces = other_workspaces(probe)[:1] if has_mark and name in body and not others else []
    if resource.parent_keys or not resource.is_in_workspace:
        return
    for _, record in (one for workspace in workspaces for one in foreign_records(probe, resource, workspace)):
        if record.get(name) not in [None, *(row.get(name) for row in probe.first_list(resource, {}))]:
            _, created = create_record(probe, resource, {name: record[name]})
            texts = f"{name} {show(record[name])}, which another workspace has", "a success: unique in one workspace"
            probe.expect_success(create, "unique_in_its_workspace", created, *texts)
            return


@for_each_operation
def only_visible_is_taken(probe: Probe, operation: Operation) -> None:
    """A member that has to name a visible record, or that needs other members, takes nothing else."""
    for promise in (one for one in promises_of_kind(probe, operation, Visible) if one.member):
        for value in _invisible(probe, promise) if promise.within else []:
            _check_refused(probe, operation, promise, value, {})
        named = visible_keys(probe, promise)[:1] if promise.within and promise.needs else []
        for value in promise.values or named:
            _check_refused(probe, operation, promise, value, promise.needs)


def _invisible(probe: Probe, promise: Visible) -> list[Any]:
    """Returns the key of no record, that of a listed one to which the promise does not apply, and a foreign one."""
    listed = next(one for one in probe.contract.resources if one.listing.id == promise.within)
    rows = probe.first_list(listed, {}) if promise.where and probe.is_alone else []
    others = [row for row in rows if any(value_at(row, path) != value for path, value in promise.where.items())]
    missing = MISSING_KEYS[1] if promise.key == ("slug",) else MISSING_KEYS[0]
    return [missing, *(value_at(row, promise.key) for row in others[:1]), *_foreign_keys(probe, listed, promise)]


def _foreign_keys(probe: Probe, listed: Resource, promise: Visible) -> list[Any]:
    """Returns the key of a record that only another workspace has; to name it could reach other people."""
    workspaces = other_workspaces(probe)[:1] if probe.is_alone and listed.is_in_workspace else []
    rows = [row for workspace in workspaces for _, row in foreign_records(probe, listed, workspace)]
    # The run may have given a record of its own the same slug.
    parents = probe.parents(listed, most=1) if rows else []
    known = [value_at(row, promise.key) for keys in parents for row in probe.list_records(listed, keys)]
    return [key for row in rows if (key := value_at(row, promise.key)) not in (MISSING, *known)][:1]


def _check_unchanged(probe: Probe, update: Operation, keys: Keys, created: Received, response: Received) -> None:
    """Checks that a refused update has changed nothing."""
    of: Any = resource_of(probe, update)
    get = of.get
    later = probe.call(get, keys) if get and response.status in REFUSALS else Received(0)
    changed = changed_members(created.record, later.record)
    # What the creation has set wrongly, and a value of another shape, are faults of their own.
    right = [name for name in changed if not probe.is_wrong(of.create, name)]
    for name in [name for name in right if member_fits(probe, get, (name,), later.record[name])][:1]:
        promise, why = "refused_write_changes_nothing", ": the update was refused"
        probe.report_value(update, promise, response, later, (name,), created, why)


def _check_refused(
    probe: Probe, operation: Operation, promise: Visible, value: Any, needs: dict[MemberPath, Any]
) -> None:
    """Sends a value without what it needs: with another value of that, where all that do are known."""
    resource, schema = resource_of(probe, operation), operation.body.schema if operation.body else {}
    sent, document = nested_body({promise.member: value}), probe.contract.document
    if promise.within:
        name, *inner = promise.member
        member, path = probe.contract.member(schema, name), tuple(inner)
        # A list names a visible record before it.
        several = value_naming(document, member, path, *visible_keys(probe, promise)[-1:], value)
        is_list = value in [one for _, one in leaves(several)]
        sent = {name: several if is_list else value_naming(document, member, path, value)}
    for path, needed in needs.items():
        every = flatten(document, probe.contract.member(schema, *path)).get("enum", ())
        others = [one for one in every if isinstance(needed, list) and one not in needed]
        sent |= nested_body({path: others[-1]}) if others else {}
    if operation == resource.create:
        _, response = create_record(probe, resource, sent, tuple(path for path in needs if path[0] not in sent))
    else:
        keys, created = create_record(probe, resource)
        fits = all(value_at(created.record, path) == needed for path, needed in needs.items())
        if not created.record or (needs and fits):
            return
        # Beside a valid change, which must not be kept alone. An action takes nothing else.
        beside = changed_bodies(operation, created.record)[0] if operation == resource.update else {}
        response = probe.call(operation, keys, body=beside | sent)
        _check_unchanged(probe, operation, keys, created, response)
    what = ", ".join(f"{name} {show(part)}" for name, part in sent.items())
    wanted = f"400: {promise.within} has no such record to name" if promise.within else "400"
    if needs or not promise.within:
        wanted = f"400 without {show(nested_body(needs))}" if needs else "400: this operation does not take it"
    probe.expect_refusal(operation, "only_visible_is_taken", response, what, wanted)
