"""A call of a recording, independent of the format it was recorded in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

from mockserver.contract.media_types import is_json
from mockserver.contract.yaml_text import parse_json

BROKEN = object()  # a body that is no JSON, or only the beginning of one


@dataclass(frozen=True)
class RecordedBody:
    """A body as text. `text` is None if the recording has left it out."""

    media_type: str = ""
    text: str | None = None

    @cached_property
    def json(self) -> Any:
        """The parsed body; `BROKEN` if it is no JSON."""
        try:
            return parse_json(self.text or "")
        except ValueError:
            return BROKEN

    @property
    def is_json(self) -> bool:
        return is_json(self.media_type)


@dataclass(frozen=True)
class RecordedCall:
    """A request and its answer. `number` is the place in its recording, from 1; `day` is an ISO date or empty.

    `started` is an ISO instant or empty. `is_masked` if personal data was replaced when the call was recorded.
    """

    number: int
    method: str
    url: str
    status: int
    request: RecordedBody = RecordedBody()
    answer: RecordedBody = RecordedBody()
    headers: Mapping[str, str] = field(default_factory=dict)  # of the answer, names in lower case
    day: str = ""
    started: str = ""
    request_headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    is_masked: bool = False

    @property
    def is_failing(self) -> bool:
        """Whether the status says more of the state of the server than of the request."""
        return self.status == 429 or self.status >= 500

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def path(self) -> str:
        """The percent-encoded path without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> str:
        return urlsplit(self.url).query


class Recording(Protocol):
    """Calls in their order, wherever they are kept. `unusable` and `is_cut` are complete after they were read."""

    @property
    def unusable(self) -> int:
        """How many entries hold no call."""

    @property
    def is_cut(self) -> bool:
        """Whether the end is missing."""

    def calls(self) -> Iterator[RecordedCall]:
        """Yields the calls from the first one on."""
