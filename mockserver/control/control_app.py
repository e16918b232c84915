"""The control API as a Connexion app with a small contract of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeAlias

from connexion import AsyncApp
from connexion.datastructures import MediaTypeDict
from connexion.exceptions import ProblemException
from connexion.middleware import MiddlewarePosition
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver
from starlette.exceptions import HTTPException
from starlette.responses import Response

from mockserver.contract.document import Document, load_document
from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.control.body_limit import BodyLimit
from mockserver.control.clock_api import ClockHandlers
from mockserver.control.coverage_api import CoverageHandlers
from mockserver.control.drift_api import DriftHandlers, ForwardingState
from mockserver.control.fault_api import FaultHandlers
from mockserver.control.fixture_api import FixtureHandlers
from mockserver.control.journal_api import JournalHandlers
from mockserver.control.problems import render_problem, render_routing_error, render_unavailable
from mockserver.control.record_api import RecordHandlers
from mockserver.control.request_validators import BodyValidator, QueryValidator
from mockserver.control.sandbox_api import SandboxHandlers
from mockserver.coverage.recorder import CoverageRecorder
from mockserver.enspace.handlers import is_enspace
from mockserver.fixture_files.fixture_dates import DatedFixtures
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.fixture_files.scenarios import Scenario
from mockserver.pipeline.journal import Journal
from mockserver.state.sandboxes import Sandboxes
from mockserver.state.stores import StoreUnavailable

Handler: TypeAlias = Callable[..., Awaitable[Any]]

CONTRACT = Path(__file__).with_name("openapi.yaml")


def create_control(
    journal: Journal,
    coverage: CoverageRecorder,
    sandboxes: Sandboxes,
    fixtures: DatedFixtures,
    document: Document,
    operations: Sequence[Operation],
    scenarios: Mapping[str, Scenario],
    forwarding: ForwardingState | None,
) -> AsyncApp:
    """The app to mount below `/_mock`."""
    validator = FixtureValidator(document)
    handlers = (
        SandboxHandlers(sandboxes, fixtures),
        ClockHandlers(sandboxes),
        JournalHandlers(journal, sandboxes),
        CoverageHandlers(coverage, document, operations, sandboxes),
        DriftHandlers(forwarding),
        FaultHandlers(sandboxes, operations, scenarios),
        RecordHandlers(sandboxes, validator, has_state=is_enspace(document)),
        FixtureHandlers(sandboxes, validator),
    )
    contract = load_document(CONTRACT)
    app = AsyncApp(
        "control",
        swagger_ui_options=SwaggerUIOptions(swagger_ui_path="/docs"),
        validator_map={
            "body": MediaTypeDict({"*/*json": partial(BodyValidator, Schemas(contract, "request"))}),
            "parameter": QueryValidator,
        },
    )
    app.add_middleware(BodyLimit, MiddlewarePosition.BEFORE_ROUTING)
    app.add_error_handler(ProblemException, render_problem)
    app.add_error_handler(StoreUnavailable, render_unavailable)
    # Starlette reports unknown paths and methods with an exception of its own.
    app.add_error_handler(HTTPException, render_routing_error(contract.raw["paths"]))

    def find_handler(operation_id: str) -> Handler:
        return _with_media_type(next(getattr(each, operation_id) for each in handlers if hasattr(each, operation_id)))

    # Strict: a misspelled query parameter is a 400 instead of a filter without effect.
    app.add_api(contract.raw, resolver=Resolver(find_handler), strict_validation=True)
    return app


def _with_media_type(handler: Handler) -> Handler:
    """Adds `application/json`, which Connexion cannot infer because errors are documented in another media type."""

    @wraps(handler)
    async def answer(*args: Any, **kwargs: Any) -> Any:
        result = await handler(*args, **kwargs)
        # Streams have their media type already.
        if isinstance(result, Response):
            return result
        body, status, *headers = result if isinstance(result, tuple) else (result, 200)
        json = {"content-type": "application/json"} if body is not None else {}
        return body, status, headers[0] if headers else json

    return answer
