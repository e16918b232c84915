"""Facts about shared schemas: what several places have in common is moved to the schema, so that it makes one row."""

from __future__ import annotations

from mockserver.contract.document import Document, Pointer, pointer_text
from mockserver.judging import schema_places
from mockserver.judging.evidence import Facts, Places, Sighting

PlacedFacts = dict[Pointer, Facts]


def settle(document: Document, places: Places) -> PlacedFacts:
    """Returns the facts by place, those that belong to a shared schema at that schema, in the order of the places."""
    found = {schema_places.pointer_at(document, written): dict(facts) for written, facts in places.items()}
    _share_kinds(document, found)
    _share_members(document, found)
    return dict(sorted(found.items(), key=lambda one: pointer_text(one[0])))


def _share_kinds(document: Document, found: PlacedFacts) -> None:
    """Moves kinds that all references to a schema have in common."""
    references: dict[Pointer, list[Pointer]] = {}
    for place in found:
        if "$ref" in (schema_places.find(document, place) or {}):
            references.setdefault(schema_places.followed(document, place), []).append(place)
    for shared, referring in references.items():
        kinds = [{fact for fact in found[place] if fact.startswith("kind:")} for place in referring]
        for fact in set.intersection(*kinds) if len(referring) > 1 else ():
            seen = sum((found[place].pop(fact) for place in referring), Sighting())
            found.setdefault(shared, {})[fact] = seen
            kind = fact.removeprefix("kind:")
            for place in referring if kind in ("object", "array") else ():
                _move(found, (*place, "anyOf", kind), (*shared, "anyOf", kind))


def _share_members(document: Document, found: PlacedFacts) -> None:
    """Moves undeclared members of an `allOf` to the part whose own objects have them too."""
    moved: dict[Pointer, Pointer] = {}
    for place in list(found):
        owner, name = place[:-2], place[-1]
        is_new = place[-2:-1] == ("properties",) and schema_places.find(document, place) is None
        if is_new and schema_places.find(document, owner) is not None:
            parts = list(schema_places.parts(document, owner))[1:]
            shared = next((part for part in parts if (*part, "properties", name) in found), None)
            if shared is not None:
                _move(found, place, (*shared, "properties", name))
                moved[owner] = shared
    # Objects of the whole count as objects of the part, else a member that only they lack would become required.
    for owner, shared in moved.items():
        _merge(found, shared, {"object": found.get(owner, {}).get("object", Sighting())})


def _move(found: PlacedFacts, place: Pointer, shared: Pointer) -> None:
    """Moves the facts of a place and of all below it."""
    for inner in [one for one in found if one[: len(place)] == place] if place in found else ():
        _merge(found, (*shared, *inner[len(place) :]), found.pop(inner))


def _merge(found: PlacedFacts, place: Pointer, facts: Facts) -> None:
    known = found.setdefault(place, {})
    for fact, seen in facts.items():
        known[fact] = known.get(fact, Sighting()) + seen
