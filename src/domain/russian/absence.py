"""Notices of absence, told by their words where a mail program left out the headers of RFC 3834.

Two measures for two dangers: a client's letter is taken for a notice only on sure signs, since a request
must not be lost; a specialist's on any sign at all, since a notice must not reach a client.
"""

from __future__ import annotations

import re

_PHRASE = (
    r"(?:автоматический\s+ответ|автоответ(?:чик)?|авто-ответ|автоматическое\s+(?:уведомление|сообщение)"
    r"|auto(?:matic|mated)?[\s-]*(?:reply|response|answer)|out\s+of\s+(?:the\s+)?office|vacation(?:\s+(?:reply|notice|message|response))?|ooo"
    r"|(?:(?:я|буду|сейчас|нахожусь)\s+)*в\s+(?:\w+\s+)?отпуске|отсутствую|отсутству(?:ю|ет)\s+(?:на\s+(?:работе|(?:рабочем\s+)?месте)|в\s+офисе)"
    r"|(?:меня\s+)?(?:нет|не\s+будет)\s+(?:на\s+(?:работе|(?:рабочем\s+)?месте)|в\s+офисе)|(?:нахожусь\s+)?вне\s+офиса|(?:я\s+)?(?:на\s+больничном|в\s+командировке)"
    r"|automatische\s+antwort|abwesenheitsnotiz|r[ée]ponse\s+automatique|respuesta\s+autom[áa]tica|автоматична\s+відповідь|автовідповідь|автоматты\s+жауап|аўтаматычны\s+адказ"
    r"|on\s+(?:annual\s+)?(?:leave|vacation|holiday)|away\s+from\s+(?:the\s+|my\s+)?(?:office|desk|mail|email))"
)
_TERM = r"(?:(?:до|с|со|по|until|till|from|to|through)\s+(?:the\s+)?[\d./]{1,10}(?:\s*(?:г\.?|года|[а-яё]{3,8}|[a-z]{3,9}))?[\s,]*)"
_SUBJECT = re.compile(
    rf"\s*(?:(?:re|отв|aw|sv)\s*(?:\[\d+\])?:\s*)*\W*(?:{_PHRASE}[\s.,!–—-]*)+{_TERM}{{0,2}}[\s.!)\]]*(?::|\(|$)",
    re.IGNORECASE,
)
_AWAY = r"(?:в\s+(?:\w+\s+){0,2}(?:отпуске|командировке|декрете|отъезде|поездке)|на\s+(?:больничном|учёбе|учебе|обучении|выезде))"
_AT_WORK = r"(?:на\s+(?:работе|(?:сво[её]м\s+)?(?:рабочем\s+)?месте)|в\s+офисе)"
_ABSENT = re.compile(
    rf"\b(?:наход(?:иться|ится)\s+{_AWAY}|нахожусь\s+{_AWAY}|(?:я|сейчас|буду|временно)\s+(?:\w+\s+)?{_AWAY}|(?:я|сейчас|буду|временно)\s+(?:\w+\s+)?отсутств(?:у|ов)\w+"
    rf"|отсутству(?:ю|ет|ем)\s+(?:{_AT_WORK}|в|с|до|по)\b|(?:меня|нас|сотрудника|адресата)\s+(?:\w+\s+){{0,2}}(?:нет|не\s+будет|не\s+бывает)\s+(?:{_AT_WORK}|до\s|с\s)"
    rf"|(?:я\s+)?(?:сейчас\s+)?не\s+{_AT_WORK}|буду\s+(?:вне\s+офиса|недоступ\w+)|вне\s+офиса\s+(?:до|с|по)|нахожусь\s+вне\s+офиса"
    r"|больше\s+не\s+работа(?:ю|ет)\b|(?:уволил(?:ся|ась)|уволен[а]?)\b|ушл?[аё]л?\s+в\s+(?:\w+\s+)?(?:отпуск|декрет)"
    r"|(?:i\s+am|i'm|i\s+will\s+be|i'll\s+be|am\s+currently|currently)\s+(?:\w+\s+){0,2}(?:out\s+of\s+(?:the\s+)?office|not\s+in\s+the\s+office|on\s+(?:\w+\s+)?(?:leave|vacation|holiday)|away\b|travell?ing|off\s+sick)"
    r"|(?:not\s+in|out\s+of)\s+(?:the\s+|my\s+)?office\b|no\s+longer\s+(?:works?|with|employed))",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"по\s+(?:всем\s+)?(?:срочным|неотложным|рабочим|возникающим)?\s*вопросам|обраща(?:йтесь|ться)|обрат(?:итесь|иться)|отвечу\s+(?:вам\s+)?(?:после|по|как|\d|позже|позднее|завтра)|вернусь|выйду\s+(?:\d|на)|ваше\s+(?:письмо|сообщение)"
    r"|доступ\s+к\s+(?:почте|email)|замеща|(?:мои|её|ее|его)\s+обязанности|вместо\s+меня|в\s+мо[её]\s+отсутствие|буду\s+(?:на\s+(?:связи|месте|рабочем)|в\s+офисе|\d)|(?:пишите|звоните|писать|звонить|направля\w+)\s"
    r"|(?:will|shall|'ll)\s+(?:\w+\s+)?(?:respond|reply|answer|return|get\s+back|be\s+back)|return(?:ing)?\s+(?:on|to)|back\s+on|urgent|in\s+my\s+absence|please\s+contact|limited\s+access",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:до|по|с|until|till|from)\s+(?:\d|понедельник|вторник|сред|четверг|пятниц|конца|янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек|mon|tue|wed|thu|fri)",
    re.IGNORECASE,
)
_SAYS_NO_MORE = 18
"""Words of a letter that says until when somebody is away, and nothing else."""
_TO_OTHERS = r"обращ|обрат|пис|напис|звон|позвон|направ|связ|свяж|адрес|дублир|перенапр|отправл|пересл|извин|прост|прощ|здравств|подожд|дожд|ожид|отвеч|использ|понима|пиш|напиш|сайте|лимит|кредит|визит|аудит|транзит|комит"
"""How notices of absence ask: to write to somebody else, to wait."""
ASKS = re.compile(
    r"\?|\bне\s+(?:открыва|работа(?:ет|ют)\s+(?!в\b)|работа(?:ет|ют)[.,!;:]|работа(?:ет|ют)$|печата|загружа|приход[ия]т|ухо[дж]|отобража|сохраня|запуска|могу\s+(?!ответ)|можем|удаётся|удается|наж[иа]|выда|формиру|созда|вид)|\bошибк"
    rf"|\b(?:прошу|просим|просьба|попрошу)\b(?!\s+(?:\w+\s+){{0,3}}(?:{_TO_OTHERS}))|(?<!не )\b(?:нужно|необходимо|требуется|хочу|хотим|хотел[аи]?\s+бы)\b(?!\s+(?:\w+\s+){{0,2}}(?:{_TO_OTHERS}))"
    rf"|\b(?!{_TO_OTHERS})[а-яё]{{2,20}}(?:[йь]те|[бвгджзклмнпрстфхцчшщ]ите)\b"
    r"|\b(?:does|is|are)\s*n[o']t\s+(?:work|open|print|load)|\bcan(?:no|')t\s+(?:log|open|print|find)|\bplease\s+(?:help|add|remove|delete|reset|check|fix|open|close)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a person asks or tells of a fault, and no notice of absence does."""
AUTOMATIC = re.compile(
    r"(?:(?:это|данное)\s+)?(?:автоматическ\w+\s+)?(?:письмо|сообщение|уведомление)\s+(?:было\s+)?(?:сформировано|создано|отправлено|сгенерировано)\s+автоматически|(?:это|данное)\s+автоматическ\w+\s+(?:письмо|сообщение|уведомление|ответ)"
    r"|(?:это|данное)\s+(?:письмо|сообщение|уведомление)\s+(?:создано|отправлено|сформировано)\s+(?:роботом|системой|программой)|(?:пожалуйста,\s+)?не\s+отвечайте\s+на\s+(?:это|данное)\s+(?:письмо|сообщение)|отвечать\s+на\s+него\s+не\s+(?:нужно|надо|требуется)"
    r"|this\s+is\s+an\s+auto(?:matic|mated|matically)[\s-]|(?:please\s+)?do\s+not\s+reply\s+to\s+this",
    re.IGNORECASE,
)
"""What a machine says of its own letter."""
_SENT = r"(?:письмо|сообщение|обращение|запрос|заявк[ауи]|заявлени[ея]|вопрос|message|e-?mail|request|ticket|inquiry)"
ACKNOWLEDGES = re.compile(
    rf"\bваш[аеу]?\s+{_SENT}\s+(?:\S{{1,20}}\s+){{0,3}}(?:получен|принят|зарегистрирован|поступил|поставлен|будет\s+(?:рассмотрен|обработан))\w*|{_SENT}\s+(?:получено|принято)\s+и\s+(?:зарегистрировано|передано|будет)"
    rf"|\bмы\s+получили\s+ваш[аеу]?\s+{_SENT}|ваш(?:ему|ей)\s+\w{{4,12}}\s+присвоен|{_SENT}\s+(?:№\s*|#)?[\w-]{{1,20}}\s+(?:создан|зарегистрирован|принят)[аоы]?\b"
    rf"|your\s+{_SENT}\s+(?:\S{{1,20}}\s+){{0,3}}(?:received|registered|created)|we\s+(?:have\s+)?received\s+your\s+{_SENT}|thank\s+you\s+for\s+(?:contacting|your\s+{_SENT})",
    re.IGNORECASE,
)
"""What another desk's robot says of a letter that it took."""
_THANKS = re.compile(
    r"(?:спасибо|благодарим(?:\s+вас)?|благодарю)\s+за\s+(?:ваш[аеу]?\s+)?(?:обращение|запрос|заявку|заявление)\b",
    re.IGNORECASE,
)
"""What a desk says, and no client does to a desk."""
_TO_THE_READER = re.compile(r"ваш|мы\b|your|we\b|thank|спасибо|благодар", re.IGNORECASE)
_QUOTED = re.compile(r"«[^»]{0,400}»|\"[^\"]{0,400}\"|“[^”]{0,400}”")
_SIGNS = (
    # Why somebody is away.
    r"отпуск(?:а|у|ом|е)?\b|командировк|декрет|отгул|больничн|нетрудоспособн|отъезд|роддом|уволил(?:ся|ась)\b|отдыхаю\b|(?:за|при|по)?болею\b|(?:за|при)болела?\b",
    r"у\s+меня\s+(?:\w+\s+)?выходн|в\s+(?:\w+\s+)?поездке\b|уехала?\s+(?:в|на|до)\s|уезжаю\b|за\s+свой\s+сч[её]т|находясь\s+(?:в|на)\s|нахожусь\s+(?:в|на|вне|за)\s",
    r"vacation|pto\b|(?:maternity|paternity|parental|annual|sick)\s+leave\b|on\s+(?:\w+\s+){0,2}leave\b|on\s+(?:\w+\s+){0,2}holidays?\b|off\s+sick|left\s+the\s+company|no\s+longer\s+with\s+(?:the|us)\b|i\s+no\s+longer\s+work",
    # That somebody is.
    r"(?:не|нет)\s+на\s+(?:рабочем\s+)?месте\b|(?:меня|нас)\s+(?:\w+\s+){0,3}(?:не\s+будет|нет\s+(?:на\s+работе|сегодня|сейчас|до|с|по)\b)|меня\s+(?:сейчас|сегодня|временно)\s+нет\b",
    r"(?:не|вне|нет)\s+(?:в\s+)?офис[еа]\b|офис\s+закрыт|(?:офис|компания|мы)\s+(?:\w+\s+)?не\s+работае[тм]\s+(?:с|до|по)\s|отсутству(?:ю|ем)\b|буду\s+отсутствовать|(?:буду|я)\s+(?:\w+\s+)?недоступ(?:ен|на)\b|(?:временно|сейчас|сегодня|завтра|больше|здесь|тут)\s+(?:я\s+)?не\s+работаю\b|(?:я\s+на\s+обеде|на\s+обеде,?\s+(?:буду|вернусь)|уш(?:ел|ёл|ла)\s+на\s+обед)\b|не\s+работает\s+в\s+(?:\w+\s+)?(?:компании|организации|фирме)\b",
    r"меня\s+(?:\w+\s+)?замеща|мои\s+обязанности|вместо\s+меня|в\s+мо[её]\s+отсутствие|in\s+my\s+absence|out\s+of\s+(?:the\s+|my\s+)?office|ooo\s+(?:until|till|from|on|this|today|\d)|away\s+(?:from|until|till)\b",
    r"(?:office|we)\s+(?:is|are|will\s+be)\s+closed\b|not\s+(?:in\s+the\s+office|at\s+(?:my|the)\s+desk)|(?:i\s+am|i'm)\s+(?:\w+\s+)?(?:travell?ing|attending|off|out|ill|sick|unavailable|absent|away)\b|(?:i\s+will|i'll)\s+(?:return|be\s+(?:\w+\s+)?(?:out|off|gone|away|absent|unavailable))\b",
    # When the letter will be read.
    r"(?:вернусь|выйду|возвращаюсь|выхожу)\s+(?:\w+\s+){0,2}(?:\d|завтра|послезавтра|после|на\s+работу|в\s+офис|(?:в|во)\s+(?:понедельник|вторник|сред|четверг|пятниц))|на\s+связи\s+(?:с|после)\s",
    r"буду\s+(?:снова\s+)?(?:на\s+(?:рабочем\s+)?(?:месте|работе|связи)|в\s+офисе)\b|отвечу\s+(?:вам\s+)?(?:позже|позднее|завтра|в\s+ближайшее|при\s+первой|на\s+следующей|в\s+рабочее)|не\s+с?могу\s+(?:\w+\s+)?ответить|отвечаю\s+с\s+задержкой|не\s+(?:проверяю|читаю)\s",
    r"(?:отвечу|свяжусь|прочту|прочитаю)\b[^.!?\n]{0,40}\b(?:как\s+только|когда|после|по)\s+(?:верн|выйд|возвращени|выхода)|почту\s+(?:\w+\s+){0,2}(?:читаю|проверяю|смотрю|увижу)\b|(?:читаю|проверяю|смотрю)\s+(?:\w+\s+)?почту\b",
    r"(?:нет|без)\s+доступа\s+к\s+(?:\w+\s+)?(?:почт|e-?mail|интернет)|доступа?\s+к\s+(?:\w+\s+)?(?:почте|e-?mail)\s+(?:нет|не\s+имею|не\s+будет|ограничен)|ограничен\w*\s+доступ\w*\s+к\s+(?:\w+\s+)?(?:почте|e-?mail|интернет)",
    r"(?:i\s+will|i'll|shall|to|i\s+am|i'm)\s+(?:be\s+)?back\s+(?:on|in|at|by|from|next|tomorrow|\d)|back\s+(?:in|at|to)\s+the\s+office|(?:when|as\s+soon\s+as)\s+i\s+(?:return|get\s+back|am\s+back)|(?:on|upon)\s+my\s+return",
    r"limited\s+e?-?mail\s+access|limited\s+access\s+to\s+(?:my\s+)?(?:e-?mail|mail|internet)|(?:no|without)\s+access\s+to\s+(?:my\s+)?e?-?mail|with\s+(?:some|a)\s+delay\b|delayed\s+response",
    # What a machine calls itself.
    r"автоответ|автоматическ\w+\s+ответ|auto(?:matic|mated)?[\s-]*repl(?:y|ies)",
)
_READ = 20_000
_ANY_SIGN = re.compile(rf"\b(?:{'|'.join(_SIGNS)})", re.IGNORECASE)


def subject_of_absence(subject: str) -> bool:
    """True where nothing but the words of an automatic answer stands before a colon or the end of the subject."""
    return bool(_SUBJECT.match(subject))


def is_notice_of_absence(text: str) -> bool:
    """True where a text says that its writer is away and what to do instead, that a machine says so, or until when and no more; and asks
    nothing.
    """
    if not _ABSENT.search(text) or ASKS.search(text):
        return False
    return bool(_INSTEAD.search(text) or AUTOMATIC.search(text)) or (
        bool(_UNTIL.search(text)) and len(text.split()) <= _SAYS_NO_MORE
    )


def is_acknowledgement(text: str) -> bool:
    """True where a text acknowledges a letter, calls itself automatic, and asks nothing; what it quotes is not its own."""
    own = _QUOTED.sub(" ", text)
    return bool(AUTOMATIC.search(own) and ACKNOWLEDGES.search(own)) and not ASKS.search(own)


def may_acknowledge(text: str, *, answers: bool) -> bool:
    """Return whether a text says what robots say of a letter that they took, and asks nothing; a person may say it, too.

    Where it answers none, only where it speaks of the reader's letter: «Заявка 17 создана» tells of the writer's own.
    """
    own = _QUOTED.sub(" ", text)
    said = ACKNOWLEDGES.search(own) or _THANKS.search(own)
    if said is None or ASKS.search(own):
        return False
    return answers or _TO_THE_READER.match(said[0]) is not None


def may_be_notice_of_absence(text: str) -> bool:
    """True on any sign that a mailbox, and not the specialist whose it is, has answered."""
    folded = text[:_READ].replace("’", "'")
    return bool(_ANY_SIGN.search(folded) or AUTOMATIC.search(folded))
