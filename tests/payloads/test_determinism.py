"""Determinism of payloads: the value depends on the seed alone, not on order, process or other random numbers."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import Settings, create_app
from mockserver.contract.document import load_document
from mockserver.payloads import Payloads, load_vocabulary
from mockserver.payloads.fakers import Fakers
from tests.asgi_client import AsgiClient
from tests.conftest import HEADERS
from tests.payloads.builders import generator_for, record

ROOT = Path(__file__).parents[2]
NAMES = ("Item", "Member", "Tasks", "Workspace", "WorkspaceStats", "UserApiKey", "RequestLog")
# Patterns and formats that the contract does not use, but whose libraries keep characters in sets.
OWN = record(
    a={"type": "string", "pattern": "^[^a-z]{3}\\W\\S[^0-9]+$"},
    b={"type": "array", "uniqueItems": True, "items": {"type": "string"}, "minItems": 4},
    cnpj={"type": "string"},
    d={"type": "number"},
)


def payloads() -> Payloads:
    vocabulary = load_vocabulary(ROOT / "fixtures" / "vocabulary.yaml")
    return Payloads(load_document(ROOT / "openapi.yaml"), vocabulary)


def some_values() -> str:
    made = payloads()
    links = [{"$ref": f"#/components/schemas/{name}"} for name in NAMES]
    values = [made.generator(link)(seed) for link in links for seed in range(5)]
    return json.dumps([values, [generator_for(OWN)(seed) for seed in range(5)]], sort_keys=True)


def some_answers() -> str:
    """Returns answers of a server without state, which choose their seeds from the request."""
    client = AsgiClient(create_app(Settings(seed=3, stateless=True)), headers=HEADERS)
    paths = ("/ws/members", "/ws/types/contratos/items", "/ws/stats", "/c-forms", "/user-request-logs")
    return json.dumps([client.get(path).json() for path in paths])


def test_values_and_answers__are_the_same_in_another_process() -> None:
    # Another hash seed changes the order of sets: the only difference between processes that could reach a value.
    hash_seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    script = "from tests.payloads.test_determinism import *; print(some_values()); print(some_answers())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [some_values(), some_answers()]


def test_values_and_answers__are_the_same_in_another_server() -> None:
    assert (some_values(), some_answers()) == (some_values(), some_answers())


def test_value__does_not_depend_on_the_order_of_calls() -> None:
    generate = generator_for(OWN)
    there = {seed: generate(seed) for seed in range(30)}
    assert {seed: generate(seed) for seed in reversed(range(30))} == there


def test_value__does_not_depend_on_earlier_compilations() -> None:
    links = [{"$ref": f"#/components/schemas/{name}"} for name in NAMES]
    one, other = payloads(), payloads()
    there = {link["$ref"]: one.generator(link)(7) for link in links}
    assert {link["$ref"]: other.generator(link)(7) for link in reversed(links)} == there


def test_value__neither_uses_nor_disturbs_the_global_random() -> None:
    random.seed(1)
    state = random.getstate()
    before = generator_for(OWN)(3)
    assert random.getstate() == state
    random.seed(2)
    assert generator_for(OWN)(3) == before


def test_value__is_made_without_faker_once_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = payloads().generator({"$ref": "#/components/schemas/Member"})
    monkeypatch.setattr(Fakers, "values", None)
    assert generate(99)["email"]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**63, 2**64 - 1, 2**70])
def test_seed__may_be_any_integer(seed: int) -> None:
    generate = generator_for(OWN)
    assert generate(seed) == generate(seed)


def test_seeds__that_are_neighbours_give_different_values() -> None:
    generate = generator_for(record(a={"type": "integer", "minimum": 0, "maximum": 999_999}))
    assert len({generate(seed)["a"] for seed in range(1000)}) > 990
