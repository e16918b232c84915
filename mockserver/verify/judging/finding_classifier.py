"""Classification of failed checks: the side that has to change, the severity, and the words of the finding."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from schemathesis.core.failures import MalformedJson

from mockserver.contract.operations import Operation
from mockserver.verify.engine import EngineError, FailedCheck
from mockserver.verify.judging import assertions, provenance
from mockserver.verify.judging.reproductions import Expectation
from mockserver.verify.probe import BrokenPromise
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.results import Finding, Meaning, Provenance, Severity

# Only these checks depend on a part of the contract that may be inferred; all others hold for every API.
DEPEND_ON_PROVENANCE = ("response_schema_conformance", "status_code_conformance", "response_headers_conformance")
MALFORMED_JSON = MalformedJson.kind_title
LONGEST_TEXT, LONGEST_SCHEMA = 400, 300
_SCHEMA = re.compile(r"\n\nSchema[^\n]*:\n\n(.*?)\n\nValue:", re.S)


class FindingClassifier:
    """Turns failed checks into findings about one contract."""

    def __init__(self, contract: Contract, target: str, seed: int, redactor: Redactor) -> None:
        self._contract, self._seed, self._redactor = contract, seed, redactor
        self._prefix = urlsplit(target).path.rstrip("/")
        self.expectations: dict[str, Expectation] = {}  # by the identity of the finding

    def of_broken_promise(self, broken: BrokenPromise) -> Finding:
        """Classifies a promise of our own checks: lost data, open access or a leak is a fault whatever the contract
        guesses about shapes."""
        operation = self._contract.by_id[broken.operation]
        finding = Finding(
            operation=operation.id,
            promise=broken.promise,
            meaning=Meaning.LEARN if broken.is_guess else Meaning.BROKEN,
            severity=Severity.NOTE if broken.is_guess else Severity.ERROR,
            received=broken.received,
            documented=broken.documented,
            title=broken.promise.replace("_", " "),
            operation_provenance=provenance.of_operation(self._contract, operation),
            curl=broken.response.request.curl(),
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
        is_certain = _is_certain(failed, member or certainty)
        received, documented = describe_failure(failed)
        finding = Finding(
            operation=name,
            promise=failed.check,
            meaning=Meaning.BROKEN if is_certain else Meaning.LEARN,
            severity=Severity.ERROR if is_certain else Severity.WARNING,
            received=received,
            documented=documented,
            title=failed.title,
            location=_location(failed),
            operation_provenance=certainty,
            property_provenance=member,
            curl=failed.request.curl(),
            seed=self._seed,
        )
        self.expectations.setdefault(finding.identity, _expectation(operation, failed))
        return finding

    def of_engine_error(self, error: EngineError) -> Finding | None:
        """Classifies a lost connection as a broken promise; None for what Schemathesis itself cannot test."""
        if "connection" not in error.title.lower() and "network" not in error.title.lower():
            return None
        operation = self._contract.by_label.get(error.operation)
        return Finding(
            operation=operation.id if operation else "",
            promise="answers_arrive",
            meaning=Meaning.BROKEN,
            severity=Severity.ERROR,
            received=_first_paragraph(error.message) or error.title,
            documented="a response",
            title=error.title,
            seed=self._seed,
        )

    def environment(self, received: str, documented: str) -> Finding:
        """Returns the finding for a target that cannot be tested."""
        return Finding("", "target_can_be_tested", Meaning.ENVIRONMENT, Severity.ERROR, received, documented)

    def _operation(self, failed: FailedCheck) -> Operation | None:
        # The label of a stateful scenario names no operation; its failed request does.
        path = urlsplit(failed.request.url).path.removeprefix(self._prefix)
        return self._contract.by_label.get(failed.operation) or self._contract.match(failed.request.method, path)

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
    if "expected" in values:
        return f"{failed.status}, {failed.title[:1].lower()}{failed.title[1:]}", values["expected"]
    where = f" at /{'/'.join(map(str, failed.pointer))}" if failed.pointer else ""
    received = values.get("received", (_first_paragraph(failed.message) or failed.title) + where)
    schema = _SCHEMA.search(failed.message)
    by_schema = " ".join(schema[1].split())[:LONGEST_SCHEMA] if schema else failed.title
    return received, values.get("documented", by_schema)


def _first_paragraph(message: str) -> str:
    """The first paragraph; the next ones quote bodies, and a report contains no more of a body than it needs."""
    return message.strip().partition("\n\n")[0][:LONGEST_TEXT]


def _location(failed: FailedCheck) -> str:
    """The JSON pointer with `*` for every row, so that the same fault of two rows is one finding."""
    steps = ["*" if isinstance(step, int) else step for step in failed.pointer]
    return "/" + "/".join(steps) if steps else ""
