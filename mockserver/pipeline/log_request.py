"""Adds a finished request with a known key to Enspace's own request log, which `listRequestLogs` answers."""

from __future__ import annotations

from mockserver.pipeline.exchange import Exchange
from mockserver.secrets import cut
from mockserver.state.request_log import LoggedRequest

MAX_TARGET = 2000  # bytes of path and query together, before both are cut


def log_request(exchange: Exchange, milliseconds: float) -> None:
    """Records an answered request. R36, R37."""
    request = request_to_log(exchange, milliseconds)
    if request is not None and exchange.sandbox is not None:
        exchange.sandbox.request_log.add(request)


def request_to_log(exchange: Exchange, milliseconds: float) -> LoggedRequest | None:
    """Returns an answered request; None for one without a known key. On a frozen clock every request takes 0 ms.

    A request that a fault leaves without an answer is not finished.
    """
    sandbox, caller, answer = exchange.sandbox, exchange.caller, exchange.answer
    if sandbox is None or caller is None or answer is None or not answer.status:
        return None
    path, query = exchange.raw_path, exchange.query_string
    if len(path) + len(query) > MAX_TARGET:
        path, query = cut(path, MAX_TARGET), cut(query, MAX_TARGET)
    client = exchange.scope.get("client")
    return LoggedRequest(
        at=sandbox.clock(),
        key=caller["reference"] if "scope" in caller else None,
        method=exchange.method,
        path=path,
        query=query,
        status=answer.status,
        milliseconds=milliseconds if sandbox.clock.frozen_at is None else 0,
        workspace=exchange.workspace,
        user=caller["user"],
        client=client[0] if client else "",
    )
