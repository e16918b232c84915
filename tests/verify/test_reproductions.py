"""Reproductions: executed before they are reported, and files that fail on the broken target alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import Plan, verify
from mockserver.verify.reports import write
from mockserver.verify.reproducer import EXECUTED
from tests.verify.targets import Answer, Answering, Asked, between, json_answer, passed_on, target

Exits = Callable[[Path, str], int]


@pytest.fixture
def exits(sandbox: Enspace) -> Exits:
    """Returns a function that runs a file of a reproduction against a target and returns the exit code."""

    def run(file: Path, url: str) -> int:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"] if file.suffix == ".py" else ["bash"]
        named = {"KEY": sandbox.api_key, "WORKSPACE": sandbox.workspace, "TARGET": url}
        environment = os.environ | {f"MOCKSERVER_VERIFY_{name}": value for name, value in named.items()}
        return subprocess.run([*command, str(file)], env=environment, cwd=file.parent, timeout=60).returncode

    return run


def dropping(url: str) -> Answering:
    """Answers an update with what was sent, and keeps nothing."""

    def answering(asked: Asked) -> Answer:
        if asked.method != "PUT":
            return passed_on(url, asked)
        status, _, body = passed_on(url, Asked("GET", asked.path, asked.headers, b""))
        return json_answer(requests.models.complexjson.loads(body), status)

    return answering


@pytest.mark.parametrize(
    ("breaking", "operations", "promise"),
    [
        (dropping, ("updateRole",), "update_is_kept"),
        (lambda url: between(url, "GET", "/ws/roles/count", lambda number: number + 1), (), "count_agrees_with_list"),
        (lambda url: between(url, "GET", "/ws/roles", lambda roles: roles[::-1]), (), "list_is_in_order"),
    ],
)
def test_files__fail_on_the_broken_target_and_pass_on_the_healthy_one(
    sandbox: Enspace,
    plan: Callable[..., Plan],
    exits: Exits,
    tmp_path: Path,
    breaking: Callable[[str], Answering],
    operations: tuple[str, ...],
    promise: str,
) -> None:
    with target(breaking(sandbox.url)) as there:
        results = verify(plan(target=there.url, operations=operations or ("listRoles", "countRoles")))
        write(results, tmp_path)
        files = sorted((tmp_path / "reproduce").glob(f"*{promise}*"))
        assert [(exits(file, there.url), exits(file, sandbox.url)) for file in files] == [(1, 0), (1, 0)]
    assert {finding.reproduction for finding in results.findings} == {EXECUTED}
    assert results.cleanup.left == ()
