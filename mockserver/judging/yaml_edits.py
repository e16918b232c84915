"""Edits of a YAML text that keep everything else, comments and line breaks included, and the text of new values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from mockserver.contract.document import Document, Pointer

LONGEST_LINE = 120  # characters
SHORTEST_LINE = 30  # where one that is too long is broken
NO_BREAK = 1_000_000


@dataclass(frozen=True, order=True)
class YamlEdit:
    """Replaces the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


class _PlainDumper(yaml.SafeDumper):
    """Writes what occurs twice twice: the contract has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def flow_yaml(value: Any) -> str:
    """Writes a value in flow style on one line; a patch breaks lines that get too long."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=NO_BREAK)
    return text.removesuffix("\n").removesuffix("\n...")


def block_yaml(value: Any, column: int) -> str:
    """Writes a value as lines that begin at a column; objects of scalars only stay on one line."""
    text = yaml.dump(
        value,
        Dumper=_PlainDumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=LONGEST_LINE - 4 - column,
    )
    return "\n".join(" " * column + line for line in text.rstrip().splitlines())


def apply_edits(text: str, edits: Iterable[YamlEdit]) -> str:
    """Returns the text with all edits, which must not overlap."""
    # From the end, so that the positions of the other edits stay right.
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def wrap_lines(text: str, known: str) -> str:
    """Breaks lines that are too long, inside of flow collections; those of the text `known` stay as they are."""
    kept = set(known.split("\n"))
    lines = (_wrapped(line) if len(line) > LONGEST_LINE and line not in kept else [line] for line in text.split("\n"))
    return "\n".join(part for parts in lines for part in parts)


def _wrapped(line: str) -> list[str]:
    indent, parts = " " * (len(line) - len(line.lstrip()) + 2), list[str]()
    while len(line) > LONGEST_LINE and (at := _breaking_point(line)) > len(indent):
        parts.append(line[:at].rstrip())
        line = indent + line[at:].lstrip()
    return [*parts, line]


def _breaking_point(line: str) -> int:
    """The position after the last comma of the outermost flow collection that fits on the line; 0 without one."""
    depths, quote, before = [0], "", ""
    commas: dict[int, int] = {}  # the depth by position
    for position, character in enumerate(line):
        # A quote within a word is an apostrophe.
        if character in "'\"" and (character == quote or (not quote and before in "[{,:")):
            quote = "" if quote else character
        elif not quote and character in "[{":
            depths.append(depths[-1] + 1)
        elif not quote and character in "]}":
            depths.append(depths[-1] - 1)
        elif not quote and character == "," and SHORTEST_LINE < position < LONGEST_LINE:
            commas[position + 1] = depths[-1]
        before = character if character != " " else before
    # A line that closes more than it opens continues a collection.
    least = min(depths[0], *depths)
    inside = {position: depth for position, depth in commas.items() if depth > min(0, least)}
    return max(inside, key=lambda position: (-inside[position], position), default=0)


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
    return _at(_end(document, last), _separator(node, node.value[0][0].start_mark.column) + entry)


def replace_entry(document: Document, place: Pointer, name: str, entry: str) -> YamlEdit:
    """Replaces an entry of a mapping, with its key."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    key, value = next((key, value) for key, value in node.value if key.value == name)
    return YamlEdit(key.start_mark.index, _end(document, value), entry)


def remove_entry(document: Document, place: Pointer, name: str) -> YamlEdit:
    """Removes an entry from a mapping."""
    node = document.node(place)
    assert isinstance(node, yaml.MappingNode)
    keys = [key.value for key, _ in node.value]
    return _cut(document, node.value, keys.index(name)) if len(keys) > 1 else replace_value(document, place, "{}")


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
