"""Members: the links between people and a workspace. R38-R54."""

from itertools import permutations
from typing import Any

import pytest

from tests.conftest import Enspace
from tests.enspace.refusals import assert_refused

ANA, BRUNO, CAMILA = (
    "ana.souza@yourcompany.com.br",
    "bruno.lima@yourcompany.com.br",
    "camila.ferreira@yourcompany.com.br",
)
FELIPE, GABRIELA = "felipe.carvalho@yourcompany.com.br", "gabriela.nunes@yourcompany.com.br"
JOAO, LARISSA = "joao.pereira@yourcompany.com.br", "larissa.gomes@yourcompany.com.br"
PAULA = "paula.dias@yourcompany.com.br"

FORBIDDEN = "Insufficient permissions"
OWNER, FULL, STANDARD, VIEWER, V1 = 17, 18, 19, 20, 30  # members by their type


def owners(enspace: Enspace) -> list[tuple[int, str]]:
    return [(member["id"], member["email"]) for member in enspace.get("/ws/members?type=owner").json()]


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/ws/members", {"email": PAULA, "type": "owner"}, 400),
        ("PUT", f"/ws/members/{FULL}", {"type": "owner"}, 400),
        ("PUT", f"/ws/members/{OWNER}", {"type": "full"}, 400),
        ("PUT", f"/ws/members/{OWNER}", {"status": "inactive"}, 400),
        ("DELETE", f"/ws/members/{OWNER}", None, 400),
        ("POST", "/ws/leave", None, 400),
    ],
)
def test_owner__is_exactly_one_after_every_change(
    enspace: Enspace, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    assert_refused(enspace, method, path, status, "", body)
    assert owners(enspace) == [(OWNER, ANA)]


@pytest.mark.rule("R39", "R41")
@pytest.mark.parametrize("type", ["full", "standard", "viewer"])
def test_new_member__may_be_of_three_types_and_is_active(enspace: Enspace, type: str) -> None:
    body = {"email": PAULA, "type": type, "role": 5, "fname": "Paula", "lname": "Dias"}
    made = enspace.post("/ws/members", json=body).json()
    assert (made["email"], made["type"], made["role"], made["status"]) == (PAULA, type, 5, "active")
    assert made["user"]["email"] == PAULA
    assert made["user"]["meta"] == {"fname": "Paula", "lname": "Dias"}
    assert made == enspace.get(f"/ws/members/{made['id']}").json()


@pytest.mark.rule("R39")
def test_new_member__cannot_be_an_owner(enspace: Enspace) -> None:
    body = {"email": PAULA, "type": "owner"}
    assert_refused(enspace, "POST", "/ws/members", 400, "Validation failed", body, field="type")


@pytest.mark.rule("R40")
@pytest.mark.parametrize("email", [ANA, BRUNO, FELIPE], ids=["owner", "active", "inactive"])
def test_new_member__who_is_one_already_is_400(enspace: Enspace, email: str) -> None:
    body = {"email": email, "type": "viewer"}
    assert_refused(enspace, "POST", "/ws/members", 400, "already a member", body, field="email")


@pytest.mark.rule("R40", "R54")
def test_new_member__with_an_account_elsewhere_keeps_that_account(enspace: Enspace) -> None:
    made = enspace.post("/ws/members", json={"email": JOAO, "type": "full", "fname": "Jonas"}).json()
    assert (made["user"]["id"], made["user"]["meta"]["fname"]) == (73, "João")
    assert enspace.as_user(JOAO).get("/ws/context").json()["member"]["id"] == made["id"]


@pytest.mark.rule("R41")
def test_new_member__shows_in_list_count_and_statistics(enspace: Enspace) -> None:
    count, stats = enspace.get("/ws/members/count").json(), enspace.get("/ws/stats").json()
    body = {"email": PAULA, "type": "viewer", "status": "blocked"}
    made = enspace.post("/ws/members", json=body).json()
    assert made["status"] == "active"
    assert enspace.get("/ws/members").json()[-1] == made
    assert enspace.get("/ws/members/count").json() == count + 1
    now = enspace.get("/ws/stats").json()
    assert (now["members"], now["members_by_type"]["viewer"]) == (count + 1, stats["members_by_type"]["viewer"] + 1)


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    "body", [{"type": "full"}, {"type": "viewer"}, {"status": "inactive"}, {"status": "blocked", "role": 5}]
)
def test_owner__keeps_type_and_status(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "PUT", f"/ws/members/{OWNER}", 400, "The owner cannot be changed", body)


@pytest.mark.rule("R42", "R43")
@pytest.mark.parametrize("member", [OWNER, FULL, STANDARD, VIEWER])
def test_member__cannot_become_owner(enspace: Enspace, member: int) -> None:
    assert_refused(enspace, "PUT", f"/ws/members/{member}", 400, "Validation failed", {"type": "owner"}, field="type")


@pytest.mark.rule("R42")
def test_owner__may_be_named_active_again(enspace: Enspace) -> None:
    answer = enspace.put(f"/ws/members/{OWNER}", json={"status": "active"})
    assert (answer.status_code, answer.json()["type"]) == (200, "owner")


@pytest.mark.rule("R44")
@pytest.mark.parametrize("types", list(permutations(["full", "standard", "viewer"])), ids=" ".join)
def test_member__may_change_among_the_other_types(enspace: Enspace, types: tuple[str, ...]) -> None:
    for type in (*types, types[0]):
        assert enspace.put(f"/ws/members/{FULL}", json={"type": type}).json()["type"] == type
        assert enspace.get(f"/ws/members/{FULL}").json()["type"] == type


@pytest.mark.rule("R44", "R7")
def test_member__gains_and_loses_with_the_type(enspace: Enspace) -> None:
    client = enspace.as_user(BRUNO)
    enspace.put(f"/ws/members/{FULL}", json={"type": "viewer"})
    assert_refused(client, "POST", "/ws/roles", 403, FORBIDDEN, {"name": "Fiscal"})
    enspace.put(f"/ws/members/{FULL}", json={"type": "standard"})
    assert_refused(client, "GET", "/ws/roles", 403, FORBIDDEN)
    enspace.put(f"/ws/members/{FULL}", json={"type": "full"})
    assert client.post("/ws/roles", json={"name": "Fiscal"}).status_code == 200


@pytest.mark.rule("R45")
@pytest.mark.parametrize("type", ["viewer", "owner"])
def test_new_member__of_v1_is_neither_viewer_nor_owner(enspace: Enspace, type: str) -> None:
    body = {"email": PAULA, "type": type, "v1_compatibility": True}
    assert_refused(enspace, "POST", "/ws/members", 400, "Validation failed", body, field="type")
    assert PAULA not in [user["email"] for user in enspace.state()["users"]]


@pytest.mark.rule("R46")
@pytest.mark.parametrize(
    ("member", "body"),
    [
        (OWNER, {}),
        (OWNER, {"role": 5}),
        (VIEWER, {}),
        (VIEWER, {"type": "full"}),
        (FULL, {"type": "viewer"}),
        (STANDARD, {"type": "viewer"}),
        (V1, {"type": "viewer"}),
    ],
)
def test_update__in_v1_refuses_owner_and_viewer_on_either_side(
    enspace: Enspace, member: int, body: dict[str, Any]
) -> None:
    body = {**body, "v1_compatibility": True}
    assert_refused(enspace, "PUT", f"/ws/members/{member}", 400, "owner or a viewer", body, field="v1_compatibility")


@pytest.mark.rule("R43", "R46")
def test_update__in_v1_refuses_the_type_owner(enspace: Enspace) -> None:
    body = {"type": "owner", "v1_compatibility": True}
    assert_refused(enspace, "PUT", f"/ws/members/{FULL}", 400, "Validation failed", body, field="type")


@pytest.mark.rule("R47")
@pytest.mark.parametrize("member", [FULL, STANDARD])
def test_update__in_v1_ignores_the_role_of_a_full_member(enspace: Enspace, member: int) -> None:
    body = {"type": "full", "role": 5, "v1_compatibility": True}
    answer = enspace.put(f"/ws/members/{member}", json=body).json()
    assert (answer["type"], answer["role"]) == ("full", None)
    assert enspace.get(f"/ws/members/{member}").json()["role"] is None


@pytest.mark.rule("R47", "R48")
@pytest.mark.parametrize("type", ["full", "standard"])
def test_new_member__of_v1_has_no_role_and_is_not_limited(enspace: Enspace, type: str) -> None:
    body = {"email": PAULA, "type": type, "role": 5, "v1_compatibility": True}
    assert enspace.post("/ws/members", json=body).json()["role"] is None
    assert enspace.as_user(PAULA).post("/ws/types", json={"name": "Ativos"}).status_code == 200


@pytest.mark.rule("R48")
def test_standard_member__of_v1_is_limited_by_groups_only(enspace: Enspace) -> None:
    client = enspace.as_user(LARISSA)
    assert enspace.get(f"/ws/members/{V1}").json()["role"] is None
    assert 529 not in [task["id"] for task in client.get("/c-quick-tasks").json()]
    assert_refused(client, "GET", "/c-quick-tasks/529", 404, "Not Found")
    enspace.post("/ws/mgroups/301/users", json={"users": [74]})
    assert client.get("/c-quick-tasks/529").status_code == 200


@pytest.mark.rule("R9", "R48")
def test_standard_member__loses_the_exemption_with_v1(enspace: Enspace) -> None:
    client = enspace.as_user(LARISSA)
    assert client.get("/ws/types").status_code == 200
    enspace.put(f"/ws/members/{V1}", json={"v1_compatibility": False})
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)
    assert enspace.put(f"/ws/members/{V1}", json={"role": 6}).json()["role"] == 6
    assert client.get("/ws/types").status_code == 200


@pytest.mark.rule("R20", "R48")
def test_standard_member__of_v1_stays_one_by_default(enspace: Enspace) -> None:
    client = enspace.as_user(LARISSA)
    for body in [{"status": "inactive"}, {"status": "active"}, {"type": "full"}, {"type": "standard"}, {"role": 6}]:
        assert enspace.put(f"/ws/members/{V1}", json=body).json()["role"] is None
    assert client.post("/ws/types", json={"name": "Ativos"}).status_code == 200
    for type in ("viewer", "standard"):  # a viewer is never one of v1
        enspace.put(f"/ws/members/{V1}", json={"type": type, "role": None})
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)


@pytest.mark.rule("R49", "R6")
@pytest.mark.parametrize("status", ["inactive", "blocked"])
def test_status__takes_the_access_away_and_gives_it_back(enspace: Enspace, status: str) -> None:
    client = enspace.as_user(BRUNO)
    before = enspace.put(f"/ws/members/{FULL}", json={"status": status}).json()
    assert before["status"] == status
    assert before in enspace.get("/ws/members").json()
    assert_refused(client, "GET", "/ws/types", 403, FORBIDDEN)
    assert enspace.put(f"/ws/members/{FULL}", json={"status": "active"}).json()["id"] == FULL
    assert client.get("/ws/types").status_code == 200


@pytest.mark.rule("R49")
def test_status__inactive_keeps_role_groups_and_count(enspace: Enspace) -> None:
    count, before = enspace.get("/ws/members/count").json(), enspace.state()
    enspace.put(f"/ws/members/{STANDARD}", json={"status": "inactive"})
    assert enspace.get(f"/ws/members/{STANDARD}").json()["role"] == 5
    assert enspace.get("/ws/members/count").json() == count
    assert enspace.state()["mgroups"] == before["mgroups"]


@pytest.mark.rule("R50")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"role": 5}), ("DELETE", None)])
def test_path__names_the_link_and_not_the_user(enspace: Enspace, method: str, body: dict[str, Any] | None) -> None:
    assert enspace.get("/ws/members/18").json()["user"]["id"] == 65
    assert_refused(enspace, method, "/ws/members/65", 404, "Not Found", body)


@pytest.mark.rule("R50")
def test_link__of_the_same_user_differs_by_workspace(enspace: Enspace) -> None:
    client = enspace.as_user(GABRIELA, workspace="rh-abc")
    assert client.get("/ws/context").json()["member"]["id"] == 25
    assert enspace.get("/ws/members", params={"email": GABRIELA}).json()[0]["id"] == 23
    assert_refused(client, "GET", "/ws/members/23", 404, "Not Found")


@pytest.mark.rule("R51")
@pytest.mark.parametrize("role", [7, 999], ids=["of another workspace", "unknown"])
def test_role__has_to_be_one_of_the_workspace(enspace: Enspace, role: int) -> None:
    new = {"email": PAULA, "type": "standard", "role": role}
    assert_refused(enspace, "POST", "/ws/members", 400, "Validation failed", new, field="role")
    assert_refused(enspace, "PUT", f"/ws/members/{STANDARD}", 400, "Validation failed", {"role": role}, field="role")


@pytest.mark.rule("R51")
def test_role__null_clears_it_and_silence_keeps_it(enspace: Enspace) -> None:
    assert enspace.put(f"/ws/members/{STANDARD}", json={"type": "full"}).json()["role"] == 5
    assert enspace.put(f"/ws/members/{STANDARD}", json={"role": None}).json()["role"] is None
    assert enspace.post("/ws/members", json={"email": PAULA, "type": "viewer", "role": None}).json()["role"] is None


@pytest.mark.rule("R52")
def test_groups__of_a_new_member_take_the_user_in(enspace: Enspace) -> None:
    made = enspace.post("/ws/members", json={"email": PAULA, "type": "viewer", "mgroups": [300, 302, 300]}).json()
    groups = {group["id"]: [user["email"] for user in group["users"]] for group in enspace.get("/ws/mgroups").json()}
    assert [id for id, emails in groups.items() if PAULA in emails] == [300, 302]
    assert groups[300] == [ANA, CAMILA, "henrique.alves@yourcompany.com.br", PAULA]
    assert "mgroups" not in made
    assert enspace.as_user(PAULA).get("/ws/context").json()["mgroups"] == [300, 302]


@pytest.mark.rule("R52")
@pytest.mark.parametrize("groups", [[999], [304], [300, 999]], ids=["unknown", "of another workspace", "one of two"])
def test_groups__unknown_are_400(enspace: Enspace, groups: list[int]) -> None:
    body = {"email": PAULA, "type": "viewer", "mgroups": groups}
    assert_refused(enspace, "POST", "/ws/members", 400, "Validation failed", body, field="mgroups")


@pytest.mark.rule("R53")
@pytest.mark.parametrize("user", [ANA, BRUNO, GABRIELA])
def test_remove__is_not_for_the_owner(enspace: Enspace, user: str) -> None:
    assert_refused(enspace.as_user(user), "DELETE", f"/ws/members/{OWNER}", 400, "The owner cannot be removed")


@pytest.mark.rule("R54")
def test_remove__ends_the_link_and_leaves_the_groups(enspace: Enspace) -> None:
    before = enspace.state()
    assert enspace.delete("/ws/members/18").json() == {"data": True, "message": "Member removed successfully"}
    after = enspace.state()
    assert [name for name in before if before[name] != after[name]] == ["members", "mgroups"]
    assert after["members"] == [member for member in before["members"] if member["id"] != 18]
    for was, group in zip(before["mgroups"], after["mgroups"], strict=True):
        assert group["users"] == [user for user in was["users"] if user != 65]


@pytest.mark.rule("R54")
def test_remove__leaves_the_groups_of_other_workspaces(enspace: Enspace) -> None:
    enspace.delete(f"/ws/members/{V1}")
    assert enspace.as_user(LARISSA, workspace="rh-abc").get("/ws/context").json()["mgroups"] == [304]
    assert 74 not in [user["id"] for user in enspace.get("/ws/mgroups/303").json()["users"]]


@pytest.mark.rule("R54", "R41")
def test_remove__keeps_the_account_for_the_day_it_comes_back(enspace: Enspace) -> None:
    enspace.delete("/ws/members/18")
    again = enspace.post("/ws/members", json={"email": BRUNO, "type": "viewer"}).json()
    assert (again["user"]["id"], again["type"], again["role"], again["status"]) == (65, "viewer", None, "active")
    assert again["id"] > 34
    assert enspace.as_user(BRUNO).get("/ws/context").json()["mgroups"] == []
