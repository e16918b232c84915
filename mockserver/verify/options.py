"""Options of `mockserver verify`: from the command line and `verify.toml`, secrets from the environment.

The command line wins over the file. A file with a secret or an unknown name is refused.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import read_contract
from mockserver.contract.yaml_text import PlainLoader
from mockserver.errors import StartError
from mockserver.settings import LOOPBACK, Settings, variable
from mockserver.traffic.target_trust import read_authority
from mockserver.verify.credentials import Credentials
from mockserver.verify.engine import Depth
from mockserver.verify.plan import Plan
from mockserver.verify.reports.json_report import identities
from mockserver.verify.results import Severity
from mockserver.verify.safety.limits import Limits, Mode

FILE = Path("verify.toml")
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|m|h)")
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, None: 1}
SECRETS = ("key", "second-key", "expired-key", "limited-key", "viewer-key")


class OptionError(StartError):
    """Raised for an unusable option; its message is `NAME: received …, documented: …`."""

    def __init__(self, name: str, received: Any, documented: str) -> None:
        super().__init__(f"{name}: received {received!r}, documented: {documented}")


def _option(description: str) -> Any:
    """Returns a field that is an option of the command line, with its help text."""
    return field(default=None, metadata={"help": description})


@dataclass(frozen=True)
class VerifyOptions:
    """Options as texts, as the user has written them; None where nothing was given."""

    target: str | None = None
    spec: str | None = _option("contract [default: openapi.yaml]")
    mode: str | None = _option("read-only, own-data or full [default: read-only, on loopback own-data]")
    depth: str | None = _option("quick, normal or thorough [default: normal]")
    operations: str | None = _option("comma-separated operationIds [default: all]")
    tags: str | None = _option("comma-separated tags [default: all]")
    rate: str | None = _option("maximum request rate, such as 5/s [default: no limit]")
    max_time: str | None = _option("stop testing after this time, such as 10m; cleanup is extra [default: 10m]")
    request_time: str | None = _option("maximum time for one request [default: 30s]")
    slow: str | None = _option("report operations with a median response time above this [default: 2s]")
    seed: str | None = _option("seed of all generated data [default: 0]")
    workspace: str | None = _option("slug of the workspace to test in")
    foreign_workspace: str | None = _option("slug of a workspace that the key must not be able to read")
    fail_on: str | None = _option("lowest severity that gives exit code 1: error, warning or note [default: error]")
    baseline: str | None = _option("verify.json of an earlier run; its findings do not fail this run")
    report: str | None = _option("folder for the reports [default: no reports]")
    ledger: str | None = _option("file that lists created records [default: verify-ledger.jsonl in the report folder]")
    ca: str | None = _option("PEM file of the authority that has certified the target [default: the usual ones]")
    record: str | None = _option("HAR file for all exchanges of the run, without secrets; entries are added to it")
    i_own_this_target: str | None = _option("repeat the host name to allow --mode full beyond loopback")
    allow_http: str | None = None  # a flag of the command line


def read_file(path: Path) -> dict[str, str]:
    """Reads the options of a `verify.toml`."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StartError(f"{path}: cannot be read: {error}") from error
    names = {part.name.replace("_", "-") for part in fields(VerifyOptions)}
    for name in written:
        # Projects commit this file.
        if name in SECRETS:
            variable_name = "MOCKSERVER_VERIFY_" + name.upper().replace("-", "_")
            raise StartError(f"{path}: `{name}` is a secret. Fix: set it as {variable_name}.")
        if name not in names:
            raise OptionError(f"{path}: {name}", written[name], "one of " + ", ".join(sorted(names)))
    return {name.replace("-", "_"): _as_text(value) for name, value in written.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def plan_of(options: VerifyOptions) -> Plan:
    """Returns the plan of a run. `StartError` if an option cannot be used."""
    target = _target(options.target)
    host = urlsplit(target).hostname or ""
    document = read_contract(Path(options.spec) if options.spec else Settings().spec)
    mode = _one_of(Mode, "--mode", options.mode) if options.mode else _default_mode(host)
    # The host has to be typed, so that a script copied from another target does not start here.
    if mode is Mode.FULL and host not in LOOPBACK and options.i_own_this_target != host:
        raise OptionError(
            "--i-own-this-target", options.i_own_this_target, f"{host}, because `full` may change any record"
        )
    report = Path(options.report) if options.report else Path()
    plan = Plan(
        target=target,
        document=document,
        credentials=_credentials(options, host),
        limits=Limits(
            mode=mode,
            request_time=_time("--request-time", options.request_time or "30s"),
            max_time=_time("--max-time", options.max_time or "10m"),
            rate=_rate(options.rate),
            allow_http=options.allow_http == "true",
            authority=read_authority(options.ca or ""),
        ),
        depth=_one_of(Depth, "--depth", options.depth or "normal"),
        seed=_seed(options.seed or "0"),
        operations=_names(options.operations),
        tags=_names(options.tags),
        slow=_time("--slow", options.slow or "2s"),
        fail_on=_one_of(Severity, "--fail-on", options.fail_on or "error"),
        known=tuple(identities(Path(options.baseline))) if options.baseline else (),
        ledger=Path(options.ledger) if options.ledger else report / "verify-ledger.jsonl",
        record=Path(options.record) if options.record else None,
    )
    _check_names(document, plan)
    return plan


def _default_mode(host: str) -> Mode:
    return Mode.OWN_DATA if host in LOOPBACK else Mode.READ_ONLY


def _target(text: str | None) -> str:
    parts = urlsplit(text or "")
    try:
        # `port` raises for a number above 65535.
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or parts.username:
        raise OptionError("TARGET", text, "an address such as http://127.0.0.1:4010, without user, query or fragment")
    return (text or "").rstrip("/")


def _credentials(options: VerifyOptions, host: str) -> Credentials:
    """Returns the keys of the environment; on loopback, the demo keys stand in for missing ones."""
    key = variable("VERIFY_KEY")
    demo = _demo() if host in LOOPBACK else None
    if not key and demo is None:
        raise StartError("there is no key. Fix: set one as MOCKSERVER_VERIFY_KEY.")
    given = Credentials(
        key=key,
        workspace=options.workspace or variable("VERIFY_WORKSPACE"),
        weak_key=variable("VERIFY_SECOND_KEY"),
        expired_key=variable("VERIFY_EXPIRED_KEY"),
        foreign_workspace=options.foreign_workspace or variable("VERIFY_FOREIGN_WORKSPACE"),
        limited_key=variable("VERIFY_LIMITED_KEY"),
        viewer_key=variable("VERIFY_VIEWER_KEY"),
    )
    # The other demo keys belong to the same workspaces as the first; with a key of the user they would be wrong.
    if demo is None or key not in ("", demo.key):
        return given
    names = [part.name for part in fields(Credentials)]
    return Credentials(**{name: getattr(given, name) or getattr(demo, name) for name in names})


def _demo() -> Credentials | None:
    """The first key of the shipped fixtures and those beside it, by what they may do; None without fixtures."""
    try:
        rows = yaml.load((Settings().fixtures / "api_keys.yaml").read_text(encoding="utf-8"), Loader=PlainLoader)
    # Other fixtures may have no keys; the environment has to name one then.
    except (OSError, yaml.YAMLError):
        return None
    full = rows[0]
    workspaces = full["scope"]["workspaces"]
    foreign = [place for row in rows for place in row["scope"]["workspaces"] if place not in workspaces]
    # Keys with all scopes: a member with a role comes before a viewer.
    others = [row for row in rows if row["user"] != full["user"] and row["scope"]["global"] == full["scope"]["global"]]
    limited = [row["key"] for row in others if workspaces[0] in row["scope"]["workspaces"]]
    return Credentials(
        key=full["key"],
        workspace=workspaces[0],
        weak_key=next((row["key"] for row in rows if row["scope"]["global"] == ["read"]), ""),
        expired_key=next((row["key"] for row in rows if row["expires_at"]), ""),
        foreign_workspace=next(iter(foreign), ""),
        limited_key=next(iter(limited), ""),
        viewer_key=next(iter(limited[1:]), ""),
    )


def _one_of(kind: Any, name: str, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise OptionError(name, text, "one of " + ", ".join(kind)) from None


def _rate(text: str | None) -> float:
    if text is None:
        return 0.0
    match = _RATE.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise OptionError("--rate", text, "requests per second, minute or hour, such as 5/s or 100/m")
    return float(match[1]) / _SECONDS[match[2]]


def _time(name: str, text: str) -> float:
    match = _TIME.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise OptionError(name, text, "a time such as 90s, 10m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def _seed(text: str) -> int:
    # `isdigit` alone accepts superscripts, which `int` refuses.
    if not (text.isascii() and text.isdigit()):
        raise OptionError("--seed", text, "a whole number from 0")
    return int(text)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _check_names(document: Document, plan: Plan) -> None:
    """Raises `OptionError` for an operation or a tag that the contract does not have."""
    operations = {written["operationId"]: written.get("tags", []) for _, _, written in document.operations()}
    tags = {tag for names in operations.values() for tag in names}
    for option, given, known in (
        ("--operations", plan.operations, set(operations)),
        ("--tags", plan.tags, tags),
    ):
        for name in given:
            if name not in known:
                raise OptionError(option, name, "names of the contract, such as " + ", ".join(sorted(known)[:4]))
