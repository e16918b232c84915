"""Replacement of personal data in bodies, guided by the contract.

What the contract or the workspace proves harmless stays: choices, numbers, booleans, slugs and references. Everything
else is replaced by a value of the same shape, so that it keeps the contract, or breaks it, as before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote, unquote

from mockserver.contract.document import Document, Pointer
from mockserver.judging.observing import LimitValidators
from mockserver.judging.schema_views import SchemaView
from mockserver.text import count_of
from mockserver.traffic.pseudonyms import Pseudonyms

# Members that name things of a workspace, not people; the same text elsewhere is a reference to them.
NAMES_OF_THINGS = ("slug", "reference")
_PLACE_OF_SLUG = ("components", "schemas", "TaskCondition", "properties", "field")
# Their members are the same in every workspace.
_OF_THE_PRODUCT = (("components", "schemas", "IntegrationProvider"),)
_NAMED_BY_SLUGS = "data"  # the object whose members have the slugs of fields as names
_THING = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")  # as evidence keeps it of a choice that is not listed
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PLAIN_SEGMENT = re.compile(r"[\w~*-]*", re.ASCII)
_NUMBER_OF_PERSON = re.compile(r"\d{11}|[A-Z0-9]{12}\d\d")  # a CPF or a CNPJ, whatever its check digits
_MOST_SHOWN = 20  # slugs in a message
_SHORTEST_PHONE = 10  # digits, with its area code
_MEMBER_LIMIT = 2**53  # a longer whole number is another one for most readers of JSON


class PersonalData:
    """The replacements of one recording. With `replaces_slugs`, slugs and references are replaced too."""

    def __init__(self, document: Document, pseudonyms: Pseudonyms, *, replaces_slugs: bool = False) -> None:
        self._document, self._pseudonyms, self._replaces_slugs = document, pseudonyms, replaces_slugs
        self._validators = LimitValidators(document)
        self._views: dict[Pointer, SchemaView] = {}
        self._things: set[str] = set()
        self._slugs: set[str] = set()

    @property
    def kept(self) -> list[str]:
        """The slugs that stay, for a review: one may have the name of a person."""
        return [] if self._replaces_slugs else sorted(self._slugs)

    def describe_kept(self) -> Iterator[str]:
        """Yields a line about the slugs that stay, if there are any."""
        if self.kept:
            shown = ", ".join(self.kept[:_MOST_SHOWN]) + (", …" if len(self.kept) > _MOST_SHOWN else "")
            yield f"kept, please review: {count_of(len(self.kept), 'slug')} ({shown}); --replace-slugs replaces them"

    def replace(self, value: Any, place: Pointer | None) -> Any:
        """Returns a copy of a JSON value without personal data; `place` is that of its schema, if it has one."""
        self.note_things(value, place)
        return self._replaced(value, self._view(place) if place else None, "")

    def text(self, value: str) -> str:
        """Replaces a text outside of a body, such as a value in a query."""
        return self._thing(value) if value in self._things else self._pseudonyms.text(value)

    def slug(self, value: str) -> str:
        """Replaces a slug outside of a body, such as the workspace in a header, if slugs are to be replaced."""
        return self._thing(value)

    def path(self, path: str, keys: Collection[str] = ()) -> str:
        """Replaces what a path has besides names and `keys` of things; those are kept, or replaced, as slugs are."""
        return "/".join(self._segment(segment, keys) for segment in path.split("/"))

    def note_things(self, value: Any, place: Pointer | None) -> None:
        """Notes the slugs and references in a JSON value: the same texts elsewhere name those things, not people."""
        self._note(value, self._view(place) if place else None)

    def _note(self, value: Any, view: SchemaView | None, name: str = "") -> None:
        if isinstance(value, dict) and view:
            for name, inner in value.items():
                self._note(inner, self._member(view, name), name)
        elif isinstance(value, list):
            for inner in value:
                self._note(inner, self._items(view), name)
        elif isinstance(value, str) and _names_thing(view, name) and _THING.fullmatch(value):
            self._things.add(value)
            self._slugs |= set() if name == "reference" else {value}

    def _view(self, place: Pointer) -> SchemaView:
        # Kept, since a view collects its members once.
        return self._views.setdefault(place, SchemaView(self._document, place))

    def _known(self, view: SchemaView | None) -> SchemaView | None:
        return self._view(view.written) if view else None

    def _member(self, view: SchemaView | None, name: str) -> SchemaView | None:
        # An object in place of a list may be an envelope of it.
        if view and view.kinds and "object" not in view.kinds:
            return view
        return self._known(view.members.get(name)) if view else None

    def _items(self, view: SchemaView | None) -> SchemaView | None:
        # A list in place of an object may have that in it.
        if view and view.kinds and "array" not in view.kinds:
            return view
        return self._known(view.items) if view else None

    def _replaced(self, value: Any, view: SchemaView | None, name: str) -> Any:
        if view and view.place in _OF_THE_PRODUCT:
            return value
        if isinstance(value, dict):
            members = ((key, inner, self._member(view, key)) for key, inner in value.items())
            return {self._key(key, known, name): self._replaced(inner, known, key) for key, inner, known in members}
        if isinstance(value, list):
            return [self._replaced(inner, self._items(view), name) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool):
            return self._number(value, is_declared=view is not None)
        return self._text(value, view, name) if isinstance(value, str) else value

    def _key(self, key: str, known: SchemaView | None, object_name: str) -> str:
        """Replaces the name of an undeclared member that is no identifier, such as an e-mail address."""
        if known:
            return key
        if key in self._things or (object_name == _NAMED_BY_SLUGS and _THING.fullmatch(key)):
            return self._thing(key)
        return key if _IDENTIFIER.fullmatch(key) else self._pseudonyms.text(key)

    def _number(self, value: int, *, is_declared: bool) -> int:
        replaced = self._pseudonyms.number(value)
        is_phone = not is_declared and len(str(abs(value))) >= _SHORTEST_PHONE and abs(value) < _MEMBER_LIMIT
        return int(self._pseudonyms.text(str(value))) if is_phone and replaced == value else replaced

    def _text(self, value: str, view: SchemaView | None, name: str) -> str:
        if value in self._things or (_names_thing(view, name) and _THING.fullmatch(value)):
            return self._thing(value)
        if view and (value in view.choices or (_is_choice(view) and _WORD.fullmatch(value))):
            return value
        replaced = self._pseudonyms.text(value)
        if view and "pattern" in view.limits and self._validators.fits(view.place, value):
            example = str(view.document.at(view.place).get("example", ""))  # nobody's
            return replaced if self._validators.fits(view.place, replaced) else example
        return replaced

    def _thing(self, value: str) -> str:
        return self._pseudonyms.text(value) if self._replaces_slugs else value

    def _segment(self, segment: str, keys: Collection[str]) -> str:
        text = unquote(segment)
        if text in self._things or (text in keys and _THING.fullmatch(text) and not text.isdecimal()):
            return quote(self._thing(text), safe="")
        is_plain = _PLAIN_SEGMENT.fullmatch(text) and not _NUMBER_OF_PERSON.fullmatch(text.replace("-", ""))
        return segment if is_plain else quote(self._pseudonyms.text(text), safe="")


def _names_thing(view: SchemaView | None, name: str) -> bool:
    """Whether the texts at a place are slugs or references."""
    if view is None:
        return False
    hint = view.document.at(view.place).get("x-faker", "")
    return name in NAMES_OF_THINGS or view.place == _PLACE_OF_SLUG or (isinstance(hint, str) and hint.endswith(".slug"))


def _is_choice(view: SchemaView) -> bool:
    """Whether a text is one of a list of words, which the contract has or only hints at."""
    hint = view.document.at(view.place).get("x-faker", "")
    return bool(view.choices) or (isinstance(hint, str) and hint.startswith("in_use."))
