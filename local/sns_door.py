"""The way out for pages: SNS on a port of the loopback interface, which may refuse for a while.

What SNS refuses of a page is refused here (`aws_contract.sns`). A text message ends here, as nobody's telephone rings;
whatever else the embedded AWS answers is passed on as it is. It has no way to fail, and what a desk does while SNS fails
is worth seeing: the pager is pointed here.
"""

from __future__ import annotations

import http.client
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from local.aws_contract import sns
from local.aws_contract.errors import documented
from local.aws_contract.rules import Request, breaches
from local.aws_contract.table import written_rules
from local.http_door import HttpDoor

REFUSED = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>{type}</Type><Code>{code}</Code>'
    "<Message>{message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
)
"""How SNS answers an error (SNS API reference, "Common Error Types")."""
PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>{id}</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></PublishResponse>"
)
"""How SNS answers a message that it takes (SNS API reference, Publish)."""
_ATTRIBUTE = re.compile(r"MessageAttributes\.entry\.(\d+)\.(?:Name|Value\.(DataType|StringValue|BinaryValue))")
TIMEOUT_SECONDS = 10
PASSED_ON = ("Content-Type", "Authorization", "X-Amz-Date", "X-Amz-Target", "Host")


class SnsDoor(HttpDoor):
    """Listens from `start` to `stop`; `endpoint` is where the pager publishes."""

    def __init__(self, upstream: str, text_message: Callable[[str, str], object] = lambda _to, _text: None) -> None:
        self.is_refusing = False
        self._text_message = text_message
        """Takes each short message: the number and the text."""
        self._upstream = urlsplit(upstream).netloc
        super().__init__("sns-door", _handler(self))

    def answer(self, path: str, body: bytes, fields: dict[str, str]) -> tuple[int, bytes]:
        """Return what the embedded AWS answers, or a refusal."""
        if self.is_refusing:
            return _refused("InternalError", "SNS refuses")
        operation, params = read_query(body)
        refusal = next(breaches(written_rules(sns.SERVICE, operation), Request(sns.SERVICE, operation, params)), None)
        if refusal is not None:
            return _refused(refusal.rule.code, f"Invalid parameter: {refusal.rule.field}: {refusal.found}")
        if operation == "Publish" and "PhoneNumber" in params:
            self._text_message(params["PhoneNumber"], params["Message"])
            return HTTPStatus.OK, PUBLISHED.format(id=uuid.uuid4()).encode()
        connection = http.client.HTTPConnection(self._upstream, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def read_query(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the operation and the parameters of a request of the query protocol, as the SDK takes them."""
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    attributes: dict[str, dict[str, Any]] = {}
    names = {
        place[1]: value for key, value in fields.items() if (place := _ATTRIBUTE.fullmatch(key)) and place[2] is None
    }
    for key, value in fields.items():
        if (place := _ATTRIBUTE.fullmatch(key)) and place[2] is not None:
            attributes.setdefault(names[place[1]], {})[place[2]] = value
    params: dict[str, Any] = {key: value for key, value in fields.items() if "." not in key}
    if attributes:
        params["MessageAttributes"] = attributes
    return params.pop("Action", ""), params


def _refused(code: str, message: str) -> tuple[int, bytes]:
    status = documented(sns.SERVICE, "Publish", code).status
    kind = "Receiver" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Sender"
    return status, REFUSED.format(type=kind, code=code, message=escape(message)).encode()


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
