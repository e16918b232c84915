"""Client of one sandbox for tests: credentials, an HTTP client, the journal, and control over faults, clock and state.

All control goes through the control API over HTTP, so the server can run in any process or on any machine.
"""

from __future__ import annotations

import ssl
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

from mockserver.state.sandboxes import DEFAULT

Json = dict[str, Any]

TIMEOUT = 30.0  # seconds; guards against a server that hangs

# Makes pytest leave these frames out of its reports: their local variables can contain secrets.
__tracebackhide__ = True


class ControlError(RuntimeError):
    """An error response of the control API; the message is its reason."""


class Calls:
    """The journal of a sandbox: filters and assertions."""

    def __init__(self, control: httpx.Client) -> None:
        self._control = control

    def last(self, limit: int = 50, **filters: Any) -> list[Json]:
        """The newest entries, newest first. The filters are those of `GET /_mock/journal`."""
        entries: list[Json] = _read(self._control.get("/journal", params={"limit": limit, **filters}))["entries"]
        return entries

    def count(self, **filters: Any) -> int:
        """The number of matching calls."""
        number: int = _read(self._control.get("/journal/count", params=filters))["count"]
        return number

    def find(self, operation: str, *, limit: int = 50, **expected: Any) -> list[Json]:
        """The newest calls of the operation that match the expectation, newest first."""
        body = {"expectation": {"operation": operation, **expected}, "limit": limit}
        entries: list[Json] = _read(self._control.post("/journal/find", json=body))["entries"]
        return entries

    def clear(self, **filters: Any) -> int:
        """Deletes all or the matching entries of the sandbox. Returns their number."""
        number: int = _read(self._control.delete("/journal", params=filters))["count"]
        return number

    def assert_called(self, operation: str, *, times: int | None = None, **expected: Any) -> None:
        """Asserts at least one call, or exactly `times`, with the expected `query`, `headers`, `body` or `status`."""
        bounds = {"at_least": 1} if times is None else {"exactly": times}
        self.assert_all({"operation": operation, "times": bounds, **expected})

    def assert_not_called(self, operation: str, **expected: Any) -> None:
        """Asserts that there was no such call."""
        self.assert_called(operation, times=0, **expected)

    def assert_in_order(self, *operations: str) -> None:
        """Asserts that these operations were called in this order. Other calls may come in between."""
        self.assert_all(*({"operation": operation} for operation in operations), in_order=True)

    def assert_all(self, *expectations: Json, in_order: bool = False) -> None:
        """Asserts every expectation of `POST /_mock/journal/verify`. The `AssertionError` names the differences."""
        body = {"expectations": list(expectations), "in_order": in_order}
        report = _read(self._control.post("/journal/verify", json=body))
        if not report["passed"]:
            failed = [_describe_failure(result) for result in report["results"] if not result["passed"]]
            raise AssertionError("\n".join([*failed, f"{report['calls']} calls in all:", self.text()]))

    def text(self, limit: int = 20) -> str:
        """The newest calls as one line each, oldest first."""
        return "\n".join(describe_call(entry) for entry in reversed(self.last(limit))) or "  none"


class Enspace:
    """A sandbox. `client` is an httpx client that sends its key and workspace.

    `keys` are all keys of the sandbox, from the response to its creation. Without keys, as in another contract, no
    request selects a sandbox: then it is the one named `default`, with an empty journal and `api_key`.
    """

    def __init__(self, url: str, created: Json, token: str = "") -> None:
        self.url, self.name = url, created["name"]
        self.api_key: str = created["api_key"] or ""
        self.workspace: str = created["workspace"] or ""
        self.keys: list[Json] = created["keys"]
        self.headers = {"x-api-key": self.api_key, "en-workspace": self.workspace} if self.api_key else {}
        self.client = _client(url, headers=self.headers)
        self._token = token
        # By name and not by key: a test may change or revoke the keys.
        self._control = control_client(url, token, sandbox=self.name)
        self.journal = Calls(self._control)

    @classmethod
    def fresh(cls, url: str, token: str = "", **options: Any) -> Self:
        """A new sandbox of the server at `url`. The options are those of `POST /_mock/sandboxes`."""
        with control_client(url, token) as control:
            created = _read(control.post("/sandboxes", json=options))
            if created["api_key"] is None:
                _read(control.delete(f"/sandboxes/{created['name']}"))
                created["name"] = DEFAULT
                _clear(control)
        return cls(url, created, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Deletes the sandbox, unless its lifetime is over; clears the one named `default`, which stays."""
        self.client.close()
        self._control.close()
        with control_client(self.url, self._token) as control:
            if self.name == DEFAULT:
                return _clear(control)
            response = control.delete(f"/sandboxes/{self.name}")
        # After its lifetime the server has deleted the sandbox already.
        if response.status_code != 404:
            _read(response)

    def key_for(self, user: str, **options: Any) -> str:
        """Creates a key for the user with this e-mail address."""
        key: str = _read(self._control.post("/keys", json={"user": user, **options}))["key"]
        return key

    def reset(self) -> None:
        """Restores the initial records and removes all faults."""
        _read(self._control.post("/reset"))

    def snapshot(self, name: str = "snapshot") -> None:
        """Saves the present state as a snapshot."""
        _read(self._control.post("/snapshots", json={"name": name}))

    def restore(self, name: str = "snapshot") -> None:
        """Restores a snapshot."""
        _read(self._control.post(f"/snapshots/{name}/restore"))

    def freeze(self, instant: str | None = None) -> None:
        """Freezes the clock at an ISO instant, by default now."""
        _read(self._control.put("/clock", json={"frozen": True} | ({"now": instant} if instant else {})))

    def advance(self, seconds: float) -> None:
        """Advances the clock."""
        _read(self._control.put("/clock", json={"advance": seconds}))

    def fault(self, *operations: str, **fault: Any) -> Json:
        """Adds a fault for these operations, by default for all. Its members are those of `POST /_mock/faults`.

        `enspace.fault("createItem", status=500, times=1)`. Returns the fault with its `id`.
        """
        definition = {"operations": list(operations), **fault} if operations else fault
        created: Json = _read(self._control.post("/faults", json=definition))
        return created

    def faults(self) -> list[Json]:
        """All active faults with their counters: `seen` calls were selected, `hits` were affected."""
        faults: list[Json] = _read(self._control.get("/faults"))
        return faults

    def clear_faults(self) -> None:
        """Removes all faults."""
        _read(self._control.delete("/faults"))

    def scenario(self, name: str) -> None:
        """Adds the faults of a scenario, such as `flaky-writes`."""
        _read(self._control.post(f"/scenarios/{name}/start"))

    def state(self) -> dict[str, list[Json]]:
        """All records of the sandbox by collection."""
        state: dict[str, list[Json]] = _read(self._control.get("/state"))
        return state


def _clear(control: httpx.Client) -> None:
    """Resets the sandbox `default` and empties its journal."""
    _read(control.post("/reset", params={"sandbox": DEFAULT}))
    _read(control.delete("/journal", params={"sandbox": DEFAULT}))


def control_client(url: str, token: str, **query: str) -> httpx.Client:
    """An HTTP client for the control API of the server at `url`. The query is sent with every request."""
    # Without the environment: its proxy, as CI runners have one, cannot reach this machine's loopback.
    headers = {"x-mock-token": token} if token else {}
    return _client(f"{url}/_mock", headers=headers, params=query)


def _client(url: str, **options: Any) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False, verify=_certificates(), **options)


@cache
def _certificates() -> ssl.SSLContext:
    """The usual ones. Loading them takes longer than the rest of a sandbox, so that all clients share them."""
    return httpx.create_ssl_context(trust_env=False)


def _read(response: httpx.Response) -> Any:
    """The JSON of a response, None without a body. Raises `ControlError` for an error status."""
    if response.is_error:
        is_json = "json" in response.headers.get("content-type", "")
        detail = response.json().get("detail", response.text) if is_json else ""
        request = response.request
        raise ControlError(f"{request.method} {request.url.path}: {response.status_code} {detail}")
    return response.json() if response.content else None


def _describe_failure(result: Json) -> str:
    """A failed expectation, and the differences of the nearest call."""
    expected = {name: value for name, value in result["expectation"].items() if name != "times"}
    lines = [f"{expected}: {result['why']}"]
    if nearest := result.get("nearest"):
        lines.append(f"  nearest is call {nearest['number']}, {nearest['call']}:")
        for difference in nearest["differences"]:
            lines.append(
                f"    {difference['where']}: expected {difference['expected']}, received {difference['received']}"
            )
    return "\n".join(lines)


def describe_call(entry: Json) -> str:
    """One line: number, method, path, status and the message of an error."""
    request, answer = entry["request"], entry["answer"]
    query = f"?{request['query']}" if request["query"] else ""
    line = f"  {entry['number']:>4} {request['method']} {request['path']}{query} {answer['status']}"
    message = answer["body"].get("message") if answer["status"] >= 400 and isinstance(answer["body"], dict) else None
    return f"{line} {message}" if message else line
