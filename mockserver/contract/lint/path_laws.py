"""Laws on paths: their keys, their order, and that no two are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mockserver.contract.lint.problem import Breach, instead
from mockserver.contract.lint.survey import Survey

_KEY = re.compile(r"\{([^{}/]*)\}")


def paths_are_written_out(survey: Survey) -> Iterator[Breach]:
    """A path stands with its operations, not as a `$ref`."""
    for pointer, _, item in survey.all("pathItem"):
        if "$ref" in item:
            yield Breach((*pointer, "$ref"), f"`{pointer[-1]}` is a `$ref`", "write the operations under the path")


def path_keys_fill_segments(survey: Survey) -> Iterator[Breach]:
    """A `{key}` is a whole segment of its path and has a name of its own."""
    for path in survey.document.raw["paths"]:
        names = _KEY.findall(path)
        whole = all(re.fullmatch(r"\{[^{}]+\}|[^{}]*", segment) for segment in path.split("/"))
        if not whole or len(set(names)) < len(names):
            mend = "put each {key} between slashes, under a name that stands once"
            yield Breach(("paths", path), f"the keys of `{path}` cannot be read", mend)


def path_keys_are_declared(survey: Survey) -> Iterator[Breach]:
    """Every `{key}` of a path is declared as a parameter with `in: path`."""
    for operation in survey.operations:
        declared = {part["name"] for _, part in operation.parameters if part["in"] == "path"}
        for name in _KEY.findall(operation.path):
            if name not in declared:
                mend = f"add a parameter {{name: {name}, in: path, required: true}}"
                spelled = sorted(declared - set(_KEY.findall(operation.path)))
                mend += f", or correct `{spelled[0]}`" if spelled else ""
                yield Breach(operation.pointer, f"`{{{name}}}` of `{operation.path}` is not declared", mend)


def path_parameters_are_in_the_path(survey: Survey) -> Iterator[Breach]:
    """Every parameter with `in: path` is a `{key}` of its path."""
    for operation in survey.operations:
        names = _KEY.findall(operation.path)
        for pointer, parameter in operation.parameters:
            if parameter["in"] == "path" and parameter["name"] not in names:
                problem = f"`{operation.path}` has no `{{{parameter['name']}}}`"
                yield Breach(pointer, problem, f"{instead(parameter['name'], names)}, or put the key into the path")


def path_parameters_are_required(survey: Survey) -> Iterator[Breach]:
    """A parameter with `in: path` says `required: true`."""
    for pointer, _, parameter in survey.all("parameter"):
        if parameter["in"] == "path" and parameter.get("required") is not True:
            yield Breach(pointer, f"`{parameter['name']}` is a part of the path, but optional", "add required: true")


def paths_differ(survey: Survey) -> Iterator[Breach]:
    """No two paths are the same but for the names of their keys."""
    first: dict[str, str] = {}
    for path in survey.document.raw["paths"]:
        other = first.setdefault(_KEY.sub("{}", path), path)
        if other != path:
            problem = f"`{path}` is the same path as `{other}`"
            yield Breach(("paths", path), problem, "put all operations under one of them")


def literal_paths_come_first(survey: Survey) -> Iterator[Breach]:
    """A literal path stands before a path whose `{key}` would take it."""
    paths = list(survey.document.raw["paths"])
    for index, path in enumerate(paths):
        for earlier in paths[:index]:
            if _takes(earlier, path):
                yield Breach(("paths", path), f"`{path}` stands after `{earlier}`", "move it up, before that path")


def parameters_stand_once(survey: Survey) -> Iterator[Breach]:
    """A list of parameters names each name and place once."""
    for pointer, _, owner in (*survey.all("pathItem"), *survey.all("operation")):
        parts = [survey.document.resolve(part) for part in owner.get("parameters", ())]
        places = Counter((part["name"], part["in"]) for part in parts)
        for index, part in enumerate(parts):
            if places[part["name"], part["in"]] > 1:
                problem = f"`{part['name']}` in {part['in']} stands more than once"
                yield Breach((*pointer, "parameters", index), problem, "keep one of them")


def _takes(template: str, path: str) -> bool:
    """True if a key of the template stands where the path has a literal, and all else is equal."""
    ours, theirs = (_KEY.sub("{}", each).split("/") for each in (template, path))
    differing = [key for key, literal in zip(ours, theirs, strict=False) if key != literal]
    return len(ours) == len(theirs) and set(differing) == {"{}"}
