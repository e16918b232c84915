"""Texts made of the vocabulary, for members whose name says no more than that they hold text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from mockserver.payloads.pools import Fakers
from mockserver.payloads.text import slug_of
from mockserver.payloads.vocabulary import Vocabulary

_TITLES, _SENTENCES = ("name", "title", "nome", "titulo"), ("description", "descricao", "message", "text")
_FEW = 12


class Words:
    def __init__(self, vocabulary: Vocabulary, fakers: Fakers) -> None:
        self._vocabulary, self._fakers = vocabulary, fakers

    @cached_property
    def titles(self) -> list[str]:
        return list(dict.fromkeys(self._members(_TITLES))) or self._phrases

    @cached_property
    def sentences(self) -> list[str]:
        # A key such as `integrations.sendgrid.description` is no sentence.
        found = [text for text in self._members(_SENTENCES) if " " in text]
        return list(dict.fromkeys(found)) or self._phrases

    @cached_property
    def slugs(self) -> list[str]:
        return [slug for title in self.titles if (slug := slug_of(title))] or ["principal"]

    @cached_property
    def _phrases(self) -> list[str]:
        # Not Faker's sentences: most locales have them in Latin.
        return self._fakers.values("catch_phrase", {}, _FEW)

    def _members(self, names: Iterable[str]) -> Iterable[str]:
        rows = (row for family in self._vocabulary.values() for row in family)
        return (row[name] for row in rows for name in names if isinstance(row.get(name), str))
