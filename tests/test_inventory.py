"""The contract contains every operation, schema and response in the navigation of the documentation."""

from typing import Any

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


def test_operations__are_as_in_the_navigation() -> None:
    for tag, title, operation_id, method, path, security, errors in ROWS:
        written = DOCUMENT.raw["paths"][path][method.lower()]
        assert (written["operationId"], written["summary"], written["tags"]) == (operation_id, title, [tag])
        assert written["security"] == SECURITY[security], operation_id
        assert set(written["responses"]) == {"200", *errors.split()}, operation_id
        assert written["x-provenance"]["source"], operation_id


def test_contract__has_no_other_operation() -> None:
    assert sorted(operation.id for operation in read_operations(DOCUMENT)) == sorted(row[2] for row in ROWS)


def test_schemas__of_the_navigation_have_their_provenance() -> None:
    for name in [*SCHEMAS.split(), *PROVIDERS.split()]:
        provenance: dict[str, Any] = DOCUMENT.raw["components"]["schemas"][name]["x-provenance"]
        assert provenance["status"] in ("documented", "partly-documented", "inferred"), name
        assert provenance["source"], name


def test_responses__of_errors_have_the_envelope() -> None:
    for name in RESPONSES.split():
        schema = DOCUMENT.at(("components", "responses", name, "content", "application/json", "schema"))
        assert schema["$ref"].endswith("/ErrorResponse" if name == "BadRequest" else "/Error"), name


def test_provider__is_a_variant_of_the_integration_body() -> None:
    variants = DOCUMENT.at(("components", "schemas", "IntegrationInput", "oneOf"))
    assert [variant["$ref"].rsplit("/")[-1] for variant in variants] == PROVIDERS.split()
    ids = [DOCUMENT.resolve(variant)["properties"]["integration"]["enum"] for variant in variants]
    assert ids == [[1], [8], [3], [5], [2], [6], [4], [7]]


# Creations whose record has no operation with its key in the path.
KEYLESS = ("createWorkspace", "createIntegration", "addMemberGroupUsers")


def test_creations__link_to_the_operations_of_their_key() -> None:
    creations = [row[2] for row in ROWS if row[2].startswith(("create", "add")) and row[2] not in KEYLESS]
    for operation in [o for _, _, o in DOCUMENT.operations() if o["operationId"] in creations]:
        links = operation["responses"]["200"]["links"]
        assert all(link["operationId"] == name for name, link in links.items()), operation["operationId"]
        assert any(name.startswith(("get", "remove")) for name in links), operation["operationId"]
