"""Fields: the members that the items of a type have. R70-R76."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, values, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault, NotFound, Refused
from mockserver.enspace.slugs import refuse_other_slug
from mockserver.state.table import Record


def list_fields(context: Context, slug: str, query: Query) -> list[Record]:
    within = {"item_type": context.type(slug)["id"]}
    return [
        views.field(context.world, record) for record in lists.select(context, "fields", query, _texts, within=within)
    ]


def create_field(context: Context, slug: str, body: Record) -> Record:
    """R71-R74."""
    item_type = context.type(slug)["id"]
    members = _members_of(body)
    if "position" not in members:
        members["position"] = _next_position(context, item_type)
    _check(members)
    return views.field(context.world, context.insert("fields", item_type=item_type, **members))


def get_field(context: Context, slug: str, field_id: int) -> Record:
    return views.field(context.world, _field(context, slug, field_id))


def update_field(context: Context, slug: str, field_id: int, body: Record) -> Record:
    record = _field(context, slug, field_id)
    refuse_other_slug(record, body)
    members = _members_of(body)
    changed = record | members
    _check(changed)
    for member in ("type", "options", "config"):
        if changed[member] != record[member]:
            _refuse_if_values_do_not_fit(context, changed, member)
    return views.field(context.world, context.update("fields", record, **members))


def delete_field(context: Context, slug: str, field_id: int) -> Record:
    """Deletes a field with its values in items, its rows in forms and its conditions in tasks. R74, R76."""
    record = _field(context, slug, field_id)
    if record["native"]:
        raise Refused("A native field cannot be deleted")
    clear_traces(context, record)
    context.world.delete("fields", field_id)
    return {"data": True, "message": "Field deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]


def _field(context: Context, slug: str, field_id: int) -> Record:
    """Returns a field of this type. R75."""
    item_type = context.type(slug)["id"]
    record = context.find("fields", field_id)
    if record is None or record["item_type"] != item_type:
        raise NotFound
    return record


def _next_position(context: Context, item_type: int) -> int:
    """Returns the highest position + 1. R72."""
    last = context.world["fields"].select({"item_type": item_type}, (("position", True),), limit=1)
    return last[0]["position"] + 1 if last else 0


def _members_of(body: Record) -> Record:
    """Converts a body to members of a record: `order` is another name for `position`, which wins."""
    written = body.copy()
    if "order" in written:
        order = written.pop("order")
        written.setdefault("position", order)
    return written


def _check(field: Record) -> None:
    """Checks choices and default of a field, which need not be complete yet."""
    if field["type"] == "select" and not values.choices_of(field):
        raise Invalid(
            MemberFault(("options", "choices"), (field.get("options") or {}).get("choices"), "is required for a select")
        )
    default = values.default_of(field)
    if default is not None and (requirement := values.unmet_requirement(field, default)):
        raise Invalid(MemberFault(("defaultValue",), field["defaultValue"], requirement))


def _refuse_if_values_do_not_fit(context: Context, field: Record, changed: str) -> None:
    """Raises `Invalid` if values of existing items do not fit the changed field. Inferred from R78."""
    slug = field["slug"]
    for item in context.world["items"].where(item_type=field["item_type"]):
        value = item["data"].get(slug)
        if value is not None and (requirement := values.unmet_requirement(field, value)):
            raise Invalid(
                MemberFault(
                    (changed,), field[changed], f"does not fit the item {item['reference']}: {slug} {requirement}"
                )
            )


def clear_traces(context: Context, field: Record) -> None:
    """Removes all uses of a field from items, forms and tasks of its type. R74, R76."""
    slug, item_type = field["slug"], field["item_type"]
    for item in context.world["items"].where(item_type=item_type):
        if slug in item["data"]:
            data = {name: value for name, value in item["data"].items() if name != slug}
            context.world.update("items", item["id"], data=data)
    for form in context.world["forms"].where(item_type=item_type):
        rows = [row for row in form["fields"] if row["field"] != field["id"]]
        if len(rows) < len(form["fields"]):
            context.world.update("forms", form["id"], fields=rows)
    for task in context.world["tasks"].where(item_type=item_type):
        conditions = [condition for condition in task["conditions"] if condition["field"] != slug]
        if len(conditions) < len(task["conditions"]):
            context.world.update("tasks", task["id"], conditions=conditions)
