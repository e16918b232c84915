"""The request log of Enspace itself: each finished call with a known key, in the history of its sandbox.

Enspace answers it (`listRequestLogs`); what we know beyond that is in the journal.
"""

from __future__ import annotations

from mockserver.pipeline.exchange import Exchange
from mockserver.secrets import cut

LONGEST = 2000


def log_call(exchange: Exchange, milliseconds: float) -> None:
    """R36, R37. While the clock of the sandbox stands still, no call takes any time.

    A call that a fault left without an answer is not finished.
    """
    sandbox, caller, answer = exchange.sandbox, exchange.caller, exchange.answer
    if sandbox is None or caller is None or answer is None or not answer.status:
        return
    clock, path, query = sandbox.clock, exchange.raw_path, exchange.query_string
    if len(path) + len(query) > LONGEST:
        path, query = cut(path, LONGEST), cut(query, LONGEST)
    sandbox.request_log.add(
        (
            clock(),
            caller["reference"] if "scope" in caller else None,
            exchange.method,
            path,
            query,
            answer.status,
            milliseconds if clock.frozen_at is None else 0,
            exchange.workspace,
            caller["user"],
            exchange.client,
        )
    )
