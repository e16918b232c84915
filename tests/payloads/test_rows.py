"""Lists: their length, their rows, and ids and positions that count upwards."""

from itertools import pairwise

import pytest

from mockserver.contract.document import Schema
from tests.payloads.builders import faults_in, generator_for, record, values_of

ID: Schema = {"type": "integer", "minimum": 1}
ROW = record(id=ID, name={"type": "string"})
LIST: Schema = {"type": "array", "items": ROW}


def test_list__has_one_to_three_elements_by_default() -> None:
    assert {len(value) for value in values_of(LIST)} == {1, 2, 3}


@pytest.mark.parametrize(
    ("bounds", "preferred", "length"),
    [({}, 7, 7), ({}, 0, 0), ({"maxItems": 4}, 7, 4), ({"minItems": 2}, 0, 2), ({"minItems": 5, "maxItems": 5}, 1, 5)],
)
def test_rows__are_as_many_as_preferred_within_the_bounds(bounds: Schema, preferred: int, length: int) -> None:
    assert len(generator_for({**LIST, **bounds})(1, rows=preferred)) == length


def test_rows__of_a_component_are_as_many_as_preferred() -> None:
    assert len(generator_for({"$ref": "#/components/schemas/Rows"}, {"Rows": LIST})(1, rows=9)) == 9


def test_rows__preferred_of_no_list_change_nothing() -> None:
    generate = generator_for(ROW)
    assert generate(1, rows=9) == generate(1)


@pytest.mark.parametrize(
    "items", [ROW, {"type": "integer"}, {"type": "string"}, record(id=ID, position={"type": "integer"})]
)
def test_row__depends_on_the_seed_and_its_number_only(items: Schema) -> None:
    generate = generator_for({"type": "array", "items": items})
    assert generate(5, rows=12)[:4] == generate(5, rows=4)
    assert generate(5, rows=4) != generate(6, rows=4)


@pytest.mark.parametrize(
    "ids", [ID, {"type": "integer"}, {**ID, "format": "int64"}, {**ID, "multipleOf": 5}, {**ID, "maximum": 40}]
)
def test_ids__of_a_list_go_up(ids: Schema) -> None:
    schema: Schema = {"type": "array", "items": record(id=ids)}
    generate = generator_for(schema)
    lists = [generate(seed, rows=30) for seed in range(20)]
    assert all(one["id"] < other["id"] for rows in lists for one, other in pairwise(rows))
    assert faults_in(schema, lists) == []


def test_ids__of_a_list_inside_an_object_go_up() -> None:
    for value in values_of(record(users=LIST)):
        assert all(one["id"] < other["id"] for one, other in pairwise(value["users"]))


def test_ids__that_the_vocabulary_knows_are_kept() -> None:
    words = {"provider": [{"id": 4, "slug": "sendgrid"}, {"id": 8, "slug": "docusign"}]}
    row = record(id={**ID, "x-faker": "provider.id"}, slug={"type": "string", "x-faker": "provider.slug"})
    rows = generator_for({"type": "array", "items": row}, vocabulary=words)(1, rows=10)
    assert {(row["id"], row["slug"]) for row in rows} == {(4, "sendgrid"), (8, "docusign")}


def test_positions__of_a_list_count_from_its_start() -> None:
    bounds = {"position": {"minimum": -2}, "order": {"minimum": 2}, "rank": {"maximum": 3}}
    row = record(**{name: {"type": "integer", **bound} for name, bound in bounds.items()})
    rows = generator_for({"type": "array", "items": row})(1, rows=5)
    assert [(row["position"], row["order"]) for row in rows] == [(number, number + 2) for number in range(5)]
    assert faults_in(row, rows) == []


@pytest.mark.parametrize(("items", "most"), [({"enum": ["read", "write", "delete"]}, 3), ({"type": "boolean"}, 2)])
def test_value_of_a_few__is_not_repeated_in_a_list(items: Schema, most: int) -> None:
    values = values_of({"type": "array", "items": {"type": "string", **items}})
    assert all(len(set(value)) == len(value) for value in values)
    assert max(map(len, values)) == most


def test_list__that_needs_all_values_there_are_may_be_changed_by_its_receiver() -> None:
    item = record(n={"type": "integer", "minimum": 1, "maximum": 90})
    generate = generator_for({"type": "array", "items": item, "minItems": 90, "uniqueItems": True})
    for seed in range(100):
        for row in generate(seed):
            row["n"] = 0
    assert all(row["n"] for seed in range(100) for row in generate(seed))


def test_vocabulary__continues_from_row_to_row() -> None:
    row = record(slug={"type": "string", "x-faker": "type.slug"})
    rows = generator_for({"type": "array", "items": row})(1, rows=3)
    assert {row["slug"] for row in rows} == {"contratos", "clientes", "compras"}


@pytest.mark.parametrize("change", [{"maxProperties": 1, "required": ["name"]}, {"nullable": True}])
def test_ids__are_not_expected_where_rows_may_do_without(change: Schema) -> None:
    schema: Schema = {"type": "array", "items": ROW | change}
    assert faults_in(schema, values_of(schema)) == []
