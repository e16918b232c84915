"""Classification of failed checks: the side that has to change, the severity, and the words of the finding."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from schemathesis.core.failures import MalformedJson

from mockserver.contract.document import Pointer, pointer_text
from mockserver.contract.operations import Operation
from mockserver.judging.schema_places import followed
from mockserver.verify.engine import FailedCheck
from mockserver.verify.judging import assertions, contract_places, provenance
from mockserver.verify.judging.reproductions import Expectation
from mockserver.verify.judging.schema_words import describe_schema_failure
from mockserver.verify.probe import BrokenPromise
from mockserver.verify.received import Received
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.results import Finding, Meaning, Provenance, Severity, Trouble
from mockserver.verify.watching.exchange_log import SentRequest
from mockserver.verify.watching.trouble_log import SHARE_OF_OPERATION, SHARE_OF_RUN

# Only these checks depend on a part of the contract that may be inferred; all others hold for every API.
DEPEND_ON_PROVENANCE = ("response_schema_conformance", "status_code_conformance", "response_headers_conformance")
MALFORMED_JSON = MalformedJson.kind_title
# A list whose pages are cut wrongly breaks several of them.
OF_PAGES = ("pages_have_no_gap_and_no_repeat", "page_keeps_its_limit", "page_is_full", "sorted_list_is_whole")
LONGEST_TEXT, LONGEST_SCHEMA, LONGEST_DETAILS = 400, 300, 2000
_SCHEMA = re.compile(r"\n\nSchema[^\n]*:\n\n(.*?)\n\nValue:", re.S)


class FindingClassifier:
    """Turns failed checks into findings about one contract. `keys` are those of the run by their names."""

    def __init__(self, contract: Contract, target: str, seed: int, redactor: Redactor, keys: Mapping[str, str]) -> None:
        self._contract, self._seed, self._redactor, self._keys = contract, seed, redactor, keys
        self._prefix = urlsplit(target).path
        self.expectations: dict[str, Expectation] = {}  # by the identity of the finding

    def of_broken_promise(self, broken: BrokenPromise) -> Finding:
        """Classifies a promise of our own checks: lost data, open access or a leak is a fault whatever the contract
        guesses about shapes."""
        operation = self._contract.by_id[broken.operation]
        request, status = broken.response.request, broken.response.status
        place, cause = self._place_and_cause(operation, broken)
        finding = Finding(
            operation=operation.id,
            promise=broken.promise,
            meaning=Meaning.LEARN if broken.is_guess else Meaning.BROKEN,
            severity=Severity.NOTE if broken.is_guess else Severity.ERROR,
            received=broken.received,
            documented=broken.documented,
            title=_title_of(broken.promise),
            contract=self._describe(place),
            request=request.number,
            status=status,
            cause=self._wrong_error(request, status) or cause,
            operation_provenance=provenance.of_operation(self._contract, operation),
            curl=broken.response.request.curl(self._keys),
            seed=self._seed,
        )
        self.expectations.setdefault(finding.identity, broken.expectation)
        return finding

    def of_failed_check(self, failed: FailedCheck) -> Finding:
        """Classifies a failure of one of Schemathesis' checks."""
        operation = self._operation(failed)
        name = operation.id if operation else failed.operation
        certainty = provenance.of_operation(self._contract, operation) if operation else Provenance()
        member = self._member_provenance(operation, failed) if operation else None
        is_body = operation is not None and failed.check == "response_schema_conformance"
        whole = provenance.of_body(self._contract, operation) if operation and is_body else certainty
        is_certain = _is_certain(failed, member or whole)
        received, documented = describe_failure(failed)
        place = contract_places.place_of_failure(self._contract, operation, failed) if operation else ()
        in_words = self._in_words(operation, failed) if operation else None
        finding = Finding(
            operation=name,
            promise=failed.check,
            meaning=Meaning.BROKEN if is_certain else Meaning.LEARN,
            severity=Severity.ERROR if is_certain else Severity.WARNING,
            received=in_words[0] if in_words else received,
            documented=in_words[1] if in_words else documented,
            title=failed.title,
            location=_location(failed),
            contract=self._describe(place),
            request=failed.request.number,
            status=failed.status,
            details=_details(failed),
            cause=self._wrong_error(failed.request, failed.status) or self._shared_schema(operation, failed, place)
            if operation
            else "",
            operation_provenance=certainty,
            property_provenance=member,
            curl=failed.request.curl(self._keys),
            seed=self._seed,
        )
        self.expectations.setdefault(finding.identity, _expectation(operation, failed))
        return finding

    def of_silence(self, operation: Operation, trouble: Trouble, request: SentRequest) -> Finding:
        """Returns the finding for an operation that never answers, while others do."""
        shown = BrokenPromise(
            operation.id, "operation_answers", trouble.share, "an answer", Received(0, request=request)
        )
        return self.of_broken_promise(shown)

    def of_trouble(self, trouble: Trouble) -> Finding:
        """Returns the finding for a run, or for one of its operations, with too much trouble on the way."""
        share = SHARE_OF_OPERATION if trouble.operation else SHARE_OF_RUN
        limit = f"trouble on the way in at most {share:.0%} of the requests"
        advice = "; a lower --rate may help" if "429" in trouble.kinds else ""
        finding = replace(self.environment(trouble.share, limit + advice), operation=trouble.operation)
        return replace(finding, promise="trouble_is_rare", title=_title_of("trouble_is_rare"), curl=trouble.curl)

    def environment(self, received: str, documented: str) -> Finding:
        """Returns the finding for a target that cannot be tested."""
        promise = "target_can_be_tested"
        return Finding("", promise, Meaning.ENVIRONMENT, Severity.ERROR, received, documented, title=_title_of(promise))

    def _operation(self, failed: FailedCheck) -> Operation | None:
        # The label of a stateful scenario names no operation; its failed request does.
        return self._contract.by_label.get(failed.operation) or self._operation_of(failed.request)

    def _operation_of(self, request: SentRequest) -> Operation | None:
        path = urlsplit(request.url).path.removeprefix(self._prefix)
        return self._contract.match(request.method, path)

    def _describe(self, place: Pointer) -> str:
        return contract_places.describe_place(self._contract.document, place) if place else ""

    def _wrong_error(self, request: SentRequest, status: int) -> str:
        """Names the cause of all faults that a server error or an undocumented refusal shows, whoever notices them."""
        operation = self._operation_of(request) if status >= 400 else None
        if operation is None or (status < 500 and operation.find_response(status)):
            return ""
        return f"a server error of {operation.id}" if status >= 500 else f"{status} of {operation.id}"

    def _place_and_cause(self, operation: Operation, broken: BrokenPromise) -> tuple[Pointer, str]:
        """Returns the place of a promise, and the cause of a fault that several findings show."""
        if broken.promise == "members_are_declared":
            place = contract_places.place_of_rows(self._contract, operation, broken.response.status)
            is_inner = "." in broken.received  # a member of an object within
            return place, "" if is_inner else _names_of(place)
        place = contract_places.place_of_promise(self._contract, operation, broken.promise, broken.member)
        if broken.promise in OF_PAGES:
            return place, f"pages of {operation.id}"
        # A key that is not checked.
        return place, f"keys: {broken.promise}" if place[-1:] == ("security",) else ""

    def _shared_schema(self, operation: Operation, failed: FailedCheck, place: Pointer) -> str:
        """Names the cause of a fault in a schema that several operations refer to."""
        if failed.check != "response_schema_conformance" or not contract_places.is_shared(place):
            return ""
        if not failed.missing:
            return f"{failed.keyword} of {pointer_text(place).removeprefix('#')}"
        document = self._contract.document
        owner = provenance.locate(document, operation, failed.status, failed.pointer)
        return _names_of(followed(document, owner))

    def _in_words(self, operation: Operation, failed: FailedCheck) -> tuple[str, str] | None:
        """Describes a failure of a schema, member by member; None for other failures."""
        if failed.check not in ("response_schema_conformance", "response_headers_conformance"):
            return None
        document = self._contract.document
        schema = document.at(provenance.locate(document, operation, failed.status, failed.pointer))
        return describe_schema_failure(failed, document, schema)

    def _member_provenance(self, operation: Operation, failed: FailedCheck) -> Provenance | None:
        if failed.check != "response_schema_conformance":
            return None
        response = operation.responses.get(failed.status) or operation.success
        return provenance.of_member(self._contract.document, response.schema, failed.pointer)


# Keywords that the assertion `conforms` knows.
_KEYWORDS = {"type", "enum", "required", "pattern", "format", "anyOf", "oneOf", "not"}
_KEYWORDS |= {f"{limit}{what}" for limit in ("min", "max") for what in ("imum", "Length", "Items")}
_NOT_AN_ERROR = ("1xx", "2xx", "3xx", "4xx")


def _expectation(operation: Operation | None, failed: FailedCheck) -> Expectation:
    """Returns the promise of a check of Schemathesis as an assertion about the answer to its request."""
    if failed.title == MALFORMED_JSON:
        return Expectation(assertions.is_json, failed.request, is_general=True)
    if failed.check == "not_a_server_error":
        return Expectation(assertions.has_status, failed.request, _NOT_AN_ERROR, is_general=True)
    if failed.check == "status_code_conformance" and operation:
        return Expectation(assertions.has_status, failed.request, tuple(map(str, operation.responses)), is_general=True)
    if failed.statuses:
        return Expectation(assertions.has_status, failed.request, failed.statuses, is_general=True)
    if failed.media_types:
        pattern = "|".join(map(re.escape, failed.media_types))
        return Expectation(assertions.has_header, failed.request, ("content-type", pattern), is_general=True)
    if failed.check == "response_schema_conformance" and failed.keywords and _is_known(failed.keywords):
        path = tuple("*" if isinstance(step, int) else step for step in failed.pointer)
        return Expectation(assertions.conforms_at, failed.request, (path, failed.keywords), is_general=True)
    return Expectation(gap="an assertion cannot express this check of Schemathesis")


def _is_known(schema: Any) -> bool:
    """True if a schema has only keywords of which `conforms` knows the meaning, or texts for people."""
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *([schema["not"]] if "not" in schema else [])]
    names = {name for name in schema if name not in ("description", "title", "example") and not name.startswith("x-")}
    is_format_known = schema.get("format", "email") in ("email", "uri", "ipv4", "date", "date-time")
    return is_format_known and names <= _KEYWORDS and all(isinstance(part, dict) and _is_known(part) for part in parts)


def _is_certain(failed: FailedCheck, decisive: Provenance) -> bool:
    """True if the target is at fault, false if an inferred part of the contract may be."""
    is_universal = failed.check not in DEPEND_ON_PROVENANCE or failed.title == MALFORMED_JSON
    return is_universal or decisive.status in provenance.CERTAIN


def describe_failure(failed: FailedCheck) -> tuple[str, str]:
    """Returns what was received and what is documented, from a message with lines like `Received: …`."""
    if failed.check == "not_a_server_error":
        return str(failed.status), "no server error, whatever is sent"
    if failed.title == MALFORMED_JSON:
        return "a body that is not JSON", "JSON, as its content-type says"
    lines = [line.partition(":") for line in failed.message.splitlines()]
    values = {name.lower(): text.strip() for name, _, text in reversed(lines)}  # the first of a name wins
    if failed.check == "negative_data_rejection":
        what = values.get("invalid component") or "what the contract forbids"
        return f"{failed.status} for {what}", "a refusal: the contract forbids it"
    if "expected" in values:
        return f"{failed.status}, {failed.title[:1].lower()}{failed.title[1:]}", values["expected"]
    where = f" at /{'/'.join(map(str, failed.pointer))}" if failed.pointer else ""
    received = values.get("received", (_first_paragraph(failed.message) or failed.title) + where)
    schema = _SCHEMA.search(failed.message)
    by_schema = " ".join(schema[1].split())[:LONGEST_SCHEMA] if schema else failed.title
    return received, values.get("documented", by_schema)


def _title_of(promise: str) -> str:
    """Returns the name of a promise as words, for people."""
    return promise.replace("_", " ")


def _names_of(place: Pointer) -> str:
    """Names the cause of missing and undeclared members of a shared schema: a renamed member is both."""
    return f"members of {pointer_text(place).removeprefix('#')}" if contract_places.is_shared(place) else ""


def _details(failed: FailedCheck) -> str:
    """Returns the schema that a response contradicts."""
    return json.dumps(failed.schema, indent=1, ensure_ascii=False)[:LONGEST_DETAILS] if failed.schema else ""


def _first_paragraph(message: str) -> str:
    """The first paragraph; the next ones quote bodies, and a report contains no more of a body than it needs."""
    return message.strip().partition("\n\n")[0][:LONGEST_TEXT]


def _location(failed: FailedCheck) -> str:
    """The JSON pointer with `*` for every row, so that the same fault of two rows is one finding."""
    steps = ["*" if isinstance(step, int) else step for step in failed.pointer]
    return "/" + "/".join(steps) if steps else ""
