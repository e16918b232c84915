"""Values of Faker, in the locale of the settings or in another one that knows them."""

from __future__ import annotations

import datetime
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.randomness import hash_of

if TYPE_CHECKING:
    from faker import Generator as FakerGenerator

# Asked in this order, so that `cpf` has a value in every locale.
_FALLBACKS = ("en_US", "pt_BR")


class UnknownMethod(LookupError):
    """Faker has no such method that gives the same value on every day."""


class Fakers:
    """Faker's generators, one for each locale that was needed."""

    def __init__(self, locale: str) -> None:
        self._locales = (locale, *(other for other in _FALLBACKS if other != locale))
        self._generators: dict[str, FakerGenerator] = {}

    def values(self, method: str, arguments: Mapping[str, Any], count: int) -> list[Any]:
        """Draws values of a method as JSON values: the same ones always. Raises `UnknownMethod` if there is none."""
        for locale in self._locales:
            generator = self._generator(locale)
            # Its providers are asked because a generator has methods of its own, such as `seed_instance`.
            if method[:1] != "_" and any(hasattr(provider, method) for provider in generator.get_providers()):
                generator.random = Random(hash_of(method, json.dumps(arguments, sort_keys=True)))
                # A method may need another one that its locale does not have.
                with suppress(AttributeError):
                    return [_to_json(getattr(generator, method)(**arguments)) for _ in range(count)]
        raise UnknownMethod(method)

    def _generator(self, locale: str) -> FakerGenerator:
        if locale not in self._generators:
            # Imported late: it takes 0.1 s, and a contract without people and hints does without.
            from faker import Factory
            from faker.config import PROVIDERS

            # Dates of Faker are relative to today.
            providers = [name for name in PROVIDERS if not name.endswith("date_time")]
            try:
                self._generators[locale] = Factory.create(locale, providers)
            except AttributeError as error:
                raise PayloadError(f"locale {locale}", "Faker has no such locale", "name one such as pt_BR") from error
        return self._generators[locale]


_CONVERTERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Decimal, float),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    (bytes, lambda value: b64encode(value).decode()),
    ((set, frozenset), lambda value: sorted((_to_json(part) for part in value), key=repr)),
    ((list, tuple), lambda value: [_to_json(part) for part in value]),
    (dict, lambda value: {str(name): _to_json(part) for name, part in value.items()}),
)


def _to_json(value: Any) -> Any:
    return next((convert(value) for kind, convert in _CONVERTERS if isinstance(value, kind)), value)
