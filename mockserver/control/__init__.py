"""The control API: an ordinary Connexion app on a small contract of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from connexion import AsyncApp
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver

from mockserver.contract.document import load_document
from mockserver.control.handlers import Handlers
from mockserver.pipeline.journal import Journal
from mockserver.state.sandboxes import Sandboxes

CONTRACT = Path(__file__).with_name("openapi.yaml")


def create_control(journal: Journal, sandboxes: Sandboxes) -> AsyncApp:
    """The app to be mounted below `/_mock`."""
    handlers = Handlers(journal, sandboxes)
    app = AsyncApp("control", swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False))
    resolver = Resolver(lambda operation_id: _as_json(getattr(handlers, operation_id)))
    app.add_api(load_document(CONTRACT).raw, resolver=resolver, strict_validation=True)
    return app


def _as_json(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Names the media type: Connexion cannot know it where a contract documents errors in another one."""

    @wraps(handler)
    async def answer(*args: Any, **kwargs: Any) -> Any:
        result = await handler(*args, **kwargs)
        body, status = result if isinstance(result, tuple) else (result, 200)
        return body, status, {"content-type": "application/json"} if body is not None else {}

    return answer
