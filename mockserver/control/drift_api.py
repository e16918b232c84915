"""Handlers of the control API for the drift of forwarded answers."""

from __future__ import annotations

from typing import Any, Protocol

from mockserver.control.background import in_background


class DriftSource(Protocol):
    """What forwarded answers have shown."""

    def to_json(self) -> dict[str, Any]: ...

    def clear(self) -> None: ...


class ForwardingState(Protocol):
    """The upstream, and what the fake answers itself."""

    @property
    def drift(self) -> DriftSource: ...

    def to_json(self) -> dict[str, Any]: ...


class DriftHandlers:
    """Operations on the drift; without an upstream there is none."""

    def __init__(self, forwarding: ForwardingState | None) -> None:
        self._forwarding = forwarding

    async def get_drift(self) -> dict[str, Any]:
        if self._forwarding is None:
            return {"upstream": None, "used": 0, "set_aside": {}, "rows": []}
        rows = await in_background(self._forwarding.drift.to_json)
        return self._forwarding.to_json() | rows

    async def reset_drift(self) -> tuple[None, int]:
        if self._forwarding is not None:
            await in_background(self._forwarding.drift.clear)
        return None, 204
