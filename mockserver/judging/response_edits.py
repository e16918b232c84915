"""Edits of responses: an undocumented status, and a body that is never there."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging import schema_places
from mockserver.judging.evidence import names
from mockserver.judging.learned_schemas import SchemaLearner
from mockserver.judging.named_schemas import NamedSchemas, Unlearnable
from mockserver.judging.shared_facts import PlacedFacts
from mockserver.judging.yaml_edits import YamlEdit, add_entry, flow_yaml, remove_entry, replace_value

SEEN = "Seen in recordings."


class ResponseEditor:
    """Edits of the responses of one text of the contract."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places
        self._learner = SchemaLearner(document, places)

    def add_status(self, place: Pointer) -> Iterator[YamlEdit]:
        """Adds a status with the schema of its bodies; statuses stay in ascending order."""
        responses, status = place[:-1], str(place[-1])
        value: dict[str, Any] = {}
        if shared := self._shared_response(place):
            value = {"$ref": shared}
        elif status >= "400":
            value = {"$ref": f"#/components/responses/{_phrase(status)}"}
            yield self._share_error(place)
        else:
            content, more = self._content(place)
            value = {"description": SEEN, **content}
            yield from more
        # As texts: `default` comes after all numbers.
        later = (name for name in map(str, self._document.at(responses)) if name > status)
        yield add_entry(self._document, responses, f"'{status}'", flow_yaml(value), before=next(later, ""))

    def remove_body(self, place: Pointer) -> Iterator[YamlEdit]:
        """Removes the documented body of a response that has never had one."""
        if "body" in self._places[place]:
            raise Unlearnable("some answers have a body, and a contract cannot say that it is optional")
        written = self._document.at(place)
        if "$ref" in written:
            yield replace_value(self._document, place, flow_yaml({"description": SEEN}))
        for name in ("content", "links"):
            if name in written:
                yield remove_entry(self._document, place, name)

    def _shared_response(self, place: Pointer) -> str:
        """The reference to a response with this status that other operations have, or to one with the same bodies."""
        status = str(place[-1])
        written = (entry.value.get("responses", {}).get(status, {}) for entry in self._document.operations())
        if status >= "400":
            return next((str(part["$ref"]) for part in written if "$ref" in part), "")
        alike = self._alike_response(place)
        return str(self._document.at(alike).get("$ref", "")) if alike else ""

    def _share_error(self, place: Pointer) -> YamlEdit:
        """Adds a shared response for an error, since errors are references; it is named after its status."""
        content, more = self._content(place)
        if more:
            raise Unlearnable("its bodies are no error envelope")
        responses = ("components", "responses")
        if not schema_places.find(self._document, responses):
            raise Unlearnable("an error is added to contracts that have shared responses")
        return add_entry(
            self._document, responses, _phrase(str(place[-1])), flow_yaml({"description": SEEN, **content})
        )

    def _alike_response(self, place: Pointer) -> Pointer | None:
        """The documented response of the operation whose schema all bodies of an undocumented status have."""
        facts = self._places[place]
        alike = (key for key in names(facts, "as") if facts[f"as:{key}"].answers == facts["status"].answers)
        return next(((*place[:-1], key) for key in alike), None)

    def _content(self, place: Pointer) -> tuple[dict[str, Any], list[YamlEdit]]:
        """The content of a new response, and the edits that define its schema."""
        schema_place = (*place, "content", "application/json", "schema")
        alike, more = self._alike_response(place), list[YamlEdit]()
        if alike:
            schema = self._documented_schema(alike)
        elif schema_place not in self._places:
            return {}, []
        elif learned := self._learner.schema(schema_place):
            schema, edit = NamedSchemas(self._document).define(place, learned, _phrase(str(place[-1])))
            more = [edit]
        else:
            raise Unlearnable("its bodies have too many kinds, or an object without members")
        return {"content": {"application/json": {"schema": schema}}}, more

    def _documented_schema(self, response: Pointer) -> dict[str, Any]:
        written = self._document.at(schema_places.followed(self._document, response))
        schema: dict[str, Any] = written["content"]["application/json"]["schema"]
        return schema


def _phrase(status: str) -> str:
    """The name of a status, such as NotFound for 404."""
    try:
        return HTTPStatus(int(status)).phrase.title().replace(" ", "").replace("-", "")
    except ValueError:
        return f"Status{status[:1].upper()}{status[1:]}"
