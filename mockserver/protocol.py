"""HTTP on the wire: uvicorn's protocol, with Enspace's envelope for what never becomes a request."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.pipeline.envelope import refused
from mockserver.pipeline.refusals import Refusal


class Protocol(HttpToolsProtocol):
    """A message that is no HTTP is answered with a 400 in the usual shape, and the connection ends."""

    def send_400_response(self, msg: str) -> None:
        body = refused(Refusal(400, f"Bad Request: received bytes that are not HTTP ({msg.rstrip('.')})")).body
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()
