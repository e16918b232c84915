"""Lists: every filter, every order and every search, against the whole list. R17-R19 for each list operation.

The expected rows of a query are computed from the unfiltered list, that is from answers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

import pytest

from tests.asgi_client import AsgiClient
from tests.conftest import Enspace, fresh_sandbox

Row = dict[str, Any]

TYPES, FIELDS, ITEMS = "/ws/types", "/ws/types/clientes/fields", "/ws/types/contratos/items"
FLOWS, STAGES, TASKS, FORMS, CREATE_FORMS = "/c-flows", "/c-flow-stages", "/c-flow-tasks", "/c-forms", "/c-forms/create"
MEMBERS, ROLES, PERMISSIONS, GROUPS = "/ws/members", "/ws/roles", "/ws/roles/5/permissions", "/ws/mgroups"
QUICK, SCHEDULE, INTEGRATIONS, WORKSPACES = "/c-quick-tasks", "/c-schedule-tasks", "/integrations", "/ws"

WITH_COUNT = (TYPES, ITEMS, MEMBERS, ROLES, QUICK)

# By list: filters, each with values that some records have and others do not.
FILTERS: dict[str, dict[str, tuple[Any, ...]]] = {
    TYPES: {"name": ("Contratos", "contratos"), "slug": ("compras",), "status": ("active", "inactive")},
    FIELDS: {"type": ("text", "select"), "required": ("true", "false"), "active": ("true", "false")},
    ITEMS: {
        "status": ("active", "inactive"),
        "reference": ("TdrHId8iaqHuSlyV", "tdrhid8iaqhuslyv"),
        "form": (14, 15),
        "stage": (31, 34, 35),
    },
    FLOWS: {
        "item_type": ("contratos", "clientes", "nada"),
        "status": ("active", "inactive"),
        "start_type": ("always", "manual"),
    },
    STAGES: {
        "item_type": ("contratos", "clientes"),
        "flow": (9, 999),
        "status": ("active", "inactive"),
        "is_start": ("true", "false"),
    },
    TASKS: {
        "item_type": ("compras", "clientes"),
        "flow": (10,),
        "stage": (31, 999),
        "status": ("active", "inactive"),
        "action": ("confirmation", "send_to_knowledge_base"),
    },
    FORMS: {"item_type": ("contratos",), "status": ("active", "inactive"), "is_create": ("true", "false")},
    CREATE_FORMS: {"item_type": ("contratos", "clientes")},
    MEMBERS: {
        "type": ("owner", "full", "standard", "viewer"),
        "status": ("active", "inactive", "blocked"),
        "role": (5, 999),
        "email": ("ana.souza@yourcompany.com.br", "ana.souza"),
    },
    ROLES: {"name": ("Gestor", "gestor")},
    PERMISSIONS: {
        "area": ("items", "calendar"),
        "action": ("read", "delete"),
        "item_type": ("contratos", "compras", "nada"),
    },
    GROUPS: {"name": ("Financeiro", "Finan")},
    QUICK: {
        "status": ("pending", "in_progress", "completed", "canceled"),
        "priority": ("low", "medium", "high"),
        "kind": ("manual", "approval", "form"),
        "approval": ("approved", "rejected"),
        "assigned_to": (64, 65),
        "item": (4812, 999),
    },
    INTEGRATIONS: {"integration": (4, 9), "status": ("active", "inactive")},
    SCHEDULE: {
        "status": ("pending", "completed", "canceled"),
        "item_type": ("chamados", "clientes"),
        "task": (71,),
        "stage": (35,),
        "flow": (11,),
        "item": (4707, 999),
    },
    WORKSPACES: {"name": ("Financeiro ABC",), "slug": ("company-abc", "rh-abc")},
}

# Filters whose member is the same in all records: these are found by one value and by no other.
ALIKE = {(FLOWS, "status"), (FLOWS, "start_type"), (STAGES, "status"), (FORMS, "status"), (INTEGRATIONS, "status")}

# By list: the text members that `_q` looks into.
SEARCHED: dict[str, tuple[str, ...]] = {
    TYPES: ("name", "slug", "description"),
    FIELDS: ("name", "slug"),
    FLOWS: ("name",),
    STAGES: ("name",),
    TASKS: ("name", "description"),
    FORMS: ("name", "slug"),
    CREATE_FORMS: ("name", "slug"),
    MEMBERS: ("email", "user.meta.fname", "user.meta.lname"),
    ROLES: ("name", "description"),
    GROUPS: ("name",),
    QUICK: ("title", "description"),
    SCHEDULE: ("name",),
    WORKSPACES: ("name", "slug"),
}

STAMPS = ("created_at", "updated_at")

# By list: the members to sort by, beside `id`.
SORTED: dict[str, tuple[str, ...]] = {
    TYPES: ("name", "slug", "status", *STAMPS),
    FIELDS: ("position", "name", "slug", "type", *STAMPS),
    ITEMS: ("reference", "status", *STAMPS),
    FLOWS: ("name", "status", "start_type", *STAMPS),
    STAGES: ("name", "status", *STAMPS),
    TASKS: ("name", "status", "action", *STAMPS),
    FORMS: ("name", "slug", "status", *STAMPS),
    CREATE_FORMS: ("name", "slug", "status", *STAMPS),
    MEMBERS: ("type", "status", "role", *STAMPS),
    ROLES: ("name", *STAMPS),
    PERMISSIONS: ("area", "action", *STAMPS),
    GROUPS: ("name", *STAMPS),
    QUICK: ("title", "status", "priority", "points", "due_date", *STAMPS),
    INTEGRATIONS: ("integration", "status", *STAMPS),
    SCHEDULE: ("status", "due_date", *STAMPS),
    WORKSPACES: ("name", "slug", *STAMPS),
}

FIELD_SLUGS = ("numero", "valor", "assinatura", "situacao", "renovavel", "contato")


def get(client: Enspace, path: str, **query: Any) -> list[Row]:
    answer = client.get(path, params={"_limit": 1000, **{name: str(value) for name, value in query.items()}})
    assert answer.status_code == 200, answer.text
    rows: list[Row] = answer.json()
    return rows


def count(client: Enspace, path: str, **query: Any) -> int:
    answer = client.get(f"{path}/count", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    number: int = answer.json()
    return number


def read(row: Row, path: str) -> Any:
    """Reads the value at `name` or `user.meta.fname`; an embedded record as its id, a type as its slug."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name)
    return value.get("id", value.get("slug")) if isinstance(value, dict) else value


def as_query(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def ordered(rows: Iterable[Row], member: str, descending: bool) -> list[int]:
    """Sorts by a member, nulls first, equal values by id in the same direction. Returns ids."""

    def key(row: Row) -> tuple[Any, ...]:
        value = read(row, member)
        return (value is not None, *([] if value is None else [value]), int(row["id"]))

    return [row["id"] for row in sorted(rows, key=key, reverse=descending)]


@pytest.fixture(scope="module")
def busy(server: Callable[..., AsgiClient]) -> Iterator[Enspace]:
    """A client in a sandbox with records for each filter to exclude. The sandbox is shared: tests only read."""
    with fresh_sandbox(server()) as client:
        fill(client)
        yield client


def fill(client: Enspace) -> None:
    client.post(TYPES, json={"name": "Depósito", "slug": "arquivo-morto", "status": "inactive"})
    client.post(MEMBERS, json={"email": "x@y.example", "type": "viewer", "fname": "Zoé", "lname": "Araújo"})
    task = client.post(QUICK, json={"title": "Aprovar", "kind": "approval"}).json()
    client.put(f"{QUICK}/{task['id']}", json={"approval": "rejected", "assigned_to": 65})


@pytest.mark.rule("R17")
@pytest.mark.parametrize("path", FILTERS)
def test_filters__find_exactly_the_records_that_have_the_value(busy: Enspace, path: str) -> None:
    rows = get(busy, path)
    for name, values in FILTERS[path].items():
        sizes = set()
        for value in values:
            expected = [row for row in rows if as_query(read(row, name)) == str(value)]
            assert (name, value, get(busy, path, **{name: value})) == (name, value, expected)
            if path in WITH_COUNT:
                assert (name, value, count(busy, path, **{name: value})) == (name, value, len(expected))
            sizes.add(len(expected))
        assert (path, name) in ALIKE or sizes - {0, len(rows)}, name


@pytest.mark.parametrize("path", FILTERS)
def test_filters__are_all_to_be_met(busy: Enspace, path: str) -> None:
    filters = {name: values[0] for name, values in FILTERS[path].items()}
    rows = get(busy, path)
    expected = [row for row in rows if all(as_query(read(row, name)) == str(v) for name, v in filters.items())]
    assert get(busy, path, **filters) == expected


@pytest.mark.rule("R17")
@pytest.mark.parametrize("path", SEARCHED)
def test_search__finds_parts_of_each_text_member_in_any_case(busy: Enspace, path: str) -> None:
    rows = get(busy, path)
    for member in SEARCHED[path]:
        others = [name for name in SEARCHED[path] if name != member]
        texts = ((row, text[1:]) for row in reversed(rows) if (text := read(row, member)))
        wanted = next(text for row, text in texts if not any(contains(row, name, text) for name in others)).swapcase()
        expected = [row for row in rows if any(contains(row, name, wanted) for name in SEARCHED[path])]
        assert get(busy, path, _q=wanted) == expected
        assert 0 < len(expected) < len(rows), member
        if path in WITH_COUNT:
            assert count(busy, path, _q=wanted) == len(expected)


def contains(row: Row, member: str, text: str) -> bool:
    return text.casefold() in (read(row, member) or "").casefold()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (TYPES, "shopping-cart"),
        (FIELDS, "servicos"),
        (FLOWS, "git-branch"),
        (TASKS, "form_fill"),
        (QUICK, "in_progress"),
        (MEMBERS, "standard"),
    ],
)
def test_search__does_not_look_elsewhere(busy: Enspace, path: str, text: str) -> None:
    assert text in busy.get(path).text
    assert get(busy, path, _q=text) == []


@pytest.mark.parametrize("path", SEARCHED)
def test_search__and_filters_are_all_to_be_met(busy: Enspace, path: str) -> None:
    name, (value, *_) = next(iter(FILTERS[path].items()))
    both = get(busy, path, _q="e", **{name: value})
    assert both == [row for row in get(busy, path, _q="e") if row in get(busy, path, **{name: value})]
    assert get(busy, path, _q="") == get(busy, path)


@pytest.mark.parametrize("path", [PERMISSIONS, INTEGRATIONS])
def test_search__is_not_a_parameter_of_lists_without_texts(busy: Enspace, path: str) -> None:
    answer = busy.get(f"{path}?_q=a")
    assert (answer.status_code, "_q" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize("path", SORTED)
def test_order__is_by_id_unless_the_list_is_one_of_fields(busy: Enspace, path: str) -> None:
    by_default = [row["id"] for row in get(busy, path)]
    assert by_default == ordered(get(busy, path), "position" if path == FIELDS else "id", False)
    assert len(by_default) > 1


@pytest.mark.rule("R18")
@pytest.mark.parametrize("path", SORTED)
def test_order__is_by_the_member_and_then_by_id(busy: Enspace, path: str) -> None:
    rows = get(busy, path)
    for member, direction in product(("id", *SORTED[path]), ("ASC", "DESC")):
        found = [row["id"] for row in get(busy, path, _sort=f"{member}:{direction}")]
        assert (member, direction, found) == (member, direction, ordered(rows, member, direction == "DESC"))


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [(MEMBERS, "type", "role"), (TASKS, "action", "name"), (QUICK, "priority", "due_date"), (FIELDS, "type", "name")],
)
def test_order__is_by_several_members_each_in_its_direction(busy: Enspace, path: str, first: str, second: str) -> None:
    found = get(busy, path, _sort=f"{first}:DESC,{second}:ASC")
    groups = list(dict.fromkeys(read(row, first) for row in found))
    assert groups == sorted(groups, key=lambda value: (value is not None, value or ""), reverse=True)
    for group in groups:
        rows = [row for row in found if read(row, first) == group]
        assert [row["id"] for row in rows] == ordered(rows, second, False)


@pytest.mark.parametrize("path", [path for path in SORTED if path != ITEMS])
def test_order__by_a_member_that_cannot_be_sorted_by_is_refused(busy: Enspace, path: str) -> None:
    answer = busy.get(f"{path}?_sort=id:ASC,settings:ASC")
    assert answer.status_code == 400
    message = answer.json()["message"]
    assert "Invalid query parameter: _sort" in message
    assert "documented: a text that matches ^(id|" in message


@pytest.mark.parametrize("path", [path for path in SORTED if path != ITEMS])
def test_order__members_are_documented(busy: Enspace, path: str) -> None:
    message = busy.get(f"{path}?_sort=settings:ASC").json()["message"]
    assert set(message.split("^(")[1].split(")")[0].split("|")) == {"id", *SORTED[path]}


@pytest.mark.rule("R18")
@pytest.mark.parametrize("path", SORTED)
def test_pages__of_a_filtered_and_sorted_list_have_no_gaps_or_repeats(
    busy: Enspace, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    name, (value, *_) = next(iter(FILTERS[path].items()))
    query = {"_sort": f"{SORTED[path][0]}:DESC", name: value}
    whole = get(busy, path, **query)
    monkeypatch.setattr("mockserver.state.collection._MAX_SORTED", 0)  # as a large collection: walks a sorted index
    pages = [get(busy, path, _limit=2, _start=start, **query) for start in range(0, len(whole) + 2, 2)]
    assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("numero", "CT-2025-015"),
        ("valor", "91000.9"),
        ("valor", "91000"),
        ("assinatura", "first"),
        ("situacao", "vigente"),
        ("situacao", "VIGENTE"),
        ("renovavel", "true"),
        ("renovavel", "false"),
        ("contato", "financeiro@sorrisolargo.example"),
    ],
)
def test_items_filter__by_a_field_slug_finds_equal_values(busy: Enspace, slug: str, value: str) -> None:
    rows = get(busy, ITEMS)
    value = rows[0]["data"][slug] if value == "first" else value
    expected = [row for row in rows if slug in row["data"] and as_query(row["data"][slug]) == value]
    assert get(busy, ITEMS, **{slug: value}) == expected
    assert count(busy, ITEMS, **{slug: value}) == len(expected) < len(rows)
    assert expected or value in ("91000", "VIGENTE")


@pytest.mark.parametrize(("sent", "asked"), [(10, "10"), (10.0, "10"), (0, "0"), (-0.5, "-0.5"), (1e20, f"{10**20}")])
def test_items_filter__by_a_number_takes_it_as_a_client_writes_it(enspace: Enspace, sent: Any, asked: str) -> None:
    made = enspace.post(ITEMS, json={"data": {"numero": "CT-1", "valor": sent}}).json()
    assert get(enspace, ITEMS, valor=asked)[-1] == made


def test_items_filter__by_several_field_slugs_and_members(busy: Enspace) -> None:
    query = {"situacao": "vigente", "renovavel": "true", "status": "active", "_q": "ltda"}
    expected = [
        row
        for row in get(busy, ITEMS)
        if (row["data"]["situacao"], row["data"]["renovavel"], row["status"]) == ("vigente", True, "active")
        and "ltda" in row["data"]["cliente"].lower()
    ]
    assert get(busy, ITEMS, **query) == expected
    assert count(busy, ITEMS, **query) == len(expected) > 0


def test_items_filter__that_is_no_field_slug_is_ignored(busy: Enspace) -> None:
    assert get(busy, ITEMS, nada="x", fax="y") == get(busy, ITEMS)
    assert count(busy, ITEMS, nada="x") == len(get(busy, ITEMS))


def test_items_filter__does_not_find_missing_and_null_values(enspace: Enspace) -> None:
    made = enspace.post(ITEMS, json={"data": {"numero": "CT-1", "valor": 1, "situacao": None}}).json()
    assert "cliente" not in made["data"]
    for value in ("", "None", "null"):
        assert made not in get(enspace, ITEMS, cliente=value)
        assert made not in get(enspace, ITEMS, situacao=value)


def test_items_filter__of_the_item_wins_over_a_field_of_that_slug(enspace: Enspace) -> None:
    enspace.post("/ws/types/contratos/fields", json={"name": "Status", "slug": "status", "type": "text"})
    data = {"numero": "CT-1", "valor": 1, "status": "inactive"}
    made = enspace.post(ITEMS, json={"data": data}).json()
    assert made in get(enspace, ITEMS, status="active")
    assert made not in get(enspace, ITEMS, status="inactive")


@pytest.mark.parametrize("text", ["TDRHID8", "sorriso largo", "CT-2025", "VIGENTE", "-0", ".pdf"])
def test_items_search__covers_reference_and_text_values(busy: Enspace, text: str) -> None:
    def texts(row: Row) -> list[str]:
        return [row["reference"], *(value for value in row["data"].values() if isinstance(value, str))]

    rows = get(busy, ITEMS)
    expected = [row for row in rows if any(text.casefold() in value.casefold() for value in texts(row))]
    assert get(busy, ITEMS, _q=text) == expected
    assert count(busy, ITEMS, _q=text) == len(expected) > 0


def test_items_search__does_not_look_into_numbers_and_booleans(enspace: Enspace) -> None:
    made = enspace.post(ITEMS, json={"data": {"numero": "Straße 1", "valor": 777123, "renovavel": True}}).json()
    assert get(enspace, ITEMS, _q="straße") == [made]
    assert made not in get(enspace, ITEMS, _q="777123")
    assert get(enspace, ITEMS, _q="true") == []


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("slug", FIELD_SLUGS)
def test_items_order__by_a_field_slug_has_missing_values_first(enspace: Enspace, slug: str, direction: str) -> None:
    enspace.post(ITEMS, json={"data": {"numero": "CT-1", "valor": 1}})
    enspace.post(ITEMS, json={"data": {"numero": "CT-0", "valor": -2.5, "situacao": None}})
    found = [row["id"] for row in get(enspace, ITEMS, _sort=f"{slug}:{direction}")]
    assert found == ordered(get(enspace, ITEMS), f"data.{slug}", direction == "DESC")


def test_items_order__by_a_number_is_not_the_order_of_texts(enspace: Enspace) -> None:
    for value in (9, 10, 100, -1):
        enspace.post(ITEMS, json={"data": {"numero": "CT-ordem", "valor": value}})
    found = get(enspace, ITEMS, numero="CT-ordem", _sort="valor:ASC")
    assert [row["data"]["valor"] for row in found] == [-1, 9, 10, 100]


def test_items_order__by_field_slugs_and_members_together(busy: Enspace) -> None:
    found = get(busy, ITEMS, _sort="situacao:ASC,id:DESC")
    expected = sorted(get(busy, ITEMS), key=lambda row: (row["data"]["situacao"], -row["id"]))
    assert found == expected


@pytest.mark.parametrize("member", ["fax", "data", "user"])
def test_items_order__by_an_unknown_field_slug_is_ignored(busy: Enspace, member: str) -> None:
    assert get(busy, ITEMS, _sort=f"{member}:DESC") == get(busy, ITEMS)
    assert get(busy, ITEMS, _sort=f"{member}:ASC,id:DESC") == get(busy, ITEMS)[::-1]


def test_items_order__by_an_unknown_field_slug_is_noted_with_the_closest_one(busy: Enspace) -> None:
    busy.get(f"{ITEMS}?_sort=id:ASC,situacoa:DESC")
    notes = busy.get("/_mock/journal?limit=1").json()["entries"][0]["notes"]
    assert notes == ["ignored in _sort 'situacoa', which is no field slug; the closest name is situacao"]


@pytest.mark.parametrize("path", [ROLES, TYPES])
def test_order__is_right_after_a_change_and_a_deletion(enspace: Enspace, path: str) -> None:
    made = [enspace.post(path, json={"name": name}).json() for name in ("zz 1", "zz 2", "zz 3")]
    assert [row["name"] for row in get(enspace, path, _sort="name:DESC")][:3] == ["zz 3", "zz 2", "zz 1"]
    places = [f"{path}/{row['slug' if path == TYPES else 'id']}" for row in made]
    assert enspace.put(places[0], json={"name": "zz 9"}).status_code == 200
    assert enspace.delete(places[2]).status_code == 200
    assert [row["name"] for row in get(enspace, path, _sort="name:DESC")][:2] == ["zz 9", "zz 2"]
    assert [row["name"] for row in get(enspace, path, _sort="name:ASC")][-2:] == ["zz 2", "zz 9"]
