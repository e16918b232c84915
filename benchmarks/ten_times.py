"""A contract ten times as large: the same operations again under `/copy1` to `/copy9`, after the original ones."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]


def write(source: Path, target: Path) -> None:
    document: Document = yaml.load(source.read_text(), yaml.CSafeLoader)
    grown = deepcopy(document)
    for number in range(1, 10):
        add_copy(grown, document, number)
    # JSON is valid YAML and is written faster.
    target.write_text(json.dumps(grown, ensure_ascii=False))


def add_copy(grown: Document, document: Document, number: int) -> None:
    grown["tags"] += [tag | {"name": f"{tag['name']} {number}"} for tag in document["tags"]]
    for path, item in deepcopy(document["paths"]).items():
        grown["paths"][f"/copy{number}{path}"] = item
        for operation in item.values():
            if isinstance(operation, dict):
                rename(operation, number)


def rename(operation: Document, number: int) -> None:
    operation["operationId"] += f"Copy{number}"
    operation["tags"] = [f"{tag} {number}" for tag in operation["tags"]]
    for response in operation["responses"].values():
        for link in response.get("links", {}).values():
            link["operationId"] += f"Copy{number}"
