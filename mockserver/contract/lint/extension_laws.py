"""Laws on our extensions of OpenAPI: `x-provenance` (how certain a part is) and `x-faker` (realistic values)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Pointer
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw, join_names, suggest
from mockserver.contract.lint.walk_objects import Node
from mockserver.contract.walk import properties_of

STATUSES = ("documented", "partly-documented", "observed", "inferred")

# The extensions, with the kinds of objects that may have them.
_EXTENSIONS = {"x-provenance": ("operation", "schema"), "x-faker": ("schema",), "x-promises": ("operation",)}
_PARTS_OF_OPERATIONS = ("method", "path", "body")
_LOCALES = ("en_US", "pt_BR")


def _is_page(value: Any) -> bool:
    return isinstance(value, str) and value != "" and " " not in value


def _is_listing(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(name, str) for name in value)


@dataclass(frozen=True)
class _KeyCheck:
    is_valid: Callable[[Any], bool]
    fix: str


_CHECKS = {
    "status": _KeyCheck(lambda value: value in STATUSES, f"write one of {join_names(STATUSES)}"),
    "source": _KeyCheck(_is_page, "name the page, without spaces"),
    "partly": _KeyCheck(_is_listing, "list the names that are less certain"),
    "observed": _KeyCheck(_is_listing, "list the names that recordings have shown"),
    "inferred": _KeyCheck(_is_listing, "list the names that are inferred"),
}


def extensions_are_listed(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The only `x-` keys are `x-provenance` on operations and named schemas, `x-faker` and `x-promises`."""
    for pointer, kind, value in contract.objects:
        known = [name for name, kinds in _EXTENSIONS.items() if kind in kinds]
        for key in value:
            if key.startswith("x-") and key not in known:
                yield BrokenLaw((*pointer, key), f"`{key}` is not known on the {kind} object", suggest(key, known))


def provenance_is_given(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation and every named schema, and nothing else, has `x-provenance` with `status` and `source`."""
    required = {node.pointer: node for node in _with_provenance(contract)}
    for pointer, node in required.items():
        found = node.value.get("x-provenance")
        if not isinstance(found, dict) or not found.keys() >= {"status", "source"}:
            problem = f"`{node.value.get('operationId', pointer[-1])}` does not say how certain it is"
            yield BrokenLaw(pointer, problem, f"add x-provenance with source and status, one of {join_names(STATUSES)}")
    for pointer, _, value in contract.objects:
        if "x-provenance" in value and pointer not in required:
            yield BrokenLaw((*pointer, "x-provenance"), "only a named schema has a provenance", "remove it")


def provenance_is_well_formed(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`x-provenance` has `status`, `source`, and as lists of names `partly`, `observed` and `inferred`."""
    for provenance in _provenances(contract):
        for key, value in provenance.value.items():
            where = (*provenance.pointer, key)
            if key not in _CHECKS:
                yield BrokenLaw(where, f"`{key}` is not a key of x-provenance", suggest(key, _CHECKS))
            elif not _CHECKS[key].is_valid(value):
                yield BrokenLaw(where, f"`{key}` is `{value}`", _CHECKS[key].fix)


def provenance_names_exist(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """These lists name, once, members of the schema on any level; of an operation method, path or body."""
    for provenance in _provenances(contract):
        node, seen = provenance.node, set()
        known = _PARTS_OF_OPERATIONS if node.kind == "operation" else _member_names(contract, node)
        for key in ("partly", "observed", "inferred"):
            names = provenance.value.get(key, [])
            for name in names if _is_listing(names) else ():
                if name not in known:
                    yield BrokenLaw((*provenance.pointer, key), f"there is no `{name}` here", suggest(name, known))
                elif name in seen:
                    problem = f"`{name}` is repeated"
                    yield BrokenLaw((*provenance.pointer, key), problem, "keep it in one of the lists")
                seen.add(name)


def hints_are_well_formed(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`x-faker` is `family.member`, the name of a Faker method, or one method with its arguments."""
    for pointer, _, schema in contract.all("schema"):
        if "x-faker" in schema and _parse_hint(schema["x-faker"]) is None:
            fix = "write family.member, a Faker method, or {method: {argument: value}}"
            yield BrokenLaw((*pointer, "x-faker"), f"`{schema['x-faker']}` is no hint", fix)


def hints_name_a_word_or_method(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`x-faker` names a word of the vocabulary, or a Faker method that takes the arguments."""
    methods = _faker_methods()
    for pointer, _, schema in contract.all("schema"):
        if hint := _parse_hint(schema.get("x-faker")):
            where = (*pointer, "x-faker")
            is_word = "." in hint.name
            yield from _check_word(contract, where, hint.name) if is_word else _check_call(methods, where, hint)


def _with_provenance(contract: ContractIndex) -> list[Node]:
    operations = [node for node in contract.all("operation") if len(node.pointer) == 3]
    return operations + contract.component_schemas


@dataclass(frozen=True)
class _WrittenProvenance:
    """`x-provenance` of an operation or a schema."""

    node: Node
    value: dict[str, Any]

    @property
    def pointer(self) -> Pointer:
        return (*self.node.pointer, "x-provenance")


def _provenances(contract: ContractIndex) -> Iterator[_WrittenProvenance]:
    for node in _with_provenance(contract):
        if isinstance(value := node.value.get("x-provenance"), dict):
            yield _WrittenProvenance(node, value)


def _member_names(contract: ContractIndex, node: Node) -> list[str]:
    depth = len(node.pointer)
    inside = (pointer for pointer in contract.kinds if pointer[:depth] == node.pointer and pointer[-2] == "properties")
    return [*properties_of(contract.document, node.value), *(str(pointer[-1]) for pointer in inside)]


@dataclass(frozen=True)
class _Hint:
    """`x-faker`: `family.member`, or a method of Faker with its arguments."""

    name: str
    arguments: dict[str, Any]


def _parse_hint(written: Any) -> _Hint | None:
    """Parses `x-faker`; None if it is no hint."""
    if isinstance(written, str) and written:
        return _Hint(written, {})
    if isinstance(written, dict) and len(written) == 1:
        [(name, arguments)] = written.items()
        return _Hint(name, arguments or {}) if isinstance(arguments or {}, dict) else None
    return None


def _check_word(contract: ContractIndex, pointer: Pointer, name: str) -> Iterator[BrokenLaw]:
    if name not in contract.words:
        words = sorted(contract.words) if isinstance(contract.words, Iterable) else []
        fix = suggest(name, words, "add it to the vocabulary")
        yield BrokenLaw(pointer, f"the vocabulary has no `{name}`", fix)


def _check_call(methods: dict[str, Callable[..., Any]], pointer: Pointer, hint: _Hint) -> Iterator[BrokenLaw]:
    if hint.name not in methods:
        problem = f"Faker has no method `{hint.name}` that gives the same values every day"
        yield BrokenLaw(pointer, problem, suggest(hint.name, methods, "see https://faker.readthedocs.io"))
        return
    try:
        inspect.signature(methods[hint.name]).bind(**hint.arguments)
    except TypeError as error:
        problem = f"Faker's `{hint.name}` does not take these arguments: {error}"
        yield BrokenLaw(pointer, problem, "give the arguments that the method has")


def _faker_methods() -> dict[str, Callable[..., Any]]:
    # Imported late: Faker takes a tenth of a second, and only `mockserver lint` needs it here.
    from faker import Faker

    providers = [provider for locale in _LOCALES for provider in Faker(locale).get_providers()]
    # Dates of Faker are relative to today.
    steady = [provider for provider in providers if ".date_time" not in type(provider).__module__]
    found = {name: getattr(provider, name) for provider in steady for name in dir(provider) if name[0] != "_"}
    return {name: method for name, method in found.items() if callable(method)}
