"""Promises of values: each one that a schema allows is accepted and kept, each one that it forbids is refused.

Every accepted write is compared with its answer and with a later GET. A refusal is a fault only beside the same request
with another value that is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, replace
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, Immutable, MemberPath, Visible, value_at, with_value
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.difficult_values import TextMaker, Value, flatten, invalid_values, valid_values
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.samples import Body, changed_bodies, next_number, sample_body
from mockserver.verify.judging.assertions import (
    changed_members,
    contains_value,
    has_status,
    has_value,
    is_empty,
    is_same,
    lacks_value,
    row_agrees,
)
from mockserver.verify.probe import MOST, REFUSALS, Keys, Probe, Received, Record
from mockserver.verify.resources import Resource, key_of
from mockserver.verify.safety.ledger import NAMES


@dataclass(frozen=True)
class Write:
    """A kind of write to one resource, with what is known about the members of its body."""

    probe: Probe
    resource: Resource
    operation: Operation
    base: Body

    @property
    def members(self) -> dict[str, Schema]:
        """The members of the body, without those that are deprecated."""
        document, body = self.probe.contract.document, self.operation.body
        members = properties_of(document, body.schema) if body else {}
        return {name: part for name, part in members.items() if not document.resolve(part).get("deprecated")}

    def promised(self, kind: type[Any]) -> Iterator[Any]:
        """The promises of one kind."""
        return (one for one in self.probe.contract.promises(self.operation) if isinstance(one, kind))

    def place(self, name: str) -> MemberPath:
        """The path at which an answer shows a member of the body."""
        moved = (one.member for one in self.promised(Effect) if one.sent == name and not one.shows_in)
        return next(moved, (name,))

    def needs(self, name: str, value: Any) -> Body | None:
        """Returns what has to be sent together with a value; None if it is not taken at all."""
        body: Body = {}
        for promise in self.promised(Visible):
            if promise.member == (name,) and value in promise.values:
                if not promise.needs:
                    return None
                for path, needed in promise.needs.items():
                    body = with_value(body, path, needed)
        return body

    def is_merged(self, name: str) -> bool:
        """True for an object of which an update changes only the keys sent."""
        update = self.resource.update
        promises = self.probe.contract.promises(update) if update else ()
        merged = [one.member for one in promises if isinstance(one, Effect) and one.becomes == "merged"]
        return (name,) in merged and isinstance(self.base.get(name), dict)

    def values(self, name: str) -> list[Value]:
        """Returns values for a member that the contract allows and that differ from each other."""
        if self.is_merged(name):
            columns = {key: _values_like(self, value) for key, value in self.base[name].items()}
            longest = max(map(len, columns.values()), default=0)
            return [
                Value({key: some[min(n, len(some) - 1)].value for key, some in columns.items()}, False)
                for n in range(longest)
            ]
        relations = [promise for promise in self.promised(Visible) if promise.member[:1] == (name,) and promise.within]
        if relations:
            return self._references(name, relations[0])
        is_alone = self.probe.is_alone  # to name records of other people could reach them
        text = TextMaker(self.probe.mark, next_number(), is_alone or name not in NAMES, names_others=is_alone)
        return valid_values(self.probe.contract.document, self.members[name], text)

    def _references(self, name: str, promise: Visible) -> list[Value]:
        """Values that name existing records; a rule may still refuse them."""
        ids = visible_keys(self.probe, promise)[:2]
        document = self.probe.contract.document
        schema = document.resolve(self.members[name])
        for step in promise.member[1:]:
            schema = document.resolve(properties_of(document, schema)[step])
        many = schema.get("type") == "array"
        values = [Value(with_value({}, promise.member, [key] if many else key)[name], False) for key in ids]
        return values if many else [*values, Value(None)] if schema.get("nullable") else values


def visible_keys(probe: Probe, promise: Visible) -> list[Any]:
    """Returns the keys of the records that a member may name; in `own-data` only records of the run."""
    return [value_at(row, promise.key) for row in _visible_rows(probe, promise)]


def _visible_rows(probe: Probe, promise: Visible) -> list[Record]:
    resource = next(one for one in probe.contract.resources if one.listing.id == promise.within)
    rows = [row for keys in probe.parents(resource, most=1) for row in probe.first_list(resource, keys)]
    fitting = [row for row in rows if all(value_at(row, path) == value for path, value in promise.where.items())]
    # To name the records of other people could reach them.
    return fitting if probe.is_alone else [row for row in fitting if probe.mark in json.dumps(row)]


@for_each_resource
def creations_keep_each_value(probe: Probe, resource: Resource) -> None:
    """A creation accepts and keeps each value that its schema allows; values of several members go in one request."""
    create = resource.create
    if create is None or not probe.is_selected(create) or (sample := sample_body(probe, create)) is None:
        return
    keys, base = sample
    write = Write(probe, resource, create, base)
    values = {name: write.values(name) for name in write.members}
    if not _create(write, keys, base, {}):
        return
    for number in range(max(map(len, values.values()), default=0)):
        chosen = {name: some[number] for name, some in values.items() if number < len(some)}
        needed = {name: write.needs(name, value.value) for name, value in chosen.items()}
        body = {name: value.value for name, value in chosen.items() if needed[name] == {}}
        is_accepted = _create(write, keys, base, body, is_listed=number < 2)
        for name, value in chosen.items():
            companions = needed[name]
            if companions or (companions == {} and not is_accepted):
                _check_alone(write, keys, base, name, value, companions)


def _create(write: Write, keys: Keys, base: Body, body: Body, *, is_listed: bool = False) -> bool:
    """Creates a record, compares it, with its row in the list too, and deletes it; false if the creation is refused."""
    sent = fresh(write, base) | body
    response = write.probe.call(write.operation, keys, body=sent)
    if not response.record:
        return response.status not in REFUSALS
    read = compare(write, keys, response, sent, "created_as_sent")
    if is_listed:
        whole = write.probe.call(write.resource.listing, keys, {"_limit": MOST})
        shown = read if read.record else response
        check_row(write.probe, write.resource, shown, whole)
        _check_references(write, shown)
    _delete(write, keys, response.record)
    return True


def fresh(write: Write, base: Body) -> Body:
    """Returns a base body whose unique texts nobody has."""
    text = f"{write.probe.mark} {next_number()}"
    forms = {"slug": text.replace(" ", "-"), "email": f"{text.replace(' ', '.')}@example.com"}
    return base | {name: forms.get(name, text) for name in NAMES if name in base}


def _check_alone(write: Write, keys: Keys, base: Body, name: str, value: Value, needed: Body) -> None:
    sent = fresh(write, base) | needed | {name: value.value}
    response = write.probe.call(write.operation, keys, body=sent)
    if response.record:
        compare(write, keys, response, sent, "created_as_sent")
        _delete(write, keys, response.record)
    elif response.status in REFUSALS and value.is_promised and _create(write, keys, base, needed):
        report_refusal(write, response, name, value)


def report_refusal(write: Write, response: Received, name: str, value: Value) -> None:
    shown = json.dumps(value.value, ensure_ascii=False)
    write.probe.report(
        write.operation,
        "valid_value_is_accepted",
        response,
        received=f"{response.status} for {name} {shown if len(shown) < 60 else f'of {len(shown) - 2} characters'}",
        documented="a success: the schema allows this value, and the same request with another value is accepted",
        expected=response.expects(has_status, "2xx"),
    )


def _delete(write: Write, keys: Keys, record: Record) -> None:
    if write.resource.delete is not None:
        write.probe.call(write.resource.delete, keys | {write.resource.key: key_of(write.resource.key, record)})


def compare(write: Write, keys: Keys, response: Received, sent: Body, promise: str) -> Received:
    """Compares each member sent with the answer of the write and with a later GET; returns what the GET answered."""
    probe, resource = write.probe, write.resource
    record, get = response.record, resource.get
    # An answer to an update may lack the key.
    own = keys if resource.key in keys else keys | {resource.key: key_of(resource.key, record)}
    answer = probe.call(get, own) if get is not None else Received(0)
    read, listed = answer.record, None
    for name, value in sent.items():
        if _differs(write, write.operation, name, value, record):
            _report(write, write.operation, promise, (response, response), name, value)
        elif get is not None and read and _differs(write, get, name, value, read):
            listed = listed if listed is not None else _listed(write, keys, record)
            # If the list shows what was sent, it was stored, and only the GET is at fault.
            is_stored = write.place(name)[0] in listed and not _differs(write, resource.listing, name, value, listed)
            source = get if is_stored else write.operation
            _report(write, source, "read_back_equal" if is_stored else promise, (response, answer), name, value)
    return answer


def _check_references(write: Write, shown: Received) -> None:
    """Reports an object in a record that differs from the record that it stands for."""
    source = write.resource.get or write.operation
    for promise in (one for one in write.promised(Visible) if one.within and len(one.member) == 1):
        part: Any = shown.record.get(promise.member[0])
        key = promise.key
        rows = _visible_rows(write.probe, promise) if isinstance(part, dict) else []
        named = (value_at(row, key[:-1]) for row in rows if value_at(row, key) == part.get(key[-1]))
        for record in (one for one in named if isinstance(one, dict)):
            for name in (one for one in part if one in record and not is_same(part[one], record[one])):
                received, documented = (f"{promise.member[0]}.{name} {json.dumps(one[name])}" for one in (part, record))
                expected = shown.expects(has_value, (promise.member[0], name), record[name])
                wanted = f"{documented}, as in {promise.within}"
                write.probe.report(source, "reference_shows_the_record", shown, received, wanted, expected)


def check_row(probe: Probe, resource: Resource, shown: Received, whole: Received) -> None:
    """Reports a row of a list that differs from its record as another answer shows it."""
    hidden, contract = probe.contract.write_only, probe.contract
    record = {
        # That an answer shows write-only members is a fault of its own.
        name: {key: part for key, part in value.items() if key not in hidden} if isinstance(value, dict) else value
        for name, value in shown.record.items()
    }
    rows = [row for row in whole.records if row.get("id") == record.get("id")]
    if whole.ok and not rows and len(whole.records) < MOST:
        expected = whole.expects(contains_value, ("*", "id"), shown.member("id"))
        received, wanted = "a list without it", f"a list with {record.get('id')!r}"
        probe.report(resource.listing, "created_is_listed", shown, received, wanted, expected)
    for row in rows:
        for name in (n for n in changed_members(record, row) if contract.declares(resource.listing, n)):
            if all(contract.fits(resource.listing, name, one[name]) for one in (row, shown.record)):
                received, wanted = f"{name} {row[name]!r}", shown.record[name]
                expected = whole.expects(row_agrees, name, shown.member())
                probe.report(resource.listing, "listed_as_created", shown, received, wanted, expected)


def _listed(write: Write, keys: Keys, record: Record) -> Record:
    rows = write.probe.list_records(write.resource, keys)
    return next((row for row in rows if row.get("id") == record.get("id")), {})


def _differs(write: Write, operation: Operation, name: str, value: Any, record: Record) -> bool:
    """True if an answer has the member with another value. A value of another shape is a fault of its own."""
    path, contract = write.place(name), write.probe.contract
    shown = value_at(record, path)
    if shown is MISSING or is_same(value, shown, contract.write_only):
        return False
    return contract.fits(operation, path[0], record[path[0]])


def _report(
    write: Write, operation: Operation, promise: str, answers: tuple[Received, Received], name: str, sent: Any
) -> None:
    """Reports a member of the second answer, the first of which is that of the write."""
    response, shown = answers
    path = write.place(name)
    received = f"{'.'.join(path)} {json.dumps(value_at(shown.record, path), ensure_ascii=False)[:200]}"
    documented = f"{name} {json.dumps(sent, ensure_ascii=False)[:200]}, as it was sent"
    hidden = write.probe.contract.write_only
    visible = {key: value for key, value in sent.items() if key not in hidden} if isinstance(sent, dict) else sent
    expected = shown.expects(has_value, path, visible)
    write.probe.report(operation, promise, response, received=received, documented=documented, expected=expected)


@for_each_resource
def updates_keep_each_value(probe: Probe, resource: Resource) -> None:
    """An update of one member alone keeps each value that its schema allows, and leaves all other members."""
    if (life := own_record(probe, resource)) is None:
        return
    write, own, _ = life
    immutable = {path[0] for promise in write.promised(Immutable) for path in promise.members}
    for name in (name for name in write.members if name not in immutable):
        _check_updates(write, own, name)


def own_record(probe: Probe, resource: Resource) -> tuple[Write, Keys, Record] | None:
    """Creates a record with a value in every member, for updates; None if the resource has none."""
    create, update, get = resource.create, resource.update, resource.get
    if create is None or update is None or get is None or not probe.is_selected(update):
        return None
    if (sample := sample_body(probe, create)) is None:
        return None
    keys, base = sample
    creation = Write(probe, resource, create, base)
    members = [name for name in creation.members if name not in base]
    full = {name: values[0].value for name in members if (values := creation.values(name))}
    full = {name: value for name, value in full.items() if creation.needs(name, value) == {}}
    response = probe.call(create, keys, body=base | full)
    if response.status in REFUSALS:
        response = probe.call(create, keys, body=fresh(creation, base))
    if not response.record:
        return None
    write = Write(probe, resource, update, base)
    return write, keys | {resource.key: key_of(resource.key, response.record)}, response.record


def _check_updates(write: Write, own: Keys, name: str) -> None:
    accepted, refused = [], []
    before = write.probe.call(write.resource.get, own)  # type: ignore[arg-type]
    for value in write.values(name):
        if write.needs(name, value.value) != {}:
            continue
        response = write.probe.call(write.operation, own, body={name: value.value})
        if response.record:
            accepted.append(value)
            after = compare(write, own, response, {name: value.value}, "update_is_kept")
            check_others(write, name, response, before, after)
            _check_replaced(write, name, (response, before, after), value.value)
            before = after
        elif response.status in REFUSALS:
            refused.append((value, response))
    for value, response in refused if accepted else ():
        if value.is_promised and _is_refused_again(write, own, name, value):
            report_refusal(write, response, name, value)


def _check_replaced(write: Write, name: str, answers: tuple[Received, Received, Received], sent: Any) -> None:
    """Reports a key that an object still has although it was sent without; merged objects have a check of their own."""
    response, before, after = answers
    had, has = before.record.get(name), after.record.get(name)
    is_free = "additionalProperties" in flatten(write.probe.contract.document, write.members[name])
    if not is_free or not isinstance(had, dict) or not isinstance(has, dict) or not isinstance(sent, dict):
        return
    for key in [key for key in had if key in has and key not in sent][:1] if not write.is_merged(name) else ():
        received, documented = (
            f"{name}.{key} {json.dumps(has[key])}",
            f"{name} {json.dumps(sent)[:200]}, as it was sent",
        )
        texts, expected = {"received": received, "documented": documented}, after.expects(is_empty, (name, key))
        write.probe.report(write.operation, "update_is_kept", response, **texts, expected=expected)


def _is_refused_again(write: Write, own: Keys, name: str, value: Value) -> bool:
    """True if a new record, without a value in every member, refuses it too."""
    create: Any = write.resource.create
    keys = {key: part for key, part in own.items() if key != write.resource.key}
    record = write.probe.call(create, keys, body=fresh(write, write.base)).record
    keys |= {write.resource.key: key_of(write.resource.key, record)}
    return bool(record) and write.probe.call(write.operation, keys, body={name: value.value}).status in REFUSALS


def check_others(write: Write, name: str, response: Received, earlier: Received, later: Received) -> None:
    """Reports members that have changed although only `name` was sent; undeclared ones are a fault of their own."""
    contract, before, after = write.probe.contract, earlier.record, later.record
    linked = contract.linked_members(write.operation, name)
    others = [other for other in before if other in after and contract.declares(write.operation, other)]
    for other in (other for other in others if other not in linked):
        if before[other] != after[other] and not is_same(before[other], after[other]):
            write.probe.report(
                write.operation,
                "update_changes_only_what_was_sent",
                response,
                received=f"{other} {json.dumps(after[other], ensure_ascii=False)[:200]}",
                documented=f"{other} {json.dumps(before[other], ensure_ascii=False)[:200]}: only {name} was sent",
                expected=later.expects(has_value, (other,), earlier.member(other)),
            )


@for_each_resource
def updates_keep_other_keys(probe: Probe, resource: Resource) -> None:
    """An update of one key of an object that is merged keeps its value, and leaves the other keys."""
    if (life := own_record(probe, resource)) is None:
        return
    write, own, _ = life
    for name in filter(write.is_merged, write.members):
        for key, value in write.base[name].items():
            for other in _values_like(write, value):
                before = probe.call(resource.get, own)  # type: ignore[arg-type]
                response = probe.call(write.operation, own, body={name: {key: other.value}})
                if response.record:
                    after = compare(write, own, response, {name: {key: other.value}}, "update_is_kept")
                    _check_other_keys(write, name, key, response, before, after)
        before = probe.call(resource.get, own)  # type: ignore[arg-type]
        response = probe.call(write.operation, own, body={name: {}})
        after = probe.call(resource.get, own) if response.record else response  # type: ignore[arg-type]
        _check_other_keys(write, name, "", response, before, after)
        for key in write.base[name]:
            _check_null(write, own, name, key)


def _check_null(write: Write, own: Keys, name: str, key: str) -> None:
    """Sets a key to null: where that is accepted, it is null then, or gone."""
    response = write.probe.call(write.operation, own, body={name: {key: None}})
    answer = write.probe.call(write.resource.get, own) if response.record else response  # type: ignore[arg-type]
    value = value_at(answer.record, (name, key))
    if value not in (None, MISSING):
        received, documented = f"{name}.{key} {json.dumps(value)} after an update to null", f"{name}.{key} null"
        expected = answer.expects(is_empty, (name, key))
        texts = {"received": received, "documented": documented}
        write.probe.report(write.operation, "update_is_kept", response, **texts, expected=expected)


def _check_other_keys(write: Write, name: str, key: str, response: Received, before: Received, after: Received) -> None:
    had, has = before.record.get(name), after.record.get(name)
    if not isinstance(had, dict) or not isinstance(has, dict):
        return
    sent = f"{name}.{key}" if key else f"an empty {name}"
    lost = [other for other in had if other != key and (other not in has or had[other] != has[other])]
    if lost:
        write.probe.report(
            write.operation,
            "update_keeps_other_keys",
            response,
            received=f"{name}.{lost[0]} {json.dumps(has.get(lost[0], 'is missing'))}",
            documented=f"{name}.{lost[0]} {json.dumps(had[lost[0]])}: only {sent} was sent",
            expected=after.expects(has_value, (name, lost[0]), before.member(name, lost[0])),
        )


def _values_like(write: Write, value: Any) -> list[Value]:
    """Returns values of the same JSON type for a key that no schema describes."""
    kinds: dict[type[Any], Schema] = {bool: {"type": "boolean"}, str: {"type": "string"}}
    schema = kinds.get(type(value), {"type": "number"})
    text = TextMaker(write.probe.mark, next_number(), is_free=True)
    return [replace(one, is_promised=False) for one in valid_values(write.probe.contract.document, schema, text)]


@for_each_resource
def invalid_values_are_refused(probe: Probe, resource: Resource) -> None:
    """A value of another type, beyond a limit or outside an enum is refused, by an update of an own record."""
    if (life := own_record(probe, resource)) is None:
        return
    write, own, _ = life
    sent: Body = {}
    for name, value in _invalid(write):
        response = probe.call(write.operation, own, body={name: value})
        if _is_accepted(write, response, f"{name} {json.dumps(value)[:80]}") and name in NAMES:
            # Cleanup recognises the record by its name.
            probe.call(write.operation, own, body=fresh(write, {name: write.base[name]}))
        valid = changed_bodies(write.operation, write.base)[0]
        sent = valid | {name: value} if response.status in REFUSALS and name not in valid else sent
    _check_unchanged(write, own, sent)
    if "minProperties" in flatten(probe.contract.document, write.operation.body.schema if write.operation.body else {}):
        _is_accepted(write, probe.call(write.operation, own, body={}), "an empty body")


def _check_unchanged(write: Write, own: Keys, sent: Body) -> None:
    """Checks that an update with an invalid member keeps nothing of what else it sends."""
    probe, get = write.probe, write.resource.get
    before, response, after = (
        probe.call(get, own),  # type: ignore[arg-type]
        probe.call(write.operation, own, body=sent) if sent else Received(0),
        probe.call(get, own),  # type: ignore[arg-type]
    )
    changed = changed_members(before.record, after.record)
    if response.status in REFUSALS and changed:
        name = changed[0]
        received, documented = (f"{name} {json.dumps(one.record[name])[:200]}" for one in (after, before))
        expected = after.expects(has_value, (name,), before.member(name))
        texts = {"received": f"{received} after a {response.status}", "documented": f"{documented}, as before"}
        probe.report(write.operation, "refused_write_changes_nothing", response, **texts, expected=expected)


@for_each_resource
def invalid_creations_are_refused(probe: Probe, resource: Resource) -> None:
    """A creation with an invalid value, or without a member that is required, is refused."""
    create = resource.create
    if create is None or not probe.is_selected(create) or (sample := sample_body(probe, create)) is None:
        return
    keys, base = sample
    write = Write(probe, resource, create, base)
    schema = flatten(probe.contract.document, create.body.schema if create.body else {})
    bodies = [(f"{name} {json.dumps(value)[:80]}", {name: value}, "") for name, value in _invalid(write)]
    bodies += [(f"a body without {name}", {}, name) for name in schema.get("required", ()) if name in base]
    refused: list[tuple[str, Any, Received]] = []
    for what, changed, left_out in bodies:
        sent = fresh(write, base) | changed
        response = probe.call(create, keys, body={name: sent[name] for name in sent if name != left_out})
        if _is_accepted(write, response, what):
            _delete(write, keys, response.record)
        names = [name for name in NAMES if name in sent and name != left_out and name not in changed]
        refused += [(name, sent[name], response) for name in names if response.status in REFUSALS]
    whole = probe.call(resource.listing, keys, {"_limit": MOST})
    for name, value, response in refused:
        if any(row.get(name) == value for row in whole.records):
            received, documented = f"a record with {name} {value!r} after a {response.status}", "no new record"
            expected = whole.expects(lacks_value, ("*", name), value, after=[response])
            probe.report(create, "refused_write_changes_nothing", response, received, documented, expected)


def _invalid(write: Write) -> Iterator[tuple[str, Any]]:
    document, mark = write.probe.contract.document, write.probe.mark
    for name, schema in write.members.items():
        yield from ((name, value) for value in invalid_values(document, schema, mark))
        inner = flatten(document, schema).get("properties", {})
        base: Body = sent if isinstance(sent := write.base.get(name), dict) else {}
        for key in (key for key in inner if key in base):
            yield from ((name, base | {key: value}) for value in invalid_values(document, inner[key], mark))


def _is_accepted(write: Write, response: Received, what: str) -> bool:
    promise, documented = "invalid_value_is_refused", "400: the schema forbids it"
    return write.probe.expect_refusal(write.operation, promise, response, what, documented)
