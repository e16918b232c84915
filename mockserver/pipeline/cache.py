"""What is remembered for requests to come is bounded: the oldest of it goes first."""

from __future__ import annotations

from typing import Any


def remember(memory: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Keeps the value; of more than `most`, the one that was kept first is forgotten."""
    if len(memory) >= most:
        del memory[next(iter(memory))]
    memory[key] = value
