"""Many items in one of our servers: a new type without a flow, filled over HTTP."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.load import CONNECTIONS, press
from benchmarks.requests import MEASURES, Request, get, post, send
from benchmarks.servers import Running, WrongAnswer

NEW_TYPE = post("/ws/types", {"name": "Medidas", "slug": "medidas"})
NEW_FIELDS = [
    post(f"{MEASURES}/fields", {"name": "Título", "slug": "titulo", "type": "text", "required": True}),
    post(f"{MEASURES}/fields", {"name": "Valor", "slug": "valor", "type": "number"}),
    post(f"{MEASURES}/fields", {"name": "Data", "slug": "data", "type": "date"}),
]
# Every second item is inactive.
NEW_ITEM = post(
    f"{MEASURES}/items",
    {"data": {"titulo": "Medida {n}", "valor": 18.5, "data": "2026-02-20"}, "status": "{active|inactive}"},
)
COUNT = get(f"{MEASURES}/items/count")
PAGE = 1_000


def fill(server: Running, items: int, file: Path) -> tuple[Running, float]:
    """Creates items and writes their references to a file. Returns the server with that file, and the seconds."""
    for request in (NEW_TYPE, *NEW_FIELDS):
        value(server, request)
    started = time.perf_counter()
    make(server, items)
    seconds = time.perf_counter() - started
    file.write_text("\n".join(references(server, items)))
    return replace(server, references=file), seconds


def make(server: Running, items: int) -> None:
    """Creates items; wrk stops with one open request on each connection, so the last few are created one by one."""
    while (missing := items - value(server, COUNT)) > CONNECTIONS:
        load = press(server, NEW_ITEM, 1, missing - CONNECTIONS)
        if load.errors or not load.requests:
            raise WrongAnswer(f"{server.name}: {load.errors} of {load.requests} items were refused")
    for number in range(missing):
        value(server, NEW_ITEM.numbered(number, ()))
    if (made := value(server, COUNT)) != items:
        raise WrongAnswer(f"{server.name} has {made} items instead of {items}")


def references(server: Running, items: int) -> list[str]:
    """Lists the references in random order, so that neighbours in the store are not read one after the other."""
    pages = (value(server, get(f"{MEASURES}/items?_limit={PAGE}&_start={start}")) for start in range(0, items, PAGE))
    found = [item["reference"] for page in pages for item in page]
    random.Random(0).shuffle(found)
    return found


def value(server: Running, request: Request) -> Any:
    answer = send(server.port, request)
    if answer.status != 200:
        raise WrongAnswer(f"{server.name} answered {answer.status} to {request.method} {request.path}: {answer.body}")
    return answer.value()
