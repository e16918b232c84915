"""Preflight: one or a few GET requests that show whether the target can be tested at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import requests

from mockserver.traffic.target_trust import find_distrust
from mockserver.verify.resources import Contract
from mockserver.verify.safety.limits import BUSY, is_page, is_trouble
from mockserver.verify.safety.request_guard import REFUSED, RequestGuard, cause


class Obstacle(NamedTuple):
    """Why a target cannot be tested, in the words of a finding. `is_silence`: another operation may answer."""

    received: str
    documented: str
    is_silence: bool = False


def find_obstacle(
    contract: Contract, session: requests.Session, headers: Mapping[str, str], guard: RequestGuard
) -> Obstacle | None:
    """Returns what keeps the target from being tested; None if nothing does.

    A 404 may mean a missing operation: then the next one is tried, and only a 404 for all of them is an obstacle. If no
    answer comes, the operation may be at fault itself: then one other is tried.
    """
    obstacle = silence = None
    # Every caller can send a GET without path keys.
    for operation in contract.operations:
        if operation.method != "GET" or "{" in operation.path:
            continue
        obstacle = _get(session, guard.target.geturl() + operation.path, headers, guard)
        if obstacle is None or silence:
            return obstacle and silence
        silence = obstacle if obstacle.is_silence else None
        if not silence and "404" not in obstacle.received:
            return obstacle
    return silence or obstacle


def _get(session: requests.Session, url: str, headers: Mapping[str, str], guard: RequestGuard) -> Obstacle | None:
    try:
        return _obstacle_in(session.get(url, headers=headers), guard)
    except requests.exceptions.SSLError as error:
        return _tls_obstacle(error)
    except requests.exceptions.TooManyRedirects:
        return Obstacle("redirects without an end", "a response")
    except requests.RequestException as error:
        reason = cause(error)
        address = f"an HTTP server at {guard.target.geturl()}"
        return Obstacle(f"no response ({reason})", address, is_silence=reason != "Connection refused")


def _tls_obstacle(error: BaseException) -> Obstacle:
    distrust = find_distrust(error)
    if not distrust:
        return Obstacle("no TLS", "a server that speaks https")
    expected = "a certificate for this host, of an authority that is known or named by --ca"
    return Obstacle(f"a TLS certificate that is not trusted ({distrust})", expected)


def _obstacle_in(response: requests.Response, guard: RequestGuard) -> Obstacle | None:
    status, media_type = response.status_code, response.headers.get("content-type", "none").partition(";")[0]
    if reason := response.headers.get(REFUSED):
        return Obstacle(f"nothing, because the guard did not send the request ({reason})", "an allowed address")
    if status in (401, 403):
        return Obstacle(f"{status} with the given key", "a key that is valid in the given workspace")
    if status in BUSY:
        return Obstacle(f"{status} for {guard.retries.waited:g} s", "a target that is not busy", is_silence=True)
    if is_trouble(status, response.content):
        return Obstacle(f"{status} of a gateway", "the API behind it", is_silence=True)
    if status == 404:
        return Obstacle("404 for every path that was tried", "the API of the contract at this address")
    if 300 <= status < 400:
        return Obstacle(f"a redirect ({status}) to another host", "the API itself")
    # A sign-in page or a proxy answers 200 with HTML, whatever media type it declares.
    if is_page(response.content):
        return Obstacle(f"{media_type} instead of JSON ({status})", "the API, not a page in front of it")
    return None
