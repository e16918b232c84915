"""The files that a fake is made of: the contract, and everything in YAML among the fixtures."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mockserver.settings import Settings


def folders_of(settings: Settings) -> list[Path]:
    """The folders in which these files stand."""
    below = [path for path in settings.fixtures.rglob("*") if path.is_dir()]
    return list(dict.fromkeys([settings.spec.absolute().parent, settings.fixtures, *below]))


def read_texts(settings: Settings) -> dict[Path, bytes]:
    """What stands in them. A change of a file's date is none."""
    texts = {}
    for path in [settings.spec, *sorted(settings.fixtures.rglob("*.yaml"))]:
        with suppress(OSError):  # one that was just deleted is missing, which the reading of it will tell
            texts[path] = path.read_bytes()
    return texts
