"""The front door of this package: the raw bytes of a mail become the value `Letter`.

Any bytes do: what cannot be read becomes a quarantined letter.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.message import Message

from adapters.mail.authentication import ses_block
from adapters.mail.bodies import ENCRYPTED, SIGNATURE_NOT_VERIFIED, read_contents
from adapters.mail.charsets import is_text
from adapters.mail.clues import Clues, says_answered, says_forwarded
from adapters.mail.contents import Contents
from adapters.mail.cutting import Refused, body_start, bound
from adapters.mail.files import MAX_OPENED_AT_INTAKE, File, list_files
from adapters.mail.forwarders import forwarded_by
from adapters.mail.headers import (
    MAX_HEADER_CHARS,
    MAX_SUBJECT_CHARS,
    below_fields,
    decode_header,
    every,
    fields,
    first,
    is_doubtful,
    parse_addresses,
    parse_date,
    parse_message_ids,
)
from adapters.mail.kinds import OWN_HEADER, judge
from adapters.mail.markup import Line, Mark
from adapters.mail.message import parse
from adapters.mail.programs import by_program
from adapters.mail.quotes import MAX_TOLD_APART, Separated, separate
from adapters.mail.reports import read_report
from domain.letter import Address, DeliveryReport, Envelope, Letter, LetterKind, Trust
from domain.regulation.desk import Forwarders
from domain.regulation.editions import own_addresses
from domain.regulation.mailboxes import forwarders_of
from domain.trust import TrustDecision, decide_trust

NO_FORWARDERS = Forwarders()
READ_AS_TEXT = "what it says was read as text"
"""How the defect ends that is noted of a text without an author's header."""
_MAX_REFERENCES = 100
# What every mail program writes at least one of; servers on the way write none of them.
_AUTHORS_FIELDS = frozenset({"from", "sender", "to", "subject", "date", "message-id", "mime-version", "content-type"})
# OpenPGP in the text of a letter (RFC 9580 section 6.2).
_PGP_MESSAGE = re.compile(r"-----BEGIN PGP MESSAGE-----\n.*-----END PGP MESSAGE-----", re.DOTALL)
_MACHINE_REPORTS = frozenset({LetterKind.BOUNCE, LetterKind.COMPLAINT, LetterKind.RECEIPT})


class Unreadable(ValueError):
    """The letter is kept but not read: it passes a limit, which the message names."""


def read_for_desks(raw: bytes, envelope: Envelope) -> Letter:
    """Return a letter as the desks that it is addressed to read it: by their own addresses and their forwarders."""
    return read_letter(raw, envelope, own_addresses(), forwarders_of(envelope))


def read_letter(
    raw: bytes,
    envelope: Envelope,
    own_addresses: frozenset[str] = frozenset(),
    forwarders: Forwarders = NO_FORWARDERS,
) -> Letter:
    """The letter in `raw`, which may be any bytes; never raises.

    `own_addresses` are the desks' own in their comparable form: a quotation that names one is of a letter of ours.
    `forwarders` are those that its desks name: what one of them found of the letter counts.
    Limits on size, header, parts and depth (`adapters.mail.cutting`) end in a letter of kind `quarantined`
    whose evidence names the limit, and so does what has no header and is no text; a text without a header is a
    letter of nobody's, for a person to read. Lesser oddities are listed in `defects`.
    """
    try:
        return read_or_raise(raw, envelope, own_addresses, forwarders)
    except (
        MessageError,
        RecursionError,
        MemoryError,
        ArithmeticError,
        AttributeError,
        TypeError,
        AssertionError,
    ) as error:
        return _quarantined(raw, envelope, f"the parser failed ({type(error).__name__})")
    except (LookupError, ValueError, OSError, RuntimeError) as error:
        return _quarantined(raw, envelope, f"the letter could not be decoded ({type(error).__name__})")


def read_or_raise(
    raw: bytes,
    envelope: Envelope,
    own_addresses: frozenset[str] = frozenset(),
    forwarders: Forwarders = NO_FORWARDERS,
) -> Letter:
    """`read_letter` without its safety net: for the tools that look for what the net would hide."""
    bounded = bound(raw)
    if isinstance(bounded, Refused):
        return _quarantined(raw, envelope, bounded.evidence)
    message = parse(bounded.data)
    header = fields(message)
    headless = _without_author(header)
    if headless and not is_text(below_fields(bounded.data)):
        return _quarantined(raw, envelope, headless)
    contents = read_contents(message, bounded)
    contents.defects.update(dict.fromkeys(bounded.defects))
    if headless:
        contents.defects[f"{headless}; {READ_AS_TEXT}"] = None
    files = list_files(contents, may_open=MAX_OPENED_AT_INTAKE)

    charset = contents.charset
    from_addresses = parse_addresses(every(header, "from"), charset)
    subject = decode_header(first(header, "subject") or "", MAX_SUBJECT_CHARS, charset)
    in_reply_to = parse_message_ids(every(header, "in-reply-to"))[:_MAX_REFERENCES]
    references = parse_message_ids(every(header, "references"))[-_MAX_REFERENCES:]
    answers = bool(in_reply_to or references)

    lines = contents.lines()
    parts = separate(
        lines,
        answers=answers or says_answered(subject),
        forwards=says_forwarded(subject),
        own_addresses=own_addresses,
    )
    text = _whole_text(lines)
    if len(lines) > MAX_TOLD_APART:
        contents.defects[f"only the first {MAX_TOLD_APART} lines were told apart from quotation"] = None
    sent_by_program = None if files else by_program(subject, parts.visible, text, contents.has_mime_types)
    judged = judge(
        Clues(
            fields=header,
            contents=contents,
            verdicts=envelope.verdicts,
            null_path=_null_path(header),
            from_addresses=from_addresses,
            subject=subject,
            text=text,
            visible=parts.visible,
            by_program=sent_by_program,
            has_quote=bool(parts.set_apart),
            answers=answers,
        )
    )
    kind = judged.kind
    if contents.report_parts and kind in _MACHINE_REPORTS:
        # Nobody wrote the readable half of a machine's report.
        parts = Separated("", set_apart=parts.set_apart, forwarded=parts.forwarded)
    encrypted = _is_encrypted(contents, parts, kind)
    if encrypted:
        contents.defects[ENCRYPTED] = None
    block = ses_block(header, envelope.ses_message_id)
    head = raw[: body_start(raw)] if forwarders.by_any else b""  # as it came, before anything in it is put right
    forwarded = forwarded_by(header, head, block, envelope.verdicts, forwarders)
    decision = decide_trust(
        from_addresses,
        envelope.verdicts,
        block.results if block is not None else None,
        forwarded,
        envelope.mail_from,
        own_addresses,
    )
    if decision.trust is Trust.VERIFIED and is_doubtful(every(header, "from")):
        decision = TrustDecision(Trust.CLAIMED, "the From field can be read in more than one way")
    ids = parse_message_ids(every(header, "message-id")[:1])
    return Letter(
        envelope=envelope,
        kind=kind,
        kind_evidence=judged.evidence,
        trust=decision.trust,
        trust_evidence=decision.evidence,
        spf_failed=decision.spf_failed,
        sender=from_addresses[0] if len(from_addresses) == 1 else None,
        from_addresses=from_addresses,
        reply_to=parse_addresses(every(header, "reply-to"), charset),
        to=parse_addresses(every(header, "to"), charset),
        subject=subject,
        message_id=ids[0] if ids else None,
        in_reply_to=in_reply_to,
        references=references,
        date=parse_date(first(header, "date")),
        text=text,
        visible_text=parts.visible,
        signature=parts.signature,
        set_apart_text=parts.set_apart,
        forwarded_text=parts.forwarded or _forwarded_within(contents, kind),
        attachments=tuple(file.attachment for file in files),
        report=_report(kind, contents, header, text),
        kind_by_words=judged.by_words,
        unanswered=judged.unanswered,
        by_program=sent_by_program,
        has_own_mark=first(header, OWN_HEADER) is not None,
        answers=answers or says_answered(subject),
        null_path=_null_path(header),
        encrypted=encrypted,
        signed=SIGNATURE_NOT_VERIFIED in contents.defects,
        size=len(raw),
        defects=_defects(message, header, contents, from_addresses),
    )


def read_files(raw: bytes) -> list[File]:
    """Every file in a letter, to be opened; raises Unreadable, naming the limit, where the letter is not read at all."""
    bounded = bound(raw)
    if isinstance(bounded, Refused):
        raise Unreadable(bounded.evidence)
    return list_files(read_contents(parse(bounded.data), bounded))


def _without_author(header: list[tuple[str, str]]) -> str:
    """Why nothing in the header tells of an author, or an empty string."""
    if any(name in _AUTHORS_FIELDS for name, _ in header):
        return ""
    return (
        "no header field of an author's mail program, only those of servers"
        if header
        else "no header field could be read"
    )


def _quarantined(raw: bytes, envelope: Envelope, evidence: str) -> Letter:
    return Letter(
        envelope=envelope,
        kind=LetterKind.QUARANTINED,
        kind_evidence=evidence,
        trust=Trust.CLAIMED,
        trust_evidence="the letter was not read",
        sender=None,
        size=len(raw),
        defects=(evidence,),
    )


def _null_path(header: list[tuple[str, str]]) -> bool:
    """True where the envelope sender is surely `<>`: SES, as every last hop, notes it in Return-Path (RFC 5321 section 4.4)."""
    path = first(header, "return-path")
    return path is not None and path.strip() in ("<>", "")


def _whole_text(lines: list[Line]) -> str:
    return "\n".join([f"> {line.text}" if line.mark is Mark.QUOTE else line.text for line in lines]).strip("\n")


def _forwarded_within(contents: Contents, kind: LetterKind) -> str:
    """The text of a letter sent along as an attachment, for those who decide what this one is about."""
    if not kind.is_correspondence or not contents.nested:
        return ""
    inner = read_contents(*contents.nested[0])
    return _whole_text(inner.lines())


def _is_encrypted(contents: Contents, parts: Separated, kind: LetterKind) -> bool:
    """True for a person's letter in which nothing can be read: words beside an encrypted file are words."""
    visible = parts.visible.strip()
    return kind.is_correspondence and (
        (contents.encrypted and not visible) or _PGP_MESSAGE.fullmatch(visible) is not None
    )


def _report(kind: LetterKind, contents: Contents, header: list[tuple[str, str]], text: str) -> DeliveryReport | None:
    return read_report(contents, header, text) if kind in (LetterKind.BOUNCE, LetterKind.COMPLAINT) else None


def _defects(
    message: Message, header: list[tuple[str, str]], contents: Contents, from_addresses: tuple[Address, ...]
) -> tuple[str, ...]:
    found = dict(contents.defects)
    if not from_addresses:
        found["there is no readable From address"] = None
    if len(from_addresses) > 1:
        found["there are several From addresses"] = None
    if first(header, "message-id") is None:
        found["there is no Message-ID"] = None
    if any(len(value) >= MAX_HEADER_CHARS for _, value in header):
        found["a very long header field was read only in its beginning"] = None
    for part_defect in message.defects:
        found[f"the parser noted {type(part_defect).__name__}"] = None
    return tuple(found)
