"""Schemathesis on the wire: how it is set up for a depth and a mode, and what its events tell.

Its engine, phases, checks and shrinking do the work. Here are only its settings (no probes, no sign-up, no cache, no
settings file) and the translation of its failures into plain values.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis import Config
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.engine import Status, events
from schemathesis.engine.core import Engine
from schemathesis.engine.run import Phase, PhaseName
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.openapi.checks import RejectedPositiveData

from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import CUT, REFUSED

_ONE_USER = re.compile(r"[?&]users=[1-9][0-9]*(?:&|$)")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Depth(StrEnum):
    """How many cases: a look, a check, a search."""

    QUICK = "quick"
    NORMAL = "normal"
    THOROUGH = "thorough"


EXAMPLES = {Depth.QUICK: 3, Depth.NORMAL: 15, Depth.THOROUGH: 60}


@dataclass(frozen=True)
class Failed:
    """A failure of one of Schemathesis' checks, as it tells it."""

    operation: str  # "GET /ws/types"
    check: str
    title: str
    message: str
    pointer: tuple[str | int, ...]
    schema_path: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    status: int = 0


@dataclass(frozen=True)
class Trouble:
    """What kept Schemathesis from testing an operation: a lost connection, a schema it cannot use."""

    operation: str
    title: str
    message: str


class _Engine(Engine):
    """The engine without its two probes, which are no part of any contract."""

    def get_phase_config(self, phase_name: PhaseName, **options: Any) -> Phase:
        phase: Phase = super().get_phase_config(phase_name, **options)
        if phase_name in (PhaseName.PROBING, PhaseName.AUTH_BOOTSTRAP):
            phase.is_enabled = False
        return phase


def configuration(
    target: str, headers: Mapping[str, str], limits: Limits, depth: Depth, seed: int, slow: float
) -> Config:
    """All settings of Schemathesis for a run."""
    reading = limits.mode is Mode.READ_ONLY
    generation = {
        "max-examples": EXAMPLES[depth],
        "deterministic": True,
        "database": "none",
        "with-security-parameters": False,
        "no-shrink": depth is Depth.QUICK,
        "mode": "positive" if depth is Depth.QUICK and not reading else "all",
    }
    # No `max-time`: given one, the engine repeats its phases until the time is used up. The guard knows when to end.
    config: Config = Config.from_dict(
        {
            "base-url": target,
            "headers": dict(headers),
            "seed": seed,
            "workers": 1,
            "continue-on-failure": True,
            "request-timeout": limits.request_time,
            "max-redirects": 5,
            "cache": {"enabled": False},
            "auth": {"auto-signup": False},
            "generation": generation,
            "checks": {
                # Access is tried by checks of our own, once for each operation instead of with every case.
                "ignored_auth": {"enabled": False},
                "missing_required_header": {"enabled": False},
                "max_response_time": slow,
            },
            "phases": {
                "coverage": _coverage(depth, reading),
                "fuzzing": {"enabled": depth is not Depth.QUICK},
                "stateful": {"enabled": depth is not Depth.QUICK and not reading},
            },
            "operations": [{"include-method": list(WRITES), "enabled": False}] if reading else [],
        }
    )
    return config


def _coverage(depth: Depth, reading: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {"enabled": depth is not Depth.QUICK}
    return settings | ({"unexpected-methods": []} if reading else {})


def load(raw: dict[str, Any], config: Config, wanted: Callable[[dict[str, Any]], bool]) -> Any:
    """The contract as Schemathesis sees it, without the operations that are not wanted."""
    schema = schemathesis.openapi.from_dict(copy.deepcopy(raw), config=config)
    unwanted = [o["operationId"] for _, o in _operations(raw) if not wanted(o)]
    return schema.exclude(operation_id=unwanted) if unwanted else schema


def _operations(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in raw["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


@contextmanager
def hooks(steer: Callable[[Any], None]) -> Iterator[None]:
    """Our hooks, for as long as this lasts: steer writes to own records, judge no refusal of the guard."""

    def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
        steer(case)

    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return not is_excused(failure, response)

    registered: list[Callable[..., Any]] = [before_call, filter_failure]
    for hook in registered:
        schemathesis.hook(hook)
    with TemporaryDirectory() as home:
        set_hypothesis_home_dir(home)  # else it leaves a folder where the run was started
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
            for hook in registered:
                GLOBAL_HOOK_DISPATCHER.unregister(hook)


def is_excused(failure: Failure, response: Any) -> bool:
    """True for what is no finding: the guard's own answers, and what a schema cannot say."""
    if REFUSED in response.headers or CUT in response.headers:
        return True
    if isinstance(failure, AcceptedNegativeData):
        return _looks_good(str(failure), str(response.request.url))
    if isinstance(failure, RejectedPositiveData):
        return _is_refused_by_rule(response)
    return False


def _looks_good(told: str, url: str) -> bool:
    """On the wire a bad value may be a good one: a free query name holds any text, one id is a list of one."""
    is_one_id = "parameter `users` in query" in told and _ONE_USER.search(url) is not None
    return is_one_id or "parameter `values` in query" in told


def _is_refused_by_rule(response: Any) -> bool:
    """A slug is taken, a role is not there: no schema says that. A refusal by the contract speaks of form."""
    if response.status_code not in (400, 409, 422):
        return False
    try:
        answer = response.json()
        told = [row["message"] for row in answer.get("data") or []]
        message = str(answer["message"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
    by_contract = message.startswith(("Invalid path", "Invalid header", "Validation failed: body"))
    return not by_contract and not any(str(text).startswith("received ") for text in told)


Told = Failed | Trouble


def run(schema: Any, until: Callable[[], bool], progress: Callable[[str, str], None]) -> Iterator[Told]:
    """All failures, as they come; ends early when `until` says so."""
    stream = _Engine(schema).execute()
    for event in stream:
        if until():
            stream.stop()
        if isinstance(event, events.ScenarioStarted):
            progress(event.phase.value, event.label or "")
        elif isinstance(event, events.ScenarioFinished) and event.status is Status.FAILURE:
            yield from _failures(event.recorder)
        elif isinstance(event, events.Interrupted):
            if not until():  # else it is we who have stopped it
                raise KeyboardInterrupt
        elif isinstance(event, events.NonFatalError):
            yield Trouble(event.label, event.info.title, event.info.message)
        elif isinstance(event, events.FatalError):
            yield Trouble("", type(event.exception).__name__, str(event.exception))


def _failures(recorder: Any) -> Iterator[Failed]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                exchange = recorder.interactions[failure.case_id or case_id]
                sent, status = exchange.request, getattr(exchange.response, "status_code", 0)
                headers = {name: values[0] for name, values in sent.headers.items()}
                yield failed(check.name, failure, sent.method, sent.uri, headers, sent.body, status)


def failed(
    check: str, failure: Failure, method: str, url: str, headers: Mapping[str, str], body: bytes | None, status: int
) -> Failed:
    """A failure as a plain value."""
    return Failed(
        operation=failure.operation or "",
        check=check,
        title=failure.title,
        message=failure.message,
        pointer=_pointer(failure),
        schema_path=str(getattr(failure, "schema_path", "") or ""),
        method=method,
        url=url,
        headers=dict(headers),
        body=body,
        status=status,
    )


def _pointer(failure: Failure) -> tuple[str | int, ...]:
    path = getattr(failure, "instance_path", None) or ()
    return tuple(path)
