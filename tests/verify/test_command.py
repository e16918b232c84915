"""`mockserver verify` as a command: options, exit codes, reports, and cleaning up after a killed run."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from click.testing import Result

from mockserver.testing.enspace_client import Enspace
from mockserver.verify.options import VerifyOptions, plan_of
from mockserver.verify.reports.json_report import SCHEMA
from mockserver.verify.safety.ledger import Announcement, Ledger, OwnRecord
from tests.invocation import invoke
from tests.verify.targets import between, target

QUICK = ("--depth", "quick", "--operations", "listRoles,countRoles,createRole,getRole,updateRole,deleteRole")
READS = ("--depth", "quick", "--mode", "read-only", "--operations", "listRoles,countRoles")
Verify = Callable[..., Result]


@pytest.fixture
def verify(sandbox: Enspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Runs the command in a folder of its own, with the key of the sandbox in its environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)
    return lambda *arguments: invoke("verify", *arguments)


def test_healthy_target__exits_with_0(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    done = verify(sandbox.url, *QUICK)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "verdict: kept (seed 0)"
    assert list(tmp_path.iterdir()) == []


def test_demo_target__needs_no_configuration(verify: Verify, sandbox: Enspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOCKSERVER_VERIFY_KEY")
    monkeypatch.delenv("MOCKSERVER_VERIFY_WORKSPACE")
    done = verify(sandbox.url, *READS)
    assert done.exit_code == 0, done.output


def test_reports__are_written_in_every_form(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there:
        done = verify(there.url, *QUICK, "--report", "out")
    assert done.exit_code == 1, done.output
    out = tmp_path / "out"
    report = json.loads((out / "verify.json").read_text())
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(report)
    assert [finding["identity"] for finding in report["findings"]] == ["countRoles/count_agrees_with_list"]
    suite = ElementTree.parse(out / "verify.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")
    assert "countRoles | count_agrees_with_list" in (out / "verify.md").read_text()
    page = (out / "verify.html").read_text()
    assert "count_agrees_with_list" in page
    assert not re.search(r"<script|src=|href=\"http|url\(|@import", page)
    name = "countroles_count_agrees_with_list"
    assert {path.name for path in (out / "reproduce").iterdir()} == {f"test_{name}.py", f"{name}.sh"}


def test_junit__skips_what_was_not_tested_and_says_why(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    reads = ("--depth", "quick", "--mode", "read-only", "--operations", "countRoles,createRole")
    verify(sandbox.url, *reads, "--report", "out")
    suite = ElementTree.parse(tmp_path / "out" / "verify.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")
    skipped = {case.get("name"): part.get("message") for case in suite for part in case.iter("skipped")}
    assert skipped == {"createRole": "read-only sends only GET and HEAD"}


def test_compare__lists_new_fixed_and_unchanged_findings(verify: Verify, sandbox: Enspace) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there:
        verify(there.url, *READS, "--report", "old")
        still = verify(there.url, *READS, "--report", "new", "--compare", "old/verify.json").stdout
    fixed = verify(sandbox.url, *READS, "--report", "later", "--compare", "old/verify.json").stdout
    assert "new: 0\nfixed: 0\nstill there: 1\n  countRoles/count_agrees_with_list: 999" in still
    assert "new: 0\nfixed: 1\n" in fixed


def test_baseline__known_findings_do_not_fail_the_run(verify: Verify, sandbox: Enspace) -> None:
    with target(between(sandbox.url, "GET", "/ws/roles/count", lambda count: 999)) as there:
        verify(there.url, *READS, "--report", "old")
        done = verify(there.url, *READS, "--baseline", "old/verify.json")
    assert done.exit_code == 0
    assert "1 known finding of the baseline not repeated" in done.stdout


def test_dry_run__sends_nothing(verify: Verify, sandbox: Enspace) -> None:
    with target(between(sandbox.url, "GET", "", lambda body: body)) as there:
        done = verify(there.url, "--dry-run")
        assert there.asked == []
    assert "GET    /ws/roles listRoles: tested" in done.stdout
    assert "POST   /c-flow-tasks createTask: not tested: no DELETE removes the new record" in done.stdout


def test_options__are_read_from_a_file(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    written = f'target = "{sandbox.url}"\noperations = ["listRoles", "getRole"]\nmode = "read-only"\n'
    (tmp_path / "verify.toml").write_text(written)
    assert "mode full" in verify("--dry-run", "--mode", "full").stdout
    lines = verify("--dry-run").stdout.splitlines()
    assert lines == [
        f"{sandbox.url}: mode read-only, depth normal, seed 0; nothing is sent",
        "  GET    /ws/roles listRoles: tested",
        "  GET    /ws/roles/{roleId} getRole: tested",
    ]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('key = "en.secret"', "`key` is a secret. Fix: set it as MOCKSERVER_VERIFY_KEY."),
        ("depht = 'quick'", "verify.toml: depht: received 'quick', documented: one of"),
        ("target = ", "verify.toml: cannot be read"),
    ],
)
def test_unusable_file__exits_with_2(verify: Verify, tmp_path: Path, written: str, says: str) -> None:
    (tmp_path / "verify.toml").write_text(written)
    done = verify("--dry-run")
    assert done.exit_code == 2
    assert says in done.stderr
    assert "en.secret" not in done.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "TARGET: received None"),
        (["ftp://x"], "TARGET: received 'ftp://x'"),
        (["http://user@host"], "TARGET"),
        (["http://x:99999"], "TARGET"),
        (["http://127.0.0.1:1", "--mode", "all"], "--mode: received 'all', documented: one of read-only, own-data"),
        (["http://127.0.0.1:1", "--depth", "deep"], "--depth"),
        (["http://127.0.0.1:1", "--rate", "fast"], "--rate: received 'fast'"),
        (["http://127.0.0.1:1", "--max-time", "soon"], "--max-time"),
        (["http://127.0.0.1:1", "--seed", "-1"], "--seed"),
        (["http://127.0.0.1:1", "--operations", "listRole"], "--operations: received 'listRole'"),
        (["http://127.0.0.1:1", "--tags", "Role"], "--tags"),
        (["http://127.0.0.1:1", "--baseline", "no.json"], "no.json: the report cannot be read"),
        (["http://127.0.0.1:1", "--baseline", "."], "the report cannot be read"),
        (["http://127.0.0.1:1", "--compare", "old.json"], "--compare needs --report"),
        (["http://127.0.0.1:1", "--report", "/proc/nowhere"], "reports cannot be written there"),
        (["http://127.0.0.1:1", "--spec", "no.yaml"], "no.yaml"),
        (["--clean", "no.jsonl"], "no.jsonl: the ledger cannot be read"),
        (["https://staging.example.com", "--mode", "full"], "--i-own-this-target: received None"),
    ],
)
def test_usage_error__exits_with_2(verify: Verify, arguments: list[str], says: str) -> None:
    done = verify(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.output


def test_target_beyond_loopback__is_only_read_and_needs_a_key(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mode read-only" in verify("https://staging.example.com", "--dry-run").stdout
    owned = ("--mode", "full", "--i-own-this-target", "staging.example.com")
    assert "mode full" in verify("https://staging.example.com", "--dry-run", *owned).stdout
    monkeypatch.delenv("MOCKSERVER_VERIFY_KEY")
    assert "there is no key" in verify("https://staging.example.com", "--dry-run").stderr


def test_file_that_is_no_ledger__is_named(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text("{}\n")
    assert "this is no ledger" in verify("--clean", "some.jsonl").stderr


def test_clean__deletes_the_records_of_a_killed_run(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    """One record has been noted, the answer of another never came, a third is of somebody else."""
    before = sandbox.state()["roles"]
    noted, lost = (sandbox.client.post("/ws/roles", json={"name": f"mv00 {n}"}).json() for n in (1, 2))
    path = f"/ws/roles/{noted['id']}"
    lines = [
        {"event": "run", "target": sandbox.url, "mark": "mv00"},
        {"event": "announced", "number": 1, "path": "/ws/roles"},
        {
            "event": "created",
            "number": 1,
            "path": path,
            "collection": "/ws/roles",
            "keys": {"roleId": str(noted["id"])},
        },
        {"event": "announced", "number": 2, "path": "/ws/roles"},
    ]
    ledger = tmp_path / "verify-ledger.jsonl"
    ledger.write_text("\n".join(map(json.dumps, lines)) + '\n{"event": "cre')
    assert "a run has left records" in verify(sandbox.url, *QUICK).stderr
    done = verify("--clean", str(ledger))
    assert done.stdout == "2 records created, 2 deleted, none left.\n", done.output
    assert sandbox.state()["roles"] == before
    assert lost["id"] != noted["id"]
    assert not ledger.exists()


def test_clean__deletes_what_only_a_full_run_creates(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    before, ledger = sandbox.state(), Ledger(tmp_path / "ledger.jsonl", sandbox.url, "mv00")
    number = ledger.announce(Announcement("/ws/members", ("email",)))
    email = {"email": "mv00-1@example.com", "type": "standard"}
    member = sandbox.client.post("/ws/members", json=email).json()["id"]
    ledger.record_created(number, OwnRecord(f"/ws/members/{member}", "/ws/members", {"memberId": str(member)}))
    assert verify("--clean", "ledger.jsonl").stdout == "1 record created, 1 deleted, none left.\n"
    assert sandbox.state()["members"] == before["members"]


def test_clean__with_another_target_is_refused(verify: Verify, sandbox: Enspace, tmp_path: Path) -> None:
    """The ledger could name records of others on that target."""
    Ledger(tmp_path / "ledger.jsonl", sandbox.url, "mv00").announce(Announcement("/ws/roles"))
    before = sandbox.journal.count()
    done = verify("http://127.0.0.1:1/", "--clean", "ledger.jsonl")
    assert done.exit_code == 2
    assert f"ledger.jsonl: the ledger lists records of {sandbox.url}, not of http://127.0.0.1:1/" in done.stderr
    assert sandbox.journal.count() == before
    assert verify(f"{sandbox.url}/", "--clean", "ledger.jsonl").stdout == "Nothing was created.\n"


def test_verify__without_its_engine_says_what_it_needs(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mockserver.verify.command", None)
    done = verify("http://127.0.0.1:1", "--depth", "quick")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pip install './enspace_mockserver-" in done.stderr
    assert "verify" in invoke("--help").stdout


@pytest.mark.parametrize(("text", "rate"), [("5/s", 5), ("30/m", 0.5), ("36/h", 0.01), ("0.5/s", 0.5)])
def test_rate__is_in_requests_per_second(text: str, rate: float) -> None:
    plan = plan_of(VerifyOptions(target="http://127.0.0.1:1", rate=text))
    assert plan.limits.rate == rate


def test_clean__deletes_beyond_loopback_without_a_mode(
    verify: Verify, sandbox: Enspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is read-only there by default, which would leave everything."""
    monkeypatch.setattr("mockserver.verify.options.LOOPBACK", ())
    monkeypatch.setenv("MOCKSERVER_VERIFY_KEY", sandbox.api_key)
    monkeypatch.setenv("MOCKSERVER_VERIFY_WORKSPACE", sandbox.workspace)
    ledger = Ledger(tmp_path / "ledger.jsonl", sandbox.url, "mv00")
    number, role = ledger.announce(Announcement("/ws/roles")), sandbox.client.post("/ws/roles", json={"name": "mv00 1"})
    path = f"/ws/roles/{role.json()['id']}"
    ledger.record_created(number, OwnRecord(path, "/ws/roles", {"roleId": str(role.json()["id"])}))
    assert verify("--clean", "ledger.jsonl").stdout == "1 record created, 1 deleted, none left.\n"
