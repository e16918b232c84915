"""The first look: is there a target, does it speak the contract's language, does it take the key?"""

from __future__ import annotations

import time

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.guard import Guard
from mockserver.verify.resources import Contract

PATIENCE = 30.0
Reason = tuple[str, str]


def look(contract: Contract, target: str, headers: dict[str, str], guard: Guard) -> Reason | None:
    """What was received and what is needed, if the target cannot be tested; None if it can."""
    reasons = []
    for operation in _simple(contract):
        reason = _ask(target.rstrip("/") + operation.path, headers, guard)
        if reason is None:
            return None
        reasons.append(reason)
        if "404" not in reason[0]:
            break
    return reasons[-1] if reasons else None


def _simple(contract: Contract) -> list[Operation]:
    """Operations that every key may ask, those that need no path keys."""
    return [operation for operation in contract.operations if operation.method == "GET" and "{" not in operation.path]


def _ask(url: str, headers: dict[str, str], guard: Guard) -> Reason | None:
    until = time.monotonic() + min(PATIENCE, guard.limits.max_time / 2)
    while True:
        try:
            with requests.Session() as session:
                answer = session.get(url, headers=headers)
        except requests.exceptions.SSLError:
            return "a TLS certificate that cannot be trusted", "a certificate for this host"
        except requests.exceptions.TooManyRedirects:
            return "redirects without an end", "an answer"
        except requests.RequestException as error:
            return f"no answer ({type(error).__name__})", f"an HTTP server at {url}"
        if answer.status_code not in (429, 503) or time.monotonic() > until:
            return _judge(answer)
        time.sleep(_wait(answer, until))


def _wait(answer: requests.Response, until: float) -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told) if told.isdigit() else 1.0, max(0.1, until - time.monotonic() + 0.1))


def _judge(answer: requests.Response) -> Reason | None:
    kind = answer.headers.get("content-type", "none").partition(";")[0]
    if why := answer.headers.get("x-guard"):
        return f"nothing, because the guard sent nothing ({why})", "an address that may be asked"
    if answer.status_code in (401, 403):
        return f"{answer.status_code} with the given key", "a key that is valid in the given workspace"
    if answer.status_code in (429, 503):
        return f"{answer.status_code} for {PATIENCE:.0f} s", "a target that has time"
    if answer.status_code == 404:
        return "404 for every path that was asked", "the API of the contract at this address"
    if 300 <= answer.status_code < 400:
        return f"a redirect ({answer.status_code}) to another host", "the API itself"
    if _is_page(answer):
        return f"{kind} instead of JSON ({answer.status_code})", "the API, not a page before it"
    return None


def _is_page(answer: requests.Response) -> bool:
    return answer.content.lstrip()[:1] == b"<"
