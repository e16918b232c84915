"""The command `mockserver record`: arguments, output and exit codes."""

from __future__ import annotations

import secrets
import signal
import socket
import sys
from contextlib import closing, suppress
from pathlib import Path

import click
import uvicorn

from mockserver.contract.lenient.reading import read_contract
from mockserver.errors import StartError
from mockserver.settings import LOOPBACK, load_settings
from mockserver.text import authority_of, count_of, escape_controls
from mockserver.traffic.har_entries import HarEntries
from mockserver.traffic.har_writer import RAW, HarWriter
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.pseudonyms import Pseudonyms
from mockserver.traffic.recording_proxy import RecordingProxy
from mockserver.traffic.target_address import is_near, read_target
from mockserver.traffic.target_connections import open_pool
from mockserver.traffic.target_trust import read_authority

USAGE = 2


@click.command(name="record")
@click.argument("target")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="HAR file; entries are added to it.")
@click.option("--port", default=4011, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--spec", help="The contract. Default: the one of `mockserver serve`.")
@click.option("--allow-writes", is_flag=True, help="Forward requests that change something, beyond loopback too.")
@click.option("--allow-http", is_flag=True, help="Allow plain http beyond loopback.")
@click.option("--ca", default="", help="PEM file of an authority whose certificates are trusted too.")
@click.option("--replace-slugs", is_flag=True, help="Replace slugs and references too.")
@click.option("--keep-values", is_flag=True, help=f"Keep personal data; the file must end in {RAW}.")
def record_command(
    target: str,
    out: Path,
    port: int,
    host: str,
    spec: str | None,
    allow_writes: bool,
    allow_http: bool,
    ca: str,
    replace_slugs: bool,
    keep_values: bool,
) -> None:
    """Forward requests to TARGET and record them until Ctrl-C.

    Keys, tokens and cookies are never written, personal data is replaced before it is written. Beyond loopback only
    GET, HEAD and OPTIONS are forwarded. Exit codes: 0 ended, 2 usage or contract.
    """
    try:
        address = read_target(target, "TARGET", allow_http=allow_http)
        if keep_values != out.name.endswith(RAW):
            raise StartError(f"--out: received {out}, documented: a name that ends in {RAW} with --keep-values only")
        pool = open_pool(read_authority(ca))
        document = read_contract(load_settings({"spec": spec}).spec)
        with closing(_listen(host, port)) as listening:
            writer = HarWriter(out)
            pseudonyms = Pseudonyms(secrets.token_bytes(32))
            personal = None if keep_values else PersonalData(document, pseudonyms, replaces_slugs=replace_slugs)
            entries = HarEntries(document, address, "", personal)
            names = frozenset() if host in ("0.0.0.0", "::") else frozenset({*LOOPBACK, host})
            proxy = RecordingProxy(
                address,
                lambda call: writer.add(entries.entry(call)),
                names,
                pool,
                allow_writes=allow_writes or is_near(address),
            )
            own = authority_of(host, listening.getsockname()[1])
            click.echo(f"http://{own} -> {address}, recorded in {out}; Ctrl-C ends")
            _serve(proxy, listening)
            writer.finish()
            for line in personal.describe_kept() if personal else ():
                click.echo(escape_controls(line))
    except StartError as error:
        click.echo(f"mockserver: {escape_controls(str(error))}", err=True)
        sys.exit(USAGE)
    click.echo(f"{out}: {count_of(writer.count, 'call')} added")


def _listen(host: str, port: int) -> socket.socket:
    """Listens at once, so that a client may connect as soon as the address is printed. Raises `StartError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=100)
    except OSError as error:
        raise StartError(f"{host}:{port} is not available: {error.strerror}. Fix: another --host or --port") from error


def _serve(proxy: RecordingProxy, listening: socket.socket) -> None:
    """Serves until interrupted."""
    config = uvicorn.Config(
        proxy,
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
