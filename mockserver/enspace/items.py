"""Items: the records of a type. R77-R85, R93."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mockserver.enspace import lists, schedule_tasks, values, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.rule_errors import Invalid, MemberFault, NotFound
from mockserver.secrets import excerpt
from mockserver.state.collection import Order, Test
from mockserver.state.ids import derived_text
from mockserver.state.table import Record

_MAX_NOTES = 20
_FILTERS = ("status", "reference", "form", "stage")
# Length of the references in the examples of the documentation.
_REFERENCE_LENGTH = 16


def list_items(context: Context, slug: str, query: Query) -> list[Record]:
    item_type = context.type(slug)["id"]
    fields = _fields(context, item_type)
    order = _order(context, query, fields)
    _note_ignored(context, query, fields)
    where, test = _where(query, item_type), _test(query, fields)
    found = context.world["items"].select(where, order, query["_start"], query["_limit"], test)
    return [views.item(context.world, record) for record in found]


def count_items(context: Context, slug: str, query: Query) -> int:
    item_type = context.type(slug)["id"]
    fields = _fields(context, item_type)
    _note_ignored(context, query, fields)
    return context.world["items"].count(_where(query, item_type), _test(query, fields))


def get_item(context: Context, slug: str, reference: str) -> Record:
    return views.item(context.world, _item(context, slug, reference))


def create_item(context: Context, slug: str, body: Record) -> Record:
    """R79, R80, R82, R83, R93."""
    item_type = context.type(slug)["id"]
    record = context.insert(
        "items",
        item_type=item_type,
        reference=_reference(context),
        data=_whole_data(context, item_type, body["data"]),
        form=_creation_form(context, item_type, body.get("form")),
        stage=schedule_tasks.start_stage(context, item_type),
        status=body.get("status", "active"),
        user=context.user["id"],
    )
    schedule_tasks.generate(context, record)
    return views.item(context.world, record)


def update_item(context: Context, slug: str, reference: str, body: Record) -> Record:
    """R81. An item keeps the form with which it was created; one in the body is ignored."""
    record = _item(context, slug, reference)
    changes = {name: value for name, value in body.items() if name == "status"}
    if "data" in body:
        fields = _fields(context, record["item_type"]).values()
        if faults := values.find_faults(fields, body["data"], is_whole=False):
            raise Invalid(*faults)
        changes["data"] = record["data"] | body["data"]
    return views.item(context.world, context.update("items", record, **changes))


def delete_item(context: Context, slug: str, reference: str) -> Record:
    """R84, R85."""
    context.world.delete("items", _item(context, slug, reference)["id"])
    return {"data": True, "message": "Item deleted successfully"}


def _item(context: Context, slug: str, reference: str) -> Record:
    item_type = context.type(slug)["id"]
    record = context.world["items"].find(("workspace", "reference"), context.workspace["id"], reference)
    if record is None or record["item_type"] != item_type:
        raise NotFound
    return record


def _fields(context: Context, item_type: int) -> dict[str, Record]:
    return {field["slug"]: field for field in context.world["fields"].select({"item_type": item_type})}


def _reference(context: Context) -> str:
    """Derives the reference from the seed, so that two equal runs have equal references. R82."""
    return derived_text(context.seed, "item", context.world.next_id("items"), _REFERENCE_LENGTH)


def _whole_data(context: Context, item_type: int, data: Record) -> Record:
    fields = _fields(context, item_type)
    defaults = {
        slug: default
        for slug, field in fields.items()
        if field["active"] and slug not in data and (default := values.default_of(field)) is not None
    }
    # Defaults are validated too: the choices of a field may have changed since.
    whole = data | defaults
    if faults := values.find_faults(fields.values(), whole, is_whole=True):
        raise Invalid(*faults)
    return whole


def _creation_form(context: Context, item_type: int, form_id: int | None) -> int | None:
    """R83."""
    if form_id is None:
        return None
    form = context.find("forms", form_id)
    if form is None or form["item_type"] != item_type or not form["is_create"] or form["status"] != "active":
        raise Invalid(MemberFault(("form",), form_id, "must be an active creation form of the type"))
    return form_id


def _where(query: Query, item_type: int) -> dict[str, Any]:
    return {name: query[name] for name in _FILTERS if name in query} | {"item_type": item_type}


def _test(query: Query, fields: Mapping[str, Record]) -> Test | None:
    """Returns the test for `_q` and the filters by field slug; other names are ignored."""
    wanted = {name: text for name, text in query.items() if name in fields and name not in _FILTERS}
    search = query.get("_q")
    if not wanted and not search:
        return None

    def passes(record: Record) -> bool:
        data = record["data"]
        if any(_as_text(data.get(slug)) != text for slug, text in wanted.items()):
            return False
        return not search or lists.contains(search, _texts(record))

    return passes


def _note_ignored(context: Context, query: Query, fields: Mapping[str, Record]) -> None:
    """Notes the first names in the query that have no effect, each with the closest one that has."""
    filters, sorts = (*lists.PARAMETERS, *_FILTERS, *fields), ("id", *_own_sorts(context), *fields)
    sorted_by = (part.partition(":")[0] for part in query.get("_sort", "id").split(","))
    ignored = (
        *(("the query parameter", name, filters) for name in query if name not in filters),
        *(("in _sort", name, sorts) for name in sorted_by if name not in sorts),
    )
    context.notes.extend(_describe_ignored(*each) for each in ignored[:_MAX_NOTES])


def _describe_ignored(what: str, name: str, known: Sequence[str]) -> str:
    closest = get_close_matches(name[:60], known, n=1)
    hint = f"; the closest name is {closest[0]}" if closest else ""
    return f"ignored {what} {excerpt(name, 60)!r}, which is no field slug{hint}"


def _texts(record: Record) -> Iterator[str]:
    yield record["reference"]
    yield from (value for value in record["data"].values() if isinstance(value, str))


def _as_text(value: Any) -> str | None:
    """Formats a value as a query contains it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A client that filters by `total=5` means 5.0 as well.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _order(context: Context, query: Query, fields: Mapping[str, Record]) -> Order:
    """Parses `_sort`: a field slug stands for a member of `data`, unless the item has a member of that name."""
    own = _own_sorts(context)
    order = lists.read_order(query["_sort"], {*own, *fields})
    return tuple((member if member in ("id", *own) else f"data.{member}", descending) for member, descending in order)


def _own_sorts(context: Context) -> tuple[str, ...]:
    """Returns the members of an item, besides its values, by which lists can be sorted."""
    return context.world["items"].table.sorts
