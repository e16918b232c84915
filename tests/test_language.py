"""Plain technical English: a glossary of words to avoid, and unique class and file names."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mockserver"

# Each word with the one to use instead.
GLOSSARY = {
    # Two promises of `verify` have such names, which users have in their baselines.
    r"(?<!never_)told|(?<!errors_)tells?|telling": "describe, render, log, state",
    r"mend(s|ed|ing)?": "fix",
    r"anew": "again, or nothing",
    r"wish(es|ed)?": "preference",
    r"(held|holds?|holding)( \w+)? against": "check against",
    r"(goes?|went)[ _]wrong": "fail, fault",
    r"desk": "dashboard",
    r"sieve|sift(ed|s)?": "strip members",
    r"made[ _]up|make[ _]up": "generated",
    r"judges?|judged": "validator, classifier",
    r"what[ _]nobody": "unused",
    r"stands?[ _]twice": "is repeated",
}
# An underscore is a boundary too: identifiers consist of the same words.
_WORDS = re.compile(rf"(?<![^\W_])(?:{'|'.join(GLOSSARY)})(?![^\W_])", re.IGNORECASE)

SUFFIXES = {".py", ".js", ".ts", ".html", ".css", ".yaml", ".md"}
FOLDERS = ["mockserver", "tests", "benchmarks", "docs", "examples"]
# This file quotes the words; RESULTS.md is a report of `make bench`.
SKIPPED = {Path(__file__), ROOT / "benchmarks" / "RESULTS.md"}


def prose_of(folder: str) -> list[Path]:
    """Lists the files in a folder that are checked; those of the root are a group of their own."""
    if folder == "root":
        return [ROOT / name for name in ("README.md", "Makefile", "pyproject.toml", "openapi.yaml")]
    found = (path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES and path not in SKIPPED)
    return sorted(path for path in found if "node_modules" not in path.parts)


@pytest.mark.parametrize("folder", [*FOLDERS, "root"])
def test_words__of_the_glossary_are_gone(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in prose_of(folder)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _WORDS.search(line)
    ]
    assert not found, "\n".join(found)


def test_file_names__are_unique() -> None:
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert [name for name, count in names.items() if count > 1] == []


def test_class_names__are_unique() -> None:
    names = Counter(
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_package__has_at_most_eight_files_of_its_own() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 8


def test_modules__have_a_docstring() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not text or ast.get_docstring(ast.parse(text)), path
