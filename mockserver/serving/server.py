"""Serving over a socket with uvicorn, and the lines printed at the start."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeAlias

import click
import uvicorn
from starlette.types import ASGIApp

from mockserver.app import Fake
from mockserver.clock import parse_instant
from mockserver.contract.lenient.reading import describe_notes
from mockserver.enspace.access import describe_access
from mockserver.errors import StartError
from mockserver.pipeline.journal import Journal
from mockserver.secrets import mask_text
from mockserver.serving.protocol import Protocol
from mockserver.serving.site import find_contract_folders, find_hidden_pages
from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT
from mockserver.text import authority_of, count_of, escape_controls

# Operations whose answers are tried at the start. All 452 of Stripe's would take ten seconds.
_MAX_TRIED = 50
_MAX_GAPS = 10
# Frees what the app holds.
End: TypeAlias = Callable[[], Awaitable[None]]

_WITHOUT_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


class ServeError(StartError):
    """The server cannot listen; reads as one sentence with the fix."""


class Server(uvicorn.Server):
    """A uvicorn server that ends the streams of the journal when it stops; it would wait for them otherwise.

    `end` is called after the last request.
    """

    def __init__(self, config: uvicorn.Config, journal: Journal, end: End) -> None:
        super().__init__(config)
        self._journal, self._end = journal, end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._journal.close()
        await super().shutdown(sockets)
        await self._end()


def create_served_app(fake: Fake, settings: Settings) -> ASGIApp:
    """Returns the app for uvicorn: the fake, with `--reload` behind one that replaces it. `StartError`."""
    if not settings.reload:
        return fake.app  # type: ignore[no-any-return]  # Connexion has no types
    from mockserver.serving.reload import ReloadingApp  # loads the file watcher, which most starts do not need

    return ReloadingApp(fake, settings, lambda line: print_lines([line], to_errors=True))


def print_lines(lines: Iterable[str], *, to_errors: bool = False) -> None:
    """Prints lines, control characters escaped, as long as somebody reads them.

    A closed pipe or a full disk must not end the server.
    """
    try:
        for line in lines:
            click.echo(escape_controls(line), err=to_errors)
    except OSError:
        # Python would fail again when it flushes the rest at its end.
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), (sys.stderr if to_errors else sys.stdout).fileno())


def serve(app: ASGIApp, fake: Fake, sockets: list[socket.socket]) -> None:
    """Serves the app of a fake until interrupted, in one process with one event loop."""
    # uvicorn raises the signal again after it has stopped; stopping on request is not an error.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A closed terminal ends the server as SIGTERM does, unless `nohup` lets it ignore that. Windows has no SIGHUP.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))
    # A thread that calculates lets the event loop go on after this time, several times in each request: with the usual
    # 5 ms one request would wait for up to 100 ms.
    sys.setswitchinterval(0.0005)
    gc.freeze()  # the compiled contract lives until the end: the collector need not walk through it each time
    with suppress(KeyboardInterrupt):
        create_server(app, fake.journal, fake.end).run(sockets=sockets)


def serve_forked(app: ASGIApp, fake: Fake, sockets: list[socket.socket]) -> None:
    """Serves as `serve` does, in a process that was forked after the fake was assembled."""
    fake.sandboxes.after_fork()
    serve(app, fake, sockets)


async def _nothing() -> None: ...


def create_server(app: ASGIApp, journal: Journal, end: End = _nothing) -> Server:
    """Returns the server of an app; its `run` takes the sockets."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="on",  # with "auto" uvicorn would swallow an error of the start
        log_level="warning",
        access_log=False,
        use_colors=False,  # else uvicorn asks whether stdout, which may be closed, is a terminal
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,  # seconds; the protocol ends idle connections before
        timeout_graceful_shutdown=5,
    )
    return Server(config, journal, end)


def listen(settings: Settings) -> list[socket.socket]:
    """Returns bound sockets, so that a busy port is known before anything is printed. `ServeError`.

    A client may resolve `localhost` to either address, so both are bound: IPv4 first, IPv6 where the machine has it.
    """
    if not settings.is_loopback and not settings.control_token:
        problem = f"others can reach {settings.host}, and could then control the fake"
        raise ServeError(f"{problem}. Fix: add --control-token, or set MOCKSERVER_CONTROL_TOKEN.")
    if settings.host != "localhost":
        return [_bind(settings.host, settings.port)]
    first = _bind("127.0.0.1", settings.port)
    try:
        return [first, _bind("::1", first.getsockname()[1])]
    except ServeError as error:
        if getattr(error.__cause__, "errno", None) in _WITHOUT_IPV6:
            return [first]
        first.close()
        raise


def _bind(host: str, port: int) -> socket.socket:
    listening = None
    try:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)  # clients that connect before the server runs wait instead of being refused
    except (OSError, UnicodeError) as error:
        if listening is not None:
            listening.close()
        reason = getattr(error, "strerror", None) or error
        problem = f"cannot listen on {host}:{port}: {reason}"
        raise ServeError(f"{problem}. Fix: choose another --port (0 takes a free one) or --host.") from error
    listening.set_inheritable(True)
    return listening


def url_of(sockets: list[socket.socket]) -> str:
    """Returns the URL of the first bound socket."""
    host, port = sockets[0].getsockname()[:2]
    return f"http://{authority_of(host, port)}"


def start_lines(fake: Fake, address: str) -> Iterator[str]:
    """Yields the lines that a person who starts the server needs: addresses and credentials."""
    generated = len(fake.operations) - fake.stateful
    stored = "" if fake.store == "memory" else f", stored in {mask_text(fake.store)}"
    yield f"{fake.title}: {count_of(len(fake.operations), 'operation')} at {address}"
    yield f"  {fake.stateful} answer from state{stored}, {generated} with generated data"
    if fake.forwarding is not None:
        yield f"  {fake.forwarding}"
    yield from (f"  {line}" for line in describe_notes(fake.document))
    yield from (f"  {line}" for line in _describe_gaps(fake))
    for folder in find_contract_folders(fake.document):
        yield f"  the contract is served below {folder}, in place of our control API there"
    if hidden := find_hidden_pages(fake.operations):
        yield f"  operations of the contract are served in place of our {', '.join(hidden)}"
    yield f"  docs {address}/docs, contract {address}/openapi.yaml, dashboard {address}/_mock/"
    sandbox = fake.sandboxes[DEFAULT]
    keys = list(sandbox.world["api_keys"])
    if keys:
        yield "  keys for the header x-api-key, and what each may do in its workspaces, for en-workspace:"
    for key in keys:
        expires_at = key["expires_at"]
        expired = expires_at is not None and parse_instant(expires_at).timestamp() <= sandbox.clock()
        access = ", ".join(map(str, describe_access(sandbox.world, key)))
        yield f"    {key['key']}  {'expired  ' if expired else ''}{access}"


def _describe_gaps(fake: Fake) -> Iterator[str]:
    """Yields a line for each answer that cannot be generated; these are 501 with the same reason."""
    command = f"`mockserver lint --spec {fake.document.path}`"
    if len(fake.operations) > _MAX_TRIED and not fake.stateful:
        yield f"answers that cannot be generated are listed by {command}"
        return
    gaps = list(fake.find_gaps())
    yield from map(str, gaps[:_MAX_GAPS])
    if len(gaps) > _MAX_GAPS:
        yield f"{len(gaps) - _MAX_GAPS} more answers cannot be generated, see {command}"
