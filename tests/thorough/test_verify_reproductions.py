"""Reproductions of mutants: every file fails on the mutant and passes on the healthy fake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.app import assemble
from mockserver.settings import Settings
from mockserver.verify.contract_run import verify
from mockserver.verify.credentials import Credentials
from mockserver.verify.plan import Plan
from mockserver.verify.reports import write
from mockserver.verify.reproducer import EXECUTED
from mockserver.verify.safety.limits import Mode
from tests.conftest import EXPIRED_KEY, FULL_KEY, READ_ONLY_KEY
from tests.verify.__main__ import tags_of
from tests.verify.mutants import MUTANTS
from tests.verify.regressions.half_a import HALF_A
from tests.verify.reproduction_file import exit_code
from tests.verify.serving import served

ALL = {mutant.name: mutant for mutant in (*MUTANTS, *HALF_A)}
KEYS = Credentials(FULL_KEY, "company-abc", READ_ONLY_KEY, EXPIRED_KEY, "rh-abc")


# They may depend on records that the run has deleted since.
OF_THE_STATE = {"answers_as_the_fake", "list_is_in_order"}


@pytest.mark.parametrize(
    "name",
    [
        "deleted-still-listed",
        "created-at-moves",
        "read-only-key-creates",
        "fields-by-id",
        "spaces-trimmed",
        "null-slug",
        "update-touches-another",
    ],
)
def test_files__fail_on_the_mutant_and_pass_on_the_healthy_fake(
    plan: Callable[..., Plan], tmp_path: Path, name: str
) -> None:
    mutant = ALL[name]
    operations = tuple(operation.id for operation in tags_of(mutant))
    with served(mutant.of(assemble(Settings()).app)) as broken, served(assemble(Settings()).app) as healthy:
        results = verify(plan(Mode.FULL, target=broken, credentials=KEYS, operations=operations))
        write(results, tmp_path)
        files = sorted((tmp_path / "reproduce").iterdir())
        codes = [(exit_code(file, broken, KEYS), exit_code(file, healthy, KEYS)) for file in files]
    shown = [finding for finding in results.findings if finding.reproduction == EXECUTED]
    assert {one.promise for one in results.findings if one not in shown} <= OF_THE_STATE
    assert shown
    assert codes == [(1, 0)] * len(shown) * 2
