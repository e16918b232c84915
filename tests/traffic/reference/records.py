"""The initial data of the reference server, and the tables that hold it: records as rows, relations as ids.

People, companies, CPF and CNPJ are generated; the check digits are valid, so that a replacement has work to do.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from string import ascii_letters, digits
from typing import Any

Json = dict[str, Any]
Table = dict[int, Json]

WORKSPACE, FOREIGN = "company-abc", "company-xyz"
START = datetime(2025, 2, 3, 11, 30, 5, 123_000, tzinfo=UTC)
EVERYONE: Json = {"users": [], "roles": [], "mgroups": []}
TABLES = (
    *("types", "fields", "items", "flows", "stages", "tasks", "forms", "members", "roles", "permissions", "mgroups"),
    *("quick_tasks", "schedule_tasks", "integrations"),
)
FIRST_NAMES = (
    *("Antônia", "Caio", "Débora", "Everton", "Flávia", "Gilberto", "Heloísa", "Igor", "Joana", "Kauê", "Lívia"),
    *("Mário", "Neusa", "Otávio", "Priscila", "Quitéria", "Rafael", "Sônia", "Tiago", "Úrsula", "Vítor", "Yasmin"),
)
LAST_NAMES = ("Abreu", "Barbosa", "Cardoso", "Dantas", "Esteves", "Figueiredo", "Guimarães", "Holanda", "Ibiapina")
COMPANIES = (
    "Aço Forte",
    "Boa Safra",
    "Café do Vale",
    "Doce Mel",
    "Estrela Azul",
    "Folha Verde",
    "Girassol",
    "Horizonte",
)
STREETS = ("Rua das Acácias", "Avenida Paulista", "Travessa do Comércio", "Rua Sete de Setembro")

# By type: name, description, icon, color, flow, and its fields as (name, slug, type, required, default, choices).
TYPES: dict[str, tuple[str, str | None, str | None, str | None, list[tuple[Any, ...]]]] = {
    "contratos": (
        *("Contratos", "Contratos com clientes e fornecedores", "file-text", "#1E88E5"),
        [
            ("Número", "numero", "text", True, None, None),
            ("Cliente", "cliente", "text", False, None, None),
            ("CNPJ", "cnpj", "text", False, None, None),
            ("Valor", "valor", "number", True, None, None),
            ("Assinatura", "assinatura", "date", False, None, None),
            ("Situação", "situacao", "select", False, "rascunho", ["rascunho", "vigente", "encerrado"]),
            ("Renovável", "renovavel", "boolean", False, "false", None),
            ("Contato", "contato", "email", False, None, None),
            ("Arquivo", "arquivo", "url", False, None, None),
        ],
    ),
    "clientes": (
        *("Clientes", None, None, "#43A047"),
        [
            ("Razão social", "razao_social", "text", True, None, None),
            ("CNPJ", "cnpj", "text", True, None, None),
            ("CPF do responsável", "cpf", "text", False, None, None),
            ("Segmento", "segmento", "select", False, None, ["comercio", "industria", "saude", "servicos"]),
            ("Contato", "contato", "email", False, None, None),
            ("Telefone", "telefone", "text", False, None, None),
            ("Site", "site", "url", False, None, None),
        ],
    ),
    "fornecedores": (
        *("Fornecedores", "Empresas que vendem para nós", "truck", None),
        [
            ("Razão social", "razao_social", "text", True, None, None),
            ("CNPJ", "cnpj", "text", True, None, None),
            ("Contato", "contato", "email", False, None, None),
            ("Telefone", "telefone", "text", False, None, None),
            ("Homologado", "homologado", "boolean", False, "false", None),
        ],
    ),
    "compras": (
        *("Compras", "Pedidos de compra e suas cotações", "shopping-cart", "#FB8C00"),
        [
            ("Pedido", "pedido", "text", True, None, None),
            ("Fornecedor", "fornecedor", "text", False, None, None),
            ("Categoria", "categoria", "select", False, None, ["escritorio", "informatica", "limpeza", "servicos"]),
            ("Quantidade", "quantidade", "number", False, "1", None),
            ("Valor", "valor", "number", True, None, None),
            ("Entrega", "entrega", "date", False, None, None),
        ],
    ),
    "chamados": (
        *("Chamados", "Pedidos de ajuda dos colaboradores", "life-buoy", "#E53935"),
        [
            ("Assunto", "assunto", "text", True, None, None),
            ("Descrição", "descricao", "text", False, None, None),
            ("Contato", "contato", "email", True, None, None),
            ("Área", "area", "select", False, None, ["acesso", "equipamento", "infraestrutura", "sistema"]),
            ("Urgente", "urgente", "boolean", False, "false", None),
        ],
    ),
}
ROLES = ("Diretoria", "Jurídico", "Compras", "Suporte", "Comercial", "Auditoria", "Estágio", "Consulta")
GROUPS = ("Conselho", "Plantão", "Orçamento", "Obras", "Atendimento", "Expedição", "Recepção", "Qualidade")
STAGES = ("Entrada", "Conferência", "Aprovação", "Concluído")
PROVIDERS = {
    1: ("Certisign", "certisign"),
    2: ("Adobe Sign", "adobe_sign"),
    3: ("D4Sign", "d4sign"),
    4: ("Sendgrid", "sendgrid"),
    5: ("Clicksign", "clicksign"),
    6: ("Whatsapp Twilio", "whatsapp_twilio"),
    7: ("OpenAi", "openai"),
    8: ("Docusign", "docusign"),
}
TASKS = (
    *("confirmation", "form_fill", "send_email", "internal_document_review", "answer_question", "use_integration"),
    *("generate_item_document", "complete_step"),
)


def iso(moment: datetime) -> str:
    """UTC with milliseconds, as Enspace writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    return iso(datetime.now(UTC))


def reference(seed: str) -> str:
    """Sixteen letters and digits that depend on `seed` only."""
    spelling = ascii_letters + digits
    return "".join(spelling[byte % len(spelling)] for byte in hashlib.sha256(seed.encode()).digest()[:16])


def cpf(number: int) -> str:
    plain = f"{number:09}"
    plain += _check_digits(plain, range(10, 1, -1), range(11, 1, -1))
    return f"{plain[:3]}.{plain[3:6]}.{plain[6:9]}-{plain[9:]}"


def cnpj(number: int) -> str:
    plain = f"{number:08}0001"
    plain += _check_digits(plain, (5, 4, 3, 2, *range(9, 1, -1)), (6, 5, 4, 3, 2, *range(9, 1, -1)))
    return f"{plain[:2]}.{plain[2:5]}.{plain[5:8]}/{plain[8:12]}-{plain[12:]}"


def _check_digits(plain: str, *weights: Any) -> str:
    found = ""
    for row in weights:
        rest = sum(int(digit) * weight for digit, weight in zip(plain + found, row, strict=True)) % 11
        found += "0" if rest < 2 else str(11 - rest)
    return found


@dataclass
class Workspace:
    """A workspace: its own row, and a table for each resource."""

    row: Json
    tables: dict[str, Table] = field(default_factory=lambda: {name: {} for name in TABLES})

    def rows(self, table: str, **equal: Any) -> list[Json]:
        """The rows of a table whose members have these values."""
        return [row for row in self.tables[table].values() if all(row[name] == equal[name] for name in equal)]


@dataclass
class World:
    """All that one key sees: accounts, workspaces, and a log of its requests. `caller` is a user id."""

    users: Table = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)
    caller: int = 0
    last_id: int = 999

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add(self, workspace: Workspace, table: str, row: Json, *, at: datetime | None = None) -> Json:
        """Stores a new row, with an id and both timestamps."""
        id, created = self.new_id(), iso(at) if at else now()
        changed = iso(at + timedelta(milliseconds=17)) if at else created
        workspace.tables[table][id] = {"id": id, **row, "created_at": created, "updated_at": changed}
        return workspace.tables[table][id]

    def add_user(self, email: str, fname: str, lname: str, *, at: datetime | None = None) -> Json:
        id = self.new_id()
        names = {"fname": fname, "lname": lname}
        self.users[id] = {"id": id, "created_at": iso(at) if at else now(), "email": email, "meta": names}
        return self.users[id]


def new_workspace(id: int, slug: str, name: str, *, at: datetime | None = None) -> Workspace:
    times = {"created_at": iso(at) if at else now(), "updated_at": iso(at) if at else now()}
    empty: Json = {"description": None, "icon": None, "language": "pt", "settings": {}}
    return Workspace({"id": str(id), "name": name, "slug": slug, **empty, **times})


def initial_world() -> World:
    """A copy of the initial data."""
    return copy.deepcopy(_INITIAL)


class _Maker:
    """Makes the initial data, each record an hour after the one before."""

    def __init__(self) -> None:
        self.world = World()
        self._hours = count()

    def at(self) -> datetime:
        return START + timedelta(hours=next(self._hours), milliseconds=317)

    def add(self, workspace: Workspace, table: str, **row: Any) -> Json:
        return self.world.add(workspace, table, row, at=self.at())

    def make(self) -> World:
        for number in range(26):
            first, last = FIRST_NAMES[number % 22], LAST_NAMES[number % 9]
            email = f"{_plain(first)}.{_plain(last)}{number or ''}@aurora.com.br"
            self.world.add_user(email, first, last, at=self.at())
        users = list(self.world.users)
        self.world.caller = users[0]
        company = self._workspace("company-abc", "Aurora Contratos", "owner", users)
        company.row |= {"description": "Contratos da Aurora", "icon": "https://cdn.aurora.com.br/logo.png"}
        company.row["settings"] = {"show_categories": True, "document_stamp": False, "modules": ["comparisons"]}
        self._fill(company, users)
        self._workspace("financeiro-abc", "Aurora Financeiro", "full", users[:6])
        self.world.workspaces[FOREIGN] = new_workspace(199, FOREIGN, "Outra Empresa", at=self.at())
        return self.world

    def _workspace(self, slug: str, name: str, kind: str, users: list[int]) -> Workspace:
        made = new_workspace(123 + len(self.world.workspaces), slug, name, at=self.at())
        self.world.workspaces[slug] = made
        kinds = cycle(("full", "standard", "viewer", "standard"))
        for number, user in enumerate(users):
            type = kind if number == 0 else "owner" if number == 1 and kind != "owner" else next(kinds)
            status = "blocked" if number == 17 else "inactive" if number % 7 == 5 else "active"
            self.add(made, "members", user=user, type=type, role=None, status=status)
        return made

    def _fill(self, company: Workspace, users: list[int]) -> None:
        roles = [self.add(company, "roles", name=name, description=None if number % 3 == 2 else f"Equipe {name}")
                 for number, name in enumerate(ROLES)]  # fmt: skip
        for number, member in enumerate(company.rows("members")):
            member["role"] = roles[number % 8]["id"] if member["type"] == "standard" and number % 5 else None
        groups = [self.add(company, "mgroups", name=name, users=users[number : number + 1 + number % 4])
                  for number, name in enumerate(GROUPS)]  # fmt: skip
        integration = {"environment": "stage", "changeKeys": False}
        self.add(company, "integrations", integration=3, data=integration, status="active", secrets={})
        hook = {"webhookCatcherEndpoint": "https://api.aurora.com.br/webhooks/clicksign"}
        self.add(company, "integrations", integration=5, data=integration | hook, status="inactive", secrets={})
        twilio = {"changeKeys": False, "phone_number": "21 98765-4321", "autoclose_hours": 23}
        self.add(company, "integrations", integration=6, data=twilio, status="active", secrets={})
        for number, (slug, (name, description, icon, color, fields)) in enumerate(TYPES.items()):
            self._type(company, number, slug, name, description, icon, color, fields)
            self._flow(company, number, slug, users, roles, groups)
            self._forms(company, number, slug, users)
        self._permissions(company, roles)
        for number in range(150):
            self._item(company, number, users)
        self._quick_tasks(company, users, roles, groups)

    def _type(self, company: Workspace, number: int, slug: str, name: str, description: str | None,
              icon: str | None, color: str | None, fields: list[tuple[Any, ...]]) -> None:  # fmt: skip
        look = {"description": description, "icon": icon, "color": color}
        settings = {"auto_menu": "true"} if number % 2 == 0 else {}
        self.add(company, "types", name=name, slug=slug, **look, settings=settings, status="active")
        for position, (name, field_slug, type, required, default, choices) in enumerate(fields):
            switches = {"required": required, "active": True, "defaultValue": default}
            options = {"options": {"choices": choices} if choices else None, "config": {"width": 6} if position else {}}
            place = {"position": position, "order": position, "native": position == 0}
            named = {"name": name, "slug": field_slug, "type": type}
            self.add(company, "fields", item_type=slug, **named, **switches, **options, **place)

    def _flow(
        self, company: Workspace, number: int, slug: str, users: list[int], roles: list[Json], groups: list[Json]
    ) -> None:
        kind = "always" if slug in ("contratos", "compras", "chamados") else ("conditional", "manual")[number % 2]
        name, user = f"Fluxo de {slug}", users[number % 4]
        flow = self.add(
            company, "flows", item_type=slug, name=name, status="active", start_type=kind, icon="git-branch", user=user
        )
        for place, stage_name in enumerate(STAGES):
            look = {
                "hex_color": ("#9E9E9E", "#1E88E5", "#FB8C00", "#43A047")[place],
                "icon": ("inbox", "tag")[place % 2],
            }
            switches = {"status": "active", "progress_type": ("manual", "automatic")[place % 2], "is_start": place == 0}
            stage = self.add(
                company, "stages", item_type=slug, flow=flow["id"], name=stage_name, **switches, **look, user=user
            )
            for turn in range(2 - place % 2):
                self._task(company, stage, number + place + turn, users, roles, groups)

    def _task(
        self, company: Workspace, stage: Json, number: int, users: list[int], roles: list[Json], groups: list[Json]
    ) -> None:
        action = TASKS[number % len(TASKS)]
        settings = {"integration": company.rows("integrations")[0]["id"]} if action == "use_integration" else {}
        rights = (EVERYONE, EVERYONE | {"users": users[2:4]}, EVERYONE | {"roles": [roles[number % 8]["id"]]},
                  EVERYONE | {"mgroups": [groups[number % 8]["id"]]})  # fmt: skip
        slugs = [row["slug"] for row in company.rows("fields", item_type=stage["item_type"])]
        triggers = {
            "success_trigger": {"action": "next_stage"} if number % 2 else None,
            "error_trigger": {"action": "go_to_stage", "stage": stage["id"]} if number % 3 == 0 else None,
        }
        self.add(
            company,
            "tasks",
            item_type=stage["item_type"],
            flow=stage["flow"],
            stage=stage["id"],
            name=f"Tarefa {number}: {stage['name'].lower()}",
            description=None if number % 3 == 1 else "Conferir os documentos enviados",
            status="inactive" if number % 5 == 4 else "active",
            action=action,
            settings=settings,
            assignees=rights[number % 4],
            response_time={"value": 1 + number % 3, "unit": ("hour", "day", "week")[number % 3]}
            if number % 4
            else None,
            **triggers,
            conditions=[{"field": slugs[0], "operator": "ne", "value": "-"}] if number % 4 == 2 else [],
            user=users[number % 4],
        )

    def _forms(self, company: Workspace, number: int, slug: str, users: list[int]) -> None:
        rows = company.rows("fields", item_type=slug)
        for turn, (name, is_create) in enumerate((("Abertura", True), ("Revisão", False), ("Abertura antiga", True))):
            fields = [{"field": row["id"], "slug": row["slug"], "order": place, "required": row["required"]}
                      for place, row in enumerate(rows[: 4 + turn])]  # fmt: skip
            named = {"name": f"{name} de {slug}", "slug": f"{name.lower().replace('ã', 'a').replace(' ', '-')}-{slug}"}
            texts = {
                "description": None if turn else f"Dados para {slug}",
                "status": "inactive" if turn == 2 else "active",
            }
            settings = {} if turn else {"submit_label": "Enviar"}
            owner = {"settings": settings, "user": users[number % 4]}
            self.add(company, "forms", item_type=slug, **named, **texts, is_create=is_create, fields=fields, **owner)

    def _permissions(self, company: Workspace, roles: list[Json]) -> None:
        nothing: Json = {"item_type": None, "form": None, "field": None}
        for number, role in enumerate(roles):
            for action in ("read", "create", "update", "delete")[: 1 + number % 4]:
                self.add(company, "permissions", role=role["id"], area="items", action=action, **nothing)
            self.add(company, "permissions", role=role["id"], area="tasks", action="read", **nothing)
            form = company.rows("forms")[number]
            field = company.rows("fields", item_type=form["item_type"])[number % 5]
            target: Json = {"item_type": form["item_type"], "form": form["id"], "field": field["id"]}
            self.add(company, "permissions", role=role["id"], area="items", action="read", **target)

    def _item(self, company: Workspace, number: int, users: list[int]) -> None:
        slug = list(TYPES)[number % 5]
        forms = company.rows("forms", item_type=slug, is_create=True)
        flow = company.rows("flows", item_type=slug)[0]
        stages = company.rows("stages", flow=flow["id"]) if flow["start_type"] == "always" else []
        item = self.add(
            company,
            "items",
            reference=reference(f"item {number}"),
            item_type=slug,
            data=_values(slug, number),
            form=forms[0]["id"] if number % 3 else None,
            stage=stages[number // 5 % 4]["id"] if stages else None,
            status="inactive" if number % 8 == 7 else "active",
            user=users[number % 6],
        )
        for task in company.rows("tasks", stage=item["stage"]) if stages else ():
            is_over = number % 4 == 1
            status = {"status": "completed" if is_over else "canceled" if number % 9 == 2 else "pending"}
            due = iso(self.at()) if task["response_time"] else None
            times = {"due_date": due, "completed_at": iso(self.at()) if is_over else None}
            names = {"name": task["name"], "task": task["id"], "item": item["id"], "user": users[number % 6]}
            above = {"stage": task["stage"], "flow": task["flow"], "item_type": slug}
            self.add(company, "schedule_tasks", **names, **above, **status, assignees=task["assignees"], **times)

    def _quick_tasks(self, company: Workspace, users: list[int], roles: list[Json], groups: list[Json]) -> None:
        items = list(company.tables["items"])
        for number in range(36):
            kind = ("manual", "approval", "form")[number % 3]
            status = ("pending", "in_progress", "completed", "canceled")[number % 4]
            is_over = status == "completed"
            self.add(
                company,
                "quick_tasks",
                title=f"{('Ligar para', 'Conferir com', 'Enviar para')[number % 3]} {FIRST_NAMES[number % 22]}",
                description=f"CPF {cpf(301_224_500 + number)}, {STREETS[number % 4]}, {number}" if number % 2 else None,
                kind=kind,
                status=status,
                priority=("low", "medium", "high", None)[number % 4],
                points=number % 6 or None,
                due_date=iso(self.at()) if number % 3 else None,
                assigned_to=users[number % 5] if number % 5 else None,
                limit_access=EVERYONE | {"roles": [roles[0]["id"]], "mgroups": [groups[0]["id"]]}
                if number % 6 == 1
                else EVERYONE,
                item=items[number] if number % 4 else None,
                approval=("approved", "rejected")[number % 2] if kind == "approval" and is_over else None,
                user=users[number % 4],
                completed_at=iso(self.at()) if is_over else None,
            )


def _values(slug: str, number: int) -> Json:
    """The values of an item, by the slugs of its fields."""
    first, last = FIRST_NAMES[number * 7 % 22], LAST_NAMES[number * 5 % 9]
    company = f"{COMPANIES[number % 8]} {number} Ltda."
    contact = f"{_plain(first)}.{_plain(last)}@{_plain(COMPANIES[number % 8].replace(' ', ''))}.com.br"
    day = (START + timedelta(days=number)).date().isoformat()
    if slug == "contratos":
        sums = {"numero": f"CT-2026-{number:03}", "valor": 1500.5 + 310 * number, "renovavel": number % 2 == 0}
        more = {"situacao": ("rascunho", "vigente", "encerrado")[number % 3], "assinatura": day, "contato": contact}
        return {**sums, "cliente": company, "cnpj": cnpj(11_222_333 + number), **more}
    if slug in ("clientes", "fornecedores"):
        sure = {"razao_social": company, "cnpj": cnpj(44_555_666 + number), "contato": contact}
        phone = {"telefone": f"11 9{8_000_0000 // 10 + number:07}"}
        if slug == "fornecedores":
            return {**sure, **phone, "homologado": number % 3 == 0}
        return {**sure, **phone, "cpf": cpf(123_456_700 + number), "segmento": ("saude", "comercio")[number % 2]}
    if slug == "compras":
        sums = {"pedido": f"PC-2026-{number:03}", "valor": 89.9 + 12 * number, "quantidade": 1 + number % 9}
        kind = ("escritorio", "informatica", "limpeza", "servicos")[number // 5 % 4]
        return {**sums, "categoria": kind, "fornecedor": company, "entrega": day}
    about = {"assunto": f"Chamado {number} de {first}", "descricao": f"{first} {last}, CPF {cpf(987_654_300 + number)}"}
    return {**about, "contato": contact, "area": ("acesso", "sistema")[number % 2], "urgente": number % 4 == 0}


def _plain(text: str) -> str:
    """Lower case without accents, for addresses."""
    accents = str.maketrans("áâãàéêíóôõúüç", "aaaaeeiooouuc")
    return text.lower().translate(accents)


_INITIAL = _Maker().make()
