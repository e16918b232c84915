"""Laws on `x-faker`: what a generated value looks like, as a word of the vocabulary or a method of Faker."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from mockserver.contract.lint.problem import Breach, instead
from mockserver.contract.lint.survey import Survey

_LOCALES = ("en_US", "pt_BR")


def hints_are_well_formed(survey: Survey) -> Iterator[Breach]:
    """`x-faker` is `family.member`, the name of a Faker method, or one method with its arguments."""
    for pointer, _, schema in survey.all("schema"):
        if "x-faker" in schema and _read(schema["x-faker"]) is None:
            mend = "write family.member, a Faker method, or {method: {argument: value}}"
            yield Breach((*pointer, "x-faker"), f"`{schema['x-faker']}` is no hint", mend)


def hints_name_a_word_or_method(survey: Survey) -> Iterator[Breach]:
    """`x-faker` names a word of the vocabulary, or a Faker method that takes the arguments."""
    for pointer, _, schema in survey.all("schema"):
        if hint := _read(schema.get("x-faker")):
            name, arguments = hint
            if problem := _unknown_word(survey, name) if "." in name else _unknown_call(name, arguments):
                yield Breach((*pointer, "x-faker"), *problem)


def _read(hint: Any) -> tuple[str, dict[str, Any]] | None:
    """The name and its arguments, or None if it is no hint."""
    if isinstance(hint, str) and hint:
        return hint, {}
    if isinstance(hint, dict) and len(hint) == 1:
        [(name, arguments)] = hint.items()
        return (name, arguments or {}) if isinstance(arguments or {}, dict) else None
    return None


def _unknown_word(survey: Survey, name: str) -> tuple[str, str] | None:
    if name in survey.words:
        return None
    words = survey.words if isinstance(survey.words, Iterable) else ()
    return f"the vocabulary has no `{name}`", instead(name, sorted(words), "add it to the vocabulary")


def _unknown_call(name: str, arguments: dict[str, Any]) -> tuple[str, str] | None:
    method = _methods().get(name)
    if method is None:
        return f"Faker has no steady method `{name}`", instead(name, _methods(), "see https://faker.readthedocs.io")
    try:
        inspect.signature(method).bind(**arguments)
    except TypeError as error:
        return f"Faker's `{name}` does not take these arguments: {error}", "give the arguments that the method has"
    return None


@cache
def _methods() -> dict[str, Callable[..., Any]]:
    # Imported late: Faker costs a tenth of a second, and only a lint needs it here.
    from faker import Faker

    providers = [provider for locale in _LOCALES for provider in Faker(locale).get_providers()]
    # What reads the clock would differ from day to day.
    steady = [provider for provider in providers if ".date_time" not in type(provider).__module__]
    found = {name: getattr(provider, name) for provider in steady for name in dir(provider) if name[0] != "_"}
    return {name: method for name, method in found.items() if callable(method)}
