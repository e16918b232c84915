"""One person for each seed: wherever the same seed asks, first name, last name and e-mail are of the same person."""

from __future__ import annotations

from functools import cached_property

from mockserver.payloads.pools import Fakers
from mockserver.payloads.source import Make, key_of
from mockserver.payloads.text import plain

# Drawn with repetition: of these, some 190 first and 90 last names are different and of one word.
_DRAWN = 640
_FIRST, _LAST = key_of("first name of a person"), key_of("last name of a person")


class People:
    def __init__(self, fakers: Fakers, locale: str) -> None:
        self._fakers = fakers
        self.domain = "yourcompany.com.br" if locale == "pt_BR" else "yourcompany.com"

    def member(self, part: str) -> Make:
        """A maker of one of `first`, `last`, `full`, `email`, `login`."""
        firsts, lasts, domain = self._firsts, self._lasts, self.domain
        count, others = len(firsts), len(lasts)

        def name(seed: int) -> str:
            return f"{firsts[(seed * _FIRST >> 24) % count][0]} {lasts[(seed * _LAST >> 24) % others][0]}"

        def login(seed: int) -> str:
            return f"{firsts[(seed * _FIRST >> 24) % count][1]}.{lasts[(seed * _LAST >> 24) % others][1]}"

        makers: dict[str, Make] = {
            "first": lambda seed: firsts[(seed * _FIRST >> 24) % count][0],
            "last": lambda seed: lasts[(seed * _LAST >> 24) % others][0],
            "full": name,
            "login": login,
            "email": lambda seed: f"{login(seed)}@{domain}",
        }
        return makers[part]

    @cached_property
    def _firsts(self) -> list[tuple[str, str]]:
        return self._names("first_name")

    @cached_property
    def _lasts(self) -> list[tuple[str, str]]:
        return self._names("last_name")

    def _names(self, method: str) -> list[tuple[str, str]]:
        """Names of one word with their form in an e-mail, each once."""
        names = dict.fromkeys(self._fakers.values(method, {}, _DRAWN))
        return [(name, _in_email(name)) for name in names if " " not in name and _in_email(name)]


def _in_email(name: str) -> str:
    text = plain(name)
    if len(text) < len(name):
        from faker.decode import unidecode

        text = unidecode(name)
    return "".join(character for character in text.lower() if character.isalnum() and character.isascii())
