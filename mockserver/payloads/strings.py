"""Strings: by format, by the member's name, by pattern, by example, and at last any words; the first that fits.

All but people, instants and ids are lists of texts that were checked against the schema while compiling.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeAlias

from mockserver.payloads.compiler import Compiler
from mockserver.payloads.constants import example_of
from mockserver.payloads.dates import moment
from mockserver.payloads.faker_hints import implied
from mockserver.payloads.meaning import (
    FAKER,
    LISTED,
    OWNERS,
    PERSON,
    SENTENCE,
    SLUG,
    TITLE,
    URL,
    ending,
    owner_of,
)
from mockserver.payloads.merging import Merged
from mockserver.payloads.patterns import counted, matching
from mockserver.payloads.payload_error import NoValue
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make, key_of, mixed, pick, samples
from mockserver.payloads.text import digits_of, slug_of

Way: TypeAlias = Callable[[Compiler, Merged, Place], Make | None]

_POOL = 64
_TRIES = 64


def string(compiler: Compiler, whole: Merged, place: Place) -> Make:
    for way in _WAYS:
        if (make := way(compiler, whole, place)) is not None:
            return make
    raise NoValue(place.pointer, "no text was found that fits", "give it an `example` that fits, or loosen it")


def _by_format(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    written = whole.keywords.get("format")
    if written in ("date-time", "date", "time"):
        return _checked(compiler, whole, moment(place.name, written))
    if written == "email":
        return _checked(compiler, whole, compiler.people.member("email"))
    if written == "uuid":
        return _checked(compiler, whole, _uuid_maker(place.key))
    if written in _TEXTS:
        return _one_of(compiler, whole, place, _TEXTS[written](compiler, place))
    return None


def _by_name(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    name = place.name
    if part := _part_of_person(place):
        return _checked(compiler, whole, compiler.people.member(part))
    if make := implied(compiler, whole, place):
        return make
    if method := _faker_method(name, place.owner):
        return _one_of(compiler, whole, place, map(_capitalized, compiler.fakers.values(method, {}, _POOL)))
    if listed := ending(LISTED, name):
        return _one_of(compiler, whole, place, listed.split())
    if ending(SLUG, name):
        return _one_of(compiler, whole, place, compiler.words.slugs)
    return _one_of(compiler, whole, place, _urls(compiler, place)) if ending(URL, name) else None


def _by_pattern(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    pattern = whole.keywords.get("pattern")
    if pattern is None:
        return None
    fits = compiler.fits(whole)
    if (make := counted(pattern, place.key)) and all(map(fits, map(make, samples(_TRIES)))):
        return make
    texts = matching(pattern, fits, whole.keywords.get("minLength", 0), place.variety)
    return pick(texts, place.key) if texts else None


def _by_example(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    """The example alone; in a list, where one text would be repeated, among others."""
    example = example_of(compiler, whole)
    return pick(example, place.key) if example and not place.variety else None


def _by_words(compiler: Compiler, whole: Merged, place: Place) -> Make | None:
    words = compiler.words
    texts = words.sentences if ending(SENTENCE, place.name) else words.titles
    least, most = whole.keywords.get("minLength", 0), whole.keywords.get("maxLength")
    # A list that needs many different texts has to count.
    counters = (f"{number:x}".zfill(least) for number in range(place.variety if place.variety > 1 else 0))
    candidates = chain(example_of(compiler, whole), texts, _of_length(texts, least, most), counters)
    return _one_of(compiler, whole, place, candidates)


_WAYS: tuple[Way, ...] = (_by_format, _by_name, _by_pattern, _by_example, _by_words)


def _one_of(compiler: Compiler, whole: Merged, place: Place, candidates: Iterable[str]) -> Make | None:
    fits = compiler.fits(whole)
    texts = list(dict.fromkeys(text for candidate in candidates for text in _spellings(candidate, fits)))
    return pick(texts, place.key) if len(texts) >= max(1, place.variety) else None


def _spellings(text: str, fits: Callable[[str], bool]) -> Iterable[str]:
    """The text as it is or, if it does not fit, in the first spelling that does."""
    return islice((spelling for spelling in (text, text.lower(), slug_of(text), digits_of(text)) if fits(spelling)), 1)


def _checked(compiler: Compiler, whole: Merged, make: Make) -> Make | None:
    """The maker, if its values fit: looked at on each call only where the schema restricts more than the format."""
    if not whole.constraints.keys() - {"format"}:
        return make
    fits = compiler.fits(whole)
    fitting = [value for value in map(make, samples(_TRIES)) if fits(value)]
    if not fitting:
        return None
    return lambda seed: value if fits(value := make(seed)) else fitting[seed % len(fitting)]


def _part_of_person(place: Place) -> str | None:
    if part := ending(PERSON, place.name):
        return part
    if not ending(TITLE, place.name):
        return None
    owner = ending(OWNERS, owner_of(place.name, place.owner))
    return "full" if owner == "person" or (place.is_person and owner is None) else None


def _faker_method(name: str, owner: str) -> str | None:
    """A company's or a city's `name` is made like a `company` or a `city`."""
    if method := ending(FAKER, name):
        return method
    if not ending(TITLE, name):
        return None
    owner = owner_of(name, owner)
    return "company" if ending(OWNERS, owner) == "company" else ending(FAKER, owner)


def _capitalized(text: str) -> str:
    """`da Luz Melo Ltda.` is how Faker puts a company together from last names."""
    return text[:1].upper() + text[1:] if " " in text else text


def _of_length(texts: Iterable[str], least: int, most: int | None) -> Iterator[str]:
    """The texts repeated or cut until they have the length."""
    for text in texts:
        enough = " ".join([text or "-"] * (1 + least // max(len(text), 1)))
        yield enough[: most if most is not None else max(least, len(text))].strip().ljust(least, ".")


def _uuid_maker(key: int) -> Make:
    def make(seed: int) -> str:
        number = mixed(seed * key) << 64 | mixed(seed * key + 1)
        return str(uuid.UUID(int=number, version=4))

    return make


def _urls(compiler: Compiler, place: Place) -> Iterator[str]:
    return (f"https://{compiler.people.domain}/{place.name or 'pages'}/{slug}" for slug in compiler.words.slugs)


def _hostnames(compiler: Compiler, place: Place) -> Iterator[str]:
    return (f"{slug}.{compiler.people.domain}" for slug in compiler.words.slugs)


_TEXTS: dict[str, Callable[[Compiler, Place], Iterable[str]]] = {
    "uri": _urls,
    "hostname": _hostnames,
    "ipv4": lambda compiler, place: (f"203.0.113.{number}" for number in range(1, 255)),
    "ipv6": lambda compiler, place: (f"2001:db8::{number:x}" for number in range(1, 255)),
    "byte": lambda compiler, place: (b64encode(title.encode()).decode() for title in compiler.words.titles),
    "regex": lambda compiler, place: (f"^{slug}$" for slug in compiler.words.slugs),
    "password": lambda compiler, place: (f"{slug}-{key_of(slug)}" for slug in compiler.words.slugs),
}
