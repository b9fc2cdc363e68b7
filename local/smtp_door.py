"""The way in: what SES receiving does, on an SMTP port of the loopback interface.

A letter for an address of the receipt rule is stored whole in the bucket, under `incoming/`, below the
fields that SES writes above each letter; then the notification is published to the rule's topic. Others
get 550, and letters over 40 MB 552 (Amazon SES developer guide, "Email receiving concepts" and "Quotas").

On this machine there is no DNS to ask whether a sender is genuine, and whoever can reach the port is the
developer. So every letter counts as passed by SPF, DKIM and DMARC, which is what a well-run mail server's
letters do; a header `X-Local-Verdict` in the letter asks for something else, see VERDICTS.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.mail.headers import decode_header as header_as_read
from adapters.mail.headers import fields, first
from composition import LOOPBACK
from domain.addresses import normalise_address, normalise_domain, without_plus
from local.emulator import NotStarted
from local.resources import Aws, Deployment

SIZE_LIMIT = 40 * 1024 * 1024
"""SES takes letters of up to 40 MB, attachments and headers included."""
LINE_LIMIT = 1 << 20
"""SMTP promises 1,000 octets a line (RFC 5321 section 4.5.3.1.6); SES takes longer ones, and so do mail programs."""
HEADER_LIMIT = 10 * 1024
"""SES leaves out of the notification what headers have above this, and says so."""
VALUE_LIMIT = 2_000
ADDRESSES_LIMIT = 100
"""Characters of a value, and addresses, that are repeated in the notification: it must fit into a message of SNS."""
VERDICT_HEADER = "X-Local-Verdict"
HOST = f"inbound-smtp.{LOOPBACK['AWS_DEFAULT_REGION']}.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Checks:
    """What SES would have found: each a status of its notification."""

    spf: str = "PASS"
    dkim: str = "PASS"
    dmarc: str = "PASS"
    spam: str = "PASS"
    virus: str = "PASS"
    dmarc_policy: str | None = None


VERDICTS: Mapping[str, Checks] = {
    "pass": Checks(),
    "fail": Checks(spf="FAIL", dkim="FAIL", dmarc="FAIL", dmarc_policy="reject"),
    "gray": Checks(spf="GRAY", dkim="GRAY", dmarc="GRAY"),
    "spam": Checks(spam="FAIL"),
    "virus": Checks(virus="FAIL"),
    "unscanned": Checks(spam="PROCESSING_FAILED", virus="PROCESSING_FAILED"),
}
"""What `X-Local-Verdict` may say: `fail` is a forged From, `gray` a domain that publishes nothing."""
_RESULTS = {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}


@dataclass(frozen=True, slots=True)
class Received:
    """One letter that the door took."""

    ses_id: str
    at: datetime
    mail_from: str
    recipients: tuple[str, ...]
    subject: str


class SmtpDoor:
    """Listens from `start` to `stop`. `accept` does the same for a letter that comes without SMTP."""

    def __init__(
        self, aws: Aws, deployment: Deployment, now: Callable[[], datetime], tell: Callable[[Received], None]
    ) -> None:
        self._aws = aws
        self._bucket = deployment.outputs["MailBucket"]
        self._topic = deployment.outputs["MailTopic"]
        self._known = [recipient.lower() for recipient in deployment.recipients]
        self._now = now
        self._tell = tell
        self._controller: Controller | None = None

    def start(self, port: int) -> None:
        """Listen on a port of the loopback interface; raises NotStarted."""
        controller = _Listener(
            _Handler(self), hostname="127.0.0.1", port=port, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True,
            ident="Reglament local", server_hostname=HOST, decode_data=False,
        )  # fmt: skip
        try:
            controller.start()
        except (OSError, TimeoutError) as error:
            raise NotStarted(f"the SMTP door could not listen on 127.0.0.1:{port}: {error}") from error
        self._controller = controller

    def stop(self) -> None:
        """Listen no more."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def knows(self, address: str) -> bool:
        """Return whether the receipt rule takes this address: it, a plus-address of it, or its whole domain."""
        bare = without_plus(normalise_address(address))
        domain = bare.rpartition("@")[2]
        return any(
            known in (bare, domain) or (known.startswith(".") and domain.endswith(known)) for known in self._known
        )

    def accept(self, raw: bytes, mail_from: str, recipients: Sequence[str], helo: str = "localhost") -> str:
        """Store a letter, announce it and return the id that SES would have given it."""
        ses_id, at, mail_from = secrets.token_hex(20), self._now(), _text(mail_from)
        headers = BytesHeaderParser(policy=compat32).parsebytes(raw)
        checks = VERDICTS.get(str(headers.get(VERDICT_HEADER, "pass")).strip().lower(), Checks())
        comparable = [normalise_address(recipient) for recipient in recipients]
        block = _ses_fields(ses_id, at, mail_from, comparable, helo, headers, checks)
        key = f"incoming/{ses_id}"
        self._aws.s3.put_object(Bucket=self._bucket, Key=key, Body=block + raw)
        notification = _notification(ses_id, at, mail_from, comparable, headers, checks)
        notification["receipt"]["action"] = {
            "type": "S3",
            "topicArn": self._topic,
            "bucketName": self._bucket,
            "objectKeyPrefix": "incoming/",
            "objectKey": key,
        }
        self._aws.sns.publish(
            TopicArn=self._topic,
            Subject="Amazon SES Email Receipt Notification",
            Message=json.dumps(notification, ensure_ascii=False),
        )
        subject = header_as_read(first(fields(headers), "subject") or "")
        self._tell(Received(ses_id, at, mail_from, tuple(comparable), subject))
        return ses_id


class _Smtp(SMTP):
    line_length_limit = LINE_LIMIT


class _Listener(Controller):
    def factory(self) -> SMTP:
        return _Smtp(self.handler, **self.SMTP_kwargs)


class _Handler:
    """The commands of one SMTP session that SES answers in its own way."""

    def __init__(self, door: SmtpDoor) -> None:
        self._door = door

    async def handle_RCPT(  # noqa: N802 - the names are aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._door.knows(address):
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        try:
            # In a thread: the SDK blocks, and other sessions go on meanwhile.
            ses_id = await asyncio.to_thread(
                self._door.accept, raw, envelope.mail_from or "", envelope.rcpt_tos, session.host_name or "localhost"
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender keeps the letter and tries again
            return f"451 4.3.0 the letter could not be stored, try again later ({type(error).__name__})"
        return f"250 OK {ses_id}"


def _ses_fields(
    ses_id: str, at: datetime, mail_from: str, recipients: Sequence[str], helo: str, headers: Message, checks: Checks
) -> bytes:
    """Return the block of fields that SES writes above a letter."""
    sender = normalise_address(mail_from)
    domain = sender.rpartition("@")[2] or "localhost"
    author = _author_domain(headers) or domain
    host = re.sub(r"[^A-Za-z0-9.-]", "", helo) or "localhost"
    spf = _RESULTS.get(checks.spf, "none")
    explained = (
        f"{spf} (spfCheck: decided by the local SMTP door) client-ip=127.0.0.1; envelope-from={sender}; helo={host};"
    )
    passed = {name: _RESULTS.get(getattr(checks, name), "none") for name in ("dkim", "dmarc")}
    results = f"dkim={passed['dkim']} header.i=@{author};\r\n dmarc={passed['dmarc']} header.from={author};"
    # SES names a recipient only where there is one: the others must not learn of each other.
    named = f"\r\n for {recipients[0]};" if len(recipients) == 1 else ";"
    received = f"from {host} ({host} [127.0.0.1])\r\n by {HOST} with SMTP id {ses_id}{named}"
    lines = [
        f"Return-Path: <{sender}>",
        f"Received: {received}\r\n {format_datetime(at)} (UTC)",
        f"X-SES-Spam-Verdict: {checks.spam}",
        f"X-SES-Virus-Verdict: {checks.virus}",
        f"Received-SPF: {explained}",
        f"Authentication-Results: amazonses.com;\r\n spf={explained}\r\n {results}",
        f"X-SES-RECEIPT: {ses_id}",
    ]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


def _notification(
    ses_id: str, at: datetime, mail_from: str, recipients: Sequence[str], headers: Message, checks: Checks
) -> dict[str, Any]:
    """Return what SES publishes of a letter, all but the action."""
    fields = [{"name": name, "value": _text(value)} for name, value in headers.raw_items()]
    kept: list[dict[str, str]] = []
    size = 0
    for one in fields:
        size += len(one["name"]) + len(one["value"].encode())
        if size > HEADER_LIMIT:
            break
        kept.append(one)
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    receipt: dict[str, Any] = {
        "timestamp": stamp,
        "processingTimeMillis": 1,
        "recipients": list(recipients),
        **{f"{name}Verdict": {"status": getattr(checks, name)} for name in ("spam", "virus", "spf", "dkim", "dmarc")},
    }
    if checks.dmarc_policy is not None:
        receipt["dmarcPolicy"] = checks.dmarc_policy
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": stamp,
            "source": mail_from,
            "messageId": ses_id,
            "destination": _addressed(headers) or list(recipients),
            "headersTruncated": len(kept) < len(fields),
            "headers": kept,
            "commonHeaders": _common(mail_from, headers),
        },
        "receipt": receipt,
    }


def _addressed(headers: Message) -> list[str]:
    return [address for _, address in getaddresses(_all(headers, "To", "Cc"))][:ADDRESSES_LIMIT]


def _common(mail_from: str, headers: Message) -> dict[str, Any]:
    """The fields that SES repeats by name; those the letter lacks are left out."""
    common: dict[str, Any] = {"returnPath": mail_from} if mail_from else {}
    for name, key in (("From", "from"), ("To", "to"), ("Cc", "cc")):
        if values := _all(headers, name):
            common[key] = values[:ADDRESSES_LIMIT]
    for name, key in (("Date", "date"), ("Message-ID", "messageId"), ("Subject", "subject")):
        if (value := headers.get(name)) is not None:
            common[key] = _readable(value)[:VALUE_LIMIT]
    return common


def _all(headers: Message, *names: str) -> list[str]:
    return [_readable(value)[:VALUE_LIMIT] for name in names for value in headers.get_all(name, [])]


def _readable(value: object) -> str:
    text = _text(value)
    try:
        return _text(make_header(decode_header(text))) if len(text) < HEADER_LIMIT else text
    except (ValueError, LookupError):
        return text


def _text(value: object) -> str:
    """A header's value on one line; bytes that are no UTF-8 are shown as such."""
    whole = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"\r?\n[ \t]*", " ", whole).strip()


def _author_domain(headers: Message) -> str:
    address = parseaddr(_text(headers.get("From", "")))[1]
    return normalise_domain(re.sub(r"[\s;<>()\"]", "", address.rpartition("@")[2]))
