"""`mockserver verify --record`: the exchanges of a run as HAR."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mockserver import Settings
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.contract_run import verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.plan import Plan
from tests.invocation import invoke
from tests.verify.targets import Answer, Asked, passed_on, target


def entries(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["log"]["entries"]
    return found


def test_recording__has_every_exchange_with_keys_by_number_and_no_drift(
    plan: Callable[..., Plan], sandbox: Enspace, credentials: Credentials, tmp_path: Path
) -> None:
    file = tmp_path / "run.har"
    results = verify(plan(record=file))
    assert results.exit_code == 0
    assert len(entries(file)) == results.guard.sent >= sandbox.journal.count()
    assert {entry["request"]["method"] for entry in entries(file)} >= {"GET", "POST", "PUT", "DELETE"}
    drift = invoke("drift", str(file), "--spec", str(Settings().spec))
    assert drift.output.rstrip().endswith("no drift"), drift.output
    text, keys = file.read_text(), (credentials.key, credentials.weak_key, credentials.expired_key)
    assert all(name in text for name in ('"key-1"', '"key-2"'))
    assert [key for key in keys if key in text] == []
    assert not file.with_name("run.har.part").exists()
    assert file.stat().st_mode & 0o077 == 0


def test_option__names_the_file(run_command: Callable[..., Any], sandbox: Enspace, tmp_path: Path) -> None:
    def compressing(asked: Asked) -> Answer:
        status, headers, body = passed_on(sandbox.url, asked)
        return status, headers | {"content-encoding": "gzip"}, gzip.compress(body)

    file = tmp_path / "run.har"
    options = ("--mode", "read-only", "--operations", "listRoles", "--record", str(file))
    with target(compressing) as there:
        run_command(there.url, *options, key=sandbox.api_key)
    reads = [entry for entry in entries(file) if entry["request"]["method"] != "HEAD"]
    assert {entry["request"]["method"] for entry in reads} == {"GET"}
    assert all(json.loads(entry["response"]["content"]["text"]) for entry in reads)
