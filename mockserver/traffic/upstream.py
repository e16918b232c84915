"""Upstream: the real Enspace that answers the operations which are not mocked, and the settings that describe it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import count

import httpcore

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.errors import StartError
from mockserver.judging.recorded_calls import RecordedBody, RecordedCall
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.forward import MockedOperations, mocked_operations
from mockserver.pipeline.refusals import Refusal
from mockserver.settings import Settings
from mockserver.traffic.har_entries import Headers
from mockserver.traffic.live_drift import LiveDrift
from mockserver.traffic.recording_proxy import OF_CONNECTION, READS, host_of, origin_of, request_headers
from mockserver.traffic.target_address import is_near, read_target
from mockserver.traffic.target_connections import ask, open_pool
from mockserver.traffic.target_trust import describe_silence, read_authority

MOST_BODY = 64 * 1_048_576  # bytes of an answer, which is held in memory
MOST_COMPARED = 5_000_000  # bytes of an answer that is compared with the contract
_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 60.0}  # seconds
# Sent by this server itself.
_OWN_HEADERS = (b"content-length", b"content-type", b"date", b"x-mock-source", b"x-mock-operation")
_CORS = b"access-control-"


class Upstream:
    """Sends requests to one target. `drift` compares its answers with the contract."""

    def __init__(
        self, address: str, document: Document, pool: httpcore.AsyncConnectionPool, *, allow_writes: bool
    ) -> None:
        self.address, self.allows_writes = address, allow_writes or is_near(address)
        self.drift = LiveDrift(document)
        self._host, self._origin = host_of(address), origin_of(address)
        self._prefix = httpcore.URL(address).target.rstrip(b"/")
        self._pool, self._numbers = pool, count(1)

    async def send(self, exchange: Exchange) -> Answer:
        """Returns the answer of the target. Raises a 405 for a write that is not allowed, a 502 without an answer."""
        if exchange.method not in READS and not self.allows_writes:
            text = (
                f"{exchange.method} is not forwarded: the upstream is not on loopback. Fix: --allow-writes, or --mock"
            )
            raise Refusal(405, f"Method Not Allowed: {text}")
        try:
            response, body = await self._exchange(exchange)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise Refusal(502, f"Bad Gateway: the upstream did not answer ({describe_silence(error)})") from error
        answer = _answer(response, body)
        # In a thread: a long list must not keep other clients waiting.
        exchange.notes += await asyncio.to_thread(self.drift.observe, _recorded(next(self._numbers), exchange, answer))
        return answer

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()

    async def _exchange(self, exchange: Exchange) -> tuple[httpcore.Response, bytes]:
        scheme, host, port = self._origin
        query = b"?" + exchange.query_string if exchange.query_string else b""
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=self._prefix + exchange.raw_path + query)
        request = httpcore.Request(
            exchange.method,
            url,
            headers=_request_headers(exchange, self._host),
            content=exchange.raw_body,
            extensions={"timeout": _TIMEOUTS},
        )
        response = await ask(self._pool, request, is_repeatable=exchange.method in READS)
        try:
            body = bytearray()  # adding to bytes would copy a long answer again with each part
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > MOST_BODY:
                    raise Refusal(502, f"Bad Gateway: the upstream answered more than {MOST_BODY} bytes")
        finally:
            await response.aclose()
        return response, bytes(body)


def open_upstream(settings: Settings, document: Document) -> Upstream:
    """Returns the upstream of the settings. Raises `StartError` for an unusable address or authority."""
    address = read_target(settings.upstream, "--upstream", allow_http=settings.allow_http)
    return Upstream(address, document, open_pool(read_authority(settings.ca)), allow_writes=settings.allow_writes)


def read_mocked(settings: Settings, operations: Iterable[Operation]) -> MockedOperations:
    """Returns the operations that `--mock` names. Raises `StartError` for an unknown name."""
    operations = tuple(operations)
    known = {"missing", *(operation.id for operation in operations), *(operation.tag for operation in operations)}
    names = [name for part in settings.mock.split(",") if (name := part.strip())]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise StartError(f"--mock: received {name[:60]!r}, documented: operationIds, tags, or `missing`.{hint}")
    return mocked_operations(operations, names)


def _request_headers(exchange: Exchange, host: bytes) -> Headers:
    """Returns the headers to send. The answer is wanted as it is, so that it can be compared."""
    own = (b"accept-encoding", b"content-length", b"transfer-encoding", b"x-mock-token")
    received = [(name, value) for name, value in exchange.scope["headers"] if name.lower() not in own]
    headers = [*request_headers(received, host), (b"accept-encoding", b"identity")]
    has_length = exchange.raw_body or exchange.method not in READS
    return [*headers, (b"content-length", b"%d" % len(exchange.raw_body))] if has_length else headers


def _answer(response: httpcore.Response, body: bytes) -> Answer:
    headers = tuple(
        (name.lower(), value)
        for name, value in response.headers
        if name.lower() not in (*OF_CONNECTION, *_OWN_HEADERS) and not name.lower().startswith(_CORS)
    )
    media_type = {name.lower(): value for name, value in response.headers}.get(b"content-type", b"")
    return Answer(
        response.status, body, "upstream", media_type=media_type.decode("latin-1") or "text/plain", headers=headers
    )


def _recorded(number: int, exchange: Exchange, answer: Answer) -> RecordedCall:
    """Returns the call as evidence; its bodies are left out if they are long or no text."""
    query = "?" + exchange.query_string.decode("latin-1") if exchange.query_string else ""
    return RecordedCall(
        number=number,
        method=exchange.method,
        url=f"http://upstream{exchange.raw_path.decode('latin-1')}{query}",
        status=answer.status,
        request=_recorded_body(exchange.headers.get(b"content-type", b"").decode("latin-1"), exchange.raw_body),
        answer=_recorded_body(answer.media_type, answer.body),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers},
        day=datetime.now(UTC).date().isoformat(),
    )


def _recorded_body(media_type: str, body: bytes) -> RecordedBody:
    if len(body) > MOST_COMPARED:
        return RecordedBody(media_type)
    try:
        return RecordedBody(media_type, body.decode())
    except UnicodeDecodeError:
        return RecordedBody(media_type)
