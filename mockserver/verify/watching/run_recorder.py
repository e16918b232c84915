"""Recording of a run as HAR: every request that was sent, and its answer, without secrets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from mockserver.contract.document import Document
from mockserver.traffic.har_entries import ForwardedCall, HarEntries, Headers
from mockserver.traffic.har_writer import RAW, HarWriter
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.pseudonyms import Pseudonyms


class RunRecorder:
    """Writes the exchanges of one run. Personal data is replaced, unless the name of the file says that it is raw."""

    def __init__(self, document: Document, target: str, file: Path) -> None:
        personal = None if file.name.endswith(RAW) else PersonalData(document, Pseudonyms(secrets.token_bytes(32)))
        self._entries = HarEntries(document, target, "", personal)
        self._prefix, self._writer = urlsplit(target).path, HarWriter(file)

    def record(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Records an exchange."""
        url, body = urlsplit(request.url or ""), request.body or b""
        milliseconds = response.elapsed.total_seconds() * 1000
        call = ForwardedCall(
            started=datetime.fromtimestamp(time.time() - milliseconds / 1000, UTC),
            method=request.method or "",
            path=url.path.removeprefix(self._prefix),
            query=url.query,
            request_headers=_pairs(request.headers),
            request_body=body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else None,
            status=response.status_code,
            response_headers=_pairs({n: v for n, v in response.headers.items() if n.lower() != "content-encoding"}),
            response_body=response.content,
            response_size=len(response.content),
            milliseconds=milliseconds,
        )
        self._writer.add(self._entries.entry(call))

    def finish(self) -> None:
        """Writes the HAR file."""
        self._writer.finish()


def _pairs(headers: Mapping[str, str | bytes]) -> Headers:
    return [(_bytes(name), _bytes(value)) for name, value in headers.items()]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")
