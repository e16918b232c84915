"""Two reports side by side: what is new, what is fixed, what is still there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mockserver.verify.reports.json_file import identities


def compare(old: Path, new: Path) -> Iterator[str]:
    """The comparison, line by line."""
    before, after = identities(old), identities(new)
    for title, names, told in (
        ("new", after.keys() - before.keys(), after),
        ("fixed", before.keys() - after.keys(), before),
        ("still there", after.keys() & before.keys(), after),
    ):
        yield f"{title}: {len(names)}"
        for name in sorted(names):
            yield f"  {name}: {' '.join(told[name].split())[:200]}"
