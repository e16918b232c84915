"""The OpenAPI document as it is written: loading, references and positions in its text.

What the document *means* (operations, parameters, schemas) is in the other files of this folder. Nothing here knows
Enspace or HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from mockserver.contract.swagger2 import convert
from mockserver.contract.yaml_text import YamlError, parse_json, parse_yaml
from mockserver.errors import StartError

Pointer: TypeAlias = tuple[str | int, ...]
Schema: TypeAlias = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ContractError(StartError):
    """The contract cannot be used. Raised at start only, never while a request is served.

    Reads `FILE:LINE: what is wrong. Fix: what to do.`
    """

    def __init__(self, path: Path, line: int | None, problem: str, fix: str) -> None:
        self.path, self.line, self.problem, self.fix = path, line, problem, fix
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem.rstrip('.')}. Fix: {fix.rstrip('.')}.")


class Position(NamedTuple):
    """A place in the text of a document; both numbers begin at 1."""

    line: int
    column: int


class OperationEntry(NamedTuple):
    """An operation object, with its path and its method in lower case."""

    path: str
    method: str
    value: dict[str, Any]


@dataclass(frozen=True)
class Note:
    """A place of the document as it is written that was interpreted leniently, and how."""

    pointer: Pointer
    text: str

    def __str__(self) -> str:
        return f"{pointer_text(self.pointer)}: {self.text}"


@dataclass(frozen=True)
class Document:
    """An OpenAPI document. `raw` keeps every `$ref`; it is shared and must not be changed.

    `notes` say which places were interpreted leniently, each with a JSON pointer into the text.
    """

    path: Path
    text: str = field(repr=False)
    raw: dict[str, Any] = field(repr=False)
    notes: tuple[Note, ...] = field(default=(), repr=False)

    @property
    def version(self) -> tuple[int, int]:
        """The version of OpenAPI: (3, 0) or (3, 1)."""
        major, minor = str(self.raw["openapi"]).split(".")[:2]
        return int(major), int(minor)

    def resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        """Follows the `$ref`s of a part. Raises `KeyError` if one leads nowhere."""
        while "$ref" in part:
            part = self.at(pointer_of(part["$ref"]))
        return part

    def at(self, pointer: Pointer) -> Any:
        """Returns the value at a pointer. Raises `KeyError` if there is none."""
        value: Any = self.raw
        for key in pointer:
            # Lists have integers as keys, texts have none.
            try:
                value = value[key]
            except (IndexError, TypeError) as error:
                raise KeyError(key) from error
        return value

    def operations(self) -> Iterator[OperationEntry]:
        """Yields all operations in document order."""
        for path, item in self.raw.get("paths", {}).items():
            for method, operation in item.items():
                if method in METHODS:
                    yield OperationEntry(path, method, operation)

    def position(self, pointer: Pointer) -> Position:
        """Returns the position of the value at `pointer`, or of its nearest parent that exists."""
        node, position = self._tree, Position(1, 1)
        for key in pointer:
            found = _child(node, key)
            if found is None:
                break
            position, node = found
        return position

    def line(self, pointer: Pointer) -> int:
        """Returns the line of the value at `pointer`, or of its nearest parent that exists."""
        return self.position(pointer).line

    def node(self, pointer: Pointer) -> Any:
        """Returns the YAML node at a pointer, with its position in the text. Raises `KeyError` if there is none."""
        node = self._tree
        for key in pointer:
            found = _child(node, key)
            if found is None:
                raise KeyError(key)
            node = found[1]
        return node

    # Kept, because every problem of a lint needs a line and parsing takes 0.1 s.
    @cached_property
    def _tree(self) -> yaml.Node | None:
        # Some escapes of JSON are not YAML; their documents have no lines.
        with suppress(yaml.YAMLError):
            return yaml.compose(self.text, Loader=yaml.CSafeLoader)
        return None


def _child(node: yaml.Node | None, key: str | int) -> tuple[Position, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return _position(name), value
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return _position(node.value[key]), node.value[key]
    return None


def _position(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def pointer_of(ref: str) -> Pointer:
    """Parses a `$ref` such as `#/components/schemas/Item`. Raises `KeyError` for one into another document."""
    if not ref.startswith("#/"):
        raise KeyError(ref)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in ref[2:].split("/"))


def pointer_text(pointer: Pointer) -> str:
    """Returns the pointer as a `$ref` writes it."""
    return "#/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in pointer)


def load_document(path: Path) -> Document:
    """Reads a document as it is written, Swagger 2.0 as OpenAPI 3.0.

    Raises `ContractError` if it is missing, not YAML, or something else.
    """
    return parse_document(path, _read(path))


def parse_document(path: Path, text: str) -> Document:
    """Parses the text of a document; `path` is for messages. Raises `ContractError`."""
    try:
        raw = parse_text(text)
    except YamlError as error:
        raise ContractError(path, error.line, error.problem, error.fix) from error
    notes: tuple[Note, ...] = ()
    if isinstance(raw, dict) and str(raw.get("swagger")) == "2.0":
        raw, notes = convert(raw), (Note(("swagger",), "Swagger 2.0, converted to OpenAPI 3.0"),)
    version = raw.get("openapi") if isinstance(raw, dict) else None
    if not re.match(r"3\.[0-2](\.|$)", str(version)):
        found = "no `openapi` member" if version is None else f"`openapi: {version}`"
        raise ContractError(path, 1, f"not an OpenAPI 3 document: {found}", "start it with `openapi: 3.0.3`")
    if not isinstance(raw.get("paths"), dict):
        raise ContractError(path, 1, "the document has no `paths`", "add at least `paths: {}`")
    return Document(path, text, raw, notes)


def parse_text(text: str) -> Any:
    """Parses JSON as JSON, with emoji as pairs of escapes, and anything else as YAML. Raises `YamlError`."""
    if text.lstrip().startswith("{"):
        with suppress(ValueError):
            return parse_json(text)
    # It says what is wrong, and in which line.
    return parse_yaml(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        problem = f"the contract cannot be read: {error.strerror}"
        raise ContractError(path, None, problem, "name an existing file with --spec") from error
    except UnicodeDecodeError as error:
        raise ContractError(path, None, "the contract is not UTF-8 text", "save it as UTF-8") from error
