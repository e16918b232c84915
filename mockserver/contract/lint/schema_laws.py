"""Laws on schemas: types, null, formats, patterns, and the directions in which a member travels."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema_rs import Draft4Validator

from mockserver.contract.document import Pointer, Schema
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.lint_problem import BrokenLaw, suggest
from mockserver.contract.schemas import KNOWN_FORMATS
from mockserver.contract.walk import properties_of

_NULL = {"type": "boolean", "nullable": True, "enum": [None]}


def patterns_compile(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `pattern` is an ECMA regular expression."""
    fix = "write it as ECMA 262 has it; ^ and $ are its only anchors"
    for pointer, _, schema in contract.all("schema"):
        written = {("pattern",): schema["pattern"]} if schema.get("pattern") else {}
        of_names = {("x-patternProperties", pattern): pattern for pattern in schema.get("x-patternProperties", ())}
        for path, pattern in (written | of_names).items():
            if not _compiles(pattern):
                yield BrokenLaw((*pointer, *path), f"`{pattern}` is no regular expression", fix)


def bounds_have_a_limit(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`exclusiveMinimum` and `exclusiveMaximum` require the limit that they exclude."""
    for pointer, _, schema in contract.all("schema"):
        for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if flag in schema and limit not in schema:
                yield BrokenLaw(
                    (*pointer, flag), f"`{flag}` is used without `{limit}`", f"add `{limit}`, the limit itself"
                )


def formats_are_known(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `format` is one that the validator checks."""
    for pointer, _, schema in contract.all("schema"):
        name = schema.get("format")
        if name is not None and name not in KNOWN_FORMATS:
            fix = suggest(name, sorted(KNOWN_FORMATS), "write a pattern instead")
            yield BrokenLaw((*pointer, "format"), f"the format `{name}` is not known", fix)


def arrays_have_items(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A schema of type array has `items`."""
    for pointer, _, schema in contract.all("schema"):
        if schema.get("type") == "array" and "items" not in schema:
            yield BrokenLaw(pointer, "the array has no `items`", "add `items:`, or `items: {}` for anything")


def nullable_stands_beside_type(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`nullable` is next to `type`: without one, tools interpret it differently."""
    for pointer, _, schema in contract.all("schema"):
        if "nullable" in schema and "type" not in schema:
            fix = f"add the type; for a reference write anyOf: [{{$ref: …}}, {_NULL_AS_TEXT}]"
            yield BrokenLaw((*pointer, "nullable"), "`nullable` is used without `type`", fix)


def nullable_enums_list_null(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """An enum lists null if and only if its schema is nullable."""
    for pointer, _, schema in contract.all("schema"):
        if "enum" in schema and "type" in schema and (None in schema["enum"]) != bool(schema.get("nullable")):
            listing = None in schema["enum"]
            problem = "the enum lists null, but is not nullable" if listing else "the nullable enum does not list null"
            yield BrokenLaw((*pointer, "enum"), problem, "add `nullable: true`" if listing else "add null to the enum")


def nullable_references_use_any_of(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A reference that may be null is an `anyOf` of the `$ref` and `{type: boolean, nullable: true, enum: [null]}`."""
    for pointer, _, schema in contract.all("schema"):
        for key in COMBINATIONS:
            parts = schema.get(key, [])
            if any("$ref" in part for part in parts) and (path := _null_in_another_form(schema, key)):
                fix = f"write anyOf: [{{$ref: …}}, {_NULL_AS_TEXT}]"
                yield BrokenLaw((*pointer, *path), f"a reference in `{key}` is nullable in another form", fix)


def enum_values_fit(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every value of an enum is valid against the rest of its schema."""
    for pointer, _, schema in contract.all("schema"):
        # As one array, so that an enum of many values needs only one validator.
        if values := [value for value in schema.get("enum", ()) if value is not None]:
            rest = {key: value for key, value in schema.items() if key != "enum"}
            if problem := contract.find_fault({"type": "array", "items": rest}, values):
                yield BrokenLaw((*pointer, "enum"), f"the enum does not fit its schema: {problem}", _FIT)


def defaults_fit(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `default` is valid against its schema."""
    for pointer, _, schema in contract.all("schema"):
        if "default" in schema and (problem := contract.find_fault(schema, schema["default"])):
            yield BrokenLaw((*pointer, "default"), f"the default is not valid: {problem}", _FIT)


def required_members_exist(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every name in `required` is a member that the schema, or the schema around its `allOf`, describes."""
    for node in contract.all("schema"):
        members = properties_of(contract.document, _whole(contract, node.pointer))
        for index, name in enumerate(node.value.get("required", ())):
            if name not in members:
                fix = suggest(name, members, "describe it under properties")
                yield BrokenLaw((*node.pointer, "required", index), f"`{name}` is required and not described", fix)


def all_of_is_one_level_deep(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No part of an `allOf` has an `allOf` of its own."""
    for pointer, _, schema in contract.all("schema"):
        for index, part in enumerate(schema.get("allOf", ())):
            if "allOf" in contract.document.resolve(part):
                fix = "name all parts in one allOf"
                yield BrokenLaw((*pointer, "allOf", index), "a part of this `allOf` has an `allOf` itself", fix)


def required_stands_beside_all_of(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No part of an `allOf` only requires members: client generators make it an object that has none."""
    for pointer, _, schema in contract.all("schema"):
        for index, part in enumerate(schema.get("allOf", ())):
            if "required" in part and "properties" not in part:
                fix = "move `required` beside the `allOf`"
                yield BrokenLaw((*pointer, "allOf", index), "a part of this `allOf` only requires members", fix)


def requests_have_no_read_only(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A schema that only requests use has no `readOnly` member."""
    for pointer in _members(contract, "readOnly", only={"request"}):
        problem = f"`{pointer[-1]}` is readOnly, in a schema of requests only"
        yield BrokenLaw(pointer, problem, "remove readOnly, or remove the member")


def responses_have_no_write_only(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A schema that only responses use has no `writeOnly` member."""
    for pointer in _members(contract, "writeOnly", only={"response"}):
        problem = f"`{pointer[-1]}` is writeOnly, in a schema of responses only"
        yield BrokenLaw(pointer, problem, "remove writeOnly, or remove the member")


def read_only_is_not_required(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A schema that only requests use does not require a `readOnly` member: no client may send it."""
    for node in contract.all("schema"):
        if "required" in node.value and contract.directions(node) == {"request"}:
            members = properties_of(contract.document, _whole(contract, node.pointer))
            for index, name in enumerate(node.value["required"]):
                if contract.document.resolve(members.get(name, {})).get("readOnly"):
                    problem = f"`{name}` is readOnly and required of a request"
                    yield BrokenLaw((*node.pointer, "required", index), problem, "take it out of required")


_NULL_AS_TEXT = "{type: boolean, nullable: true, enum: [null]}"
_FIT = "change the value or the schema"


def _null_in_another_form(schema: Schema, key: str) -> Pointer | None:
    if schema.get("nullable"):
        return ("nullable",)
    for index, part in enumerate(schema[key]):
        if part.get("nullable") and (key, part) != ("anyOf", _NULL):
            return (key, index)
    return None


def _compiles(pattern: str) -> bool:
    try:
        Draft4Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _whole(contract: ContractIndex, pointer: Pointer) -> Schema:
    """Returns the schema at the pointer, or the one around it if it is a branch of `allOf`, `anyOf` or `oneOf`."""
    while pointer[-2] in COMBINATIONS and isinstance(pointer[-1], int):
        pointer = pointer[:-2]
    schema: Schema = contract.document.at(pointer)
    return schema


def _members(contract: ContractIndex, mark: str, only: set[str]) -> Iterator[Pointer]:
    for node in contract.all("schema"):
        if contract.directions(node) == only:
            for name, part in node.value.get("properties", {}).items():
                if contract.document.resolve(part).get(mark):
                    yield (*node.pointer, "properties", name)
