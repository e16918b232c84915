"""Promises of `x-promises` that take several requests, one check for each kind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import MISSING
from typing import Any
from urllib.parse import parse_qs, urlsplit

from schemathesis.core import NOT_SET

from mockserver.contract.operations import Operation
from mockserver.contract.promises import (
    NOT_NULL,
    Count,
    Default,
    Effect,
    Immutable,
    Log,
    MemberPath,
    Order,
    Referrers,
    Unique,
    Visible,
    value_at,
    with_value,
)
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.difficult_values import flatten
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.record_checks import MISSING_KEYS
from mockserver.verify.checks.samples import Body, changed_bodies, sample_body
from mockserver.verify.checks.value_checks import Write, fresh, own_record, visible_keys
from mockserver.verify.checks.write_checks import LONG_AGO
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    counts,
    has_status,
    has_value,
    instant,
    is_empty,
    is_same,
    lacks_key,
    lacks_value,
    others_stay,
    same_rows,
)
from mockserver.verify.judging.reproductions import NOT_ASSERTED, Expectation
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.limits import WRITING

BEHIND = 1000  # as a position
LOGGED = 50  # newest rows of a log in which a call is searched for
LATE = 0.5  # seconds that a log may be late
Lists = dict[Any, Received]  # by the key of the parent


def _promised(probe: Probe, operation: Operation, kind: type[Any]) -> Iterator[Any]:
    return (promise for promise in probe.contract.promises(operation) if isinstance(promise, kind))


def _resource_of(probe: Probe, operation: Operation) -> Resource:
    """Returns the resource with this operation, or the one whose record the operation is below."""
    for one in probe.contract.resources:
        if operation in (one.listing, one.create, one.get, one.update, one.delete):
            return one
    return next(one for one in probe.contract.resources if one.key and operation.path.startswith(_record_path(one)))


def _record_path(resource: Resource) -> str:
    return f"{resource.collection}/{{{resource.key}}}"


def _create(
    probe: Probe, resource: Resource, more: Body | None = None, without: tuple[str, ...] = ()
) -> tuple[Keys, Received]:
    """Creates a record; the keys are those of the record itself."""
    sample = sample_body(probe, resource.create) if resource.create else None
    if sample is None or resource.create is None:
        return {}, Received(0)
    keys, base = sample
    body = fresh(Write(probe, resource, resource.create, base), base)
    for name, value in (more or {}).items():
        has_both = isinstance(value, dict) and isinstance(body.get(name), dict)
        body[name] = body[name] | value if has_both else value
    body = {name: value for name, value in body.items() if name not in without}
    response = probe.call(resource.create, keys, body=body)
    if response.record and resource.key:
        keys = keys | {resource.key: key_of(resource.key, response.record)}
    return keys, response


def _read(probe: Probe, resource: Resource, keys: Keys) -> tuple[Received, tuple[str, ...]]:
    """Reads a record again, with its GET or in its list; returns the answer and the path of the records in it."""
    if resource.get is not None:
        return probe.call(resource.get, keys), ()
    parents = {name: keys[name] for name in resource.parent_keys}
    return probe.call(resource.listing, parents, {"_limit": MOST}), ("*",)


def _record(answer: Received, created: Received) -> Record:
    """Returns the created record as an answer shows it."""
    rows = (row for row in answer.records if row.get("id") == created.record.get("id"))
    return answer.record or next(rows, {})


def _show(value: Any) -> str:
    return "missing" if value is MISSING else json.dumps(value, ensure_ascii=False)[:200]


@for_each_operation
def defaults_are_set(probe: Probe, create: Operation) -> None:
    """A creation gives the members that were left out their defaults, those that its schema names too."""
    promised = [promise.members for promise in _promised(probe, create, Default)]
    for defaults in filter(None, [defaults_of_schema(probe, create), *promised]):
        names = tuple({path[0] for path in defaults if len(path) == 1})
        _, response = _create(probe, _resource_of(probe, create), without=names)
        check_defaults(probe, create, response, defaults)


def check_defaults(probe: Probe, create: Operation, response: Received, defaults: dict[MemberPath, Any]) -> None:
    """Reports members of a new record that have another value than their default."""
    for path, value in defaults.items() if response.record else ():
        received = value_at(response.record, path)
        if received is not MISSING and not is_same(value, received) and _fits(probe, create, path, received):
            name = ".".join(path)
            texts = f"{name} {_show(received)}", f"{name} {_show(value)}"
            probe.report(create, "default_is_set", response, *texts, response.expects(has_value, path, value))


def defaults_of_schema(probe: Probe, create: Operation) -> dict[MemberPath, Any]:
    """Returns the defaults that the schema of a creation names."""
    if create.body is None or all(create != one.create for one in probe.contract.resources):
        return {}
    document = probe.contract.document
    parts = {name: document.resolve(part) for name, part in properties_of(document, create.body.schema).items()}
    return {(name,): part["default"] for name, part in parts.items() if "default" in part}


def _fits(probe: Probe, operation: Operation, path: MemberPath, received: Any) -> bool:
    return len(path) > 1 or probe.contract.fits(operation, path[0], received)


@for_each_operation
def fixed_members_stay(probe: Probe, update: Operation) -> None:
    """An update that sends a member that is fixed is refused, or leaves it."""
    promised = [path[0] for promise in _promised(probe, update, Immutable) for path in promise.members]
    life = own_record(probe, _resource_of(probe, update)) if update.method in ("PUT", "PATCH") else None
    if life is None or life[0].operation != update:
        return
    write, own, record = life
    # What no body can set is set by the target alone.
    names = dict.fromkeys([*promised, *(n for n in record if n not in write.members and n != "updated_at")])
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
            if name in before and name in record and is_shaped and not is_same(before[name], record[name]):
                received = f"{name} {_show(record[name])} after an update"
                expected = answer.expects(has_value, (name,), earlier.member(name))
                wanted = f"{name} {_show(before[name])}"
                probe.report(update, "fixed_member_stays", response, received, wanted, expected)
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
    promises = list(_promised(probe, create, Unique))
    if not promises and create in [one.create for one in probe.contract.resources]:
        _check_two(probe, create)
    for promise in promises:
        sample = sample_body(probe, create)
        if sample is None:
            continue
        keys, body = sample
        first = probe.call(create, keys, body=body)
        second = probe.call(create, keys, body=body) if first.record else Received(0)
        if not second.record:
            _check_taken(probe, _resource_of(probe, create), promise, first)
            _check_elsewhere(probe, _resource_of(probe, create), body, first)
            continue
        names = ", ".join(".".join(path) for path in promise.members)
        if promise.repeated == "kept":
            for name in ("id", "created_at"):
                if first.record.get(name) != second.record.get(name) and probe.contract.fits(
                    create, name, second.record.get(name)
                ):
                    received = f"{name} {_show(second.record.get(name))} for the second creation"
                    wanted = f"{name} {_show(first.record.get(name))}: {names} is the same"
                    expected = second.expects(has_value, (name,), first.member(name))
                    probe.report(create, "repeated_creation_is_the_same", second, received, wanted, expected)
        elif all(value_at(second.record, path) == value_at(body, path) for path in promise.members if path[0] in body):
            texts = f"the same {names}", f"400: {names} exists already"
            probe.expect_refusal(create, "duplicate_is_refused", second, *texts, after=[first])


def _check_two(probe: Probe, create: Operation) -> None:
    """Checks that two equal creations make two records."""
    keys, body = sample_body(probe, create) or ({}, NOT_SET)
    first, second = (probe.call(create, keys, body=body) if body is not NOT_SET else Received(0) for _ in range(2))
    key = second.record.get("id")
    if first.record and second.ok and key == first.record.get("id"):
        expected = second.expects(lacks_value, ("id",), first.member("id"))
        received, documented = f"id {key!r} for the second creation", "another record for each creation"
        probe.report(create, "each_creation_is_a_record", second, received, documented, expected)
    elif first.record and second.status in REFUSALS:
        received, documented = f"{second.status} for the second creation", "a success: nothing has to be unique"
        expected = second.expects(has_status, "2xx", after=[first])
        probe.report(create, "each_creation_is_a_record", second, received, documented, expected)


def _check_taken(probe: Probe, resource: Resource, promise: Unique, first: Received) -> None:
    """Checks that no update gives a second record the unique members of the first one."""
    update, taken = resource.update, {path: value_at(first.record, path) for path in promise.members}
    keys, second = _create(probe, resource) if probe.is_selected(update) else ({}, Received(0))
    if update is None or not second.record:
        return
    response = probe.call(update, keys, body=_nested(taken))
    if response.record and all(value_at(response.record, path) == value for path, value in taken.items()):
        names = ", ".join(".".join(path) for path in promise.members)
        texts = f"the {names} of another record", f"400: {names} exists already"
        probe.expect_refusal(update, "duplicate_is_refused", response, *texts, after=[first])


def _check_elsewhere(probe: Probe, resource: Resource, body: Body, first: Received) -> None:
    """Checks that the unique members of a record can be used below another parent."""
    above = next((one for one in probe.contract.resources if resource.parent_keys == [one.key]), None)
    keys, parent = _create(probe, above) if above and first.record else ({}, Received(0))
    response = probe.call(resource.create, keys, body=body) if resource.create and parent.record else Received(0)
    if resource.create and response.status in REFUSALS:
        received, documented = f"{response.status} below another parent", "a success: unique below one parent"
        expected = response.expects(has_status, "2xx", after=[first])
        probe.report(resource.create, "unique_below_its_parent", response, received, documented, expected)


def numbers_count_lists(probe: Probe) -> None:
    """A number that counts a list is the length of the list."""
    known: dict[str, Lists] = {}  # the same lists are counted by several operations
    for operation in probe.operations:
        for promise in _promised(probe, operation, Count):
            known |= {name: _whole_lists(probe, name) for name in promise.lists.values() if name not in known}
            response = probe.call(operation) if promise.lists else Received(0)
            for path, name in promise.lists.items():
                _check_number(probe, operation, response, path, name, known[name])


def _check_number(
    probe: Probe, operation: Operation, response: Received, path: MemberPath, name: str, lists: Lists
) -> None:
    number, rows = value_at(response.record, path), value_at(response.record, path[:-1])
    if not isinstance(rows, list):
        _compare_length(probe, operation, response, path, name, (number, lists))
        return
    for row in (row for row in rows if isinstance(row, dict)):
        below = {key: answer for key, answer in lists.items() if key in row.values()}
        _compare_length(probe, operation, response, path, name, (row.get(path[-1]), below))


def _compare_length(
    probe: Probe, operation: Operation, response: Received, path: MemberPath, name: str, pair: tuple[Any, Lists]
) -> None:
    number, lists = pair
    length = _length(lists, lists)
    # Others may work on the target: the list counts only if it has the same length again.
    if not lists or type(number) is not int or number == length or length != _length(_whole_lists(probe, name), lists):
        return
    # A caller with fewer rights sees only a part of the list.
    if number < length or probe.is_alone:
        whose = ".".join(filter(None, [name, *(map(str, lists) if len(lists) == 1 else ())]))
        received = f"{'.'.join(path)} {number}, while {whose} has {length} records"
        expected = response.expects(counts, path, *(answer.member() for answer in lists.values()))
        probe.report(operation, "number_counts_the_list", response, received, "the number of records", expected)


def _length(lists: Lists, keys: Iterable[Any]) -> int:
    return sum(len(lists[key].records) for key in keys if key in lists)


def _whole_lists(probe: Probe, listing: str) -> Lists:
    """Requests a list below each of its parents; empty if a page is full or a list is missing."""
    resource = next(one for one in probe.contract.resources if one.listing.id == listing)
    names = resource.parent_keys
    above = next((one for one in probe.contract.resources if names == [one.key]), None)
    if names and above is None:
        return {}
    # Records that this run has created count too, so that the parents are read again.
    parents = [key_of(above.key, row) for row in probe.list_records(above, {})] if above else [""]
    lists = {key: probe.call(resource.listing, {above.key: key} if above else {}, {"_limit": MOST}) for key in parents}
    is_whole = all(answer.ok and len(answer.records) < MOST for answer in lists.values()) and len(parents) < MOST
    return lists if is_whole else {}


@for_each_operation
def writes_have_their_effect(probe: Probe, operation: Operation) -> None:
    """A write changes what it promises to change beyond the members sent."""
    for promise in _promised(probe, operation, Effect):
        if promise.then:
            _check_then(probe, operation, promise)
        elif promise.sent and promise.shows_in:
            _check_action(probe, operation, promise)
        elif promise.shows_in:
            _check_shown(probe, operation, promise)


def _nested(values: dict[MemberPath, Any]) -> Body:
    body: Body = {}
    for path, value in values.items():
        body = with_value(body, path, value)
    return body


def _check_then(probe: Probe, update: Operation, promise: Effect) -> None:
    resource = _resource_of(probe, update)
    is_creation = update == resource.create
    left_out = tuple(path[0] for path in promise.then if path not in promise.given | promise.when)
    keys, created = _create(probe, resource, _nested(promise.when if is_creation else promise.given), left_out)
    if not created.record:
        return
    response = created if is_creation else probe.call(update, keys, body=_nested(promise.when))
    for answer, above in ((response, ()), _read(probe, resource, keys)) if response.ok else ():
        record = _record(answer, created)
        for path, wanted in promise.then.items():
            received = value_at(record, path)
            is_kept = received is not None if wanted == NOT_NULL else is_same(wanted, received)
            if record and received is not MISSING and not is_kept and _fits(probe, update, path, received):
                text = f"{'.'.join(path)} {_show(received)} after {_show(_nested(promise.when))}"
                expected = answer.expects(has_value, (*above, *path), wanted)
                if wanted == NOT_NULL:
                    expected = answer.expects(lacks_value, (*above, *path), None)
                texts = text, f"{'.'.join(path)} {_show(wanted)}"
                probe.report(update, "write_has_its_effect", response, *texts, None if above else expected)
                return


def _check_shown(probe: Probe, create: Operation, promise: Effect) -> None:
    """Checks that a new record is in a list of another record."""
    _, response = _create(probe, _resource_of(probe, create))
    shows = probe.contract.by_id[promise.shows_in]
    if not response.record:
        return
    [name] = [parameter.name for parameter in shows.parameters_in("path")][-1:]
    answer = probe.call(shows, {name: value_at(response.record, promise.key)})
    rows = value_at(answer.record, promise.member)
    if isinstance(rows, list) and response.record.get("id") not in [value_at(row, ("id",)) for row in rows]:
        received = f"{'.'.join(promise.member)} of {promise.shows_in} without the new record"
        expected = answer.expects(contains_value, (*promise.member, "*", "id"), response.member("id"))
        wanted = f"{response.record.get('id')} in it"
        probe.report(create, "new_record_is_shown", response, received, wanted, expected)


def _check_action(probe: Probe, action: Operation, promise: Effect) -> None:
    """Checks that an action adds the records that it names to a list, or removes only those."""
    resource = _resource_of(probe, action)
    create: Any = resource.create
    visible = next((one for one in _promised(probe, create, Visible) if one.member == (promise.sent,)), None)
    # The last ones: the first may be special, such as the owner of a workspace.
    ids = visible_keys(probe, visible)[-4:] if visible else []
    is_removal = promise.becomes == "absent"
    if visible is None or len(ids) < 2:
        return
    others = ids[3:]
    had, sent, wanted = (ids[:3], ids[:2] + others, ids[2:3]) if is_removal else (ids[:1], ids[:3], ids[:3])
    keys, created = _create(probe, resource, {promise.sent: had})
    if not created.record:
        return
    # One of the ids changes nothing: it is in the list already, or not in it at all.
    named = _whole_lists(probe, visible.within)
    is_spread = any(one.name == promise.sent and one.explode for one in action.parameters_in("query"))
    asked = {promise.sent: sent if is_spread else ",".join(map(str, sent))}
    query, body = (None, {promise.sent: sent}) if action.body else (asked, NOT_SET)
    first, response = (probe.call(action, keys, query, body) for _ in range(2))
    _check_named(probe, action, response, named, _whole_lists(probe, visible.within))
    for answer, before in ((first, []), (response, [first])):
        if answer.status in REFUSALS:
            expected = answer.expects(has_status, "2xx", after=before)
            text = f"{answer.status} for {sent} where the list has {wanted if before else had}"
            probe.report(action, "action_has_its_effect", answer, text, "ids without effect are ignored", expected)
            return
    shown = probe.call(probe.contract.by_id[promise.shows_in], keys)
    rows = value_at(shown.record, promise.member)
    if not response.ok or not isinstance(rows, list):
        return
    received = sorted(value_at(row, ("id",)) if isinstance(row, dict) else row for row in rows)
    if received != sorted(wanted):
        text = f"{'.'.join(promise.member)} {received} after {action.method} with {sent}, twice"
        expected = shown.expects(same_rows, promise.member, wanted, after=[first])
        probe.report(action, "action_has_its_effect", response, text, f"{sorted(wanted)}", expected)


def _check_named(probe: Probe, action: Operation, response: Received, before: Lists, after: Lists) -> None:
    """Checks that an action leaves the records that it names as they were, and all others of their list."""
    for one, other in zip(before.values(), after.values(), strict=False) if probe.is_alone and response.ok else ():
        rows = {str(row.get("id")): row for row in other.records}
        for row in one.records:
            key = str(row.get("id"))
            names = changed_members(row, rows[key]) if key in rows else ["id"]
            names = [name for name in names if name != "updated_at"]
            if names:
                text = f"{names[0]} {_show(rows.get(key, {}).get(names[0]))} in the record {key} after {action.method}"
                expected = other.expects(others_stay, one.member(), "", "updated_at")
                wanted = f"{names[0]} {_show(row[names[0]])}, as before"
                probe.report(action, "action_leaves_what_it_names", response, text, wanted, expected)
                return


@for_each_operation
def deletions_reach_referrers(probe: Probe, delete: Operation) -> None:
    """A deletion changes the records that refer to the deleted one, as promised."""
    for promise in _promised(probe, delete, Referrers):
        _check_referrer(probe, delete, promise)


def _check_referrer(probe: Probe, delete: Operation, promise: Referrers) -> None:
    keys, deleted = _create(probe, _resource_of(probe, delete))
    of = _resource_of(probe, probe.contract.by_id[promise.of])
    key = value_at(deleted.record, promise.key)
    if key is MISSING:
        return
    # A key of an object, an entry of a list, or a value.
    forms = {"object": {str(key): "text"}, "array": [key]}
    body = with_value({}, promise.member, forms.get(_type_of(probe, of, promise), key))
    own, referrer = _create(probe, of, _filled(probe, of, body))
    if not referrer.record:
        return
    _check_update(probe, _resource_of(probe, delete), promise, (keys, deleted), (own, referrer))
    before, above = _read(probe, of, own)
    if not (response := probe.call(delete, keys)).ok:
        return
    answer, _ = _read(probe, of, own)
    record = _record(answer, referrer)
    if promise.becomes != "deleted" and _record(before, referrer):
        _check_rest(probe, delete, promise, response, (before, answer, referrer), key)
    received = value_at(record, promise.member) if record else MISSING
    name = ".".join(promise.member)
    if promise.becomes == "deleted":
        is_kept = not record
    elif promise.becomes == "null":
        is_kept = received is None or not record
    else:
        rows = list(received) if isinstance(received, (list, dict)) else []
        is_kept = key not in [value_at(row, ("id",)) if isinstance(row, dict) else row for row in rows]
    if not is_kept:
        wanted = {"null": "null", "removed": "a list without it", "deleted": "no such record"}[promise.becomes]
        text = f"{name} {_show(received)} in a record of {of.listing.id} after the deletion of {key}"
        expected = None if above else _reached(answer, promise, deleted)
        probe.report(delete, "deletion_reaches_referrers", response, text, f"{name}: {wanted}", expected)


def _check_update(
    probe: Probe, resource: Resource, promise: Referrers, named: tuple[Keys, Received], referrer: tuple[Keys, Received]
) -> None:
    """Checks that an update of a record leaves a record that refers to it."""
    update, of = resource.update, _resource_of(probe, probe.contract.by_id[promise.of])
    if update is None:
        return
    keys, record = named[0], named[1].record
    body = changed_bodies(update, record)[0]
    body |= {name: f"{record[name]} changed" for name in ("name", "title") if name in record}
    before, above = _read(probe, of, referrer[0])
    response = probe.call(update, keys, body=body)
    after, _ = _read(probe, of, referrer[0])
    had, has = (_record(answer, referrer[1]) for answer in (before, after))
    for name in changed_members(had, has) if response.ok else ():
        received = f"{name} {_show(has[name])} in a record of {promise.of} after the update"
        expected = after.expects(has_value, (name,), before.member(name)) if not above else None
        probe.report(update, "update_keeps_referrers", response, received, f"{name} {_show(had[name])}", expected)


def _check_rest(
    probe: Probe,
    delete: Operation,
    promise: Referrers,
    response: Received,
    answers: tuple[Received, Received, Received],
    key: Any,
) -> None:
    """Checks that a referrer exists as before without its reference; `answers` are before, after, and its creation."""
    before, after, created = answers
    had, has = (_record(answer, created) for answer in (before, after))
    of = promise.of
    if not has and (after.ok or after.status == 404):
        wanted = f"the record of {of}, which stays"
        expected = after.expects(contains_value, ("*", "id"), created.member("id"))
        expected = expected if after.ok else after.expects(has_status, "2xx")
        probe.report(delete, "deletion_keeps_referrers", response, "no such record", wanted, expected)
        return
    one, other = (_without(record, promise, key) for record in (had, has))
    for name in (name for name in changed_members(one, other) if name != "updated_at"):
        path = (name, *_first_difference(one[name], other[name]))
        received, wanted = (f"{'.'.join(path)} {_show(value_at(record, path))}" for record in (other, one))
        # In a list, an assertion would have to name the row.
        expected = after.expects(has_value, path, before.member(*path)) if after.record else NOT_ASSERTED
        received += f" in a record of {of} after the deletion of {_show(key)}"
        probe.report(delete, "deletion_keeps_referrers", response, received, wanted, expected)


def _first_difference(one: Any, other: Any) -> MemberPath:
    """Returns the path of the first member with another value, empty for what are no objects."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ()
    name = next(name for name in one | other if one.get(name, MISSING) != other.get(name, MISSING))
    return (name, *_first_difference(one.get(name), other.get(name)))


def _without(record: Record, promise: Referrers, key: Any) -> Record:
    """Returns a record without what a deletion removes from it."""
    value = value_at(record, promise.member)
    if promise.becomes == "null" or not isinstance(value, (dict, list)):
        return {name: part for name, part in record.items() if name != promise.member[0]}
    if isinstance(value, dict):
        return with_value(record, promise.member, {name: part for name, part in value.items() if name != str(key)})
    rows = [row for row in value if key not in (row, value_at(row, ("id",)))]
    return with_value(record, promise.member, rows)


def _reached(answer: Received, promise: Referrers, deleted: Received) -> Expectation:
    """Returns what a GET of the referrer has to show after the deletion."""
    if promise.becomes == "deleted":
        return answer.expects(has_status, "4xx")
    if promise.becomes == "null":
        return answer.expects(is_empty, promise.member)
    return answer.expects(lacks_key, promise.member, deleted.member(*promise.key))


def _filled(probe: Probe, resource: Resource, body: Body) -> Body:
    """Adds the required lists of an object in a body, empty ones."""
    contract, schema = probe.contract, resource.create.body.schema if resource.create and resource.create.body else {}
    filled: Body = {}
    for name, value in body.items():
        member = flatten(contract.document, contract.member(schema, name))
        is_object = isinstance(value, dict)
        filled[name] = {key: [] for key in member.get("required", ())} | value if is_object else value
    return filled


def _type_of(probe: Probe, resource: Resource, promise: Referrers) -> str:
    """Returns the type of the member that refers."""
    schema: Any = resource.create.body.schema if resource.create and resource.create.body else {}
    for step in promise.member:
        schema = probe.contract.member(schema, step)
    return str(probe.contract.document.resolve(schema).get("type", ""))


@for_each_operation
def only_visible_is_taken(probe: Probe, operation: Operation) -> None:
    """A member that has to name a visible record, or that needs other members, takes nothing else."""
    promises = [one for one in _promised(probe, operation, Visible) if one.member]
    for promise in promises:
        values = promise.values if promise.values else ([_missing(probe, promise)] if promise.within else [])
        for value in values:
            _check_refused(probe, operation, promise, value)


def _missing(probe: Probe, promise: Visible) -> Any:
    return MISSING_KEYS[1] if promise.key == ("slug",) else MISSING_KEYS[0]


def _check_refused(probe: Probe, operation: Operation, promise: Visible, value: Any) -> None:
    resource = _resource_of(probe, operation)
    sent = _nested({promise.member: _listed(probe, operation, promise, value)})
    if operation == resource.create:
        others = tuple(path[0] for path in promise.needs if path[0] not in sent)
        _, response = _create(probe, resource, sent, others)
    else:
        keys, created = _create(probe, resource)
        fits = all(value_at(created.record, path) == needed for path, needed in promise.needs.items())
        if not created.record or (promise.needs and fits):
            return
        response = probe.call(operation, keys, body=sent)
    wanted = f"400: there is no such record in {promise.within}" if promise.within else _describe_needs(promise)
    what = f"{'.'.join(promise.member)} {_show(value)}"
    probe.expect_refusal(operation, "only_visible_is_taken", response, what, wanted)


def _describe_needs(promise: Visible) -> str:
    return f"400 without {_show(_nested(promise.needs))}" if promise.needs else "400: this operation does not take it"


def _listed(probe: Probe, operation: Operation, promise: Visible, value: Any) -> Any:
    schema: Any = operation.body.schema if operation.body else {}
    for step in promise.member:
        schema = probe.contract.member(schema, step)
    return [value] if probe.contract.document.resolve(schema).get("type") == "array" else value


@for_each_operation
def nested_lists_are_whole(probe: Probe, get: Operation) -> None:
    """A list in a record has the same rows as the list of its own, also rows that are switched off."""
    for promise in (one for one in _promised(probe, get, Visible) if one.rows):
        resource = _resource_of(probe, get)
        children = next(one for one in probe.contract.resources if one.listing.id == promise.within)
        if children.create is not None and probe.mode in WRITING:
            _create(probe, children, _switched_off(probe, children.create))
        rows = probe.list_records(resource, {})
        for row in [*rows[:2], *rows[2:][-2:]]:
            _check_nested(probe, get, promise, children, {resource.key: key_of(resource.key, row)})


def _switched_off(probe: Probe, create: Operation) -> Body:
    """Returns values of a creation that may hide the record: false, and the second of two."""
    document, members = (
        probe.contract.document,
        properties_of(probe.contract.document, create.body.schema) if create.body else {},
    )
    flat = {name: flatten(document, part) for name, part in members.items()}
    pairs: Body = {name: part["enum"][-1] for name, part in flat.items() if len(part.get("enum", ())) == 2}
    return pairs | {name: False for name, part in flat.items() if part.get("type") == "boolean"}


def _check_nested(probe: Probe, get: Operation, promise: Visible, children: Resource, keys: Keys) -> None:
    below, query = ({}, {promise.by: next(iter(keys.values()))}) if promise.by else (keys, {})
    before, answer, listed = (
        probe.call(children.listing, below, query | {"_limit": MOST}),
        probe.call(get, keys),
        probe.call(children.listing, below, query | {"_limit": MOST}),
    )
    rows = value_at(answer.record, promise.rows)
    # Others may work on the target.
    if not listed.ok or before.json != listed.json or len(listed.records) >= MOST or not isinstance(rows, list):
        return
    name, known = ".".join(promise.rows), {row.get("id"): row for row in listed.records}
    shown, wanted = (sorted(map(str, ids)) for ids in ([row.get("id") for row in rows], known))
    if shown != wanted:
        expected = answer.expects(same_rows, promise.rows, list(known))
        texts = f"{name} with the ids {shown}", f"{wanted}, as {promise.within} has"
        probe.report(get, "nested_list_is_whole", answer, *texts, expected)
        return
    for row in rows:
        other = known[row["id"]]
        for member in (one for one in changed_members(row, other) if not is_same(row[one], other[one])):
            received = f"{name}.{member} {_show(row[member])} in the row {row['id']!r}"
            documented = f"{_show(other[member])}, as {promise.within} has"
            probe.report(get, "nested_list_is_whole", answer, received, documented)
            return


@for_each_operation
def logs_have_each_call(probe: Probe, listing: Operation) -> None:
    """A log has a call that was answered and one that was refused, with their queries and their statuses."""
    for promise in _promised(probe, listing, Log):
        calls = [probe.call(listing, query=query) for query in ({"_limit": 1, "_start": 1}, {"_limit": 0})]
        for is_late in (False, True):
            time.sleep(LATE if is_late else 0)
            log = probe.call(listing, query={"_limit": LOGGED})
            missing = [
                call for call in calls if call.status and not any(_is_logged(promise, call, row) for row in log.records)
            ]
            if not log.ok or not missing:
                break
        else:
            what = f"{urlsplit(missing[0].request.url).path}?{urlsplit(missing[0].request.url).query}"
            received, documented = (
                f"no row for {what}, answered {missing[0].status}",
                "each call with its path and status",
            )
            probe.report(listing, "log_has_each_call", missing[0], received, documented)


def _is_logged(promise: Log, call: Received, row: Record) -> bool:
    shown, sent = urlsplit(str(value_at(row, promise.path))), urlsplit(call.request.url)
    is_same_path = bool(shown.path) and sent.path.endswith(shown.path)
    return is_same_path and parse_qs(shown.query) == parse_qs(sent.query) and value_at(row, promise.code) == call.status


@for_each_operation
def nested_lists_are_in_order(probe: Probe, get: Operation) -> None:
    """Makes a nested list of which the order is promised differ from the order of creation; the watch checks it."""
    for promise in _promised(probe, get, Order):
        children = f"{get.path}/{'/'.join(promise.member)}"
        resource = next((one for one in probe.contract.resources if one.collection == children), None)
        if resource is None or resource.update is None or len(promise.by[0][0]) != 1:
            continue
        made = [_create(probe, resource) for _ in range(2)]
        keys, first = made[0]
        if first.record:
            # Behind all others: at the front, it could be equal to another one.
            probe.call(resource.update, keys, body={promise.by[0][0][0]: BEHIND})
            probe.call(get, {name: keys[name] for name in resource.parent_keys})
