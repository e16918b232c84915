"""The folder of Hypothesis during a run: a temporary one, of which the Unicode tables are kept for the next run.

To make the tables takes a second and 200 MB. The rest has texts of the user's own modules, secrets perhaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from hypothesis.configuration import set_hypothesis_home_dir

_TABLES = "unicode_data"  # of Hypothesis


@contextmanager
def hypothesis_home() -> Iterator[None]:
    """Sets the folder for a while; without, Hypothesis leaves one where the command was started."""
    with TemporaryDirectory() as home:
        _copy(_cache_folder(), Path(home))
        set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
            _copy(Path(home), _cache_folder())


def _copy(source: Path | None, target: Path | None) -> None:
    """Copies the tables, unless there are none or the folder cannot be written: then the next run makes them again."""
    if source and target:
        with suppress(OSError):
            copytree(source / _TABLES, target / _TABLES, dirs_exist_ok=True)


def _cache_folder() -> Path | None:
    """The folder for what can be made again; None for a user without a home, as in some containers."""
    try:
        return Path("~/.cache/mockserver").expanduser()
    except RuntimeError:
        return None
