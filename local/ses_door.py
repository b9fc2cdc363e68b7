"""The way out: SendEmail of SES v2 on a port of the loopback interface, letters kept whole.

The emulator's own SES composes raw letters anew and loses fields (In-Reply-To, Auto-Submitted) on the way,
so the mailer is pointed here. What SES refuses is refused here too (see `aws_contract.sesv2`). A letter is written to the
outbox folder, and SES's delivery event follows to the feedback topic; the addresses of SES's mailbox simulator bounce
and complain as they do there.
"""

from __future__ import annotations

import base64
import json
import threading
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from local.aws_contract.errors import documented
from local.aws_contract.sesv2 import RAW_LIMIT, Refusal, recipients_of, refusal_of
from local.http_door import HttpDoor
from local.outbox import Outbox
from local.resources import Aws, Deployment

SEND = "/v2/email/outbound-emails"


class SesDoor(HttpDoor):
    """Listens from `start` to `stop`; `endpoint` is where the mailer sends."""

    def __init__(self, aws: Aws, deployment: Deployment, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._aws = aws
        self._topic = deployment.feedback_topic
        self._configuration_set = deployment.outputs["ConfigurationSet"]
        self._verified = frozenset(address.rpartition("@")[2].lower() for address in deployment.recipients)
        self.refusing: Refusal | None = None
        """What every letter is answered while this is set: an account in the sandbox, say, or a quota that is used up."""
        self._outbox = outbox
        self._now = now
        self._lock = threading.Lock()
        self._count = 0
        super().__init__("ses-door", _handler(self))

    def send(self, request: Mapping[str, Any]) -> tuple[HTTPStatus, dict[str, Any]]:
        """Answer one SendEmail as SES does."""
        raw = base64.b64decode(request.get("Content", {}).get("Raw", {}).get("Data", ""))
        refusal = self.refusing or refusal_of({**request, "Content": {"Raw": {"Data": raw}}}, self._verified)
        if refusal is not None:
            return _refused(*refusal)
        if request.get("ConfigurationSetName") not in {None, self._configuration_set}:
            return _refused(
                "NotFoundException", f"Configuration set <{request.get('ConfigurationSetName')}> does not exist."
            )
        to = recipients_of(request)
        at = self._now()
        with self._lock:
            self._count += 1
            sent_id = f"{int(at.timestamp() * 1000):016x}-{self._count:08d}-{zlib.crc32(raw):08x}-000000"
        self._outbox.letter(raw, ", ".join(to), at)
        if request.get("ConfigurationSetName"):
            self._aws.sns.publish(
                TopicArn=self._topic,
                Subject="Amazon SES Email Event Notification",
                Message=json.dumps(self._event(request, raw, to, sent_id, at), ensure_ascii=False),
            )
        return HTTPStatus.OK, {"MessageId": sent_id}

    def _event(
        self, request: Mapping[str, Any], raw: bytes, to: list[str], sent_id: str, at: datetime
    ) -> dict[str, Any]:
        """What SES event publishing says of the letter: delivered, unless it went to the mailbox simulator."""
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
        headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
        source = str(request.get("FromEmailAddress", ""))
        mail = {
            "timestamp": stamp,
            "source": source,
            "messageId": sent_id,
            "destination": to,
            "headersTruncated": False,
            "headers": [{"name": name, "value": " ".join(str(value).split())} for name, value in headers.raw_items()],
            "commonHeaders": {"from": [source], "to": to, "messageId": sent_id},
            "tags": {
                "ses:operation": ["SendEmail"],
                "ses:configuration-set": [self._configuration_set],
                "ses:from-domain": [source.rpartition("@")[2]],
                **{tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags", [])},
            },
        }
        # The simulator's addresses take a label after a plus, so that letters can be told apart.
        bounced = [address for address in to if _simulates(address, "bounce")]
        complained = [address for address in to if _simulates(address, "complaint")]
        if bounced:
            bounce = {
                "feedbackId": f"{sent_id}-bounce",
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {
                        "emailAddress": address,
                        "action": "failed",
                        "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                    }
                    for address in bounced
                ],
                "timestamp": stamp,
                "reportingMTA": "dns; localhost",
            }
            return {"eventType": "Bounce", "bounce": bounce, "mail": mail}
        if complained:
            complaint = {
                "feedbackId": f"{sent_id}-complaint",
                "complaintSubType": None,
                "complainedRecipients": [{"emailAddress": address} for address in complained],
                "timestamp": stamp,
                "complaintFeedbackType": "abuse",
            }
            return {"eventType": "Complaint", "complaint": complaint, "mail": mail}
        delivery = {
            "timestamp": stamp,
            "processingTimeMillis": 1,
            "recipients": to,
            "smtpResponse": "250 2.6.0 written to the outbox folder",
            "reportingMTA": "localhost",
        }
        return {"eventType": "Delivery", "delivery": delivery, "mail": mail}


def _simulates(address: str, what: str) -> bool:
    local, _, domain = address.rpartition("@")
    return domain.endswith("simulator.amazonses.com") and local.partition("+")[0] == what


def _refused(code: str, message: str) -> tuple[HTTPStatus, dict[str, Any]]:
    return HTTPStatus(documented("sesv2", "SendEmail", code).status), {"__type": code, "message": message}


def _handler(door: SesDoor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if self.path != SEND or length > 2 * RAW_LIMIT:
                self._answer(HTTPStatus.NOT_FOUND, {"__type": "NotFoundException", "message": f"only {SEND} is here"})
                return
            self._answer(*door.send(json.loads(self.rfile.read(length))))

        def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if "__type" in body:
                self.send_header("x-amzn-ErrorType", body["__type"])
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Say nothing: the outbox tells of each letter."""

    return Handler
