"""Test targets of `mockserver verify`: the second target, its misbehaviours, and the recording."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import schemathesis

from mockserver import Settings
from mockserver.app import assemble
from tests.certificates import self_signed
from tests.conftest import FULL_KEY, HEADERS
from tests.verify.independent import leaks, misbehaviour, records
from tests.verify.independent.server import Target
from tests.verify.mutants import MUTANTS
from tests.verify.serving import Recorded, Recording, served

OWN = {"x-api-key": records.FULL_KEY, "en-workspace": records.WORKSPACE}


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as running:
        yield running


@pytest.fixture
def second(target: Target) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=target.url, headers=OWN) as client:
        yield client


def test_target__holds_300_records_of_others(target: Target) -> None:
    held = target.records.dump()[records.WORKSPACE]

    assert len(held["types"]) + sum(map(len, held["fields"].values())) + len(held["members"]) == 300


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("listTypes", "/ws/types"),
        ("countTypes", "/ws/types/count"),
        ("getType", "/ws/types/registro-01"),
        ("listFields", "/ws/types/registro-01/fields"),
        ("getField", "/ws/types/registro-01/fields/2"),
        ("listMembers", "/ws/members"),
        ("countMembers", "/ws/members/count"),
        ("getMember", "/ws/members/241"),
    ],
)
def test_target__answers_as_documented(second: httpx.Client, operation: str, path: str) -> None:
    answer = second.get(path)

    assert answer.status_code == 200
    _contract().find_operation_by_id(operation).validate_response(answer)


@cache
def _contract() -> Any:
    return schemathesis.openapi.from_path(Settings().spec)


def test_target__keeps_what_was_created_and_changed(second: httpx.Client) -> None:
    made = second.post("/ws/types", json={"name": "Entregas"}).json()
    changed = second.put(f"/ws/types/{made['slug']}", json={"color": "#000000"}).json()

    assert changed == made | {"color": "#000000", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["updated_at"]
    assert second.get("/ws/types", params={"_q": "entregas"}).json() == [changed]
    assert second.delete(f"/ws/types/{made['slug']}").json()["data"] is True
    assert second.get(f"/ws/types/{made['slug']}").status_code == 404


def test_target__detects_changes_of_records_of_others(target: Target, second: httpx.Client) -> None:
    untouched = target.records.seeded()
    second.post("/ws/members", json={"email": "new@second.example", "type": "full"})
    assert target.records.seeded() == untouched

    second.put("/ws/members/242", json={"status": "blocked"})
    assert target.records.seeded() != untouched


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/ws/types", {"x-api-key": "en.unknown"}, 401),
        ("GET", "/ws/types", {"x-api-key": records.EXPIRED_KEY}, 401),
        ("GET", "/ws/types", {"en-workspace": records.FOREIGN_WORKSPACE}, 403),
        ("POST", "/ws/types", {"x-api-key": records.READ_ONLY_KEY}, 403),
        ("GET", "/ws/types?_limit=0", {}, 400),
        ("POST", "/ws/types", {}, 400),
        ("GET", "/c-flows", {}, 404),
        ("PATCH", "/ws/types", {}, 405),
    ],
)
def test_target__refuses_in_the_envelope(
    second: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = second.request(method, path, headers=headers)

    assert answer.status_code == answer.json()["statusCode"] == status
    assert ("allow" in answer.headers) is (status == 405)


def test_target__remembers_each_request(target: Target, second: httpx.Client) -> None:
    second.get("/ws/types", params={"_limit": 1})

    (seen,) = target.seen
    assert (seen.method, seen.path, seen.key) == ("GET", "/ws/types", records.FULL_KEY)
    assert f"http://{seen.host}" == target.url


def test_misbehaviour__busy__ends() -> None:
    with Target(misbehaviour.busy(429, times=2)) as target, httpx.Client(base_url=target.url, headers=OWN) as client:
        answers = [client.get("/ws/types/count") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"


def test_misbehaviour__redirects() -> None:
    with (
        Target() as other,
        Target(misbehaviour.redirected_to(other.url)) as away,
        Target(misbehaviour.redirected_in_circles) as circling,
    ):
        assert httpx.get(f"{away.url}/ws/types", headers=OWN, follow_redirects=True).status_code == 200
        assert [seen.path for seen in other.seen] == ["/ws/types"]
        with pytest.raises(httpx.TooManyRedirects):
            httpx.get(f"{circling.url}/ws/types", follow_redirects=True)


@pytest.mark.parametrize("misbehave", [misbehaviour.endless, misbehaviour.drip, misbehaviour.huge])
def test_misbehaviour__answers_more_than_a_client_should_read(misbehave: Any) -> None:
    with Target(misbehave) as target, httpx.stream("GET", f"{target.url}/ws/types") as answer:
        received = 0
        for part in answer.iter_raw():
            received += len(part)
            if received > 1_000_000 or misbehave is misbehaviour.drip:
                break

    assert answer.status_code == 200
    assert received > 0


def test_misbehaviour__one_answer_for_everything() -> None:
    with Target(misbehaviour.html) as page, Target(misbehaviour.no_key_is_good) as closed:
        assert httpx.get(f"{page.url}/ws").text.startswith("<!doctype html>")
        assert httpx.get(f"{closed.url}/ws/types", headers=OWN).status_code == 401


def test_misbehaviour__some_paths_are_missing() -> None:
    with (
        Target(misbehaviour.absent("/ws/members")) as target,
        httpx.Client(base_url=target.url, headers=OWN) as client,
    ):
        assert client.get("/ws/members").status_code == 404
        assert client.get("/ws/types").status_code == 200


def test_misbehaviour__no_answer() -> None:
    with Target(misbehaviour.gone_after(1)) as target, misbehaviour.unreachable() as nowhere:
        assert httpx.get(f"{target.url}/ws/types").status_code == 401
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{target.url}/ws/types")
        with pytest.raises(httpx.ConnectError):
            httpx.get(nowhere)


def test_leaks__contain_twenty_five_secrets() -> None:
    with Target(leaks.leaking()) as target:
        answers = [httpx.get(f"{target.url}/ws/types", headers=OWN) for _ in leaks.PLACES]

    received = unquote("\n".join(f"{answer.headers} {answer.text}" for answer in answers))
    assert len(set(leaks.SECRETS)) == 25
    assert [secret for secret in leaks.SECRETS if secret not in received] == []


def test_self_signed__is_refused_unless_it_is_trusted(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with Target(certificate=certificate) as target:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{target.url}/ws/types")
        trusting = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(f"{target.url}/ws/types", headers=OWN, verify=trusting).status_code == 200


def test_mutant__is_served_and_recorded() -> None:
    broken = next(mutant for mutant in MUTANTS if mutant.name == "id-is-a-text")
    recording = Recording(broken.of(assemble(Settings()).app))
    with served(recording) as url:
        answer = httpx.get(f"{url}/ws/types/contratos", headers=HEADERS)

    assert answer.json()["id"] == "12"
    assert recording.calls == [
        Recorded("GET", "/ws/types/contratos", "", url.removeprefix("http://"), FULL_KEY, "company-abc")
    ]
