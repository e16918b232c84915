"""YAML as JSON sees it: what the contract and the fixtures are read with."""

from __future__ import annotations

from typing import Any

import yaml


class PlainLoader(yaml.CSafeLoader):
    """Equal keys are an error, and dates stay text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if odd := next((key for key, _ in node.value if not isinstance(key, yaml.ScalarNode)), None):
            raise yaml.constructor.ConstructorError(None, None, "a key is not plain text", odd.start_mark)
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            second = next(key for at, (key, _) in enumerate(node.value) if key.value in keys[:at])
            problem = f"the key `{second.value}` stands twice"
            raise yaml.constructor.ConstructorError(None, None, problem, second.start_mark)
        return super().construct_mapping(node, deep)


# Dates would become datetime objects, which neither JSON nor the validators accept.
PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
