"""One mail as the domain sees it: the value only; reading it from bytes is an adapter's work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LetterKind(StrEnum):
    """What a letter is, by its headers and text. Only requests and replies are ever answered."""

    REQUEST = "request"
    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    RECEIPT = "receipt"
    CALENDAR = "calendar"
    LIST = "list"
    SPAM = "spam"
    VIRUS = "virus"
    OWN = "own"
    QUARANTINED = "quarantined"

    @property
    def is_correspondence(self) -> bool:
        """True where a person writes to the desk and may expect an answer."""
        return self in (LetterKind.REQUEST, LetterKind.REPLY)


class ByProgram(StrEnum):
    """What a mail program writes by itself in a person's name: no answer to anything."""

    REACTION = "reaction"
    RECALL = "recall"
    RECEIPT = "receipt"


class Trust(StrEnum):
    """How surely the letter comes from the address in its From header."""

    VERIFIED = "verified"
    CLAIMED = "claimed"
    FORGED = "forged"


class Verdict(StrEnum):
    """A verdict of SES on one check; anything SES may add later reads as `UNKNOWN`.

    Source: Amazon SES developer guide, "Contents of notifications for Amazon SES email receiving".
    """

    PASS = "PASS"  # noqa: S105 - a verdict's name, not a password
    FAIL = "FAIL"
    GRAY = "GRAY"
    DISABLED = "DISABLED"
    PROCESSING_FAILED = "PROCESSING_FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What SES found out about a letter before any code of ours ran."""

    spam: Verdict = Verdict.UNKNOWN
    virus: Verdict = Verdict.UNKNOWN
    spf: Verdict = Verdict.UNKNOWN
    dkim: Verdict = Verdict.UNKNOWN
    dmarc: Verdict = Verdict.UNKNOWN
    dmarc_policy: str | None = None
    """`none`, `quarantine` or `reject`; SES states it only where DMARC failed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a letter travelled: what SES knows besides the bytes."""

    ses_message_id: str
    received_at: datetime
    """Aware, UTC: when SES took the letter."""
    recipients: tuple[str, ...]
    """Envelope recipients, as SES lists them in `receipt.recipients`."""
    mail_from: str = ""
    """Envelope sender; empty for the null path `<>` of bounces."""
    verdicts: Verdicts = Verdicts()


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox. `address` is comparable: trimmed, lower-case, the domain in punycode (ASCII)."""

    address: str
    name: str = ""
    """Decoded display name, on one line, without control characters."""

    @property
    def domain(self) -> str:
        """The part after the last `@`, or an empty string."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the letter carries, by name only: it stays inside the raw letter."""

    name: str
    content_type: str
    size: int
    """Bytes as encoded in the letter, so that nothing has to be decoded to list it; of a file in a winmail.dat its own."""
    inline: bool = False
    number: str = ""
    """Its place: `2` is the letter's second file, `2.1` the first within that. Empty where it was recorded before places were."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a bounce or complaint says of one letter of ours."""

    failed_addresses: tuple[str, ...] = ()
    original_message_id: str | None = None
    status: str | None = None
    """Enhanced status code of RFC 3463, such as `5.1.1`."""
    permanent: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, read. Every text is decoded, with `\\n` line ends and no control characters but tab."""

    envelope: Envelope
    kind: LetterKind
    kind_evidence: str
    """Which header, verdict or phrase made it that kind (English, for people; no personal data)."""
    trust: Trust
    trust_evidence: str
    sender: Address | None
    """The author: the single From address. None where From is absent or unreadable."""
    from_addresses: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    subject: str = ""
    message_id: str | None = None
    """Without angle brackets."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    """The Date header, aware; None where absent or unreadable. Never used for a clock."""
    text: str = ""
    """The whole body as plain text, quotation and signature included."""
    visible_text: str = ""
    """What the person wrote now."""
    signature: str = ""
    set_apart_text: str = ""
    """What is taken for earlier correspondence: shown to a specialist, and read by the rules only where the letter answers none."""
    quoted_text: str = ""
    """What is proved to be history: it was in the ticket's letters, or in what the desk sent, word for word."""
    forwarded_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    report: DeliveryReport | None = None
    kind_by_words: bool = False
    """The kind rests on words that a person may write too: nothing answers the letter, but somebody should look."""
    unanswered: bool = False
    """A machine may have written it: where a person's words may be in it, it is read, and nothing automatic answers it."""
    spf_failed: bool = False
    """SPF failed and nothing else vouches for the author: the letter is read, and nothing automatic goes to its address."""
    by_form: str = ""
    """The address of the contact form that sent it, normalised; `sender` is then whom the form names, if anybody."""
    has_own_mark: bool = False
    """It has a header that letters of a desk have, which by itself proves nothing."""
    by_program: ByProgram | None = None
    """What a mail program wrote by itself, known by its words; None where a person may have written."""
    answers: bool = False
    """It says that it answers a letter: by In-Reply-To, References, or a subject that begins with "Re:"."""
    null_path: bool = False
    """The envelope sender is known to be `<>`: a machine's letter, which nothing may answer (RFC 3834 section 2)."""
    encrypted: bool = False
    """All that was written is encrypted, so that nobody at the desk can read it."""
    signed: bool = False
    """What was written came within an electronic signature (S/MIME), which was not verified."""
    size: int = 0
    """Bytes of the raw letter."""
    defects: tuple[str, ...] = field(default=())
    """What was odd and how it was read, each a sentence in English without personal data."""

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """Message ids the letter answers, nearest first, without repetition (RFC 5322 section 3.6.4)."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))

    @property
    def root_of_thread(self) -> str | None:
        """The first letter of the thread that the letter goes on with, bound to its sender; None for a first letter.

        References begins with it, and without that field In-Reply-To names it (RFC 5322 section 3.6.4). The desk may
        never have seen that letter, and two that one person writes in its thread belong together; another's do not, so
        the sender is part of what is compared.
        """
        thread = self.references or self.in_reply_to[:1]
        return f"{thread[0]} {self.sender.address}" if thread and self.sender is not None else None

    @property
    def has_words(self) -> bool:
        """Whether somebody, or a machine, says anything in its new text or its signature."""
        return any(map(str.isalpha, f"{self.visible_text}{self.signature}"))
