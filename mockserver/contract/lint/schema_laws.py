"""Laws on schemas: types, null, formats, patterns, and which way a member travels. Examples are in `examples`."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema_rs import Draft4Validator

from mockserver.contract.document import Pointer, Schema
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.problem import Breach, instead
from mockserver.contract.lint.survey import Survey
from mockserver.contract.schemas import KNOWN_FORMATS
from mockserver.contract.walk import properties_of

_NULL = {"type": "object", "nullable": True, "enum": [None]}


def patterns_compile(survey: Survey) -> Iterator[Breach]:
    """Every `pattern` is an ECMA regular expression."""
    refusals = {pattern: _refusal(pattern) for pattern in _patterns(survey)}
    for pointer, _, schema in survey.all("schema"):
        if (pattern := schema.get("pattern")) and refusals[pattern]:
            mend = "write it as ECMA 262 has it; ^ and $ are its only anchors"
            yield Breach((*pointer, "pattern"), f"`{pattern}` is no regular expression", mend)


def bounds_have_a_limit(survey: Survey) -> Iterator[Breach]:
    """`exclusiveMinimum` and `exclusiveMaximum` stand beside the limit that they exclude."""
    for pointer, _, schema in survey.all("schema"):
        for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if flag in schema and limit not in schema:
                yield Breach((*pointer, flag), f"`{flag}` stands without `{limit}`", f"add `{limit}`, the limit itself")


def formats_are_known(survey: Survey) -> Iterator[Breach]:
    """Every `format` is one that the validator checks."""
    for pointer, _, schema in survey.all("schema"):
        name = schema.get("format")
        if name is not None and name not in KNOWN_FORMATS:
            mend = instead(name, sorted(KNOWN_FORMATS), "write a pattern instead")
            yield Breach((*pointer, "format"), f"the format `{name}` is not known", mend)


def arrays_have_items(survey: Survey) -> Iterator[Breach]:
    """A schema of type array says what its items are."""
    for pointer, _, schema in survey.all("schema"):
        if schema.get("type") == "array" and "items" not in schema:
            yield Breach(pointer, "the array has no `items`", "add `items:`, or `items: {}` for anything")


def nullable_stands_beside_type(survey: Survey) -> Iterator[Breach]:
    """`nullable` stands beside `type`: without one, tools do not agree on what it means."""
    for pointer, _, schema in survey.all("schema"):
        if "nullable" in schema and "type" not in schema:
            mend = f"add the type; for a reference write anyOf: [{{$ref: …}}, {_NULL_AS_TEXT}]"
            yield Breach((*pointer, "nullable"), "`nullable` stands without `type`", mend)


def nullable_enums_list_null(survey: Survey) -> Iterator[Breach]:
    """An enum lists null if and only if its schema is nullable."""
    for pointer, _, schema in survey.all("schema"):
        if "enum" in schema and "type" in schema and (None in schema["enum"]) != bool(schema.get("nullable")):
            listing = None in schema["enum"]
            problem = "the enum lists null, but is not nullable" if listing else "the nullable enum does not list null"
            yield Breach((*pointer, "enum"), problem, "add `nullable: true`" if listing else "add null to the enum")


def nullable_references_use_any_of(survey: Survey) -> Iterator[Breach]:
    """A reference that may be null is an `anyOf` of the `$ref` and `{type: object, nullable: true, enum: [null]}`."""
    for pointer, _, schema in survey.all("schema"):
        for key in COMBINATIONS:
            parts = schema.get(key, [])
            if any("$ref" in part for part in parts) and (way := _null_in_another_form(schema, key)):
                mend = f"write anyOf: [{{$ref: …}}, {_NULL_AS_TEXT}]"
                yield Breach((*pointer, *way), f"a reference in `{key}` is nullable in another form", mend)


def enum_values_fit(survey: Survey) -> Iterator[Breach]:
    """Every value of an enum is valid against the rest of its schema."""
    for pointer, _, schema in survey.all("schema"):
        if values := [value for value in schema.get("enum", ()) if value is not None]:
            rest = {key: value for key, value in schema.items() if key != "enum"}
            if problem := survey.objection({"type": "array", "items": rest}, values):
                yield Breach((*pointer, "enum"), f"the enum does not fit its schema: {problem}", _FIT)


def defaults_fit(survey: Survey) -> Iterator[Breach]:
    """Every `default` is valid against its schema."""
    for pointer, _, schema in survey.all("schema"):
        if "default" in schema and (problem := survey.objection(schema, schema["default"])):
            yield Breach((*pointer, "default"), f"the default is not valid: {problem}", _FIT)


def required_members_exist(survey: Survey) -> Iterator[Breach]:
    """Every name in `required` is a member that the schema, or the one of which it is a part, describes."""
    for node in survey.all("schema"):
        members = properties_of(survey.document, _whole(survey, node.pointer))
        for index, name in enumerate(node.value.get("required", ())):
            if name not in members:
                mend = instead(name, members, "describe it under properties")
                yield Breach((*node.pointer, "required", index), f"`{name}` is required and not described", mend)


def all_of_is_one_level_deep(survey: Survey) -> Iterator[Breach]:
    """No part of an `allOf` has an `allOf` of its own."""
    for pointer, _, schema in survey.all("schema"):
        for index, part in enumerate(schema.get("allOf", ())):
            if "allOf" in survey.document.resolve(part):
                mend = "name all parts in one allOf"
                yield Breach((*pointer, "allOf", index), "a part of this `allOf` has an `allOf` itself", mend)


def requests_have_no_read_only(survey: Survey) -> Iterator[Breach]:
    """A schema that only requests use has no `readOnly` member."""
    for pointer in _members(survey, "readOnly", only={"request"}):
        problem = f"`{pointer[-1]}` is readOnly, in a schema of requests only"
        yield Breach(pointer, problem, "remove readOnly, or remove the member")


def answers_have_no_write_only(survey: Survey) -> Iterator[Breach]:
    """A schema that only answers use has no `writeOnly` member."""
    for pointer in _members(survey, "writeOnly", only={"response"}):
        problem = f"`{pointer[-1]}` is writeOnly, in a schema of answers only"
        yield Breach(pointer, problem, "remove writeOnly, or remove the member")


def read_only_is_not_required(survey: Survey) -> Iterator[Breach]:
    """A schema that only requests use does not require a `readOnly` member: nobody may send it."""
    for node in survey.all("schema"):
        if "required" in node.value and survey.directions(node) == {"request"}:
            members = properties_of(survey.document, _whole(survey, node.pointer))
            for index, name in enumerate(node.value["required"]):
                if survey.document.resolve(members.get(name, {})).get("readOnly"):
                    problem = f"`{name}` is readOnly and required of a request"
                    yield Breach((*node.pointer, "required", index), problem, "take it out of required")


_NULL_AS_TEXT = "{type: object, nullable: true, enum: [null]}"
_FIT = "change the value or the schema"


def _null_in_another_form(schema: Schema, key: str) -> Pointer | None:
    if schema.get("nullable"):
        return ("nullable",)
    for index, part in enumerate(schema[key]):
        if part.get("nullable") and (key, part) != ("anyOf", _NULL):
            return (key, index)
    return None


def _patterns(survey: Survey) -> set[str]:
    return {schema["pattern"] for _, _, schema in survey.all("schema") if "pattern" in schema}


def _refusal(pattern: str) -> str | None:
    try:
        Draft4Validator({"pattern": pattern})
    except ValueError as error:
        return str(error)
    return None


def _whole(survey: Survey, pointer: Pointer) -> Schema:
    """The schema at the pointer, or the one of which it is a mere part."""
    while pointer[-2] in COMBINATIONS and isinstance(pointer[-1], int):
        pointer = pointer[:-2]
    schema: Schema = survey.document.at(pointer)
    return schema


def _members(survey: Survey, mark: str, only: set[str]) -> Iterator[Pointer]:
    for node in survey.all("schema"):
        if survey.directions(node) == only:
            for name, part in node.value.get("properties", {}).items():
                if survey.document.resolve(part).get(mark):
                    yield (*node.pointer, "properties", name)
