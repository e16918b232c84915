"""Laws on the text of the document: anchors, template marks, lines and blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from mockserver.contract.document import Pointer
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw

WIDTH = 120

_TEMPLATE_MARK = re.compile(r"\{\{|\{%|\{#")


def no_anchors(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """There is no YAML anchor and no alias: a `$ref` names the thing, an anchor does not."""
    for event in yaml.parse(contract.document.text, Loader=yaml.CSafeLoader):
        if anchor := getattr(event, "anchor", None):
            assert event.start_mark is not None
            problem = f"`{anchor}` is an {'alias' if isinstance(event, yaml.AliasEvent) else 'anchor'}"
            yield BrokenLaw(event.start_mark.line + 1, problem, "make it a component and refer to it with $ref")


def no_template_marks(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """There is no `{{`, `{%` or `{#`: some readers render the file as a Jinja template."""
    for number, line in enumerate(contract.lines, 1):
        if mark := _TEMPLATE_MARK.search(line):
            yield BrokenLaw(number, f"`{mark[0]}` is a Jinja mark", "put a space between the two characters")


def lines_are_short(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No line is longer than 120 characters."""
    for number, line in enumerate(contract.lines, 1):
        if len(line) > WIDTH:
            yield BrokenLaw(number, f"the line has {len(line)} characters", f"wrap it at {WIDTH}")


def blocks_are_one_blank_line_apart(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """One blank line separates two paths, and two schemas."""
    schemas = contract.document.raw.get("components", {}).get("schemas", {})
    pointers: list[Pointer] = [("paths", path) for path in list(contract.document.raw["paths"])[1:]]
    pointers += [("components", "schemas", name) for name in list(schemas)[1:]]
    for pointer in pointers:
        above = contract.lines[: contract.document.line(pointer) - 1]
        # A comment belongs to the block below it.
        while above and above[-1].lstrip().startswith("#"):
            above.pop()
        if above[-1:] != [""] or above[-2:-1] == [""]:
            yield BrokenLaw(pointer, f"`{pointer[-1]}` is not one blank line apart", "leave one blank line above it")
