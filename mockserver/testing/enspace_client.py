"""One sandbox of a running fake, as a test sees it: where it is, what to send, and how to steer it.

It speaks to the control API over HTTP, so the server may be of this process, of another one, or of another machine.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]

# To pytest: a report begins in the test. Our own frames would show what was expected, secrets included.
__tracebackhide__ = True


class ControlError(RuntimeError):
    """The control API refused; the text is its reason."""


class Calls:
    """The calls that a sandbox has answered, as its journal remembers them."""

    def __init__(self, control: httpx.Client) -> None:
        self._control = control

    def last(self, limit: int = 50, **filters: Any) -> list[Json]:
        """The newest entries, newest first; filters are those of `GET /_mock/journal`."""
        entries: list[Json] = _told(self._control.get("/journal", params={"limit": limit, **filters}))["entries"]
        return entries

    def count(self, **filters: Any) -> int:
        """How many calls there were."""
        number: int = _told(self._control.get("/journal/count", params=filters))["count"]
        return number

    def find(self, operation: str, *, limit: int = 50, **expected: Any) -> list[Json]:
        """The newest calls of the operation that are as expected, newest first."""
        body = {"expectation": {"operation": operation, **expected}, "limit": limit}
        entries: list[Json] = _told(self._control.post("/journal/find", json=body))["entries"]
        return entries

    def clear(self, **filters: Any) -> int:
        """Forgets the calls of the sandbox, or those that match; returns how many."""
        number: int = _told(self._control.delete("/journal", params=filters))["count"]
        return number

    def assert_called(self, operation: str, *, times: int | None = None, **expected: Any) -> None:
        """At least one call, or exactly `times`, whose `query`, `headers`, `body` or `status` are as expected."""
        bounds = {"at_least": 1} if times is None else {"exactly": times}
        self.assert_all({"operation": operation, "times": bounds, **expected})

    def assert_not_called(self, operation: str, **expected: Any) -> None:
        """No such call."""
        self.assert_called(operation, times=0, **expected)

    def assert_in_order(self, *operations: str) -> None:
        """These operations were called, each after the one before it, others in between allowed."""
        self.assert_all(*({"operation": operation} for operation in operations), in_order=True)

    def assert_all(self, *expectations: Json, in_order: bool = False) -> None:
        """Every expectation of `POST /_mock/journal/verify` is met; else an `AssertionError` that says what differs."""
        body = {"expectations": list(expectations), "in_order": in_order}
        verdict = _told(self._control.post("/journal/verify", json=body))
        if not verdict["passed"]:
            failed = [_failure(result) for result in verdict["results"] if not result["passed"]]
            raise AssertionError("\n".join([*failed, f"{verdict['calls']} calls in all:", self.text()]))

    def text(self, limit: int = 20) -> str:
        """The newest calls, one line each, oldest first."""
        return "\n".join(_line(entry) for entry in reversed(self.last(limit))) or "  none"


class Enspace:
    """A sandbox. `client` is an httpx client that carries its key and workspace.

    `keys` are all keys of the sandbox as the control API told them when it was made.
    """

    def __init__(self, url: str, told: Json, token: str = "") -> None:
        self.url, self.name = url, told["name"]
        self.api_key: str = told["api_key"]
        self.workspace: str = told["workspace"]
        self.keys: list[Json] = told["keys"]
        self.headers = {"x-api-key": self.api_key, "en-workspace": self.workspace}
        self.client = httpx.Client(base_url=url, headers=self.headers)
        self._control = httpx.Client(
            base_url=f"{url}/_mock", headers={"x-mock-token": token} if token else {}, params={"sandbox": self.name}
        )
        self.journal = Calls(self._control)

    @classmethod
    def fresh(cls, url: str, token: str = "", **options: Any) -> Self:
        """A new sandbox of the server at `url`; the options are those of `POST /_mock/sandboxes`."""
        headers = {"x-mock-token": token} if token else {}
        return cls(url, _told(httpx.post(f"{url}/_mock/sandboxes", json=options, headers=headers)), token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drops the sandbox, unless its time was over before."""
        self.client.close()
        self._control.close()
        answer = httpx.delete(f"{self.url}/_mock/sandboxes/{self.name}", headers=self._control.headers)
        if answer.status_code != 404:
            _told(answer)

    def key_for(self, user: str, **options: Any) -> str:
        """A new key for a user of the sandbox, named by e-mail address."""
        key: str = _told(self._control.post("/keys", json={"user": user, **options}))["key"]
        return key

    def reset(self) -> None:
        """Back to the beginning."""
        _told(self._control.post("/reset"))

    def snapshot(self, name: str = "snapshot") -> None:
        """Keeps the present state under a name."""
        _told(self._control.post("/snapshots", json={"name": name}))

    def restore(self, name: str = "snapshot") -> None:
        """Back to a snapshot."""
        _told(self._control.post(f"/snapshots/{name}/restore"))

    def freeze(self, instant: str | None = None) -> None:
        """Lets the clock stand still, at an ISO instant or now."""
        _told(self._control.put("/clock", json={"frozen": True} | ({"now": instant} if instant else {})))

    def advance(self, seconds: float) -> None:
        """Moves the clock on."""
        _told(self._control.put("/clock", json={"advance": seconds}))

    def fault(self, *operations: str, **fault: Any) -> Json:
        """Lets calls of these operations, or all, go wrong; `fault` is what `POST /_mock/faults` takes.

        `enspace.fault("createItem", status=500, times=1)`. The answer tells the `id`.
        """
        wanted = {"operations": list(operations), **fault} if operations else fault
        made: Json = _told(self._control.post("/faults", json=wanted))
        return made

    def faults(self) -> list[Json]:
        """All faults, each with how many calls it has `seen` and how many `hits` it had."""
        faults: list[Json] = _told(self._control.get("/faults"))
        return faults

    def clear_faults(self) -> None:
        """Lets nothing go wrong any more."""
        _told(self._control.delete("/faults"))

    def scenario(self, name: str) -> None:
        """Adds the faults of a scenario, such as `flaky-writes`."""
        _told(self._control.post(f"/scenarios/{name}/start"))

    def state(self) -> dict[str, list[Json]]:
        """Every record of the sandbox by collection."""
        state: dict[str, list[Json]] = _told(self._control.get("/state"))
        return state


def _told(answer: httpx.Response) -> Any:
    if answer.is_error:
        detail = answer.json().get("detail", answer.text) if "json" in answer.headers.get("content-type", "") else ""
        raise ControlError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}")
    return answer.json() if answer.content else None


def _failure(result: Json) -> str:
    """One failed expectation, with the call that came nearest."""
    expected = {name: value for name, value in result["expectation"].items() if name != "times"}
    lines = [f"{expected}: {result['why']}"]
    if nearest := result.get("nearest"):
        lines.append(f"  nearest is call {nearest['number']}, {nearest['call']}:")
        for difference in nearest["differences"]:
            lines.append(
                f"    {difference['where']}: expected {difference['expected']}, received {difference['received']}"
            )
    return "\n".join(lines)


def _line(entry: Json) -> str:
    request, answer = entry["request"], entry["answer"]
    query = f"?{request['query']}" if request["query"] else ""
    told = f"  {entry['number']:>4} {request['method']} {request['path']}{query} {answer['status']}"
    message = answer["body"].get("message") if answer["status"] >= 400 and isinstance(answer["body"], dict) else None
    return f"{told} {message}" if message else told
