"""Whether the run's own key may write: seen from how the target answers, for no key says it."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from mockserver.verify.safety.request_guard import READS


class Rights:
    """Watches the writes that carry exactly the headers of the run."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._done = self._forbidden = 0

    def __call__(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        is_own = all(request.headers.get(name) == value for name, value in self._headers.items())
        if is_own and request.method not in READS:
            self._done += response.ok
            self._forbidden += response.status_code == 403

    @property
    def may_not_write(self) -> bool:
        """True when whatever the run wanted to change was forbidden."""
        return self._forbidden > 0 == self._done
