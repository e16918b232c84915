"""Slugs: derived from a name where none is given, and fixed from then on. R27, R67, R71."""

from __future__ import annotations

import re
import unicodedata

from mockserver.enspace.rule_errors import Invalid
from mockserver.state.table import Record

LONGEST = 60


def chosen_slug(body: Record) -> str:
    """The slug that the body gives, or the one that its name makes; `Invalid` if the name makes none."""
    slug: str = body.get("slug") or slug_of(body["name"])
    if not slug:
        raise Invalid(("slug", None, f"is required, as none can be derived from the name {body['name']!r}"))
    return slug


def slug_of(name: str) -> str:
    """`Aprovação de Contrato` as `aprovacao-de-contrato`. Inferred."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-")


def refuse_other_slug(record: Record, body: Record) -> None:
    """`Invalid` if the body would change the slug."""
    if body.get("slug", record["slug"]) != record["slug"]:
        raise Invalid(("slug", body["slug"], f"cannot change; it is {record['slug']}"))
