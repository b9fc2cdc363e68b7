"""The way out for pages: SNS on a port of the loopback interface, which may refuse for a while.

What the embedded AWS answers is passed on as it is. It has no way to refuse, and what a desk does while SNS refuses
is worth seeing: the pager is pointed here.
"""

from __future__ import annotations

import http.client
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from local.http_door import HttpDoor

REFUSED = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Receiver</Type><Code>InternalError</Code>'
    "<Message>SNS refuses</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
)
"""How SNS answers a failure of its own (SNS API reference, "Common Errors")."""
TIMEOUT_SECONDS = 10
PASSED_ON = ("Content-Type", "Authorization", "X-Amz-Date", "X-Amz-Target", "Host")


class SnsDoor(HttpDoor):
    """Listens from `start` to `stop`; `endpoint` is where the pager publishes."""

    def __init__(self, upstream: str) -> None:
        self.is_refusing = False
        self._upstream = urlsplit(upstream).netloc
        super().__init__("sns-door", _handler(self))

    def answer(self, path: str, body: bytes, fields: dict[str, str]) -> tuple[int, bytes]:
        """Return what the embedded AWS answers, or a refusal."""
        if self.is_refusing:
            return HTTPStatus.INTERNAL_SERVER_ERROR, REFUSED.encode()
        connection = http.client.HTTPConnection(self._upstream, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _handler(door: SnsDoor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fields = {name: value for name in PASSED_ON if (value := self.headers.get(name)) is not None}
            status, answered = door.answer(self.path, body, fields)
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            self.wfile.write(answered)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Say nothing: the outbox tells of each page."""

    return Handler
