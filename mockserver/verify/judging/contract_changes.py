"""Proposed changes of the contract after a contradicting response, as a unified diff of `openapi.yaml`.

Simple cases are edited: a status, a null, an enum value, an optional member, a type. For all others the diff adds a
comment at the location in the contract, for a person to finish.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation
from mockserver.judging.yaml_edits import (
    YamlEdit,
    add_entry,
    append,
    apply_edits,
    remove_entry,
    remove_item,
    replace_value,
)
from mockserver.verify.judging.provenance import follow_references, locate

# Keywords that a change of the type leaves as they are, and those that belong to the old type.
KEPT = {"type", "description", "example", "nullable", "x-provenance", "readOnly", "writeOnly", "deprecated"}
OF_ONE_TYPE = {"x-faker", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"}
SEEN = "description: Seen in an answer."
EXAMPLES = {"boolean": "true", "integer": "1", "number": "1.5", "string": "text"}
_REQUIRED = re.compile(r'"((?:[^"\\]|\\.)*)" is a required property')
_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z_][\w-]*", re.I)


class ContractDiff(str):
    """A diff of the contract. It is redacted when it is made; to mask more would keep it from applying."""


@dataclass(frozen=True)
class Observation:
    """What a response has shown: the operation and status, the location, and the words of the failed check."""

    operation: Operation
    status: int
    pointer: tuple[str | int, ...] = ()
    keyword: str = ""  # the schema keyword that the response breaks
    received: str = ""


def propose_change(document: Document, observation: Observation) -> ContractDiff:
    """Returns a diff for `git apply` after which the contract allows what was observed."""
    place = locate(document, observation.operation, observation.status, observation.pointer)
    edits = list(_edits(document, observation, place))
    changed = apply_edits(document.text, edits) if edits else _with_comment(document, place, observation.received)
    name = document.path.name
    before, after = document.text.splitlines(keepends=True), changed.splitlines(keepends=True)
    return ContractDiff("".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")))


def _edits(document: Document, observation: Observation, place: Pointer) -> Iterator[YamlEdit]:
    if observation.status not in observation.operation.responses:
        yield from _add_status(document, place, observation.status)
    elif observation.keyword == "required":
        yield from _make_optional(document, place, observation.received)
    elif observation.keyword in ("type", "enum", "anyOf"):
        yield from _allow_value(document, place, observation.received)


def _add_status(document: Document, place: Pointer, status: int) -> Iterator[YamlEdit]:
    """Refers to the shared response of other operations; adds a shared error response if none has the status."""
    alike = (op["responses"].get(str(status), {}).get("$ref") for _, _, op in document.operations())
    ref, schema = next(filter(None, alike), ""), _schema_of_errors(document, place)
    if not ref and status >= 400 and schema:
        ref = f"#/components/responses/Status{status}"
        shared, content = ("components", "responses"), f"{{application/json: {{schema: {{$ref: '{schema}'}}}}}}"
        indent = "\n" + " " * (document.node(shared).start_mark.column + 2)
        yield add_entry(document, shared, f"Status{status}", f"{indent}{SEEN}{indent}content: {content}")
    # Statuses stay in ascending order.
    later = (name for name in document.at(place) if name.isdigit() and int(name) > status)
    yield add_entry(
        document, place, f"'{status}'", f"{{$ref: '{ref}'}}" if ref else f"{{{SEEN}}}", before=next(later, "")
    )


def _schema_of_errors(document: Document, place: Pointer) -> str:
    """Returns the `$ref` of the JSON schema that the shared errors of an operation use; empty without one."""
    shared = (response for response in document.at(place).values() if "$ref" in response)
    content = (document.resolve(response).get("content", {}).get("application/json", {}) for response in shared)
    refs = (part.get("schema", {}).get("$ref") for part in content)
    return next((ref for ref in reversed(list(refs)) if ref), "")


def _make_optional(document: Document, place: Pointer, received: str) -> Iterator[YamlEdit]:
    missing = _REQUIRED.match(received)
    for part in _parts(document, place):
        names = document.at(part).get("required", [])
        # An empty `required` is invalid in OpenAPI 3.0.
        if missing and missing[1] in names and len(names) > 1:
            yield remove_item(document, (*part, "required"), names.index(missing[1]))


def _parts(document: Document, place: Pointer) -> Iterator[Pointer]:
    """Yields a schema and its `allOf` parts, `$ref`s followed."""
    place = follow_references(document, place)
    yield place
    for number in range(len(document.at(place).get("allOf", ()))):
        yield from _parts(document, (*place, "allOf", number))


def _allow_value(document: Document, place: Pointer, received: str) -> Iterator[YamlEdit]:
    try:
        value, _ = json.JSONDecoder().raw_decode(received)
    except ValueError:
        return
    # No single edit makes a schema allow an object or a list.
    if isinstance(value, dict | list):
        return
    schema = document.at(follow_references(document, place))
    if value is None:
        yield from _allow_null(document, place)
    elif "enum" in schema and _type_of(value) == schema.get("type"):
        yield append(document, (*follow_references(document, place), "enum"), _yaml(value))
    # A shared schema has other users, and keywords of structure need a person.
    elif "$ref" not in document.at(place) and schema.keys() <= KEPT | OF_ONE_TYPE:
        yield from _change_type(document, place, _type_of(value))


def _allow_null(document: Document, place: Pointer) -> Iterator[YamlEdit]:
    """Adds `nullable` beside `type`; a reference becomes an `anyOf`, because it has no siblings."""
    schema = document.at(place)
    if "$ref" in schema:
        yield replace_value(
            document,
            place,
            f"{{anyOf: [{{$ref: '{schema['$ref']}'}}, {{type: boolean, nullable: true, enum: [null]}}]}}",
        )
    elif "type" in schema:
        yield add_entry(document, place, "nullable", "true", after="type")
        if "enum" in schema:
            yield append(document, (*place, "enum"), "null")


def _change_type(document: Document, place: Pointer, kind: str) -> Iterator[YamlEdit]:
    schema = document.at(place)
    yield replace_value(document, (*place, "type"), kind)
    if "example" in schema:
        yield replace_value(document, (*place, "example"), EXAMPLES[kind])
    yield from (remove_entry(document, place, name) for name in schema if name in OF_ONE_TYPE)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds[type(value)]


def _yaml(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _with_comment(document: Document, place: Pointer, note: str) -> str:
    lines = document.text.splitlines(keepends=True)
    number = document.line(place)
    indent = lines[number - 1][: len(lines[number - 1]) - len(lines[number - 1].lstrip())]
    return "".join([*lines[: number - 1], f"{indent}# learned: {' '.join(note.split())[:160]}\n", *lines[number - 1 :]])
