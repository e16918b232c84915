"""The contract as a document: read, kept as written, and asked for lines and references.

What the document *means* (operations, parameters, schemas) is in the other files of this folder; nothing here
knows Enspace or HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from mockserver.contract.yaml_text import PlainLoader
from mockserver.errors import StartError

Pointer: TypeAlias = tuple[str | int, ...]
Schema: TypeAlias = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ContractError(StartError):
    """The contract cannot be used; raised at start only, never while a request is served.

    Reads `FILE:LINE: what is wrong. Mend: what to do.`
    """

    def __init__(self, path: Path, line: int | None, problem: str, mend: str) -> None:
        self.path, self.line, self.problem, self.mend = path, line, problem, mend
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem.rstrip('.')}. Mend: {mend.rstrip('.')}.")


@dataclass(frozen=True)
class Document:
    """An OpenAPI document as it was written.

    `raw` keeps every `$ref`; follow one with `resolve`. It is shared and must not be changed.
    """

    path: Path
    text: str = field(repr=False)
    raw: dict[str, Any] = field(repr=False)

    def resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        """The part itself, or what its `$ref`s lead to; `KeyError` if nothing is there."""
        while "$ref" in part:
            part = self.at(pointer_of(part["$ref"]))
        return part

    def at(self, pointer: Pointer) -> Any:
        """The value at a pointer; `KeyError` if there is none."""
        value: Any = self.raw
        for key in pointer:
            try:
                value = value[key]
            except (IndexError, TypeError) as error:
                raise KeyError(key) from error
        return value

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Path, lower-case method and operation object, in document order."""
        for path, item in self.raw.get("paths", {}).items():
            for method, operation in item.items():
                if method in METHODS:
                    yield path, method, operation

    def line(self, pointer: Pointer) -> int:
        """The line, from 1, at which the value at `pointer` (or its nearest parent that exists) is named."""
        node, line = self._tree, 1
        for key in pointer:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line

    def node(self, pointer: Pointer) -> Any:
        """The value at a pointer as the parser saw it, with its place in the text; `KeyError` if there is none."""
        node = self._tree
        for key in pointer:
            found = _child(node, key)
            if found is None:
                raise KeyError(key)
            node = found[1]
        return node

    @cached_property
    def _tree(self) -> yaml.Node | None:
        return yaml.compose(self.text, Loader=yaml.CSafeLoader)


def _child(node: yaml.Node | None, key: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def pointer_of(ref: str) -> Pointer:
    """`#/components/schemas/Item` as a pointer. Other documents cannot be named: `KeyError`."""
    if not ref.startswith("#/"):
        raise KeyError(ref)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in ref[2:].split("/"))


def pointer_text(pointer: Pointer) -> str:
    """Returns the pointer as a `$ref` writes it."""
    return "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in pointer)


def load_document(path: Path) -> Document:
    """Reads the contract. `ContractError` if it is missing, is not YAML, or is no OpenAPI 3.0 document."""
    text = _read(path)
    raw = _parse(path, text)
    version = raw.get("openapi") if isinstance(raw, dict) else None
    if not isinstance(version, str) or not version.startswith("3.0."):
        found = "no `openapi` member" if version is None else f"`openapi: {version}`"
        raise ContractError(path, 1, f"not an OpenAPI 3.0 document: {found}", "start it with `openapi: 3.0.3`")
    if not isinstance(raw.get("paths"), dict):
        raise ContractError(path, 1, "the document has no `paths`", "add at least `paths: {}`")
    return Document(path, text, raw)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problem = f"the contract cannot be read: {error.strerror}"
        raise ContractError(path, None, problem, "name an existing file with --spec") from error
    except UnicodeDecodeError as error:
        raise ContractError(path, None, "the contract is not UTF-8 text", "save it as UTF-8") from error


def _parse(path: Path, text: str) -> Any:
    try:
        return yaml.load(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ContractError(path, line, f"not readable as YAML: {error.problem}", "correct that line") from error
    except yaml.YAMLError as error:
        problem = f"not readable as YAML: {str(error).splitlines()[0]}"
        raise ContractError(path, None, problem, "save it as plain text") from error
