"""Small changes to a YAML text that leave everything else as it was written, comments and line breaks included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from mockserver.contract.document import Document, Pointer


@dataclass(frozen=True, order=True)
class Edit:
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def replaced(document: Document, place: Pointer, text: str) -> Edit:
    """The value at a place becomes another."""
    node = document.node(place)
    return Edit(node.start_mark.index, _end(document, node), text)


def entry_added(
    document: Document, place: Pointer, name: str, value: str, *, before: str = "", after: str = ""
) -> Edit:
    """A new entry of a mapping, before or after one of its own, else at its end."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    keys = [key.value for key, _ in node.value]
    entry = f"{name}:{value}" if value.startswith("\n") else f"{name}: {value}"
    if before:
        key = node.value[keys.index(before)][0]
        return _at(key.start_mark.index, entry + _between(node, key.start_mark.column))
    key, last = node.value[keys.index(after) if after else -1]
    return _at(_end(document, last), _between(node, key.start_mark.column) + entry)


def entry_removed(document: Document, place: Pointer, name: str) -> Edit:
    """A mapping without one of its entries, which is not the only one."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    keys = [key.value for key, _ in node.value]
    return _cut(document, node.value, keys.index(name))


def appended(document: Document, place: Pointer, value: str) -> Edit:
    """A list with a value at its end."""
    node = document.node(place)
    assert isinstance(node, yaml.SequenceNode)
    dash = "" if node.flow_style else "- "
    return _at(_end(document, node.value[-1]), _between(node, node.start_mark.column) + dash + value)


def item_removed(document: Document, place: Pointer, number: int) -> Edit:
    """A list without one of its values, which is not the only one."""
    node = document.node(place)
    return _cut(document, [(item, item) for item in node.value], number)


def _cut(document: Document, parts: list[tuple[yaml.Node, yaml.Node]], number: int) -> Edit:
    """From the end of the one before, or to the start of the one behind."""
    if number:
        return Edit(_end(document, parts[number - 1][1]), _end(document, parts[number][1]), "")
    return Edit(parts[0][0].start_mark.index, parts[1][0].start_mark.index, "")


def _between(node: yaml.CollectionNode, column: int) -> str:
    return ", " if node.flow_style else "\n" + " " * column


def _at(index: int, text: str) -> Edit:
    return Edit(index, index, text)


def _end(document: Document, node: yaml.Node) -> int:
    """Where a value ends: a block ends, to the parser, where the next thing begins."""
    text = document.text[node.start_mark.index : node.end_mark.index]
    lines = text.rstrip().splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return node.start_mark.index + len("".join(lines).rstrip())
