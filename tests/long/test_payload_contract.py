"""Generated answers of the shipped contract, for many seeds."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import Document, load_document
from mockserver.payloads import Payloads, load_vocabulary
from tests.payloads.builders import IndependentValidator

ROOT = Path(__file__).parents[2]
SEEDS = range(int(os.environ.get("PAYLOAD_SEEDS", "200")))
DOCUMENT = load_document(ROOT / "openapi.yaml")
PAYLOADS = Payloads(DOCUMENT, load_vocabulary(ROOT / "fixtures" / "vocabulary.yaml"))


def answers(document: Document) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yields name, status and schema of each documented answer, without duplicates."""
    seen = set()
    for _, _, operation in document.operations():
        for status, response in operation["responses"].items():
            for media in document.resolve(response).get("content", {}).values():
                text = json.dumps([status, media["schema"]])
                if text not in seen:
                    seen.add(text)
                    yield f"{operation['operationId']} {status}", int(status), media["schema"]


ANSWERS = list(answers(DOCUMENT))


def test_answers__are_all_looked_at() -> None:
    assert len(ANSWERS) > 40
    assert {status for _, status, _ in ANSWERS} == {200, 400, 401, 403, 404, 500}


@pytest.mark.parametrize(("name", "status", "schema"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
def test_answer__is_valid_without_secrets_and_placeholder_text(name: str, status: int, schema: dict[str, Any]) -> None:
    generate = PAYLOADS.generator(schema)
    validator = IndependentValidator(schema, DOCUMENT.raw["components"]["schemas"])
    values = [generate(seed, rows=3, status=status) for seed in SEEDS]
    assert [fault for value in values for fault in validator.faults(value)] == []
    text = json.dumps(values).lower()
    assert not [word for word in ("lorem", "ipsum", "xxxx", 'api_key": "sg.', "writeonly") if word in text]


def test_members__of_a_list_are_different_people() -> None:
    generate = PAYLOADS.generator(
        DOCUMENT.at(("paths", "/ws/members", "get"))["responses"]["200"]["content"]["application/json"]["schema"]
    )
    emails = [[row["email"] for row in generate(seed, rows=20)] for seed in range(20)]
    assert sum(20 - len(set(some)) for some in emails) <= 2


def test_item__takes_one_row_of_the_vocabulary() -> None:
    generate = PAYLOADS.generator({"$ref": "#/components/schemas/Item"})
    pairs = {(value["item_type"]["name"], value["item_type"]["slug"]) for value in map(generate, range(200))}
    assert pairs == {
        ("Contratos", "contratos"),
        ("Clientes", "clientes"),
        ("Fornecedores", "fornecedores"),
        ("Compras", "compras"),
        ("Colaboradores", "colaboradores"),
        ("Chamados", "chamados"),
    }
