"""Laws of the linter: each one broken in a small, otherwise clean contract, with the expected line and fix.

The contract is test_lint_clean.yaml, the ways to break it are in test_lint_broken.txt.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import reduce
from inspect import isfunction, ismodule
from operator import getitem
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml

from mockserver.contract.document import ContractError, Document, Pointer, load_document
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.lint import LintProblem, check_servable, describe_laws, find_obstacles, laws, lint
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import name_of
from mockserver.contract.lint.reference_laws import UNUSED
from mockserver.contract.operations import read_operations
from mockserver.contract.schemas import Schemas

HERE = Path(__file__).parent
OURS = HERE.parents[1] / "openapi.yaml"
VOCABULARY = HERE.parents[1] / "fixtures" / "vocabulary.yaml"
CLEAN = (HERE / "test_lint_clean.yaml").read_text(encoding="utf-8")
BLOCKS = (HERE / "test_lint_broken.txt").read_text(encoding="utf-8").split("\n\n")[2:]
WORDS = ("item.name",)
# pytest itself may have added modules of its own.
THEMES = [part for part in vars(laws).values() if ismodule(part) and part.__name__.startswith("mockserver.")]
# Some of their breaches are read as anybody would, without a note: `version: 1`, a description beside a `$ref`.
SILENT = {"json-data", "value-types", "references-stand-alone", "references-name-components"}
# Nothing can repair these.
STOPPING = {
    *("nothing is there", "it leads to another file"),
    *("two schemas stand for each other", "a schema is a part of itself", "a schema is what it is not"),
}
HOUSE_LAWS = {name_of(law) for law in (*laws.HOUSE, *laws.LAST)}


class Case(NamedTuple):
    """One block of test_lint_broken.txt."""

    law: str
    condition: str
    old: str
    new: str
    at: str
    said: str

    @property
    def text(self) -> str:
        assert CLEAN.count(self.old) == 1, self
        return CLEAN.replace(self.old, self.new)

    @property
    def line(self) -> int:
        """Line of the expected problem."""
        start = self.text.index(self.at) if self.at else CLEAN.index(self.old)
        return self.text.count("\n", 0, start) + 1


def read_case(block: str) -> Case:
    title, *lines = block.splitlines()
    law, _, condition = title.partition(": ")
    parts = ("\n".join(line[2:] for line in lines if line[0] == mark) for mark in "-+@=")
    return Case(law, condition, *parts)


CASES = [read_case(block) for block in BLOCKS]


def document_of(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_document(path)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.law}-{case.condition}" for case in CASES])
def test_law__broken_is_found_and_refused_at_start_unless_it_is_a_house_law(tmp_path: Path, case: Case) -> None:
    document = document_of(tmp_path, case.text)
    problems = lint(document, WORDS)
    found = [problem for problem in problems if (problem.law, problem.line) == (case.law, case.line)]
    assert found, "\n".join(map(str, problems))
    assert all(problem.problem and problem.fix for problem in found)
    assert any(case.said in str(problem) for problem in found), found
    if case.law in HOUSE_LAWS:
        check_servable(document)
        return
    with pytest.raises(ContractError, match=r"^.+small\.yaml:[0-9]+: .+\. Fix: .+\.$"):
        check_servable(document)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.law}-{case.condition}" for case in CASES])
def test_law__broken_is_read_leniently_unless_a_reference_leads_nowhere(tmp_path: Path, case: Case) -> None:
    document = document_of(tmp_path, case.text)
    if case.condition in STOPPING:
        with pytest.raises(ContractError):
            read_contract(document.path)
        return
    served = read_contract(document.path)
    assert find_obstacles(served) == []
    if case.law not in SILENT:
        assert bool(served.notes) is (case.law not in HOUSE_LAWS)
    assert read_operations(served)


def test_laws__are_each_broken_by_a_case() -> None:
    assert describe_laws().keys() == {case.law for case in CASES}


def test_laws__are_each_described_in_one_sentence() -> None:
    assert [law for law, text in describe_laws().items() if not re.fullmatch(r"[^\n]+\.", text)] == []


def test_lint__finds_nothing_in_a_clean_contract(tmp_path: Path) -> None:
    assert lint(document_of(tmp_path, CLEAN), WORDS) == []


def test_lint__finds_nothing_in_our_contract() -> None:
    families = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    words = {f"{family}.{member}" for family, rows in families.items() for row in rows for member in row}
    assert lint(load_document(OURS), words) == []


@pytest.mark.parametrize("component", UNUSED)
def test_unused__lists_components_that_no_operation_uses(component: Pointer) -> None:
    contract = ContractIndex(load_document(OURS))
    assert component in contract.kinds
    assert component not in contract.reached(())


def test_lint__sorts_by_line(tmp_path: Path) -> None:
    text = CLEAN.replace("      security: [{Key: []}]\n", "").replace("Items\n", "Items.\n")
    problems = lint(document_of(tmp_path, text), WORDS)
    assert {problem.law for problem in problems} >= {"security-is-stated", "summaries-are-titles"}
    assert problems == sorted(problems, key=lambda problem: problem.line)


def test_lint__names_the_words_it_was_given(tmp_path: Path) -> None:
    document = document_of(tmp_path, CLEAN)
    assert [problem.fix for problem in lint(document)] == ["add it to the vocabulary"]
    assert [problem.fix for problem in lint(document, {"item.names"})] == ["write `item.names`"]


def test_finding__reads_as_position_law_problem_and_fix() -> None:
    problem = LintProblem(7, 3, "known-keys", "`a` is not known.", "write `b`.")
    assert str(problem) == "7:3 known-keys: `a` is not known. Fix: write `b`."


@pytest.mark.parametrize("theme", THEMES)
def test_theme__has_no_law_that_is_not_in_force(theme: ModuleType) -> None:
    functions = [member for name, member in vars(theme).items() if isfunction(member) and name[0] != "_"]
    written = {name_of(each) for each in functions if each.__annotations__.get("return") == "Iterator[BrokenLaw]"}
    assert written
    assert written <= set(describe_laws())


def test_check_servable__names_the_first_and_counts_the_others(tmp_path: Path) -> None:
    text = CLEAN.replace("maxLength: 60", "maxlength: 60").replace("security: []", "securty: []")
    line = CLEAN.count("\n", 0, CLEAN.index("security: []")) + 1
    with pytest.raises(ContractError) as caught:
        check_servable(document_of(tmp_path, text))
    problem = "`securty` is not a key of the operation object in OpenAPI 3.0"
    fix = "write `security` (and 1 more, see `mockserver lint`)"
    assert str(caught.value) == f"{tmp_path / 'small.yaml'}:{line}: {problem}. Fix: {fix}."


def test_check_servable__imports_no_slow_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openapi_spec_validator", None)
    monkeypatch.setitem(sys.modules, "faker", None)
    document = document_of(tmp_path, CLEAN)
    check_servable(document)
    with pytest.raises(ImportError):
        lint(document, WORDS)


ODD: tuple[Any, ...] = (None, True, -1, "x", [], {}, [{}], ["a", "a"], {"$ref": "#/components/schemas/Item"})


@pytest.mark.parametrize("turn", range(3))
def test_check_servable__survives_a_wrong_value_anywhere(turn: int) -> None:
    raw = yaml.safe_load(CLEAN)
    for place, (*way, last) in enumerate([pointer for pointer in pointers_of(raw) if pointer != ("paths",)]):
        owner = reduce(getitem, way, raw)
        clean, owner[last] = owner[last], ODD[(place * 3 + turn) % len(ODD)]
        assert is_refused_or_compiled(Document(Path("odd.yaml"), "", raw)), (*way, last)
        owner[last] = clean


def is_refused_or_compiled(document: Document) -> bool:
    try:
        check_servable(document)
    except ContractError as error:
        return ". Fix: " in str(error)
    schemas = Schemas(document, "response")
    responses = [response for operation in read_operations(document) for response in operation.responses.values()]
    return all(schemas.validator(response.schema or {}) for response in responses)


def pointers_of(value: Any, pointer: Pointer = ()) -> Iterator[Pointer]:
    if pointer:
        yield pointer
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from pointers_of(part, (*pointer, key))
