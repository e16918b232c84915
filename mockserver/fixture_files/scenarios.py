"""Scenarios: named lists of faults, one YAML file each in `fixtures/scenarios`.

A file has a `description` and `faults`, each as in the body of POST /_mock/faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from mockserver.contract.document import load_document
from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas, Validator
from mockserver.contract.yaml_text import YamlError, parse_yaml
from mockserver.errors import StartError

# The contract of the control API describes faults.
_CONTROL = Path(__file__).parents[1] / "control" / "openapi.yaml"
_EFFECTS = ("status", "connection", "rate")
# Those of the connection, which the server writes itself: a second one could make two messages of one answer.
_OWN_HEADERS = ("connection", "content-length", "date", "keep-alive", "trailer", "transfer-encoding", "upgrade")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # a token of RFC 9110, section 5.6.2


class ScenarioError(StartError):
    """A scenario cannot be used. Reads `FILE: what is wrong. Fix: what to do.`"""


@dataclass(frozen=True)
class Scenario:
    """A named list of faults."""

    description: str
    faults: Sequence[Mapping[str, Any]]


def load_scenarios(folder: Path, operations: Iterable[Operation]) -> dict[str, Scenario]:
    """Reads the scenarios by the names of their files; none without the folder. Raises `ScenarioError`."""
    operations = tuple(operations)
    return {path.stem: _read(path, operations) for path in sorted(folder.glob("*.yaml"))}


def _read(path: Path, operations: Sequence[Operation]) -> Scenario:
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except YamlError as error:
        where = path if error.line is None else f"{path}:{error.line}"
        raise ScenarioError(f"{where}: {error.problem}. Fix: {error.fix}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not readable: {error}. Fix: save it as UTF-8 text.") from error
    if not isinstance(content, dict) or content.keys() != {"description", "faults"}:
        raise ScenarioError(f"{path}: received other members. Fix: write `description` and `faults`.")
    if not isinstance(content["faults"], list):
        raise ScenarioError(f"{path}: faults: received no list. Fix: begin each fault with a dash.")
    for number, fault in enumerate(content["faults"], 1):
        problem = _schema_problem(fault) or fault_problem(fault, operations)
        if problem:
            raise ScenarioError(f"{path}: fault {number}: {problem}. Fix: see POST /_mock/faults in /_mock/docs.")
    return Scenario(str(content["description"]), tuple(content["faults"]))


def fault_problem(fault: Mapping[str, Any], operations: Sequence[Operation]) -> str | None:
    """Describes the problem of a fault that fits the schema, or returns None."""
    if len(effects := [name for name in _EFFECTS if name in fault]) > 1:
        return f"received {' and '.join(effects)}, documented: one of them"
    if not effects and "delay" not in fault:
        return "received no effect, documented: one of delay, " + ", ".join(_EFFECTS)
    if stray := [name for name in ("body", "headers") if name in fault and "status" not in fault]:
        return f"received {stray[0]} without status"
    for name in fault.get("headers", ()):
        if name.lower() in _OWN_HEADERS or not _HEADER_NAME.fullmatch(name):
            return f"headers: received {name[:60]!r}, documented: a header name except {', '.join(_OWN_HEADERS)}"
    if isinstance(delay := fault.get("delay"), Mapping) and delay.get("from", 0) > delay.get(
        "to", delay.get("from", 0)
    ):
        return f"delay: received from {delay['from']} to {delay['to']}, documented: the lower one first"
    for member, known in (("operations", {o.id for o in operations}), ("tags", {o.tag for o in operations})):
        for name in fault.get(member, ()):
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0.4)
                return f"{member}: received {name[:60]!r}, {f'nearest is {near[0]}' if near else 'which is unknown'}"
    return None


def _schema_problem(fault: Any) -> str | None:
    for error in _fault_validator().iter_errors(fault):
        return f"{'.'.join(map(str, error.instance_path)) or 'the fault'}: {error.message}"
    return None


# Kept, because it takes 40 ms and a test suite starts many servers in one process.
@cache
def _fault_validator() -> Validator:
    return Schemas(load_document(_CONTROL), "request").validator({"$ref": "#/components/schemas/NewFault"})
