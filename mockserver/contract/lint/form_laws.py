"""Laws of form: the document is JSON data in the shape of OpenAPI 3.0. All other laws rely on these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.document import Pointer
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.grammar import FORMS, REQUIRED, Form, form_of
from mockserver.contract.lint.lint_problem import BrokenLaw, join_names, suggest

_LENGTH = 160
_SPECIFICATION = "https://spec.openapis.org/oas/v3.0.3"


def json_data(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The document is JSON data: keys are texts; values are texts, numbers, booleans, null, lists and objects."""
    yield from _not_json((), contract.document.raw)


def known_keys(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every key is a key of OpenAPI 3.0 for its object, or starts with `x-`."""
    for pointer, kind, value in contract.objects:
        for key in value.keys() - FORMS[kind].keys():
            if not key.startswith("x-") and form_of(kind, key) is None:
                problem = f"`{key}` is not a key of the {kind} object in OpenAPI 3.0"
                known = [name for name in FORMS[kind] if not name.startswith("x-")]
                yield BrokenLaw((*pointer, key), problem, suggest(key, known))


def required_keys(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every object has the keys that OpenAPI requires of it."""
    for pointer, kind, value in contract.objects:
        for key in REQUIRED[kind]:
            if key not in value:
                yield BrokenLaw(pointer, f"the {kind} object has no `{key}`", f"add `{key}:`")


def value_types(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every value is of the type that OpenAPI has for its key."""
    for pointer, kind, value in contract.objects:
        for key, part in value.items():
            form = form_of(kind, key)
            if form and (form.container or not _fits(form.kind, part)):
                yield from _misfits((*pointer, key), form, part)


def paths_start_with_a_slash(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every key of `paths` is a path and starts with a slash."""
    for path in contract.document.raw["paths"]:
        if not path.startswith("/"):
            yield BrokenLaw(("paths", path), f"`{path}` is no path", f"write `/{path}`, or move a note elsewhere")


def status_keys(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every key of `responses` is a status from '200' to '599', a range such as '4XX', or `default`."""
    for pointer, _, responses in contract.all("responses"):
        for key in responses:
            digits = key.upper().replace("XX", "00")
            if key != "default" and not (len(key) == 3 and digits.isdecimal() and 200 <= int(digits) <= 599):
                yield BrokenLaw(
                    (*pointer, key), f"`{key}` is no status of a response", "write '200' to '599', or default"
                )


def _not_json(pointer: Pointer, value: Any) -> Iterator[BrokenLaw]:
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, dict) and not isinstance(key, str):
                yield BrokenLaw((*pointer, key), f"the key {key!r} is not text", "write the key in quotes")
            # Most values are scalars, for which a call would be wasted.
            if type(part) not in _PLAIN:
                yield from _not_json((*pointer, key), part)
    elif not (isinstance(value, float) and math.isfinite(value)):
        yield BrokenLaw(
            pointer, f"{value!r} has no form in JSON", "write a text, number, boolean, null, list or object"
        )


def _misfits(pointer: Pointer, form: Form, value: Any) -> Iterator[BrokenLaw]:
    if form.container and not isinstance(value, dict if form.container == "map" else list):
        yield _misfit(pointer, "an object" if form.container == "map" else "a list", value)
        return
    if form.filled and not value:
        yield BrokenLaw(pointer, f"`{pointer[-1]}` is empty", "list at least one, or remove it")
    if form.filled and (twice := [part for index, part in enumerate(value) if part in value[:index]]):
        yield BrokenLaw(pointer, f"`{pointer[-1]}` lists {_describe(twice[0])} twice", "list it once")
    for path, part in form.elements(value):
        if not _fits(form.kind, part):
            yield _misfit((*pointer, *path), describe_expected(form.kind), part)


def _misfit(pointer: Pointer, expected: str, value: Any) -> BrokenLaw:
    return BrokenLaw(pointer, f"`{pointer[-1]}` is {_describe(value)}", f"write {expected}")


def describe_expected(kind: str) -> str:
    """Describes a kind of the grammar for a person."""
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    return f"one of {join_names(kind.split('|'))}" if "|" in kind else f"an object: the {kind}"


def _fits(kind: str, value: Any) -> bool:
    if fits := _SCALARS.get(kind):
        return fits(value)
    return value in kind.split("|") if "|" in kind else isinstance(value, dict)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_PLAIN = frozenset({str, int, bool, type(None)})
_SCALARS: dict[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "text": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "number": _is_number,
    "positive": lambda value: _is_number(value) and value > 0,
    "count": lambda value: isinstance(value, int) and _is_number(value) and value >= 0,
    "flag/schema": lambda value: isinstance(value, bool | dict),
}
_EXPECTED = {
    "text": "a text; a text such as `no` or `1.0` needs quotes",
    "flag": "true or false",
    "number": "a number",
    "positive": "a number above 0",
    "count": "a whole number from 0",
    "flag/schema": "true, false or a schema",
}


def _describe(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return f"the text `{value}`"
    return "null" if value is None else str(value).lower()


def openapi_is_valid(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The document is valid OpenAPI 3.0 for openapi-spec-validator."""
    # Imported late: it takes a third of a second, and the server does without.
    from openapi_spec_validator import OpenAPIV30SpecValidator

    for error in OpenAPIV30SpecValidator(contract.document.raw).iter_errors():
        # A message quotes the value, however long, and below its first line the schema too.
        first = error.message.splitlines()[0]
        problem = first if len(first) <= _LENGTH else f"{first[: _LENGTH // 2]} … {first[-_LENGTH // 2 :]}"
        yield BrokenLaw(tuple(error.absolute_path), problem, f"see {_SPECIFICATION}")
