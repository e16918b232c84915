"""Documentation checked against the code: links, tables and printed output."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from mockserver import MockServer, Settings
from mockserver.app import assemble
from mockserver.contract.promises import KINDS, parse_promise
from mockserver.serving.server import start_lines
from tests.conftest import FULL_KEY

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links__lead_to_files_and_headings(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(file), target


def test_readme__is_one_page() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_contents__list_all_pages() -> None:
    listed = re.findall(r"\]\((.+?\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(page.name for page in DOCS.glob("*.md") if page.name != "README.md")


def test_readme__shows_the_start_lines() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    printed = "\n".join(start_lines(assemble(Settings()), "http://127.0.0.1:4010"))
    assert f"$ make serve\n{printed}\n```" in readme
    assert FULL_KEY in printed


def test_stages__are_all_documented_in_their_order() -> None:
    page = (DOCS / "request-lifecycle.md").read_text(encoding="utf-8")
    documented = re.findall(r"(?m)^\| ([a-z ]+) \|", page)
    files = (ROOT / "mockserver" / "pipeline").glob("*.py")
    names = (re.search(r'name = "(.+)"', file.read_text(encoding="utf-8")) for file in files)
    assert {name[1] for name in names if name} == set(documented) - {"stage", "preference", "send"}


def test_promises__are_documented_as_they_are_written() -> None:
    page = (DOCS / "verify.md").read_text(encoding="utf-8")
    shown: dict[str, set[str]] = {}
    for kind, parts in re.findall(r"(?m)^\| (?:`(\w+)` )?\| `(\w+: .+?)` \|", page):
        name = kind or list(shown)[-1]
        written = yaml.safe_load(f"{{kind: {name}, status: inferred, rule: R1, {parts}}}")
        assert parse_promise(written)
        shown[name] = shown.get(name, set()) | written.keys()
    assert shown == {kind: {"kind", *(part.name for part in fields(of))} for kind, of in KINDS.items()}


def test_recipes__never_wait_without_a_limit() -> None:
    examples = [path for path in (ROOT / "examples").rglob("*") if path.is_file() and "node_modules" not in path.parts]
    for page in [*PAGES, *examples]:
        text = page.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"\b(until|while)\b[^\n]*\bcurl\b", text), page


def test_recipes__of_pages_and_examples_are_yaml() -> None:
    """Each waits for the server by a health check, where the platform does not."""
    recipes = re.findall(r"```yaml\n(.+?)```", (DOCS / "ci.md").read_text(encoding="utf-8"), re.DOTALL)
    parsed = [yaml.safe_load(recipe) for recipe in recipes]
    github = [recipe["jobs"]["test"] for recipe in parsed if "jobs" in recipe]
    assert len(github) == len(parsed) - len(github) == 2
    (service,) = [job["services"]["enspace"] for job in github if "services" in job]
    assert "--health-retries" in service["options"]
    compose = yaml.safe_load((ROOT / "examples" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert compose["enspace"]["healthcheck"]["retries"]
    assert compose["test"]["depends_on"] == {"enspace": {"condition": "service_healthy"}}


def test_health_check__of_the_recipes_succeeds_only_while_the_server_listens() -> None:
    compose = yaml.safe_load((ROOT / "examples" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    code = compose["enspace"]["healthcheck"]["test"][-1]
    assert code in (DOCS / "ci.md").read_text(encoding="utf-8").replace('\\"', '"')
    with MockServer() as enspace:
        port = enspace.url.rpartition(":")[2]
        exec(code.replace("4010", port), {})
    with pytest.raises(ConnectionRefusedError):
        exec(code.replace("4010", port), {})


def test_make__targets_are_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):.*##", makefile)) - {"verify", "clean"}
    documented = set(re.findall(r"(?m)^\| `make ([a-z]+)` \|", (DOCS / "development.md").read_text(encoding="utf-8")))
    assert documented == targets


def test_source_tree__is_documented() -> None:
    page = (DOCS / "development.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (ROOT / "mockserver").glob("*/__init__.py")}
    assert set(re.findall(r"(?m)^\| `([a-z_]+)/` \|", page)) == folders
