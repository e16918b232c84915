"""Lifting of provenance: what was inferred and recordings have confirmed becomes `observed`. Documented parts stay.

Of an operation, `path` and `method` are observed with one success, its `body` with three. A member is observed with
three records that have a value of a documented type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, Pointer, Schema, pointer_text
from mockserver.judging import schema_places
from mockserver.judging.evidence import Places, names
from mockserver.judging.named_schemas import SCHEMAS
from mockserver.judging.yaml_edits import YamlEdit, block_yaml, flow_yaml, replace_value

ENOUGH_RECORDS = 3
PARTS = ("method", "path", "body")


def lift(document: Document, places: Places, contradicted: set[Pointer]) -> Iterator[YamlEdit]:
    """Yields an edit for each provenance that recordings lift. `contradicted` are places that keep what they have."""
    for entry in document.operations():
        place: Pointer = ("paths", entry.path, entry.method)
        observed = set(_observed_parts(places, place, entry.value))
        if any(other[:3] == place for other in contradicted):
            observed.clear()
        yield from _edit(document, place, entry.value, list(PARTS), observed)
    for name, schema in document.raw.get("components", {}).get("schemas", {}).items():
        place = (*SCHEMAS, name)
        members = _own_members(document, place)
        observed = {name for name, at in members.items() if at not in contradicted and _is_seen(places, at)}
        yield from _edit(document, place, schema, list(members), observed)


def _observed_parts(places: Places, place: Pointer, operation: Schema) -> Iterator[str]:
    successes = (status for status in operation.get("responses", {}) if str(status).startswith("2"))
    facts = [places.get(pointer_text((*place, "responses", status)), {}) for status in successes]
    if any("body" in found or "empty" in found for found in facts):
        yield from ("method", "path")
    if any("body" in found and found["body"].answers >= ENOUGH_RECORDS for found in facts):
        yield "body"


def _own_members(document: Document, place: Pointer) -> dict[str, Pointer]:
    """The members that a schema declares itself, not through the references of an `allOf`."""
    members = schema_places.members(document, place)
    return {name: at for name, at in members.items() if at[: len(place)] == place}


def _is_seen(places: Places, member: Pointer) -> bool:
    facts = places.get(pointer_text(member), {})
    return sum(facts[f"kind:{kind}"].records for kind in names(facts, "kind") if kind != "null") >= ENOUGH_RECORDS


def _edit(
    document: Document, place: Pointer, owner: Schema, parts: list[str], observed: set[str]
) -> Iterator[YamlEdit]:
    """Yields the edit of the provenance of one operation or schema, if it changes."""
    written = owner.get("x-provenance")
    if isinstance(written, dict) and parts:
        lifted = _lifted(written, parts, observed)
        if lifted != written:
            yield replace_value(document, (*place, "x-provenance"), _written(document, place, lifted))


def _lifted(written: dict[str, Any], parts: list[str], observed: set[str]) -> dict[str, Any]:
    """The provenance with observed names moved out of `inferred`, or the status of the whole lifted."""
    listed = {key: list(written.get(key, ())) for key in ("partly", "observed", "inferred")}
    if written["status"] == "inferred":
        # Without lists everything is inferred; a name in a list is not.
        open_parts = [name for name in parts if name not in {*listed["partly"], *listed["observed"]}]
        moved = [name for name in open_parts if name in observed]
        if moved and moved == open_parts:
            return _with(written, "observed", {"partly": listed["partly"]} if listed["partly"] else {})
    else:
        moved = [name for name in listed["inferred"] if name in observed]
    listed["observed"] += moved
    listed["inferred"] = [name for name in listed["inferred"] if name not in moved]
    return _with(written, written["status"], {key: names for key, names in listed.items() if names})


def _with(written: dict[str, Any], status: str, lists: dict[str, list[str]]) -> dict[str, Any]:
    return {"status": status, "source": written["source"], **lists}


def _written(document: Document, place: Pointer, value: dict[str, Any]) -> str:
    """The provenance in the style that it had."""
    node = document.node((*place, "x-provenance"))
    return flow_yaml(value) if node.flow_style else block_yaml(value, node.start_mark.column).lstrip()
