"""What kind of letter it is, by its structure first, its headers next, and its words last.

Each test returns its evidence: a sentence in English without personal data. The order is the safer one:
a letter that might be automatic is never answered, so that no loop starts (RFC 3834 section 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from adapters.mail.contents import Contents
from adapters.mail.headers import every, first
from domain.addresses import without_plus
from domain.letter import Address, LetterKind, Verdict, Verdicts
from domain.russian.absence import AUTOMATIC, is_notice_of_absence, subject_of_absence

OWN_HEADER = "x-reglament-desk"
_BEGINNING = 4_000


@dataclass(frozen=True, slots=True)
class Clues:
    """What the kind is decided by."""

    fields: list[tuple[str, str]]
    contents: Contents
    verdicts: Verdicts
    null_path: bool
    """The envelope sender is known to be `<>`."""
    from_addresses: tuple[Address, ...]
    subject: str
    text: str
    visible: str
    has_quote: bool
    answers: bool
    own_addresses: frozenset[str]


def kind_of(clues: Clues) -> tuple[LetterKind, str, bool]:
    """The kind; the header, verdict or phrase that made it so; and whether words alone did, which may mislead."""
    for kind, test in _TESTS:
        evidence = test(clues)
        if evidence:
            return kind, evidence, test in _BY_WORDS
    return *_correspondence(clues), False


_FORWARD_SUBJECT = re.compile(r"^\s*(?:fwd?|fw|пересл?|пер)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_REPLY_SUBJECT = re.compile(r"^\s*(?:re|отв|на|aw|sv|antw)\s*(?:[\[(]\d+[\])])?\s*:", re.IGNORECASE)


def says_forwarded(subject: str) -> bool:
    """True where the subject begins as a forwarded letter's does."""
    return bool(_FORWARD_SUBJECT.match(subject))


def says_answered(subject: str) -> bool:
    """True where the subject begins as an answer's does."""
    return bool(_REPLY_SUBJECT.match(subject))


def _correspondence(clues: Clues) -> tuple[LetterKind, str]:
    if says_forwarded(clues.subject):
        return LetterKind.REQUEST, "the subject says that the letter is forwarded"
    if clues.answers:
        return LetterKind.REPLY, "In-Reply-To or References is present"
    if says_answered(clues.subject) and clues.has_quote:
        return LetterKind.REPLY, "the subject says that it is an answer, and an earlier letter is quoted"
    return LetterKind.REQUEST, "a person's letter that answers none"


def _virus(clues: Clues) -> str:
    return "the virus verdict of SES is FAIL" if clues.verdicts.virus is Verdict.FAIL else ""


def _spam(clues: Clues) -> str:
    return "the spam verdict of SES is FAIL" if clues.verdicts.spam is Verdict.FAIL else ""


# --- reports ---------------------------------------------------------------------------------------------


def _report_type(clues: Clues) -> str:
    content_type = (first(clues.fields, "content-type") or "").lower()
    match = re.search(r"report-type\s*=\s*\"?([\w-]+)", content_type)
    return match.group(1) if match else ""


_COMPLAINT_SUBJECT = re.compile(
    r"^\s*(?:complaint about message from|abuse report|email feedback report|жалоба на спам)", re.IGNORECASE
)


def _complaint(clues: Clues) -> str:
    if "message/feedback-report" in clues.contents.report_parts or _report_type(clues) == "feedback-report":
        return "a feedback report (RFC 5965)"
    if _COMPLAINT_SUBJECT.match(clues.subject) and clues.contents.nested:
        return "a complaint by its subject, with the letter it is about"
    return ""


_READ_SUBJECT = re.compile(
    r"^\s*(?:прочитано|не прочитано|прочтено|read|not read|read receipt|уведомление о прочтении|подтверждение (?:о )?прочтени[ия]"
    r"|disposition notification|return receipt)\s*(?::|$|\()",
    re.IGNORECASE,
)
_READ_TEXT = re.compile(
    r"был[оа]? (?:прочитано|прочтено|удалено без прочтения)|was (?:read|deleted without being read|displayed) on"
    r"|(?:this is a|это) (?:return receipt|уведомление о (?:прочтении|получении))",
    re.IGNORECASE,
)


def _receipt(clues: Clues) -> str:
    types = clues.contents.report_parts
    if "message/disposition-notification" in types or _report_type(clues) == "disposition-notification":
        return "a disposition notification (RFC 8098)"
    if "message/global-disposition-notification" in types:
        return "a disposition notification (RFC 6533)"
    if _READ_SUBJECT.match(clues.subject) and _READ_TEXT.search(clues.text[:_BEGINNING]):
        return "the subject and the text say that a letter was read"
    return ""


_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mail\.?delivery\.?(?:sub)?system|postmaster|poostmaster|bounces?[-+=@]|mdaemon|nobody@)",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail\s+deliver|mailer[-\s]?daemon|delivery\s+(?:sub)?system|postmaster|system\s+administrator|почтов\w+\s+(?:система|служба)|ndr\s",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|not\s+(?:be\s+)?delivered|deliver(?:y|ing)\s+(?:status|failure|failed|has\s+failed|problem|report|error|delay)"
    r"|mail\s+deliver(?:y|ing)\s+(?:failed|failure|error|has)|returned\s+(?:mail|to\s+sender)|fail(?:ure|ed)\s+(?:notice|delivery)"
    r"|message\s+delivery\s+has\s+failed|mail\s+failed|could\s+not\s+be\s+(?:delivered|sent)|mail\s+system\s+error|non[- ]?delivery|bounce\s+notification"
    r"|error\s+sending\s+your\s+mail|delayed\s+\d+\s+hours|warning:\s+(?:message|could\s+not\s+send)|failure\s+delivery|cannot\s+deliver"
    r"|message\s+(?:status|you\s+sent\s+blocked)|mail\s+could\s+not|недостав|не\s+(?:был[оа]?\s+)?доставлен|не\s+может\s+быть\s+доставлен"
    r"|невозможно\s+доставить|ошибка\s+доставки|отказ\s+в\s+доставке|задержк\w+\s+доставки|отчёт\s+о\s+доставке|отчет\s+о\s+доставке",
    re.IGNORECASE,
)
_BOUNCE_TEXT = re.compile(
    r"(?:could\s+not|couldn't|cannot|unable\s+to|wasn't\s+able\s+to|not\s+able\s+to)\s+(?:be\s+)?deliver|failed\s+permanently|delivery\s+(?:to\s+the\s+following\s+\w+\s+)?(?:has\s+)?failed"
    r"|delivery\s+status\s+notification|(?:message|mail|letter|email)\s+(?:\S+\s+){0,6}(?:was|were|is|be|did)\s+not\s+(?:be\s+)?(?:delivered|reach)|did\s+not\s+reach"
    r"|undeliverable|user\s+unknown|unknown\s+user|no\s+such\s+user|mailbox\s+(?:is\s+)?(?:full|unavailable|not\s+found)|transcript\s+of\s+session|returned\s+(?:to\s+sender|message)"
    r"|this\s+is\s+the\s+mailer-daemon|qmail-send\s+program|error\s+delivering\s+your\s+mail|failure\s+reasons|was\s+rejected|reject\s+reason|has\s+not\s+yet\s+been\s+delivered"
    r"|not\s+delivered|invalid\s+final\s+delivery|delivery\s+of\s+this\s+message|<<<\s*[45]\d\d|said:\s*[45]\d\d|\b[45]\d\d[\s-]+[45]\.\d\.\d"
    r"|не\s+(?:был[оа]?\s+)?доставлен|не\s+может\s+быть\s+доставлен|не\s+удалось\s+доставить|невозможно\s+доставить|недоставлен|почтовый\s+ящик\s+(?:переполнен|не\s+найден|не\s+существует)"
    r"|такого\s+пользователя\s+нет|пользователь\s+не\s+найден|адресат\s+не\s+найден|отклонено\s+сервером",
    re.IGNORECASE,
)


def _bounce(clues: Clues) -> str:
    types = clues.contents.report_parts
    if "message/delivery-status" in types or "message/global-delivery-status" in types:
        return "a delivery status notification (RFC 3464)"
    if _report_type(clues) == "delivery-status":
        return "multipart/report of type delivery-status (RFC 3464)"
    if first(clues.fields, "x-failed-recipients"):
        return "the header X-Failed-Recipients is present"
    if clues.null_path and _says_undelivered(clues):
        return "the return path is empty, and the letter says that one was not delivered"
    if clues.null_path and _from_daemon(clues):
        return "a mail system writes with an empty return path"
    if _automatic_header(clues) and _BOUNCE_SUBJECT.search(clues.subject) and _says_in_text(clues):
        return "an automatic letter says that one was not delivered"
    return ""


def _bounce_by_words(clues: Clues) -> str:
    if _from_daemon(clues) and _says_undelivered(clues):
        return "a mail system's address, and the letter says that one was not delivered"
    return ""


def _says_undelivered(clues: Clues) -> bool:
    return bool(_BOUNCE_SUBJECT.search(clues.subject)) or _says_in_text(clues)


def _says_in_text(clues: Clues) -> bool:
    return bool(_BOUNCE_TEXT.search(clues.text[:_BEGINNING]))


def _from_daemon(clues: Clues) -> bool:
    """A person may be named "System Administrator" too: a name counts only with an empty return path."""
    raw = first(clues.fields, "from") or ""
    if not clues.from_addresses:
        return bool(
            _DAEMON_NAME.search(raw)
            or re.fullmatch(r"\s*<?\s*>?\s*|.*(?:mailer-daemon|postmaster).*", raw, re.IGNORECASE)
        )
    return any(
        _DAEMON.match(sender.address) or (clues.null_path and _DAEMON_NAME.search(sender.name))
        for sender in clues.from_addresses
    )


# --- automatic letters -----------------------------------------------------------------------------------


def _own(clues: Clues) -> str:
    if first(clues.fields, OWN_HEADER) is not None:
        return "the header X-Reglament-Desk is present: a letter that a desk sent"
    if any(without_plus(sender.address) in clues.own_addresses for sender in clues.from_addresses):
        return "the sender is an address of the desk"
    return ""


def _calendar(clues: Clues) -> str:
    if clues.contents.calendar_method is None:
        return ""
    return f"a calendar object is the body (method {clues.contents.calendar_method or 'not named'})"


def _automatic_header(clues: Clues) -> str:
    firsts = dict(reversed(clues.fields))
    for value in every(clues.fields, "auto-submitted"):
        # RFC 3834 section 5: "no", alone or with comments and parameters, is a person's letter.
        keyword = re.sub(r"\([^()]*\)", " ", value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":
            return "Auto-Submitted says so (RFC 3834 section 5)"
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply-from",
        "x-mail-autoreply",
        "x-vacation",
        "x-auto-reply",
    ):
        value = firsts.get(name, "").strip().lower()
        if value and value not in ("no", "false", "0"):
            return f"the header {name} is present"
    suppress = firsts.get("x-auto-response-suppress", "").lower()
    # The other values (DR, NDR, RN, NRN) only ask for no receipts (MS-OXCMAIL 2.2.3.2.14), as persons may.
    if {word.strip() for word in suppress.split(",")} & {"oof", "autoreply", "all"}:
        return "X-Auto-Response-Suppress asks that nothing automatic answers"
    precedence = firsts.get("precedence", "").strip().lower()
    if precedence in ("auto_reply", "auto-reply", "junk"):
        return f"Precedence is {precedence}"
    return ""


_ROBOT_ADDRESS = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|robot|noreply[\w-]*|auto[-_.]?(?:reply|responder|answer))@",
    re.IGNORECASE,
)
_FIRST_MEMBER = re.compile(r'\{\s*"[\w.-]{1,80}"\s*:')
_SHORT = 800


def _auto_replied(clues: Clues) -> str:
    """Answers of machines to one person, by their headers."""
    return _automatic_header(clues)


def _vacation(clues: Clues) -> str:
    opening = clues.visible[:_SHORT]
    if subject_of_absence(clues.subject):
        return "the subject is that of an automatic answer"
    if len(clues.visible) <= _SHORT and is_notice_of_absence(opening):
        return "the text is a notice of absence"
    if _from_robot(clues) and AUTOMATIC.search(opening):
        return "a robot's address, and the text says that it is automatic"
    return ""


def _data(clues: Clues) -> str:
    return (
        "a robot's address, and the text is data for a program"
        if _from_robot(clues) and _is_data(clues.visible)
        else ""
    )


def _from_robot(clues: Clues) -> bool:
    return any(_ROBOT_ADDRESS.match(sender.address) for sender in clues.from_addresses)


def _is_data(text: str) -> bool:
    """True for one JSON object, such as Amazon SNS mails to its subscribers; a footer may follow it."""
    start = text.lstrip()
    return start.startswith("{") and bool(_FIRST_MEMBER.match(start))


def _list(clues: Clues) -> str:
    for name in ("list-id", "list-unsubscribe", "list-post"):
        if first(clues.fields, name):
            return f"the header {name.title()} is present"  # RFC 2919, RFC 2369
    precedence = (first(clues.fields, "precedence") or "").strip().lower()
    return f"Precedence is {precedence}" if precedence in ("bulk", "list") else ""


def _auto_answer_in_list(clues: Clues) -> str:
    """An automatic answer stays one where the responder also says `Precedence: bulk`, as most do."""
    answered = any("replied" in value.lower() for value in every(clues.fields, "auto-submitted"))
    return "Auto-Submitted says auto-replied (RFC 3834 section 5)" if answered else ""


_TESTS: tuple[tuple[LetterKind, Callable[[Clues], str]], ...] = (
    (LetterKind.VIRUS, _virus),
    (LetterKind.SPAM, _spam),
    (LetterKind.COMPLAINT, _complaint),
    (LetterKind.RECEIPT, _receipt),
    (LetterKind.BOUNCE, _bounce),
    (LetterKind.BOUNCE, _bounce_by_words),
    (LetterKind.OWN, _own),
    (LetterKind.CALENDAR, _calendar),
    (LetterKind.AUTO_REPLY, _auto_answer_in_list),
    (LetterKind.LIST, _list),
    (LetterKind.AUTO_REPLY, _auto_replied),
    (LetterKind.AUTO_REPLY, _data),
    (LetterKind.AUTO_REPLY, _vacation),
)
_BY_WORDS = (_bounce_by_words, _vacation)
"""Tests that a person's letter may meet as well: such a letter is not answered, but shown to somebody."""
