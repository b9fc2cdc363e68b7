"""What a mail program writes by itself in a person's name: a reaction, a recall, a receipt in words.

Nobody typed it, so it answers nothing; it carries none of the headers of RFC 3834 either. A person may write of
the same things: each is known by its whole text, never by a word in it.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from adapters.mail.bodies import GMAIL_REACTION
from domain.letter import ByProgram

_LONGEST = 1_500
"""Characters of new text in such a letter; whoever writes more than a program's sentence is read."""
_NAME = r"[^\n.!?]{1,120}?"
_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
"""Unicode Technical Standard 51, annex A, loosely: with what joins and varies emoji."""
_REACTED = re.compile(
    rf"{_NAME}\s(?:от)?реагировал(?:а|и|\(-?а\))?\s+(?:через|в|из|с\s+помощью)\s+\W?(?:Gmail|Outlook|почт\w+)"
    rf"|{_NAME}\s(?:отреагировал|поставил|выбрал)(?:а|и|\(-?а\))?\s[^\n.!?]{{0,40}}\b(?:на\s+)?ваш(?:е|ему|им)\s+(?:сообщени\w+|письм\w+)"
    rf"|{_NAME}\s(?:понравилось|нравится)\s+ваше\s+(?:сообщение|письмо)"
    rf"|{_NAME}\sreacted\s+(?:via|from|in|with)\s+(?:Gmail|Outlook)"
    rf"|{_NAME}\s(?:reacted|responded\s+with)\s[^\n.!?]{{0,20}}\bto\s+your\s+(?:message|e-?mail)"
    rf"|{_NAME}\s(?:liked|loved|hearted|laughed\s+at|celebrated)\s+your\s+(?:message|e-?mail)",
    re.IGNORECASE,
)
"""Gmail's and Outlook's sentence about a reaction, as a line of its own."""
_IN_ANY_LANGUAGE = re.compile(r"[^\n?]{1,100}\bGmail\b[^\n?]{0,40}")
"""The same where a part of the letter says that it is a reaction."""
_DENIES = re.compile(r"\b(?:не|никто|not|nobody|n[o']t)\b", re.IGNORECASE)
_ENDS = " \t.:!*_()[]<>«»\"'-–—"

_RECALL_SUBJECT = re.compile(
    r"\s*(?:отзыв|отозвать|отзыв\s+сообщения|recall|message\s+recall)(?:\s+(?:success|failure|выполнен|не\s+выполнен))?\s*:",
    re.IGNORECASE,
)
_RECALLS = re.compile(
    rf"\W*{_NAME}\s(?:хотел[аи]?(?:\(-?а\))?\s+бы|хочет|желает|пытается)\s+отозвать\s+(?:\w+\s+)?(?:сообщение|письмо)\b"
    rf"|\W*{_NAME}\s(?:would\s+like|wants?|wishes|is\s+trying)\s+to\s+recall\s+(?:\w+\s+)?(?:message|e-?mail)\b"
    rf"|\W*(?:ваше|your)\s+(?:сообщение|письмо|message|e-?mail)\b[\s\S]{{0,600}}?(?:отозвано|recalled)\b",
    re.IGNORECASE,
)
"""Outlook's recall: support.microsoft.com, "Recall an Outlook email message"; the last for its report."""

_RECEIPT_SUBJECT = re.compile(
    r"\s*(?:не\s+)?(?:прочитано|прочтено|просмотрено|доставлено|получено|ретранслировано|удалено(?:\s+без\s+прочтения)?"
    r"|(?:not\s+|un)?read|delivered|relayed|displayed|deleted|read\s+receipt|return\s+receipt|receipt|disposition\s+notification"
    r"|(?:ваше\s+)?(?:письмо|сообщение)\s+(?:было\s+)?(?:прочитано|прочтено|доставлено)|(?:уведомление|подтверждение|отч[её]т)\s+(?:о\s+)?(?:прочтени[ия]|доставке|получени[ия]))\s*(?::|$|\()",
    re.IGNORECASE,
)
_RECEIPT_TEXT = re.compile(
    r"(?:сообщение|письмо)\b[\s\S]{0,900}?\b(?:(?:было\s+)?(?:прочитано|прочтено|просмотрено|открыто)(?:\s+(?:в\s+)?[\d(]|\s+получателем|[ \t]*[.!]?[ \t]*(?:\n|$))|удалено\s+(?:без\s+прочтения|непрочитанным))"
    r"|(?:сообщение|письмо)\s+(?:\w+\s+)?доставлено\s+(?:следующ|эт|указанн|получател|адресат)|доставка\s+(?:следующим|этим)\s+(?:получателям|адресатам)[^\n]{0,40}\s+(?:выполнена|завершена)"
    r"|message\b[\s\S]{0,900}?\b(?:was|has\s+been)\s+(?:read|displayed|opened|deleted\s+without\s+being\s+read)\b"
    r"|message\s+(?:has\s+been|was)\s+(?:successfully\s+)?delivered\s+to\s+the|delivery\s+to\s+these\s+recipients\s+or\s+groups\s+is\s+complete"
    r"|(?:this\s+is\s+a|это)\s+(?:return\s+receipt|(?:уведомление|подтверждение)\s+о\s+(?:прочтении|получении|доставке))|вид\s+уведомления|return\s+receipt\s+only\s+acknowledges",
    re.IGNORECASE,
)
_QUOTED_TITLE = re.compile(
    r"«[^»\n]{0,300}»|[\"“][^\"”\n]{0,300}[\"”]|^[ \t>*]*(?:тема|subject)\s*:[^\n]*", re.IGNORECASE | re.MULTILINE
)
"""The subject of the letter that is spoken of: a question in it is not asked now."""


def by_program(subject: str, visible: str, text: str, content_types: AbstractSet[str]) -> ByProgram | None:
    """Return what a mail program wrote by itself, by the subject, the new text, the whole text and the types of the parts.

    The caller sees to it that the letter carries no file: a picture under an emoji is an answer.
    """
    written = (visible.strip() or text.strip())[:_LONGEST]
    if is_reaction(visible, is_marked=GMAIL_REACTION in content_types):
        return ByProgram.REACTION
    if len(visible) > _LONGEST or "?" in _QUOTED_TITLE.sub("", visible):
        return None
    if _RECALL_SUBJECT.match(subject) and _RECALLS.match(written):
        return ByProgram.RECALL
    if _RECEIPT_SUBJECT.match(subject) and _RECEIPT_TEXT.search(text[:_LONGEST]):
        return ByProgram.RECEIPT
    return None


def is_reaction(visible: str, *, is_marked: bool = False) -> bool:
    """Return whether a text is nothing but emoji and a program's sentence about them.

    `is_marked` is true where a part of the letter says that it is a reaction. A part whose Content-Disposition is
    `reaction` (RFC 9078 section 2) holds a line of emoji, and needs no mark.
    """
    if len(visible) > _LONGEST:
        return False
    written = (bare for line in visible.split("\n") if (bare := _EMOJI.sub(" ", line).strip(_ENDS)))
    first = next(written, None)
    if first is not None and not is_marked and not _REACTED.fullmatch(" ".join(first.split())):
        return False  # as almost every letter
    lines = [first, *written] if first is not None else []
    has_emoji = bool(_EMOJI.search(visible))
    if not lines:
        return has_emoji
    said = [" ".join(line.split()) for line in lines]
    if is_marked and all(_IN_ANY_LANGUAGE.fullmatch(line) for line in said):
        return True
    if not all(_REACTED.fullmatch(line) for line in said):
        return False
    return is_marked or has_emoji or not _DENIES.search(said[0])
