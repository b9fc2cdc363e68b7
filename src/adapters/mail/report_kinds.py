"""Which letters are reports of mail systems and mail programs: bounces, complaints, receipts."""

from __future__ import annotations

import re

from adapters.mail.clues import BEGINNING, Clues, automatic_header, has_words, stamped_header
from adapters.mail.headers import first
from domain.letter import ByProgram


def _report_type(clues: Clues) -> str:
    content_type = (first(clues.fields, "content-type") or "").lower()
    match = re.search(r"report-type\s*=\s*\"?([\w-]+)", content_type)
    return match.group(1) if match else ""


def _report_types(clues: Clues) -> frozenset[str]:
    """Return the types of the report parts by which a letter is a report: beside a person's words they are files.

    A report is one as a whole (`Contents.report_parts`). Older servers write `multipart/mixed`; they say in another
    way that no person wrote, or there are no words of one.
    """
    types = frozenset(clues.contents.report_parts)
    if not clues.contents.attached_reports:
        return types
    by_machine = clues.null_path or from_daemon(clues) or automatic_header(clues) or stamped_header(clues)
    return types if not by_machine and has_words(clues.visible) else types | frozenset(clues.contents.attached_reports)


_COMPLAINT_SUBJECT = re.compile(
    r"^\s*(?:complaint about message from|abuse report|email feedback report|жалоба на спам)", re.IGNORECASE
)


def complaint(clues: Clues) -> str:
    if "message/feedback-report" in _report_types(clues) or _report_type(clues) == "feedback-report":
        return "a feedback report (RFC 5965)"
    if _COMPLAINT_SUBJECT.match(clues.subject) and clues.contents.nested:
        return "a complaint by its subject, with the letter it is about"
    return ""


def receipt(clues: Clues) -> str:
    types = _report_types(clues)
    if "message/disposition-notification" in types or _report_type(clues) == "disposition-notification":
        return "a disposition notification (RFC 8098)"
    if "message/global-disposition-notification" in types:
        return "a disposition notification (RFC 6533)"
    return ""


def receipt_by_words(clues: Clues) -> str:
    says_so = clues.by_program is ByProgram.RECEIPT
    return "the subject and the text say that a letter was delivered or read" if says_so else ""


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


def bounce(clues: Clues) -> str:
    types = _report_types(clues)
    if "message/delivery-status" in types or "message/global-delivery-status" in types:
        return "a delivery status notification (RFC 3464)"
    if _report_type(clues) == "delivery-status":
        return "multipart/report of type delivery-status (RFC 3464)"
    if first(clues.fields, "x-failed-recipients"):
        return "the header X-Failed-Recipients is present"
    if clues.null_path and _says_undelivered(clues):
        return "the return path is empty, and the letter says that one was not delivered"
    if clues.null_path and from_daemon(clues):
        return "a mail system writes with an empty return path"
    if automatic_header(clues) and _BOUNCE_SUBJECT.search(clues.subject) and _says_in_text(clues):
        return "an automatic letter says that one was not delivered"
    return ""


_EXCHANGE_SUBJECT = re.compile(
    r"\s*(?:недостав(?:ляемое|ленное)(?:\s+(?:сообщение|письмо))?|недоставлено|не\s+доставлено|(?:сообщение\s+)?не\s+удалось\s+доставить(?:\s+(?:сообщение|письмо))?"
    r"|(?:отказ|сбой|ошибка)\s+(?:в\s+)?доставк[еи](?:\s+(?:сообщения|письма))?|отложен[ао]\s+доставка|задержка\s+доставки|доставка\s+(?:отложена|не\s+выполнена)"
    r"|undeliver(?:able|ed)(?:\s+(?:mail|message))?|delivery\s+(?:has\s+)?(?:failed|failure|delayed)|delayed|failed)\s*(?::|$)",
    re.IGNORECASE,
)
"""What Exchange and servers like it put before the subject of the letter that did not arrive."""
_TO_WHOM = r"(?:следующ\w+|эт\w+|указанн\w+|данн\w+|одно\w+|нескольк\w+|некотор\w+|всех|ваш\w+|these|the\s+following|some\s+or\s+all|the\s+intended|one\s+or\s+more)"
_EXCHANGE_TEXT = re.compile(
    rf"(?:не\s+удалось|невозможно|не\s+смог\w*)\s+(?:выполнить\s+)?достав\w+\s+(?:(?:ваше|это|данное)\s+)?(?:сообщени\w+\s+|письм\w+\s+)?(?:\w+\s+)?{_TO_WHOM}(?:\s+или\s+\w+)?\s+(?:получател|адресат|пользовател|списк|групп)"
    rf"|(?:сообщение|письмо)\s+не\s+(?:достигло|дошло\s+до|(?:было\s+)?доставлено)\s+(?:до\s+)?{_TO_WHOM}(?:\s+или\s+\w+)?\s+(?:получател|адресат)"
    rf"|delivery\s+(?:has\s+)?failed\s+to\s+{_TO_WHOM}\s+(?:recipient|address)|(?:message|mail)\s+(?:did\s+not\s+reach|could\s*n[o']t\s+be\s+delivered\s+to)\s+{_TO_WHOM}\s+(?:\w+\s+){{0,3}}(?:recipient|address)"
    r"|(?:диагностические\s+сведения|diagnostic\s+information)\s+для\s+администратор|diagnostic\s+information\s+for\s+administrators|формирующий\s+сервер|generating\s+server"
    r"|#?\b[45]\d\d\s+[45]\.\d\.\d{1,3}\b|#[45]\.\d\.\d{1,3}\b|\bremote\s+server\s+returned\b|удал[её]нный\s+сервер\s+(?:вернул|возвратил)",
    re.IGNORECASE,
)
"""The sentences of such a report: to whom, by which server, with which code (RFC 3463)."""
_OF_A_PERSON = re.compile(
    r"\?|добрый\s+(?:день|вечер)|доброе\s+утро|здравствуйте|помогите|подскажите|прошу\b|просим\b", re.IGNORECASE
)


_NEAR = 300


def bounce_by_words(clues: Clues) -> str:
    if from_daemon(clues) and _says_undelivered(clues):
        return "a mail system's address, and the letter says that one was not delivered"
    opening = clues.text[:BEGINNING]
    said = _EXCHANGE_TEXT.search(opening) if _EXCHANGE_SUBJECT.match(clues.subject) else None
    # Further down may stand the letter that did not arrive, with its greeting.
    if said is not None and not _OF_A_PERSON.search(opening[: said.end() + _NEAR]):
        return "the subject and the text are those of a report of delivery"
    return ""


def _says_undelivered(clues: Clues) -> bool:
    return bool(_BOUNCE_SUBJECT.search(clues.subject)) or _says_in_text(clues)


def _says_in_text(clues: Clues) -> bool:
    return bool(_BOUNCE_TEXT.search(clues.text[:BEGINNING]))


def from_daemon(clues: Clues) -> bool:
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
