"""Values of Faker, drawn while compiling: Faker takes microseconds for each, an index into a list does not.

Each pool is drawn with a random source of its own, so that it does not matter which pools are filled, or when.
"""

from __future__ import annotations

import datetime
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.source import key_of

if TYPE_CHECKING:
    from faker import Generator as FakerGenerator

# Asked in this order, so that `cpf` has a value in every locale.
_FALLBACKS = ("en_US", "pt_BR")
_PEOPLE = "person"
# Loading every provider takes longer than compiling the whole contract.
_PROVIDERS = {
    "ssn": "cpf rg ssn",
    "company": "cnpj company catch_phrase",
    "phone_number": "phone_number cellphone_number",
    "address": "city state estado_sigla state_abbr country country_code postcode bairro street_name street_address",
    "job": "job",
    "automotive": "license_plate",
    "bank": "iban bban swift",
    "internet": "mac_address ipv4_private ipv6 domain_name",
    "person": "first_name last_name name bothify numerify random_int",
}
_PROVIDER_OF = {method: provider for provider, methods in _PROVIDERS.items() for method in methods.split()}


class UnknownMethod(LookupError):
    """Faker has no such method that gives the same value on every day."""


class _Missing(Exception):
    """The method, or one that it calls, is not there."""


class Fakers:
    def __init__(self, locale: str) -> None:
        self._locales = (locale, *(other for other in _FALLBACKS if other != locale))
        self._generators: dict[str, FakerGenerator] = {}
        self._providers: dict[str, set[str]] = {}

    def values(self, method: str, arguments: Mapping[str, Any], count: int) -> list[Any]:
        """Values of a Faker method, as JSON has them. `UnknownMethod` if there is none of that name."""
        known = _PROVIDER_OF.get(method)
        for providers in ((known,) if known else (), self._all_providers):
            for locale in self._locales:
                generator = self._loaded(locale, providers)
                # One provider may lean on another that is loaded in the second round only.
                with suppress(_Missing):
                    return _drawn(generator, method, arguments, count)
        raise UnknownMethod(method)

    @cached_property
    def _all_providers(self) -> tuple[str, ...]:
        from faker.config import PROVIDERS

        # Its values depend on today's date.
        return tuple(sorted(name.rpartition(".")[2] for name in PROVIDERS if not name.endswith("date_time")))

    def _loaded(self, locale: str, providers: Iterable[str]) -> FakerGenerator:
        """The locale's Faker with these providers, and with that of people, on whom the others lean."""
        # Imported here because it takes half of a cold start; a contract without people and hints needs none of it.
        from faker import Factory

        loaded = self._providers.setdefault(locale, set())
        if new := [name for name in (_PEOPLE, *providers) if name not in loaded]:
            names = [f"faker.providers.{name}" for name in new]
            try:
                self._generators[locale] = Factory.create(locale, names, self._generators.get(locale))
            except AttributeError as error:
                raise PayloadError(f"locale {locale}", "Faker has no such locale", "name one such as pt_BR") from error
            loaded |= set(new)
        return self._generators[locale]


def _drawn(generator: FakerGenerator, method: str, arguments: Mapping[str, Any], count: int) -> list[Any]:
    if method[:1] == "_" or not any(hasattr(provider, method) for provider in generator.get_providers()):
        raise _Missing
    generator.random = Random(key_of(f"{method} {json.dumps(arguments, sort_keys=True)}"))
    try:
        return [_as_json(getattr(generator, method)(**arguments)) for _ in range(count)]
    except AttributeError as error:
        raise _Missing from error


_AS_JSON: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Decimal, float),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    (bytes, lambda value: b64encode(value).decode()),
    ((set, frozenset), lambda value: sorted((_as_json(part) for part in value), key=repr)),
    ((list, tuple), lambda value: [_as_json(part) for part in value]),
    (dict, lambda value: {str(name): _as_json(part) for name, part in value.items()}),
)


def _as_json(value: Any) -> Any:
    return next((turn(value) for kind, turn in _AS_JSON if isinstance(value, kind)), value)
