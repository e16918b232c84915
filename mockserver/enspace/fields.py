"""Fields: what the items of a type consist of. R70-R76."""

from __future__ import annotations

from typing import Any

from mockserver.enspace import lists, values, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, NotFound, Refused
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
    members = _written(body)
    if "position" not in members:
        members["position"] = _next_position(context, item_type)
    _check(members)
    return views.field(context.world, context.insert("fields", item_type=item_type, **members))


def get_field(context: Context, slug: str, field_id: int) -> Record:
    return views.field(context.world, _field(context, slug, field_id))


def update_field(context: Context, slug: str, field_id: int, body: Record) -> Record:
    record = _field(context, slug, field_id)
    refuse_other_slug(record, body)
    members = _written(body)
    changed = record | members
    _check(changed)
    for member in ("type", "options", "config"):
        if changed[member] != record[member]:
            _refuse_if_values_do_not_fit(context, changed, member)
    return views.field(context.world, context.update("fields", record, **members))


def delete_field(context: Context, slug: str, field_id: int) -> Record:
    """R74, R76: the values in the items, the lines in the forms and the conditions of tasks go with it."""
    record = _field(context, slug, field_id)
    if record["native"]:
        raise Refused("A native field cannot be deleted")
    clear_traces(context, record)
    context.world.delete("fields", field_id)
    return {"data": True, "message": "Field deleted successfully"}


def _texts(record: Record) -> tuple[Any, ...]:
    return record["name"], record["slug"]


def _field(context: Context, slug: str, field_id: int) -> Record:
    """R75: by its id, and of this type."""
    item_type = context.type(slug)["id"]
    record = context.find("fields", field_id)
    if record is None or record["item_type"] != item_type:
        raise NotFound
    return record


def _next_position(context: Context, item_type: int) -> int:
    """R72: last + 1."""
    last = context.world["fields"].select({"item_type": item_type}, (("position", True),), limit=1)
    return last[0]["position"] + 1 if last else 0


def _written(body: Record) -> Record:
    """The body in the members of a record: `position` wins over `order`, its other name."""
    written = body.copy()
    if "order" in written:
        order = written.pop("order")
        written.setdefault("position", order)
    return written


def _check(field: Record) -> None:
    """Of a record, or of what a new one is given."""
    if field["type"] == "select" and not values.choices_of(field):
        raise Invalid(("options.choices", (field.get("options") or {}).get("choices"), "is required for a select"))
    default = values.default_of(field)
    if default is not None and (demand := values.demand_of(field, default)):
        raise Invalid(("defaultValue", field["defaultValue"], demand))


def _refuse_if_values_do_not_fit(context: Context, field: Record, changed: str) -> None:
    """Items keep what they hold, so a field cannot become one that their values do not fit. Inferred from R78."""
    slug = field["slug"]
    for item in context.world["items"].where(item_type=field["item_type"]):
        value = item["data"].get(slug)
        if value is not None and (demand := values.demand_of(field, value)):
            raise Invalid((changed, field[changed], f"does not fit the item {item['reference']}: {slug} {demand}"))


def clear_traces(context: Context, field: Record) -> None:
    """Nothing of the type names the field any more. R74, R76."""
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
