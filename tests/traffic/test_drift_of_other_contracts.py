"""`mockserver drift --patch` with contracts of others: without tags and provenance, in YAML and in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.traffic.conftest import Recorder

SHIP = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
KEY = {"name": "shipId", "in": "path", "required": True, "schema": {"type": "integer"}}
GONE = {"404": {"description": "Gone."}}
CONTRACT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Ships", "version": "1"},
    "paths": {
        "/ships": {
            "get": {
                "operationId": "listShips",
                "responses": {
                    "200": {
                        "description": "All.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Ship"}}
                            }
                        },
                    }
                },
            }
        },
        "/ships/{shipId}": {"get": {"operationId": "getShip", "parameters": [KEY], "responses": GONE}},
    },
    "components": {"schemas": {"Ship": SHIP}},
}
# Path, status, body: a documented call, a new operation, an undocumented status.
CALLS = [("/ships", 200, [{"id": 1}]), ("/ships/1/crew", 200, [{"name": "Ana"}]), ("/ships", 206, {"part": 1})]


def har() -> dict[str, Any]:
    entries = [
        {
            "request": {"method": "GET", "url": f"https://ships.example{path}", "headers": []},
            "response": {
                "status": status,
                "headers": [],
                "content": {"mimeType": "application/json", "text": json.dumps(body)},
            },
        }
        for path, status, body in CALLS * 2
    ]
    return {"log": {"version": "1.2", "entries": entries}}


@pytest.fixture
def file(recorder: Recorder) -> Any:
    return recorder.write(har())


def test_contract_in_yaml__learns_an_operation_and_a_status(recorder: Recorder, file: Any) -> None:
    contract, patch = recorder.folder / "openapi.yaml", recorder.folder / "learned.patch"
    contract.write_text(yaml.safe_dump(CONTRACT, sort_keys=False))
    assert "settles 2 of 2" in recorder.drift(file, "--patch", patch, "--also-documented").stdout
    recorder.apply(patch)
    learned = yaml.safe_load(contract.read_text())
    assert learned["paths"]["/ships/{shipId}/crew"]["get"]["operationId"] == "listShipCrew"
    assert set(learned["components"]["schemas"]) == {"Ship", "ListShipsPartialContent", "ListShipCrewAnswer"}
    assert "x-provenance" not in contract.read_text()
    assert recorder.drift(file).stdout.splitlines()[-1] == "no drift"


def test_contract_in_json__is_left_to_a_person(recorder: Recorder, file: Any) -> None:
    (recorder.folder / "openapi.yaml").write_text(json.dumps(CONTRACT, indent=1))
    result = recorder.drift(file, "--patch", recorder.folder / "learned.patch", "--also-documented")
    assert "an operation is added to contracts in YAML that have some" in result.stdout
    assert "a named schema is added to contracts in YAML that have some" in result.stdout
    assert result.exit_code == 1
