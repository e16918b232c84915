"""The request log of Enspace itself: a line for each finished call with a known key, in the history of its sandbox.

Enspace answers it (`listRequestLogs`); what we know beyond that is in the journal.
"""

from __future__ import annotations

import re

from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.secrets import mask_query, mask_text

_LONGEST = 2000
_IPV4 = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", re.ASCII)


def log_call(exchange: Exchange, milliseconds: float) -> None:
    """R36, R37. While the clock of the sandbox stands still, no call takes any time."""
    sandbox, caller, answer = exchange.sandbox, exchange.caller, exchange.answer
    if sandbox is None or caller is None or answer is None:
        return
    clock = sandbox.clock
    sandbox.history.add(
        clock(),
        "GET" if exchange.method == "HEAD" else exchange.method,
        _path(exchange),
        answer.status,
        round(milliseconds) if clock.frozen_at is None else 0,
        exchange.workspace and mask_text(exchange.workspace[:_LONGEST]),
        caller["reference"] if "scope" in caller else None,
        caller["user"],
        exchange.client if _IPV4.fullmatch(exchange.client) else "127.0.0.1",
    )


def _path(exchange: Exchange) -> str:
    path = mask_text(exchange.raw_path.decode("latin-1"))
    if exchange.query_string:
        path += "?" + mask_query(exchange.query_string.decode("latin-1"))
    return path[:_LONGEST]
