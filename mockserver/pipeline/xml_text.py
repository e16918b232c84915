"""XML of a value, with the names, attributes, wrappers and namespaces that the `xml` of its schema asks for.

Source: OpenAPI 3.0.3, section 4.7.26, which does not name the root: that is its component, else `root`.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, tostring

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import items_of, member_of, parts_of

_NO_NAME = re.compile(r"[^\w.-]|^(?=[\d.-])")
# XML cannot express these, not even as references.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_xml(document: Document, schema: Schema, value: Any) -> bytes:
    """Renders a value, which need not fit its schema."""
    root = _XmlWriter(document).element(_component_of(schema) or "root", schema, value)
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


class _XmlWriter:
    """Writes elements by the schemas of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def element(self, name: str, schema: Schema, value: Any) -> Element:
        """Returns the element of a value; `name` is used unless the schema has another one."""
        element = self._empty(name, schema)
        if isinstance(value, dict):
            for member, part in value.items():
                self._add_member(element, member, member_of(self._document, schema, member), part)
        elif isinstance(value, list):
            self._add_items(element, _component_of(items_of(self._document, schema)) or "item", schema, value)
        elif value is not None:
            element.text = _text(value)
        return element

    def _add_member(self, owner: Element, name: str, schema: Schema, value: Any) -> None:
        hints = xml_hints(self._document, schema)
        if hints.get("attribute") and not isinstance(value, (dict, list)):
            owner.set(self._name(name, hints), "" if value is None else _text(value))
        elif not isinstance(value, list):
            owner.append(self.element(name, schema, value))
        elif hints.get("wrapped"):
            wrapper = self._empty(name, schema)
            self._add_items(wrapper, hints.get("name", name), schema, value)
            owner.append(wrapper)
        else:
            # Without a wrapper, the name of the list itself counts for nothing.
            self._add_items(owner, name, schema, value)

    def _add_items(self, owner: Element, name: str, schema: Schema, values: list[Any]) -> None:
        items = items_of(self._document, schema)
        owner.extend([self.element(name, items, value) for value in values])

    def _empty(self, name: str, schema: Schema) -> Element:
        hints = xml_hints(self._document, schema)
        element = Element(self._name(name, hints))
        if "namespace" in hints:
            prefix = hints.get("prefix")
            element.set(f"xmlns:{_clean(prefix)}" if prefix else "xmlns", hints["namespace"])
        return element

    def _name(self, name: str, hints: dict[str, Any]) -> str:
        own = _clean(hints.get("name") or name)
        # Without a namespace, its prefix would not be XML.
        has_prefix = "prefix" in hints and "namespace" in hints
        return f"{_clean(hints['prefix'])}:{own}" if has_prefix and hints["prefix"] else own


def xml_hints(document: Document, schema: Schema) -> dict[str, Any]:
    """Returns the `xml` of a schema; an empty one if it has none."""
    return next((part["xml"] for part in parts_of(document, schema) if "xml" in part), {})


def _component_of(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _clean(name: str) -> str:
    return _NO_NAME.sub("_", name) or "_"


def _text(value: Any) -> str:
    return _NO_XML.sub("", str(value).lower() if isinstance(value, bool) else str(value))
