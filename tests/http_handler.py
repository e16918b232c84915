"""Handler of HTTP requests for the little servers of tests, which share nothing with the fake."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler


class AnyMethodHandler(BaseHTTPRequestHandler):
    """One connection. A subclass answers every request in `_answer`."""

    protocol_version = "HTTP/1.1"
    sys_version = ""
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait for the client

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client has gone
            self.close_connection = True

    def parse_request(self) -> bool:
        """Every method comes here: the base class would answer an unknown one in HTML."""
        is_parsed = super().parse_request()
        if is_parsed:
            setattr(self, f"do_{self.command}", self._answer)
        return is_parsed

    def _answer(self) -> None:
        raise NotImplementedError
