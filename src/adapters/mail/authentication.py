"""What Amazon SES itself wrote at the top of a letter, told from what a sender planted below it.

SES puts its own fields in one block above the letter as it came: Return-Path, Received (by
`inbound-smtp.<region>.amazonaws.com`, with its message id), X-SES-Spam-Verdict, X-SES-Virus-Verdict,
Received-SPF, Authentication-Results, X-SES-RECEIPT and X-SES-DKIM-SIGNATURE. A sender's fields, whatever
they are called, come below. So a field is believed only where all of this holds:

- the topmost Received names an SES host and the id under which SES announced the letter, which no sender
  can know beforehand;
- it stands between that Received and the first X-SES-RECEIPT, with nothing between but fields SES writes;
- it is the first of its name there.

Where SES added no Authentication-Results, a planted one could stand in that place only if SES added no
X-SES-RECEIPT either; for that case the caller also asks the verdicts of the notification, which no
sender can write (`domain.trust`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from adapters.mail.headers import parse_addresses, parse_date
from domain.addresses import normalise_domain
from domain.trust import AuthenticationResults

_SES_RECEIVED = re.compile(
    r"\bby\s+inbound-smtp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\s+with\s+E?SMTPS?\s+id\s+(\S{8,128})(?:\s+for\s+([^;]*))?;?",
    re.IGNORECASE,
)
_WRITTEN_BY_SES = frozenset(
    {"return-path", "received-spf", "authentication-results", "x-ses-spam-verdict", "x-ses-virus-verdict"}
)
_METHOD = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(envelope-from|smtp\.mailfrom|smtp\.helo|header\.i|header\.d|header\.from)\s*=\s*\"?([^\s;\"()]+)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class SesBlock:
    """The fields SES wrote above the letter."""

    message_id: str
    recipients: tuple[str, ...]
    received_at: datetime | None
    return_path: str | None
    """The envelope sender, empty for the null path; None where SES noted none."""
    spam: str | None
    virus: str | None
    results: AuthenticationResults | None


def ses_block(fields: list[tuple[str, str]], expected_id: str | None = None) -> SesBlock | None:
    """The block, or None where the letter does not begin with one, or one for another letter than expected."""
    position = next((index for index, (name, _) in enumerate(fields) if name == "received"), None)
    if position is None or any(name != "return-path" for name, _ in fields[:position]):
        return None
    received = fields[position][1]
    match = _SES_RECEIVED.search(received)
    if not match or (expected_id is not None and match.group(1) != expected_id):
        return None
    own: dict[str, str] = dict(reversed(fields[:position]))
    for name, value in fields[position + 1 :]:
        if name not in _WRITTEN_BY_SES:
            break
        own.setdefault(name, value)
    path = own.get("return-path")
    mailboxes = parse_addresses([path]) if path else ()
    return SesBlock(
        message_id=match.group(1),
        recipients=tuple(mailbox.address for mailbox in parse_addresses([match.group(2) or ""])),
        received_at=parse_date(received.rpartition(";")[2].strip()),
        return_path=None if path is None else (mailboxes[0].address if mailboxes else ""),
        spam=own.get("x-ses-spam-verdict"),
        virus=own.get("x-ses-virus-verdict"),
        results=parse_results(own.get("authentication-results", "")),
    )


def parse_results(value: str) -> AuthenticationResults | None:
    """An Authentication-Results value whose authserv-id is amazonses.com (RFC 8601 section 2.2), else None."""
    server, _, rest = _COMMENT.sub(" ", value).partition(";")
    if not server.split() or server.split()[0].lower() != "amazonses.com":
        return None
    spf = spf_domain = dmarc = header_from = ""
    dkim: list[tuple[str, str]] = []
    method = ""
    for piece in rest.split(";"):
        named = _METHOD.search(piece)
        result = named.group(2).lower() if named else ""
        method = named.group(1).lower() if named else method
        properties = {key.lower(): text for key, text in _PROPERTY.findall(piece)}
        # SES writes the properties of SPF after semicolons of their own: they belong to the method before.
        if method == "spf":
            spf = spf or result
            sender = properties.get("smtp.mailfrom") or properties.get("envelope-from") or ""
            spf_domain = spf_domain or _domain(sender)
        elif method == "dkim" and named:
            dkim.append((result, _domain(properties.get("header.d") or properties.get("header.i") or "")))
        elif method == "dmarc":
            dmarc = dmarc or result
            header_from = header_from or _domain(properties.get("header.from") or "")
    return AuthenticationResults(spf, spf_domain, tuple(dkim), dmarc, header_from)


def _domain(text: str) -> str:
    return normalise_domain(text.strip("<>").rpartition("@")[2])
