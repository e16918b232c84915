"""The words of the fixtures: families of rows whose members belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import yaml

from mockserver.errors import StartError
from mockserver.yaml_text import PlainLoader

Row: TypeAlias = dict[str, Any]
Vocabulary: TypeAlias = dict[str, list[Row]]

_SHAPE = "write `family: [{member: value, ...}, ...]`, at least one row for each family"


class VocabularyError(StartError, ValueError):
    """The vocabulary file cannot be used; raised when it is loaded."""

    def __init__(self, path: Path, line: int | None, problem: str, mend: str) -> None:
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {problem}. Mend: {mend}.")


def load_vocabulary(path: Path) -> Vocabulary:
    """The families of the file; none if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(path, None, f"the vocabulary cannot be read: {error}", "save it as UTF-8 text") from error
    families = _parsed(path, text)
    if not isinstance(families, dict):
        raise VocabularyError(path, 1, "the vocabulary is not a mapping of families", _SHAPE)
    for family, rows in families.items():
        _check_family(path, family, rows)
    return families


def _parsed(path: Path, text: str) -> Any:
    try:
        return yaml.load(text, Loader=PlainLoader) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise VocabularyError(path, line, f"not readable as YAML: {error.problem}", "correct that line") from error
    except yaml.YAMLError as error:
        problem = f"not readable as YAML: {str(error).splitlines()[0]}"
        raise VocabularyError(path, None, problem, "save it as plain text") from error


def _check_family(path: Path, family: Any, rows: Any) -> None:
    if not isinstance(family, str):
        raise VocabularyError(path, None, f"the family `{family}` is not named by a text", "put quotes around it")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) and row for row in rows):
        raise VocabularyError(path, None, f"the family `{family}` is not a list of rows", _SHAPE)
