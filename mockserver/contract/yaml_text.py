"""Reader of YAML as JSON data: of the contract, the fixtures, the scenarios and the expectations of `verify`."""

from __future__ import annotations

from itertools import islice
from typing import Any

import yaml
from yaml.constructor import ConstructorError

MAX_DEPTH = 100


class YamlError(ValueError):
    """A text cannot be read as YAML; `line` counts from 1, and is None if it is unknown."""

    def __init__(self, line: int | None, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.line, self.problem, self.fix = line, problem, fix


def parse_yaml(text: str, max_values: int | None = None) -> Any:
    """Parses a text of at most `max_values` values and keys. Raises `YamlError`."""
    try:
        if max_values is not None:
            _check_size(text, max_values)
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
    """YAML loader for which repeated keys and a nesting deeper than `MAX_DEPTH` are errors, and dates stay text."""

    def construct_document(self, node: yaml.Node) -> Any:
        _check(node, 1, set())
        return super().construct_document(node)


def _check_size(text: str, most: int) -> None:
    """Raises a `YamlError` beyond `most` values: they take up to 200 times as much memory as their text."""
    values = (each for each in yaml.parse(text, yaml.CSafeLoader) if isinstance(each, yaml.NodeEvent))
    if surplus := next(islice(values, most, None), None):
        line = surplus.start_mark.line + 1 if surplus.start_mark else None
        raise YamlError(line, f"more than {most} values and keys", "split the file")


def _check(node: yaml.Node, depth: int, checked: set[int]) -> None:
    # An alias is the same node again; a few lines of aliases can stand for millions of values.
    if id(node) in checked or isinstance(node, yaml.ScalarNode):
        return
    checked.add(id(node))
    if depth > MAX_DEPTH:
        raise ConstructorError(None, None, f"nested deeper than {MAX_DEPTH} levels", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
    for part in node.value:
        for child in part if isinstance(node, yaml.MappingNode) else (part,):
            _check(child, depth + 1, checked)


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a key is not plain text", key.start_mark)
        if key.value in seen:
            raise ConstructorError(None, None, f"the key `{key.value}` is repeated", key.start_mark)
        seen.add(key.value)


# Dates would become datetime objects, which neither JSON nor the validators accept.
PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
