"""YAML as JSON sees it: what the contract and the fixtures are read with."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.constructor import ConstructorError

DEEPEST = 100

_TEXT, _LIST, _MAP, _MERGE = (f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map", "merge"))


class PlainLoader(yaml.CSafeLoader):
    """Equal keys and a nesting deeper than `DEEPEST` are errors, and dates stay text.

    Texts, lists and maps are made at once, without the steps that PyYAML has for objects of other kinds: to read the
    contract and the fixtures is much of a start, and takes a third less so.
    """

    _depth = 0

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        kind = node.tag
        if kind == _TEXT and isinstance(node, yaml.ScalarNode):
            return node.value
        if node in self.constructed_objects:  # an alias, perhaps of what is being made
            return self.constructed_objects[node]
        if self._depth == DEEPEST:
            raise ConstructorError(None, None, f"nested deeper than {DEEPEST} levels", node.start_mark)
        self._depth += 1
        if kind == _MAP and isinstance(node, yaml.MappingNode):
            made = self._make_map(node)
        elif kind == _LIST and isinstance(node, yaml.SequenceNode):
            made = self._make_list(node)
        else:
            made = super().construct_object(node, deep=True)
        self._depth -= 1
        return made

    def _make_map(self, node: yaml.MappingNode) -> Any:
        members = self.constructed_objects[node] = {}
        _check_keys(node)
        if any(key.tag == _MERGE for key, _ in node.value):
            self.flatten_mapping(node)
        for key, value in node.value:
            members[self.construct_object(key)] = self.construct_object(value)
        return members

    def _make_list(self, node: yaml.SequenceNode) -> Any:
        values = self.constructed_objects[node] = []
        values.extend(map(self.construct_object, node.value))
        return values


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a key is not plain text", key.start_mark)
        if key.value in seen:
            raise ConstructorError(None, None, f"the key `{key.value}` stands twice", key.start_mark)
        seen.add(key.value)


# Dates would become datetime objects, which neither JSON nor the validators accept.
PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
