"""The ceiling: a bare uvicorn app that answers every request with the same bytes.

Run as `python -m benchmarks.bare PORT FILE`, where FILE is a captured answer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import uvicorn
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPResponseStartEvent, Scope

from benchmarks.requests import Answer


def bare(answer: Answer) -> ASGI3Application:
    body = answer.body.encode()
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(body))]
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": answer.status, "headers": headers}

    async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return app


if __name__ == "__main__":
    answer = Answer(**json.loads(Path(sys.argv[2]).read_text()))
    uvicorn.run(
        bare(answer),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
