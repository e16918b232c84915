"""Targets that cannot be tested, or that fail on the way: a clear verdict, in bounded time, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.verify.command_run import CommandRun
from tests.verify.independent import misbehaviour, records
from tests.verify.independent.server import Misbehaviour, Target

LONGEST = 60  # seconds
FOR_EVER = 10**9
SOON = ("--max-time", "2s")
IMPATIENT = (*SOON, "--request-time", "0.5s")
READ_ONLY = ("--mode", "read-only", *SOON)

# The misbehaviour, the options, the exit code, and what the command prints. Without options it may write.
BAD: dict[str, tuple[Misbehaviour, tuple[str, ...], int, str]] = {
    "a page": (misbehaviour.html, (), 3, "text/html instead of JSON (200)"),
    "a body without an end": (misbehaviour.endless, READ_ONLY, 1, "a response of more than 5000000 bytes"),
    "a creation without an end": (
        misbehaviour.only("POST", misbehaviour.endless),
        (),
        4,
        "created a record, but the response does not name it",
    ),
    "ten megabytes": (misbehaviour.huge, READ_ONLY, 1, "a response of more than 5000000 bytes"),
    "a slow drip": (
        partial(misbehaviour.drip, pause=0.1),
        IMPATIENT,
        1,
        "a response of slower than the time for a request",
    ),
    "a head that drips": (misbehaviour.drip_head, IMPATIENT, 1, "a response of slower than the time for a request"),
    "a response that is announced for ever": (misbehaviour.endless_continue, IMPATIENT, 3, "no response (timed out)"),
    "fifty megabytes": (
        partial(misbehaviour.huge, size=50_000_000),
        READ_ONLY,
        1,
        "a response of more than 5000000 bytes",
    ),
    "a few kilobytes of gzip that unpack to many megabytes": (
        misbehaviour.compressed,
        READ_ONLY,
        1,
        "a response of more than 5000000 bytes",
    ),
    "200,000 levels of JSON": (
        misbehaviour.nested,
        READ_ONLY,
        1,
        "a response of more than 100 levels of nested JSON",
    ),
    "bodies shorter than they say": (misbehaviour.wrong_length(5), SOON, 3, "no response"),
    "bodies longer than they say": (misbehaviour.wrong_length(-5), SOON, 4, "the response does not name it"),
    "redirects in circles": (misbehaviour.redirected_in_circles, (), 3, "redirects without an end"),
    "no key is good": (misbehaviour.no_key_is_good, (), 3, "401 with the given key"),
    "nothing there": (misbehaviour.absent("/"), (), 3, "404 for every path that was tried"),
    "a path is lacking": (misbehaviour.absent("/ws/types/count"), (), 1, "countTypes: status_code_conformance"),
    "busy at first": (misbehaviour.busy(429, 1, 1), (), 0, "waited 1 s for a busy target"),
    "busy on the way": (misbehaviour.busy(503, 1, 1, after=40), (), 0, "waited 1 s for a busy target"),
    "busy for ever": (misbehaviour.busy(429, FOR_EVER, 0), SOON, 3, "429 for 1 s"),
    "out of service for ever": (misbehaviour.busy(503, FOR_EVER), SOON, 3, "503 for 1 s"),
    "busy from then on": (misbehaviour.busy(429, FOR_EVER, 0, after=40), SOON, 3, "429"),
    "gone from then on": (misbehaviour.gone_after(40), (), 3, "Remote end closed connection without response"),
}


@pytest.mark.parametrize("way", BAD)
def test_bad_target__gets_its_verdict_in_time(run_command: Callable[..., CommandRun], way: str) -> None:
    misbehave, options, exit_code, says = BAD[way]
    with Target(misbehave) as there:
        done = run_command(there.url, *options)
    assert says in done.output
    assert done.exit_code == exit_code, done.output
    assert done.seconds < LONGEST
    assert not any("could not read" in part["why"] for part in done.report["not_tested"])
    assert there.records.dump() == records.Records().dump()
