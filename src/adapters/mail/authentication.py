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
    r"\bby\s+inbound-smtp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\s+with\s+E?SMTPS?\s+id\s+([^\s;]{8,128})(?:\s+for\s+([^;]*))?;?",
    re.IGNORECASE,
)
_WRITTEN_BY_SES = frozenset(
    {"return-path", "received-spf", "authentication-results", "x-ses-spam-verdict", "x-ses-virus-verdict"}
)
# What SES explains of a result: "(spfCheck: domain of … designates … as permitted sender)".
_COMMENT = re.compile(r"\b((?:spf|dkim|dmarc)=[a-z]+)\s*\([^()]*\)", re.IGNORECASE)
_METHOD = re.compile(r"(spf|dkim|dmarc)=([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z][a-z.-]*)=(\S*)", re.IGNORECASE)
# A client may greet with, and write before its `@`, what reads like a result of SES's own.
_QUOTING = frozenset('"\\()')
_GREETED_ODDLY = re.compile(r"[;=\"\\]")
_DOUBTFUL = AuthenticationResults(doubtful=True)


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
    length: int
    """How many of the letter's fields they are, from the top."""


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
    length = position + 1
    for name, value in fields[position + 1 :]:
        if name not in _WRITTEN_BY_SES or name in own:
            break
        own[name] = value
        length += 1
    # The greeting stands in the line of Received too, before the host.
    greeted_oddly = "authentication-results" in own and _GREETED_ODDLY.search(received, 0, match.start())
    path = own.get("return-path")
    mailboxes = parse_addresses([path]) if path else ()
    return SesBlock(
        message_id=match.group(1),
        recipients=tuple(mailbox.address for mailbox in parse_addresses([match.group(2) or ""])),
        received_at=parse_date(received.rpartition(";")[2].strip()),
        return_path=None if path is None else (mailboxes[0].address if mailboxes else ""),
        spam=own.get("x-ses-spam-verdict"),
        virus=own.get("x-ses-virus-verdict"),
        results=_DOUBTFUL if greeted_oddly else parse_results(own.get("authentication-results", "")),
        length=length,
    )


def parse_results(value: str) -> AuthenticationResults | None:
    """An Authentication-Results value whose authserv-id is amazonses.com (RFC 8601 section 2.2), else None.

    The envelope sender and the greeting, which SES repeats in it, are the client's own words: a quoted local part
    (RFC 5321 section 4.1.2) holds semicolons, brackets and whole results. So a value in any other shape than SES
    writes is `doubtful`, as a whole: with quotes, with brackets but after a result, with SPF or DMARC told twice, or
    with a property that stands elsewhere than it should.
    """
    server, _, rest = value.partition(";")
    if not server.split() or server.split()[0].lower() != "amazonses.com":
        return None
    rest = _COMMENT.sub(r"\1", rest)
    if not _QUOTING.isdisjoint(rest):
        return _DOUBTFUL
    told: dict[str, str] = {}  # the result of SPF and of DMARC
    properties: dict[str, str] = {}  # theirs
    dkim: list[tuple[str, str]] = []
    method = ""
    for piece in rest.split(";"):
        words = piece.split()
        named = _METHOD.fullmatch(words[0]) if words else None
        found = [_PROPERTY.fullmatch(word) for word in (words[1:] if named else words)]
        own = {match[1].lower(): match[2] for match in found if match}
        if len(own) < len(found) or not own.keys().isdisjoint(("spf", "dkim", "dmarc")):
            return _DOUBTFUL
        if named:
            method = named[1].lower()
            if method in told:
                return _DOUBTFUL
        elif len(own) > 1 or (own and method != "spf"):
            return _DOUBTFUL  # SES writes those of SPF each after a semicolon of its own, and of nothing else
        if method == "dkim" and named:
            dkim.append((named[2].lower(), _domain(own.get("header.d") or own.get("header.i") or "")))
            continue
        if named:
            told[method] = named[2].lower()
        if not own.keys().isdisjoint(properties):
            return _DOUBTFUL
        properties |= own
    if {"smtp.mailfrom", "envelope-from"} <= properties.keys():
        return _DOUBTFUL
    sender = properties.get("smtp.mailfrom") or properties.get("envelope-from") or ""
    return AuthenticationResults(
        spf=told.get("spf", ""),
        spf_domain=_domain(sender),
        dkim=tuple(dkim),
        dmarc=told.get("dmarc", ""),
        header_from=_domain(properties.get("header.from", "")),
    )


def _domain(text: str) -> str:
    return normalise_domain(text.strip("<>").rpartition("@")[2])
