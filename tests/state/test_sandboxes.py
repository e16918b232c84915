"""Sandboxes: isolated copies of all state, and their snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, Enspace
from tests.state.conftest import IN_MEMORY

ANA, BRUNO, EDUARDA = (f"{name}@yourcompany.com.br" for name in ("ana.souza", "bruno.lima", "eduarda.rocha"))

Mint = Callable[..., dict[str, Any]]


@pytest.fixture
def mint(enspace: Enspace) -> Iterator[Mint]:
    """Creates sandboxes, and drops them afterwards."""
    made: list[dict[str, Any]] = []

    def post(**body: Any) -> dict[str, Any]:
        answer = enspace.post("/_mock/sandboxes", json=body)
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
        return made[-1]

    yield post
    for sandbox in made:
        enspace.delete(f"/_mock/sandboxes/{sandbox['name']}")


def client_of(enspace: Enspace, made: dict[str, Any], workspace: str = "company-abc") -> Enspace:
    return Enspace(enspace.app, headers={"x-api-key": made["api_key"], "en-workspace": workspace})


def names(enspace: Enspace) -> list[str]:
    return [sandbox["name"] for sandbox in enspace.get("/_mock/sandboxes").json()]


def state_of(enspace: Enspace, sandbox: str) -> bytes:
    content: bytes = enspace.get("/_mock/state", params={"sandbox": sandbox}).content
    return content


def records_of(client: Enspace) -> dict[str, bytes]:
    """Returns the records of the client's sandbox by collection, without the time that a dump through HTTP takes."""
    return {name: orjson.dumps(list(collection)) for name, collection in client.world()}


def assert_problem(answer: Any, status: int, *parts: str) -> None:
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert (problem["status"], bool(problem["title"])) == (status, True)
    assert [part for part in parts if part not in problem["detail"]] == []


# -------- Minting and dropping -------------------------------------------------------------------


def test_sandbox__of_a_given_name(enspace: Enspace, mint: Mint) -> None:
    made = mint(name="checkout-42")
    assert (made["name"], made["workspace"], made["ends_at"]) == ("checkout-42", "company-abc", None)
    assert "checkout-42" in names(enspace)


def test_sandbox__without_a_name_gets_a_free_one(mint: Mint) -> None:
    first, second = mint(), mint()
    assert first["name"] != second["name"]


def test_sandbox__has_a_key_for_each_key_of_the_fixtures_and_no_secret_of_theirs(mint: Mint) -> None:
    made = mint()
    secrets = [key["key"] for key in made["keys"]]
    assert [key["user"] for key in made["keys"]][:2] == [ANA, BRUNO]
    assert made["api_key"] == secrets[0]
    assert len(set(secrets)) == len(secrets) == 6
    assert not any("Demo" in secret for secret in secrets)


def test_sandbox__standard_holds_the_fixtures(enspace: Enspace, mint: Mint) -> None:
    made, default = mint(fixtures="standard"), enspace.get("/_mock/state", params={"sandbox": "default"}).json()
    state = client_of(enspace, made).state()
    for table in state.keys() - {"api_keys", "sessions"}:
        assert state[table] == default[table]


def test_sandbox__empty_holds_workspaces_with_their_owner_only(enspace: Enspace, mint: Mint) -> None:
    state = client_of(enspace, mint(fixtures="empty")).state()
    assert {member["type"] for member in state["members"]} == {"owner"}
    assert len(state["members"]) == len(state["workspaces"]) == 3
    kept = {name for name, rows in state.items() if rows}
    assert kept == {"users", "workspaces", "api_keys", "sessions", "members"}


def test_sandbox__of_the_same_seed_names_items_the_same(enspace: Enspace, mint: Mint) -> None:
    def reference(seed: int) -> str:
        client = client_of(enspace, mint(seed=seed))
        made = client.post("/ws/types/contratos/items", json={"data": {"numero": "CT-1", "valor": 1}}).json()
        return str(made["reference"])

    assert reference(7) == reference(7) != reference(8)


def test_sandbox__main_key_may_be_narrowed(enspace: Enspace, mint: Mint) -> None:
    made = mint(scopes=["read"])
    client = client_of(enspace, made)
    assert made["keys"][0]["scopes"] == ["read"]
    assert client.get("/ws/types").status_code == 200
    assert client.post("/ws/types", json={"name": "Ativos"}).status_code == 403
    client.post("/_mock/reset")
    assert client.post("/ws/types", json={"name": "Ativos"}).status_code == 403


def test_sandbox__main_key_may_have_expired(enspace: Enspace, mint: Mint) -> None:
    made = mint(expires_at="2020-01-01T00:00:00-03:00")
    assert made["keys"][0]["expires_at"] == "2020-01-01T03:00:00.000Z"
    assert client_of(enspace, made).get("/ws/types").status_code == 401


def test_sandbox__main_key_may_live_for_ever(enspace: Enspace, mint: Mint) -> None:
    made = mint(expires_at=None)
    assert made["keys"][0]["expires_at"] is None
    assert client_of(enspace, made).get("/ws/types").status_code == 200


def test_sandbox__clock_is_frozen_on_request(enspace: Enspace, mint: Mint) -> None:
    made = mint(clock="2030-01-02T03:04:05+03:00")
    assert made["clock"] == {"now": "2030-01-02T00:04:05.000Z", "frozen": True}
    created = client_of(enspace, made).post("/ws/types", json={"name": "Ativos"}).json()
    assert created["created_at"] == "2030-01-02T00:04:05.000Z"


def test_sandbox__ends_with_its_lifetime(enspace: Enspace, mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    made = mint(lifetime=60)
    client = client_of(enspace, made)
    assert client.get("/ws/types").status_code == 200
    in_a_minute = time.time() + 61
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: in_a_minute))
    assert client.get("/ws/types").status_code == 401
    assert_problem(enspace.get("/_mock/state", params={"sandbox": made["name"]}), 404, made["name"])
    assert made["name"] not in names(enspace)


def test_sandbox__whose_lifetime_is_over_frees_its_name(
    enspace: Enspace, mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint(name="short", lifetime=60)
    in_a_minute = time.time() + 61
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: in_a_minute))
    assert mint(name="short")["ends_at"] is None


def test_sandbox__whose_lifetime_is_over_is_unknown_by_its_name(
    enspace: Enspace, mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, in_a_minute = mint(lifetime=60)["name"], time.time() + 61
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: in_a_minute))
    assert_problem(enspace.get("/_mock/state", params={"sandbox": name}), 404, name)


def test_sandbox__is_listed_until_its_end(enspace: Enspace, mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    made = mint(lifetime=60)
    soon = time.time() + 50
    monkeypatch.setattr("mockserver.state.sandboxes.time", SimpleNamespace(time=lambda: soon))
    assert client_of(enspace, made).get("/ws/types").status_code == 200
    assert made["name"] in names(enspace)
    soon += 11
    assert made["name"] not in names(enspace)


@IN_MEMORY
@pytest.mark.parametrize(
    "body",
    [
        {"name": "-a"},
        {"name": "a b"},
        {"name": ""},
        {"name": "a" * 61},
        {"fixtures": "large"},
        {"seed": -1},
        {"seed": 2**63},
        {"scopes": ["admin"]},
        {"scopes": ["read", "read"]},
        {"expires_at": "tomorrow"},
        {"expires_at": "2026-03-12T20:55:53"},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"lifetime": 0},
        {"lifetime": 31_536_001},
        {"clock": "noon"},
        {"clock": "0001-01-01T00:00:00+14:00"},
        {"clock": "9999-12-31T23:59:59Z"},
        {"unknown": 1},
        [],
    ],
    ids=str,
)
def test_sandbox__impossible(enspace: Enspace, body: Any) -> None:
    before = names(enspace)
    answer = enspace.post("/_mock/sandboxes", json=body)
    assert_problem(answer, 400)
    assert names(enspace) == before


def test_sandbox__name_is_taken(enspace: Enspace, mint: Mint) -> None:
    made = mint(name="mine")
    before = state_of(enspace, "mine")
    assert_problem(enspace.post("/_mock/sandboxes", json={"name": "mine"}), 409, "'mine' already")
    assert_problem(enspace.post("/_mock/sandboxes", json={"name": "default"}), 409, "'default' already")
    assert state_of(enspace, "mine") == before
    assert client_of(enspace, made).get("/ws/types").status_code == 200


def test_sandbox__too_many(enspace: Enspace, mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    made = mint()
    monkeypatch.setattr("mockserver.state.sandboxes.MAX_SANDBOXES", len(names(enspace)))
    assert_problem(enspace.post("/_mock/sandboxes", json={}), 409, "delete one")
    enspace.delete(f"/_mock/sandboxes/{made['name']}")
    mint()


def test_sandbox__dropped_is_gone_with_its_keys(enspace: Enspace, mint: Mint) -> None:
    made = mint()
    client = client_of(enspace, made)
    other = client.as_user(BRUNO)
    assert enspace.delete(f"/_mock/sandboxes/{made['name']}").status_code == 204
    assert made["name"] not in names(enspace)
    assert [who.get("/ws/types").status_code for who in (client, other)] == [401, 401]
    assert_problem(client.get("/_mock/state"), 404, "no sandbox has the key")
    assert_problem(enspace.delete(f"/_mock/sandboxes/{made['name']}"), 404, made["name"])


def test_sandbox__with_the_name_of_a_dropped_one_is_new(enspace: Enspace, mint: Mint) -> None:
    client = client_of(enspace, mint(name="again"))
    client.post("/ws/types", json={"name": "Ativos"})
    client.post("/_mock/snapshots", json={"name": "a"})
    enspace.delete("/_mock/sandboxes/again")
    second = client_of(enspace, mint(name="again"))
    assert second.get("/ws/types/ativos").status_code == 404
    assert second.get("/_mock/snapshots").json() == []
    assert client.get("/ws/types").status_code == 401


def test_sandbox__default_cannot_be_dropped(enspace: Enspace) -> None:
    assert_problem(enspace.delete("/_mock/sandboxes/default"), 409, "the default sandbox stays")
    key = {"x-api-key": FULL_KEY, "en-workspace": "company-abc"}
    assert AsgiClient(enspace.app, headers=key).get("/ws/types").status_code == 200


@IN_MEMORY
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/state", None),
        ("POST", "/reset", None),
        ("GET", "/snapshots", None),
        ("POST", "/snapshots", {"name": "a"}),
        ("DELETE", "/snapshots/a", None),
        ("POST", "/snapshots/a/restore", None),
        ("GET", "/clock", None),
        ("PUT", "/clock", {"advance": 1}),
        ("POST", "/keys", {"user": ANA}),
    ],
)
def test_control__of_an_unknown_sandbox(enspace: Enspace, method: str, path: str, body: Any) -> None:
    by_name = enspace.request(method, f"/_mock{path}", params={"sandbox": "nowhere"}, json=body)
    assert_problem(by_name, 404, "no sandbox 'nowhere'")
    by_key = enspace.request(method, f"/_mock{path}", headers={"x-api-key": "en.unknown"}, json=body)
    assert_problem(by_key, 404, "no sandbox has the key")


# -------- Nothing of one shows in another --------------------------------------------------------

CHANGES: list[tuple[str, str, Any, str]] = [
    ("PUT", "/ws/types/contratos", {"description": "x"}, "types"),
    ("POST", "/ws/types/contratos/fields", {"name": "X", "slug": "x", "type": "text"}, "fields"),
    ("POST", "/ws/types/contratos/items", {"data": {"numero": "1", "valor": 1}}, "items schedule_tasks"),
    ("DELETE", "/ws/types/contratos/fields/308", None, "fields forms items"),
    ("POST", "/c-flow-tasks", {"name": "X", "action": "confirmation", "stage": 32}, "tasks"),
    ("POST", "/ws/members", {"email": "nova@yourcompany.com.br", "type": "full"}, "users members"),
    ("POST", "/ws/roles", {"name": "X"}, "roles"),
    ("POST", "/ws/roles/3/permissions", {"area": "ai"}, "permissions"),
    ("POST", "/ws/mgroups", {"name": "X"}, "mgroups"),
    ("POST", "/c-quick-tasks", {"title": "X"}, "quick_tasks"),
    ("POST", "/integrations", {"integration": 8, "data": {"environment": "stage"}}, "integrations"),
    ("POST", "/ws", {"name": "X"}, "workspaces members api_keys"),
    ("POST", "/_mock/keys", {"user": ANA}, "api_keys"),
    ("DELETE", "/ws/types/contratos", None, "types flows stages tasks forms items fields"),
    ("DELETE", "/ws", None, "workspaces members roles mgroups types"),
]


@pytest.mark.parametrize(("method", "path", "body", "tables"), CHANGES, ids=lambda value: str(value)[:40])
def test_change__shows_in_its_own_sandbox_only(
    enspace: Enspace, mint: Mint, method: str, path: str, body: Any, tables: str
) -> None:
    others = [client_of(enspace, mint()), enspace.beside({"x-api-key": FULL_KEY})]
    before, of_others = records_of(enspace), [records_of(other) for other in others]
    assert enspace.request(method, path, json=body).status_code in (200, 201)
    after = records_of(enspace)
    assert [table for table in tables.split() if after[table] == before[table]] == []
    assert [records_of(other) for other in others] == of_others
    enspace.post("/_mock/reset")
    assert records_of(enspace) == before


def test_key__of_one_sandbox_is_unknown_in_another(enspace: Enspace, mint: Mint) -> None:
    made = mint()
    reached = client_of(enspace, made).get("/_mock/state").content
    assert reached == state_of(enspace, made["name"])
    client_of(enspace, made).post("/ws/types", json={"name": "Ativos"})
    assert enspace.get("/ws/types/ativos").status_code == 404


def test_request_log__of_one_sandbox_is_not_that_of_another(enspace: Enspace, mint: Mint) -> None:
    other = client_of(enspace, mint())
    other.get("/ws/types")
    assert enspace.get("/user-request-logs").json() == []
    assert [row["path"] for row in other.get("/user-request-logs").json()] == ["/ws/types"]


# -------- Reset and snapshots --------------------------------------------------------------------


def test_reset__restores_the_initial_state(enspace: Enspace) -> None:
    before, first = enspace.state(), enspace.post("/ws/types", json={"name": "Ativos"}).json()
    enspace.delete("/ws/types/contratos")
    assert enspace.post("/_mock/reset").status_code == 200
    assert enspace.state() == before
    assert enspace.get("/user-request-logs").json() == []
    assert enspace.post("/ws/types", json={"name": "Ativos"}).json()["id"] == first["id"]


def test_reset__ends_the_keys_made_since_then(enspace: Enspace) -> None:
    bruno = enspace.as_user(BRUNO)
    enspace.post("/_mock/reset")
    assert bruno.get("/ws/types").status_code == 401
    assert enspace.get("/ws/types").status_code == 200


def test_reset__keeps_snapshots(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Ativos"})
    enspace.post("/_mock/snapshots", json={"name": "a"})
    enspace.post("/_mock/reset")
    assert enspace.get("/_mock/snapshots").json() == [{"name": "a"}]
    enspace.post("/_mock/snapshots/a/restore")
    assert enspace.get("/ws/types/ativos").status_code == 200


def test_reset__drops_cached_answers(enspace: Enspace) -> None:
    before = enspace.get("/ws/types/count").json()
    enspace.post("/ws/types", json={"name": "Ativos"})
    assert enspace.get("/ws/types/count").json() == before + 1
    enspace.post("/_mock/reset")
    assert enspace.get("/ws/types/count").json() == before


def test_snapshot__is_restored_repeatedly(enspace: Enspace) -> None:
    enspace.post("/ws/types", json={"name": "Ativos"})
    assert enspace.post("/_mock/snapshots", json={"name": "a"}).status_code == 201
    kept = enspace.state()
    for _ in range(2):
        enspace.delete("/ws/types/ativos")
        enspace.post("/ws/types/contratos/items", json={"data": {"numero": "1", "valor": 1}})
        assert enspace.post("/_mock/snapshots/a/restore").status_code == 200
        assert enspace.state() == kept


def test_snapshot__of_an_earlier_one_replaces_it(enspace: Enspace) -> None:
    enspace.post("/_mock/snapshots", json={"name": "a"})
    enspace.post("/ws/types", json={"name": "Ativos"})
    assert enspace.post("/_mock/snapshots", json={"name": "a"}).status_code == 201
    enspace.delete("/ws/types/ativos")
    enspace.post("/_mock/snapshots/a/restore")
    assert enspace.get("/ws/types/ativos").status_code == 200
    assert enspace.get("/_mock/snapshots").json() == [{"name": "a"}]


def test_snapshot__deleted_cannot_be_restored(enspace: Enspace) -> None:
    for name in ("a", "b"):
        enspace.post("/_mock/snapshots", json={"name": name})
    assert enspace.delete("/_mock/snapshots/a").status_code == 204
    assert enspace.get("/_mock/snapshots").json() == [{"name": "b"}]
    assert_problem(enspace.post("/_mock/snapshots/a/restore"), 404, "no snapshot 'a'")
    assert_problem(enspace.delete("/_mock/snapshots/a"), 404, "no snapshot 'a'")


def test_snapshot__is_not_one_of_another_sandbox(enspace: Enspace, mint: Mint) -> None:
    other = mint()["name"]
    enspace.post("/_mock/snapshots", json={"name": "a"})
    assert_problem(enspace.post("/_mock/snapshots/a/restore", params={"sandbox": other}), 404, "no snapshot 'a'")
    assert enspace.get("/_mock/snapshots", params={"sandbox": other}).json() == []


def test_snapshot__keeps_the_keys_of_its_time(enspace: Enspace) -> None:
    bruno = enspace.as_user(BRUNO)
    enspace.post("/_mock/snapshots", json={"name": "a"})
    eduarda = enspace.as_user(EDUARDA)
    enspace.post("/_mock/reset")
    assert bruno.get("/ws/types").status_code == 401
    enspace.post("/_mock/snapshots/a/restore")
    assert [who.get("/ws/types").status_code for who in (bruno, eduarda)] == [200, 401]


def test_snapshot__too_many(enspace: Enspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.state.sandboxes.MAX_SNAPSHOTS", 2)
    for name in ("a", "b", "b"):
        assert enspace.post("/_mock/snapshots", json={"name": name}).status_code == 201
    assert_problem(enspace.post("/_mock/snapshots", json={"name": "c"}), 409, "delete one")


@IN_MEMORY
@pytest.mark.parametrize("body", [{}, {"name": "=live"}, {"name": ""}, {"name": "a", "more": 1}, {"name": 1}], ids=str)
def test_snapshot__impossible(enspace: Enspace, body: Any) -> None:
    assert_problem(enspace.post("/_mock/snapshots", json=body), 400)
    assert enspace.get("/_mock/snapshots").json() == []


# -------- Keys -----------------------------------------------------------------------------------


def test_key__acts_as_its_user(enspace: Enspace) -> None:
    made = enspace.post("/_mock/keys", json={"user": EDUARDA}).json()
    assert (made["scopes"], made["expires_at"]) == (["read", "write", "delete"], None)
    assert sorted(made["workspaces"]) == ["company-abc", "rh-abc"]
    client = Enspace(enspace.app, headers={"x-api-key": made["key"], "en-workspace": "rh-abc"})
    assert client.get("/ws/context").json()["member"]["email"] == EDUARDA
    assert made["description"] in [key["description"] for key in client.get("/user-api-keys").json()]


def test_keys__are_listed_with_what_they_may_do(enspace: Enspace) -> None:
    listed = {key["description"]: key for key in enspace.get("/_mock/keys").json()}
    assert listed["ERP Integration"]["key"] == enspace.headers["x-api-key"]
    access = {name: [(each["scopes"], each["member"]) for each in key["access"]] for name, key in listed.items()}
    assert access["Viewer app"] == [(["read"], "viewer")]
    assert access["Analyst app"] == [(["read", "write"], "standard, role Analista")]
    assert access["Mobile App"] == [(["read"], "full")]


def test_keys__of_a_removed_member_may_do_nothing(enspace: Enspace) -> None:
    enspace.delete("/ws/members/20")
    viewer = next(key for key in enspace.get("/_mock/keys").json() if key["description"] == "Viewer app")
    assert viewer["access"] == [{"workspace": "company-abc", "scopes": [], "member": "no active member"}]


def test_key__may_be_narrow(enspace: Enspace) -> None:
    narrow = enspace.as_user(EDUARDA, scopes=["read"], workspaces=["company-abc"], description="Só leitura")
    assert narrow.get("/ws/types").status_code == 200
    assert narrow.post("/ws/types", json={"name": "Ativos"}).status_code == 403
    assert narrow.get("/ws/types", headers={"en-workspace": "rh-abc"}).status_code == 403


@IN_MEMORY
@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"user": "nobody@yourcompany.com.br"}, 404, "nobody@yourcompany.com.br"),
        ({"user": ANA, "workspaces": ["company-abc", "nowhere"]}, 404, "nowhere"),
        ({"user": ANA, "scopes": ["admin"]}, 400, "admin"),
        ({"user": ANA, "expires_at": "soon"}, 400, "soon"),
        ({"user": 64}, 400, "64"),
        ({}, 400, "user"),
    ],
    ids=str,
)
def test_key__impossible(enspace: Enspace, body: Any, status: int, message: str) -> None:
    before = enspace.state()
    assert_problem(enspace.post("/_mock/keys", json=body), status, message)
    assert enspace.state() == before
