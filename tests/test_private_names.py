"""List of the private names of dependencies in use, each with its reason and the pinned range."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "mockserver"

# File, name: reason, and the versions for which it was checked.
ALLOWED: dict[tuple[str, str], str] = {}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def own_names() -> set[str]:
    """All private names that the package defines itself."""
    names = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names


def foreign_names(file: Path, own: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("mockserver"):
            yield from (part for part in (node.module or "").split(".") if is_private(part))
            yield from (alias.name for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "._" in node.value:
            # A dotted text may patch a module; none of ours has a private part.
            yield from (part for part in node.value.split(".") if is_private(part) and part.isidentifier())


def test_private_names__of_dependencies_are_all_listed() -> None:
    own = own_names()
    found = {
        (str(file.relative_to(PACKAGE)), name) for file in PACKAGE.rglob("*.py") for name in foreign_names(file, own)
    }
    assert found == set(ALLOWED)


def test_product__does_not_patch_modules() -> None:
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in ("unittest", "sys.modules", "gc.disable") if word in text], file
