"""Walk through all objects of a document, by the grammar of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.contract.document import Pointer
from mockserver.contract.lint.grammar import OBJECT_FORMS, REFERABLE


class Found(NamedTuple):
    """An object or reference of the document; `kind` is a row of the grammar."""

    pointer: Pointer
    kind: str
    value: dict[str, Any]


def walk_objects(raw: dict[str, Any]) -> Iterator[Found]:
    """Yields all objects, each before its parts. A caller may change the object that it has got."""
    # A stack instead of recursion: documents may be nested deeply.
    stack = [Found((), "document", raw)]
    while stack:
        found = stack.pop()
        yield found
        if "$ref" in found.value and found.kind in REFERABLE:
            continue
        stack += reversed(list(_parts(found)))


def _parts(found: Found) -> Iterator[Found]:
    forms = OBJECT_FORMS[found.kind]
    for key, value in found.value.items():
        form = forms.get(key) or (None if str(key).startswith("x-") else forms.get("*"))
        if form is not None:
            for path, part in form.elements(value):
                if isinstance(part, dict):
                    yield Found((*found.pointer, key, *path), form.kind.removeprefix("flag/"), part)
