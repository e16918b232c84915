"""Encoding of a generated value or an example in the media type of its response.

A text is written as it is in all types but JSON, since examples of XML or CSV are texts.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.media_types import bare, is_json, is_xml
from mockserver.contract.operations import Header, Response
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.xml_text import render_xml


def encode(document: Document, response: Response, value: Any) -> bytes:
    """Encodes a value; nothing for a response without a schema and an example."""
    if value is None and response.schema is None:
        return b""
    media_type = bare(concrete(response.media_type))
    if is_json(media_type):
        return write_json(value)
    if isinstance(value, str) and (not is_xml(media_type) or value.lstrip().startswith("<")):
        return value.encode("utf-8", "surrogatepass")
    if is_xml(media_type):
        return render_xml(document, response.schema or {}, value)
    if media_type == "text/csv":
        return _csv(value).encode()
    return write_json(value)


def concrete(media_type: str) -> str:
    """Returns the type to send for a documented one, which may be a range, or a mere name."""
    if "*" not in media_type and "/" in media_type:
        return media_type
    return "application/json" if is_json(media_type) or "/" not in media_type else "text/plain"


def header_text(header: Header, value: Any) -> str:
    """Writes a value for a header: as JSON if that is its content, else in style simple."""
    text = write_json(value).decode() if header.is_json else _simple(value, "=" if header.explode else ",")
    # A line break would begin another header.
    return " ".join(text.split())


def _simple(value: Any, joint: str = ",") -> str:
    if isinstance(value, list):
        return ",".join(map(_simple, value))
    if isinstance(value, dict):
        return ",".join(f"{name}{joint}{_simple(part)}" for name, part in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _csv(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    out = StringIO()
    writer = csv.writer(out)
    if names:
        writer.writerow(names)
    writer.writerows([row.get(name) for name in names] if isinstance(row, dict) else [row] for row in rows)
    return out.getvalue()
