"""Allowed imports: contract, payloads, state and the rules of Enspace import neither HTTP nor higher layers."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mockserver"

# Modules of this project that a folder, or a file, may import.
ALLOWED = {
    "text": set(),
    "clock": set(),
    "secrets": set(),
    "contract": {"contract", "errors", "secrets"},
    "payloads": {"payloads", "contract", "errors", "text"},
    "state": {"state", "clock", "errors", "secrets"},
    "enspace": {"enspace", "state", "contract", "clock", "secrets", "text"},
    "fixture_files": {"fixture_files", "enspace", "state", "payloads", "contract", "clock", "secrets", "errors"},
    "settings": {"clock", "errors"},
    "pipeline": {"pipeline", "contract", "payloads", "enspace", "state", "clock", "secrets"},
    "coverage": {"coverage", "pipeline", "contract", "state", "errors"},
    "control": {"control", "contract", "coverage", "pipeline", "fixture_files", "enspace", "state", "clock", "secrets"},
    "judging": {"judging", "contract", "errors"},
    "traffic": {"traffic", "judging", "contract", "errors", "secrets", "settings", "text"}
    | {"app", "fixture_files", "enspace", "state", "pipeline"},
    "verify": {
        "verify",
        "judging",
        "traffic",
        "enspace",
        "contract",
        "coverage",
        "errors",
        "secrets",
        "settings",
        "text",
    },
    "testing": {"testing", "app", "serving", "coverage", "state", "errors", "settings", "text"},
}
HTTP = {"connexion", "starlette", "uvicorn", "httpx"}


def imports_of(file: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules


def files_of(name: str) -> list[Path]:
    return sorted((PACKAGE / name).rglob("*.py")) or [PACKAGE / f"{name}.py"]


@pytest.mark.parametrize("name", ALLOWED)
def test_imports__go_one_way(name: str) -> None:
    for file in files_of(name):
        ours = {module.split(".")[1] for module in imports_of(file) if module.startswith("mockserver.")}
        assert ours <= ALLOWED[name], file


@pytest.mark.parametrize(
    "name", ["contract", "coverage", "payloads", "state", "enspace", "clock", "fixture_files", "secrets", "settings"]
)
def test_imports__of_packages_without_http(name: str) -> None:
    for file in files_of(name):
        assert not {module.split(".")[0] for module in imports_of(file)} & HTTP, file


def test_environment__is_read_by_the_settings_only() -> None:
    readers = [file.name for file in PACKAGE.rglob("*.py") if re.search(r"environ\b", file.read_text(encoding="utf-8"))]
    assert readers == ["settings.py"]


def test_verify__is_used_by_the_command_line_only() -> None:
    outside = [file for file in PACKAGE.rglob("*.py") if PACKAGE / "verify" not in file.parents]
    users = [
        file.name for file in outside if any(module.startswith("mockserver.verify") for module in imports_of(file))
    ]
    assert users == ["__main__.py"]


def test_start__loads_only_what_it_serves() -> None:
    code = "import sys; from mockserver import Settings; from mockserver.app import assemble; assemble(Settings())"
    listing = "print(*sys.modules, sep=chr(10))"
    done = subprocess.run([sys.executable, "-c", f"{code}; {listing}"], capture_output=True, text=True, timeout=60)
    unwanted = re.compile(r"mockserver\.(traffic|judging|verify|control\.control_app)|ijson|sqlalchemy|schemathesis")
    assert done.stdout.count("mockserver.") > 50
    assert [name for name in done.stdout.splitlines() if unwanted.match(name)] == []
