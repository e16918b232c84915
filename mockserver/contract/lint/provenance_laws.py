"""Laws on the private `x-` keys, and on `x-provenance`: how sure we are of a part, and by which page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.document import Pointer
from mockserver.contract.lint.problem import Breach, instead, listed
from mockserver.contract.lint.survey import Node, Survey
from mockserver.contract.walk import properties_of

STATUSES = ("documented", "partly-documented", "inferred")

# Every private key, with the kinds of object on which it may stand.
_EXTENSIONS = {"x-provenance": ("operation", "schema"), "x-faker": ("schema",)}
_PARTS_OF_OPERATIONS = ("method", "path", "body")


def _is_page(value: Any) -> bool:
    return isinstance(value, str) and value != "" and " " not in value


def _is_listing(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(name, str) for name in value)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "status": (lambda value: value in STATUSES, f"write one of {listed(STATUSES)}"),
    "source": (_is_page, "name the page, without blanks"),
    "partly": (_is_listing, "list the names that are less sure"),
    "inferred": (_is_listing, "list the names that are inferred"),
}


def extensions_are_listed(survey: Survey) -> Iterator[Breach]:
    """The only `x-` keys are `x-provenance`, on operations and named schemas, and `x-faker`, on schemas."""
    for pointer, kind, value in survey.objects:
        known = [name for name, kinds in _EXTENSIONS.items() if kind in kinds]
        for key in value:
            if key.startswith("x-") and key not in known:
                yield Breach((*pointer, key), f"`{key}` is not known on the {kind} object", instead(key, known))


def provenance_is_given(survey: Survey) -> Iterator[Breach]:
    """Every operation and every named schema, and nothing else, has `x-provenance` with `status` and `source`."""
    sourced = {node.pointer: node for node in _sourced(survey)}
    for pointer, node in sourced.items():
        found = node.value.get("x-provenance")
        if not isinstance(found, dict) or not found.keys() >= {"status", "source"}:
            problem = f"`{node.value.get('operationId', pointer[-1])}` does not say how sure it is"
            yield Breach(pointer, problem, f"add x-provenance with source and status, one of {listed(STATUSES)}")
    for pointer, _, value in survey.objects:
        if "x-provenance" in value and pointer not in sourced:
            yield Breach((*pointer, "x-provenance"), "only a named schema has a provenance", "remove it")


def provenance_is_well_formed(survey: Survey) -> Iterator[Breach]:
    """In `x-provenance` stand `status`, `source`, `partly` and `inferred`; the last two are lists of names."""
    for pointer, _, provenance in _provenances(survey):
        for key, value in provenance.items():
            if key not in _CHECKS:
                yield Breach((*pointer, key), f"`{key}` says nothing about provenance", instead(key, _CHECKS))
            elif not _CHECKS[key][0](value):
                yield Breach((*pointer, key), f"`{key}` is `{value}`", _CHECKS[key][1])


def provenance_names_exist(survey: Survey) -> Iterator[Breach]:
    """`partly` and `inferred` name, once, members of the schema on any level; of an operation method, path or body."""
    for pointer, node, provenance in _provenances(survey):
        known = _PARTS_OF_OPERATIONS if node.kind == "operation" else _member_names(survey, node)
        lists = [(key, provenance[key]) for key in ("partly", "inferred") if _is_listing(provenance.get(key))]
        names = [(key, name) for key, listing in lists for name in listing]
        for index, (key, name) in enumerate(names):
            if name not in known:
                yield Breach((*pointer, key), f"there is no `{name}` here", instead(name, known))
            elif name in (other for _, other in names[:index]):
                yield Breach((*pointer, key), f"`{name}` stands twice", "keep it in the list that is true")


def _sourced(survey: Survey) -> list[Node]:
    operations = [node for node in survey.all("operation") if len(node.pointer) == 3]
    return operations + survey.component_schemas


def _provenances(survey: Survey) -> Iterator[tuple[Pointer, Node, dict[str, Any]]]:
    for node in _sourced(survey):
        if isinstance(found := node.value.get("x-provenance"), dict):
            yield (*node.pointer, "x-provenance"), node, found


def _member_names(survey: Survey, node: Node) -> list[str]:
    depth = len(node.pointer)
    inside = (pointer for pointer in survey.kinds if pointer[:depth] == node.pointer and pointer[-2] == "properties")
    return [*properties_of(survey.document, node.value), *(str(pointer[-1]) for pointer in inside)]
