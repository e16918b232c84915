"""Edits of a YAML text that keep everything else, comments and line breaks included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from mockserver.contract.document import Document, Pointer


@dataclass(frozen=True, order=True)
class YamlEdit:
    """Replaces the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[YamlEdit]) -> str:
    """Returns the text with all edits, which must not overlap."""
    # From the end, so that the positions of the other edits stay right.
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def replace_value(document: Document, place: Pointer, text: str) -> YamlEdit:
    """Replaces a value."""
    node = document.node(place)
    return YamlEdit(node.start_mark.index, _end(document, node), text)


def add_entry(
    document: Document, place: Pointer, name: str, value: str, *, before: str = "", after: str = ""
) -> YamlEdit:
    """Adds an entry to a mapping, before or after a given one, else at its end."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    keys = [key.value for key, _ in node.value]
    entry = f"{name}:{value}" if value.startswith("\n") else f"{name}: {value}"
    if before:
        key = node.value[keys.index(before)][0]
        return _at(key.start_mark.index, entry + _separator(node, key.start_mark.column))
    key, last = node.value[keys.index(after) if after else -1]
    return _at(_end(document, last), _separator(node, key.start_mark.column) + entry)


def replace_entry(document: Document, place: Pointer, name: str, entry: str) -> YamlEdit:
    """Replaces an entry of a mapping, with its key."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    key, value = next((key, value) for key, value in node.value if key.value == name)
    return YamlEdit(key.start_mark.index, _end(document, value), entry)


def remove_entry(document: Document, place: Pointer, name: str) -> YamlEdit:
    """Removes an entry from a mapping of several."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    keys = [key.value for key, _ in node.value]
    return _cut(document, node.value, keys.index(name))


def append(document: Document, place: Pointer, value: str) -> YamlEdit:
    """Appends a value to a list."""
    node = document.node(place)
    assert isinstance(node, yaml.SequenceNode)
    dash = "" if node.flow_style else "- "
    return _at(_end(document, node.value[-1]), _separator(node, node.start_mark.column) + dash + value)


def remove_item(document: Document, place: Pointer, number: int) -> YamlEdit:
    """Removes a value from a list of several."""
    node = document.node(place)
    return _cut(document, [(item, item) for item in node.value], number)


def _cut(document: Document, parts: list[tuple[yaml.Node, yaml.Node]], number: int) -> YamlEdit:
    """Cuts from the end of the part before, or to the start of the part after, with the separator."""
    if number:
        return YamlEdit(_end(document, parts[number - 1][1]), _end(document, parts[number][1]), "")
    return YamlEdit(parts[0][0].start_mark.index, parts[1][0].start_mark.index, "")


def _separator(node: yaml.CollectionNode, column: int) -> str:
    return ", " if node.flow_style else "\n" + " " * column


def _at(index: int, text: str) -> YamlEdit:
    return YamlEdit(index, index, text)


def _end(document: Document, node: yaml.Node) -> int:
    """Returns the end of a value. To the parser a block ends at the next token, after trailing comments."""
    text = document.text[node.start_mark.index : node.end_mark.index]
    lines = text.rstrip().splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return node.start_mark.index + len("".join(lines).rstrip())
