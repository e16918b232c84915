"""Observer of answers: walks each body along its schema and notes facts at the places of the contract."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema, pointer_text
from mockserver.contract.schemas import Schemas
from mockserver.judging import schema_places
from mockserver.judging.evidence import RecordingEvidence, Sighting
from mockserver.judging.likeness import is_like
from mockserver.judging.schema_places import kind_of_value

# Members that identify a record: the same record in ten answers is one piece of evidence.
IDENTITIES = ("id", "reference", "slug", "key")
MOST_VALUES = 12  # texts kept of one member: more of them are no list of choices
FORMATS = ("date-time", "date", "email", "uuid", "uri")
LIMITS = (
    *("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties"),
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
_MAY_HAVE_FORMAT = re.compile("[-@:]")  # one of these is in every text that has a format


class _Fact:
    """One fact at one place, with the records that have shown it."""

    __slots__ = ("answers", "last", "operations", "records")

    def __init__(self) -> None:
        self.answers, self.last, self.records, self.operations = 0, 0, set[Any](), set[str]()

    def see(self, call: int, operation: str, record: Any) -> None:
        if call != self.last:
            self.answers, self.last = self.answers + 1, call
            self.operations.add(operation)
        self.records.add(record)

    def sighting(self) -> Sighting:
        return Sighting(self.answers, len(self.records), tuple(sorted(self.operations)))


class Observer:
    """Collects the facts of one recording."""

    def __init__(self, document: Document, validators: LimitValidators | None = None) -> None:
        self._document = document
        self._validators = validators or LimitValidators(document)
        self._facts: dict[Pointer, dict[str, _Fact]] = defaultdict(lambda: defaultdict(_Fact))
        self._call, self._operation = 0, ""
        self._places: dict[Pointer, _SchemaPlace] = {}
        self._days: list[str] = []

    def renewed(self) -> Observer:
        """Returns an observer without facts, which uses the compiled validators of this one."""
        return Observer(self._document, self._validators)

    def begin(self, number: int, operation: str, day: str) -> None:
        """Starts with the next answer."""
        self._call, self._operation = number, operation
        self._days += [day] if day else []

    def note(self, place: Pointer, fact: str, record: Any = None) -> None:
        """Notes a fact of the present answer."""
        self._facts[place][fact].see(self._call, self._operation, record)

    def observe(self, place: Pointer, value: Any, record: Any = None, model: Pointer | None = None) -> None:
        """Notes the facts of a value and of all values in it. `record` identifies the record that contains it.

        `model` is the schema of what is expected inside a value that no schema declares, such as an envelope.
        """
        there = self._find(place)
        record = _identity(value, there.place) or record
        kind = kind_of_value(value)
        # At the reference: another kind in one member is no fact about all members that share its schema.
        self.note(place, f"kind:{kind}", record)
        if there.schema is None:
            self.note(there.place, "present", record)
            self._observe_undeclared(there.place, value, record, model)
        elif kind in ("object", "array") and there.kinds and kind not in there.kinds:
            self.observe(alternative(place, kind), value, record, place)
        elif there.branches:
            self._observe_branch(there.branches, value, record)
        elif isinstance(value, dict):
            self._observe_object(there, value, record)
        elif isinstance(value, list):
            self._observe_list(there, value, record)
        elif value is not None:
            self._observe_scalar(there, value, record)

    def recording(self) -> RecordingEvidence:
        """The facts noted so far."""
        return RecordingEvidence(
            places={
                pointer_text(place): {name: fact.sighting() for name, fact in facts.items()}
                for place, facts in self._facts.items()
            },
            first_day=min(self._days, default=""),
            last_day=max(self._days, default=""),
        )

    def _find(self, place: Pointer) -> _SchemaPlace:
        if place not in self._places:
            self._places[place] = _SchemaPlace(self._document, place)
        return self._places[place]

    def _observe_object(self, there: _SchemaPlace, value: dict[str, Any], record: Any) -> None:
        for name, inner in value.items():
            if name in there.members:
                self.observe(there.members[name], inner, record)
            elif there.is_closed:
                self.observe((*there.place, "properties", name), inner, record)
            elif there.values is not None:
                self.observe(there.values, inner, (record, name))
        for name in there.required.keys() - value.keys():
            # At the part that requires it: a member that the part of an `allOf` has lost is one fact.
            self.note(there.required[name], f"absent:{name}", record)
        for name in there.optional - value.keys():
            self.note(there.members[name][:-2], f"missing:{name}", record)
        if there.is_closed:
            # What a new member needs to become required: the number of objects that could have had it.
            self.note(there.place, "object", record)

    def _observe_list(self, there: _SchemaPlace, value: list[Any], record: Any) -> None:
        self._observe_limits(there, value, record)
        if there.items is not None:
            for number, item in enumerate(value):
                self.observe(there.items, item, (record, number))

    def _observe_scalar(self, there: _SchemaPlace, value: Any, record: Any) -> None:
        if there.choices is not None and value not in there.choices:
            self._observe_choice(there.place, value, record)
        self._observe_limits(there, value, record)
        if isinstance(value, str):
            self._observe_text(there.place, value, record)

    def _observe_choice(self, place: Pointer, value: Any, record: Any) -> None:
        """Notes a value that is not listed: itself only if it is one of a few words, since a text may be personal."""
        facts = self._facts[place]
        count = sum(fact.startswith("value:") for fact in facts)
        is_kept = f"value:{value}" in facts or (_WORD.fullmatch(str(value)) and count < MOST_VALUES)
        self.note(place, f"value:{value}" if is_kept else "breaks:enum", record)

    def _observe_limits(self, there: _SchemaPlace, value: Any, record: Any) -> None:
        schema = there.schema or {}
        if kind_of_value(value) != schema.get("type") and schema.get("type") != "number":
            return  # the limits are those of another kind
        for keyword in there.limits:
            if not self._validators.allows(there.place, schema, keyword, value):
                self.note(there.place, f"breaks:{keyword}", record)

    def _observe_text(self, place: Pointer, value: str, record: Any) -> None:
        for name in FORMATS if _MAY_HAVE_FORMAT.search(value) else ():
            if self._validators.has_format(name, value):
                self.note(place, f"format:{name}", record)

    def _observe_branch(self, branches: list[Pointer], value: Any, record: Any) -> None:
        """Goes on with the alternative that the value fits, else with one of its kind."""
        kind = kind_of_value(value)
        alike = [place for place in branches if kind in schema_places.allowed_kinds(self._document, place)]
        fitting = (place for place in alike if self._validators.fits(place, value))
        chosen = next(fitting, alike[0] if alike else None)
        if chosen is not None and value is not None:
            self.observe(chosen, value, record)

    def _observe_undeclared(self, place: Pointer, value: Any, record: Any, model: Pointer | None) -> None:
        """Notes what a schema for an undeclared value needs."""
        if model and isinstance(value, dict | list) and is_like(self._document, model, value):
            self.note(place, f"same:{pointer_text(model)}", record)
            self.observe(model, value, record)
        elif isinstance(value, dict):
            self.note(place, "object", record)
            for name, inner in value.items():
                self.observe((*place, "properties", name), inner, record, model)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                self.observe((*place, "items"), item, (record, number), model)
        elif isinstance(value, str):
            self._observe_text(place, value, record)


def alternative(place: Pointer, kind: str) -> Pointer:
    """The place of what values of another kind have shown; the contract has none there."""
    return (*place, "anyOf", kind)


class _SchemaPlace:
    """What the contract declares at one place, all references followed. `schema` is None where it declares nothing."""

    def __init__(self, document: Document, written: Pointer) -> None:
        exists = schema_places.find(document, written) is not None
        self.place = schema_places.followed(document, written) if exists else written
        self.schema = schema_places.find(document, self.place)
        if self.schema is None:
            return
        self.kinds = schema_places.allowed_kinds(document, self.place)
        self.branches = schema_places.branches(document, self.place)
        self.choices = self.schema.get("enum")
        self.limits = [keyword for keyword in LIMITS if keyword in self.schema]
        self.items = schema_places.items(document, self.place)
        self.members = schema_places.members(document, self.place)
        self.required = schema_places.required(document, self.place)
        self.optional = self.members.keys() - self.required.keys()
        self.values = schema_places.values(document, self.place)
        self.is_closed = schema_places.is_closed(document, self.place)


class LimitValidators:
    """Validators of single keywords, compiled on demand: a fact names the keyword that is broken."""

    def __init__(self, document: Document) -> None:
        self._document, self._schemas = document, Schemas(document, "response")
        self._compiled: dict[Any, Any] = {}

    def allows(self, place: Pointer, schema: Schema, keyword: str, value: Any) -> bool:
        """Whether a value keeps one keyword of its schema."""
        alone = {name: schema[name] for name in ("type", keyword) if name in schema}
        if keyword.startswith("exclusive"):
            bound = keyword.removeprefix("exclusive").lower()
            alone |= {bound: schema[bound]} if bound in schema else {}
        return self._is_valid((place, keyword), alone, value)

    def fits(self, place: Pointer, value: Any) -> bool:
        """Whether a value keeps the whole schema at a place."""
        return self._is_valid((place,), self._document.at(place), value)

    def has_format(self, name: str, value: str) -> bool:
        """Whether a text has a format."""
        return self._is_valid((name,), {"type": "string", "format": name}, value)

    def _is_valid(self, key: Any, schema: Schema, value: Any) -> bool:
        if key not in self._compiled:
            self._compiled[key] = self._schemas.validator(schema)
        valid: bool = self._compiled[key].is_valid(value)
        return valid


def _identity(value: Any, place: Pointer) -> Any:
    """What distinguishes a record from others at the same place; None for values that are no records."""
    if not isinstance(value, dict):
        return None
    keys = (value[name] for name in IDENTITIES if isinstance(value.get(name), str | int))
    key = next(keys, None)
    return None if key is None else (place, key)
