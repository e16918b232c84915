"""Schemathesis as the engine of a run: its settings, its transport through the request guard, and its events.

Schemathesis generates the cases, checks the responses and shrinks the failures. This file turns off what is no test of
the contract (probes, sign-up, cache, settings files) and translates failures into plain values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from threading import Event
from typing import Any, cast

import requests
import schemathesis
from schemathesis import Config
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.engine import Status, events
from schemathesis.engine.context import EngineContext
from schemathesis.engine.core import Engine
from schemathesis.engine.run import Phase, PhaseName
from schemathesis.generation import GenerationMode
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

from mockserver.errors import StartError
from mockserver.verify.excuses import Excuses
from mockserver.verify.hypothesis_home import hypothesis_home
from mockserver.verify.judging.assertions import conforms
from mockserver.verify.safety.limits import Limits, Mode
from mockserver.verify.safety.request_guard import RequestGuard, number_of
from mockserver.verify.watching.exchange_log import SentRequest

WRITES = ("POST", "PUT", "PATCH", "DELETE")
UNEXPECTED = ("GET", *WRITES)  # methods that a path must refuse unless it documents them


class Depth(StrEnum):
    """How many cases an operation gets."""

    QUICK = "quick"
    NORMAL = "normal"
    THOROUGH = "thorough"


# Scenarios of the coverage phase of which few or no cases are sent for one place: our own checks send the likely ones,
# such as limits of bodies. On the wire, a wrong path key is one text or another.
LIMITED = {
    "incorrect_type": 1,
    "object_required_and_optional": 1,
    "object_unexpected_properties": 1,
    "value_below_minimum": 1,
    "enum_value": 1,
    "near_boundary_number": 0,
    "minimum_value": 0,
    "maximum_value": 0,
    "valid_object": 4,
}
MOST_KEYS = 2  # cases of one path key; the first is a number
EXAMPLES = {Depth.QUICK: 3, Depth.NORMAL: 2, Depth.THOROUGH: 60}


@dataclass(frozen=True)
class FailedCheck:
    """A failure that a check of Schemathesis has reported, with its request and the status of its response."""

    operation: str  # "GET /ws/types"
    check: str
    title: str
    message: str
    pointer: tuple[str | int, ...]
    request: SentRequest
    status: int = 0
    # What would be right: statuses, or values of the content type.
    statuses: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    keyword: str = ""  # of the schema
    schema: Mapping[str, Any] = field(default_factory=dict)  # with that keyword
    value: Any = None  # that the schema does not allow

    @property
    def keywords(self) -> dict[str, Any]:
        """The keyword that the value violates, with its limit; empty if it is not in the schema."""
        return {self.keyword: self.schema[self.keyword]} if self.keyword in self.schema else {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The required members that the value lacks."""
        if self.keyword != "required" or not isinstance(self.value, dict):
            return ()
        return tuple(name for name in self.schema.get("required", ()) if name not in self.value)


@dataclass(frozen=True)
class EngineError:
    """An error that kept Schemathesis from testing an operation, such as a lost connection or an unusable schema."""

    operation: str
    title: str


EngineEvent = FailedCheck | EngineError


class GuardedTransport(RequestsTransport):
    """Transport of Schemathesis that mounts the request guard on each session before it sends."""

    def __init__(self, guard: RequestGuard) -> None:
        super().__init__()
        self._guard = guard
        for media_type, serializer in REQUESTS_TRANSPORT.get_matching_media_types("*/*"):
            self.serializer(media_type)(serializer)

    def send(self, case: Any, *, session: requests.Session | None = None, **options: Any) -> Any:
        """Sends a case. Without a session (checks that repeat a request do so) it uses one of its own."""
        if session is not None:
            return super().send(case, session=self._guard.mount(session), **options)
        with self._guard.session() as own:
            own.headers.clear()  # Schemathesis would take them for headers of the user
            return super().send(case, session=own, **options)


class ContractEngine(Engine):
    """The engine without its probes and its sign-up: they belong to no contract, and bypass the transport."""

    def get_phase_config(self, phase_name: PhaseName, **options: Any) -> Phase:
        phase: Phase = super().get_phase_config(phase_name, **options)
        if phase_name in (PhaseName.PROBING, PhaseName.AUTH_BOOTSTRAP):
            phase.is_enabled = False
        return phase


def configuration(target: str, headers: Mapping[str, str], limits: Limits, depth: Depth, seed: int) -> Config:
    """Returns all settings of Schemathesis for a run."""
    read_only, is_searching = limits.mode is Mode.READ_ONLY, depth is not Depth.QUICK
    generation = {
        "max-examples": EXAMPLES[depth],
        "deterministic": True,
        "database": "none",
        "with-security-parameters": False,
        "no-shrink": not is_searching,
        "mode": "all" if is_searching or read_only else "positive",
    }
    # Without `max-time`: with one, the engine repeats its phases until the time is used up. The guard ends the run.
    config: Config = Config.from_dict(
        {
            "base-url": target,
            "headers": dict(headers),
            "seed": seed,
            "workers": 1,  # the guard and its ledger see one request after the other
            "continue-on-failure": True,
            "request-timeout": limits.request_time,
            "max-redirects": 5,
            "cache": {"enabled": False},  # its crash files contain bodies in clear text
            "auth": {"auto-signup": False},  # it would create an account
            "generation": generation,
            "checks": {
                # Our own checks test access once for each operation, and know which one has kept or lost a record.
                "ignored_auth": {"enabled": False},
                "missing_required_header": {"enabled": False},
                "ensure_resource_availability": {"enabled": False},
                "use_after_free": {"enabled": False},
            },
            "phases": {
                "coverage": {"enabled": is_searching, "unexpected-methods": [] if read_only else list(UNEXPECTED)},
                "fuzzing": {"enabled": is_searching},
                "stateful": {"enabled": is_searching and not read_only},
            },
            "operations": [{"include-method": list(WRITES), "enabled": False}] if read_only else [],
        }
    )
    return config


def load(raw: dict[str, Any], config: Config, guard: RequestGuard, excluded: list[str]) -> OpenApiSchema:
    """Loads a contract without the operations with these ids; all requests pass the guard."""
    loaded = schemathesis.openapi.from_dict(_local_copy(raw), config=config)
    guarded = _guarded_schema(GuardedTransport(guard))
    schema = guarded(loaded.raw_schema, config=loaded.config, filter_set=loaded.filter_set)
    return cast(OpenApiSchema, schema.exclude(operation_id=excluded)) if excluded else schema


def _guarded_schema(guarded: GuardedTransport) -> type[OpenApiSchema]:
    """Returns a schema class with this transport: clones of a schema keep its class, and no other state of ours."""

    class GuardedSchema(OpenApiSchema):
        @property
        def transport(self) -> GuardedTransport:
            return guarded

    return GuardedSchema


def _local_copy(part: Any) -> Any:
    """Copies a contract without what Schemathesis would fetch; `StartError` if it refers to another document."""
    if isinstance(part, list):
        return [_local_copy(row) for row in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        raise StartError(f"$ref: received {reference!r}, documented: a reference within the contract; none is fetched")
    return {
        name: _local_copy(value)
        for name, value in part.items()
        if not (name == "externalValue" and isinstance(value, str))
    }


def canaries(schema: OpenApiSchema, headers: Mapping[str, str]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yields each of Schemathesis' ways to the wire with a function that sends a GET that way.

    Its engine sends with a session of its own; checks that repeat a request send without one. Without a usable
    operation there are no ways, and Schemathesis sends nothing.
    """
    operation = next((result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)), None)
    if operation is None:
        return
    keys = {parameter.name: "0" for parameter in operation.path_parameters}
    engine = EngineContext(schema=schema, stop_event=Event()).get_transport_kwargs(operation=operation)
    for way, options in (("the engine of Schemathesis", engine), ("the checks of Schemathesis", {})):
        case = operation.Case(method="GET", path_parameters=dict(keys), headers=dict(headers))
        yield way, partial(case.call, **options)


def _has_wrong_query_value(meta: Any) -> bool:
    """True for a case of the coverage phase with one forbidden value in its query."""
    data = meta.phase.data
    is_named = data.parameter and data.scenario != "missing_parameter"
    is_wrong = meta.generation.mode is GenerationMode.NEGATIVE
    return bool(is_named and is_wrong and data.parameter_location is ParameterLocation.QUERY)


@contextmanager
def hooks(prepare_case: Callable[[Any], None], excuses: Excuses) -> Iterator[None]:
    """Registers our hooks for a while: they change a case before it is sent, skip some cases, and excuse failures."""
    cases: Counter[tuple[str, ...]] = Counter()

    def filter_case(context: Any, case: Any) -> bool:
        data: Any = case.meta.phase.data if case.meta else None
        scenario = getattr(data, "scenario", "")
        if scenario == "malformed_content_type" and case.media_type is None:
            return False  # without a body, its type says nothing
        if scenario and _has_wrong_query_value(case.meta):
            return False  # our own checks send it alone: beside valid values, Schemathesis does not look at the answer
        most = LIMITED.get(scenario)
        if most is None:
            return True
        inner = str(data.location) if data.parameter_location is ParameterLocation.BODY else ""
        place = (scenario, case.operation.label, str(data.parameter_location), str(data.parameter), inner)
        cases[place] += 1
        is_key = data.parameter_location is ParameterLocation.PATH
        return cases[place] <= (MOST_KEYS if is_key and most else most)

    def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
        prepare_case(case)

    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return not excuses.cover(failure, case, response)

    registered: list[Callable[..., Any]] = [before_call, filter_case, filter_failure]
    for hook in registered:
        schemathesis.hook(hook)
    with hypothesis_home():
        try:
            yield
        finally:
            for hook in registered:
                GLOBAL_HOOK_DISPATCHER.unregister(hook)


def run(
    schema: OpenApiSchema, should_stop: Callable[[], bool], progress: Callable[[str, str], None]
) -> Iterator[EngineEvent]:
    """Runs all phases and yields failures and errors as they come; ends early when `should_stop` returns true."""
    stream = ContractEngine(schema).execute()
    for event in stream:
        # Checked at each event: a phase can take longer than the time that is left.
        if should_stop():
            stream.stop()
        if isinstance(event, events.ScenarioStarted):
            progress(event.phase.value, event.label or "")
        elif isinstance(event, events.ScenarioFinished) and event.status is Status.FAILURE:
            yield from _failures(event.recorder)
        elif isinstance(event, events.Interrupted):
            if not should_stop():  # else the interruption is our own `stop`
                raise KeyboardInterrupt
        elif isinstance(event, events.NonFatalError):
            yield EngineError(event.label, event.info.title)
        elif isinstance(event, events.FatalError):
            yield EngineError("", type(event.exception).__name__)


def _failures(recorder: Any) -> Iterator[FailedCheck]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                exchange = recorder.interactions[failure.case_id or case_id]
                sent, status = exchange.request, getattr(exchange.response, "status_code", 0)
                headers = {name: values[0] for name, values in sent.headers.items()}
                number = number_of(exchange.response)
                request = SentRequest(sent.method, sent.uri, headers, sent.body, number)
                yield failed_check(check.name, failure, request, status)


def failed_check(check: str, failure: Failure, request: SentRequest, status: int) -> FailedCheck:
    """Translates a failure of Schemathesis into a plain value."""
    schema_path = tuple(getattr(failure, "schema_path", None) or ())
    value = getattr(failure, "instance", None)
    keyword, schema = _without_null(str(schema_path[-1]) if schema_path else "", getattr(failure, "schema", {}), value)
    return FailedCheck(
        operation=failure.operation or "",
        check=check,
        title=failure.title,
        message=failure.message,
        pointer=tuple(getattr(failure, "instance_path", None) or ()),
        request=request,
        status=status,
        statuses=tuple(map(str, getattr(failure, "allowed_statuses", getattr(failure, "expected_statuses", ())))),
        media_types=tuple(getattr(failure, "defined_content_types", getattr(failure, "media_types", ()))),
        keyword=keyword,
        schema=schema,
        value=value,
    )


def _without_null(keyword: str, schema: Any, value: Any) -> tuple[str, dict[str, Any]]:
    """Returns the keyword that a value violates, and its schema.

    Schemathesis writes `nullable` as `anyOf` with null: the keyword of the other alternative says more.
    """
    schema = schema if isinstance(schema, dict) else {}
    parts = schema.get("anyOf", []) if keyword == "anyOf" else []
    others = [part for part in parts if part != {"type": "null"}]
    if len(parts) != 2 or len(others) != 1:
        return keyword, schema
    part: dict[str, Any] = others[0] | ({"type": [others[0]["type"], "null"]} if "type" in others[0] else {})
    violated = next((name for name in part if not conforms(value, {name: part[name]})), "")
    return (violated, part) if violated else (keyword, schema)
