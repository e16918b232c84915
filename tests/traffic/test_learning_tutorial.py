"""The commands of the tutorial, executed word for word; only addresses, ports and the key are those of the test."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live import PATIENCE, free_port
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.reference.server import ReferenceServer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "learning-tutorial.md"
DIFFERENT = ("role-color", "schedule-task-name-null")


@dataclass(frozen=True)
class Step:
    """A command with its exit code and its output."""

    command: str
    code: int
    output: str


def commands() -> list[str]:
    """The commands of the code blocks; loops and continued lines are one command each."""
    text = "".join(re.findall(r"```shell\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    return re.findall(r"(?ms)^(?:for .+?^done|(?:[^\n]*\\\n)*[^\n]+)\n", text)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Step]]:
    """What each command of the tutorial has done, by its first two words, in a copy of the contract."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "openapi.yaml", folder)
    (folder / "mockserver").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n')
    (folder / "mockserver").chmod(0o755)
    with ReferenceServer([DEVIATIONS[name].change for name in DIFFERENT]) as server:
        done = list(execute(folder, {"https://staging.example.com": server.url, "4011": str(free_port())}))
    return {name: [step for step in done if step.command.startswith(name)] for name in names_of(done)}


def names_of(steps: list[Step]) -> set[str]:
    return {" ".join(step.command.split()[:2]) for step in steps}


def execute(folder: Path, replaced: dict[str, str]) -> Iterator[Step]:
    """Executes all commands in one shell, and marks where each one ends."""
    script = "".join(f"{command}\necho; echo ::$?::\n" for command in commands())
    script = script.replace("echo; echo ::$?::", 'code=$?; echo; echo "::$code::"')
    for written, used in replaced.items():
        script = script.replace(written, used)
    own = {"PATH": f"{folder}:{os.environ['PATH']}", "STAGING_API_KEY": "en.visitor", "MOCKSERVER_SPEC": "openapi.yaml"}
    shell = subprocess.run(
        ["bash", "-s"], input=script, cwd=folder, capture_output=True, text=True, timeout=4 * PATIENCE,
        env=os.environ | own | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    parts = re.split(r"\n::(\d+)::\n", shell.stdout)
    for command, output, code in zip(commands(), parts[::2], parts[1::2], strict=False):
        yield Step(command, int(code), output + (shell.stderr if code != "0" else ""))


def test_tutorial__has_ten_commands() -> None:
    assert len([command for command in commands() if not command.startswith("kill")]) == 10


def test_contract__is_corrected(steps: dict[str, list[Step]]) -> None:
    assert [step.code for step in steps["mockserver drift"][:3]] == [1, 1, 0], steps["mockserver drift"]
    found = steps["mockserver drift"][0].output
    assert "Role.color" in found
    assert "ScheduleTask.name: received null" in found
    assert steps["mockserver drift"][2].output.rstrip().endswith("no drift")
    assert (steps["git apply"][0].code, steps["mockserver lint"][0].code) == (0, 0)


def test_fixtures__answer_with_the_recorded_records(steps: dict[str, list[Step]]) -> None:
    assert steps["mockserver seed"][0].code == 0, steps["mockserver seed"]
    assert "left out" not in steps["mockserver seed"][0].output
    (run,) = steps["mockserver run"]
    assert run.code == 0, run
    assert len(json.loads(run.output.strip().splitlines()[0])) == 8


def test_fidelity__is_high(steps: dict[str, list[Step]]) -> None:
    replayed = steps["mockserver drift"][3]
    assert replayed.code == 0, replayed
    assert "answered no such member" in replayed.output
