"""Laws on bodies and responses: media types, documented errors, references to shared components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.contract.lint.contract_index import ContractIndex, WrittenOperation
from mockserver.contract.lint.lint_problem import BrokenLaw
from mockserver.contract.operations import JSON


def operations_have_a_response(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation documents at least one response."""
    for operation in contract.operations:
        if not any(not status.startswith("x-") for status in operation.value["responses"]):
            fix = "add the response of success, such as '200'"
            yield BrokenLaw((*operation.pointer, "responses"), f"`{operation.id}` documents no response", fix)


def bodies_have_one_media_type(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every body is `application/json`, and nothing else."""
    for pointer, _, _ in contract.all("mediaType"):
        if pointer[-1] != JSON:
            yield BrokenLaw(pointer, f"the media type `{pointer[-1]}` is another than `{JSON}`", f"write {JSON}")


def errors_are_documented(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Documented are 500 always, 401 with security, 404 with a path key, 400 with a body or a query."""
    for operation in contract.operations:
        for error in _expected_errors(operation, contract.document.raw):
            if error.status not in operation.value["responses"]:
                problem = f"`{operation.id}` {error.reason} and does not document {error.status}"
                fix = f"add '{error.status}': {{$ref: …}} to the shared response"
                yield BrokenLaw((*operation.pointer, "responses"), problem, fix)


def errors_are_shared(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every error is a `$ref` to a shared response."""
    for operation in contract.operations:
        for status, response in operation.value["responses"].items():
            if status[0] in "45d" and "$ref" not in response:
                problem = f"the error {status} of `{operation.id}` is written out"
                fix = "move it to components.responses and refer to it"
                yield BrokenLaw((*operation.pointer, "responses", status), problem, fix)


def successes_are_shared(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The body of a success is a `$ref`, an array of one, or the response itself is a `$ref`."""
    for operation in contract.operations:
        for status, response in operation.value["responses"].items():
            for name, media in response.get("content", {}).items() if status.startswith("2") else ():
                schema = media.get("schema", {})
                if "$ref" not in schema and "$ref" not in schema.get("items", {}):
                    pointer = (*operation.pointer, "responses", status, "content", name)
                    problem = f"the body of `{operation.id}` is described in place"
                    yield BrokenLaw(pointer, problem, "move it to components.schemas and refer to it")


class _ExpectedError(NamedTuple):
    """An error that an operation must document."""

    status: str
    reason: str


def _expected_errors(operation: WrittenOperation, raw: dict[str, Any]) -> Iterator[_ExpectedError]:
    places = {parameter["in"] for _, parameter in operation.parameters}
    if operation.value.get("security", raw.get("security")):
        yield _ExpectedError("401", "is secured")
    if "path" in places:
        yield _ExpectedError("404", "has a path key")
    if "query" in places or "requestBody" in operation.value:
        yield _ExpectedError("400", "takes a body or a query")
    yield _ExpectedError("500", "may fail")
