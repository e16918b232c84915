"""Walk through all objects of a document, by the grammar of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockserver.contract.document import Pointer
from mockserver.contract.lint.grammar import OBJECT_FORMS, REFERABLE


class Node(NamedTuple):
    """One object of the document, or the `{$ref: …}` in its place; `kind` is a row of the grammar."""

    pointer: Pointer
    kind: str
    value: dict[str, Any]

    @property
    def component(self) -> Pointer:
        """The component that contains the object; empty for objects outside of `components`."""
        return self.pointer[:3] if self.pointer[:1] == ("components",) else ()

    @property
    def is_reference(self) -> bool:
        return "$ref" in self.value and self.kind in REFERABLE


def walk_objects(raw: dict[str, Any]) -> Iterator[Node]:
    """Yields all objects, each before its parts. A caller may change the object that it has got."""
    # A stack instead of recursion: documents may be nested deeply.
    stack = [Node((), "document", raw)]
    while stack:
        node = stack.pop()
        yield node
        if not node.is_reference:
            stack += reversed(list(_parts(node)))


def _parts(node: Node) -> Iterator[Node]:
    forms = OBJECT_FORMS[node.kind]
    for key, value in node.value.items():
        form = forms.get(key) or (None if str(key).startswith("x-") else forms.get("*"))
        if form is not None:
            kind = form.kind.removeprefix("flag/")
            for path, part in form.elements(value):
                if isinstance(part, dict):
                    yield Node((*node.pointer, key, *path), kind, part)
