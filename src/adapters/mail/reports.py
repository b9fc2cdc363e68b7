"""What delivery reports and complaints say of a letter of ours: RFC 3464, RFC 5965, and plain-text ones."""

from __future__ import annotations

import re

from adapters.mail.contents import Contents
from adapters.mail.headers import every, parse_message_ids
from domain.addresses import normalise_address
from domain.letter import DeliveryReport

_MAX_ADDRESSES = 50
_RECIPIENT = re.compile(
    r"(?im)^(?:final-recipient|original-recipient|x-actual-recipient|original-rcpt-to|removal-recipient)\s*:\s*(?:[\w-]+\s*;\s*)?<?([^\s<>;]+@[^\s<>;]+)"
)
_STATUS = re.compile(r"(?im)^status\s*:\s*([245]\.\d{1,3}\.\d{1,3})")
_ACTION = re.compile(r"(?im)^action\s*:\s*([\w-]+)")
_MESSAGE_ID = re.compile(r"(?im)^message-id\s*:\s*<?([^\s<>]{1,500})")
_ADDRESS = re.compile(r"[\w.+=!#$%&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ENHANCED = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45])\d\d[\s-]")
_TEMPORARY = re.compile(
    r"will (?:be )?(?:retry|retried|keep trying|continue)|has not yet been delivered|delayed|warning message only"
    r"|попыт\w+ (?:доставки )?(?:будут|будет) (?:продолж|повтор)|задерж\w+ доставк",
    re.IGNORECASE,
)
_PLAIN_BEGINNING = 6_000


def read_report(contents: Contents, fields: list[tuple[str, str]], text: str) -> DeliveryReport:
    """The report in the letter; empty fields where it does not say.

    `permanent` is False for a delay, and for a report that says the letter arrived.
    """
    machine = "\n".join((contents.report_parts or contents.attached_reports).values())
    if machine:
        return _from_machine(machine, contents.original)
    beginning = text[:_PLAIN_BEGINNING]
    named = [address for value in every(fields, "x-failed-recipients") for address in _ADDRESS.findall(value)]
    found = named or _ADDRESS.findall(beginning.partition("Message-ID")[0])
    status = _ENHANCED.search(beginning)
    code = _REPLY_CODE.search(beginning)
    temporary = bool(_TEMPORARY.search(beginning)) or (status or code or [""])[0][:1] == "4"
    original = contents.original or text
    return DeliveryReport(
        _addresses(found), _original_id(original), status.group(1) if status else None, permanent=not temporary
    )


def _from_machine(machine: str, original: str) -> DeliveryReport:
    statuses = _STATUS.findall(machine)
    actions = [action.lower() for action in _ACTION.findall(machine)]
    status = next((found for found in statuses if found[0] == "5"), statuses[0] if statuses else None)
    failed = "failed" in actions or (not actions and (status is None or status[0] == "5"))
    return DeliveryReport(_addresses(_RECIPIENT.findall(machine)), _original_id(original), status, permanent=failed)


def _addresses(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalise_address(address) for address in found))[:_MAX_ADDRESSES]


def _original_id(original: str) -> str | None:
    match = _MESSAGE_ID.search(original)
    ids = parse_message_ids([f"<{match.group(1)}>"]) if match else ()
    return ids[0] if ids else None
