"""Twenty-five secrets, planted in every part of an answer that could leak one.

Each answer breaks a promise too, so that a finding and its report could quote the secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import cycle
from urllib.parse import urlencode, urlsplit

from tests.verify.independent.server import Handler, Misbehaviour

PLACES = ("header", "cookie", "body", "message", "redirect")

# What is secret of itself (a key, a session) and what is because of its name (write-only members of the contract).
NAMES = ("x-api-key", "authorization", "api_key", "access_token", "cryptKey")

Secrets = dict[str, str]


def _planted(place: str) -> Secrets:
    key = f"en.Planted{place.title():X<26}7"
    session = f"eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoi{place}In0.c2lnbmF0dXJl{place.upper()}"
    by_name = {name: f"planted-{name}-{place}-5f2c91" for name in NAMES[2:]}
    return {"x-api-key": key, "authorization": f"Bearer {session}", **by_name}


PLANTED = {place: _planted(place) for place in PLACES}
SECRETS = tuple(value.removeprefix("Bearer ") for secrets in PLANTED.values() for value in secrets.values())


def leaking() -> Misbehaviour:
    """Every answer contains five secrets, in the next of the places."""
    places = cycle(PLACES)

    def misbehave(handler: Handler) -> bool:
        place = next(places)
        LEAKS[place](handler, PLANTED[place])
        return True

    return misbehave


def _header(handler: Handler, secrets: Secrets) -> None:
    _fail(handler, "Internal error", {f"X-Debug-{name}": value for name, value in secrets.items()})


def _cookie(handler: Handler, secrets: Secrets) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in secrets.items())
    _fail(handler, "Internal error", {"Set-Cookie": cookies})


def _body(handler: Handler, secrets: Secrets) -> None:
    handler.write(200, json.dumps({"data": secrets}).encode(), {})


def _message(handler: Handler, secrets: Secrets) -> None:
    _fail(handler, f"cannot reach the provider with {', '.join(f'{k}={v}' for k, v in secrets.items())}", {})


def _redirect(handler: Handler, secrets: Secrets) -> None:
    handler.write(302, b"{}", {"Location": f"{urlsplit(handler.path).path}?{urlencode(secrets)}"})


def _fail(handler: Handler, message: str, headers: dict[str, str]) -> None:
    error = {"statusCode": 500, "error": "Internal Server Error", "message": message}
    handler.write(500, json.dumps(error).encode(), headers)


LEAKS: dict[str, Callable[[Handler, Secrets], None]] = {
    "header": _header,
    "cookie": _cookie,
    "body": _body,
    "message": _message,
    "redirect": _redirect,
}
