"""Completion of observed records: the parents and members that no answer has shown, in the smallest valid form.

Records of a deleted record go with it, as in Enspace. What cannot be completed is left out and counted by reason.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.enspace.providers import PROVIDERS
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.observed_records import TABLE_OF_NAME, Key, ObservedRecord, ObservedRecords
from mockserver.fixture_files.usable_rows import LeftOut
from mockserver.state.table import Record, Relation, read_member, with_member

_LONG_AGO = "2026-01-05T09:00:00.000Z"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# A value of each type of field, for a required field of an item whose values were not seen.
_VALUES = {"number": 0, "boolean": False, "date": _LONG_AGO[:10], "email": "nobody@example.com"} | {
    "url": "https://example.com"
}


class RecordCompletion:
    """Completes records in place. `owners` are users, by workspace, of whom an answer says that they own it."""

    def __init__(self, records: ObservedRecords, owners: Mapping[str, int]) -> None:
        self._records, self._owners = records, owners
        self.left_out = LeftOut()
        self.completed: Counter[str] = Counter()  # by collection, the records that no answer has shown whole
        stamps = (record.members.get("created_at") for record in records)
        self._earliest = min((stamp for stamp in stamps if isinstance(stamp, str)), default=_LONG_AGO)
        self._fields: dict[Key, dict[str, ObservedRecord]] = defaultdict(dict)
        self._kinds: dict[Key, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for record in records.of("fields"):
            self._fields[records.type_key(record)][str(record.get("slug"))] = record

    def complete(self) -> None:
        """Completes all records."""
        # From the last table on, since records refer to those of earlier tables.
        for table in reversed(TABLES):
            if table.name == "fields":
                self._add_fields()
            for record in self._records.of(table.name):
                self._complete(record)

    def ensure_member(self, workspace: str, user: int, membership: Record) -> None:
        """Makes a user a member of a workspace; what is known of one who is a member already stays."""
        for member in self._records.of("members", workspace=workspace, user=user):
            member.members = membership | member.members
            return
        self._add("members", {"workspace": workspace, "user": user, **membership}, {})

    def owner_of(self, workspace: str) -> int:
        """Returns the owner of a workspace, who may be a new user."""
        owners = self._records.of("members", workspace=workspace, type="owner")
        if owners:
            user: int = owners[0].get("user")
            return user
        user = self._owners.get(workspace) or self._new_owner()
        for member in self._records.of("members", workspace=workspace, user=user):
            member.members["type"] = "owner"
            return user
        self._add("members", {"workspace": workspace, "user": user, "type": "owner"}, {})
        return user

    def _add(self, table: str, members: Record, around: Record) -> ObservedRecord:
        """Adds a record that no answer has shown."""
        record = self._records.ensure(table, self._records.free_id(table), around)
        record.members |= {"id": record.key, **members}
        self._complete(record)
        return record

    def _complete(self, record: ObservedRecord) -> None:
        table = TABLE_OF_NAME[record.table]
        # Null where a record of the contract has a value is as good as nothing.
        for name in [name for name, value in record.members.items() if value is None]:
            if table.defaults.get(name, ...) is not None:
                del record.members[name]
        if complete_parts := _PARTS.get(record.table):
            complete_parts(self, record)
        for name in ("workspace", "item_type", "flow", "user"):
            if name in table.needed and record.get(name) is None:
                record.borrowed[name] = self._missing(record, name)
        for relation in table.relations:
            if self._records.get(record.table, record.key) is not None:
                self._follow(record, relation)
        if self._records.get(record.table, record.key) is not None:
            self._fill(record)

    def _missing(self, record: ObservedRecord, name: str) -> Any:
        """Returns the workspace, type, flow or user of a record whose answers do not name it; None if unknown."""
        flow = self._records.get("flows", record.get("flow"))
        if name == "item_type" and flow is not None:
            return flow.get("item_type")
        if name == "flow" and record.get("item_type") is not None:
            alike = {member: record.get(member) for member in ("workspace", "item_type")}
            flows = self._records.of("flows", **alike)
            return (flows[0] if flows else self._add("flows", {}, record.lends())).key
        if name == "user" and record.get("workspace") is not None:
            return self.owner_of(record.get("workspace"))
        return None

    def _follow(self, record: ObservedRecord, relation: Relation) -> None:
        """Makes sure that the records which a record names exist; or treats them as Enspace does when it deletes."""
        own = {**TABLE_OF_NAME[record.table].defaults, **record.borrowed, **record.members}
        name = relation.member.partition(".")[0]
        try:
            named = read_member(own, relation.member)
        except AttributeError:
            return self._leave_out(record, f"`{name}` is {own.get(name)!r}")
        keys = named if isinstance(named, list) else [named]
        present = [key for key in keys if self._exists(record, relation, key)]
        if relation.is_list:
            record.members[name] = with_member(own, relation.member, present)[name]
        elif not present and name in TABLE_OF_NAME[record.table].needed:
            self._leave_out(record, f"`{name}` is unknown or deleted")
        elif not present:
            record.members[name] = None
        return None

    def _exists(self, record: ObservedRecord, relation: Relation, name: Any) -> bool:
        """Whether the named record exists, which may be a new one."""
        key = self._records.type_key(record) if relation.target == "types" else name
        if name is None or self._records.is_deleted(relation.target, key):
            return False
        if self._records.get(relation.target, key) is None:
            made = self._records.ensure(relation.target, key, record.lends())
            made.members["slug" if relation.target in ("types", "workspaces") else "id"] = name
        return True

    def _fill(self, record: ObservedRecord) -> None:
        """Fills the members that a row needs."""
        table = TABLE_OF_NAME[record.table]
        self.completed[record.table] += record.table != "api_keys" and "created_at" not in record.members
        record.members.setdefault(
            "id", record.key if isinstance(record.key, int) else self._records.free_id(table.name)
        )
        fallback = _FALLBACKS[table.name](record) if table.name in _FALLBACKS else {}
        fallback |= {"created_at": self._earliest}
        fallback["updated_at"] = record.get("created_at") or self._earliest
        for name in (*table.needed, *table.defaults):
            if name not in record.members and name in record.borrowed | fallback:
                record.members[name] = record.borrowed.get(name, fallback.get(name))
        if "item_type" in record.members and record.members["item_type"] is not None:
            record.members["item_type"] = self._records.type_key(record)[1]

    def _leave_out(self, record: ObservedRecord, reason: str) -> None:
        self.left_out.note(f"{record.table}: {reason}")
        self._records.drop(record)

    def _new_owner(self) -> int:
        known = self._records.of("users", email="owner@example.com")
        email = {"email": "owner@example.com", "fname": "Owner", "lname": ""}
        user: int = (known[0] if known else self._add("users", email, {})).key
        return user

    # What a table needs besides its relations.

    def _key(self, record: ObservedRecord) -> None:
        scope = record.get("scope")
        if isinstance(scope, dict) and isinstance(scope.get("workspaces"), list):
            present = [slug for slug in scope["workspaces"] if not self._records.is_deleted("workspaces", slug)]
            record.members["scope"] = {**scope, "workspaces": present}
            for slug in present:
                self._records.ensure("workspaces", slug, {})

    def _workspace(self, record: ObservedRecord) -> None:
        self.owner_of(record.key)

    def _flow(self, record: ObservedRecord) -> None:
        if not self._records.of("stages", flow=record.key, is_start=True):  # R87
            self._add("stages", {"flow": record.key, "is_start": True}, record.lends())

    def _group(self, record: ObservedRecord) -> None:
        for user in record.get("users") or ():  # R64
            self.ensure_member(record.get("workspace"), user, {"type": "standard"})

    def _task(self, record: ObservedRecord) -> None:
        for trigger in (record.get("success_trigger"), record.get("error_trigger")):
            if isinstance(trigger, dict) and trigger.get("stage") is not None:
                self._records.ensure("stages", trigger["stage"], record.lends())
        if record.get("action") == "use_integration":  # R92
            settings = record.get("settings") or {}
            id = settings.get("integration") or self._integration_of(record)
            record.members["settings"] = {**settings, "integration": id}
            self._records.ensure("integrations", id, record.lends())
        for condition in record.get("conditions") or ():
            self._kinds[self._records.type_key(record)][condition.get("field")]["text"] += 0

    def _integration_of(self, record: ObservedRecord) -> int:
        """Returns an integration of a record's workspace, which may be a new one."""
        known = self._records.of("integrations", workspace=record.get("workspace"))
        id: int = known[0].key if known else self._records.free_id("integrations")
        return id

    def _integration(self, record: ObservedRecord) -> None:
        used = {
            other.get("integration") for other in self._records.of("integrations", workspace=record.get("workspace"))
        }
        free = next((id for id in PROVIDERS if id not in used), 1)  # R109
        record.members.setdefault("integration", free)

    def _form(self, record: ObservedRecord) -> None:
        shown = ("field", "order", "required")
        for row in record.get("fields") or ():
            field = self._records.ensure("fields", row["field"], record.lends())
            field.members.setdefault("slug", row["slug"])
            self._fields[self._records.type_key(field)].setdefault(row["slug"], field)
        record.members["fields"] = [{name: row[name] for name in shown} for row in record.get("fields") or ()]

    def _item(self, record: ObservedRecord) -> None:
        known = self._fields[self._records.type_key(record)]
        if (data := record.get("data")) is None:
            needed = (field for field in known.values() if field.get("required") and field.get("active") is not False)
            record.members["data"] = {field.get("slug"): _value_for(field) for field in needed}
        elif isinstance(data, dict):
            for slug, value in data.items():
                if slug not in known and value is not None:
                    self._kinds[self._records.type_key(record)][slug][_kind_of(value)] += 1

    def _add_fields(self) -> None:
        """Adds the fields of values and conditions whose fields were not listed."""
        for (workspace, item_type), slugs in self._kinds.items():
            for slug, kinds in slugs.items():
                if slug not in self._fields[workspace, item_type]:
                    kind = kinds.most_common(1)[0][0]
                    around = {"workspace": workspace, "item_type": item_type}
                    members = {"name": str(slug)[:31], "slug": slug, "type": kind}
                    self._fields[workspace, item_type][slug] = self._add("fields", members, around)

    def _field(self, record: ObservedRecord) -> None:
        siblings = self._fields[self._records.type_key(record)]
        siblings.setdefault(str(record.get("slug")), record)
        if record.get("position") is None:
            positions = [field.get("position") for field in siblings.values()]
            record.members["position"] = 1 + max((p for p in positions if type(p) is int), default=-1)


def _kind_of(value: Any) -> str:
    """The type of field that has a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "date" if isinstance(value, str) and _DATE.fullmatch(value) else "text"


def _value_for(field: ObservedRecord) -> Any:
    options = field.get("options") or field.get("config") or {}
    choices = options.get("choices") or [""]
    return choices[0] if field.get("type") == "select" else _VALUES.get(field.get("type"), "-")


_PARTS: Mapping[str, Callable[[RecordCompletion, ObservedRecord], None]] = {
    "api_keys": RecordCompletion._key,
    "workspaces": RecordCompletion._workspace,
    "flows": RecordCompletion._flow,
    "mgroups": RecordCompletion._group,
    "tasks": RecordCompletion._task,
    "integrations": RecordCompletion._integration,
    "forms": RecordCompletion._form,
    "items": RecordCompletion._item,
    "fields": RecordCompletion._field,
}

# The members of a record that only its id, or its slug, is known of.
_FALLBACKS: Mapping[str, Callable[[ObservedRecord], Record]] = {
    "users": lambda record: {"email": f"user-{record.key}@example.com"},
    "workspaces": lambda record: {"name": record.key, "slug": record.key},
    "roles": lambda record: {"name": f"Role {record.key}"},
    "members": lambda record: {"type": "standard"},
    "mgroups": lambda record: {"name": f"Group {record.key}"},
    "types": lambda record: {"name": record.key[1], "slug": record.key[1]},
    "fields": lambda record: {"name": f"Field {record.key}", "slug": f"field-{record.key}", "type": "text"},
    "forms": lambda record: (
        {"name": f"Form {record.key}", "slug": f"form-{record.key}", "fields": []}
        | {"status": "active", "is_create": True}
    ),
    "flows": lambda record: {"name": f"Flow {record.key}", "status": "active", "start_type": "always", "icon": "flag"},
    "stages": lambda record: (
        {"name": f"Stage {record.key}", "status": "active", "progress_type": "manual"}
        | {"is_start": False, "hex_color": "#9E9E9E", "icon": "flag"}
    ),
    "integrations": lambda record: {"data": {}},
    "tasks": lambda record: {"name": f"Task {record.key}", "action": "confirmation"},
}
