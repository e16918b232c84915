"""Settings: one frozen value, and the only place that reads the environment.

Each field is an option and a variable (`journal_size` is `--journal-size` and `MOCKSERVER_JOURNAL_SIZE`); its metadata
holds the help text and the parser.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mockserver.clock import clock_from
from mockserver.errors import StartError

LOOPBACK = ("127.0.0.1", "::1", "localhost")

_HERE = Path(__file__).resolve().parent


class SettingsError(StartError):
    """A setting cannot be used; reads `NAME: received …, documented: …`."""


def _shipped(name: str) -> Path:
    """Returns a file beside the package in a checkout, inside the package in an installed wheel."""
    beside = _HERE.parent / name
    return beside if beside.exists() else _HERE / name


def _number(lowest: int, highest: int) -> tuple[Callable[[str], Any], str]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= (number := int(text)) <= highest):
            raise ValueError
        return number

    return read, f"a whole number from {lowest} to {highest}"


def _switch(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


def _clock(text: str) -> str:
    clock_from(text)
    return text


def _text(text: str) -> str:
    if not text:
        raise ValueError
    return text


def _origins(text: str) -> str:
    if text in ("auto", "*", "none"):
        return text
    return ",".join(map(_origin, filter(None, map(str.strip, text.split(",")))))


def _origin(text: str) -> str:
    """Returns an origin as browsers send it; `null` is that of a file."""
    found = re.fullmatch(r"(null|[a-z][a-z0-9+.-]*://[^\s/@?#]+)/?", text, re.IGNORECASE)
    if found is None:
        raise ValueError
    return found[1].lower()


def _hosts(text: str) -> str:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names or not all(re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:]+", name) for name in names):
        raise ValueError
    return ",".join(names)


def _token(text: str) -> str:
    if not (text and text.isascii() and text.isprintable()):
        raise ValueError  # a header cannot hold it
    return text


_PATH = (Path, "a path")
_INSTANT = (_clock, "`real` or an ISO instant such as 2026-03-12T20:55:53Z")
_SWITCH = (_switch, "true or false")
_TEXT = (_text, "a text")
_ORIGINS = (_origins, "`auto`, `*`, `none`, or origins such as http://localhost:3000, with commas")
_HOSTS = (_hosts, "host names with commas, without a port")
_TOKEN = (_token, "one line of ASCII text")


def _setting(default: Any, meaning: str, reading: tuple[Callable[[str], Any], str]) -> Any:
    read, documented = reading
    return field(default=default, metadata={"meaning": meaning, "read": read, "documented": documented})


@dataclass(frozen=True)
class Settings:
    """The settings of `mockserver serve`."""

    host: str = _setting("127.0.0.1", "Address to listen on.", _TEXT)
    port: int = _setting(4010, "Port to listen on; 0 takes a free one.", _number(0, 65535))
    spec: Path = _setting(_shipped("openapi.yaml"), "The contract.", _PATH)
    fixtures: Path = _setting(_shipped("fixtures"), "The folder of the demo workspaces, keys and words.", _PATH)
    seed: int = _setting(0, "Seed of all generated data.", _number(0, 2**63 - 1))
    locale: str = _setting("pt_BR", "Locale of generated data, such as en_US.", _TEXT)
    store: str = _setting("memory", "Where state is stored: `memory`, or a database such as sqlite:///state.db.", _TEXT)
    store_connections: int = _setting(5, "Connections of one process to a PostgreSQL store.", _number(1, 100))
    store_timeout: int = _setting(
        5, "Seconds that a connection or a statement of a PostgreSQL store may take.", _number(1, 300)
    )
    stateless: bool = _setting(False, "Answer every operation with generated data, without state.", _SWITCH)
    lenient: bool = _setting(False, "Ignore unknown query parameters instead of refusing them.", _SWITCH)
    clock: str = _setting("real", "`real`, or an ISO instant at which the clock is frozen.", _INSTANT)
    keep_dates: bool = _setting(False, "Keep the dates of the fixtures; else the last change was yesterday.", _SWITCH)
    control_token: str = _setting("", "Token that requests to /_mock must send; required beyond loopback.", _TOKEN)
    control_token_file: str = _setting("", "File that contains the control token.", _TEXT)
    allowed_hosts: str = _setting(
        "", "Host names, besides loopback, whose pages and clients may control the fake without a token.", _HOSTS
    )
    cors: str = _setting(
        "auto", "Pages that may call: `auto` (any, on loopback only), `*`, `none`, or origins.", _ORIGINS
    )
    reload: bool = _setting(False, "Reload contract and fixtures when their files change.", _SWITCH)
    log: bool | None = _setting(None, "Log each request on stderr; by default if it is a terminal.", _SWITCH)
    max_body: int = _setting(1_048_576, "Largest request body in bytes.", _number(1, 2**30))
    journal_size: int = _setting(1000, "Number of requests that the journal keeps; 0 for none.", _number(0, 1_000_000))
    journal_bytes: int = _setting(134_217_728, "Bytes that the journal may take.", _number(1_048_576, 2**34))
    coverage: str = _setting("", "File for the contract coverage at the end: .json, .html, or else text.", _TEXT)
    coverage_min: int = _setting(0, "Percent of coverage below which the exit code is 3.", _number(0, 100))

    workers: int = _setting(1, "Processes that answer on the port; more than one with PostgreSQL only.", _number(1, 64))
    upstream: str = _setting("", "A real Enspace that answers all operations except those of --mock.", _TEXT)
    mock: str = _setting(
        "", "What the fake answers beside an upstream: operationIds, tags, or `missing` (what upstream has not).", _TEXT
    )
    allow_writes: bool = _setting(False, "Forward writes to an upstream that is not on this machine.", _SWITCH)
    allow_http: bool = _setting(False, "Allow plain http to an upstream that is not on this machine.", _SWITCH)
    ca: str = _setting("", "PEM file of an authority that is trusted to certify an upstream, besides the usual.", _TEXT)

    @property
    def is_loopback(self) -> bool:
        """True if only this machine can reach the server."""
        return self.host in LOOPBACK


def load_settings(options: Mapping[str, str | None], environment: Mapping[str, str] = os.environ) -> Settings:
    """Returns options over environment over defaults. `SettingsError` names the first invalid one."""
    values = {}
    for setting in fields(Settings):
        variable = f"MOCKSERVER_{setting.name.upper()}"
        if (text := options.get(setting.name)) is not None:
            values[setting.name] = _read(setting.metadata, option_of(setting.name), text)
        elif (text := environment.get(variable)) is not None:
            values[setting.name] = _read(setting.metadata, variable, text)
    # As for every setting, an option wins over the environment; in the same place, the token itself wins.
    has_token = "control_token" in values and (options.get("control_token") or not options.get("control_token_file"))
    if (file := values.get("control_token_file")) and not has_token:
        values["control_token"] = _read_token(Path(file))
    return Settings(**values)


def _read_token(file: Path) -> str:
    try:
        return _token(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--control-token-file: {file} is not readable: {error}") from error
    except ValueError as error:
        raise SettingsError(f"--control-token-file: {file} does not contain one line of ASCII text") from error


def option_of(name: str) -> str:
    """Returns the option of a setting: `journal_size` is `--journal-size`."""
    return "--" + name.replace("_", "-")


def _read(metadata: Mapping[str, Any], name: str, text: str) -> Any:
    try:
        return metadata["read"](text)
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{name}: received {text!r}, documented: {metadata['documented']}") from error


def running_server(environment: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """Returns URL and control token of the running server that `MOCKSERVER_URL` names, or None."""
    url = environment.get("MOCKSERVER_URL", "").rstrip("/")
    if not url:
        return None
    file = environment.get("MOCKSERVER_CONTROL_TOKEN_FILE", "")
    return url, environment.get("MOCKSERVER_CONTROL_TOKEN") or (_read_token(Path(file)) if file else "")


def environment_with(environment: Mapping[str, str] = os.environ, **added: str) -> dict[str, str]:
    """Returns the environment of a child process with added variables; empty texts are left out."""
    return dict(environment) | {name: text for name, text in added.items() if text}


def proxy_exceptions(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns `NO_PROXY` and `no_proxy` extended with loopback, which the proxy of a CI runner cannot reach."""
    listed = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    # Clients understand `*` only where it stands alone.
    extended = listed if listed == "*" else ",".join([*filter(None, [listed]), "127.0.0.1", "localhost"])
    return {"NO_PROXY": extended, "no_proxy": extended}


def variable(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Returns `MOCKSERVER_<name>`, for options that are not settings of the server; empty if it is not set."""
    return environment.get(f"MOCKSERVER_{name}", "")
