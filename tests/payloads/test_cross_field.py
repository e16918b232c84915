"""Cross-field rules of one object."""

from typing import Any

import pytest

from mockserver.contract.document import Schema
from tests.payloads.builders import faults_in, generator_for, record, values_of

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TIME: Schema = {"type": "string", "format": "date-time", "nullable": True}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def test_order__is_the_position() -> None:
    values = values_of(record(order=COUNT, position=COUNT))
    assert all(value["order"] == value["position"] for value in values)
    assert len({value["order"] for value in values}) > 3


def test_order__of_other_bounds_keeps_them() -> None:
    schema = record(order={"type": "integer", "minimum": 1, "maximum": 2}, position={"type": "integer", "minimum": 0})
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize("name", ["name", "title"])
def test_slug__is_made_of_the_name(name: str) -> None:
    values = values_of(record(slug=TEXT, **{name: {"type": "string", "enum": ["Nota fiscal", "Ação"]}}))
    assert {(value[name], value["slug"]) for value in values} == {("Nota fiscal", "nota-fiscal"), ("Ação", "acao")}


def test_slug__of_a_short_schema_stays_short() -> None:
    schema = record(
        slug={"type": "string", "maxLength": 8, "pattern": "^[a-z-]+$"}, name=one_of("Muito longo", "Curto")
    )
    values = values_of(schema)
    assert faults_in(schema, values) == []
    assert {value["slug"] for value in values if value["name"] == "Curto"} == {"curto"}


def test_total__is_the_sum_of_the_counts() -> None:
    for value in values_of(record(total=COUNT, counts=record(a=COUNT, b=COUNT, name=TEXT))):
        assert value["total"] == value["counts"]["a"] + value["counts"]["b"]


def test_breakdown__by_kind_sums_up() -> None:
    for value in values_of(record(members=COUNT, members_by_type=record(owner=COUNT, full=COUNT, viewer=COUNT))):
        assert sum(value["members_by_type"].values()) == value["members"]


@pytest.mark.parametrize("summed", ["count", "amount"])
def test_breakdown__as_a_list_sums_up(summed: str) -> None:
    rows = {"type": "array", "items": record(slug=TEXT, **{summed: COUNT})}
    for value in values_of(record(items=COUNT, items_by_type=rows)):
        assert sum(row[summed] for row in value["items_by_type"]) == value["items"]


def test_breakdown__of_no_total_is_left_alone() -> None:
    total = {"type": "integer", "minimum": -5, "maximum": -1}
    schema = record(items=total, items_by_type=record(a=COUNT, b=COUNT))
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize(
    "part",
    [TEXT, COUNT, {"type": "object"}, {"type": "array", "items": TEXT}, record(a=TEXT), record(a=record(b=COUNT))],
)
def test_breakdown__of_another_type_is_left_alone(part: Schema) -> None:
    schema = record(items=COUNT, items_by_type=part)
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize(
    ("member", "schema", "by", "requiring"),
    [
        ("options", {**record(choices={"type": "array", "items": TEXT}), "nullable": True}, "type", "select"),
        ("options", {**record(choices={"type": "array", "items": TEXT}), "nullable": True}, "type", "checkbox"),
        ("completed_at", TIME, "status", "completed"),
        ("finished_at", TIME, "status", "done"),
        ("approval", {**one_of("yes", "no"), "enum": ["yes", "no", None], "nullable": True}, "kind", "approval"),
        ("stage", {"type": "integer", "nullable": True}, "action", "go_to_stage"),
    ],
)
def test_member__is_null_unless_another_requires_it(member: str, schema: Any, by: str, requiring: str) -> None:
    values = values_of(record(**{by: one_of("other", requiring), member: schema}))
    assert {(value[by], value[member] is None) for value in values} == {("other", True), (requiring, False)}


def test_elements__of_a_required_member_may_be_null() -> None:
    options = {"type": "array", "nullable": True, "items": {"type": "string", "nullable": True}, "minItems": 3}
    values = values_of(record(type=one_of("select"), options=options))
    assert any(None in value["options"] for value in values)


def test_options__of_a_select_have_choices() -> None:
    options = {**record(choices={"type": "array", "items": TEXT}), "nullable": True}
    values = values_of(record(type=one_of("select"), options=options))
    assert all(value["options"]["choices"] for value in values)


def test_member__that_may_not_be_null_is_left_alone() -> None:
    schema = record(status=one_of("pending", "completed"), completed_at={"type": "string", "format": "date-time"})
    assert faults_in(schema, values_of(schema)) == []


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (400, "Bad Request", "Validation failed"),
        (401, "Unauthorized", "Invalid or missing API key"),
        (403, "Forbidden", "Insufficient permissions"),
        (404, "Not Found", "Not Found"),
        (418, "I'm a Teapot", "I'm a Teapot"),
        (500, "Internal Server Error", "An internal server error occurred"),
        (599, "Error", "Error"),
    ],
)
def test_envelope__states_the_status(status: int, error: str, message: str) -> None:
    generate = generator_for(record(statusCode={"type": "integer"}, error=TEXT, message=TEXT))
    assert generate(3, status=status) == {"statusCode": status, "error": error, "message": message}


def test_object_that_is_no_envelope__keeps_its_own_message() -> None:
    generate = generator_for(record(message=TEXT, subject=TEXT))
    assert generate(3, status=200) == generate(3, status=404)
    assert generate(3)["message"] != "OK"


def test_envelope__has_no_more_members_than_it_may_have() -> None:
    schema = record(statusCode={"type": "integer"}, error=TEXT)
    schema["properties"] |= {"message": TEXT}
    assert generator_for({**schema, "maxProperties": 2})(3, status=404) == {"statusCode": 404, "error": "Not Found"}


def test_envelope__states_no_status_that_its_schema_refuses() -> None:
    schema = record(statusCode={"type": "integer", "enum": [401]}, error=one_of("Unauthorized"))
    assert generator_for(schema)(3, status=404) == {"statusCode": 401, "error": "Unauthorized"}


def test_envelope__that_may_be_null_is_null_at_times() -> None:
    schema = {**record(statusCode={"type": "integer"}, error=TEXT), "nullable": True}
    generate = generator_for(schema)
    assert {(generate(seed, status=404) or {}).get("statusCode") for seed in range(100)} == {404, None}


def test_envelope__of_a_part_is_left_alone() -> None:
    schema = record(last=record(statusCode={"type": "integer", "enum": [7]}, error=one_of("x")), n=COUNT)
    assert generator_for(schema)(3, status=404)["last"] == {"statusCode": 7, "error": "x"}
