"""Reader of HAR 1.2 files, entry by entry, so that a file of any size fits into memory.

Browsers, mitmproxy, Schemathesis and this project write them: with a byte order mark or without, bodies as Base64, left
out, or cut.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import ijson

from mockserver.errors import StartError
from mockserver.judging.recorded_calls import RecordedBody, RecordedCall
from mockserver.traffic.har_writer import PART, REPLACED

MOST_BODY = 20_000_000  # bytes of one body; a longer one counts as left out
_BOM = b"\xef\xbb\xbf"


class HarFile:
    """The calls in a file. `is_cut` and `unusable` are complete after the calls were read."""

    def __init__(self, path: Path) -> None:
        self.path, self.entries, self.unusable, self.is_cut = path, 0, 0, False

    def identity(self) -> str:
        """A hash of the content: a copy of the file is the same recording."""
        with self._open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]

    def calls(self) -> Iterator[RecordedCall]:
        """Yields the entries that hold a call. Raises `StartError` for a file that is no HAR."""
        self.entries, self.unusable, self.is_cut = 0, 0, False
        with self._open() as file:
            if file.read(3) != _BOM:
                file.seek(0)
            # The part file of a killed recording has an entry in each line.
            where = "" if self.path.suffix == PART else "log.entries.item"
            try:
                for entry in ijson.items(file, where, use_float=True, multiple_values=where == ""):
                    self.entries += 1
                    if (call := _call(self.entries, entry)) is None:
                        self.unusable += 1
                    else:
                        yield call
            except (ijson.JSONError, UnicodeDecodeError) as error:
                if not self.entries:
                    raise StartError(f"{self.path}: received no HAR file ({_first_line(error)})") from error
                self.is_cut = True
        if not self.entries:
            raise StartError(f"{self.path}: received no entries, documented: HAR 1.2 with log.entries")

    def _open(self) -> BufferedReader:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise StartError(f"{self.path}: the recording cannot be read: {error.strerror}") from error


def _call(number: int, entry: Any) -> RecordedCall | None:
    """The call of an entry; None if a part is missing or of another type."""
    with suppress(KeyError, TypeError, AttributeError, ValueError):
        request, response = entry["request"], entry["response"]
        return RecordedCall(
            number=number,
            method=str(request["method"]).upper(),
            url=str(request["url"]),
            status=int(response["status"]),
            request=_body(request.get("postData") or {"text": ""}),
            answer=_body(response.get("content") or {}),
            headers=_headers(response),
            day=str(entry.get("startedDateTime", ""))[:10],
            started=str(entry.get("startedDateTime", "")),
            request_headers=_headers(request),
            is_masked=entry.get("comment") == REPLACED,
        )
    return None


def _headers(message: dict[str, Any]) -> dict[str, str]:
    return {str(header["name"]).lower(): str(header["value"]) for header in message.get("headers", [])}


def _body(content: dict[str, Any]) -> RecordedBody:
    media_type, text = str(content.get("mimeType", "")), content.get("text")
    size = content.get("size")
    if not isinstance(text, str):
        # A browser that omits bodies still writes their size.
        is_empty = size == 0 or (size is None and not media_type)
        return RecordedBody(media_type, "" if is_empty else None)
    if not text and isinstance(size, int) and size > 0:
        return RecordedBody(media_type, None)
    if content.get("encoding") == "base64":
        text = base64.b64decode(text).decode("utf-8", "replace")
    return RecordedBody(media_type, text if len(text) <= MOST_BODY else None)


def _first_line(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    # ijson gives the bytes of its parser's message, which go on with those of the file.
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)
    return text.splitlines()[0] if text else type(error).__name__
