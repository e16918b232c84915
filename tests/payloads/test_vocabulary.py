"""The vocabulary file of the fixtures."""

from pathlib import Path

import pytest

from mockserver.errors import StartError
from mockserver.payloads import VocabularyError, load_vocabulary


def written(folder: Path, text: str) -> Path:
    path = folder / "vocabulary.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_vocabulary__is_families_of_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "type:\n  - {name: Ação, since: 2026-01-02}\n  - {name: Nota}\n")
    assert load_vocabulary(path) == {"type": [{"name": "Ação", "since": "2026-01-02"}, {"name": "Nota"}]}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_vocabulary__may_be_empty(tmp_path: Path, text: str) -> None:
    assert load_vocabulary(written(tmp_path, text)) == {}


def test_vocabulary__may_be_missing(tmp_path: Path) -> None:
    assert load_vocabulary(tmp_path / "none.yaml") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b\n", "not a mapping of families"),
        ("type: contratos\n", "the family `type` is not a list of rows"),
        ("type: []\n", "the family `type` is not a list of rows"),
        ("type: [a, b]\n", "the family `type` is not a list of rows"),
        ("type: [{name: a}, {}]\n", "the family `type` is not a list of rows"),
        ("7: [{name: a}]\n", "the family `7` is not named by a text"),
        (
            "type:\n  - {name: a}\ntype:\n  - {name: b}\n",
            "vocabulary.yaml:3: not readable as YAML: the key `type` is repeated",
        ),
        ("type: [{name: a\n", "vocabulary.yaml:2: not readable as YAML"),
        ("type: \x00\n", "not readable as YAML"),
    ],
)
def test_vocabulary__malformed_is_refused_with_file_line_and_fix(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        load_vocabulary(written(tmp_path, text))
    assert str(tmp_path / "vocabulary.yaml") in str(caught.value)
    assert message in str(caught.value)
    assert ". Fix: " in str(caught.value)


def test_vocabulary__undecodable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(VocabularyError, match="cannot be read"):
        load_vocabulary(path)


def test_error__is_one_of_value_and_stops_the_start() -> None:
    assert issubclass(VocabularyError, ValueError)
    assert issubclass(VocabularyError, StartError)
