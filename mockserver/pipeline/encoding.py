"""Encoding of a generated value or an example in the media type of its response.

A text is written as it is in all types but JSON, since examples of XML or CSV are texts. XML has an element for each
member, without the hints of `xml` in schemas.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.contract.media_types import bare, is_json
from mockserver.contract.operations import Response
from mockserver.pipeline.json_text import write_json

_NO_NAME = re.compile(r"[^\w.-]|^(?=[\d.-])")
# XML cannot express these, not even as references.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encode(response: Response, value: Any) -> bytes:
    """Encodes a value; nothing for a response without a schema and an example."""
    if value is None and response.schema is None:
        return b""
    media_type = bare(response.media_type)
    if is_json(media_type):
        return write_json(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if media_type.endswith(("/xml", "+xml")):
        xml: bytes = tostring(_element(Element("root"), value), encoding="utf-8", xml_declaration=True)
        return xml
    if media_type == "text/csv":
        return _csv(value).encode()
    return write_json(value)


def concrete(media_type: str) -> str:
    """Returns the type to send for a documented one, which may be a range."""
    return media_type if "*" not in media_type else "application/json" if is_json(media_type) else "text/plain"


def header_text(value: Any) -> str:
    """Writes a value for a header, in style simple."""
    if isinstance(value, list):
        return ",".join(map(header_text, value))
    if isinstance(value, dict):
        return ",".join(f"{name},{header_text(part)}" for name, part in value.items())
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # A line break would begin another header.
    return " ".join(text.split())


def _element(element: Element, value: Any) -> Element:
    if isinstance(value, dict):
        for name, part in value.items():
            for each in part if isinstance(part, list) else [part]:
                _element(SubElement(element, _NO_NAME.sub("_", name) or "_"), each)
    elif isinstance(value, list):
        for part in value:
            _element(SubElement(element, "item"), part)
    elif value is not None:
        element.text = _NO_XML.sub("", str(value).lower() if isinstance(value, bool) else str(value))
    return element


def _csv(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    out = StringIO()
    writer = csv.writer(out)
    if names:
        writer.writerow(names)
    writer.writerows([row.get(name) for name in names] if isinstance(row, dict) else [row] for row in rows)
    return out.getvalue()
