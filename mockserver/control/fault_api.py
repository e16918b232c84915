"""Faults and scenarios as the control API sets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connexion.exceptions import ProblemException

from mockserver.contract.operations import Operation
from mockserver.control.scope import missing, sandbox_of, unusable
from mockserver.fixture_files.scenarios import Scenario, fault_problem
from mockserver.secrets import mask_value
from mockserver.state.faults import MAX_FAULTS, Fault
from mockserver.state.sandboxes import Sandbox, Sandboxes

Json = dict[str, Any]


class FaultHandlers:
    """The operations on the faults of one sandbox."""

    def __init__(
        self, sandboxes: Sandboxes, operations: Iterable[Operation], scenarios: Mapping[str, Scenario]
    ) -> None:
        self._sandboxes, self._operations, self._scenarios = sandboxes, tuple(operations), scenarios

    async def list_faults(self, sandbox: str | None = None) -> list[Json]:
        return [_told(fault) for fault in sandbox_of(self._sandboxes, sandbox).faults]

    async def create_fault(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = sandbox_of(self._sandboxes, sandbox)
        if problem := fault_problem(body, self._operations):
            raise unusable(problem)
        return _told(_added(box, [body])[0]), 201

    async def delete_fault(self, name: str, sandbox: str | None = None) -> tuple[None, int]:
        if not sandbox_of(self._sandboxes, sandbox).faults.remove(name):
            raise missing(f"no fault {name!r}")
        return None, 204

    async def clear_faults(self, sandbox: str | None = None) -> tuple[None, int]:
        sandbox_of(self._sandboxes, sandbox).faults.clear()
        return None, 204

    async def list_scenarios(self) -> list[Json]:
        return [
            {"name": name, "description": scenario.description, "faults": list(scenario.faults)}
            for name, scenario in self._scenarios.items()
        ]

    async def start_scenario(self, name: str, sandbox: str | None = None) -> tuple[list[Json], int]:
        box = sandbox_of(self._sandboxes, sandbox)
        if name not in self._scenarios:
            raise missing(f"no scenario {name!r}; known are {', '.join(self._scenarios) or 'none'}")
        return [_told(fault) for fault in _added(box, self._scenarios[name].faults)], 201


def _added(sandbox: Sandbox, wanted: Iterable[Mapping[str, Any]]) -> list[Fault]:
    wanted = list(wanted)
    if len(sandbox.faults) + len(wanted) > MAX_FAULTS:
        detail = f"there are {len(sandbox.faults)} faults already, at most {MAX_FAULTS}; delete some"
        raise ProblemException(status=409, title="Conflict", detail=detail)
    return [sandbox.faults.add(each) for each in wanted]


def _told(fault: Fault) -> Json:
    told = mask_value(dict(fault.specification), frozenset())
    return {"id": fault.id, **told, "seen": fault.seen, "hits": fault.hits}
