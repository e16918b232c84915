"""The first look: is there a target, does it speak the contract's language, does it take the key?"""

from __future__ import annotations

import ssl

import requests

from mockserver.contract.operations import Operation
from mockserver.verify.resources import Contract
from mockserver.verify.safety.patience import BUSY
from mockserver.verify.safety.request_guard import REFUSED, Guard, cause

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
    try:
        with requests.Session() as session:
            return _judge(session.get(url, headers=headers), guard)
    except requests.exceptions.SSLError as error:
        return _of_tls(error)
    except requests.exceptions.TooManyRedirects:
        return "redirects without an end", "an answer"
    except requests.RequestException as error:
        return f"no answer ({cause(error)})", f"an HTTP server at {guard.target.geturl()}"


def _of_tls(error: BaseException) -> Reason:
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, ssl.SSLCertVerificationError):
        inner = inner.__cause__ or inner.__context__
    if inner is None:
        return "no TLS", "a server that speaks https"
    return f"a TLS certificate that cannot be trusted ({inner.verify_message})", "a certificate for this host"


def _judge(answer: requests.Response, guard: Guard) -> Reason | None:
    kind = answer.headers.get("content-type", "none").partition(";")[0]
    if why := answer.headers.get(REFUSED):
        return f"nothing, because the guard sent nothing ({why})", "an address that may be asked"
    if answer.status_code in (401, 403):
        return f"{answer.status_code} with the given key", "a key that is valid in the given workspace"
    if answer.status_code in BUSY:
        return f"{answer.status_code} for {guard.patience.waited:g} s", "a target that has time"
    if answer.status_code == 404:
        return "404 for every path that was asked", "the API of the contract at this address"
    if 300 <= answer.status_code < 400:
        return f"a redirect ({answer.status_code}) to another host", "the API itself"
    if _is_page(answer):
        return f"{kind} instead of JSON ({answer.status_code})", "the API, not a page before it"
    return None


def _is_page(answer: requests.Response) -> bool:
    return answer.content.lstrip()[:1] == b"<"
