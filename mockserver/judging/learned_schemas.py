"""Schemas for what the contract does not have yet, from the facts of undeclared places, written as flow YAML."""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging.drift import ENOUGH, MOST_SURE
from mockserver.judging.evidence import Facts, names
from mockserver.judging.observing import FORMATS
from mockserver.judging.schema_places import pointer_at
from mockserver.judging.shared_facts import PlacedFacts

MOST_KINDS = 2  # a third kind needs a person
EXAMPLES: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "number": 1.5,
    "string": "text",
    "date-time": "2026-01-15T12:00:00.000Z",
    "date": "2026-01-15",
    "email": "ana@example.com",
    "uuid": "7c0f1e0a-5c1b-4d0e-9f43-2f1f7a3f1c55",
    "uri": "https://example.com/",
}


class SchemaLearner:
    """Builds schemas from the facts of all recordings."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places

    def schema(self, place: Pointer) -> dict[str, Any] | None:
        """Returns a schema for a place; None for a third kind, or an object without members."""
        facts = self._places.get(place, {})
        for model in names(facts, "same"):
            # A part of an envelope is what the contract documents without the envelope.
            documented: dict[str, Any] = self._document.at(pointer_at(self._document, model))
            return documented
        kinds = sorted(names(facts, "kind"))
        plain = [kind for kind in kinds if kind != "null" and not (kind == "integer" and "number" in kinds)]
        schemas = [self._of_kind(kind, place, facts) for kind in plain]
        if not plain or len(plain) > MOST_KINDS or None in schemas:
            return None
        found = [schema for schema in schemas if schema is not None]
        if len(found) > 1:
            return {"anyOf": [*found, *([NULL] if "null" in kinds else [])]}
        return with_null(found[0]) if "null" in kinds else found[0]

    def _of_kind(self, kind: str, place: Pointer, facts: Facts) -> dict[str, Any] | None:
        if kind == "object":
            return self._object(place, facts)
        if kind == "array":
            inner = self.schema((*place, "items"))
            return None if inner is None else {"type": "array", "items": inner}
        text_format = self._format(facts) if kind == "string" else ""
        schema = {"type": kind} | ({"format": text_format} if text_format else {})
        return schema | {"example": EXAMPLES[text_format or kind]}

    def _object(self, place: Pointer, facts: Facts) -> dict[str, Any] | None:
        inner = (other for other in self._places if other[:-1] == (*place, "properties"))
        members = sorted(str(other[-1]) for other in inner)
        schemas = {name: self.schema((*place, "properties", name)) for name in members}
        if not schemas or None in schemas.values():
            return None
        needed = [name for name in members if self.is_always_there(place, name)]
        return {"type": "object", **({"required": needed} if needed else {}), "properties": schemas}

    def is_always_there(self, owner: Pointer, name: str) -> bool:
        """Whether a member was in each of so many objects that it may be required."""
        objects = self._places.get(owner, {}).get("object")
        member = self._places.get((*owner, "properties", name), {})
        present = sum(member[f"kind:{kind}"].records for kind in names(member, "kind"))
        return objects is not None and objects.records >= MOST_SURE and present >= objects.records

    def _format(self, facts: Facts) -> str:
        """The first format that all texts had; more than one text is needed."""
        texts = facts["kind:string"]
        held = (name for name in FORMATS if facts.get(f"format:{name}") == texts)
        return next(held, "") if texts.records >= ENOUGH else ""


# The form of null that client generators understand.
NULL: dict[str, Any] = {"type": "boolean", "nullable": True, "enum": [None]}


def with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema that allows null too."""
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], NULL]}
    if "$ref" in schema:
        return {"anyOf": [schema, NULL]}
    rest = {name: value for name, value in schema.items() if name != "type"}
    if "enum" in rest:
        rest["enum"] = [*rest["enum"], None]
    return {"type": schema["type"], "nullable": True, **rest}
