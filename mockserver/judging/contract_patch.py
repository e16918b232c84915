"""Patch of the contract: the edits that end a drift, as one unified diff for `git apply`.

The contract is only widened: a value, a kind, a status, a member or a null is added, a limit or a `required` removed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.document import Document, Pointer, parse_text
from mockserver.judging import schema_places
from mockserver.judging.drift import Contradiction, DriftRow, DriftSeverity
from mockserver.judging.evidence import Places, names
from mockserver.judging.learned_schemas import EXAMPLES, MOST_KINDS, NULL, SchemaLearner, flow_yaml, with_null
from mockserver.judging.shared_facts import PlacedFacts, settle
from mockserver.judging.yaml_edits import (
    YamlEdit,
    add_entry,
    append,
    apply_edits,
    remove_entry,
    replace_entry,
    replace_value,
)

SEEN = "Seen in recordings."
# Keywords of a schema that stay outside when it becomes one of several alternatives.
ANNOTATIONS = {"description", "x-provenance", "readOnly", "writeOnly", "deprecated", "nullable"}


@dataclass(frozen=True)
class ContractPatch:
    """A diff, empty if nothing can be learned; the rows it settles, and the others with the reason."""

    diff: str
    learned: tuple[DriftRow, ...]
    left: tuple[tuple[DriftRow, str], ...]


class Unlearnable(Exception):
    """Raised for a row that no edit of ours settles; the text says why."""


def learn(document: Document, rows: list[DriftRow], places: Places, *, also_documented: bool = False) -> ContractPatch:
    """Returns the patch that settles as many rows as possible."""
    facts = settle(document, places)
    before, learned, left = document, [], []
    pending = []
    for row in rows:
        reason = _reason_to_leave(row, also_documented)
        left += [(row, reason)] if reason else []
        pending += [] if reason else [row]
    # In rounds, since edits of one place may overlap: each round sees the text of the one before.
    while pending:
        edits: list[YamlEdit] = []
        postponed = []
        for row in pending:
            try:
                found = list(_Editor(document, facts).edits(row))
            except Unlearnable as error:
                left.append((row, str(error)))
                continue
            if _overlap(edits, found):
                postponed.append(row)
            else:
                edits += found
                learned.append(row)
        text = apply_edits(document.text, edits)
        document, pending = replace(document, text=text, raw=parse_text(text)), postponed
    return ContractPatch(_diff(before, document), tuple(learned), tuple(left))


def _reason_to_leave(row: DriftRow, also_documented: bool) -> str:
    if row.severity is DriftSeverity.NOTE:
        return "seen in one answer only"
    if row.severity is DriftSeverity.ERROR and not also_documented:
        return "the contract documents it (--also-documented)"
    return ""


def _diff(before: Document, after: Document) -> str:
    old, new = (document.text.splitlines(keepends=True) for document in (before, after))
    name = before.path.name
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _overlap(edits: list[YamlEdit], others: list[YamlEdit]) -> bool:
    return any(one.start <= other.end and other.start <= one.end for one in edits for other in others)


class _Editor:
    """Edits of one text of the contract."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places
        self._learner = SchemaLearner(places)

    def edits(self, row: DriftRow) -> Iterator[YamlEdit]:
        """Yields the edits that settle a row. Raises `Unlearnable`."""
        match row.contradiction:
            case Contradiction.NULL:
                yield from self._allow_null(row.place)
            case Contradiction.KIND:
                yield from self._add_kind(row.place, row.detail)
            case Contradiction.CHOICE:
                yield append(self._document, (*row.place, "enum"), flow_yaml(row.detail, 0))
            case Contradiction.LIMIT if row.detail == "enum":
                raise Unlearnable("too many values, or texts that are no words, need a person")
            case Contradiction.LIMIT:
                yield remove_entry(self._document, row.place, row.detail)
            case Contradiction.ABSENT:
                yield self._make_optional(row.place, row.detail)
            case Contradiction.MEMBER:
                yield from self._add_member(row.place[:-2], row.detail)
            case Contradiction.STATUS:
                yield from self._add_status(row.place)
            case Contradiction.OPERATION:
                raise Unlearnable("a new operation needs a name and a tag from a person")
            case Contradiction.PARAMETER:
                raise Unlearnable("a parameter needs a description from a person")
            case Contradiction.STRICTER:
                raise Unlearnable("a patch only widens the contract")

    def _allow_null(self, place: Pointer) -> Iterator[YamlEdit]:
        """Adds `nullable` beside `type`; a reference becomes an `anyOf`, because it has no siblings."""
        schema = self._document.at(place)
        if "$ref" in schema:
            yield self._rewrite(place, with_null(schema))
        elif "anyOf" in schema:
            yield append(self._document, (*place, "anyOf"), flow_yaml(NULL, 0))
        elif "type" in schema:
            yield add_entry(self._document, place, "nullable", "true", after="type")
            if "enum" in schema:
                yield append(self._document, (*place, "enum"), "null")
        else:
            raise Unlearnable("a null in this schema needs a person")

    def _add_kind(self, place: Pointer, kind: str) -> Iterator[YamlEdit]:
        """Makes the schema one of two alternatives. The old one stays: recordings never show all there is."""
        schema = self._document.at(place)
        if kind in ("object", "array"):
            raise Unlearnable(f"a value that may be an {kind} needs a person")
        new = {"type": kind, "example": EXAMPLES[kind]}
        if schema.keys().isdisjoint({"type", "$ref"}) or len(self._plain_kinds(place)) > MOST_KINDS:
            raise Unlearnable("a third kind needs a person")
        if "$ref" in schema:
            yield self._rewrite(place, {"anyOf": [schema, new]})
            return
        if {schema["type"], kind} == {"integer", "number"}:
            yield replace_value(self._document, (*place, "type"), "number")
            return
        moved = {name: value for name, value in schema.items() if name not in ANNOTATIONS}
        alternatives = [moved, new]
        alternatives += [NULL] if schema.get("nullable") else []
        column = self._document.node(place).value[0][0].start_mark.column
        entry = f"anyOf: {flow_yaml(alternatives, column + 2)}"
        yield replace_entry(self._document, place, "type", entry)
        for name in schema:
            if name != "type" and (name in moved or name == "nullable"):
                yield remove_entry(self._document, place, name)

    def _plain_kinds(self, place: Pointer) -> set[str]:
        allowed = schema_places.allowed_kinds(self._document, place)
        return (allowed | set(names(self._places.get(place, {}), "kind"))) - {"null"}

    def _make_optional(self, place: Pointer, name: str) -> YamlEdit:
        for part in schema_places.parts(self._document, place):
            needed = self._document.at(part).get("required", [])
            if needed == [name]:  # an empty list is invalid
                return remove_entry(self._document, part, "required")
            if name in needed:
                rest = [other for other in needed if other != name]
                return self._rewrite((*part, "required"), rest)
        raise Unlearnable("it is required by another schema")

    def _add_member(self, owner: Pointer, name: str) -> Iterator[YamlEdit]:
        place = (*owner, "properties", name)
        schema = self._learner.schema(place)
        if schema is None:
            raise Unlearnable("its values have too many kinds, or an object without members")
        part = next(
            (part for part in schema_places.parts(self._document, owner) if "properties" in self._document.at(part)),
            None,
        )
        if part is None:
            raise Unlearnable("the object has no properties of its own")
        column = self._document.node((*part, "properties")).value[0][0].start_mark.column
        yield add_entry(self._document, (*part, "properties"), flow_yaml(name, 0), flow_yaml(schema, column + 2))
        if self._learner.is_always_there(owner, name) and self._document.at(part).get("required"):
            yield append(self._document, (*part, "required"), flow_yaml(name, 0))
        yield from self._mark_observed(part, name)

    def _mark_observed(self, part: Pointer, name: str) -> Iterator[YamlEdit]:
        """Lists a name as observed in the provenance of the named schema."""
        place = (*part[:3], "x-provenance")
        written = schema_places.find(self._document, place)
        if written is None:
            return
        if "observed" in written:
            if name not in written["observed"]:
                yield append(self._document, (*place, "observed"), flow_yaml(name, 0))
        else:
            yield add_entry(self._document, place, "observed", f"[{flow_yaml(name, 0)}]")

    def _add_status(self, place: Pointer) -> Iterator[YamlEdit]:
        """Adds a status with the schema of its bodies; statuses stay in ascending order."""
        responses, status = place[:-1], str(place[-1])
        shared = self._shared_response(place)
        value: dict[str, Any] = {"$ref": shared} if shared else {"description": SEEN, **self._content(place)}
        later = (name for name in self._document.at(responses) if name.isdigit() and int(name) > int(status))
        column = self._document.node(responses).value[0][0].start_mark.column
        yield add_entry(self._document, responses, f"'{status}'", flow_yaml(value, column + 2), before=next(later, ""))

    def _shared_response(self, place: Pointer) -> str:
        """The reference to a response with this status that other operations have, or to one with the same bodies."""
        status = str(place[-1])
        written = (entry.value.get("responses", {}).get(status, {}) for entry in self._document.operations())
        if status >= "400":
            return next((str(part["$ref"]) for part in written if "$ref" in part), "")
        alike = self._alike_response(place)
        return str(self._document.at(alike).get("$ref", "")) if alike else ""

    def _alike_response(self, place: Pointer) -> Pointer | None:
        """The documented response of the operation whose schema all bodies of an undocumented status have."""
        facts = self._places[place]
        alike = (key for key in names(facts, "as") if facts[f"as:{key}"].answers == facts["status"].answers)
        return next(((*place[:-1], key) for key in alike), None)

    def _content(self, place: Pointer) -> dict[str, Any]:
        schema_place = (*place, "content", "application/json", "schema")
        if schema_place not in self._places:
            return {}
        alike = self._alike_response(place)
        schema = self._documented_schema(alike) if alike else self._learner.schema(schema_place)
        if schema is None:
            raise Unlearnable("its bodies have too many kinds, or an object without members")
        return {"content": {"application/json": {"schema": schema}}}

    def _documented_schema(self, response: Pointer) -> dict[str, Any] | None:
        written = self._document.at(schema_places.followed(self._document, response))
        schema: dict[str, Any] | None = written.get("content", {}).get("application/json", {}).get("schema")
        return schema

    def _rewrite(self, place: Pointer, value: Any) -> YamlEdit:
        column = self._document.node(place).start_mark.column
        return replace_value(self._document, place, flow_yaml(value, column))
