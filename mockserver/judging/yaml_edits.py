"""Edits of a YAML text that keep everything else, comments and line breaks included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from mockserver.contract.document import Document, Pointer

LONGEST_LINE = 120  # characters


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
    last = node.value[keys.index(after) if after else -1][1]
    end, column = _end(document, last), node.value[0][0].start_mark.column
    return _at(end, _fitted(document, end, column, _separator(node, column) + entry))


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
    """Appends a value to a list, on a new line if the present one would become too long."""
    node = document.node(place)
    assert isinstance(node, yaml.SequenceNode)
    dash = "" if node.flow_style else "- "
    # The dashes of a block stand where the list begins, the values of a flow after its bracket.
    end, column = _end(document, node.value[-1]), node.start_mark.column + bool(node.flow_style)
    return _at(end, _fitted(document, end, column, _separator(node, column) + dash + value))


def _fitted(document: Document, index: int, column: int, text: str) -> str:
    """Breaks after the separator of a flow collection if the line would become too long."""
    start, end = document.text.rfind("\n", 0, index) + 1, document.text.find("\n", index)
    length = (end if end >= 0 else len(document.text)) - start + len(text.partition("\n")[0])
    return f",\n{' ' * column}{text[2:]}" if text.startswith(", ") and length > LONGEST_LINE else text


def remove_item(document: Document, place: Pointer, number: int) -> YamlEdit:
    """Removes a value from a list of several."""
    node = document.node(place)
    return _cut(document, [(item, item) for item in node.value], number)


def insert_after(document: Document, place: Pointer, text: str) -> YamlEdit:
    """Inserts text after a value."""
    return _at(_end(document, document.node(place)), text)


def insert_before(document: Document, place: Pointer, name: str, text: str) -> YamlEdit:
    """Inserts text before the line of an entry of a block mapping."""
    node = document.node(place)
    key = next(key for key, _ in node.value if key.value == name)
    return _at(key.start_mark.index - key.start_mark.column, text)


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
