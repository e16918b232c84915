"""The vocabulary of the fixtures, from which names and descriptions are taken: families of rows.

The members of one row belong together, such as the name and the slug of an item type.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.contract.yaml_text import YamlError, parse_yaml
from mockserver.errors import StartError
from mockserver.payloads.fakers import Fakers
from mockserver.text import slug_of

Row: TypeAlias = dict[str, Any]
Vocabulary: TypeAlias = dict[str, list[Row]]

_TITLES, _SENTENCES = ("name", "title", "nome", "titulo"), ("description", "descricao", "message", "text")
_PHRASES = 12
_SHAPE = "write `family: [{member: value, ...}, ...]`, at least one row for each family"


class VocabularyError(StartError, ValueError):
    """The vocabulary file cannot be used."""

    def __init__(self, path: Path, line: int | None, problem: str, fix: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}. Fix: {fix}.")


class Words:
    """Texts of the vocabulary for members whose name says no more than that they contain text."""

    def __init__(self, vocabulary: Vocabulary, fakers: Fakers) -> None:
        # A key such as `integrations.sendgrid.description` is no sentence.
        sentences = [text for text in _texts(vocabulary, _SENTENCES) if " " in text]
        self.titles = list(dict.fromkeys(_texts(vocabulary, _TITLES))) or _phrases(fakers)
        self.sentences = list(dict.fromkeys(sentences)) or _phrases(fakers)
        self.slugs = [slug for title in self.titles if (slug := slug_of(title))] or ["principal"]


def _texts(vocabulary: Vocabulary, names: tuple[str, ...]) -> Iterator[str]:
    rows = (row for family in vocabulary.values() for row in family)
    return (row[name] for row in rows for name in names if isinstance(row.get(name), str))


def _phrases(fakers: Fakers) -> list[str]:
    # Not Faker's sentences: most locales have them in Latin.
    return fakers.values("catch_phrase", {}, _PHRASES)


def load_vocabulary(path: Path) -> Vocabulary:
    """Reads the families of the file; none if there is no such file. Raises `VocabularyError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(path, None, f"the vocabulary cannot be read: {error}", "save it as UTF-8 text") from error
    try:
        families = parse_yaml(text) or {}
    except YamlError as error:
        raise VocabularyError(path, error.line, error.problem, error.fix) from error
    if not isinstance(families, dict):
        raise VocabularyError(path, 1, "the vocabulary is not a mapping of families", _SHAPE)
    for family, rows in families.items():
        _check_family(path, family, rows)
    return families


def _check_family(path: Path, family: Any, rows: Any) -> None:
    if not isinstance(family, str):
        raise VocabularyError(path, None, f"the family `{family}` is not named by a text", "put quotes around it")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) and row for row in rows):
        raise VocabularyError(path, None, f"the family `{family}` is not a list of rows", _SHAPE)
