"""What SNS documents of publishing and of subscriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from local.aws_contract.rules import Check, Request, Rule, size_of

SERVICE: Final = "sns"
MESSAGE_LIMIT = 256 * 1024
"""Bytes of a message and its attributes: what every topic takes that nobody has set to take more."""
SUBJECT_LIMIT = 99
"""Characters of a subject: "less than 100 characters long"."""
SUBJECT = re.compile(r"[!-~][ -~]*")
"""The page on Publish says UTF-8 text without control characters, its earlier editions ASCII that begins with a letter,
a number or punctuation: what both take."""
ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!.*\.\.)(?!(?i:aws|amazon)\.)[A-Za-z0-9_.-]{1,256}(?<!\.)")
ATTRIBUTE_TYPES = frozenset({"String", "String.Array", "Number", "Binary"})
ATTRIBUTES_LIMIT = 10
SMS_LIMIT = 1600
"""Bytes of a text message: "the total size quota for a single SMS publish action is 1600 bytes"."""
SMS_UNITS_LIMIT = 630
"""Of one that has characters outside the GSM alphabet (AWS End User Messaging, sms-limitations-character.html)."""
SENDER_ID = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9]{3,11}")
"""Three to eleven, a letter among them: the page on publishing. That on attributes says from one on."""
SMS_TYPES = frozenset({"Promotional", "Transactional"})
SMS_ATTRIBUTES = frozenset({"AWS.SNS.SMS.SenderID", "AWS.SNS.SMS.SMSType"})
"""Of AWS's own names these are what a text message may carry."""
TARGETS = ("TopicArn", "TargetArn", "PhoneNumber")


def _target(request: Request) -> Iterator[str]:
    given = [name for name in TARGETS if name in request.params]
    if len(given) != 1:
        yield f"{', '.join(given) or 'none of them'}"


def _message(request: Request) -> Iterator[str]:
    if not request.params.get("Message"):
        yield "an empty message"


def _size(request: Request) -> Iterator[str]:
    size = size_of(request.params.get("Message", ""))
    for name, attribute in request.params.get("MessageAttributes", {}).items():
        content = attribute.get("StringValue", "") or attribute.get("BinaryValue", b"")
        size += size_of(name) + size_of(attribute.get("DataType", ""))
        size += len(content) if isinstance(content, bytes) else size_of(content)
    if size > MESSAGE_LIMIT:
        yield f"{size:,} bytes"


def _subject(request: Request) -> Iterator[str]:
    subject = request.params.get("Subject")
    if subject is None:
        return
    if len(subject) > SUBJECT_LIMIT:
        yield f"{len(subject)} characters"
    if not SUBJECT.fullmatch(subject):
        yield "empty, begins with a blank, or has a character that is no printable ASCII"


def _attributes(request: Request) -> Iterator[str]:
    attributes = request.params.get("MessageAttributes", {})
    if len(attributes) > ATTRIBUTES_LIMIT:
        yield f"{len(attributes)} attributes"
    for name, attribute in attributes.items():
        if name not in SMS_ATTRIBUTES and not ATTRIBUTE_NAME.fullmatch(name):
            yield f"the name {name!r}"
        if attribute.get("DataType") not in ATTRIBUTE_TYPES:
            yield f"{name} of type {attribute.get('DataType')!r}"
        if not (attribute.get("StringValue") or attribute.get("BinaryValue")):
            yield f"{name} without a value"


def _sms(request: Request) -> Iterator[str]:
    if "PhoneNumber" not in request.params:
        return
    text = request.params.get("Message", "")
    if size_of(text) > SMS_LIMIT:
        yield f"{size_of(text):,} bytes"
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if not text.isascii() and units > SMS_UNITS_LIMIT:
        yield f"{units} UTF-16 units"


def _sms_attributes(request: Request) -> Iterator[str]:
    for name, attribute in request.params.get("MessageAttributes", {}).items():
        value = attribute.get("StringValue", "")
        if name == "AWS.SNS.SMS.SenderID" and not SENDER_ID.fullmatch(value):
            yield f"the sender ID {value!r}"
        if name == "AWS.SNS.SMS.SMSType" and value not in SMS_TYPES:
            yield f"the type {value!r}"


def _phone(request: Request) -> Iterator[str]:
    number = request.params.get("PhoneNumber")
    if number is not None and not re.fullmatch(r"\+[1-9][0-9]{1,14}", number):
        yield "not in E.164 format"


def _confirmation(request: Request) -> Iterator[str]:
    flag = request.params.get("AuthenticateOnUnsubscribe", "true")
    if flag not in {"true", "false"}:
        yield f"AuthenticateOnUnsubscribe {flag!r}"
    if not request.params.get("Token"):
        yield "an empty token"


def _rule(operations: tuple[str, ...], field: str, limit: str, source: str, check: Check) -> Rule:
    return Rule(SERVICE, operations, field, limit, source, "InvalidParameter", check)


_PUBLISH = "SNS API reference, Publish (API_Publish.html)"
_ATTRIBUTES = "SNS developer guide, Message attributes (sns-message-attributes.html)"
_TO_PHONE = "SNS developer guide, Publishing SMS messages to a mobile phone (sms_publish-to-phone.html)"

RULES: Final = (
    _rule(("Publish",), "TopicArn, TargetArn, PhoneNumber", "just one of them", _PUBLISH, _target),
    _rule(("Publish",), "Message", "not empty", _ATTRIBUTES, _message),
    _rule(("Publish",), "Message, MessageAttributes", "at most 256 KB in UTF-8, attributes included", _PUBLISH, _size),
    _rule(
        ("Publish",),
        "Subject",
        "less than 100 characters of printable ASCII, the first no blank; no line breaks",
        _PUBLISH,
        _subject,
    ),
    _rule(
        ("Publish",),
        "MessageAttributes",
        "at most 10 (what a queue takes); names of 1 to 256 of A-Z, a-z, 0-9, _, - and ., none of AWS's; type and value",
        _ATTRIBUTES,
        _attributes,
    ),
    _rule(
        ("Publish",),
        "Message, to a PhoneNumber",
        "at most 1,600 bytes; 630 UTF-16 units outside the GSM alphabet",
        _TO_PHONE,
        _sms,
    ),
    _rule(
        ("Publish",),
        "MessageAttributes, to a PhoneNumber",
        "a sender ID of 3 to 11 letters and digits, a letter among them; `Promotional` or `Transactional`",
        _TO_PHONE,
        _sms_attributes,
    ),
    _rule(("Publish",), "PhoneNumber", "E.164", _PUBLISH, _phone),
    _rule(
        ("ConfirmSubscription",),
        "Token, AuthenticateOnUnsubscribe",
        "a token; `true` or `false`",
        "SNS API reference, ConfirmSubscription (API_ConfirmSubscription.html)",
        _confirmation,
    ),
)
