"""The app: settings in, server out. The page to read first.

A request walks through the stages below, top to bottom. Everything that depends only on the contract is compiled
here, once; paths that are not Enspace's (docs, contract, control) are answered by `site`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about httpx; nothing here uses that client.
    warnings.simplefilter("ignore")
    from connexion import ConnexionMiddleware
    from connexion.middleware.main import API
from starlette.types import ASGIApp

from mockserver.clock import clock_from
from mockserver.contract.document import Document, load_document
from mockserver.contract.lint import check_servable
from mockserver.contract.operations import Operation, read_operations
from mockserver.contract.schemas import Schemas
from mockserver.coverage.recorder import CoverageRecorder
from mockserver.coverage.report import Report, report_of
from mockserver.enspace.handlers import find_handlers, is_enspace
from mockserver.enspace.tables import SECRETS, TABLES
from mockserver.fixture_files.fixture_validator import load_world
from mockserver.fixture_files.scenarios import load_scenarios
from mockserver.payloads import Payloads, load_vocabulary
from mockserver.pipeline import Pipeline, Stage
from mockserver.pipeline.authenticate import Authenticate
from mockserver.pipeline.check import CheckAnswer
from mockserver.pipeline.choose import Choose
from mockserver.pipeline.fault import FaultStage
from mockserver.pipeline.generate import Generate
from mockserver.pipeline.handle import Handle
from mockserver.pipeline.journal import Journal
from mockserver.pipeline.log_request import log_call
from mockserver.pipeline.read_body import ReadBody
from mockserver.pipeline.route import Route
from mockserver.pipeline.specification import SoundSpecification
from mockserver.pipeline.validate import Validate
from mockserver.serving.cors import cors
from mockserver.serving.site import OUTSIDE, site
from mockserver.settings import Settings
from mockserver.state.opening import open_store
from mockserver.state.sandboxes import DEFAULT, Sandboxes
from mockserver.state.world import World


@dataclass(frozen=True)
class Fake:
    """A server that is ready to be served, and what it was made of: `world` is that of the fixtures.

    `coverage` tells what calls have shown so far.
    """

    app: ConnexionMiddleware
    document: Document
    world: World
    title: str
    operations: tuple[Operation, ...]
    stateful: int
    sandboxes: Sandboxes
    journal: Journal
    store: str
    coverage: Callable[[], Report]


# The settings that answers are made up from; `reload` is one, as it tells at once what an edit has broken.
_MAKES_UP = ("spec", "fixtures", "locale", "reload")


def assemble(settings: Settings, running: Fake | None = None) -> Fake:
    """Reads contract and fixtures, compiles the stages and puts them into Connexion. `StartError` if it cannot.

    What is to take the place of a `running` one has its sandboxes and its journal.
    """
    document = load_document(settings.spec)
    check_servable(document)
    operations = read_operations(document)
    world = load_world(settings.fixtures, document) if is_enspace(document) else World(TABLES)
    sandboxes = running.sandboxes if running else _open_sandboxes(settings, document, world)
    handlers = {} if settings.stateless else find_handlers(document, operations)
    scenarios = load_scenarios(settings.fixtures / "scenarios", operations) if is_enspace(document) else {}
    journal = running.journal if running else _begin_journal(settings)
    coverage = CoverageRecorder(document, operations, sandboxes[DEFAULT])
    answers = Schemas(document, "response")
    vocabulary = load_vocabulary(settings.fixtures / "vocabulary.yaml")
    payloads = Payloads(document, vocabulary, settings.locale)
    # Of what is shipped it is known that all answers can be made up.
    later = handlers if all(getattr(settings, name) == getattr(Settings(), name) for name in _MAKES_UP) else ()
    stages: tuple[Stage, ...] = (
        Route(operations),
        Authenticate(document, operations, sandboxes),
        ReadBody(settings.max_body),
        Validate(document, operations, lenient=settings.lenient),
        FaultStage({name: scenario.faults for name, scenario in scenarios.items()}, sandboxes[DEFAULT]),
        Choose(operations),
        Handle(handlers, sandboxes),
        Generate(document, operations, payloads, vocabulary, answers, settings.seed, later),
    )
    control = partial(_create_control, journal, coverage, sandboxes, document, operations, scenarios)
    app = ConnexionMiddleware(
        site(document, control, settings.control_token),
        middlewares=[*cors(settings), partial(Pipeline, outside=OUTSIDE)],
    )
    app.apis.append(
        API(
            SoundSpecification(document.raw),
            base_path=None,
            stages=stages,
            check=CheckAnswer(operations, answers),
            journal=journal,
            recorders=(log_call, coverage.record),
        )
    )
    return Fake(
        app,
        document,
        world,
        document.raw["info"]["title"],
        operations,
        len(handlers),
        sandboxes,
        journal,
        settings.store,
        lambda: report_of(document, operations, coverage.all),
    )


def _create_control(*parts: Any) -> ASGIApp:
    from mockserver.control.control_app import create_control  # only when it is called

    app: ASGIApp = create_control(*parts)
    return app


def _begin_journal(settings: Settings) -> Journal:
    return Journal(settings.journal_size, settings.journal_bytes, clock_from(settings.clock))


def _open_sandboxes(settings: Settings, document: Document, world: World) -> Sandboxes:
    """The sandboxes of the store, or the default one as the fixtures describe it."""
    info = document.raw["info"]
    store = open_store(settings.store, TABLES, f"{info['title']} {info['version']}")
    sandboxes = Sandboxes(store, SECRETS)
    sandboxes.open(world.fork(), settings.seed, clock_from(settings.clock))
    return sandboxes
