"""Classifier of recorded calls: finds the operation of each one, sets aside what proves nothing, observes the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.judging.call_matcher import METHODS, CallMatcher
from mockserver.judging.evidence import RecordingEvidence
from mockserver.judging.observing import Observer
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.judging.schema_places import kind_of_value

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
        self._matcher = CallMatcher(document, prefix)
        self._schemas = {"request": Schemas(document, "request"), "response": Schemas(document, "response")}
        self._validators: dict[Any, Any] = {}
        self._observer = Observer(document)
        self.used = 0
        self.set_aside: Counter[str] = Counter()
        self._unknown: list[RecordedCall] = []
        self._hosts: set[str] = set()

    def classify(self, calls: Iterable[RecordedCall]) -> RecordingEvidence:
        """Observes all calls that prove something."""
        for call in calls:
            self.add(call)
        return self.recording()

    def add(self, call: RecordedCall) -> None:
        """Observes a call if it proves something."""
        if reason := self._observe(call):
            self.set_aside[reason] += 1

    def recording(self) -> RecordingEvidence:
        """Returns what the calls have shown."""
        self._observe_unknown()
        return self._observer.recording()

    def _observe(self, call: RecordedCall) -> str:
        """Observes a call; returns why it is no evidence, else an empty text."""
        if call.method not in METHODS or call.status in (0, 304):
            return ELSEWHERE
        operation = self._matcher.match(call.method, call.path)
        if operation is None:
            # Without bodies: a browser's recording is mostly of other things.
            self._unknown.append(replace(call, request=RecordedBody(), answer=RecordedBody(call.answer.media_type)))
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
        place = (*self._matcher.place(operation), "responses", response.key if response else str(call.status))
        schema = response.schema if response else {}
        has_body = schema is not None and call.status not in (204, 205) and call.answer.text != ""
        if has_body and (reason := self._flaw(call, schema)):
            return reason
        self.used += 1
        self._hosts.add(call.host)
        self._observer.begin(call.number, operation.id, call.day)
        record = ("body", call.answer.text)
        if response is None:
            self._observer.note(place, "status", record)
        if response is None and has_body:
            self._note_known_schemas(place, operation, call.answer.json, record)
        if has_body:
            self._observer.observe(self._matcher.schema_place(place), call.answer.json, record)
        return ""

    def _flaw(self, call: RecordedCall, schema: dict[str, Any] | None) -> str:
        """Describes why a body proves nothing; empty if it does."""
        if call.answer.text is None:
            return WITHOUT_BODY
        if not call.answer.is_json:
            return FOREIGN
        if call.answer.json is BROKEN:
            return BROKEN_BODY
        return FOREIGN if schema and self._is_foreign(schema, call.answer.json) else ""

    def _note_known_schemas(self, place: Pointer, operation: Operation, body: Any, record: Any) -> None:
        """Notes which documented answers of the operation have the schema of an undocumented status."""
        for response in operation.responses.values():
            if response.schema is not None and self._validator("response", response.schema).is_valid(body):
                self._observer.note(place, f"as:{response.key}", record)

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
        if call.request.text is None:
            return True
        sent = call.request.json
        return sent is not BROKEN and bool(self._validator("request", body.schema).is_valid(sent))

    def _is_foreign(self, schema: dict[str, Any], body: Any) -> bool:
        """Whether an answer has less than half of the required members: a sign-in page, a gateway, an envelope.

        An object in place of a list or a scalar has to contain it, and a list in place of an object such objects.
        """
        schema = self._document.resolve(schema)
        if isinstance(body, dict) and schema.get("type") in ("array", "integer", "number", "string", "boolean"):
            return not any(self._is_alike(schema, value) for value in body.values())
        if isinstance(body, list):
            items = self._document.resolve(schema["items"]) if "items" in schema else schema
            return bool(body) and self._is_foreign(items, body[0])
        required = {name for part in _parts(self._document, schema) for name in part.get("required", ())}
        return isinstance(body, dict) and 2 * len(required & body.keys()) < len(required)

    def _is_alike(self, schema: dict[str, Any], value: Any) -> bool:
        """Whether a value may be what a list or a scalar of the contract holds."""
        if schema["type"] == "array":
            return isinstance(value, list) and not self._is_foreign(schema, value)
        return kind_of_value(value) == str(schema["type"])

    def _validator(self, direction: str, schema: dict[str, Any]) -> Any:
        key = (direction, id(schema))
        if key not in self._validators:
            self._validators[key] = self._schemas[direction].validator(schema)
        return self._validators[key]

    def _observe_unknown(self) -> None:
        """Notes calls to paths that the contract does not have, on hosts that have answered as this API."""
        unknown, self._unknown = self._unknown, []
        for call in unknown:
            inner = self._matcher.inner_path(call.path)
            is_here = call.host in self._hosts and inner != ""
            if not is_here or not call.answer.is_json:
                self.set_aside[ELSEWHERE] += 1
            elif call.status >= 400:
                self.set_aside["a path that does not exist"] += 1
            else:
                self.used += 1
                template = self._matcher.template(inner)
                place = ("paths", template, call.method.lower())
                self._observer.begin(call.number, f"{call.method} {template}", call.day)
                self._observer.note(place, "operation", ("path", call.path))


def _parts(document: Document, schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield schema
    for part in schema.get("allOf", ()):
        yield from _parts(document, document.resolve(part))
