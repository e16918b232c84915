"""The control API: an ordinary Connexion app on a small contract of its own."""

from __future__ import annotations

from pathlib import Path

from connexion import AsyncApp
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver

from mockserver.contract.document import load_document
from mockserver.control.handlers import Handlers
from mockserver.pipeline.journal import Journal

CONTRACT = Path(__file__).with_name("openapi.yaml")


def create_control(journal: Journal) -> AsyncApp:
    """The app to be mounted below `/_mock`."""
    handlers = Handlers(journal)
    app = AsyncApp("control", swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False))
    resolver = Resolver(lambda operation_id: getattr(handlers, operation_id))
    app.add_api(load_document(CONTRACT).raw, resolver=resolver, strict_validation=True)
    return app
