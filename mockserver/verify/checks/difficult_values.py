"""Values of a member that its schema allows or forbids: limits, texts that often get lost, null, empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import parts_of

# Accents, a combining accent, four bytes, markup, quotes, a backslash, line breaks, and spaces at both ends.
DIFFICULT = " ãe\N{COMBINING ACUTE ACCENT}\N{PARTY POPPER}<b>&'\"\\\n\t "
LARGE = 2**53 + 1  # a double has no such number
FREE_OBJECT = {"aList": [1, {"name": "é"}], "an_object": {"Inner": {"zero": 0, "no": False}}, "text": DIFFICULT}
TIMES = ("2031-02-03T04:05:06.789Z", "2019-12-31T23:59:59.001-03:00")
LONGEST_FREE_TEXT = 300
EMPTY: dict[str, Any] = {"array": [], "object": {}}


@dataclass(frozen=True)
class Value:
    """A value to send. `is_promised`: the schema names it or has it as a limit, so that a refusal is a fault."""

    value: Any
    is_promised: bool = True


@dataclass(frozen=True)
class TextMaker:
    """Maker of texts that differ, with the mark of the run if the member has to carry it."""

    mark: str
    number: int
    is_free: bool  # texts without the mark are allowed
    names_others: bool = False  # ids inside of objects are allowed, those of the examples


def flatten(document: Document, schema: Schema) -> Schema:
    """Returns one schema with the keywords of all its parts; of `anyOf` and `oneOf` the first that is not null."""
    flat: Schema = {}
    for part in parts_of(document, schema):
        if part.get("enum") == [None]:
            flat["nullable"] = True
            continue
        properties = part.get("properties", {}) | flat.get("properties", {})
        flat = {k: v for k, v in part.items() if k not in ("allOf", "anyOf", "oneOf")} | flat
        if properties:
            flat["properties"] = properties
    return flat


def completed(document: Document, schema: Schema, value: Any) -> Any:
    """Adds to an object the required members that it lacks: null or empty, where that is allowed."""
    flat = flatten(document, schema)
    for name in flat.get("required", ()) if isinstance(value, dict) else ():
        part = flatten(document, flat["properties"][name])
        if name not in value and (part.get("nullable") or part.get("type") in EMPTY):
            value = value | {name: None if part.get("nullable") else EMPTY[part["type"]]}
    return value


def valid_values(document: Document, schema: Schema, text: TextMaker) -> list[Value]:
    """Returns values that a schema allows, neighbours different from each other."""
    flat = flatten(document, schema)
    values = list(_of_type(document, flat, text))
    if flat.get("nullable") and not any(value.value is None for value in values):
        values.append(Value(None))
    return values


def _of_type(document: Document, flat: Schema, text: TextMaker) -> Iterator[Value]:
    kind = flat.get("type")
    if "enum" in flat:
        yield from (Value(value) for value in flat["enum"])
    elif kind == "boolean":
        yield from (Value(True), Value(False))
    elif kind in ("integer", "number"):
        yield from _numbers(flat)
    elif kind == "string":
        yield from _texts(flat, text)
    elif kind == "array" and flatten(document, flat.get("items", {})).get("type") == "string":
        yield from (Value(["second", f"first{DIFFICULT}", "third"], False), Value([], False))
    elif kind == "array":
        row = flatten(document, flat.get("items", {}))
        yield from (Value(rows, False) for rows in (_sample_objects(document, row, text), []))
    elif kind == "object":
        yield from _objects(document, flat, text)


def _numbers(flat: Schema) -> Iterator[Value]:
    least, most = flat.get("minimum"), flat.get("maximum")
    yield Value(3 if least is None else least + 3, False)
    yield Value(-7, False) if least is None else Value(least)
    if flat["type"] == "number":
        yield Value(12.5 if least is None else least + 0.5, False)
    yield Value(LARGE, False) if most is None else Value(most)
    if least is None or least < 0:
        yield Value(0, False)


def _texts(flat: Schema, text: TextMaker) -> Iterator[Value]:
    form, name = flat.get("format"), f"{text.mark} {text.number}"
    if form == "date-time":
        yield from (Value(time, False) for time in TIMES)
    elif form == "email":
        yield Value(f"{name.replace(' ', '.')}@example.com", False)
    elif form == "uri":
        yield from (Value(f"https://example.com/{n}?a=b", False) for n in "12")
    elif form is None and "pattern" in flat:
        yield Value(name.replace(" ", "-").ljust(flat.get("maxLength", 30), "a"))
    elif form is None:
        longest = flat.get("maxLength", LONGEST_FREE_TEXT)
        yield Value(f"  {name}{DIFFICULT}", False)
        if text.is_free:
            yield Value(chr(ord("a") + text.number % 26) * flat.get("minLength", 0), bool(flat.get("minLength")))
            yield Value(f"00{text.number}", False)  # not a number
        # Last, because it has the mark: cleanup recognises the record by it.
        yield Value(f"{name} ".ljust(longest, "x"), "maxLength" in flat)


def _objects(document: Document, flat: Schema, text: TextMaker) -> Iterator[Value]:
    free = flat.get("additionalProperties")
    if isinstance(free, dict) and flatten(document, free).get("type") == "string":
        yield Value({"firstKey": DIFFICULT, "second_key": "true", "third": ""}, False)
        yield Value({}, False)
    elif free:
        yield Value(FREE_OBJECT, False)
        yield Value({}, False)
    else:
        yield from (Value(sample, False) for sample in _sample_objects(document, flat, text))


def _sample_objects(document: Document, flat: Schema, text: TextMaker) -> list[dict[str, Any]]:
    """Returns two objects with different values; the ids in them are those of the examples, if those may be named."""
    samples: list[dict[str, Any]] = [{}, {}]
    for name, member in flat.get("properties", {}).items():
        inner = flatten(document, member)
        ids = inner.get("items", inner)
        is_id = ids.get("type") == "integer"
        values = [value.value for value in _of_type(document, inner, TextMaker("text", 1, is_free=False))]
        if is_id and text.names_others and "example" in ids:
            values = [[ids["example"]], []] if ids is not inner else [ids["example"]]
        elif is_id and name not in flat.get("required", ()):
            values = []
        for number, sample in enumerate(samples if values else ()):
            sample[name] = values[number % len(values)]
    return [sample for sample in samples if sample and all(name in sample for name in flat.get("required", ()))]


def invalid_values(document: Document, schema: Schema, mark: str) -> list[Any]:
    """Returns values of another type, beyond a limit, or outside an enum; a text that is too long has the mark."""
    flat = flatten(document, schema)
    values: list[Any] = list(_beyond_limits(flat, mark))
    kind = flat.get("type")
    if kind in ("integer", "number"):
        values += ["3"]
    elif kind == "boolean":
        values += ["true", 1]
    elif kind == "string":
        values += [7]
    elif kind in ("object", "array"):
        values += ["text"]
    return [*values, None] if kind and not flat.get("nullable") else values


def _beyond_limits(flat: Schema, mark: str) -> Iterator[Any]:
    if "enum" in flat and flat.get("type") == "string":
        yield "no-such-value"
    if "minimum" in flat:
        yield flat["minimum"] - 1
    if "maximum" in flat:
        yield flat["maximum"] + 1
    if "maxLength" in flat:
        yield mark.ljust(flat["maxLength"] + 1, "x")
    if flat.get("minLength"):
        yield ""
    if flat.get("format") in ("date-time", "email", "uri"):
        yield "no such form"
    if "pattern" in flat:
        near = (f"{mark}--x", f"{mark}X", f"{mark} x")
        yield from (text for text in near if not re.search(flat["pattern"], text))
    if flat.get("type") == "integer":
        yield 1.5
