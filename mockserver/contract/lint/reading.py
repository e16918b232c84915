"""Laws on the text itself, for those who read it: lines, blank lines, and what YAML or a template would make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from mockserver.contract.document import Pointer
from mockserver.contract.lint.problem import Breach
from mockserver.contract.lint.survey import Survey

WIDTH = 120

_TEMPLATE_MARK = re.compile(r"\{\{|\{%|\{#")


def no_anchors(survey: Survey) -> Iterator[Breach]:
    """There is no YAML anchor and no alias: a `$ref` names the thing, an anchor does not."""
    for event in yaml.parse(survey.document.text, Loader=yaml.CSafeLoader):
        if anchor := getattr(event, "anchor", None):
            assert event.start_mark is not None
            problem = f"`{anchor}` is an {'alias' if isinstance(event, yaml.AliasEvent) else 'anchor'}"
            yield Breach(event.start_mark.line + 1, problem, "make it a component and refer to it with $ref")


def no_template_marks(survey: Survey) -> Iterator[Breach]:
    """There is no `{{`, `{%` or `{#`: some readers render the file as a Jinja template."""
    for number, line in enumerate(survey.lines, 1):
        if mark := _TEMPLATE_MARK.search(line):
            yield Breach(number, f"`{mark[0]}` is a mark of Jinja", "put a blank between the two characters")


def lines_are_short(survey: Survey) -> Iterator[Breach]:
    """No line is longer than 120 characters."""
    for number, line in enumerate(survey.lines, 1):
        if len(line) > WIDTH:
            yield Breach(number, f"the line has {len(line)} characters", f"wrap it at {WIDTH}")


def blocks_are_one_blank_line_apart(survey: Survey) -> Iterator[Breach]:
    """One blank line stands between two paths, and between two schemas."""
    schemas = survey.document.raw.get("components", {}).get("schemas", {})
    places: list[Pointer] = [("paths", path) for path in list(survey.document.raw["paths"])[1:]]
    places += [("components", "schemas", name) for name in list(schemas)[1:]]
    for place in places:
        above = survey.lines[: survey.document.line(place) - 1]
        while above and above[-1].lstrip().startswith("#"):
            above.pop()
        if above[-1:] != [""] or above[-2:-1] == [""]:
            yield Breach(place, f"`{place[-1]}` does not stand one blank line apart", "leave one blank line above it")
