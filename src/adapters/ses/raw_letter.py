"""The envelope of a letter whose notification was lost, from what SES wrote above the letter it stored."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.mail.authentication import SesBlock, ses_block
from adapters.mail.headers import every, parse_addresses
from adapters.mail.repair import header_of
from adapters.ses.received import verdict_of
from domain.letter import Envelope, Verdict, Verdicts

_MAX_HEADER_BYTES = 2 * 1024 * 1024


def envelope_from_raw(
    raw: bytes, ses_message_id: str, received_at: datetime, recipients: tuple[str, ...] = ()
) -> Envelope:
    """Return the envelope of a letter that SES stored and whose notification was lost, from what SES wrote above it.

    `received_at` (aware; the object's time, say) stands in where SES's Received line has no date.
    The line names one recipient at most; without it `recipients`, then To and Cc stand in.
    Where the letter does not begin with SES's own fields for this id, all verdicts are unknown.
    """
    header = header_of(raw, _MAX_HEADER_BYTES)
    block = ses_block(header, ses_message_id)
    named = block.recipients if block is not None else ()
    addressed = tuple(mailbox.address for mailbox in parse_addresses([*every(header, "to"), *every(header, "cc")]))
    at = block.received_at if block is not None and block.received_at is not None else received_at
    return Envelope(
        ses_message_id=ses_message_id,
        received_at=at.astimezone(UTC),
        recipients=tuple(dict.fromkeys(named or recipients or addressed)),
        mail_from=(block.return_path or "") if block is not None else "",
        verdicts=_verdicts_of(block) if block is not None else Verdicts(),
    )


def _verdicts_of(block: SesBlock) -> Verdicts:
    """Return the verdicts that SES wrote into the letter. It writes no DMARC policy there, so a failure's stays unknown."""
    results = block.results
    return Verdicts(
        spam=verdict_of(block.spam) if block.spam else Verdict.UNKNOWN,
        virus=verdict_of(block.virus) if block.virus else Verdict.UNKNOWN,
        spf=_from_result(results.spf if results else ""),
        dkim=_best([_from_result(result) for result, _ in results.dkim] if results else []),
        dmarc=_from_result(results.dmarc if results else ""),
    )


def _from_result(result: str) -> Verdict:
    match result:
        case "pass":
            return Verdict.PASS
        case "fail":
            return Verdict.FAIL
        case "none" | "neutral" | "softfail" | "policy" | "permerror":  # as SES does: seen in notifications
            return Verdict.GRAY
        case "temperror":
            return Verdict.PROCESSING_FAILED
        case _:
            return Verdict.UNKNOWN


def _best(verdicts: list[Verdict]) -> Verdict:
    for wanted in (Verdict.PASS, Verdict.FAIL, Verdict.GRAY):
        if wanted in verdicts:
            return wanted
    return Verdict.UNKNOWN
