"""What the members of one object have in common without a rule: the same person, and times in their order.

Both follow from the seed alone, and not from the location, because the members of one object share its seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from mockserver.payloads.fakers import Fakers
from mockserver.payloads.meaning import words_of
from mockserver.payloads.randomness import Draw, Seed
from mockserver.text import ascii_of

# Drawn with repetition: of these, some 190 first and 90 last names are different and of one word.
_NAMES = 640

# Times never depend on the clock. The end of the window is the present of the generated data.
START = datetime(2025, 6, 17, tzinfo=UTC)
END = datetime(2026, 3, 12, 23, 59, 59, 999_000, tzinfo=UTC)
# A task is due, and a key expires, in the future; everything else has happened.
_FUTURE_END = END + timedelta(days=1000)
_MS, _HOUR, _DAY = 1, 3_600_000, 86_400_000


@dataclass(frozen=True)
class PersonName:
    text: str
    in_email: str


class People:
    """One person for each seed: the first name, the last name and the e-mail of a seed belong together."""

    def __init__(self, fakers: Fakers, locale: str) -> None:
        self._fakers = fakers
        self.domain = "yourcompany.com.br" if locale == "pt_BR" else "yourcompany.com"

    def draw(self, part: str) -> Draw:
        """Returns a generator of `first`, `last`, `full`, `email` or `login`."""
        first_names, last_names = self._first_names, self._last_names

        def draw_part(seed: Seed) -> str:
            first, last = seed.choose(first_names, "first name"), seed.choose(last_names, "last name")
            login = f"{first.in_email}.{last.in_email}"
            return {
                "first": first.text,
                "last": last.text,
                "full": f"{first.text} {last.text}",
                "login": login,
                "email": f"{login}@{self.domain}",
            }[part]

        return draw_part

    # Kept, because Faker is imported and asked for names only if the contract speaks of people.
    @cached_property
    def _first_names(self) -> list[PersonName]:
        return self._names("first_name")

    @cached_property
    def _last_names(self) -> list[PersonName]:
        return self._names("last_name")

    def _names(self, method: str) -> list[PersonName]:
        """Returns different names of one word, without those that have no form in ASCII."""
        names = dict.fromkeys(self._fakers.values(method, {}, _NAMES))
        people = [PersonName(name, _in_email(name)) for name in names if " " not in name]
        return [person for person in people if person.in_email]


def _in_email(name: str) -> str:
    text = ascii_of(name)
    if len(text) < len(name):
        # Faker's own transliteration, for scripts such as Cyrillic that have no accents to strip.
        from faker.decode import unidecode

        text = unidecode(name)
    return "".join(character for character in text.lower() if character.isalnum() and character.isascii())


@dataclass(frozen=True)
class TimeMeaning:
    """How long after `created_at` a time lies, in milliseconds, and the words in the names of such members."""

    least: int
    most: int
    words: str
    end: datetime = END


_CREATED = TimeMeaning(0, 0, "created")
_MEANINGS = (
    # Enspace stores a new record twice, which is why `updated_at` is some milliseconds later.
    TimeMeaning(9 * _MS, 21 * _MS, "updated modified changed edited atualizado atualizacao alterado modificado"),
    TimeMeaning(_MS, _HOUR, "started start begun opened inicio iniciado"),
    TimeMeaning(
        _HOUR,
        30 * _DAY,
        "completed finished closed ended used seen login deleted archived signed paid end sent read canceled cancelled "
        "approved rejected concluido finalizado fim enviado",
    ),
    TimeMeaning(_DAY, 30 * _DAY, "due deadline scheduled vencimento prazo agendado", _FUTURE_END),
    TimeMeaning(30 * _DAY, 365 * _DAY, "expires expiration expiry expire expira expiracao until validade", _FUTURE_END),
    TimeMeaning(-65 * 365 * _DAY, -18 * 365 * _DAY, "birth birthday birthdate born nascimento"),
)
_MEANING_OF = {word: meaning for meaning in _MEANINGS for word in meaning.words.split()}

_WRITERS: dict[str, Callable[[datetime], str]] = {
    "date-time": lambda time: time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    "date": lambda time: time.date().isoformat(),
    "time": lambda time: time.isoformat(timespec="milliseconds").partition("T")[2].replace("+00:00", "Z"),
}
# Short of the end, so that an update still lies in the window.
_WINDOW = (END - START) // timedelta(milliseconds=1) - _DAY


def draw_time(name: str, format_name: str) -> Draw:
    """Returns a generator for a member of that name, in the format `date-time`, `date` or `time`."""
    meaning = next((_MEANING_OF[word] for word in words_of(name) if word in _MEANING_OF), _CREATED)
    write = _WRITERS[format_name]

    def draw(seed: Seed) -> str:
        created = seed.below(_WINDOW, "created")
        later = meaning.least + seed.below(meaning.most - meaning.least + 1, f"after {meaning.words}")
        return write(min(START + timedelta(milliseconds=created + later), meaning.end))

    return draw
