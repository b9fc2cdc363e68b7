"""Notices of absence, told by their words where a mail program left out the headers of RFC 3834.

Two measures for two dangers: a client's letter is taken for a notice only on sure signs, since a request
must not be lost; a specialist's on any sign at all, since a notice must not reach a client.
"""

from __future__ import annotations

import re

_PHRASE = (
    r"(?:автоматический\s+ответ|автоответ(?:чик)?|авто-ответ|автоматическое\s+(?:уведомление|сообщение)"
    r"|auto(?:matic|mated)?[\s-]*(?:reply|response|answer)|out\s+of\s+(?:the\s+)?office|vacation(?:\s+(?:reply|notice|message|response))?|ooo"
    r"|(?:(?:я|буду|сейчас|нахожусь)\s+)*в\s+(?:\w+\s+)?отпуске|отсутствую|отсутству(?:ю|ет)\s+на\s+работе|(?:меня\s+)?нет\s+(?:на\s+(?:рабочем\s+)?месте|в\s+офисе)"
    r"|on\s+(?:annual\s+)?(?:leave|vacation|holiday)|away\s+from\s+(?:the\s+|my\s+)?(?:office|desk|mail|email))"
)
_TERM = r"(?:(?:до|с|со|по|until|till|from|to|through)\s+(?:the\s+)?[\d./]{1,10}(?:\s*(?:г\.?|года|[а-яё]{3,8}|[a-z]{3,9}))?[\s,]*)"
_SUBJECT = re.compile(
    rf"\s*(?:(?:re|отв|aw|sv)\s*(?:\[\d+\])?:\s*)*\W*(?:{_PHRASE}[\s.,!–—-]*)+{_TERM}{{0,2}}[\s.!)\]]*(?::|\(|$)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"\b(?:нахожусь\s+в\s+(?:\w+\s+)?(?:отпуске|командировке|декрет\w+)|(?:я|сейчас|буду|временно)\s+(?:\w+\s+)?(?:в\s+отпуске|отсутству\w+|в\s+командировке)"
    r"|отсутствую\s+(?:на|в|с|до|по)|буду\s+(?:вне\s+офиса|недоступ\w+)|вне\s+офиса\s+(?:до|с|по)"
    r"|(?:i\s+am|i'm|i\s+will\s+be|am\s+currently|currently)\s+(?:\w+\s+){0,2}(?:out\s+of\s+(?:the\s+)?office|on\s+(?:\w+\s+)?(?:leave|vacation|holiday)|away\s+from)"
    r"|out\s+of\s+(?:the\s+)?office\s+(?:until|from|and))",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"по\s+(?:всем\s+)?(?:срочным|неотложным|рабочим|возникающим)?\s*вопросам|обра(?:щайтесь|титесь)|отвечу\s+(?:вам\s+)?(?:после|по|как|\d)|вернусь|выйду\s+\d|ваше\s+(?:письмо|сообщение)"
    r"|доступ\s+к\s+(?:почте|email)|(?:will|shall)\s+(?:respond|reply|answer|return|get\s+back)|return(?:ing)?\s+(?:on|to)|urgent|in\s+my\s+absence|please\s+contact|limited\s+access",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\bне\s+(?:открыва|работа(?:ет|ют)|печата|загружа|приход[ия]т|отобража|сохраня|запуска|могу|можем|удаётся|удается)|\bошибк|\bпомогите"
    r"|\b(?:does|is|are)\s*n[o']t\s+(?:work|open|print|load)|\bcan(?:no|')t\s+(?:log|open|print|find)",
    re.IGNORECASE,
)
AUTOMATIC = re.compile(
    r"это\s+(?:письмо|сообщение)\s+(?:сформировано|создано|отправлено|сгенерировано)\s+автоматически|(?:пожалуйста,\s+)?не\s+отвечайте\s+на\s+(?:это|данное)\s+(?:письмо|сообщение)"
    r"|(?:письмо|сообщение|обращение)\s+(?:получено|принято)\s+и\s+(?:зарегистрировано|передано|будет)|вашему\s+обращению\s+присвоен"
    r"|this\s+is\s+an\s+auto(?:matic|mated|matically)[\s-]|(?:please\s+)?do\s+not\s+reply\s+to\s+this|your\s+(?:message|email|request|ticket)\s+has\s+been\s+received",
    re.IGNORECASE,
)
"""What a machine says of its own letter."""
_ANY_SIGN = re.compile(
    r"\b(?:в\s+(?:\w+\s+){0,3}(?:отпуске|командировке|декрете|отгуле)|отпуск\s+(?:с|до|по)\s|(?:ушла?|ухожу|уш[её]л|уехала?|уезжаю)\s+в\s+(?:\w+\s+)?(?:отпуск|командировку|декрет)"
    r"|больничн(?:ом|ый)|не\s+на\s+(?:рабочем\s+)?месте|нет\s+на\s+(?:рабочем\s+)?месте|(?:меня|нас)\s+(?:\w+\s+){0,2}(?:не\s+будет|нет\b)|(?:не|вне|нет)\s+(?:в\s+)?офис[еа]"
    r"|отсутству(?:ю\b|ем\b)|буду\s+отсутствовать|(?:буду|я|временно|сейчас)\s+(?:\w+\s+)?(?:недоступ(?:ен|на)|не\s+работаю)|у\s+меня\s+(?:\w+\s+)?(?:выходн|отпуск|отгул)"
    r"|(?:нет|без|ограничен\w*)\s+доступа?\s+к\s+(?:\w+\s+)?(?:почт|e-?mail|интернет)|доступа\s+к\s+(?:\w+\s+)?(?:почте|e-?mail)\s+(?:нет|не\s+имею|не\s+будет)"
    r"|(?:вернусь|выйду|возвращаюсь|выхожу)\s+(?:\w+\s+){0,2}(?:\d|на\s+работу|в\s+офис|из\s+отпуска|(?:в|во)\s+(?:понедельник|вторник|сред|четверг|пятниц))"
    r"|(?:отвечу|свяжусь|прочту|прочитаю)\b[^.!?\n]{0,40}\b(?:как\s+только|когда|после|по)\s+(?:верн|выйд|возвращени|выхода|отпуска)|в\s+мо[её]\s+отсутствие"
    r"|автоответ\w*|автоматическ\w+\s+ответ"
    r"|out\s+of\s+(?:the\s+|my\s+)?office|ooo|on\s+(?:\w+\s+){0,2}(?:leave|vacation|holidays?)|away\s+(?:from|until|till)|off\s+sick|(?:be|am|is)\s+back|back\s+(?:in|at|to)\s+the\s+office"
    r"|not\s+in\s+the\s+office|limited\s+access|(?:no|without)\s+access\s+to\s+(?:my\s+)?e?-?mail|in\s+my\s+absence|(?:i\s+will|i'll)\s+(?:return|be\s+(?:away|absent|unavailable))|auto(?:matic|mated)?[\s-]*repl(?:y|ies))",
    re.IGNORECASE,
)


def subject_of_absence(subject: str) -> bool:
    """True where nothing but the words of an automatic answer stands before a colon or the end of the subject."""
    return bool(_SUBJECT.match(subject))


def is_notice_of_absence(text: str) -> bool:
    """True where a text says that its writer is away and what to do instead, and asks for nothing."""
    return bool(_ABSENT.search(text) and _INSTEAD.search(text)) and not _ASKS.search(text)


def may_be_notice_of_absence(text: str) -> bool:
    """True on any sign that a mailbox, and not the specialist whose it is, has answered."""
    folded = text.replace("’", "'")
    return bool(_ANY_SIGN.search(folded) or AUTOMATIC.search(folded))
