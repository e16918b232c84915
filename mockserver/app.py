"""The app: settings in, server out. Read this file first.

A request passes the stages below, top to bottom. Everything that depends only on the contract is compiled here, once.
Paths that are not Enspace's (docs, contract, control API) are answered by `site`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about httpx; nothing here uses that client.
    warnings.simplefilter("ignore")
    from connexion import ConnexionMiddleware
from starlette.types import ASGIApp

from mockserver.clock import clock_from
from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.operations import Operation, read_operations
from mockserver.contract.schemas import Schemas
from mockserver.coverage.recorder import CoverageRecorder
from mockserver.coverage.report import Report, report_of
from mockserver.enspace.handlers import Handler, find_handlers, is_enspace
from mockserver.enspace.keys import DemoCredentials, first_credentials
from mockserver.enspace.tables import SECRETS, TABLES
from mockserver.errors import StartError
from mockserver.fixture_files.fixture_dates import DatedFixtures
from mockserver.fixture_files.fixture_validator import load_world
from mockserver.fixture_files.scenarios import Scenario, load_scenarios
from mockserver.payloads import Gap, Payloads, find_gaps, load_vocabulary
from mockserver.pipeline.adopt_key import AdoptKey
from mockserver.pipeline.authenticate import Authenticate
from mockserver.pipeline.cache import BoundedCache
from mockserver.pipeline.check import CheckAnswer
from mockserver.pipeline.choose import Choose
from mockserver.pipeline.documented_refusals import DocumentedRefusals
from mockserver.pipeline.envelope import render_refusal
from mockserver.pipeline.exchange import Answer
from mockserver.pipeline.fault import FaultStage
from mockserver.pipeline.forward import Advisory, Forward, MockedOperations
from mockserver.pipeline.generate import Generate
from mockserver.pipeline.handle import Handle
from mockserver.pipeline.journal import Journal
from mockserver.pipeline.log_request import log_request
from mockserver.pipeline.pipeline import Pipeline, Recorder, Stage
from mockserver.pipeline.read_body import ReadBody
from mockserver.pipeline.read_head import ReadHead
from mockserver.pipeline.route import Route
from mockserver.pipeline.validate import Validate
from mockserver.secrets import mask_text
from mockserver.serving.cors import cors
from mockserver.serving.site import find_contract_folders, find_own_paths, site
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT, Sandboxes
from mockserver.state.stores import Store, StoreLimits, open_store
from mockserver.state.world import World
from mockserver.text import count_of

if TYPE_CHECKING:
    from mockserver.traffic.live_drift import LiveDrift
    from mockserver.traffic.upstream import Upstream


@dataclass(frozen=True)
class Fake:
    """A server that is ready to be served, and its parts. `world` is that of the fixtures.

    `coverage` reports what the requests so far have exercised, `find_gaps` the answers that cannot be generated.
    """

    app: ConnexionMiddleware
    document: Document
    fixtures: DatedFixtures
    title: str
    operations: tuple[Operation, ...]
    stateful: int
    sandboxes: Sandboxes
    journal: Journal
    store: str
    coverage: Callable[[], Report]
    find_gaps: Callable[[], Iterator[Gap]]
    forwarding: Forwarding | None
    recorders: tuple[Recorder, ...]

    def credentials(self) -> DemoCredentials:
        """Returns the first key of the sandbox `default` and its first workspace."""
        return first_credentials(self.sandboxes[DEFAULT].world)

    async def end(self) -> None:
        """Closes the connections to an upstream."""
        if self.forwarding is not None:
            await self.forwarding.upstream.close()


@dataclass(frozen=True)
class Forwarding:
    """A real Enspace behind the fake, and the operations that the fake answers itself."""

    upstream: Upstream
    mocked: MockedOperations

    @property
    def drift(self) -> LiveDrift:
        return self.upstream.drift

    def to_json(self) -> dict[str, Any]:
        """Renders the upstream and the operations that the fake answers, for the control API."""
        return {
            "upstream": mask_text(self.upstream.address),
            "allows_writes": self.upstream.allows_writes,
            "mocked": sorted(self.mocked.ids),
            "mocks_missing": self.mocked.missing,
        }

    def __str__(self) -> str:
        reads = "" if self.upstream.allows_writes else ", reads only"
        missing = " and what is missing there" if self.mocked.missing else ""
        return (
            f"{count_of(len(self.mocked.ids), 'operation')}{missing} answered here, the rest by"
            f" {self.upstream.address}{reads}"
        )


# The settings that generated data depends on. `reload` counts, since an edit that breaks it must be reported at once.
_GENERATION_SETTINGS = ("spec", "fixtures", "locale", "reload")


def assemble(
    settings: Settings,
    running: Fake | None = None,
    recorders: tuple[Recorder, ...] = (),
    document: Document | None = None,
    world: World | None = None,
) -> Fake:
    """Reads contract and fixtures, compiles the stages and hands them to Connexion. `StartError` if that fails.

    The successor of a `running` fake takes over its sandboxes, its journal and its further recorders. A `document` that
    was read with `read_contract`, and a valid `world`, replace those of the settings.
    """
    recorders = running.recorders if running else recorders
    document = document or read_contract(settings.spec)
    operations = read_operations(document)
    forwarding = _open_forwarding(settings, document, operations)  # before a store is opened, as it may be refused
    is_ours = is_enspace(document)
    written = world or (load_world(settings.fixtures, document) if is_ours else World(TABLES))
    fixtures = DatedFixtures(written, keeps_dates=settings.keep_dates)
    if running:
        sandboxes, journal = running.sandboxes, running.journal
    else:
        sandboxes, journal = _open_state(settings, document, operations, fixtures)
    handlers = {} if settings.stateless else find_handlers(document, operations)
    scenarios = load_scenarios(settings.fixtures / "scenarios", operations) if is_ours else {}
    coverage = CoverageRecorder(document, operations, sandboxes[DEFAULT], sandboxes.coverage_log())
    answering = _compile_answers(settings, document, operations, handlers, sandboxes)
    stages = _request_stages(settings, document, operations, sandboxes, scenarios, forwarding)
    pipeline = partial(
        Pipeline,
        stages=(*stages, *answering.stages),
        check=answering.check,
        journal=journal,
        # A shared journal logs the request itself.
        recorders=(*(() if journal.is_shared else (log_request,)), coverage.record, *recorders),
        outside=find_own_paths(operations),
        inside=find_contract_folders(document),
        # The envelope of its errors is Enspace's own.
        render_refusal=(lambda _, refusal: render_refusal(refusal))
        if is_ours
        else DocumentedRefusals(answering.generate),
    )
    control = partial(
        _create_control, journal, coverage, sandboxes, fixtures, document, operations, scenarios, forwarding
    )
    outside = site(document, control, settings, partial(_docs_credentials, settings, sandboxes))
    return Fake(
        app=ConnexionMiddleware(
            outside,
            import_name="mockserver",  # else Connexion asks for the working directory, which may be deleted
            middlewares=[*cors(settings), pipeline],
        ),
        document=document,
        fixtures=fixtures,
        title=document.raw["info"]["title"],
        operations=operations,
        stateful=len(handlers),
        sandboxes=sandboxes,
        journal=journal,
        store=settings.store,
        coverage=lambda: report_of(document, operations, coverage.all),
        # Our own contract has none, which tests prove.
        find_gaps=lambda: find_gaps(answering.payloads, () if is_ours else operations),
        forwarding=forwarding,
        recorders=recorders,
    )


@dataclass(frozen=True)
class _Answering:
    """The stages that answer, the last of which is `generate`, and what checks their answers."""

    stages: tuple[Stage, ...]
    check: CheckAnswer
    generate: Generate
    payloads: Payloads


def _compile_answers(
    settings: Settings,
    document: Document,
    operations: tuple[Operation, ...],
    handlers: Mapping[str, Handler],
    sandboxes: Sandboxes,
) -> _Answering:
    is_foreign, schemas = not is_enspace(document), Schemas(document, "response")
    # Without it, a list of 20 costs 2.6 times as much (`make bench`, same against distinct requests).
    answers = BoundedCache[Answer](max_entries=512, max_size=65_536)
    check = CheckAnswer(operations, schemas, answers)
    vocabulary = load_vocabulary(settings.fixtures / "vocabulary.yaml")
    payloads = Payloads(document, vocabulary, settings.locale, is_foreign=is_foreign)
    deferred = _deferred_operations(settings, document, operations, handlers)
    rules = (document, operations, payloads, vocabulary, schemas, answers)
    generate = Generate(*rules, settings.seed, check.conforms, deferred)
    # Enspace answers from state; the named examples of its successes belong to certain requests.
    choose = Choose(operations, is_foreign=is_foreign)
    return _Answering((choose, Handle(handlers, sandboxes, answers), generate), check, generate, payloads)


def _request_stages(
    settings: Settings,
    document: Document,
    operations: tuple[Operation, ...],
    sandboxes: Sandboxes,
    scenarios: Mapping[str, Scenario],
    forwarding: Forwarding | None,
) -> tuple[Stage, ...]:
    route = Route(operations)
    authenticate = Authenticate(document, operations, sandboxes)
    read_body = ReadBody(document, settings.max_body)
    # That unknown query names are refused is a convention of this fake of Enspace, not of OpenAPI.
    validate = Validate(document, lenient=settings.lenient or not is_enspace(document))
    fault = FaultStage({name: scenario.faults for name, scenario in scenarios.items()}, sandboxes)
    if forwarding is None:
        return ReadHead(), route, authenticate, read_body, validate, fault
    upstream, mocked = forwarding.upstream, forwarding.mocked
    advisory = (route, AdoptKey(authenticate, sandboxes[DEFAULT]), read_body, validate)
    return (
        ReadHead(),
        *(Advisory(stage, mocked) for stage in advisory),
        fault,
        Forward(upstream.send, mocked, settings.max_body),
    )


def _open_forwarding(settings: Settings, document: Document, operations: tuple[Operation, ...]) -> Forwarding | None:
    """Returns the upstream and what the fake answers beside it; None without one."""
    if not settings.upstream:
        if settings.mock:
            raise StartError("--mock: it says what the fake answers beside an upstream. Fix: name one with --upstream.")
        return None
    from mockserver.traffic.upstream import open_upstream, read_mocked  # only with an upstream

    return Forwarding(open_upstream(settings, document), read_mocked(settings, operations))


def _deferred_operations(
    settings: Settings, document: Document, operations: tuple[Operation, ...], handlers: Mapping[str, Handler]
) -> Container[str]:
    """Returns the ids of operations whose generators are compiled when they are first needed."""
    if not is_enspace(document):
        # A contract of somebody else may have hundreds of operations.
        return frozenset(operation.id for operation in operations)
    # Tests prove that every schema of the shipped contract has a value; errors of an edited one come at the start.
    is_shipped = all(getattr(settings, name) == getattr(Settings(), name) for name in _GENERATION_SETTINGS)
    return handlers if is_shipped else ()


def _docs_credentials(settings: Settings, sandboxes: Sandboxes) -> DemoCredentials:
    """Returns what the docs page may show: no key to other machines, nor beside a control API that needs a token."""
    is_open = settings.is_loopback and not settings.control_token
    return first_credentials(sandboxes[DEFAULT].world) if is_open else DemoCredentials()


def _create_control(*parts: Any) -> ASGIApp:
    from mockserver.control.control_app import create_control  # only when it is first called

    app: ASGIApp = create_control(*parts)
    return app


def _open_state(
    settings: Settings, document: Document, operations: tuple[Operation, ...], fixtures: DatedFixtures
) -> tuple[Sandboxes, Journal]:
    """Opens the store with its sandboxes, or a default sandbox with the fixtures, and the journal."""
    info = document.raw["info"]
    limits = StoreLimits(settings.store_connections, settings.store_timeout)
    store = open_store(settings.store, TABLES, f"{info['title']} {info['version']}", limits)
    sandboxes, clock = Sandboxes(store, SECRETS), clock_from(settings.clock)
    sandboxes.open(fixtures.starting(clock), settings.seed, clock)
    return sandboxes, _open_journal(settings, store, operations)


def _open_journal(settings: Settings, store: Store, operations: tuple[Operation, ...]) -> Journal:
    limits = (settings.journal_size, settings.journal_bytes)
    rows = store.journal(settings.journal_size)
    if rows is None:
        return Journal(*limits, clock_from(settings.clock))
    from mockserver.pipeline.shared_journal import SharedJournal  # only with a shared store

    return SharedJournal(
        *limits, clock_from(settings.clock), rows, {operation.id: operation for operation in operations}
    )
