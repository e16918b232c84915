"""Reader of XML bodies: the value that the schema describes, by the same hints as the writer in `xml_text`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

from mockserver.contract.document import Document, Schema
from mockserver.contract.parameters import scalar_decoder
from mockserver.contract.walk import has_type, items_of, member_of, parts_of, properties_of, required_of
from mockserver.pipeline.xml_text import xml_hints

_MAX_DEPTH = 100


class XmlError(ValueError):
    """A body is not XML, or needs what is not read: document types, deep nesting."""


def read_xml(document: Document, schema: Schema, body: bytes) -> Any:
    """Decodes a body. A text that does not fit its type stays a text, which the validator reports. `XmlError`."""
    parser = XMLParser(target=_Tree())
    try:
        parser.feed(body)
        root: Element = parser.close()
    except XmlError:
        raise
    except (ParseError, ValueError, LookupError) as error:  # the last two for encodings that the parser lacks
        raise XmlError(f"not readable as XML: {error}") from None
    return _value(document, schema, root)


class _Tree:
    """Builder of elements, with bounds: names without namespaces, no document types, which may hold entities."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise XmlError("a document type is not read")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise XmlError(f"nested deeper than {_MAX_DEPTH} levels")
        element = Element(_local(tag), {_local(name): text for name, text in attributes.items()})
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)

    def data(self, text: str) -> None:
        element = self._open[-1]
        if not len(element):  # text between elements is layout
            element.text = (element.text or "") + text

    def end(self, tag: str) -> None:
        self._root = self._open.pop()

    def close(self) -> Element | None:
        return self._root


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _value(document: Document, schema: Schema, element: Element) -> Any:
    parts = list(parts_of(document, schema))
    kinds = {part.get("type") for part in parts}
    if "array" in kinds:
        return [_value(document, items_of(document, schema), child) for child in element]
    is_text = not len(element) and not element.attrib and (element.text or "").strip()
    if not is_text and ("object" in kinds or any("properties" in part for part in parts)):
        return _object(document, schema, element)
    if len(element):  # the schema says nothing of it, or something else
        return {child.tag: _value(document, {}, child) for child in element}
    return scalar_decoder(document, schema)(element.text or "")


def _object(document: Document, schema: Schema, element: Element) -> dict[str, Any]:
    found = dict(_declared(document, schema, element))
    named = {name for known in properties_of(document, schema) for name in _names(document, schema, known)}
    for child in element:
        if child.tag not in named:
            found[child.tag] = _value(document, member_of(document, schema, child.tag), child)
    return found


def _declared(document: Document, schema: Schema, element: Element) -> Iterator[tuple[str, Any]]:
    required = required_of(document, schema)
    for name, member in properties_of(document, schema).items():
        hints = xml_hints(document, member)
        own = hints.get("name") or name
        if hints.get("attribute"):
            if own in element.attrib:
                yield name, _value(document, member, _text_element(element.attrib[own]))
        elif has_type(document, member, "array") and not hints.get("wrapped"):
            children = element.findall(_item_name(document, name, member))
            # Without a wrapper, XML cannot say that a list is empty.
            if children or name in required:
                yield name, [_value(document, items_of(document, member), child) for child in children]
        elif (child := element.find(own)) is not None:
            yield name, _value(document, member, child)


def _names(document: Document, schema: Schema, name: str) -> set[str]:
    """Returns the names of the elements that belong to a member."""
    member = properties_of(document, schema)[name]
    return {xml_hints(document, member).get("name") or name, _item_name(document, name, member)}


def _item_name(document: Document, name: str, member: Schema) -> str:
    return str(xml_hints(document, items_of(document, member)).get("name") or name)


def _text_element(text: str) -> Element:
    element = Element("text")
    element.text = text
    return element
