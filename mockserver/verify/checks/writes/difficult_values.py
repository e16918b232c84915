"""Values of a member that its schema allows or forbids: limits, texts that often get lost, null, empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Document, Schema
from mockserver.contract.promises import MemberPath
from mockserver.contract.walk import parts_of

# Accents, a combining accent, four bytes, the quotes of word processors, markup, quotes, a backslash, line breaks, and
# spaces at both ends.
CURLY = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{EN DASH}"
DIFFICULT = f" Ãe\N{COMBINING ACUTE ACCENT}\N{PARTY POPPER}{CURLY}<b>&'\"\\\n\t "
ACCENTS = " Ação"  # the users of Enspace write Portuguese
LARGE = 2**53 + 1  # a double has no such number
INNER = {"Inner": {"zero": 0, "no": False, "nothing": None}}
FREE_OBJECT = {"aList": [1, {"name": "é"}], "an_object": INNER, "text": DIFFICULT, "digits": "25", "nothing": None}
# That a careless target takes for other types.
FREE_TEXTS = {"firstKey": DIFFICULT, "second_key": "true", "third": "", "digits": "25", "zeros": "007", "none": "null"}
SIGNS = "_.Z"  # that a pattern may allow
# Texts that a format allows, which may need the mark, and texts near it that it forbids.
FORMS = {
    "date": (("2031-02-03", "2024-02-29"), ("2026-02-30", "2026-13-01", "20/03/2026")),
    "date-time": (
        ("2031-02-03T04:05:06.789Z", "2019-12-31T23:59:59.001-03:00", "2024-02-29T00:00:00Z"),
        ("2026-02-30T10:00:00Z", "2026-03-20T25:00:00Z", "2026-03-20"),
    ),
    "email": (("{mark}+tag@example.com",), ("{mark}.example.com", "{mark}@")),
    "uri": (("https://example.com/1?a=b", "http://example.com:8080/A%20b/?a=b&c=%C3%A7#D"), ("example.com", "/a/b")),
}
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


def value_naming(document: Document, schema: Schema, path: MemberPath, *keys: Any) -> Any:
    """Returns a value with these keys at a path, one row or entry for each in a list, completed by what is required."""
    flat = flatten(document, schema)
    if flat.get("type") == "array":
        return [value_naming(document, flat["items"], path, key) for key in keys]
    if not path:
        return keys[0]
    parts = {name: flatten(document, part) for name, part in flat["properties"].items()}
    needed = {name: part for name, part in parts.items() if name in flat.get("required", ()) and name != path[0]}
    filled = {name: _least(part) for name, part in needed.items()}
    return filled | {path[0]: value_naming(document, flat["properties"][path[0]], path[1:], *keys)}


def _least(flat: Schema) -> Any:
    """Returns null or an empty value, where that is allowed, or the first of an enum."""
    return None if flat.get("nullable") else flat.get("enum", [EMPTY.get(flat.get("type", ""))])[0]


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
    elif kind == "array":
        row = flatten(document, flat.get("items", {}))
        if "enum" in row:
            yield Value(row["enum"])
        elif row.get("type") == "string":
            yield from (Value(["second", f"first{DIFFICULT}", "third"], False), Value(["two words", "one"]))
        else:
            yield Value([sample.value for sample in _sample_objects(document, row, text)], False)
        yield Value([], False)
    elif kind == "object":
        yield from _objects(document, flat, text)
    elif not kind:
        yield from (Value(one, False) for one in (7, "text", True, None))


def _numbers(flat: Schema) -> Iterator[Value]:
    least, most = flat.get("minimum"), flat.get("maximum")
    yield Value(3 if least is None else least + 3, False)
    if least is None or least < 0:
        yield Value(0, False)
    yield Value(-7, False) if least is None else Value(least)
    if flat["type"] == "number":
        yield Value(12.345678 if least is None else least + 0.345678, False)
    yield Value(LARGE, False) if most is None else Value(most)


def _texts(flat: Schema, text: TextMaker) -> Iterator[Value]:
    form, name = flat.get("format"), f"{text.mark} {text.number}"
    if form in FORMS:
        yield from (Value(one.format(mark=name.replace(" ", "."))) for one in FORMS[form][0])
    elif form is None and "pattern" in flat:
        key, longest = name.replace(" ", "-"), flat.get("maxLength", 30)
        yield Value(key.ljust(longest, "a"))
        signs = [sign for sign in SIGNS if re.search(flat["pattern"], f"{key}{sign}a")]
        yield from [Value("a".join([key, *signs, ""])[:longest])] if signs else []
    elif form is None:
        yield Value(f"  {name}{DIFFICULT}", False)
        if text.is_free:
            yield Value(chr(ord("a") + text.number % 26) * flat.get("minLength", 0), bool(flat.get("minLength")))
            yield Value(f"00{text.number}", False)  # not a number
        # Last, because it has the mark: cleanup recognises the record by it.
        longest = flat.get("maxLength", LONGEST_FREE_TEXT)
        yield Value((name + ACCENTS).ljust(longest, "X"), "maxLength" in flat)


def _objects(document: Document, flat: Schema, text: TextMaker) -> Iterator[Value]:
    free = flat.get("additionalProperties")
    if isinstance(free, dict) and flatten(document, free).get("type") == "string":
        yield Value(FREE_TEXTS, False)
        yield Value({}, False)
    elif free and "properties" not in flat:
        yield Value(FREE_OBJECT, False)
        yield Value({}, False)
    else:
        samples = _sample_objects(document, flat, text)
        yield from samples
        yield from (Value(FREE_OBJECT | one.value, False) for one in (samples[:1] if free else []))


def _sample_objects(document: Document, flat: Schema, text: TextMaker) -> list[Value]:
    """Returns objects with different values, enough for each value of an enum, and one without optional members.

    The ids in them are those of the examples, if those may be named; then only integers from 1 count as ids.
    """
    parts = [flatten(document, part) for part in flat.get("properties", {}).values()]
    samples: list[dict[str, Value]] = [{} for _ in range(max([2, *(len(part.get("enum", ())) for part in parts)]))]
    for name, member in flat.get("properties", {}).items():
        inner = flatten(document, member)
        ids = inner.get("items", inner)
        is_id = ids.get("type") == "integer" and (ids.get("minimum") == 1 or not text.names_others)
        values = list(_of_type(document, inner, TextMaker("text", 1, is_free=False, names_others=text.names_others)))
        if is_id and text.names_others and "example" in ids:
            named = [[ids["example"]], []] if ids is not inner else [ids["example"]]
            values = [Value(one, False) for one in named]
        elif is_id and name not in flat.get("required", ()):
            values = []
        for number, sample in enumerate(samples if values else ()):
            sample[name] = values[number % len(values)]
    required = flat.get("required", ())
    whole = [one for one in samples if one and all(name in one for name in required)]
    whole += [{name: part for name, part in one.items() if name in required} for one in whole[-1:] if required]
    return [
        Value({name: part.value for name, part in one.items()}, all(part.is_promised for part in one.values()))
        for one in whole
    ]


def example_of(document: Document, schema: Schema) -> Any:
    """Returns the example of a schema, made of those of its members if it has none."""
    flat = flatten(document, schema)
    members = {name: example_of(document, part) for name, part in flat.get("properties", {}).items()}
    return flat.get("example", members)


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


def unlisted(values: list[Any]) -> str:
    """Returns a text that is not listed: a listed one in other letters, which a careless comparison takes."""
    turned = [value.swapcase() for value in values if isinstance(value, str)]
    return next((text for text in reversed(turned) if text not in values), "no-such-value")


def _beyond_limits(flat: Schema, mark: str) -> Iterator[Any]:
    if "enum" in flat and flat.get("type") == "string":
        yield unlisted(flat["enum"])
    if "minimum" in flat:
        yield flat["minimum"] - 1
    if "maximum" in flat:
        yield flat["maximum"] + 1
    if "maxLength" in flat:
        yield mark.ljust(flat["maxLength"] + 1, "x")
    if flat.get("minLength"):
        yield ""
    if (form := flat.get("format")) in FORMS:
        yield from (one.format(mark=mark) for one in (*FORMS[form][1], "no such form"))
    if "pattern" in flat:
        near = (f"{mark}--x", f"{mark}X", f"{mark} x")
        yield from (text for text in near if not re.search(flat["pattern"], text))
    if flat.get("type") == "integer":
        yield 1.5
