"""Stock Connexion on our contract: a plain `AsyncApp` with handlers that return captured values, and a key check.

Run as `python -m benchmarks.stock_connexion PORT CONTRACT FOLDER`, where FOLDER holds the captured answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from connexion import AsyncApp
from connexion.resolver import Resolver

from benchmarks.requests import KEY, KINDS, SAME, WORKSPACE

Handler = Callable[..., Awaitable[Any]]


async def known(value: str) -> dict[str, str] | None:
    """The check of every security scheme; Connexion finds it by its name in the document."""
    return {"sub": value} if value in (*KEY.values(), *WORKSPACE.values()) else None


def load_contract(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(), yaml.CSafeLoader)
    for scheme in document["components"]["securitySchemes"].values():
        kind = "apikey" if scheme["type"] == "apiKey" else scheme["scheme"]
        scheme[f"x-{kind}InfoFunc"] = "benchmarks.stock_connexion.known"
    return document


def handlers(folder: Path) -> Callable[[str], Handler]:
    """Returns a function from operationId to handler: captured answers for measured operations, `{}` otherwise."""
    captured = {
        kind.operation: json.loads(json.loads((folder / f"{kind.name}, {SAME}.json").read_text())["body"])
        for kind in KINDS
        if kind.status == 200
    }

    def handler(operation: str) -> Handler:
        value = captured.get(operation, {})

        async def answer(**_parameters: Any) -> Any:
            return value

        return answer

    return handler


def stock(contract: Path, folder: Path) -> AsyncApp:
    app = AsyncApp("stock")
    app.add_api(load_contract(contract), resolver=Resolver(handlers(folder)))
    return app


if __name__ == "__main__":
    uvicorn.run(
        stock(Path(sys.argv[2]), Path(sys.argv[3])),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
    )
