"""From a failed check to a finding: whose fault it is, how much it matters, and how to see it again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from schemathesis.core.failures import MalformedJson

from mockserver.contract.operations import Operation
from mockserver.verify.engine import Failed, Trouble
from mockserver.verify.judging import provenance
from mockserver.verify.judging.proposals import Diff, Lesson, proposal
from mockserver.verify.probe import Violation
from mockserver.verify.redaction import Redactor
from mockserver.verify.resources import Contract
from mockserver.verify.results import Finding, Meaning, Provenance, Severity

# Promises that hold for every HTTP API or that the page `auth` documents for all operations.
ALWAYS = ("not_a_server_error", "content_type_conformance", "unsupported_method", "allow_header_conformance")
OF_THE_CONTRACT = ("response_schema_conformance", "status_code_conformance", "response_headers_conformance")
NO_JSON = MalformedJson.kind_title
_OWN_HEADERS = ("content-type", "accept", "x-api-key", "en-workspace", "prefer")
_VARIABLES = {"x-api-key": "$ENSPACE_API_KEY", "authorization": "$ENSPACE_AUTHORIZATION"}
_WORDS = re.compile(r"\w+")
_SCHEMA = re.compile(r"\n\nSchema[^\n]*:\n\n(.*?)\n\nValue:", re.S)


class Judge:
    """Turns what failed into findings of one contract and one seed."""

    def __init__(self, contract: Contract, target: str, seed: int, redactor: Redactor) -> None:
        self._contract, self._seed, self._redactor = contract, seed, redactor
        self._proposals: dict[Any, str] = {}
        self._prefix = urlsplit(target).path.rstrip("/")

    def of_violation(self, violation: Violation) -> Finding:
        """A promise of our own checks. It is as sure as its operation, unless it always holds."""
        operation = self._contract.by_id[violation.operation]
        told = provenance.of_operation(self._contract, operation)
        is_sure = violation.always or told.status in provenance.SURE
        answer, status = violation.answer, violation.answer.status or operation.success.status
        return Finding(
            operation=operation.id,
            promise=violation.promise,
            meaning=Meaning.BROKEN if is_sure else Meaning.LEARN,
            severity=Severity.ERROR if is_sure else Severity.WARNING,
            received=violation.received,
            documented=violation.documented,
            title=violation.promise.replace("_", " "),
            operation_provenance=told,
            curl=curl(answer.method, answer.url, answer.sent_headers, answer.sent_body),
            reproduce=reproduction(operation.id, violation.promise, answer, violation.documented),
            proposal="" if is_sure else self._proposal(Lesson(operation, status, (), "", violation.received)),
            seed=self._seed,
        )

    def of_failure(self, failed: Failed) -> Finding:
        """A failure of one of Schemathesis' checks."""
        operation = self._operation(failed)
        told = provenance.of_operation(self._contract, operation) if operation else Provenance()
        status = failed.status
        member = self._member(operation, status, failed) if operation else None
        decisive = told if member is None else member
        is_sure = failed.check not in OF_THE_CONTRACT or decisive.status in provenance.SURE
        is_sure = is_sure or failed.check in ALWAYS or failed.title == NO_JSON
        received, documented = _texts(failed)
        keyword = (_WORDS.findall(failed.schema_path) or [""])[-1]
        return Finding(
            operation=operation.id if operation else failed.operation,
            promise=failed.check,
            meaning=Meaning.BROKEN if is_sure else Meaning.LEARN,
            severity=Severity.ERROR if is_sure else Severity.WARNING,
            received=received,
            documented=documented,
            title=failed.title,
            location=_location(failed),
            operation_provenance=told,
            property_provenance=member,
            curl=curl(failed.method, failed.url, failed.headers, failed.body),
            reproduce=_failed_reproduction(failed, operation.id if operation else failed.operation),
            proposal=self._proposal(Lesson(operation, status, _alike(failed.pointer), keyword, received))
            if operation and not is_sure
            else "",
            seed=self._seed,
        )

    def of_trouble(self, trouble: Trouble) -> Finding | None:
        """A lost connection is told of the operation; what Schemathesis cannot test is no finding."""
        if "connection" not in trouble.title.lower() and "network" not in trouble.title.lower():
            return None
        operation = self._contract.by_label.get(trouble.operation)
        return Finding(
            operation=operation.id if operation else "",
            promise="answers_arrive",
            meaning=Meaning.BROKEN,
            severity=Severity.ERROR,
            received=_short(trouble.message) or trouble.title,
            documented="an answer",
            title=trouble.title,
            seed=self._seed,
        )

    def environment(self, received: str, documented: str) -> Finding:
        """The target could not be judged."""
        return Finding("", "target_can_be_tested", Meaning.ENVIRONMENT, Severity.ERROR, received, documented)

    def _operation(self, failed: Failed) -> Operation | None:
        # A sequence of calls is labelled as such; the request that failed tells the operation.
        by_label = self._contract.by_label.get(failed.operation)
        return by_label or self._contract.at(failed.method, urlsplit(failed.url).path.removeprefix(self._prefix))

    def _member(self, operation: Operation, status: int, failed: Failed) -> Provenance | None:
        if failed.check != "response_schema_conformance":
            return None
        response = operation.responses.get(status) or operation.success
        return provenance.of_member(self._contract.document, response.schema, failed.pointer)

    def _proposal(self, lesson: Lesson) -> str:
        """Made once: one fault is found in many answers, and a contract is long."""
        told = replace(lesson, received=self._redactor.text(lesson.received))
        place = (lesson.operation.id, lesson.status, lesson.pointer, told.received)
        if place not in self._proposals:
            made = proposal(self._contract.document, told)
            self._proposals[place] = Diff(self._redactor.known(made))
        return self._proposals[place]


def _texts(failed: Failed) -> tuple[str, str]:
    """What was received and what is documented, out of a message that reads `Received: …` and `Documented: …`."""
    if failed.check == "not_a_server_error":
        return str(failed.status), "no failure of the server, whatever is sent"
    if failed.title == NO_JSON:
        return "a body that is not JSON", "JSON, as its content-type says"
    lines = [line.partition(":") for line in failed.message.splitlines()]
    told = [(name.lower(), text.strip()) for name, _, text in lines]
    received = [text for name, text in told if name == "received"]
    documented = [text for name, text in told if name == "documented"]
    if expected := [text for name, text in told if name == "expected"]:
        return f"{failed.status}, {failed.title[:1].lower()}{failed.title[1:]}", expected[0]
    first = _short(failed.message) or failed.title
    schema = _SCHEMA.search(failed.message)
    documented += [" ".join(schema[1].split())[:300]] if schema else []
    where = f" at /{'/'.join(map(str, failed.pointer))}" if failed.pointer else ""
    return (received[0] if received else first + where), (documented[0] if documented else failed.title)


def _short(message: str) -> str:
    """The first paragraph; what follows quotes bodies, and a body is kept only as far as a finding needs it."""
    return message.strip().partition("\n\n")[0][:400]


def _alike(pointer: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The same place for all rows."""
    return tuple(0 if isinstance(step, int) else step for step in pointer)


def _location(failed: Failed) -> str:
    """A pointer in which rows are all alike, so that the same fault of two rows is one finding."""
    steps = ["*" if isinstance(step, int) else step for step in failed.pointer]
    return "/" + "/".join(steps) if steps else ""


def curl(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> str:
    """The request as a command; credentials are variables, and only what matters is sent."""
    if not url:
        return ""
    parts = ["curl", "-X", method, shlex.quote(url)]
    for name, value in headers.items():
        if name.lower() in _VARIABLES:
            parts += ["-H", f'"{name}: {_VARIABLES[name.lower()]}"']
        elif name.lower() in _OWN_HEADERS:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if body:
        parts += ["--data-binary", shlex.quote(body.decode("utf-8", "replace")[:2000])]
    return " ".join(parts)


def reproduction(operation: str, promise: str, answer: Any, documented: str) -> str:
    """A pytest file that sends the request again."""
    if not answer.url:
        return ""
    expectation = f"    assert False, {json.dumps(f'look at the answer; documented: {documented}')}  # {answer.status}"
    return _test(operation, promise, answer.method, answer.url, answer.sent_headers, answer.sent_body, expectation)


def _failed_reproduction(failed: Failed, operation: str) -> str:
    expectation = "    assert answer.status_code < 500, answer.text"
    if failed.check == "status_code_conformance":
        expectation = f"    assert answer.status_code != {failed.status}, answer.text"
    return _test(operation, failed.check, failed.method, failed.url, failed.headers, failed.body, expectation)


def _test(
    operation: str, promise: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None, expect: str
) -> str:
    parts = urlsplit(url)
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    own = {n: v for n, v in headers.items() if n.lower() in _OWN_HEADERS and n.lower() not in _VARIABLES}
    name = re.sub(r"\W+", "_", f"{operation}_{promise}").lower()
    sent = f", content={body[:2000]!r}" if body else ""
    key = 'HEADERS["x-api-key"] = os.getenv("ENSPACE_API_KEY", "")\n' if "x-api-key" in _lower(headers) else ""
    return (
        f'"""{operation}: {promise}. Needs ENSPACE_API_URL and ENSPACE_API_KEY."""\n\n'
        f"import os\n\nimport httpx\n\nHEADERS = {own!r}\n{key}\n\n"
        f"def test_{name}() -> None:\n"
        f'    url = os.getenv("ENSPACE_API_URL", "") + {place!r}\n'
        f"    answer = httpx.request({method!r}, url, headers=HEADERS{sent})\n{expect}\n"
    )


def _lower(headers: Mapping[str, str]) -> set[str]:
    return {name.lower() for name in headers}


def file_name(finding: Finding) -> str:
    """The name of the pytest file of a finding."""
    return "test_" + re.sub(r"\W+", "_", finding.identity).strip("_").lower() + ".py"
