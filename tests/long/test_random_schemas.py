"""Random schemas, each with a value by construction. PAYLOAD_EXAMPLES=5000 for the long run."""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract.document import Schema
from tests.payloads.builders import IndependentValidator, generator_for

EXAMPLES = int(os.environ.get("PAYLOAD_EXAMPLES", "120"))
SEEDS = (0, 1, 7, 12345)
# Names that carry a meaning or a rule, and some that do not.
NAMES = (
    *(
        "id",
        "name",
        "slug",
        "email",
        "meta",
        "user",
        "first_name",
        "created_at",
        "updated_at",
        "due_date",
        "cpf",
        "url",
    ),
    *("order", "position", "total", "counts", "items", "items_by_type", "type", "options", "status", "completed_at"),
    *("statusCode", "error", "message", "description", "active", "valor", "x", "y", "z"),
)
PATTERNS = ("^[a-z]{2,5}$", "[0-9]", "^[A-Z]+-[0-9]{3}$", "^(a|bc)*$", "^[^ab]{1,3}$", r"^\w+@\w+$", "^.{4,8}$")
FORMATS = ("date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname", "byte", "password", "odd")


def also(strategy: st.SearchStrategy[Schema], **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    """Adds some of these keywords to the schema."""
    return st.builds(lambda schema, more: {**schema, **more}, strategy, st.fixed_dictionaries({}, optional=keywords))


@st.composite
def strings(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["free", "free", "pattern", "format", "enum"]))
    if kind == "pattern":
        return {"type": "string", "pattern": draw(st.sampled_from(PATTERNS))}
    if kind == "format":
        return {"type": "string", "format": draw(st.sampled_from(FORMATS))}
    if kind == "enum":
        return {
            "type": "string",
            "enum": draw(st.lists(st.sampled_from(["select", "completed", "a", "b"]), min_size=1)),
        }
    least, more = draw(st.integers(0, 30)), draw(st.integers(0, 30))
    return {"type": "string", "minLength": least, "maxLength": least + more}


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    kind, step = draw(st.sampled_from([("integer", 1), ("integer", 3), ("number", 0.25), ("number", 1)]))
    low = draw(st.integers(-1000, 1000)) * step
    schema: Schema = {"type": kind, "minimum": low, "maximum": low + draw(st.integers(2, 500)) * step}
    schema |= draw(
        st.fixed_dictionaries({}, optional={"exclusiveMinimum": st.booleans(), "exclusiveMaximum": st.booleans()})
    )
    if draw(st.booleans()):
        schema["multipleOf"] = step
    return (
        schema
        if draw(st.booleans())
        else {"type": kind, **draw(st.sampled_from([{}, {"minimum": low}, {"maximum": low}]))}
    )


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[Schema]) -> Schema:
    least = draw(st.integers(0, 3))
    schema: Schema = {"type": "array", "items": draw(items), "minItems": least}
    if draw(st.booleans()):
        schema["maxItems"] = least + draw(st.integers(0, 3))
    if draw(st.booleans()):
        schema |= {"items": {"type": draw(st.sampled_from(["string", "integer", "number"]))}, "uniqueItems": True}
    return schema


@st.composite
def objects(draw: st.DrawFn, members: st.SearchStrategy[Schema]) -> Schema:
    properties = draw(st.dictionaries(st.sampled_from(NAMES), members, max_size=6))
    required = [name for name in properties if draw(st.booleans())]
    schema: Schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.sampled_from([True, False, {"type": "string"}]))
    if draw(st.booleans()):
        schema["minProperties"] = draw(st.integers(0, len(properties)))
    return schema


@st.composite
def combinations(draw: st.DrawFn, parts: st.SearchStrategy[Schema]) -> Schema:
    kind = draw(st.sampled_from(["anyOf", "oneOf", "allOf", "not", "nullable"]))
    if kind == "anyOf":
        return {"anyOf": draw(st.lists(parts, min_size=1, max_size=3))}
    if kind == "oneOf":
        return {"oneOf": [{"type": "boolean"}, {"type": "string"}, draw(numbers())]}
    if kind == "allOf":
        one, other = {"a": draw(parts)}, {"b": draw(parts)}
        return {"allOf": [{"type": "object", "properties": one}, {"properties": other, "required": ["b"]}]}
    if kind == "not":
        return {"allOf": [draw(parts)], "not": {"enum": ["Contratos", 7]}}
    return {"anyOf": [draw(parts), {"type": "object", "nullable": True, "enum": [None]}]}


def nullable(schema: Schema) -> Schema:
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, **enum, "nullable": True} if "type" in schema else schema


SCALARS = also(st.one_of(strings(), numbers(), st.just({"type": "boolean"}), st.just({})), description=st.just("words"))
LINKS = st.sampled_from([{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Tree"}])
SCHEMAS = st.recursive(
    SCALARS | SCALARS.map(nullable) | LINKS,
    lambda parts: arrays(parts) | objects(parts) | objects(parts).map(nullable) | combinations(parts),
    max_leaves=12,
)
TREE = {"type": "object", "properties": {"name": {"type": "string"}, "part": {"$ref": "#/components/schemas/Tree"}}}


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(schema=SCHEMAS, one=SCALARS)
def test_schema__whatever_it_is_gets_valid_values(schema: Schema, one: Schema) -> None:
    components = {"One": one, "Tree": TREE}
    generate, validator = generator_for(schema, components), IndependentValidator(schema, components)
    faults = [fault for seed in SEEDS for fault in validator.faults(generate(seed))]
    assert faults == [], schema
