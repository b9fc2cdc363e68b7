"""What SES v2 documents of SendEmail.

Where SES documents no text for an error, the text is one that users of SES have reported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final, NamedTuple

from composition import LOOPBACK
from local.aws_contract.rules import Check, Params, Request, Rule, breaches

SERVICE: Final = "sesv2"
TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
CONFIGURATION_SET = re.compile(r"[A-Za-z0-9_-]{1,64}")
RECIPIENTS_LIMIT = 50
RAW_LIMIT = 40 * 1024 * 1024
LINE_LIMIT = 998
"""Characters of a line without its end."""
ONCE = (
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
REQUIRED = ("from", "to")
"""SES writes Date and Message-ID itself."""
_MAILBOX = re.compile(r"(?P<local>[!-?A-~]{1,64})@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)")


class Refusal(NamedTuple):
    """An error of SendEmail."""

    code: str
    message: str


def refusal_of(params: Params, verified: Collection[str]) -> Refusal | None:
    """Return by what error SES refuses a request, or None; `verified` are the account's verified domains."""
    return _broken(RULES, params) or _unverified(params, verified)


def answer_of(params: Params, verified: Collection[str]) -> Refusal | None:
    """Return the same for those refusals alone that the product leaves to SES."""
    return _broken(_ANSWERED, params) or _unverified(params, verified)


def _broken(rules: Iterable[Rule], params: Params) -> Refusal | None:
    broken = next(breaches(rules, Request(SERVICE, "SendEmail", params)), None)
    return None if broken is None else Refusal(broken.rule.code, broken.found)


def _tags(request: Request) -> Iterator[str]:
    tags = request.params.get("EmailTags", [])
    for tag in tags:
        for part in ("Name", "Value"):
            if not TAG.fullmatch(tag[part]):
                yield f"Invalid tag {part.lower()} <{tag[part]}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
    if len({tag["Name"] for tag in tags}) < len(tags):
        yield "Duplicate message tag name."


def _configuration_set(request: Request) -> Iterator[str]:
    name = request.params.get("ConfigurationSetName")
    if name is not None and not CONFIGURATION_SET.fullmatch(name):
        yield f"Invalid configuration set name <{name}>."


def _number_of_recipients(request: Request) -> Iterator[str]:
    recipients = recipients_of(request.params)
    if not recipients:
        yield "Missing required parameter: at least one recipient is needed"
    if len(recipients) > RECIPIENTS_LIMIT:
        yield f"Recipient count exceeds {RECIPIENTS_LIMIT}."


def _senders(request: Request) -> Iterator[str]:
    given = [request.params.get("FromEmailAddress", ""), *request.params.get("ReplyToAddresses", [])]
    yield from _wrong_addresses(address for _, address in getaddresses([one for one in given if one]))


def _addresses(request: Request) -> Iterator[str]:
    yield from _wrong_addresses(recipients_of(request.params))


def _wrong_addresses(addresses: Iterable[str]) -> Iterator[str]:
    yield from (f"Invalid email address {address}." for address in addresses if not _MAILBOX.fullmatch(address))


def _size(request: Request) -> Iterator[str]:
    raw = _raw_of(request.params)
    if len(raw) > RAW_LIMIT:
        yield f"Message length is more than {RAW_LIMIT} bytes long: '{len(raw)}'."


def _header(request: Request) -> Iterator[str]:
    head, blank, _body = _raw_of(request.params).partition(b"\r\n\r\n")
    if not blank:
        yield "The message must contain a header and a body, separated by a blank line."
    if not head.isascii():
        yield "Header contains non-ASCII characters."
    if re.search(rb"\r(?!\n)|(?<!\r)\n", head):
        yield "Header contains a bare CR or LF."


def _lines(request: Request) -> Iterator[str]:
    if any(len(line) > LINE_LIMIT for line in _raw_of(request.params).split(b"\r\n")):
        yield f"A line of the message is longer than {LINE_LIMIT} characters."


def _once(request: Request) -> Iterator[str]:
    names = [name.lower() for name in _fields_of(request.params)]
    yield from (f"Duplicate header '{name}'." for name in ONCE if names.count(name) > 1)


def _required(request: Request) -> Iterator[str]:
    names = [name.lower() for name in _fields_of(request.params)]
    yield from (f"Missing required header '{name.title()}'." for name in REQUIRED if name not in names)


def _unverified(params: Params, verified: Collection[str]) -> Refusal | None:
    """Return how SES refuses From, Sender, Return-Path and the API's own parameter (SES developer guide, "Verified identities")."""
    header = _fields_of(params)
    named = [value for name in ("From", "Sender", "Return-Path") for value in header.get_all(name, [])]
    addresses = [address for _, address in getaddresses([str(params.get("FromEmailAddress", "")), *map(str, named)])]
    refused = [one for one in addresses if one and one.rpartition("@")[2].lower() not in verified]
    if not refused:
        return None
    region = LOOPBACK["AWS_DEFAULT_REGION"].upper()
    failed = f"The following identities failed the check in region {region}: {', '.join(refused)}"
    return Refusal("MessageRejected", f"Email address is not verified. {failed}")


def recipients_of(params: Params) -> list[str]:
    """Return all recipients of a request."""
    destination = params.get("Destination", {})
    return [address for kind in ("To", "Cc", "Bcc") for address in destination.get(f"{kind}Addresses", [])]


def _raw_of(params: Params) -> bytes:
    raw: bytes = params.get("Content", {}).get("Raw", {}).get("Data", b"")
    return raw


def _fields_of(params: Params) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(_raw_of(params).partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def _rule(field: str, limit: str, source: str, check: Check) -> Rule:
    return Rule(SERVICE, ("SendEmail",), field, limit, source, "BadRequestException", check)


_RAW_PAGE = "SES API v2 reference, RawMessage (API_RawMessage.html)"
_DESTINATION = "SES API v2 reference, Destination (API_Destination.html)"
_ADDRESS = "ASCII on both sides, domains in punycode; 64 characters before the @, 253 after it"
_QUOTAS = "SES developer guide, Service quotas (quotas.html)"

RULES: Final = (
    _rule(
        "EmailTags",
        "names and values: 1 to 256 of A-Z, a-z, 0-9, _ and -; no name twice",
        "SES API v2 reference, MessageTag (API_MessageTag.html)",
        _tags,
    ),
    _rule(
        "ConfigurationSetName",
        "1 to 64 of A-Z, a-z, 0-9, _ and -",
        "SES API v2 reference, CreateConfigurationSet (API_CreateConfigurationSet.html)",
        _configuration_set,
    ),
    _rule("Destination", "1 to 50 recipients over To, Cc and Bcc", f"{_QUOTAS}, Message quotas", _number_of_recipients),
    Rule(
        SERVICE,
        ("SendEmail",),
        "Destination",
        _ADDRESS,
        f"{_DESTINATION}; RFC 5321 section 4.5.3.1",
        "BadRequestException",
        _addresses,
        is_answered=True,
    ),
    _rule("FromEmailAddress, ReplyToAddresses", _ADDRESS, f"{_DESTINATION}; RFC 5321 section 4.5.3.1", _senders),
    _rule("Content.Raw.Data", "at most 40 MB, attachments encoded", f"{_QUOTAS}, Message quotas", _size),
    _rule(
        "Content.Raw.Data",
        "header and body, a blank line between; a header of ASCII, no bare CR or LF",
        _RAW_PAGE,
        _header,
    ),
    _rule(
        "Content.Raw.Data",
        "lines of at most 1,000 characters, their end included",
        f"{_RAW_PAGE}; RFC 5322 section 2.1.1",
        _lines,
    ),
    _rule("Content.Raw.Data", "From and To are there", _RAW_PAGE, _required),
    _rule("Content.Raw.Data", "no field of the header twice", "RFC 5322 section 3.6; RFC 2045 section 3", _once),
)
_ANSWERED: Final = tuple(rule for rule in RULES if rule.is_answered)
