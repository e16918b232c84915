"""Edits that widen the schemas of the contract: null, another type, a choice, a limit, a member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.judging import schema_places
from mockserver.judging.drift import Contradiction, DriftRow
from mockserver.judging.evidence import names
from mockserver.judging.learned_schemas import EXAMPLES, MOST_KINDS, NULL, SchemaLearner, with_null
from mockserver.judging.named_schemas import NamedSchemas, Unlearnable
from mockserver.judging.observing import alternative
from mockserver.judging.schema_views import SchemaView
from mockserver.judging.shared_facts import PlacedFacts
from mockserver.judging.yaml_edits import (
    YamlEdit,
    add_entry,
    append,
    flow_yaml,
    remove_entry,
    remove_item,
    replace_entry,
    replace_value,
)

# Keywords of a schema that stay outside when it becomes one of several alternatives.
ANNOTATIONS = {"description", "x-provenance", "readOnly", "writeOnly", "deprecated", "nullable"}


class SchemaEditor:
    """Edits of the schemas of one text of the contract."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places
        self._learner = SchemaLearner(document, places)

    def edits(self, row: DriftRow) -> Iterator[YamlEdit]:
        """Yields the edits that settle a row. Raises `Unlearnable`."""
        match row.contradiction:
            case Contradiction.NULL:
                yield from self._allow_null(row.place)
            case Contradiction.KIND:
                yield from self._add_kind(row.place, row.detail)
            case Contradiction.CHOICE:
                yield append(self._document, (*self._part_with(row.place, "enum"), "enum"), flow_yaml(row.detail))
            case Contradiction.LIMIT if row.detail == "enum":
                raise Unlearnable("too many values, or texts that are no words, need a person")
            case Contradiction.LIMIT:
                yield remove_entry(self._document, self._part_with(row.place, row.detail), row.detail)
            case Contradiction.ABSENT:
                yield self._make_optional(row.place, row.detail)
            case Contradiction.MEMBER:
                yield from self._add_member(row.place[:-2], row.detail)
            case _:
                raise Unlearnable("it needs a person")

    def _part_with(self, place: Pointer, keyword: str) -> Pointer:
        """Returns the part of a schema that has a keyword, which an edit before may have moved to an alternative."""
        return next(part for part in SchemaView(self._document, place).parts if keyword in self._document.at(part))

    def _allow_null(self, place: Pointer) -> Iterator[YamlEdit]:
        """Adds `nullable` beside `type`; a reference becomes an `anyOf`, because it has no siblings."""
        schema = self._document.at(place)
        if _is_body(place):
            # The body of a success is a reference to a named schema.
            yield from NamedSchemas(self._document).refer(place, {"anyOf": [schema, NULL]}, "Answer")
        elif "$ref" in schema:
            yield self._rewrite(place, with_null(schema))
        elif "anyOf" in schema:
            yield append(self._document, (*place, "anyOf"), flow_yaml(NULL))
        elif "type" in schema:
            yield add_entry(self._document, place, "nullable", "true", after="type")
            if "enum" in schema:
                yield append(self._document, (*place, "enum"), "null")
        else:
            raise Unlearnable("a null in this schema needs a person")

    def _add_kind(self, place: Pointer, kind: str) -> Iterator[YamlEdit]:
        """Makes the schema one of two alternatives. The old one stays: recordings never show all there is."""
        schema = self._document.at(place)
        new = self._new_kind(place, kind)
        has_alternatives = "anyOf" in schema
        if schema.keys().isdisjoint({"type", "$ref", "anyOf"}) or len(self._plain_kinds(place)) > MOST_KINDS:
            raise Unlearnable("a third kind needs a person")
        if has_alternatives:
            yield append(self._document, (*place, "anyOf"), flow_yaml(new))
        elif _is_body(place):
            yield from NamedSchemas(self._document).refer(place, {"anyOf": [schema, new]}, "Answer")
        elif "$ref" in schema:
            yield self._rewrite(place, {"anyOf": [schema, new]})
        elif {schema["type"], kind} == {"integer", "number"}:
            yield replace_value(self._document, (*place, "type"), "number")
        else:
            yield from self._split(place, schema, new)

    def _new_kind(self, place: Pointer, kind: str) -> dict[str, Any]:
        if kind not in ("object", "array"):
            return {"type": kind, "example": EXAMPLES[kind]}
        found = self._learner.schema(alternative(place, kind))
        if found is None:
            raise Unlearnable("its values have too many kinds, or an object without members")
        return found

    def _split(self, place: Pointer, schema: Schema, new: Schema) -> Iterator[YamlEdit]:
        """Moves the keywords of a schema into the first of two alternatives, null into one of its own."""
        moved = {n: value for n, value in schema.items() if n not in ANNOTATIONS and (n, value) != ("example", None)}
        if "enum" in moved:
            moved["enum"] = [value for value in moved["enum"] if value is not None]
        alternatives = [moved, new]
        alternatives += [NULL] if schema.get("nullable") else []
        entry = f"anyOf: {flow_yaml(alternatives)}"
        yield replace_entry(self._document, place, "type", entry)
        for name in schema:
            if name != "type" and (name not in ANNOTATIONS or name == "nullable"):
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
                return remove_item(self._document, (*part, "required"), needed.index(name))
        raise Unlearnable("it is required by another schema")

    def _add_member(self, owner: Pointer, name: str) -> Iterator[YamlEdit]:
        place = (*owner, "properties", name)
        schema = self._learner.schema(place)
        if schema is None:
            raise Unlearnable("its values have too many kinds, or an object without members")
        parts = [p for p in schema_places.parts(self._document, owner) if "properties" in self._document.at(p)]
        # Of an `allOf` the part that is written there, since the others are shared.
        part = next((p for p in parts if p[: len(owner)] == owner), next(iter(parts), None))
        if part is None:
            raise Unlearnable("the object has no properties of its own")
        yield add_entry(self._document, (*part, "properties"), flow_yaml(name), flow_yaml(schema))
        if self._learner.is_always_there(owner, name) and self._document.at(part).get("required"):
            yield append(self._document, (*part, "required"), flow_yaml(name))
        yield from self._mark_observed(part, name)

    def _mark_observed(self, part: Pointer, name: str) -> Iterator[YamlEdit]:
        """Lists a name as observed in the provenance of the named schema."""
        place = (*part[:3], "x-provenance")
        written = schema_places.find(self._document, place)
        if written is None:
            return
        if "observed" in written:
            if name not in written["observed"]:
                yield append(self._document, (*place, "observed"), flow_yaml(name))
        else:
            yield add_entry(self._document, place, "observed", f"[{flow_yaml(name)}]")

    def _rewrite(self, place: Pointer, value: Any) -> YamlEdit:
        return replace_value(self._document, place, flow_yaml(value))


def _is_body(place: Pointer) -> bool:
    """Whether a schema is that of a whole body, or of the items of one, written in an operation."""
    return place[0] == "paths" and "schema" in (place[-1], *(place[-2:-1] if place[-1] == "items" else ()))
