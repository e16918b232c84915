"""Comparison with an official OpenAPI document: its differences become the facts that answers would have shown.

Operations are matched by method and the shape of their path, since the names of keys differ; schemas are compared by
meaning. What the export is stricter about is a fact too, of the kind `lacks`.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import Document, Pointer, pointer_text
from mockserver.contract.operations import base_path
from mockserver.contract.path_matcher import shape_of
from mockserver.judging import schema_places
from mockserver.judging.drift import ENOUGH
from mockserver.judging.evidence import RecordingEvidence, Sighting
from mockserver.judging.schema_views import SchemaView

JSON_SCHEMA: Pointer = ("content", "application/json", "schema")
MOST_DEPTH = 12  # levels of schemas that contain each other

Written = dict[str, Any]


class ExportComparison:
    """Compares one exported document, complete or of a single operation, with the contract."""

    def __init__(self, contract: Document, export: Document) -> None:
        self._contract, self._export = contract, export
        self._evidence = RecordingEvidence()
        self._operation = ""
        self._compared: set[tuple[Pointer, Pointer]] = set()
        self.operations = 0

    def compare(self) -> RecordingEvidence:
        """Returns all differences as facts at the places of the contract."""
        ours = self._by_shape(self._contract)
        for shape, theirs in self._by_shape(self._export).items():
            found = ours.get(shape)
            if found is None:
                method, path = shape
                self._operation = f"{method.upper()} {path}"
                self._state(("paths", theirs[1], method), "operation")
            else:
                self.operations += 1
                self._compare_operation(found, theirs)
        return self._evidence

    def _by_shape(self, document: Document) -> dict[tuple[str, str], Pointer]:
        prefix = base_path(document)
        return {
            (entry.method, shape_of(prefix + entry.path)): ("paths", entry.path, entry.method)
            for entry in document.operations()
        }

    def _compare_operation(self, place: Pointer, theirs: Pointer) -> None:
        written, exported = self._contract.at(place), self._export.at(theirs)
        self._operation = written["operationId"]
        self._compare_parameters(place, written, exported)
        own_body, their_body = (
            _json_schema(self._contract, (*place, "requestBody")),
            _json_schema(self._export, (*theirs, "requestBody")),
        )
        if own_body and their_body:
            self._compare_schemas(own_body, their_body)
        for status in exported.get("responses", {}):
            own_response = (*place, "responses", str(status))
            their_schema = _json_schema(self._export, (*theirs, "responses", status))
            own_schema = _json_schema(self._contract, own_response)
            if str(status) not in map(str, written["responses"]):
                self._state(own_response, "status")
                if their_schema:
                    self._declare((*own_response, *JSON_SCHEMA), SchemaView(self._export, their_schema))
            elif own_schema and their_schema:
                self._compare_schemas(own_schema, their_schema)

    def _compare_parameters(self, place: Pointer, written: Written, exported: Written) -> None:
        own, theirs = _queries(self._contract, written), _queries(self._export, exported)
        for name in sorted(theirs - own):
            self._state(place, f"parameter:{name}")
        for name in sorted(own - theirs):
            self._state(place, f"lacks:parameter {name}")

    def _compare_schemas(self, own: Pointer, theirs: Pointer) -> None:
        self._compare(SchemaView(self._contract, own), SchemaView(self._export, theirs))

    def _compare(self, own: SchemaView, theirs: SchemaView) -> None:
        if (own.place, theirs.place) in self._compared:
            return
        self._compared.add((own.place, theirs.place))
        if own.kinds and theirs.kinds:
            self._state_all(own.written, "kind:", theirs.kinds - own.kinds)
            self._state_all(own.place, "lacks:type ", own.kinds - theirs.kinds)
        self._compare_members(own, theirs)
        self._compare_limits(own, theirs)
        if own.items and theirs.items:
            self._compare(own.items, theirs.items)

    def _compare_members(self, own: SchemaView, theirs: SchemaView) -> None:
        if not own.members or not theirs.members:
            if own.members or theirs.members:
                self._state(own.place, f"lacks:{'listed' if own.members else 'free'} members")
            return
        for name, member in theirs.members.items():
            if name in own.members:
                self._compare(own.members[name], member)
            elif own.is_closed:
                self._declare((*own.place, "properties", name), member)
        both = own.members.keys() & theirs.members.keys()
        self._state_all(own.place, "absent:", (own.required - theirs.required) & both)
        self._state_all(own.place, "lacks:optional ", (theirs.required - own.required) & both)
        for name in sorted(own.members.keys() - theirs.members.keys()):
            self._state(own.members[name].written, "lacks:member")

    def _compare_limits(self, own: SchemaView, theirs: SchemaView) -> None:
        if own.choices and theirs.choices:
            for value in theirs.choices:
                if value not in own.choices:
                    self._state(own.place, f"value:{value}")
            self._state_all(own.place, "lacks:choice ", [v for v in own.choices if v not in theirs.choices])
        elif own.choices or theirs.choices:
            self._state(own.place, "lacks:any value" if theirs.choices else "lacks:enum")
        for keyword in sorted(own.limits.keys() | theirs.limits.keys()):
            if keyword not in own.limits:
                self._state(own.place, f"lacks:no {keyword}")
            elif _is_tighter(keyword, own.limits[keyword], theirs.limits.get(keyword)):
                self._state(own.place, f"lacks:{keyword} {own.limits[keyword]}")
            elif own.limits[keyword] != theirs.limits.get(keyword):
                part = next(p for p in own.parts if keyword in self._contract.at(p))
                self._state(part, f"breaks:{keyword}")

    def _declare(self, place: Pointer, view: SchemaView, depth: int = 0) -> None:
        """States what answers of an undeclared schema would show, so that a patch can write a schema like it."""
        self._state(place, "present")
        self._state_all(place, "kind:", view.kinds)
        if text_format := view.limits.get("format"):
            self._state(place, f"format:{text_format}")
        if depth > MOST_DEPTH:
            return
        for name, member in view.members.items():
            self._declare((*place, "properties", name), member, depth + 1)
        if view.items:
            self._declare((*place, "items"), view.items, depth + 1)

    def _state_all(self, place: Pointer, beginning: str, details: Any) -> None:
        for detail in sorted(details, key=str):
            self._state(place, f"{beginning}{detail}")

    def _state(self, place: Pointer, fact: str) -> None:
        facts = self._evidence.places.setdefault(pointer_text(place), {})
        operations = (facts.get(fact, Sighting()) + Sighting(operations=(self._operation,))).operations
        # A document is as sure as enough answers.
        facts[fact] = Sighting(ENOUGH, ENOUGH, operations)


def _is_tighter(keyword: str, own: Any, theirs: Any) -> bool:
    """Whether the export has a bound that allows less."""
    if isinstance(own, bool) or not isinstance(own, int | float) or not isinstance(theirs, int | float):
        return False
    return theirs < own if keyword.startswith("max") else theirs > own


def _queries(document: Document, operation: Written) -> set[str]:
    """The names of the query parameters of an operation."""
    parameters = (document.resolve(part) for part in operation.get("parameters", ()))
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def _json_schema(document: Document, place: Pointer) -> Pointer | None:
    """The place of the JSON schema of a body; None without one."""
    if schema_places.find(document, place) is None:
        return None
    place = schema_places.followed(document, place)
    content = document.at(place).get("content", {})
    media = next((name for name in content if "json" in name and "schema" in content[name]), None)
    return None if media is None else (*place, "content", media, "schema")
