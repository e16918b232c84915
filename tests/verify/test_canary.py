"""The canary: a request that the guard must refuse, sent by every way to the wire before a run sends anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from schemathesis import Config
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import RequestsTransport

from mockserver.contract.document import Document, load_document
from mockserver.errors import StartError
from mockserver.testing.enspace_client import Enspace
from mockserver.verify import engine
from mockserver.verify.canary import UnguardedError
from mockserver.verify.contract_run import verify
from mockserver.verify.plan import Plan
from mockserver.verify.safety.creations import find_creations
from mockserver.verify.safety.ledger import Announcement, Ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import CANARY, REFUSED, RequestGuard
from tests.invocation import invoke
from tests.verify.independent import misbehaviour
from tests.verify.targets import Target, between, json_answer, target

Remove = Callable[[pytest.MonkeyPatch], None]


def own_mounting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RequestGuard, "mount", lambda guard, session: session)


def transport(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(engine.GuardedTransport, "send", RequestsTransport.send)


def transport_of_the_schema(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(engine, "_guarded_schema", lambda guarded: OpenApiSchema)


def transport_of_clones(patch: pytest.MonkeyPatch) -> None:
    """A schema without some of its operations is a clone."""
    patch.setattr(OpenApiSchema, "exclude", lambda schema, **filters: OpenApiSchema(schema.raw_schema, schema.config))


def mounting_without_a_session(patch: pytest.MonkeyPatch) -> None:
    guarded = engine.GuardedTransport.send

    def send(transport: Any, case: Any, *, session: Any = None, **options: Any) -> Any:
        if session is None:
            return RequestsTransport.send(transport, case, **options)
        return guarded(transport, case, session=session, **options)

    patch.setattr(engine.GuardedTransport, "send", send)


REMOVED: dict[str, tuple[Remove, str]] = {
    "mounting of sessions": (own_mounting, "our own session"),
    "guarded transport": (transport, "the engine of Schemathesis"),
    "transport of the schema": (transport_of_the_schema, "the engine of Schemathesis"),
    "transport of clones": (transport_of_clones, "the engine of Schemathesis"),
    "session of repeats": (mounting_without_a_session, "the checks of Schemathesis"),
}


@pytest.fixture
def there(sandbox: Enspace) -> Iterator[Target]:
    """The fake behind a target that notes its requests."""
    with target(between(sandbox.url, "GET", "", lambda body: body)) as there:
        yield there


@pytest.mark.parametrize("mode", Mode)
def test_canary__reaches_no_target(there: Target, plan: Callable[..., Plan], mode: Mode) -> None:
    results = verify(plan(mode, target=there.url, operations=("listRoles", "createRole")))
    assert results.guard.sent == len(there.asked) > 0
    assert not any(CANARY in asked.headers for asked in there.asked)
    assert CANARY not in results.guard.refused


@pytest.mark.parametrize(("remove", "way"), REMOVED.values(), ids=REMOVED)
def test_run_without_a_part_of_the_guard__ends_at_the_canary(
    there: Target, plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch, remove: Remove, way: str
) -> None:
    remove(monkeypatch)
    with pytest.raises(UnguardedError, match=f"^{way}: received a request past the request guard"):
        verify(plan(Mode.FULL, target=there.url))
    assert [(asked.method, CANARY in asked.headers) for asked in there.asked] == [("GET", True)]


def test_canary__that_fails_on_the_network_was_unguarded(
    plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_mounting(monkeypatch)
    with misbehaviour.unreachable() as url, pytest.raises(UnguardedError, match="our own session"):
        verify(plan(target=url))


@pytest.mark.parametrize("arguments", [["--report", "out"], ["--clean", "ledger.jsonl"]])
def test_command_without_a_guard__exits_with_2_and_sends_nothing_else(
    there: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Ledger(tmp_path / "ledger.jsonl", there.url, "mv00").announce(Announcement("/ws/roles"))
    own_mounting(monkeypatch)
    done = invoke("verify", there.url, *arguments)
    assert done.exit_code == 2
    assert "Nothing was tested. Fix: install the versions of requirements.lock." in done.stderr
    assert len(there.asked) == 1


def guard_of(document: Document, url: str) -> RequestGuard:
    limits, ledger = Limits(mode=Mode.OWN_DATA), Ledger(None, url, "mv00")
    return RequestGuard(url, limits, ledger, find_creations(document), lambda request, path: "")


def test_session_with_an_adapter_of_its_own__loses_it(there: Target, document: Document) -> None:
    """`requests` prefers the adapter with the longest prefix."""
    with requests.Session() as session:
        session.mount(there.url, HTTPAdapter())
        guard_of(document, there.url).mount(session)
        assert session.delete(f"{there.url}/ws/roles/5").headers[REFUSED] == "DELETE on a record that is not ours"
    assert not there.asked


def test_repeats_of_schemathesis__pass_the_guard(there: Target, document: Document, sandbox: Enspace) -> None:
    """Its check `ignored_auth` sends the request again without credentials, and with wrong ones."""
    guard, keys = guard_of(document, there.url), {"en-workspace": sandbox.workspace}
    secured = {"openapi": {"ApiKeyAuth": {"api_key": sandbox.api_key}}}
    config = Config.from_dict({"base-url": there.url, "headers": keys, "auth": secured})
    case = engine.load(document.raw, config, guard, []).find_operation_by_id("listRoles").Case()
    case.call_and_validate(headers=keys | {"x-api-key": sandbox.api_key})
    assert [asked.headers.get("x-api-key") == sandbox.api_key for asked in there.asked].count(True) == 1
    assert all(asked.headers["user-agent"].startswith("schemathesis/") for asked in there.asked)
    assert guard.sent == len(there.asked) > 1


def contract_with(folder: Path, part: str) -> Document:
    (folder / "contract.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /things:\n    get:\n      operationId: listThings\n"
        f"      parameters:\n        - {{name: q, in: query, schema: {{type: string}}, {part}}}\n"
        "      responses:\n        '200': {description: OK}\n"
    )
    return load_document(folder / "contract.yaml")


def test_example__at_another_address_is_not_fetched(tmp_path: Path, plan: Callable[..., Plan]) -> None:
    with target(lambda asked: json_answer({})) as elsewhere, target(lambda asked: json_answer({})) as there:
        document = contract_with(tmp_path, f"examples: {{far: {{externalValue: '{elsewhere.url}/x'}}}}")
        verify(plan(target=there.url, document=document, operations=()))
    assert there.asked
    assert not elsewhere.asked


def test_reference_to_another_document__is_a_usage_error(tmp_path: Path, plan: Callable[..., Plan]) -> None:
    with target(lambda asked: json_answer({})) as there:
        document = contract_with(tmp_path, f"x-more: {{$ref: '{there.url}/more.yaml'}}")
        with pytest.raises(StartError, match="documented: a reference within the contract"):
            verify(plan(target=there.url, document=document, operations=()))
    assert not there.asked
