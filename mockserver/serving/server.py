"""Serving over a socket with uvicorn, and what is said at start."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import click
import uvicorn
from starlette.types import ASGIApp

from mockserver.app import Fake
from mockserver.clock import parse_instant
from mockserver.errors import StartError
from mockserver.garbage import INTERVAL, Collector
from mockserver.pipeline.journal import Journal
from mockserver.secrets import mask_text
from mockserver.serving.protocol import Protocol
from mockserver.serving.site import OUTSIDE
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT


class ServeError(StartError):
    """The server cannot listen; reads as one sentence with the mend."""


class Server(uvicorn.Server):
    """Ends the streams of the journal when it stops; it would wait for them otherwise."""

    def __init__(self, config: uvicorn.Config, journal: Journal) -> None:
        super().__init__(config)
        self._journal = journal

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._journal.close()
        await super().shutdown(sockets)


def front_of(fake: Fake, settings: Settings) -> ASGIApp:
    """What uvicorn calls: the fake itself, or with `--reload` what keeps it up to date. `StartError`."""
    if not settings.reload:
        return fake.app  # type: ignore[no-any-return]  # Connexion has no types
    from mockserver.serving.reload import Front  # what watches files is not loaded where nothing is watched

    return Front(fake, settings, partial(click.echo, err=True))


def serve(app: ASGIApp, journal: Journal, listening: socket.socket) -> None:
    """Serves until interrupted. One process, one loop."""
    # Once it has stopped, uvicorn raises the signal anew; to be told to stop is no fault.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn_server(app, journal, callback_notify=Collector(), timeout_notify=INTERVAL).run(sockets=[listening])


class _Protocol(Protocol):
    outside = OUTSIDE


def uvicorn_server(app: ASGIApp, journal: Journal, **options: Any) -> Server:
    """The server of an app, with more options of uvicorn; `run` gives it the socket."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="uvloop",
        lifespan="on",  # with "auto" a failure at start would be swallowed
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        **options,
    )
    return Server(config, journal)


def listen(settings: Settings) -> socket.socket:
    """A bound socket, so that a busy port is known before anything is said. `ServeError` if it cannot be had."""
    if not settings.is_loopback and not settings.control_token:
        problem = f"others can reach {settings.host}, and could then control the fake"
        raise ServeError(f"{problem}. Mend: add --control-token, or set MOCKSERVER_CONTROL_TOKEN.")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)  # from here on the port is ours, and clients wait instead of being turned away
    except (OSError, UnicodeError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or error
        problem = f"cannot listen on {settings.host}:{settings.port}: {reason}"
        raise ServeError(f"{problem}. Mend: choose another --port (0 takes a free one) or --host.") from error
    listening.set_inheritable(True)
    return listening


def url_of(listening: socket.socket) -> str:
    """Where a bound socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def start_lines(fake: Fake, address: str) -> Iterator[str]:
    """What a person who starts the server needs: where it is, and what to send."""
    generated = len(fake.operations) - fake.stateful
    kept = "" if fake.store == "memory" else f", kept in {mask_text(fake.store)}"
    yield f"{fake.title}: {len(fake.operations)} operations at {address}"
    yield f"  {fake.stateful} answer from state{kept}, {generated} with generated data"
    yield f"  docs {address}/docs, contract {address}/openapi.yaml, desk {address}/_mock/"
    sandbox = fake.sandboxes[DEFAULT]
    keys = list(sandbox.world["api_keys"])
    if keys:
        yield "  keys for the header x-api-key, with a workspace for en-workspace:"
    for key in keys:
        scopes = "+".join(scope for scope in ("read", "write", "delete") if scope in key["scope"]["global"])
        expires_at = key["expires_at"]
        expired = expires_at is not None and parse_instant(expires_at).timestamp() <= sandbox.clock()
        workspaces = ", ".join(sorted(key["scope"]["workspaces"]))
        yield f"    {key['key']}  {scopes}{', expired' if expired else ''}  {workspaces}"
