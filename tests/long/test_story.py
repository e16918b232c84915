"""End-to-end use of a small company through a client that openapi-python-client generates from the contract.

Each test is a chapter in a sandbox of its own with a new company. The last tests repeat all chapters in one sandbox and
compare the transcripts byte by byte.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from enum import EnumType
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, get_args

import httpx
import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from mockserver.contract.operations import read_operations
from tests.live import PATIENCE, LiveServer

NOW = "2026-03-12T20:55:53Z"
SLUG = "padaria-aurora"
FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "Cliente", "slug": "cliente", "type": "text", "required": True},
    {"name": "Situação", "slug": "situacao", "type": "select", "defaultValue": "aberto"}
    | {"options": {"choices": ["aberto", "assado", "entregue"]}},
    {"name": "Valor", "slug": "valor", "type": "number"},
    {"name": "Entrega", "slug": "entrega", "type": "date"},
    {"name": "Contato", "slug": "contato", "type": "email"},
    {"name": "Urgente", "slug": "urgente", "type": "boolean", "defaultValue": "false"},
)
GRANTED: tuple[dict[str, Any], ...] = (
    *({"area": "items", "action": action, "item_type": "pedidos"} for action in ("read", "create", "update")),
    *({"area": "tasks", "action": action} for action in ("read", "create", "update")),
)
SECRETS = ("SG.first-secret-of-the-bakery", "SG.second-secret-of-the-bakery")

# Method, path and body of a request, status and body of its answer. Keys are in headers, which are left out.
Exchange = tuple[str, bytes, bytes, int, bytes]
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Person:
    """A user with a key. `ana.get_item("pedidos", "Zk3T…")` calls the generated function of that operation.

    Arguments are converted to the models of the client, which also parses the answer.
    """

    functions: Functions
    client: Any
    expected: int = 200

    def refused(self, status: int) -> Person:
        """Returns the same person, whose calls are expected to be answered with this status."""
        return replace(self, expected=status)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        if operation not in self.functions:
            raise AttributeError(operation)
        return partial(self._call, self.functions[operation])

    def _call(self, function: Callable[..., Any], *keys: Any, **arguments: Any) -> Any:
        parameters = signature(function).parameters
        fitting = {name: _fitting(parameters[name].annotation, value) for name, value in arguments.items()}
        answer = function(*keys, client=self.client, **fitting)
        assert answer.status_code == self.expected, answer.content.decode()
        return answer.parsed


def _fitting(annotation: Any, value: Any) -> Any:
    """Converts a mapping to a model, or a text to a member of an enum, by the first annotated type that accepts it."""
    for kind in get_args(annotation) or (annotation,):
        with suppress(KeyError, ValueError):
            if isinstance(value, dict) and hasattr(kind, "from_dict"):
                return kind.from_dict(value)
            if isinstance(value, str) and isinstance(kind, EnumType):
                return kind(value)
    return value


class Company:
    """A new workspace and its people."""

    def __init__(self, address: str, client: ModuleType, functions: Functions, stack: ExitStack, **box: Any) -> None:
        self._address, self._client, self._functions, self._stack = address, client, functions, stack
        self.transcript: list[Exchange] = []
        self.control = stack.enter_context(httpx.Client(base_url=f"{address}/_mock", timeout=PATIENCE))
        sandbox = self.control.post("/sandboxes", json=box).json()
        self.control.headers["x-api-key"] = self._key = sandbox["api_key"]
        self.owner = self.owner_in(SLUG)
        self.workspace = self.owner.create_workspace(body={"name": "Padaria Aurora", "language": "pt"})
        self.owner.create_type(body={"name": "Pedidos", "icon": "shopping-bag", "color": "#FB8C00"})
        for field in FIELDS:
            self.owner.create_field("pedidos", body=field)
        self.role = self.owner.create_role(body={"name": "Analista", "description": "Cuida dos pedidos"})
        for permission in GRANTED:
            self.owner.add_role_permission(self.role.id, body=permission)
        self.analyst = self._invite("lia", type="standard", role=self.role.id)
        self.baker = self._invite("nino", type="full")
        self.viewer = self._invite("vera", type="viewer")
        group = self.owner.create_member_group(body={"name": "Balcão", "users": [self.user("lia")]})
        self.owner.add_member_group_users(group.id, body={"users": [self.user("nino"), self.user("lia")]})

    def owner_in(self, workspace: str) -> Person:
        """The administrator, in another workspace."""
        return self._person(self._key, workspace)

    def user(self, name: str) -> int:
        """The id of a person's account."""
        (member,) = self.owner.list_members(email=_email(name))
        return int(member.user.id)

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """All records of the sandbox by collection."""
        records: dict[str, list[dict[str, Any]]] = self.control.get("/state").json()
        return records

    def _invite(self, name: str, **member: Any) -> Person:
        """A new member, who makes a key on the web pages of the product."""
        self.owner.create_member(body={"email": _email(name), "fname": name.title(), "lname": "Aurora", **member})
        made = self.control.post("/keys", json={"user": _email(name)}).json()
        return self._person(made["key"], SLUG)

    def _person(self, key: str, workspace: str) -> Person:
        client = self._client.AuthenticatedClient(
            base_url=self._address,
            token=key,
            prefix="",
            auth_header_name="x-api-key",
            headers={"en-workspace": workspace},
            httpx_args={"event_hooks": {"response": [self._listen]}},
            raise_on_unexpected_status=True,
            timeout=httpx.Timeout(PATIENCE),
        )
        return Person(self._functions, self._stack.enter_context(client))

    def _listen(self, answer: httpx.Response) -> None:
        request = answer.request
        heard = (request.method, request.url.raw_path, request.content, answer.status_code, answer.read())
        self.transcript.append(heard)


def _email(name: str) -> str:
    return f"{name}@yourcompany.com.br"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Generates the client; fails if the generator omits any part of the contract."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    where = ["--path", str(Settings().spec), "--output-path", str(folder / "story_client"), "--config", str(config)]
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning", *where]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield import_module("story_client")


@pytest.fixture(scope="session")
def functions(generated: ModuleType) -> Functions:
    """Finds the generated function of each operation, by name."""
    found = walk_packages(generated.__path__, f"{generated.__name__}.")
    names = [module.name for module in found if module.name.count(".") == 3]
    return {name.rpartition(".")[2]: import_module(name).sync_detailed for name in names}


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer("--clock", NOW)
    yield server
    server.stop()


@pytest.fixture
def company(live: LiveServer, generated: ModuleType, functions: Functions) -> Iterator[Company]:
    with ExitStack() as stack:
        yield Company(live.address, generated, functions, stack)


def test_generated_client__has_each_operation_of_the_contract(functions: Functions) -> None:
    operations = [operation.id for operation in read_operations(load_document(Settings().spec))]
    assert len(operations) == 68
    assert sorted(name.replace("_", "") for name in functions) == sorted(name.lower() for name in operations)


@pytest.mark.parametrize("name", ["FieldInput", "TypeInput", "ItemInput", "QuickTaskInput", "MemberUpdate"])
def test_partial_update__sends_only_the_given_members(generated: ModuleType, name: str) -> None:
    models = import_module(f"{generated.__name__}.models")
    assert getattr(models, name)().to_dict() == {}


def test_company__has_the_records_that_its_owner_created(company: Company) -> None:
    owner = company.owner
    context, detail = owner.get_workspace_context(), owner.get_type("pedidos")
    assert (context.workspace.slug, context.member.type_, context.role) == (SLUG, "owner", None)
    assert [field.slug for field in detail.fields] == ["cliente", "situacao", "valor", "entrega", "contato", "urgente"]
    assert [field.slug for field in owner.list_fields("pedidos", required=True)] == ["cliente"]
    rows = owner.list_role_permissions(company.role.id)
    assert [(row.area, row.action, row.item_type) for row in rows] == [
        (row["area"], row["action"], row.get("item_type")) for row in GRANTED
    ]
    (group,) = owner.list_member_groups()
    assert [user.meta.fname for user in group.users] == ["Lia", "Nino"]
    assert company.analyst.get_workspace_context().mgroups == [group.id]


def test_analyst__keeps_the_orders(company: Company) -> None:
    analyst = company.analyst
    cake = analyst.create_item("pedidos", body={"data": {"cliente": "Beatriz", "valor": 120.5, "urgente": True}})
    bread = analyst.create_item("pedidos", body={"data": {"cliente": "Caio", "valor": 9, "contato": _email("caio")}})
    roll = analyst.create_item("pedidos", body={"data": {"cliente": "Abel Beato", "valor": 15}})
    assert bread.data.to_dict() == {
        **{"cliente": "Caio", "valor": 9, "contato": "caio@yourcompany.com.br"},
        **{"situacao": "aberto", "urgente": False},
    }
    sold = analyst.update_item("pedidos", cake.reference, body={"data": {"situacao": "entregue"}})
    assert sold.data.to_dict() == cake.data.to_dict() | {"situacao": "entregue"}
    assert (sold.created_at, sold.user.email) == (cake.created_at, "lia@yourcompany.com.br")
    assert sold.updated_at > cake.updated_at
    assert analyst.get_item("pedidos", cake.reference) == sold

    def found(**query: Any) -> list[str]:
        return [item.reference for item in analyst.list_items("pedidos", **query)]

    assert found() == [cake.reference, bread.reference, roll.reference]
    assert found(field_sort="valor:DESC", field_limit=2) == [cake.reference, roll.reference]
    assert found(field_sort="valor:DESC", field_start=2) == [bread.reference]
    assert found(values={"situacao": "aberto"}) == [bread.reference, roll.reference]
    assert found(field_q="bea", field_sort="cliente:ASC") == [roll.reference, cake.reference]
    assert analyst.count_items("pedidos") == 3
    assert analyst.count_items("pedidos", values={"situacao": "aberto"}, field_q="bea") == 1


def test_analyst__may_do_only_what_the_role_grants(company: Company) -> None:
    owner, denied = company.owner, company.analyst.refused(403)
    owner.create_type(body={"name": "Salários"})
    order = company.analyst.create_item("pedidos", body={"data": {"cliente": "Dora"}})
    refusals = (
        denied.delete_item("pedidos", order.reference),
        denied.list_items("salarios"),
        denied.create_type(body={"name": "Receitas"}),
        denied.list_members(),
        company.viewer.refused(403).create_item("pedidos", body={"data": {"cliente": "Dora"}}),
    )
    assert {refusal.message for refusal in refusals} == {"Insufficient permissions"}
    assert [type.slug for type in company.analyst.list_types()] == ["pedidos"]
    assert [type.slug for type in company.viewer.list_types()] == ["pedidos", "salarios"]
    assert company.viewer.get_item("pedidos", order.reference) == order


def test_fields__refuse_an_order_with_all_its_faults(company: Company) -> None:
    wrong = {
        "situacao": "perdido",
        "valor": "caro",
        "entrega": "amanhã",
        "contato": "?",
        "urgente": "sim",
        "cor": "azul",
    }
    before = company.analyst.count_items("pedidos")
    refusal = company.analyst.refused(400).create_item("pedidos", body={"data": wrong})
    assert refusal.message.startswith("Validation failed")
    assert {fault.field for fault in refusal.data} == {f"data.{name}" for name in (*wrong, "cliente")}
    assert company.analyst.count_items("pedidos") == before


def test_integration__is_updated_in_place_and_never_reveals_its_secret(company: Company) -> None:
    sender = {"environment": "stage", "from_email": "notifications@yourcompany.com.br", "from_name": "Padaria Aurora"}
    first = company.owner.create_integration(body={"integration": 4, "data": {**sender, "api_key": SECRETS[0]}})
    live = {**sender, "environment": "production", "api_key": SECRETS[1], "changeKeys": True}
    second = company.owner.create_integration(body={"integration": 4, "data": live})
    assert (second.id, second.created_at, second.integration.name) == (first.id, first.created_at, "Sendgrid")
    assert second.updated_at > first.updated_at
    assert second.data.to_dict() == {"changeKeys": True, "environment": "production"}
    assert company.owner.list_integrations() == [second]
    sent = b"".join(answer for *_, answer in company.transcript) + json.dumps(company.state()).encode()
    assert [secret for secret in SECRETS if secret.encode() in sent] == []


def test_quick_task__is_approved_by_the_analyst(company: Company) -> None:
    task = {"title": "Aprovar o cardápio", "kind": "approval", "priority": "high", "assigned_to": company.user("lia")}
    asked = company.owner.create_quick_task(body=task)
    call = company.analyst.create_quick_task(body={"title": "Ligar para o fornecedor"})
    assert (asked.status, asked.approval, asked.completed_at) == ("pending", None, None)
    company.analyst.refused(400).update_quick_task(call.id, body={"approval": "approved"})
    done = company.analyst.update_quick_task(asked.id, body={"approval": "approved"})
    assert (done.status, done.approval, done.assigned_to.email) == ("completed", "approved", _email("lia"))
    assert done.completed_at == done.created_at  # the clock is frozen
    assert company.owner.get_quick_task(asked.id) == done
    assert [task.id for task in company.owner.list_quick_tasks(status="pending")] == [call.id]


def test_flows__are_none_in_a_new_workspace_and_read_in_the_demo_one(company: Company) -> None:
    new, demo = company.owner, company.owner_in("company-abc")
    empty = (new.list_flows(), new.list_stages(), new.list_tasks(), new.list_forms(), new.list_create_forms())
    assert empty == ([], [], [], [], [])
    flow = demo.get_flow(demo.list_flows()[0].id)
    stages = demo.list_stages(flow=flow.id)
    assert flow.stages[0].is_start
    assert {stage.id for stage in stages} == {stage.id for stage in flow.stages}
    assert [demo.get_stage(stage.id) for stage in stages] == stages
    creating = demo.list_create_forms()
    assert creating == [form for form in demo.list_forms(status="active") if form.is_create] != []
    assert new.refused(404).get_stage(stages[0].id).message == "Not Found"


def test_statistics_and_preview__count_the_created_records(company: Company) -> None:
    owner = company.owner
    owner.create_item("pedidos", body={"data": {"cliente": "Elis"}})
    owner.create_quick_task(body={"title": "Conferir o forno"})
    stats, preview = owner.get_workspace_stats(), owner.get_workspace_deletion_preview()
    types = owner.list_types()
    made = {
        "types": owner.count_types(),
        "fields": sum(len(owner.list_fields(type.slug)) for type in types),
        "items": sum(owner.count_items(type.slug) for type in types),
        **{"flows": 0, "stages": 0, "tasks": 0, "forms": 0, "schedule_tasks": 0},
        "members": owner.count_members(),
        "roles": owner.count_roles(),
        "mgroups": len(owner.list_member_groups()),
        "quick_tasks": owner.count_quick_tasks(),
        "integrations": len(owner.list_integrations()),
    }
    assert preview.counts.to_dict() == made
    assert made.items() <= stats.to_dict().items()
    assert sum(row.count for row in stats.items_by_type) == made["items"] >= 1
    assert stats.members_by_type.to_dict() == {"owner": 1, "full": 1, "standard": 1, "viewer": 1}
    assert (preview.total, preview.can_delete) == (sum(made.values()), True)


def test_member__leaves_and_the_work_stays(company: Company) -> None:
    baker, members = company.baker, company.owner.count_members()
    bread = baker.create_item("pedidos", body={"data": {"cliente": "Fábio"}})
    assert baker.leave_workspace().data is True
    assert baker.refused(403).list_types().message == "Insufficient permissions"
    assert company.owner.count_members() == members - 1
    assert [[user.meta.fname for user in group.users] for group in company.owner.list_member_groups()] == [["Lia"]]
    assert company.owner.get_item("pedidos", bread.reference).user.email == _email("nino")
    assert company.owner.refused(400).leave_workspace().message == "The owner cannot leave the workspace"


def test_request_log__lists_the_calls_of_the_caller(company: Company) -> None:
    analyst = company.analyst
    analyst.count_items("pedidos", values={"situacao": "aberto"})
    analyst.refused(404).get_item("pedidos", "Zk3Tq81LmN0pQr5s")
    analyst.refused(403).list_members()
    company.owner.list_members()
    log = analyst.list_request_logs(field_limit=3, workspace=SLUG)
    assert [(row.method, row.path, row.status_code) for row in log] == [
        ("GET", "/ws/members?_limit=100&_start=0&_sort=id%3AASC", 403),
        ("GET", "/ws/types/pedidos/items/Zk3Tq81LmN0pQr5s", 404),
        ("GET", "/ws/types/pedidos/items/count?situacao=aberto", 200),
    ]
    (key,) = analyst.list_api_keys()
    assert {(row.workspace, row.api_key) for row in log} == {(SLUG, key.reference)}


def test_workspace__is_deleted_with_all_that_it_held(company: Company) -> None:
    owner, analyst, id = company.owner, company.analyst, int(company.workspace.id)

    def remains() -> list[str]:
        return [name for name, rows in company.state().items() if any(row.get("workspace") == id for row in rows)]

    assert {"members", "roles", "permissions", "mgroups", "types", "fields"} <= set(remains())
    assert analyst.refused(403).delete_workspace().message == "Only the owner can delete the workspace"
    assert owner.delete_workspace().data is True
    assert remains() == []
    assert SLUG not in json.dumps(company.state())
    gone = "Token not authorized for this workspace"
    assert [person.refused(403).list_types().message for person in (owner, analyst)] == [gone, gone]
    assert SLUG not in [workspace.slug for workspace in owner.list_workspaces()]


CHAPTERS: tuple[Callable[[Company], None], ...] = (
    test_company__has_the_records_that_its_owner_created,
    test_analyst__keeps_the_orders,
    test_analyst__may_do_only_what_the_role_grants,
    test_fields__refuse_an_order_with_all_its_faults,
    test_integration__is_updated_in_place_and_never_reveals_its_secret,
    test_quick_task__is_approved_by_the_analyst,
    test_flows__are_none_in_a_new_workspace_and_read_in_the_demo_one,
    test_statistics_and_preview__count_the_created_records,
    test_member__leaves_and_the_work_stays,
    test_request_log__lists_the_calls_of_the_caller,
    test_workspace__is_deleted_with_all_that_it_held,
)


@pytest.fixture
def play(generated: ModuleType, functions: Functions) -> Callable[..., list[Exchange]]:
    """Plays all chapters on a new server in one sandbox, and returns the transcript."""

    def play_chapters(store: str, hash_seed: str) -> list[Exchange]:
        server = LiveServer("--store", store, "--clock", NOW, "--seed", "7", PYTHONHASHSEED=hash_seed)
        try:
            with ExitStack() as stack:
                company = Company(server.address, generated, functions, stack)
                for chapter in CHAPTERS:
                    chapter(company)
                return company.transcript
        finally:
            server.stop()

    return play_chapters


def test_story__repeated_in_another_process_and_store_is_byte_identical(
    play: Callable[..., list[Exchange]], tmp_path: Path
) -> None:
    first = play("memory", hash_seed="1")
    assert len(first) > 100
    assert play(f"sqlite:///{tmp_path / 'state.db'}", hash_seed="2") == first


def test_orders__kept_with_another_seed__have_other_references(
    live: LiveServer, generated: ModuleType, functions: Functions
) -> None:
    with ExitStack() as stack:
        first, second = (Company(live.address, generated, functions, stack, seed=seed) for seed in (7, 8))
        test_analyst__keeps_the_orders(first)
        test_analyst__keeps_the_orders(second)
    assert [exchange[3] for exchange in first.transcript] == [exchange[3] for exchange in second.transcript]
    assert first.transcript != second.transcript
