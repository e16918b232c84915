"""A kind of write to one resource: what its body may contain, and the records of the run that it is sent for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, Immutable, MemberPath, Visible, value_at, with_value
from mockserver.contract.walk import properties_of
from mockserver.verify.checks.writes.difficult_values import TextMaker, Value, flatten, valid_values, value_naming
from mockserver.verify.checks.writes.samples import Body, known_members, next_number
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Received, Record
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
        members |= known_members(self.probe, self.operation)
        return {name: part for name, part in members.items() if not document.resolve(part).get("deprecated")}

    def flat_member(self, name: str) -> Schema:
        """Returns the schema of a member with the keywords of all its parts."""
        return flatten(self.probe.contract.document, self.members.get(name, {}))

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
            is_meant = value in promise.values if promise.values else promise.needs and value is not None
            if promise.member == (name,) and is_meant:
                if not promise.needs:
                    return None
                for path, needed in promise.needs.items():
                    body = with_value(body, path, needed[0] if isinstance(needed, list) else needed)
        return body

    @property
    def creation(self) -> Operation:
        """The operation that creates such records."""
        return self.resource.create or self.operation

    @property
    def is_update(self) -> bool:
        return self.operation == self.resource.update

    @property
    def optional(self) -> list[str]:
        """The members of the base body that no schema and no promise requires."""
        flat = flatten(self.probe.contract.document, self.operation.body.schema if self.operation.body else {})
        needed = {
            path[0]
            for promise in self.promised(Visible)
            if value_at(self.base, promise.member) in promise.values
            for path in promise.needs
        }
        return [name for name in self.base if name not in {*flat.get("required", ()), *needed}]

    @property
    def changeable(self) -> list[str]:
        """The members of the body that an update may change."""
        immutable = {path[0] for promise in self.promised(Immutable) for path in promise.members}
        return [name for name in self.members if name not in immutable]

    def is_merged(self, name: str) -> bool:
        """True for an object of which an update changes only the keys sent."""
        update = self.resource.update
        promises = self.probe.contract.promises(update) if update else ()
        merged = [one.member for one in promises if isinstance(one, Effect) and one.becomes == "merged"]
        return (name,) in merged and isinstance(self.base.get(name), dict)

    def values(self, name: str) -> list[Value]:
        """Returns values for a member that the contract allows and that differ from each other."""
        if self.is_merged(name):
            whole = {} if self.is_update else self.base[name]
            pairs = [(key, one) for key in self.base[name] for one in self._values_of_key(name, key)]
            return [*(Value(whole | {key: one.value}, one.is_promised) for key, one in pairs), Value(whole, False)]
        is_alone = self.probe.is_alone  # to name records of other people could reach them
        text = TextMaker(self.probe.mark, next_number(), is_alone or name not in NAMES, names_others=is_alone)
        samples = valid_values(self.probe.contract.document, self.members[name], text)
        relations = [promise for promise in self.promised(Visible) if promise.member[:1] == (name,) and promise.within]
        if relations:
            return [value for promise in relations for value in self._references(promise, samples)]
        return samples

    def _references(self, promise: Visible, samples: list[Value]) -> list[Value]:
        """Values that name existing records; a rule may still refuse them. `samples` name others, or none."""
        keys, document, (name, *inner) = visible_keys(self.probe, promise), self.probe.contract.document, promise.member
        # The first one alone may be the caller.
        some = [keys[:3], keys[-1:], keys[:1]][: len(keys)]
        every = [value_naming(document, self.members[name], tuple(inner), *one) for one in some]
        named = [one for number, one in enumerate(every) if one not in every[:number]]
        if named and isinstance(value_at(named[0], tuple(inner)), list):
            named.append(value_naming(document, self.members[name], tuple(inner)))  # names nothing
        rows = samples[0].value if samples else None
        if keys and isinstance(rows, list) and rows and isinstance(rows[0], dict):
            named.append([with_value(row, tuple(inner), keys[0]) for row in rows])
        # Lists of keys take all of them. Else only a promise that says which ones are visible says that no other rule
        # refuses them.
        values = [Value(one, bool(promise.where) or isinstance(one, list | dict)) for one in named]
        is_nullable = flatten(document, self.members[name]).get("nullable") and len(promise.member) == 1
        return [*values, Value(None)] if is_nullable else values

    def _values_of_key(self, name: str, key: str) -> list[Value]:
        """Returns values for a key of an object, none where nothing describes them; after null, it may be gone."""
        schema = self.flat_member(name).get("properties", {}).get(key, {"enum": []})
        text = TextMaker(self.probe.mark, next_number(), is_free=True)
        return [one for one in valid_values(self.probe.contract.document, schema, text) if one.value is not None]

    def other_keys(self, name: str) -> Body:
        """Returns another value for each key of an object, as far as something describes it."""
        values = {key: [one.value for one in self._values_of_key(name, key)] for key in self.base[name]}
        others = {key: [one for one in some if one != self.base[name][key]] for key, some in values.items()}
        return {key: some[0] for key, some in others.items() if some}

    def alternatives(self) -> Iterator[Body]:
        """Yields the base body with another value of a single member, for each that has one and is no name."""
        for name in (name for name in self.members if name not in NAMES):
            usual = (None, self.base.get(name))
            others = [one.value for one in self.values(name) if one.value not in usual]
            needed = self.needs(name, others[0]) if others else None
            if needed is not None:
                yield self.base | needed | {name: others[0]}

    def fresh(self, base: Body) -> Body:
        """Returns a base body whose unique texts nobody has."""
        text = f"{self.probe.mark} {next_number()}"
        forms = {"slug": text.replace(" ", "-"), "email": f"{text.replace(' ', '.')}@example.com"}
        return base | {name: forms.get(name, text) for name in NAMES if name in base}

    def report_refusal(self, response: Received, name: str, value: Value | None) -> None:
        """Reports that the target refuses a value that the schema allows, or a body without it (None)."""
        what = f"a body without {name}"
        if value is not None:
            shown = json.dumps(value.value, ensure_ascii=False)
            what = f"{name} {shown if len(shown) < 60 else f'of {len(shown) - 2} characters'}"
        documented = "a success: the schema allows it, and the same request with another value is accepted"
        self.probe.expect_success(self.operation, "valid_value_is_accepted", response, what, documented)

    def delete(self, keys: Keys, record: Record) -> None:
        """Deletes a record of the run, where records can be deleted."""
        if self.resource.delete is not None:
            self.probe.call(self.resource.delete, keys | {self.resource.key: key_of(self.resource.key, record)})


def visible_keys(probe: Probe, promise: Visible) -> list[Any]:
    """Returns the keys of the records that a member may name; in `own-data` only records of the run."""
    return [value_at(row, promise.key) for row in visible_rows(probe, promise)]


def visible_rows(probe: Probe, promise: Visible) -> list[Record]:
    """Returns the records of which a member may name one; in `own-data` only those of the run."""
    resource = probe.contract.by_listing[promise.within]
    rows = [row for keys in probe.parents(resource, most=1) for row in probe.first_list(resource, keys)]
    fitting = [row for row in rows if all(value_at(row, path) == value for path, value in promise.where.items())]
    # To name the records of other people could reach them.
    return fitting if probe.is_alone else [row for row in fitting if probe.mark in json.dumps(row)]
