"""Readers of YAML and JSON as JSON data: of contracts, fixtures, scenarios and the expectations of `verify`.

Plain values are those of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `no`, `0755` and
`12:30` are what they seem. PyYAML reads YAML 1.1, in which they are false, 493 and 750.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from yaml.constructor import ConstructorError

MAX_DEPTH = 100
# With aliases written out: a few lines of them can stand for millions of values.
_MAX_VALUES = 5_000_000
# Each level begins with one of these marks; so many levels crash no thread.
_OPENING, _SAFE_LEVELS = ("[", "{", "- ", "? "), 10_000


class YamlError(ValueError):
    """A text cannot be read as YAML; `line` counts from 1, and is None if it is unknown."""

    def __init__(self, line: int | None, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.line, self.problem, self.fix = line, problem, fix


def parse_json(text: str) -> Any:
    """Parses a JSON text. Raises `ValueError`, also if it is nested deeper than `MAX_DEPTH`, or has NaN."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    # With few brackets it cannot be.
    if text.count("{") + text.count("[") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    return value


def is_deeper(value: Any, levels: int) -> bool:
    """Returns whether a value has more levels of lists and objects."""
    parts: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(is_deeper(part, levels - 1) for part in parts if isinstance(part, (dict, list)))


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the values in a JSON value that are no lists or objects, each with the name of its member."""
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from leaves(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    else:
        yield name, value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def parse_yaml(text: str, max_values: int | None = None) -> Any:
    """Parses a text of at most `max_values` values and keys. Raises `YamlError`."""
    try:
        if max_values is not None or sum(map(text.count, _OPENING)) > _SAFE_LEVELS:
            _check_events(text, max_values)
        return yaml.load(text, Loader=PlainLoader)
    except YamlError:
        raise
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise YamlError(line, f"not readable as YAML: {error.problem}", "correct that line") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = f"not readable as YAML: {str(error).splitlines()[0]}"
        raise YamlError(None, problem, "save it as UTF-8 text in plain YAML") from error


class PlainLoader(yaml.CSafeLoader):
    """YAML loader for which repeated keys, endless aliases and a nesting deeper than `MAX_DEPTH` are errors."""

    def construct_document(self, node: yaml.Node) -> Any:
        _check(node, 1, {})
        return super().construct_document(node)

    def construct_integer(self, node: yaml.ScalarNode) -> int:
        text = str(node.value)
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


def _check_events(text: str, most: int | None) -> None:
    """Checks number and depth of the values before any is built. Raises a `YamlError`.

    They take up to 200 times as much memory as their text, and PyYAML crashes on tens of thousands of levels.
    """
    count = depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        count += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else None
        if most is not None and count > most:
            raise YamlError(line, f"more than {most} values and keys", "split the file")
        if depth > MAX_DEPTH:
            raise YamlError(line, f"not readable as YAML: nested deeper than {MAX_DEPTH} levels", "correct that line")


def _check(node: yaml.Node, depth: int, sizes: dict[int, int]) -> int:
    """Returns the number of values in a node, each alias written out. `sizes` has those of the nodes seen before."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    # An alias is the same node again; inside itself, it would have no end.
    if id(node) in sizes:
        return sizes[id(node)]
    sizes[id(node)] = _MAX_VALUES
    if depth > MAX_DEPTH:
        raise ConstructorError(None, None, f"nested deeper than {MAX_DEPTH} levels", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
    parts = (child for part in node.value for child in (part if isinstance(part, tuple) else (part,)))
    size = 1 + sum(_check(child, depth + 1, sizes) for child in parts)
    if size > _MAX_VALUES:
        raise ConstructorError(None, None, "aliases without end, or for too many values", node.start_mark)
    sizes[id(node)] = size
    return size


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a key is not plain text", key.start_mark)
        if key.value in seen:
            raise ConstructorError(None, None, f"the key `{key.value}` is repeated", key.start_mark)
        seen.add(key.value)


_INTEGER = "tag:yaml.org,2002:int"
# The first characters of a plain value, its tag and its form. `<<` merges mappings, as in YAML 1.1.
_CORE_SCHEMA = (
    ("~nN", "tag:yaml.org,2002:null", r"~|null|Null|NULL"),
    ("", "tag:yaml.org,2002:null", r""),
    ("tTfF", "tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE"),
    ("-+0123456789", _INTEGER, r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    (
        "-+.0123456789",
        "tag:yaml.org,2002:float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    ),
    ("<", "tag:yaml.org,2002:merge", r"<<"),
)
PlainLoader.yaml_implicit_resolvers = {}
for _first, _tag, _form in _CORE_SCHEMA:
    PlainLoader.add_implicit_resolver(_tag, re.compile(f"(?:{_form})\\Z"), list(_first) or [""])
PlainLoader.add_constructor(_INTEGER, PlainLoader.construct_integer)
