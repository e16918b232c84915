"""The canary: a request that the request guard has to refuse, sent by each way of a run before anything else is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import requests

from mockserver.errors import StartError
from mockserver.verify.safety.request_guard import CANARY, REFUSED

Way = tuple[str, Callable[[], Any]]


class UnguardedError(StartError):
    """Raised when the request guard does not refuse its canary; nothing else has been sent then."""


def check_guard(ways: Iterable[Way]) -> None:
    """Sends a canary by every way; `UnguardedError` unless the guard refuses each.

    A new version of a library might send past the guard, and nothing else would show it.
    """
    for way, send in ways:
        if not _is_refused(send):
            raise UnguardedError(
                f"{way}: received a request past the request guard, documented: the guard sees every request. "
                "Nothing was tested. Fix: install the versions of requirements.lock."
            )


def _is_refused(send: Callable[[], Any]) -> bool:
    """True if the guard has refused the canary; one that fails on the network has left the process, too."""
    try:
        return CANARY in send().headers.get(REFUSED, "")
    except requests.RequestException:
        return False
