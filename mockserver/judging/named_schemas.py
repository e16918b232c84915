"""New named schemas: bodies of successes are references, so what is learned for one gets a name and a provenance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema
from mockserver.contract.walk import schema_names
from mockserver.judging import schema_places
from mockserver.judging.yaml_edits import YamlEdit, block_yaml, insert_after, replace_value

SOURCE = "recordings"
SCHEMAS: Pointer = ("components", "schemas")


class Unlearnable(Exception):
    """Raised for a row that no edit of ours settles; the text says why."""


class NamedSchemas:
    """Definitions of schemas beside those that operations of the same tag use."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def refer(self, place: Pointer, schema: Schema, ending: str) -> Iterator[YamlEdit]:
        """Moves a schema of an operation to a named one."""
        reference, edit = self.define(place, schema, ending)
        yield replace_value(self._document, place, f"{{$ref: '{reference['$ref']}'}}")
        yield edit

    def define(self, place: Pointer, schema: Schema, ending: str) -> tuple[Schema, YamlEdit]:
        """Returns a reference to a new schema for the operation at a place, and the edit that defines it."""
        operation = self._document.at(place[:3])
        if "operationId" not in operation:
            raise Unlearnable("the operation has no operationId, after which a schema could be named")
        return self.add(operation["operationId"], next(iter(operation.get("tags", ())), ""), schema, ending)

    def add(self, operation_id: str, tag: str, schema: Schema, ending: str) -> tuple[Schema, YamlEdit]:
        """The same for an operation that the contract does not have yet."""
        named = schema_places.find(self._document, SCHEMAS)
        if not named or self._document.node(SCHEMAS).flow_style:
            raise Unlearnable("a named schema is added to contracts in YAML that have some")
        wanted = operation_id[:1].upper() + operation_id[1:] + ending
        names = (wanted, *(f"{wanted}{number}" for number in range(2, 1000)))
        name = next(name for name in names if name not in named)
        described = {"description": "Seen in recordings.", **observed_provenance(self._document)}
        kind = {"type": schema["type"]} if "type" in schema else {}
        rest = {key: value for key, value in schema.items() if key != "type"}
        neighbor = (*SCHEMAS, self._neighbor(tag))
        column = self._document.node(SCHEMAS).value[0][0].start_mark.column
        text = block_yaml({name: {**kind, **described, **rest}}, column)
        return {"$ref": f"#/components/schemas/{name}"}, insert_after(self._document, neighbor, f"\n\n{text}")

    def _neighbor(self, tag: str) -> str:
        """The last schema that operations of this tag alone use, else the last of all."""
        users: dict[str, set[str]] = {}
        for entry in self._document.operations():
            for name in schema_names(self._document, entry.value):
                users.setdefault(name, set()).update(entry.value.get("tags", ()))
        named: list[str] = list(self._document.at(SCHEMAS))
        ours = [name for name in named if users.get(name) == {tag}]
        return ours[-1] if ours else named[-1]


def observed_provenance(document: Document) -> dict[str, Any]:
    """The provenance of a new part, if the contract says how certain its parts are."""
    is_used = any("x-provenance" in entry.value for entry in document.operations())
    return {"x-provenance": {"status": "observed", "source": SOURCE}} if is_used else {}
