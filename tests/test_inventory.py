"""The contract holds everything that the documentation's navigation names, with the right titles and security."""

from typing import Any

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from tests.navigation import OPERATIONS, PROVIDERS, RESPONSES, SCHEMAS

DOCUMENT = load_document(Settings().spec)
ROWS = [tuple(cell.strip() for cell in row.split(" | ")) for row in OPERATIONS.strip().splitlines()]
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "both": [{"ApiKeyAuth": [], "WorkspaceAuth": []}],
    "key": [{"ApiKeyAuth": []}],
    "either": [{"ApiKeyAuth": []}, {"BearerAuth": []}],
}


def test_navigation__is_whole() -> None:
    assert len(ROWS) == 68
    assert len(SCHEMAS.split()) == 34
    assert len(RESPONSES.split()) == 5
    assert len(PROVIDERS.split()) == 8


@pytest.mark.parametrize("row", ROWS, ids=[row[2] for row in ROWS])
def test_operation__is_as_the_navigation_says(row: tuple[str, ...]) -> None:
    tag, title, operation_id, method, path, security, errors = row
    written = DOCUMENT.raw["paths"][path][method.lower()]
    assert (written["operationId"], written["summary"], written["tags"]) == (operation_id, title, [tag])
    assert written["security"] == SECURITY[security]
    assert set(written["responses"]) == {"200", *errors.split()}
    assert written["x-provenance"]["source"]


def test_contract__has_no_other_operation() -> None:
    assert sorted(operation.id for operation in read_operations(DOCUMENT)) == sorted(row[2] for row in ROWS)


@pytest.mark.parametrize("name", [*SCHEMAS.split(), *PROVIDERS.split()])
def test_schema__is_there_with_its_provenance(name: str) -> None:
    provenance: dict[str, Any] = DOCUMENT.raw["components"]["schemas"][name]["x-provenance"]
    assert provenance["status"] in ("documented", "partly-documented", "inferred")
    assert provenance["source"]


@pytest.mark.parametrize("name", RESPONSES.split())
def test_response__has_the_envelope(name: str) -> None:
    schema = DOCUMENT.at(("components", "responses", name, "content", "application/json", "schema"))
    assert schema["$ref"].endswith("/ErrorResponse" if name == "BadRequest" else "/Error")


def test_provider__is_a_variant_of_the_integration_body() -> None:
    variants = DOCUMENT.at(("components", "schemas", "IntegrationInput", "oneOf"))
    assert [variant["$ref"].rsplit("/")[-1] for variant in variants] == PROVIDERS.split()
    ids = [DOCUMENT.resolve(variant)["properties"]["integration"]["enum"] for variant in variants]
    assert ids == [[1], [8], [3], [5], [2], [6], [4], [7]]


# No operation has the key of these in its path.
KEYLESS = ("createWorkspace", "createIntegration", "addMemberGroupUsers")


@pytest.mark.parametrize(
    "creation", [row[2] for row in ROWS if row[2].startswith(("create", "add")) and row[2] not in KEYLESS]
)
def test_creation__links_to_the_operations_of_its_key(creation: str) -> None:
    operation = next(o for _, _, o in DOCUMENT.operations() if o["operationId"] == creation)
    links = operation["responses"]["200"]["links"]
    assert all(link["operationId"] == name for name, link in links.items())
    assert any(name.startswith(("get", "remove")) for name in links)
