"""Laws on bodies and answers: media types, documented errors, references to shared parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.lint.problem import Breach
from mockserver.contract.lint.survey import Survey, WrittenOperation
from mockserver.contract.operations import JSON


def operations_have_a_response(survey: Survey) -> Iterator[Breach]:
    """Every operation documents at least one answer."""
    for operation in survey.operations:
        if not any(not status.startswith("x-") for status in operation.value["responses"]):
            mend = "add the answer of success, such as '200'"
            yield Breach((*operation.pointer, "responses"), f"`{operation.id}` documents no answer", mend)


def bodies_have_one_media_type(survey: Survey) -> Iterator[Breach]:
    """Every body is `application/json`, and nothing else."""
    for pointer, _, _ in survey.all("mediaType"):
        if pointer[-1] != JSON:
            yield Breach(pointer, f"the media type `{pointer[-1]}` is another than `{JSON}`", f"write {JSON}")


def errors_are_documented(survey: Survey) -> Iterator[Breach]:
    """Documented are 500 always, 401 with security, 404 with a path key, 400 with a body or a query."""
    for operation in survey.operations:
        for status, reason in _errors(operation, survey.document.raw):
            if status not in operation.value["responses"]:
                problem = f"`{operation.id}` {reason} and does not document {status}"
                mend = f"add '{status}': {{$ref: …}} to the shared answer"
                yield Breach((*operation.pointer, "responses"), problem, mend)


def errors_are_shared(survey: Survey) -> Iterator[Breach]:
    """Every error is a `$ref` to a shared answer."""
    for operation in survey.operations:
        for status, response in operation.value["responses"].items():
            if status[0] in "45d" and "$ref" not in response:
                problem = f"the error {status} of `{operation.id}` is written out"
                mend = "move it to components.responses and refer to it"
                yield Breach((*operation.pointer, "responses", status), problem, mend)


def successes_are_shared(survey: Survey) -> Iterator[Breach]:
    """The body of a success is a `$ref`, an array of one, or the answer itself is a `$ref`."""
    for operation in survey.operations:
        for status, response in operation.value["responses"].items():
            for name, media in response.get("content", {}).items() if status.startswith("2") else ():
                schema = media.get("schema", {})
                if "$ref" not in schema and "$ref" not in schema.get("items", {}):
                    pointer = (*operation.pointer, "responses", status, "content", name)
                    problem = f"the body of `{operation.id}` is described in place"
                    yield Breach(pointer, problem, "move it to components.schemas and refer to it")


def _errors(operation: WrittenOperation, raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    places = {parameter["in"] for _, parameter in operation.parameters}
    if operation.value.get("security", raw.get("security")):
        yield "401", "is secured"
    if "path" in places:
        yield "404", "has a path key"
    if "query" in places or "requestBody" in operation.value:
        yield "400", "takes a body or a query"
    yield "500", "may fail"
