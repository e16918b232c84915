"""Autoescaped HTML templates, the only way in which this project renders HTML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template


def load_template(path: Path, **filters: Callable[..., Any]) -> Template:
    """Compiles a Jinja2 template. A name that the template uses and the caller omits is an error."""
    # Each call compiles again: pages are rendered by request of a person, and a cache would hide edits of the file.
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment.from_string(path.read_text(encoding="utf-8"))
