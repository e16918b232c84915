"""What the contract would say had it learned from an answer, as a unified diff of `openapi.yaml`.

What is simple is changed: a status, a null, a value of an enumeration, a member that may be missing, a type. Elsewhere
a comment stands beside the part, for a person to finish.
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
from mockserver.verify.judging.provenance import followed, place_in_contract
from mockserver.verify.judging.yaml_edits import (
    Edit,
    appended,
    applied,
    entry_added,
    entry_removed,
    item_removed,
    replaced,
)

KEPT = {"type", "description", "example", "nullable", "x-provenance", "readOnly", "writeOnly", "deprecated"}
OF_ONE_TYPE = {"x-faker", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"}
SEEN = "description: Seen in an answer."
EXAMPLES = {"boolean": "true", "integer": "1", "number": "1.5", "string": "text"}
_REQUIRED = re.compile(r'"((?:[^"\\]|\\.)*)" is a required property')
_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z_][\w-]*", re.I)


class Diff(str):
    """A text of the contract: what it says was redacted when it was made, and more would keep it from applying."""


@dataclass(frozen=True)
class Lesson:
    """What an answer has shown: of which operation and status, where in it, and the failed check's own words."""

    operation: Operation
    status: int
    pointer: tuple[str | int, ...] = ()
    keyword: str = ""  # of the schema that was not kept
    received: str = ""


def proposal(document: Document, lesson: Lesson) -> Diff:
    """The diff, for `git apply`."""
    place = place_in_contract(document, lesson.operation, lesson.status, lesson.pointer)
    edits = list(_edits(document, lesson, place))
    learned = applied(document.text, edits) if edits else _with_a_comment(document, place, lesson.received)
    name = document.path.name
    before, after = document.text.splitlines(keepends=True), learned.splitlines(keepends=True)
    return Diff("".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")))


def _edits(document: Document, lesson: Lesson, place: Pointer) -> Iterator[Edit]:
    if lesson.status not in lesson.operation.responses:
        yield from _status(document, place, lesson.status)
    elif lesson.keyword == "required":
        yield from _optional(document, place, lesson.received)
    elif lesson.keyword in ("type", "enum", "anyOf"):
        yield from _value(document, place, lesson.received)


def _status(document: Document, place: Pointer, status: int) -> Iterator[Edit]:
    """A response as other operations have it; an error that none has is written where errors are shared."""
    alike = (op["responses"].get(str(status), {}).get("$ref") for _, _, op in document.operations())
    ref, schema = next(filter(None, alike), ""), _schema_of_errors(document, place)
    if not ref and status >= 400 and schema:
        ref = f"#/components/responses/Status{status}"
        shared, content = ("components", "responses"), f"{{application/json: {{schema: {{$ref: '{schema}'}}}}}}"
        indent = "\n" + " " * (document.node(shared).start_mark.column + 2)
        yield entry_added(document, shared, f"Status{status}", f"{indent}{SEEN}{indent}content: {content}")
    later = (name for name in document.at(place) if name.isdigit() and int(name) > status)
    yield entry_added(
        document, place, f"'{status}'", f"{{$ref: '{ref}'}}" if ref else f"{{{SEEN}}}", before=next(later, "")
    )


def _schema_of_errors(document: Document, place: Pointer) -> str:
    """What the shared errors of an operation refer to, if they are JSON."""
    shared = (response for response in document.at(place).values() if "$ref" in response)
    content = (document.resolve(response).get("content", {}).get("application/json", {}) for response in shared)
    refs = (part.get("schema", {}).get("$ref") for part in content)
    return next((ref for ref in reversed(list(refs)) if ref), "")


def _optional(document: Document, place: Pointer, received: str) -> Iterator[Edit]:
    told = _REQUIRED.match(received)
    for part in _parts(document, place):
        names = document.at(part).get("required", [])
        if told and told[1] in names and len(names) > 1:
            yield item_removed(document, (*part, "required"), names.index(told[1]))


def _parts(document: Document, place: Pointer) -> Iterator[Pointer]:
    """A schema and what it is made of by `allOf`."""
    place = followed(document, place)
    yield place
    for number in range(len(document.at(place).get("allOf", ()))):
        yield from _parts(document, (*place, "allOf", number))


def _value(document: Document, place: Pointer, received: str) -> Iterator[Edit]:
    try:
        value, _ = json.JSONDecoder().raw_decode(received)
    except ValueError:
        return
    if isinstance(value, dict | list):
        return
    schema = document.at(followed(document, place))
    if value is None:
        yield from _null(document, place)
    elif "enum" in schema and _type_of(value) == schema.get("type"):
        yield appended(document, (*followed(document, place), "enum"), _yaml(value))
    elif "$ref" not in document.at(place) and schema.keys() <= KEPT | OF_ONE_TYPE:
        yield from _type(document, place, _type_of(value))


def _null(document: Document, place: Pointer) -> Iterator[Edit]:
    """`nullable` stands beside `type`; a reference gets the null as another form."""
    schema = document.at(place)
    if "$ref" in schema:
        yield replaced(
            document,
            place,
            f"{{anyOf: [{{$ref: '{schema['$ref']}'}}, {{type: object, nullable: true, enum: [null]}}]}}",
        )
    elif "type" in schema:
        yield entry_added(document, place, "nullable", "true", after="type")
        if "enum" in schema:
            yield appended(document, (*place, "enum"), "null")


def _type(document: Document, place: Pointer, kind: str) -> Iterator[Edit]:
    schema = document.at(place)
    yield replaced(document, (*place, "type"), kind)
    if "example" in schema:
        yield replaced(document, (*place, "example"), EXAMPLES[kind])
    yield from (entry_removed(document, place, name) for name in schema if name in OF_ONE_TYPE)


def _type_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds[type(value)]


def _yaml(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value)
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _with_a_comment(document: Document, place: Pointer, note: str) -> str:
    lines = document.text.splitlines(keepends=True)
    number = document.line(place)
    indent = lines[number - 1][: len(lines[number - 1]) - len(lines[number - 1].lstrip())]
    return "".join([*lines[: number - 1], f"{indent}# learned: {' '.join(note.split())[:160]}\n", *lines[number - 1 :]])
