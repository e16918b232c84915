"""The caller's own keys and request log. R13-R15, R36, R37."""

import re
from collections.abc import Callable

import pytest

from mockserver.pipeline.authenticate import UNAUTHORIZED
from tests.asgi_client import AsgiClient
from tests.conftest import FULL_KEY, Enspace
from tests.enspace.refusals import assert_refused

ANA, BRUNO, DIEGO = "ana.souza@yourcompany.com.br", "bruno.lima@yourcompany.com.br", "diego.martins@yourcompany.com.br"
SESSION = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEuc291emFAeW91cmNvbXBhbnkuY29tLmJyIn0.demo"


@pytest.mark.rule("R13")
@pytest.mark.parametrize(("user", "ids"), [(ANA, [5983, 5985]), (BRUNO, [5984]), (DIEGO, [5988])])
def test_keys__are_the_callers_own_and_the_new_one(enspace: Enspace, user: str, ids: list[int]) -> None:
    client = enspace.as_user(user, description="Test", scopes=["read"])
    keys = client.get("/user-api-keys").json()
    assert [key["id"] for key in keys] == [*ids, 5989]
    assert (keys[-1]["description"], keys[-1]["scope"]["global"]) == ("Test", ["read"])


@pytest.mark.rule("R13")
def test_keys__never_contain_a_secret(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    answer = client.get("/user-api-keys")
    assert not re.search(r"en\.[A-Za-z0-9]{34}", answer.text)
    assert all("key" not in key for key in answer.json())
    assert client.headers["x-api-key"] not in answer.text


def test_key_of_a_sandbox__has_the_form_of_what_is_masked(enspace: Enspace) -> None:
    assert re.fullmatch(r"en\.[A-Za-z0-9]{34}", enspace.headers["x-api-key"])


@pytest.mark.rule("R13")
def test_keys__have_the_time_of_their_last_use(enspace: Enspace) -> None:
    client = enspace.as_user(DIEGO)
    client.put("/_mock/clock", json={"now": "2026-05-01T12:00:00.000Z", "frozen": True})
    client.get("/ws/types")
    used = {key["id"]: key["last_used_at"] for key in client.get("/user-api-keys").json()}
    assert used == {5988: None, 5989: "2026-05-01T12:00:00.000Z"}


@pytest.mark.rule("R14")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("path", "status"), [("/user-api-keys", 405), ("/user-api-keys/5983", 404)])
def test_keys__cannot_be_made_or_changed(enspace: Enspace, method: str, path: str, status: int) -> None:
    message = {405: "Method Not Allowed", 404: "Not Found"}[status]
    assert_refused(enspace, method, path, status, message, {"scope": {"global": ["read"]}})


@pytest.mark.rule("R15")
@pytest.mark.parametrize("path", ["/user-api-keys", "/user-request-logs?_limit=1"])
def test_session__stands_in_for_a_key(server: Callable[..., AsgiClient], path: str) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {SESSION}", "en-workspace": ""}
    by_session, by_key = server().get(path, headers=headers), server().get(path)
    assert by_session.status_code == by_key.status_code == 200
    ids = [row["id"] for row in by_session.json()]
    assert ids == ([5983, 5985] if path == "/user-api-keys" else [by_key.json()[0]["id"] - 1])


@pytest.mark.rule("R15", "R36")
def test_session__is_logged_without_a_key(server: Callable[..., AsgiClient]) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {SESSION}"}
    server().get("/user-api-keys", headers=headers)
    row = server().get("/user-request-logs?_limit=1").json()[0]
    assert (row["path"], row["api_key"], row["workspace"]) == ("/user-api-keys", None, None)


@pytest.mark.rule("R15", "R1")
@pytest.mark.parametrize(("method", "path"), [("GET", "/ws"), ("GET", "/ws/types"), ("POST", "/ws"), ("DELETE", "/ws")])
def test_session__opens_nothing_else(enspace: Enspace, method: str, path: str) -> None:
    headers = {"x-api-key": "", "authorization": f"Bearer {SESSION}"}
    assert_refused(enspace, method, path, 401, UNAUTHORIZED, {"name": "Filial"}, headers=headers)


@pytest.mark.rule("R15")
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer unknown", f"Basic {SESSION}", f"Bearer {FULL_KEY}"])
def test_session__unknown_is_401(enspace: Enspace, authorization: str) -> None:
    headers = {"x-api-key": "", "authorization": authorization}
    assert_refused(enspace, "GET", "/user-api-keys", 401, UNAUTHORIZED, headers=headers)


# Calls of a full member, with the status and the workspace in the log.
CALLS = [
    ("GET", "/ws/roles/6", "company-abc", 200),
    ("GET", "/ws/roles/999", "company-abc", 404),
    ("PUT", "/ws/roles/6", "company-abc", 400),
    ("POST", "/ws/leave?colour=blue", "company-abc", 400),
    ("DELETE", "/ws", "company-abc", 403),
    ("GET", "/ws", None, 200),
    ("GET", "/ws/types", None, 400),
]


@pytest.mark.rule("R36")
def test_log__has_a_row_for_each_call_and_any_status(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    for method, path, workspace, status in CALLS:
        assert client.request(method, path, headers={"en-workspace": workspace or ""}).status_code == status
    rows = client.get("/user-request-logs?_sort=id:ASC").json()
    assert [(row["method"], row["path"], row["workspace"], row["status_code"]) for row in rows] == CALLS


@pytest.mark.rule("R36")
def test_log__names_the_key_by_its_reference(enspace: Enspace) -> None:
    first, second = enspace.as_user(BRUNO), enspace.as_user(BRUNO, scopes=["read"])
    first.get("/ws/types")
    second.post("/ws/roles", json={"name": "Fiscal"})
    reference = {key["id"]: key["reference"] for key in first.get("/user-api-keys").json()}
    rows = first.get("/user-request-logs?_sort=id:ASC").json()
    assert [row["api_key"] for row in rows] == [reference[5989], reference[5990], reference[5989]]
    assert [row["status_code"] for row in rows] == [200, 403, 200]
    found = first.get(f"/user-request-logs?api_key={reference[5990]}").json()
    assert [row["path"] for row in found] == ["/ws/roles"]


@pytest.mark.rule("R36")
def test_log__shows_the_log_call_itself_from_the_next_one_on(enspace: Enspace) -> None:
    assert enspace.get("/user-request-logs").json() == []
    assert [row["path"] for row in enspace.get("/user-request-logs").json()] == ["/user-request-logs"]
    assert len(enspace.get("/user-request-logs").json()) == 2


@pytest.mark.rule("R36")
def test_log__has_no_row_for_a_key_that_is_not_known(enspace: Enspace) -> None:
    enspace.get("/ws/types", headers={"x-api-key": "en.unknown"})
    enspace.get("/ws/types", headers={"x-api-key": ""})
    assert enspace.get("/user-request-logs").json() == []


@pytest.mark.rule("R37")
def test_log__shows_the_callers_own_rows_only(enspace: Enspace) -> None:
    bruno, diego = enspace.as_user(BRUNO), enspace.as_user(DIEGO)
    enspace.get("/ws/types")
    bruno.get("/ws/roles")
    diego.get("/ws/mgroups")
    assert [row["path"] for row in bruno.get("/user-request-logs").json()] == ["/ws/roles"]
    assert [row["path"] for row in diego.get("/user-request-logs").json()] == ["/ws/mgroups"]
    assert [row["path"] for row in enspace.get("/user-request-logs").json()] == ["/ws/types"]


@pytest.mark.rule("R37")
@pytest.mark.parametrize("frozen", [True, False])
def test_log__is_newest_first_where_nothing_is_asked(enspace: Enspace, frozen: bool) -> None:
    enspace.put("/_mock/clock", json={"frozen": frozen})
    for number in range(1, 6):
        enspace.get(f"/ws/roles/{number}")
    rows = enspace.get("/user-request-logs").json()
    assert [row["path"] for row in rows] == [f"/ws/roles/{number}" for number in range(5, 0, -1)]
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)


@pytest.mark.rule("R37", "R17")
@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("method=POST", ["/ws/leave"]),
        ("method=GET", ["/ws/types", "/ws/roles/999", "/ws/roles"]),
        ("status_code=404", ["/ws/roles/999"]),
        ("workspace=financeiro-abc", ["/ws/types"]),
        ("_q=ROLES", ["/ws/roles/999", "/ws/roles"]),
        ("_q=post", []),
        ("_sort=path:ASC&_limit=2&_start=1", ["/ws/roles", "/ws/roles/999"]),
        ("api_key=no-such-reference", []),
    ],
)
def test_log__can_be_filtered_searched_and_cut(enspace: Enspace, query: str, paths: list[str]) -> None:
    enspace.head("/ws/roles")
    enspace.get("/ws/roles/999")
    enspace.post("/ws/leave")
    enspace.get("/ws/types", headers={"en-workspace": "financeiro-abc"})
    assert [row["path"] for row in enspace.get(f"/user-request-logs?{query}").json()] == paths


@pytest.mark.rule("R37")
def test_log__contains_the_query_without_secrets(enspace: Enspace) -> None:
    secret = enspace.headers["x-api-key"]
    enspace.get("/ws/types?status=active")
    enspace.get(f"/ws/types?_q={secret}")
    enspace.get(f"/ws/types?x-api-key={secret}")
    enspace.get(f"/ws/types/{secret}")
    enspace.get(f"/ws/types?_q={'a' * 1988}")
    answer = enspace.get("/user-request-logs?_sort=id:ASC")
    assert [len(row["path"]) for row in answer.json()] == [23, 16, 23, 13, 2000]
    assert answer.json()[0]["path"] == "/ws/types?status=active"
    assert secret not in answer.text


@pytest.mark.rule("R36")
def test_request_log__contains_the_foreign_workspace_of_a_refused_call(enspace: Enspace) -> None:
    assert enspace.get("/ws/types", headers={"en-workspace": "rh-abc"}).status_code == 403
    row = enspace.get("/user-request-logs?_limit=1").json()[0]
    assert (row["path"], row["status_code"], row["workspace"]) == ("/ws/types", 403, "rh-abc")


@pytest.mark.rule("R15")
def test_session__of_a_sandbox_sees_its_own_calls(server: Callable[..., AsgiClient]) -> None:
    shown = server().post("/_mock/sandboxes", json={}).json()
    server().get("/ws/types", headers={"x-api-key": shown["api_key"]})
    bearer = {"authorization": f"bearer  {shown['sessions'][0]['token']}", "x-api-key": ""}
    rows = server().get("/user-request-logs", headers=bearer).json()
    assert [row["path"] for row in rows] == ["/ws/types"]
