"""Responses without a bound: each ends in time and in memory, and is a finding or a failure of that request alone."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest
import requests

from mockserver.verify.safety.bounded_transport import CUT, TOO_SLOW
from mockserver.verify.safety.creations import Creations
from mockserver.verify.safety.ledger import Ledger
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import RequestGuard
from tests.verify.independent import misbehaviour
from tests.verify.independent.server import Misbehaviour, Target
from tests.verify.targets import target

SHORT = Limits(mode=Mode.READ_ONLY, request_time=0.5)
TOO_DEEP = "more than 100 levels of nested JSON"


@pytest.fixture
def get() -> Callable[..., requests.Response]:
    """Sends one GET through a guard."""

    def send(url: str, limits: Limits = SHORT) -> requests.Response:
        guard = RequestGuard(url, limits, Ledger(None, url, "mv00"), Creations(), lambda request, path: "")
        with guard.session() as session:
            return session.get(url)

    return send


def test_endless_continue__is_a_failure(get: Callable[..., requests.Response]) -> None:
    with Target(misbehaviour.endless_continue) as there, pytest.raises(requests.ReadTimeout):
        get(there.url)


@pytest.mark.parametrize("misbehave", [misbehaviour.drip_head, partial(misbehaviour.drip, pause=0.1)])
def test_response_that_drips__is_cut(get: Callable[..., requests.Response], misbehave: Misbehaviour) -> None:
    with Target(misbehave) as there:
        assert get(there.url).headers[CUT] == TOO_SLOW


@pytest.mark.parametrize("layers", [1, 2])
def test_compressed_body__is_cut_before_it_is_unpacked(get: Callable[..., requests.Response], layers: int) -> None:
    with Target(partial(misbehaviour.compressed, layers=layers)) as there:
        tracemalloc.start()
        answer = get(there.url, Limits())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer.headers[CUT] == "more than 5000000 bytes"
    assert len(answer.content) == 5_000_000
    assert most < 50_000_000


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        (b"[" * 100 + b"]" * 100, ""),
        (b"[" * 101 + b"]" * 101, TOO_DEEP),
        (b'{"a":' * 101 + b"1" + b"}" * 101, TOO_DEEP),
        (b"[" * 200_000, TOO_DEEP),
        (b'["' + b"[" * 200 + b'"]', ""),
        (b'["\\"' + b"[" * 200 + b'"]', ""),
        (b"[" + b"[]," * 200 + b"1]", ""),
        (b"<script>" + b"[" * 200, ""),
    ],
)
def test_nested_json__is_cut_beyond_a_hundred_levels(
    get: Callable[..., requests.Response], body: bytes, cut: str
) -> None:
    with target(lambda asked: (200, {"content-type": "application/json"}, body)) as there:
        answer = get(there.url)
    assert answer.headers.get(CUT, "") == cut
    assert answer.content == (b"" if cut else body)


@pytest.mark.parametrize("difference", [-5, 5])
def test_wrong_length__is_bounded(get: Callable[..., requests.Response], difference: int) -> None:
    with Target(misbehaviour.wrong_length(difference)) as there:
        try:
            assert len(get(there.url).content) == (21 if difference < 0 else 0)
        except requests.exceptions.ChunkedEncodingError:
            assert difference == 5
