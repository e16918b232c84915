"""Handlers of the control API for faults and scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.control.problems import bad_request, conflict, not_found
from mockserver.control.sandbox_selection import select_sandbox
from mockserver.fixture_files.scenarios import Scenario, fault_problem
from mockserver.secrets import NO_SECRETS
from mockserver.state.faults import MAX_FAULTS, Fault
from mockserver.state.sandboxes import Sandboxes

Json = dict[str, Any]


class FaultHandlers:
    """Operations on the faults of one sandbox."""

    def __init__(
        self, sandboxes: Sandboxes, operations: Iterable[Operation], scenarios: Mapping[str, Scenario]
    ) -> None:
        self._sandboxes, self._operations, self._scenarios = sandboxes, tuple(operations), scenarios

    async def list_faults(self, sandbox: str | None = None) -> list[Json]:
        return [_to_json(fault) for fault in select_sandbox(self._sandboxes, sandbox).faults]

    async def create_fault(self, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        if problem := fault_problem(body, self._operations):
            raise bad_request(problem)
        return self._add(sandbox, [body])[0], 201

    async def delete_fault(self, name: str, sandbox: str | None = None) -> tuple[None, int]:
        with self._sandboxes.faults(select_sandbox(self._sandboxes, sandbox)) as faults:
            is_removed = faults.remove(name)
        if not is_removed:
            raise not_found(f"no fault {name!r}")
        return None, 204

    async def clear_faults(self, sandbox: str | None = None) -> tuple[None, int]:
        with self._sandboxes.faults(select_sandbox(self._sandboxes, sandbox)) as faults:
            faults.clear()
        return None, 204

    async def list_scenarios(self) -> list[Json]:
        return [
            {"name": name, "description": scenario.description, "faults": list(scenario.faults)}
            for name, scenario in self._scenarios.items()
        ]

    async def start_scenario(self, name: str, sandbox: str | None = None) -> tuple[list[Json], int]:
        if name not in self._scenarios:
            raise not_found(f"no scenario {name!r}; known are {', '.join(self._scenarios) or 'none'}")
        return self._add(sandbox, self._scenarios[name].faults), 201

    def _add(self, sandbox: str | None, definitions: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Adds all faults or, above the limit, none."""
        with self._sandboxes.faults(select_sandbox(self._sandboxes, sandbox)) as faults:
            # Every request is matched against all faults, so their number is limited.
            if len(faults) + len(definitions) > MAX_FAULTS:
                raise conflict(f"there are {len(faults)} faults already, at most {MAX_FAULTS}; delete some")
            return [_to_json(faults.add(definition)) for definition in definitions]


def _to_json(fault: Fault) -> Json:
    definition = NO_SECRETS.mask(dict(fault.specification))
    return {"id": fault.id, **definition, "seen": fault.seen, "hits": fault.hits}
