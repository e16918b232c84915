"""Strings: by format, by the name of the member, by pattern, by example, and at last any words.

The first of these ways that has values decides. Most of them are lists of candidates, of which those that fit the
schema are kept at compile time.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from mockserver.payloads.combinations import verified
from mockserver.payloads.faker_hints import draw_implied
from mockserver.payloads.meaning import (
    CHOICES,
    FAKER_METHODS,
    OWNERS,
    PERSON,
    SENTENCES,
    SLUGS,
    TITLES,
    URLS,
    meaning_of,
    owner_of,
)
from mockserver.payloads.merging import MergedSchema
from mockserver.payloads.patterns import draw_matching
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.randomness import Draw, Seed, hash_of, samples
from mockserver.payloads.realism import draw_time
from mockserver.payloads.scalars import fitting_example
from mockserver.text import digits_of, slug_of

if TYPE_CHECKING:
    from mockserver.payloads.compiler import Compiler, SchemaLocation

Way: TypeAlias = "Callable[[Compiler, MergedSchema, SchemaLocation], Draw | None]"

_CANDIDATES = 64
_SAMPLES = 64


def compile_string(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw:
    for way in _WAYS:
        if (draw := way(compiler, schema, location)) is not None:
            return draw
    raise NoValue(location.pointer, "no text was found that fits", "give it an `example` that fits, or loosen it")


def _by_format(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    format_name = schema.keywords.get("format")
    if format_name in ("date-time", "date", "time"):
        return _if_fitting(compiler, schema, location, draw_time(location.name, format_name))
    if format_name == "email" and (draw := _if_fitting(compiler, schema, location, compiler.people.draw("email"))):
        return draw
    if format_name == "uuid":
        return _if_fitting(compiler, schema, location, _draw_uuid(location.pointer))
    if format_name in _FORMATS:
        return _one_of(compiler, schema, location, _FORMATS[format_name](compiler, location))
    return None


def _by_name(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    name, words = location.name, compiler.words
    if part := _part_of_person(location):
        return _if_fitting(compiler, schema, location, compiler.people.draw(part))
    if draw := draw_implied(compiler, schema, location):
        return draw
    if method := _faker_method(name, location.owner):
        values = compiler.fakers.values(method, {}, _CANDIDATES)
        return _one_of(compiler, schema, location, map(_capitalize, values))
    if choices := meaning_of(CHOICES, name):
        return _one_of(compiler, schema, location, choices.split())
    if meaning_of(SLUGS, name):
        return _one_of(compiler, schema, location, words.slugs)
    return _one_of(compiler, schema, location, _urls(compiler, location)) if meaning_of(URLS, name) else None


def _by_pattern(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    pattern = schema.keywords.get("pattern")
    if pattern is None:
        return None
    least = schema.keywords.get("minLength", 0)
    return draw_matching(pattern, compiler.fits(schema), least, location)


def _by_example(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    """Draws the example alone; in a list, where one text would be repeated, it is one candidate among others."""
    example = fitting_example(compiler, schema)
    return (lambda seed: example[0]) if example and not location.variety else None


def _by_words(compiler: Compiler, schema: MergedSchema, location: SchemaLocation) -> Draw | None:
    texts = compiler.words.sentences if meaning_of(SENTENCES, location.name) else compiler.words.titles
    least, most = schema.keywords.get("minLength", 0), schema.keywords.get("maxLength")
    # A list that needs many different texts has to count.
    counters = (f"{number:x}".zfill(least) for number in range(location.variety if location.variety > 1 else 0))
    lengthened = _of_length(texts, least, most) if least or most is not None else ()
    candidates = chain(fitting_example(compiler, schema), texts, lengthened, counters)
    return _one_of(compiler, schema, location, candidates)


_WAYS: tuple[Way, ...] = (_by_format, _by_name, _by_pattern, _by_example, _by_words)


def _one_of(
    compiler: Compiler, schema: MergedSchema, location: SchemaLocation, candidates: Iterable[str]
) -> Draw | None:
    """Draws one of the candidates that fit; None if there are fewer than the location needs."""
    texts = list(dict.fromkeys(_fitting(compiler, schema, candidates)))
    if len(texts) < max(1, location.variety):
        return None
    return lambda seed: seed.choose(texts, location.pointer)


def _fitting(compiler: Compiler, schema: MergedSchema, candidates: Iterable[str]) -> Iterator[str]:
    """Yields the candidates that fit, each in the first spelling that does."""
    fits = compiler.fits(schema)
    spellings = (next(filter(fits, _spellings(candidate)), None) for candidate in candidates)
    return (text for text in spellings if text is not None)


# `52998224725` for `529.982.247-25`, where a pattern wants digits only. Lazily, since the first one fits nearly always.
def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.lower()
    yield slug_of(text)
    yield digits_of(text)


def _if_fitting(compiler: Compiler, schema: MergedSchema, location: SchemaLocation, draw: Draw) -> Draw | None:
    """Returns the generator if some of its values fit, validated on each call if the schema has more than a format."""
    if not schema.constraints.keys() - {"format"}:
        return draw
    fits = compiler.fits(schema)
    fitting = [value for value in map(draw, samples(_SAMPLES)) if fits(value)]
    return verified(draw, fits, fitting, location.pointer) if fitting else None


def _part_of_person(location: SchemaLocation) -> str | None:
    if part := meaning_of(PERSON, location.name):
        return part
    if not meaning_of(TITLES, location.name):
        return None
    # `name` is a person's in a Customer, and beside an e-mail address, but not in a Company.
    owner = meaning_of(OWNERS, owner_of(location.name, location.owner))
    return "full" if owner == "person" or (location.is_person and owner is None) else None


def _faker_method(name: str, owner: str) -> str | None:
    """Returns Faker's method for a name; the `name` of a company or a city is a `company` or a `city`."""
    if method := meaning_of(FAKER_METHODS, name):
        return method
    if not meaning_of(TITLES, name):
        return None
    owner = owner_of(name, owner)
    return "company" if meaning_of(OWNERS, owner) == "company" else meaning_of(FAKER_METHODS, owner)


def _capitalize(text: str) -> str:
    """Capitalizes names of companies: Faker composes them from last names such as `da Luz`."""
    return text[:1].upper() + text[1:] if " " in text else text


def _of_length(texts: Iterable[str], least: int, most: int | None) -> Iterator[str]:
    """Repeats or cuts the texts until they have the length."""
    for text in texts:
        repeated = " ".join([text or "-"] * (1 + least // max(len(text), 1)))
        yield repeated[: most if most is not None else max(least, len(text))].strip().ljust(least, ".")


def _draw_uuid(key: str) -> Draw:
    def draw_uuid(seed: Seed) -> str:
        number = hash_of(seed.number, key, "high") << 64 | hash_of(seed.number, key, "low")
        return str(uuid.UUID(int=number, version=4))

    return draw_uuid


def _urls(compiler: Compiler, location: SchemaLocation) -> Iterator[str]:
    return (f"https://{compiler.people.domain}/{location.name or 'pages'}/{slug}" for slug in compiler.words.slugs)


# Addresses of documentation networks, which belong to nobody (RFC 5737, RFC 3849).
_FORMATS: dict[str, Callable[[Compiler, SchemaLocation], Iterable[str]]] = {
    "uri": _urls,
    "uri-reference": _urls,
    "duration": lambda compiler, location: (f"PT{number}M" for number in range(5, 60, 5)),
    # Short ones, where those of people do not fit (RFC 2606 reserves `.test`).
    "email": lambda compiler, location: (f"{name}{end}" for end in ("@a.test", "@a") for name in "abcdefghij"),
    "hostname": lambda compiler, location: (f"{slug}.{compiler.people.domain}" for slug in compiler.words.slugs),
    "ipv4": lambda compiler, location: (f"203.0.113.{number}" for number in range(1, 255)),
    "ipv6": lambda compiler, location: (f"2001:db8::{number:x}" for number in range(1, 255)),
    "byte": lambda compiler, location: (b64encode(title.encode()).decode() for title in compiler.words.titles),
    "regex": lambda compiler, location: (f"^{slug}$" for slug in compiler.words.slugs),
    "password": lambda compiler, location: (f"{slug}-{hash_of(slug) % 10**9}" for slug in compiler.words.slugs),
}
