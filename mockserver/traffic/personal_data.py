"""Replacement of personal data in bodies, guided by the contract.

What the contract or the workspace proves harmless stays: choices, numbers, booleans, slugs and references. Everything
else is replaced by a value of the same shape.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging.observing import LimitValidators
from mockserver.judging.schema_views import SchemaView
from mockserver.traffic.pseudonyms import Pseudonyms

# Members that name things of a workspace, not people; the same text elsewhere is a reference to them.
NAMES_OF_THINGS = ("slug", "reference")


class PersonalData:
    """The replacements in the bodies of one recording."""

    def __init__(self, document: Document, pseudonyms: Pseudonyms) -> None:
        self._document, self._pseudonyms = document, pseudonyms
        self._validators = LimitValidators(document)
        self._views: dict[Pointer, SchemaView] = {}
        self._things: set[str] = set()

    def replace(self, value: Any, place: Pointer | None) -> Any:
        """Returns a copy of a JSON value without personal data; `place` is that of its schema, if it has one."""
        self._note_things(value)
        return self._replaced(value, self._view(place) if place else None, "")

    def text(self, value: str) -> str:
        """Replaces a text outside of a body, such as a value in a query."""
        return value if value in self._things else self._pseudonyms.text(value)

    def _note_things(self, value: Any) -> None:
        if isinstance(value, dict):
            named = (value[name] for name in NAMES_OF_THINGS if isinstance(value.get(name), str))
            self._things.update(named)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self._note_things(inner)

    def _view(self, place: Pointer) -> SchemaView:
        # Kept, since a view collects its members once.
        return self._views.setdefault(place, SchemaView(self._document, place))

    def _replaced(self, value: Any, view: SchemaView | None, name: str) -> Any:
        if isinstance(value, dict):
            members = view.members if view else {}
            return {key: self._replaced(inner, self._known(members.get(key)), key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._replaced(inner, self._known(view.items) if view else None, name) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return self._pseudonyms.number(value)
        return self._text(value, view, name) if isinstance(value, str) else value

    def _known(self, view: SchemaView | None) -> SchemaView | None:
        return self._view(view.written) if view else None

    def _text(self, value: str, view: SchemaView | None, name: str) -> str:
        is_thing = name in NAMES_OF_THINGS or value in self._things
        if is_thing or (view and value in view.choices):
            return value
        replaced = self._pseudonyms.text(value)
        if view and "pattern" in view.limits and not self._validators.fits(view.place, replaced):
            return str(view.document.at(view.place).get("example", ""))  # nobody's
        return replaced
