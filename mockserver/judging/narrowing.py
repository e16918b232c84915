"""Narrowing: where many records without an exception say that the contract is wider than reality.

A note, never a contradiction: records show what is, not what may be. Parts that are documented, and schemas that
requests use too, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.contract.walk import schema_names
from mockserver.judging import schema_places
from mockserver.judging.drift import MOST_SURE, Contradiction, DriftRow, DriftSeverity, is_documented
from mockserver.judging.evidence import Evidence, Facts, Sighting, names
from mockserver.judging.learned_schemas import EXAMPLES
from mockserver.judging.named_schemas import SCHEMAS, Unlearnable
from mockserver.judging.observing import FORMATS, LimitValidators
from mockserver.judging.shared_facts import PlacedFacts, settle
from mockserver.judging.yaml_edits import (
    YamlEdit,
    add_entry,
    append,
    flow_yaml,
    remove_entry,
    remove_item,
    replace_value,
)

NOT_NULL, FORMAT, REQUIRED = "null", "format", "required"


def find_narrowings(document: Document, evidence: Evidence) -> list[DriftRow]:
    """Returns the places where the contract could be narrower, in the order of the contract."""
    facts = settle(document, evidence.places())
    sent = {name for entry in document.operations() for name in schema_names(document, entry.value.get("requestBody"))}
    rows = []
    for place, seen in facts.items():
        schema = schema_places.find(document, place)
        is_sent = place[:2] != SCHEMAS or place[2] in sent
        if schema is None or is_sent or is_documented(document, place):
            continue
        for detail, sighting, documented in _narrowings(document, place, schema, seen):
            rows.append(_row(document, place, detail, sighting, documented))
    return sorted(rows, key=lambda row: (row.line, row.identity))


def _row(document: Document, place: Pointer, detail: str, seen: Sighting, documented: str) -> DriftRow:
    return DriftRow(
        place=place,
        contradiction=Contradiction.NARROWER,
        detail=detail,
        seen=seen,
        operations=seen.operations,
        severity=DriftSeverity.NOTE,
        line=document.line(place),
        documented=documented,
        received=_describe(detail),
    )


def _describe(detail: str) -> str:
    kind, _, name = detail.partition(" ")
    if kind == NOT_NULL:
        return "never null"
    return f"always {name}" if kind == FORMAT else f"always with {name}"


def _narrowings(
    document: Document, place: Pointer, schema: Schema, facts: Facts
) -> Iterator[tuple[str, Sighting, str]]:
    """Yields detail, evidence and what is documented."""
    kinds = {kind: facts[f"kind:{kind}"] for kind in names(facts, "kind")}
    seen = sum(kinds.values(), Sighting())
    if schema.get("nullable") and "type" in schema and "null" not in kinds and seen.records >= MOST_SURE:
        yield NOT_NULL, seen, "nullable"
    texts = kinds.get("string", Sighting())
    if (
        schema.get("type") == "string"
        and texts.records >= MOST_SURE
        and not {"format", "pattern", "enum"} & schema.keys()
    ):
        for name in FORMATS:
            if facts.get(f"format:{name}", Sighting()).records == texts.records:
                yield f"{FORMAT} {name}", texts, "any text"
                break
    objects = facts.get("object", Sighting())
    optional = schema.get("properties", {}).keys() - schema_places.required(document, place).keys()
    for name in sorted(optional) if objects.records >= MOST_SURE else ():
        if f"missing:{name}" not in facts:
            yield f"{REQUIRED} {name}", objects, "an optional member"


class NarrowingEditor:
    """Edits that narrow one text of the contract."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places
        self._validators = LimitValidators(document)

    def edits(self, place: Pointer, detail: str) -> Iterator[YamlEdit]:
        """Yields the edits for a row. Raises `Unlearnable`."""
        kind, _, name = detail.partition(" ")
        schema = self._document.at(place)
        if kind == REQUIRED:
            if "required" not in schema:
                yield add_entry(self._document, place, "required", f"[{flow_yaml(name)}]", before="properties")
            else:
                yield append(self._document, (*place, "required"), flow_yaml(name))
        elif kind == FORMAT:
            yield add_entry(self._document, place, "format", name, after="type")
            yield from self._example(place, schema, name, self._validators.has_format(name, str(schema.get("example"))))
        else:
            yield remove_entry(self._document, place, "nullable")
            if None in schema.get("enum", ()):
                yield remove_item(self._document, (*place, "enum"), schema["enum"].index(None))
            yield from self._example(place, schema, schema["type"], schema.get("example") is not None)

    def _example(self, place: Pointer, schema: Schema, name: str, is_valid: bool) -> Iterator[YamlEdit]:
        """Replaces an example that the narrower schema refuses."""
        if "example" not in schema or is_valid:
            return
        if schema.keys() & {"enum", "pattern"} or name not in EXAMPLES:
            raise Unlearnable("its example needs a person")
        yield replace_value(self._document, (*place, "example"), flow_yaml(EXAMPLES[name]))
