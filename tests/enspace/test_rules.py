"""Every rule of Enspace has a test that names it."""

import ast
from collections.abc import Iterator
from pathlib import Path

RULES = {f"R{number}" for number in range(1, 112)}


def named_in(file: Path) -> Iterator[str]:
    """The rules in the `rule` marks of a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule":
            yield from (ast.literal_eval(argument) for argument in node.args)


def test_rules__are_each_named_by_a_test() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    named = {rule for file in files for rule in named_in(file)}
    assert sorted(RULES - named) == []
    assert sorted(named - RULES) == []
