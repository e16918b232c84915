"""Classifier of recorded calls: finds the operation of each one, sets aside what proves nothing, observes the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation, base_path, read_operations
from mockserver.contract.path_matcher import PathMatcher
from mockserver.contract.schemas import Schemas
from mockserver.judging import schema_places
from mockserver.judging.evidence import RecordingEvidence
from mockserver.judging.observing import Observer
from mockserver.judging.recorded_calls import BROKEN, RecordedCall

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TROUBLE = (429, 500, 502, 503, 504)
# Why a call is no evidence.
FOREIGN = "an answer of something else"
FAILING = "429 or 5xx"
REFUSED = "a refusal of a request that breaks the contract"
FROM_FAULT = "made by a fault"
WITHOUT_BODY = "the recording has left the body out"
BROKEN_BODY = "a body that is no JSON or was cut"
ELSEWHERE = "another API"


class CallClassifier:
    """Classifies the calls of one recording. `prefix` is the path that the host adds before those of the contract."""

    def __init__(self, document: Document, prefix: str | None = None) -> None:
        self._document = document
        self._requests = Schemas(document, "request")
        self._prefix = base_path(document) if prefix is None else prefix.rstrip("/")
        self._matchers: dict[str, PathMatcher[Operation]] = {method: PathMatcher() for method in METHODS}
        self._places: dict[str, Pointer] = {}
        own, written = base_path(document), document.operations()
        for operation, entry in zip(read_operations(document), written, strict=True):
            self._places[operation.id] = ("paths", entry.path, entry.method)
            if operation.method in self._matchers:
                self._matchers[operation.method].add(operation.path.removeprefix(own), operation)
        self._validators: dict[Any, Any] = {}
        self._observer = Observer(document)
        self.used = 0
        self.set_aside: Counter[str] = Counter()
        self._unknown: list[RecordedCall] = []
        self._hosts: set[str] = set()

    def classify(self, calls: Iterable[RecordedCall]) -> RecordingEvidence:
        """Observes all calls that prove something."""
        for call in calls:
            if reason := self._observe(call):
                self.set_aside[reason] += 1
        self._observe_unknown()
        return self._observer.recording()

    def _observe(self, call: RecordedCall) -> str:
        """Observes a call; returns why it is no evidence, else an empty text."""
        if call.method not in METHODS or call.status in (0, 304):
            return ELSEWHERE
        operation = self._match(call)
        if operation is None:
            self._unknown.append(call)
            return ""
        if call.status in TROUBLE or call.status >= 500:
            return FAILING
        if call.headers.get("x-mock-source") == "fault":
            return FROM_FAULT
        if 400 <= call.status < 500 and not self._keeps_contract(operation, call):
            return REFUSED
        return self._observe_answer(operation, call)

    def _observe_answer(self, operation: Operation, call: RecordedCall) -> str:
        response = operation.find_response(call.status)
        place = (*self._places[operation.id], "responses", response.key if response else str(call.status))
        body: Any = None
        has_body = call.status not in (204, 205) and call.answer.text != ""
        if has_body and (response is None or response.schema is not None):
            if call.answer.text is None:
                return WITHOUT_BODY
            if not call.answer.is_json:
                return FOREIGN
            if (body := call.answer.json) is BROKEN:
                return BROKEN_BODY
            if response is not None and response.schema is not None and self._is_foreign(response.schema, body):
                return FOREIGN
        self.used += 1
        self._hosts.add(call.host)
        self._observer.begin(call.number, operation.id, call.day)
        record = ("body", call.answer.text)
        if response is None:
            self._observer.note(place, "status", record)
            self._note_known_schemas(place, operation, body, record)
        if has_body and (response is None or response.schema is not None):
            self._observer.observe(self._schema_place(place), body, record)
        return ""

    def _schema_place(self, response: Pointer) -> Pointer:
        """The place of the JSON schema of a response; that of an undocumented one does not exist yet."""
        if schema_places.find(self._document, response) is not None:
            response = schema_places.followed(self._document, response)
            media = next(iter(self._document.at(response).get("content", ())), "application/json")
            return (*response, "content", media, "schema")
        return (*response, "content", "application/json", "schema")

    def _note_known_schemas(self, place: Pointer, operation: Operation, body: Any, record: Any) -> None:
        """Notes which documented answers of the operation have the schema of an undocumented status."""
        for response in operation.responses.values():
            if response.schema is not None and self._validator("response", response.schema).is_valid(body):
                self._observer.note(place, f"as:{response.key}", record)

    def _match(self, call: RecordedCall) -> Operation | None:
        if not call.path.startswith(self._prefix + "/"):
            return None
        match = self._matchers[call.method].match(call.path.removeprefix(self._prefix))
        if match is None:
            return None
        keys = {parameter.name: parameter for parameter in match.value.parameters_in("path")}
        # `/items/count-by-status` is no item, if the contract says how the keys of items are spelt.
        for name, text in match.keys.items():
            if name in keys and not self._is_key(keys[name].schema, unquote(text)):
                return None
        return match.value

    def _is_key(self, schema: dict[str, Any], text: str) -> bool:
        value: Any = text
        if schema.get("type") == "integer":
            if not text.isdecimal():
                return False
            value = int(text)
        return bool(self._validator("request", schema).is_valid(value))

    def _keeps_contract(self, operation: Operation, call: RecordedCall) -> bool:
        """Whether a request has what its operation requires."""
        queried = {name for name, _ in parse_qsl(call.query, keep_blank_values=True)}
        needed = (parameter.name for parameter in operation.parameters_in("query") if parameter.required)
        if not queried.issuperset(needed):
            return False
        body = operation.body
        if body is None or not (body.required or call.request.text):
            return True
        # A body that the recording has left out is not known to break the contract.
        return call.request.text is None or bool(
            self._validator("request", body.schema).is_valid(call.request.json)
            if call.request.json is not BROKEN
            else False
        )

    def _is_foreign(self, schema: dict[str, Any], body: Any) -> bool:
        """Whether an answer has less than half of the required members: a sign-in page, a gateway, an envelope."""
        schema = self._document.resolve(schema)
        if isinstance(body, list) and "items" in schema:
            schema, body = self._document.resolve(schema["items"]), next(iter(body), None)
        required = {name for part in _parts(self._document, schema) for name in part.get("required", ())}
        return isinstance(body, dict) and 2 * len(required & body.keys()) < len(required)

    def _validator(self, direction: str, schema: dict[str, Any]) -> Any:
        key = (direction, id(schema))
        if key not in self._validators:
            schemas = self._requests if direction == "request" else Schemas(self._document, "response")
            # With the schema, so that its id is not used again.
            self._validators[key] = (schemas.validator(schema), schema)
        return self._validators[key][0]

    def _observe_unknown(self) -> None:
        """Notes calls to paths that the contract does not have, on hosts that have answered as this API."""
        for call in self._unknown:
            is_here = call.host in self._hosts and call.path.startswith(self._prefix + "/")
            if not is_here or not call.answer.is_json:
                self.set_aside[ELSEWHERE] += 1
            elif call.status >= 400:
                self.set_aside["a path that does not exist"] += 1
            else:
                self.used += 1
                template = _template(call.path.removeprefix(self._prefix))
                place = ("paths", template, call.method.lower())
                self._observer.begin(call.number, f"{call.method} {template}", call.day)
                self._observer.note(place, "operation", ("path", call.path))


def _parts(document: Document, schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield schema
    for part in schema.get("allOf", ()):
        yield from _parts(document, document.resolve(part))


def _template(path: str) -> str:
    """The template of a path that the contract does not have: segments with a digit are keys."""
    segments = ["{key}" if any(map(str.isdigit, segment)) else segment for segment in path.split("/")]
    return "/".join(segments)
