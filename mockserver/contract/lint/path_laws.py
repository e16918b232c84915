"""Laws on paths: their keys, their order, and that no two are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw, suggest
from mockserver.contract.path_matcher import key_names, shape_of


def paths_are_written_out(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A path lists its operations, and is no `$ref`."""
    for pointer, _, item in contract.all("pathItem"):
        if "$ref" in item:
            yield BrokenLaw((*pointer, "$ref"), f"`{pointer[-1]}` is a `$ref`", "write the operations under the path")


def path_keys_are_separate(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A `{key}` of a path has a name of its own, and a slash or a text between itself and the next one."""
    for path in contract.document.raw["paths"]:
        names = key_names(path)
        rest = shape_of(path).replace("{}", "\n")
        if "" in names or re.search(r"[{}]|\n\n", rest) or len(set(names)) < len(names):
            fix = "put a slash or a text between two keys, and give each a unique name"
            yield BrokenLaw(("paths", path), f"the keys of `{path}` cannot be read", fix)


def path_keys_are_declared(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `{key}` of a path is declared as a parameter with `in: path`."""
    for operation in contract.operations:
        declared = {part["name"] for _, part in operation.parameters if part["in"] == "path"}
        for name in key_names(operation.path):
            if name not in declared:
                fix = f"add a parameter {{name: {name}, in: path, required: true}}"
                spelled = sorted(declared - set(key_names(operation.path)))
                fix += f", or correct `{spelled[0]}`" if spelled else ""
                yield BrokenLaw(operation.pointer, f"`{{{name}}}` of `{operation.path}` is not declared", fix)


def path_parameters_are_in_the_path(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every parameter with `in: path` is a `{key}` of its path."""
    for operation in contract.operations:
        names = key_names(operation.path)
        for pointer, parameter in operation.parameters:
            if parameter["in"] == "path" and parameter["name"] not in names:
                problem = f"`{operation.path}` has no `{{{parameter['name']}}}`"
                yield BrokenLaw(pointer, problem, f"{suggest(parameter['name'], names)}, or put the key into the path")


def path_parameters_are_required(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A parameter with `in: path` says `required: true`."""
    for pointer, _, parameter in contract.all("parameter"):
        if parameter["in"] == "path" and parameter.get("required") is not True:
            yield BrokenLaw(pointer, f"`{parameter['name']}` is a part of the path, but optional", "add required: true")


def paths_differ(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No two paths differ only in the names of their keys."""
    first: dict[str, str] = {}
    for path in contract.document.raw["paths"]:
        other = first.setdefault(shape_of(path), path)
        if other != path:
            problem = f"`{path}` is the same path as `{other}`"
            yield BrokenLaw(("paths", path), problem, "put all operations under one of them")


def literal_paths_come_first(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A literal path comes before a path whose `{key}` would match it."""
    paths = list(contract.document.raw["paths"])
    for index, path in enumerate(paths):
        for earlier in paths[:index]:
            if _matches(earlier, path):
                yield BrokenLaw(("paths", path), f"`{path}` comes after `{earlier}`", "move it up, before that path")


def parameters_stand_once(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A list of parameters names each name and place once."""
    for pointer, _, owner in (*contract.all("pathItem"), *contract.all("operation")):
        parts = [contract.document.resolve(part) for part in owner.get("parameters", ())]
        places = Counter((part["name"], part["in"]) for part in parts)
        for index, part in enumerate(parts):
            if places[part["name"], part["in"]] > 1:
                problem = f"`{part['name']}` in {part['in']} is listed more than once"
                yield BrokenLaw((*pointer, "parameters", index), problem, "keep one of them")


def _matches(template: str, path: str) -> bool:
    """Whether the template matches the literal path, which it would hide if it came first."""
    ours, theirs = (shape_of(each).split("/") for each in (template, path))
    differing = [key for key, literal in zip(ours, theirs, strict=False) if key != literal]
    return len(ours) == len(theirs) and set(differing) == {"{}"}
