"""Classifier of recorded calls: finds the operation of each one, sets aside what proves nothing, observes the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.judging import likeness, schema_places
from mockserver.judging.call_matcher import METHODS, CallMatcher
from mockserver.judging.evidence import RecordingEvidence
from mockserver.judging.observing import Observer
from mockserver.judging.recorded_calls import BROKEN, RecordedBody, RecordedCall
from mockserver.judging.request_checker import RequestChecker

# Of each unknown operation so many answers are kept, and of so many characters, until their host is known.
MOST_EXAMPLES, MOST_EXAMPLE = 50, 200_000
# Why a call is no evidence.
FOREIGN = "an answer of something else"
FAILING = "429 or 5xx"
REDIRECT = "a redirect, such as to a sign-in page"
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
        self._requests = RequestChecker(document)
        self._schemas, self._validators = Schemas(document, "response"), dict[int, Any]()
        self._observer = Observer(document)
        self.used = 0
        self.set_aside: Counter[str] = Counter()
        self._unknown: list[RecordedCall] = []
        self._examples: Counter[tuple[str, str, str]] = Counter()
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

    def take(self) -> RecordingEvidence:
        """Returns what the calls have shown, and starts again."""
        recording = self.recording()
        self._observer = self._observer.renewed()
        self.used, self.set_aside = 0, Counter()
        return recording

    def _observe(self, call: RecordedCall) -> str:
        """Observes a call; returns why it is no evidence, else an empty text."""
        if call.method not in METHODS or call.status in (0, 304):
            return ELSEWHERE
        operation = self._matcher.match(call.method, call.path)
        if operation is None:
            self._unknown.append(self._shortened(call))
            return ""
        if call.is_failing:
            return FAILING
        if 300 <= call.status < 400 and operation.find_response(call.status) is None:
            return REDIRECT
        if call.headers.get("x-mock-source") == "fault":
            return FROM_FAULT
        if 400 <= call.status < 500 and not self._requests.keeps_contract(operation, call):
            return REFUSED
        return self._observe_answer(operation, call)

    def _observe_answer(self, operation: Operation, call: RecordedCall) -> str:
        response = operation.find_response(call.status)
        place = (*self._matcher.place(operation), "responses", response.key if response else str(call.status))
        has_schema = response is None or response.schema is not None
        may_have_body = has_schema and call.status not in (204, 205) and call.method != "HEAD"
        has_body = may_have_body and call.answer.text != ""
        if has_body and (reason := self._flaw(call, self._matcher.schema_place(place) if response else None)):
            return reason
        self.used += 1
        self._hosts.add(call.host)
        self._observer.begin(call.number, operation.id, call.day)
        # By its hash, since a server that is compared while it runs has no end of bodies.
        record = ("body", hash(call.answer.text))
        if response is None:
            self._observer.note(place, "status", record)
            alike = self._note_alike_responses(place, operation, call, record) if has_body else None
            place = alike or place
        elif may_have_body:
            self._observer.note(place, "body" if has_body else "empty", record)
        if has_body:
            self._observer.observe(self._matcher.schema_place(place), call.answer.json, record)
        return ""

    def _flaw(self, call: RecordedCall, schema_place: Pointer | None) -> str:
        """Describes why a body proves nothing; empty if it does."""
        if call.answer.text is None:
            return WITHOUT_BODY
        if not call.answer.is_json:
            return FOREIGN
        if call.answer.json is BROKEN:
            return BROKEN_BODY
        is_foreign = schema_place is not None and likeness.is_foreign(self._document, schema_place, call.answer.json)
        return FOREIGN if is_foreign else ""

    def _note_alike_responses(
        self, place: Pointer, operation: Operation, call: RecordedCall, record: Any
    ) -> Pointer | None:
        """Notes which documented answers are like one with an undocumented status; returns the place of the first."""
        found = None
        for response in operation.responses.values():
            documented = (*self._matcher.place(operation), "responses", response.key)
            if response.schema is not None and self._is_alike(documented, response.schema, call):
                self._observer.note(place, f"as:{response.key}", record)
                found = found or documented
        return found

    def _is_alike(self, response: Pointer, schema: dict[str, Any], call: RecordedCall) -> bool:
        """Whether a body is valid in a documented response, or like it if both are successes or both are errors."""
        if self._validator(schema).is_valid(call.answer.json):
            return True
        place = self._matcher.schema_place(response)
        is_same_class = str(response[-1])[0] == str(call.status)[0]
        has_required = bool(schema_places.required(self._document, schema_places.followed(self._document, place)))
        return is_same_class and has_required and likeness.is_like(self._document, place, call.answer.json)

    def _validator(self, schema: dict[str, Any]) -> Any:
        if id(schema) not in self._validators:
            self._validators[id(schema)] = self._schemas.validator(schema)
        return self._validators[id(schema)]

    def _shortened(self, call: RecordedCall) -> RecordedCall:
        """An unknown call, without bodies after the first ones: a browser's recording is mostly of other things."""
        key = (call.host, call.method, self._matcher.template(self._matcher.inner_path(call.path)))
        self._examples[key] += 1
        if self._examples[key] <= MOST_EXAMPLES and len(call.answer.text or "") <= MOST_EXAMPLE:
            return call
        return replace(call, request=RecordedBody(), answer=RecordedBody(call.answer.media_type))

    def _observe_unknown(self) -> None:
        """Notes calls to paths that the contract does not have, on hosts that have answered as this API."""
        unknown, self._unknown = self._unknown, []
        for call in unknown:
            inner = self._matcher.inner_path(call.path)
            is_here = call.host in self._hosts and inner != ""
            is_answer = call.answer.is_json or (call.answer.text == "" and not call.answer.media_type)
            if not is_here or not is_answer:
                self.set_aside[ELSEWHERE] += 1
            elif call.status >= 400:
                self.set_aside["a path that does not exist"] += 1
            else:
                self.used += 1
                self._observe_new_operation(call, self._matcher.template(inner))

    def _observe_new_operation(self, call: RecordedCall, template: str) -> None:
        """Notes what a description of a new operation needs: its answers, its body and the texts of its keys."""
        place = ("paths", template, call.method.lower())
        self._observer.begin(call.number, f"{call.method} {template}", call.day)
        self._observer.note(place, "operation", ("path", call.path, call.query))
        for name, text in self._matcher.keys(template, self._matcher.inner_path(call.path)).items():
            self._observer.note((*place, "parameters", name), f"kind:{'integer' if text.isdecimal() else 'string'}")
        response = (*place, "responses", str(call.status))
        self._observer.note(response, "answer")
        for part, body in ((response, call.answer), ((*place, "requestBody"), call.request)):
            if body.text and body.json is not BROKEN:
                self._observer.observe((*part, "content", "application/json", "schema"), body.json, ("body", body.text))
