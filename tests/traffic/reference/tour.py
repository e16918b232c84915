"""Tour: calls that show every operation of the reference server, with refusals, one world for each key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.live import PATIENCE
from tests.traffic.reference.records import TYPES, Json

COLLECTIONS = {
    "/ws/types": "types",
    "/ws/members": "members",
    "/ws/roles": "roles",
    "/ws/mgroups": "groups",
    "/c-quick-tasks": "quick tasks",
    "/c-flow-tasks": "tasks",
    "/c-flow-stages": "stages",
    "/c-flows": "flows",
    "/c-forms": "forms",
    "/c-schedule-tasks": "schedule tasks",
}
COUNTED = ("/ws/types", "/ws/members", "/ws/roles", "/c-quick-tasks")
REFUSED_QUERIES = ("_limit=0", "_limit=many", "_start=-1", "_sort=color:UP", "colour=red")


@dataclass(frozen=True)
class Exchange:
    """A call as it went over the wire."""

    method: str
    url: str
    sent_headers: dict[str, str]
    sent: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Visitor:
    """A client with one key, which keeps its exchanges."""

    def __init__(self, client: HTTPConnection, key: str, workspace: str = "company-abc") -> None:
        self._client, self.key, self.workspace = client, key, workspace
        self.exchanges: list[Exchange] = []

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Sends a call; returns the JSON of the answer, or None. A header that is empty is left out."""
        sent = {"x-api-key": self.key, "en-workspace": self.workspace, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        headers = {name: value for name, value in sent.items() if value}
        self._client.request(method, path, text, headers)
        answer = self._client.getresponse()
        content, url = answer.read(), f"http://{self._client.host}:{self._client.port}{path}"
        received = (answer.status, tuple(answer.getheaders()), content)
        self.exchanges.append(Exchange(method, url, headers, (text or "").encode(), *received))
        try:
            return json.loads(content) if content else None
        except ValueError:
            return None

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def rows(self, path: str) -> list[Json]:
        """The records of a list; none if the answer is something else."""
        answer = self.get(path)
        return answer if isinstance(answer, list) else []


@contextmanager
def visitor(address: str, key: str = "key-of-a-visitor", workspace: str = "company-abc") -> Iterator[Visitor]:
    """A client of `address`, such as 127.0.0.1:4020."""
    with closing(HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)) as client:
        yield Visitor(client, key, workspace)


def take_tour(visitor: Visitor, number: int = 0) -> None:
    """Calls all operations. `number` varies pages and values."""
    _read(visitor, number)
    _refusals(visitor)
    slug = _types(visitor, number)
    _items(visitor, number)
    _people(visitor, number)
    _tasks(visitor, number)
    _integrations(visitor)
    visitor.ask("DELETE", f"/ws/types/{slug}")
    _workspaces(visitor, number)


def _read(visitor: Visitor, number: int) -> None:
    for path in COLLECTIONS:
        rows = visitor.rows(path)
        for start in range(0, len(rows), 10):
            visitor.get(f"{path}?_limit=10&_start={start}&_sort=created_at:DESC,id:ASC")
        for row in rows[number % 5 : number % 5 + 8]:
            visitor.get(f"{path}/{row.get('slug', row['id']) if path == '/ws/types' else row['id']}")
        visitor.get(f"{path}?_q=a")
        visitor.get(f"{path}/999999")
        for query in REFUSED_QUERIES:
            visitor.get(f"{path}?{query}")
    for path in COUNTED:
        visitor.get(f"{path}/count")
        visitor.get(f"{path}/count?_q=e")
    for slug in TYPES:
        for query in ("", "?_limit=7", f"?_start={number}&_sort=id:DESC", "?status=inactive", "?_q=ltda"):
            rows = visitor.rows(f"/ws/types/{slug}/items{query}")
        for row in rows[:3]:
            visitor.get(f"/ws/types/{slug}/items/{row['reference']}")
        visitor.get(f"/ws/types/{slug}/items/count?status=active")
        for field in visitor.get(f"/ws/types/{slug}/fields?_sort=name:ASC"):
            visitor.get(f"/ws/types/{slug}/fields/{field['id']}")
    filters = (
        *("/ws/types?status=active", "/ws/types?name=Compras", "/ws/members?type=viewer", "/ws/members?status=blocked"),
        *(
            "/c-flow-tasks?action=confirmation",
            "/c-flow-tasks?item_type=compras&status=active",
            "/c-flow-stages?is_start=true",
        ),
        *(
            "/c-flows?start_type=always",
            "/c-forms?is_create=true",
            "/c-forms/create",
            "/c-forms/create?item_type=compras",
        ),
        *(
            "/c-quick-tasks?kind=approval",
            "/c-quick-tasks?priority=high&_sort=points:DESC",
            "/c-quick-tasks?approval=approved",
        ),
        *("/c-schedule-tasks?status=completed", "/integrations", "/integrations?status=active", "/ws", "/ws?name=x"),
        *("/ws/context", "/ws/stats", "/ws/deletion-preview", "/user-api-keys", "/user-request-logs?_limit=20"),
        *("/user-request-logs?method=GET&status_code=404", "/ws/types/compras/items?categoria=limpeza"),
    )
    for path in filters:
        visitor.get(path)
    for role in visitor.get("/ws/roles"):
        visitor.get(f"/ws/roles/{role['id']}/permissions?_sort=area:ASC")
    visitor.ask("GET", "/user-api-keys", x_api_key="", Authorization=f"Bearer {visitor.key}")


def _refusals(visitor: Visitor) -> None:
    for path in ("/ws/roles", "/c-flows", "/user-api-keys", "/ws/types/compras/items"):
        visitor.ask("GET", path, x_api_key="")
        visitor.ask("GET", path, x_api_key="an-expired-key")
    for path in ("/ws/roles", "/c-quick-tasks", "/ws/stats"):
        visitor.ask("GET", path, en_workspace="")
        visitor.ask("GET", path, en_workspace="company-xyz")
    for path in (
        "/ws/roles",
        "/ws/types",
        "/ws/mgroups",
        "/c-quick-tasks",
        "/c-flow-tasks",
        "/ws/members",
        "/integrations",
    ):
        visitor.ask("POST", path, {})
        visitor.ask("POST", path, "{")
        visitor.ask("POST", path, {"name": "", "title": "", "email": 5, "type": "king", "integration": 90})
        visitor.ask("POST", path, {"name": "x"}, x_api_key="read-only-key")
    for path in ("/ws/roles/999999", "/ws/types/nothing", "/ws/mgroups/999999", "/c-quick-tasks/999999"):
        visitor.ask("PUT", path, {"name": "Nada", "title": "Nada"})
        visitor.ask("DELETE", path)
    visitor.ask("DELETE", "/ws/members/999999")
    visitor.get("/nothing/here")
    visitor.ask("PATCH", "/ws/roles")
    # Paths that the contract does not have; a real Enspace may.
    for slug in ("compras", "contratos"):
        visitor.get("/ws/roles/summary")
        visitor.get(f"/ws/types/{slug}/items/by-stage")
    for number in range(1, 4):
        visitor.get(f"/ws/types/compras/items/IT-{number}")
    for role in visitor.rows("/ws/roles?_limit=2"):
        visitor.ask("PATCH", f"/ws/roles/{role['id']}", {"description": "Outra"})


def _types(visitor: Visitor, number: int) -> str:
    made: Json = visitor.ask("POST", "/ws/types", {"name": f"Veículos {number}", "settings": {"auto_menu": "true"}})
    path = f"/ws/types/{made['slug']}"
    visitor.ask("POST", "/ws/types", {"name": "Compras", "slug": "compras"})
    visitor.ask("PUT", path, {"description": "Carros e motos", "color": None, "status": "inactive"})
    visitor.ask("PUT", path, {"slug": "other"})
    kinds = ("text", "number", "date", "boolean", "email", "url", "select")
    for kind in kinds:
        body: Json = {"name": kind.title(), "slug": f"campo-{kind}", "type": kind, "required": kind == "text"}
        field = visitor.ask(
            "POST", f"{path}/fields", body | ({"options": {"choices": ["a", "b"]}} if kind == "select" else {})
        )
        visitor.ask("PUT", f"{path}/fields/{field['id']}", {"name": f"{kind} novo", "defaultValue": None, "order": 4})
    visitor.ask("POST", f"{path}/fields", {"name": "Escolha", "slug": "escolha", "type": "select"})
    visitor.ask("DELETE", f"{path}/fields/{field['id']}")
    native = visitor.get("/ws/types/contratos/fields?_limit=1")[0]
    visitor.ask("DELETE", f"/ws/types/contratos/fields/{native['id']}")
    visitor.get(path)
    slug: str = made["slug"]
    return slug


def _items(visitor: Visitor, number: int) -> None:
    path = "/ws/types/compras/items"
    form = visitor.get("/c-forms/create?item_type=compras")[0]["id"]
    for turn in range(12):
        data = {"pedido": f"PC-{number}-{turn}", "valor": 10.5 * turn, "categoria": ("limpeza", "servicos")[turn % 2]}
        made = visitor.ask("POST", path, {"data": data, "form": form if turn % 2 else None})
        visitor.ask(
            "PUT",
            f"{path}/{made['reference']}",
            {"data": {"valor": turn, "fornecedor": "Aço Forte"}, "status": "inactive"},
        )
        visitor.get(f"{path}?pedido=PC-{number}-{turn}")
        if turn % 3 == 0:
            visitor.ask("DELETE", f"{path}/{made['reference']}")
            visitor.get(f"{path}/{made['reference']}")
    visitor.ask("POST", path, {"data": {"pedido": "PC-0", "valor": "a lot", "categoria": "comida", "cor": "azul"}})
    visitor.ask("POST", path, {"data": {}, "form": 999_999})


def _people(visitor: Visitor, number: int) -> None:
    role = visitor.ask("POST", "/ws/roles", {"name": f"Portaria {number}", "description": None})
    roles = f"/ws/roles/{role['id']}"
    visitor.ask("PUT", roles, {"description": "Cuida da entrada"})
    visitor.ask("PUT", roles, {"name": "Diretoria"})
    for _ in range(2):
        visitor.ask("POST", "/ws/roles", {"name": "Diretoria"})
    other = visitor.ask("POST", "/ws/roles", {"name": f"Garagem {number}"})
    visitor.ask("DELETE", f"/ws/roles/{other['id']}")
    for permission in (
        {"area": "calendar"},
        {"area": "items", "action": "read", "item_type": "compras"},
        {"area": "items"},
    ):
        made = visitor.ask("POST", f"{roles}/permissions", permission)
    visitor.ask("POST", f"{roles}/permissions", {"area": "calendar"})
    for permission in visitor.get(f"{roles}/permissions"):
        visitor.ask("DELETE", f"{roles}/permissions/{permission['id']}")
    visitor.ask("DELETE", f"{roles}/permissions/999999")
    for kind in ("full", "standard", "viewer"):
        body = {"email": f"novo.{kind}.{number}@aurora.com.br", "type": kind, "fname": "Zélia", "lname": "Prado"}
        made = visitor.ask("POST", "/ws/members", body)
        visitor.ask("PUT", f"/ws/members/{made['id']}", {"type": "standard", "role": role["id"]})
        visitor.ask("PUT", f"/ws/members/{made['id']}", {"status": "blocked", "role": None})
    visitor.ask("POST", "/ws/members", body)
    user = made["user"]["id"]
    owner = visitor.get("/ws/members?type=owner")[0]["id"]
    visitor.ask("DELETE", f"/ws/members/{owner}")
    group = visitor.ask("POST", "/ws/mgroups", {"name": f"Portões {number}"})
    groups = f"/ws/mgroups/{group['id']}"
    for _ in range(2):
        visitor.ask("POST", f"{groups}/users", {"users": [user]})
    visitor.ask("POST", f"{groups}/users", {"users": [999_999]})
    visitor.get(groups)
    visitor.ask("DELETE", f"{groups}/users?users={user}")
    visitor.ask("DELETE", f"{groups}/users?users=x")
    visitor.ask("PUT", groups, {"name": f"Portas {number}", "users": [user]})
    visitor.ask("DELETE", groups)
    visitor.ask("DELETE", f"/ws/members/{made['id']}")
    visitor.ask("DELETE", roles)


def _tasks(visitor: Visitor, number: int) -> None:
    member = visitor.get("/ws/members?status=active")[number % 3]
    item = visitor.get("/ws/types/compras/items?_limit=1")[0]["id"]
    for kind in ("manual", "approval", "form"):
        body = {
            "title": f"Conferir {kind}",
            "kind": kind,
            "assigned_to": member["user"]["id"],
            "item": item,
            "points": 3,
        }
        made = visitor.ask("POST", "/c-quick-tasks", body | {"due_date": "2026-12-20T18:00:00.000Z", "priority": "low"})
        path = f"/c-quick-tasks/{made['id']}"
        visitor.ask("PUT", path, {"approval": "approved"})
        visitor.ask("PUT", path, {"status": "completed", "item": None})
        visitor.ask("PUT", path, {"status": "pending", "priority": None})
        visitor.ask("DELETE", path)
    stage = visitor.get("/c-flow-stages?is_start=true")[number % 3]
    task = {"name": "Ligar para o cliente", "action": "confirmation", "stage": stage["id"]}
    made = visitor.ask("POST", "/c-flow-tasks", task | {"response_time": {"value": 2, "unit": "day"}})
    visitor.get(f"/c-flow-tasks/{made['id']}")
    visitor.get(f"/c-flow-stages/{stage['id']}")
    visitor.ask("POST", "/c-flow-tasks", task | {"stage": 999_999})


def _integrations(visitor: Visitor) -> None:
    hook = {"webhookCatcherEndpoint": "https://api.aurora.com.br/hook", "token": "a-token-of-the-provider"}
    sender = {"api_key": "SG.a-key-of-sendgrid", "from_email": "avisos@aurora.com.br", "from_name": "Aurora"}
    for provider, data in ((1, hook), (8, {}), (4, sender), (7, {"api_key": "sk-a-key-of-openai"}), (4, sender)):
        visitor.ask("POST", "/integrations", {"integration": provider, "data": {"environment": "stage", **data}})
    visitor.ask("POST", "/integrations", {"integration": 6, "data": {"phone_number": "21 98765-0000"}})
    visitor.ask("POST", "/integrations", {"integration": 4, "data": {"environment": "moon"}})


def _workspaces(visitor: Visitor, number: int) -> None:
    made = visitor.ask("POST", "/ws", {"name": f"Filial {number}", "language": "es"})
    visitor.ask("POST", "/ws", {"name": "Filial", "slug": "company-abc"})
    for path in ("/ws/context", "/ws/stats", "/ws/types", "/c-flows"):
        visitor.ask("GET", path, en_workspace=made["slug"])
    visitor.ask("DELETE", "/ws", en_workspace=made["slug"])
    visitor.ask("POST", "/ws/leave")
    visitor.ask("GET", "/ws/context", en_workspace="financeiro-abc")
    visitor.ask("DELETE", "/ws", en_workspace="financeiro-abc")
    visitor.ask("POST", "/ws/leave", en_workspace="financeiro-abc")
    visitor.ask("GET", "/ws/context", en_workspace="financeiro-abc")
