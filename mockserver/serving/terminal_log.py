"""The log of `mockserver serve`: one line per request on stderr, for the person at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.pipeline import Recorder
from mockserver.secrets import cut, mask_path, mask_query
from mockserver.settings import Settings
from mockserver.text import escape_controls

MAX_TARGET = 1000  # bytes of the path, and of the query


def terminal_recorders(settings: Settings) -> tuple[Recorder, ...]:
    """Returns a recorder that writes to stderr; none if the log is off. By default it is on for a terminal only."""
    stream = sys.stderr
    if stream is None or not (stream.isatty() if settings.log is None else settings.log):
        return ()

    def write(line: str) -> None:
        # The reader may be gone; that must not end a request.
        with suppress(OSError, ValueError):
            stream.write(line + "\n")
            stream.flush()

    return (log_to(write),)


def log_to(write: Callable[[str], object]) -> Recorder:
    """Returns a recorder that writes the line of each request."""

    def record(exchange: Exchange, milliseconds: float) -> None:
        write(escape_controls(_describe(exchange, milliseconds)))

    return record


def _describe(exchange: Exchange, milliseconds: float) -> str:
    path = mask_path(cut(exchange.raw_path, MAX_TARGET).decode("latin-1"))
    query = mask_query(cut(exchange.query_string, MAX_TARGET).decode("latin-1"))
    answer = exchange.answer
    status = (answer and answer.status) or "no answer"
    line = f"{exchange.method} {path}{'?' if query else ''}{query} {status} {milliseconds:.1f} ms"
    return f"{line}: {reason}" if (reason := _reason(exchange)) else line


def _reason(exchange: Exchange) -> str:
    """Returns why a request was refused or has failed, else its notes, such as parameters that were ignored."""
    answer = exchange.answer
    if answer is None:
        return ""
    if answer.source == "fault":
        return exchange.results.get("fault", "fault")
    is_refusal = answer.source in ("refused", "failed") and isinstance(answer.value, dict)
    return str(answer.value["message"]) if is_refusal else "; ".join(exchange.notes)
