"""Recordings: answers of the fake as HAR, changed as the real system might differ, and a contract to compare with."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.asgi_client import AsgiClient
from tests.conftest import Enspace, fresh_sandbox
from tests.invocation import invoke
from tests.traffic.target import Target, serving

ROOT = Path(__file__).parents[2]
READS = (
    *("/ws/roles", "/ws/roles/5", "/c-quick-tasks", "/ws/types", "/ws/types/contratos/items?_limit=3", "/ws/members"),
    *("/ws/types/contratos/fields", "/ws/mgroups", "/integrations", "/ws/roles/count"),
)
Entry = dict[str, Any]
Har = dict[str, Any]


@dataclass(frozen=True)
class Recorder:
    """A recording of one sandbox, and the folder with a contract of its own."""

    enspace: Enspace
    folder: Path
    reads: str

    def har(self) -> Har:
        """Some reads, each made twice, and the calls of the sandbox itself, as HAR."""
        har: Har = json.loads(self.reads)
        har["log"]["entries"] += journal_of(self.enspace)["log"]["entries"]
        return har

    def write(self, har: Har, name: str = "calls.har") -> Path:
        file = self.folder / name
        file.write_text(json.dumps(har), encoding="utf-8")
        return file

    def drift(self, *arguments: str | Path) -> Result:
        """Runs `mockserver drift` with the contract in the folder."""
        spec = self.folder / "openapi.yaml"
        return invoke("drift", "--spec", str(spec), *map(str, arguments))

    def apply(self, patch: Path) -> None:
        subprocess.run(["git", "apply", patch.name], cwd=self.folder, check=True)

    def lint(self) -> str:
        return invoke("lint", "--spec", str(self.folder / "openapi.yaml")).stdout


def journal_of(enspace: Enspace) -> Har:
    har: Har = enspace.get("/_mock/journal?form=har&limit=10000").json()
    return har


@pytest.fixture(scope="session")
def reads(server: Callable[..., AsgiClient]) -> str:
    """The recording of `READS`, each made twice."""
    with fresh_sandbox(server()) as enspace:
        for path in READS * 2:
            enspace.get(path)
        return json.dumps(journal_of(enspace))


@pytest.fixture
def recorder(enspace: Enspace, reads: str, tmp_path: Path) -> Recorder:
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    return Recorder(enspace, tmp_path, reads)


def changed(har: Har, path: str, change: Callable[[dict[str, Any]], Any]) -> Har:
    """Changes each record in the answers to a path, lists and single ones."""
    for entry in har["log"]["entries"]:
        if entry["request"]["url"].split("?")[0].endswith(path) and entry["response"]["status"] == 200:
            body = json.loads(entry["response"]["content"]["text"])
            for record in body if isinstance(body, list) else [body]:
                change(record)
            entry["response"]["content"]["text"] = json.dumps(body)
    return har


@pytest.fixture
def target() -> Iterator[Target]:
    with serving(Target()) as running:
        yield running
