"""Instants and days, all from one fixed window: never from the clock.

The members of one object that tell a time stand in the same row of one table, so that what follows from `created_at`
follows it. A column is made when a schema asks for it; a value is then an index.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from mockserver.payloads.source import Make, key_of, pick
from mockserver.payloads.text import words_of

START = datetime(2025, 6, 17, tzinfo=UTC)
END = datetime(2026, 3, 12, 23, 59, 59, 999_000, tzinfo=UTC)
_ROWS, _ROW = 512, key_of("row of the table of moments")
_MS, _HOUR, _DAY = 1, 3_600_000, 86_400_000

# How long after `created_at`, at least and at most, in milliseconds. Fresh records are stored twice, hence `updated`.
_AFTER_CREATION: dict[str, tuple[int, int]] = {
    "created": (0, 0),
    "updated": (9 * _MS, 21 * _MS),
    "started": (_MS, _HOUR),
    "later": (_HOUR, 30 * _DAY),
    "due": (_DAY, 30 * _DAY),
    "expires": (30 * _DAY, 365 * _DAY),
    "born": (-65 * 365 * _DAY, -18 * 365 * _DAY),
}
# A task is due, a key expires, after today; whatever else is told has happened.
_AHEAD = ("due", "expires")

_WORDS = {
    "updated": "updated modified changed edited atualizado atualizacao alterado modificado",
    "started": "started start begun opened inicio iniciado",
    "later": "completed finished closed ended used seen login deleted archived signed paid end sent read canceled "
    "cancelled approved rejected concluido finalizado fim enviado",
    "due": "due deadline scheduled vencimento prazo agendado",
    "expires": "expires expiration expiry expire expira expiracao until validade",
    "born": "birth birthday birthdate born nascimento",
}
_COLUMN_OF = {word: column for column, words in _WORDS.items() for word in words.split()}

_WRITTEN: dict[str, Callable[[datetime], str]] = {
    "date-time": lambda moment: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    "date": lambda moment: moment.date().isoformat(),
    "time": lambda moment: moment.isoformat(timespec="milliseconds").partition("T")[2].replace("+00:00", "Z"),
}


def moment(name: str, written_as: str) -> Make:
    """A maker for a member of that name, in one of the formats `date-time`, `date`, `time`."""
    which = next((_COLUMN_OF[word] for word in words_of(name) if word in _COLUMN_OF), "created")
    return pick(_column(which, written_as), _ROW)


@cache
def _column(which: str, written_as: str) -> list[str]:
    write, random = _WRITTEN[written_as], Random(key_of(which))
    low, high = _AFTER_CREATION[which]
    latest = END + timedelta(days=1000) if which in _AHEAD else END
    later = (timedelta(milliseconds=low + int(random.random() * (high - low + 1))) for _ in range(_ROWS))
    return [write(min(created + distance, latest)) for created, distance in zip(_created(), later, strict=True)]


@cache
def _created() -> list[datetime]:
    random = Random(key_of("created"))
    # Short of the end, so that an update still lies in the window.
    room = (END - START) // timedelta(milliseconds=1) - _DAY
    return [START + timedelta(milliseconds=int(random.random() * room)) for _ in range(_ROWS)]
