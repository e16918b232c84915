"""Records in the control API: collections, pages, search, and changes of single records."""

from typing import Any

import pytest

from tests.conftest import Enspace


def page(enspace: Enspace, collection: str, **query: Any) -> dict[str, Any]:
    answer = enspace.get(f"/_mock/state/{collection}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(enspace: Enspace, collection: str, **query: Any) -> list[int]:
    return [record["id"] for record in page(enspace, collection, **query)["records"]]


def test_collections__have_members_relations_and_counts(enspace: Enspace) -> None:
    found = {one["name"]: one for one in enspace.get("/_mock/collections").json()}
    assert found["items"]["count"] == len(enspace.state()["items"])
    needed = ("token", "description", "reference", "user")
    assert found["sessions"] == {
        "name": "sessions",
        "count": 1,
        "members": [
            {"name": name, "needed": name in needed, "default": None} for name in ("id", *needed, "expires_at")
        ],
        "relations": [{"member": "user", "target": "users", "list": False}],
    }
    members = {member["name"]: member for member in found["members"]["members"]}
    assert members["status"]["default"] == "active"
    assert "owner" in members["type"]["enum"]


def test_page__is_cut_sorted_and_searched(enspace: Enspace) -> None:
    every = ids(enspace, "types", limit=1000)
    assert ids(enspace, "types", limit=2, start=1) == every[1:3]
    assert ids(enspace, "types", sort="id:DESC") == every[::-1]
    names = [record["name"] for record in page(enspace, "types", sort="name")["records"]]
    assert names == sorted(names)
    assert page(enspace, "items", q="PAPELARIA", limit=1)["total"] == 4
    assert page(enspace, "items", start=10**9)["records"] == []


def test_page__continues_after_the_previous_one(enspace: Enspace) -> None:
    for query in ({"sort": "reference:DESC"}, {"q": "central"}, {"sort": "status", "where": "user:64"}):
        every = ids(enspace, "items", limit=1000, **query)
        assert [*ids(enspace, "items", limit=3, **query), *ids(enspace, "items", limit=1000, start=3, **query)] == every
    assert (
        ids(enspace, "items", sort="status:DESC", limit=1000) == ids(enspace, "items", sort="status", limit=1000)[::-1]
    )


@pytest.mark.parametrize("query", [{}, {"where": "item_type:14"}, {"q": "a"}, {"where": "status:active"}], ids=str)
@pytest.mark.parametrize("member", ["id", "status", "reference"])
def test_page__in_descending_order_reverses_the_ascending_one(
    enspace: Enspace, member: str, query: dict[str, str]
) -> None:
    ascending = ids(enspace, "items", sort=f"{member}:ASC", limit=1000, **query)
    descending = ids(enspace, "items", sort=f"{member}:DESC", limit=1000, **query)
    assert len(descending) > 7
    assert descending == ascending[::-1]
    pages = [ids(enspace, "items", sort=f"{member}:DESC", start=start, limit=5, **query) for start in (0, 5)]
    assert pages == [descending[:5], descending[5:10]]
    assert page(enspace, "items", sort=f"{member}:DESC", limit=1, **query)["total"] == len(descending)


def test_page__is_sorted_by_value_with_null_first(enspace: Enspace) -> None:
    records = page(enspace, "items", sort="stage", limit=1000)["records"]
    stages = [record["stage"] for record in records]
    assert stages == sorted(stages, key=lambda stage: (stage is not None, stage or 0))
    assert stages[0] is None
    assert stages[-1] is not None
    tied = [record["id"] for record in records if record["stage"] == stages[-1]]
    assert tied == sorted(tied)


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("contratos", ["Contratos"]),
        ("CONTRATOS", ["Contratos"]),
        ("tratos", ["Contratos"]),
        ("nowhere", []),
        ("name", []),
    ],
)
def test_search__finds_a_part_of_any_value_in_any_case(enspace: Enspace, q: str, names: list[str]) -> None:
    found = [record["name"] for record in page(enspace, "types", q=q)["records"]]
    assert [name for name in found if name == "Contratos"] == names
    assert bool(found) == bool(names)


def test_search__finds_nested_values_and_numbers(enspace: Enspace) -> None:
    body = {"data": {"numero": "Ünïque", "valor": 98765.25}}
    assert enspace.post("/ws/types/contratos/items", json=body).status_code == 200
    created = enspace.state()["items"][-1]["id"]
    for q in ("ÜNÏQUE", "98765.25"):
        assert ids(enspace, "items", q=q) == [created]
    assert ids(enspace, "items", q="98765.25", where="item_type:14") == []


def test_search__sees_changes_between_two_pages(enspace: Enspace) -> None:
    before = ids(enspace, "roles", q="a", sort="name:DESC", limit=1)
    enspace.post("/ws/roles", json={"name": "Zelador", "description": None})
    after = page(enspace, "roles", q="a", sort="name:DESC", limit=1)["records"]
    assert [role["name"] for role in after] == ["Zelador"]
    assert ids(enspace, "roles", q="a", sort="name:DESC", start=1, limit=1) == before


def test_search__of_two_sandboxes_is_kept_apart(enspace: Enspace) -> None:
    other = enspace.post("/_mock/sandboxes", json={}).json()["name"]
    enspace.post("/ws/roles", json={"name": "Zelador", "description": None})
    assert page(enspace, "roles", q="zelador")["total"] == 1
    assert page(enspace, "roles", q="zelador", sandbox=other)["total"] == 0
    enspace.delete(f"/_mock/sandboxes/{other}")


def test_page__finds_references_to_a_record_and_has_its_display_name(enspace: Enspace) -> None:
    found = page(enspace, "fields", where="item_type:12")
    assert {record["item_type"] for record in found["records"]} == {12}
    assert found["names"]["item_type"] == {"12": "Contratos"}
    groups = page(enspace, "mgroups", where="users:64")["records"]
    assert groups
    assert all(64 in group["users"] for group in groups)


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("nowhere", 404, "no collection 'nowhere'; known are users, workspaces"),
        ("items?sort=size", 400, "sort: received 'size', documented: a member with :ASC or :DESC, of id, "),
        ("items?sort=id:UP", 400, "sort: received 'id:UP'"),
        ("items?where=size:1", 400, "where: received 'size:1', documented: MEMBER:VALUE"),
        ("items?limit=0", 400, ""),
        ("items/999999", 404, "items has no record 999999"),
        ("items/0", 400, ""),
    ],
)
def test_page__with_an_invalid_query_is_refused(enspace: Enspace, path: str, status: int, part: str) -> None:
    answer = enspace.get(f"/_mock/state/{path}")
    assert answer.status_code == status
    assert part in answer.json()["detail"]


def test_record__of_no_collection_is_refused(enspace: Enspace) -> None:
    answer = enspace.post("/_mock/state/nowhere", json={"name": "x"})
    assert answer.status_code == 404
    assert "no collection 'nowhere'; known are users, workspaces" in answer.json()["detail"]


def test_page__shows_no_secret_and_finds_none(enspace: Enspace) -> None:
    key = enspace.headers["x-api-key"]
    assert page(enspace, "api_keys")["records"][0]["key"] == "***"
    assert page(enspace, "api_keys", q=key)["total"] == 0
    assert page(enspace, "api_keys", where=f"key:{key}")["total"] == 0


def test_record__is_added_replaced_and_deleted(enspace: Enspace) -> None:
    made = enspace.post("/_mock/state/roles", json={"workspace": "company-abc", "name": "Chief"}).json()
    assert enspace.get(f"/ws/roles/{made['id']}").json()["name"] == "Chief"
    found = enspace.put(f"/_mock/state/roles/{made['id']}", json={**made, "name": "Other"}).json()
    assert (found["name"], found["created_at"]) == ("Other", made["created_at"])
    assert enspace.get(f"/_mock/state/roles/{made['id']}").json() == found
    gone = enspace.delete(f"/_mock/state/roles/{made['id']}").json()
    assert gone == {"deleted": {"roles": 1}, "changed": {}}
    assert enspace.get(f"/ws/roles/{made['id']}").status_code == 404


CHANGES: dict[str, tuple[str, dict[str, Any], str | None, str]] = {
    "missing": ("roles", {"workspace": 123}, "name", "`name` is missing. Add `name: …`."),
    "unknown": ("roles", {"nam": 1}, None, "unknown member `nam`. Did you mean `name`?"),
    "odd": ("roles", {"workspace": 123, "name": 5}, "name", 'name: 5 is not of type "string"'),
    "no record": ("roles", {"workspace": 1, "name": "X"}, "workspace", "`workspace` names 1, which workspaces.yaml"),
    "taken": (
        "roles",
        {"workspace": 123, "name": "Analista"},
        "name",
        "another record has the same workspace and name",
    ),
    "id": ("roles", {"id": 7, "workspace": 123, "name": "X"}, "id", "there is a record 7 already"),
    "rule": ("items", {"workspace": 123, "item_type": 14, "user": 64, "data": {}}, "data", "`data.razao_social`"),
    "another": (
        "members",
        {"workspace": 123, "user": 73, "type": "owner"},
        None,
        "workspaces 123: the workspace has 2",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_record__that_breaks_a_rule_is_refused_by_member(enspace: Enspace, name: str) -> None:
    collection, body, member, part = CHANGES[name]
    before = enspace.state()
    answer = enspace.post(f"/_mock/state/{collection}", json=body)
    assert answer.status_code == 400
    faults = answer.json()["errors"]
    assert faults[0]["member"] == member
    assert part in faults[0]["message"]
    assert enspace.state() == before


def test_record__keeps_its_id_and_its_secret(enspace: Enspace) -> None:
    key = page(enspace, "api_keys")["records"][0]
    answer = enspace.put(f"/_mock/state/api_keys/{key['id']}", json={**key, "id": 1})
    assert answer.json()["errors"] == [{"member": "id", "message": f"it is {key['id']} and stays"}]
    changed = enspace.put(
        f"/_mock/state/api_keys/{key['id']}",
        json={**key, "description": "Mine", "scope": {**key["scope"], "global": ["read"]}},
    )
    assert (changed.status_code, changed.json()["key"]) == (200, "***")
    assert enspace.get("/ws/types").status_code == 200


@pytest.mark.parametrize(
    ("collection", "where", "change", "part"),
    [
        ("fields", "slug:valor", {"type": "boolean"}, "items "),
        ("members", "id:19", {"user": 73}, "mgroups 300: the user 66 is no member of the workspace"),
        ("workspaces", "slug:company-abc", {"slug": "other"}, "`scope.workspaces` names 'company-abc'"),
    ],
)
def test_record__change_that_invalidates_others_is_refused(
    enspace: Enspace, collection: str, where: str, change: dict[str, Any], part: str
) -> None:
    record = page(enspace, collection, where=where)["records"][0]
    answer = enspace.put(f"/_mock/state/{collection}/{record['id']}", json=record | change)
    assert answer.status_code == 400
    assert part in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("collection", "where", "part"),
    [
        ("users", "id:64", "needs it; delete or change that first"),
        ("members", "type:owner", "the workspace has 0 owners"),
        ("stages", "is_start:true", "the flow has 0 start stages"),
        ("stages", "id:32", "tasks 71: `error_trigger.stage` names no stage of the flow"),
        ("integrations", "id:12", "tasks 74: `settings.integration` names no integration of the workspace"),
    ],
)
def test_record__that_others_require_is_not_deleted(enspace: Enspace, collection: str, where: str, part: str) -> None:
    id = ids(enspace, collection, where=where)[0]
    before = enspace.state()
    answer = enspace.delete(f"/_mock/state/{collection}/{id}")
    assert answer.status_code == 400
    assert part in answer.json()["detail"]
    assert enspace.state() == before


def test_deletion__leaves_nothing_dangling(enspace: Enspace) -> None:
    items = page(enspace, "items", where="item_type:12", limit=100)["records"]
    changes = enspace.delete("/_mock/state/fields/304").json()  # `valor`
    with_value = sum("valor" in item["data"] for item in items)
    assert changes == {"deleted": {"fields": 1}, "changed": {"items": with_value, "forms": 1, "tasks": 1}}
    items = page(enspace, "items", where="item_type:12", limit=100)["records"]
    assert all("valor" not in item["data"] for item in items)
    member = page(enspace, "members", where="type:standard")["records"][0]
    enspace.delete(f"/_mock/state/members/{member['id']}")
    groups = page(enspace, "mgroups", where=f"workspace:{member['workspace']}")["records"]
    assert all(member["user"] not in group["users"] for group in groups)
    workspace = page(enspace, "workspaces", where="slug:rh-abc")["records"][0]
    enspace.delete(f"/_mock/state/workspaces/{workspace['id']}")
    assert all("rh-abc" not in key["scope"]["workspaces"] for key in enspace.state()["api_keys"])


def test_record__that_is_no_object_is_refused(enspace: Enspace) -> None:
    assert enspace.post("/_mock/state/roles", json=[]).status_code == 400
    assert enspace.put("/_mock/state/roles/1", json="x").status_code == 400


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [{"field": "x"}], {"stage": "x", "users": 5}])
def test_record__odd_values_are_answered_in_every_member(enspace: Enspace, odd: Any) -> None:
    here = {"sandbox": enspace.get("/_mock/sandboxes").json()[-1]["name"]}  # the test may change its key
    for collection in enspace.get("/_mock/collections", params=here).json():
        record = page(enspace, collection["name"], limit=1, **here)["records"][0]
        for member in collection["members"]:
            path = f"/_mock/state/{collection['name']}/{record['id']}"
            answer = enspace.put(path, params=here, json={**record, member["name"]: odd})
            assert answer.status_code in (200, 400), (path, member["name"])
            if answer.status_code == 200:
                enspace.put(path, params=here, json=record)


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("PATCH", "/_mock/journal", 405, "DELETE, GET, HEAD"),
        ("DELETE", "/_mock/health", 405, "GET, HEAD"),
        ("PUT", "/_mock/snapshots/a/restore", 405, "POST"),
        ("GET", "/_mock/nowhere", 404, None),
    ],
)
def test_route__that_does_not_exist_lists_the_allowed_methods(
    enspace: Enspace, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = enspace.request(method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allowed)
    assert answer.headers["content-type"] == "application/problem+json"
