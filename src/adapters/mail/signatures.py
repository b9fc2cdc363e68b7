"""Which lines are a signature: delimiters, phones' own lines, and formal closings, with a card below and no sentence."""

from __future__ import annotations

import re

from domain.russian.declension import is_given, is_patronymic

_MAX_DELIMITED_LINES = 25
_MAX_CLOSING_LINES = 10
_MAX_SIGNATURE_LINE = 110
_MAX_POSTSCRIPT_LINES = 60
_LONGEST = 400

# RFC 3676 section 4.3 has "-- "; many programs lose the space, some write a dash.
_DELIMITERS = frozenset({"--", "—", "–"})
_DEVICE = re.compile(
    r"^[\s<(\[*_]*(?:sent\s+(?:from|via|with|by|using)\b|\S+\s+from\s+mobile$|\S+(?:\s\S+)?\s+from\s+mobile|from\s+my\s+\w+|get\s+\[?outlook\s+for"
    r"|отправлено\s+(?:с|со|из|от|через|при\s+помощи)\s|послано\s+(?:с|из)\s|написано\s+с\s|(?:скачать|загрузить|получить|установить)\s+outlook|(?:простите|извините)\s+за\s+краткость|please\s+excuse\s+my\s+brevity"
    r"|надіслано\s+з|envoyé\s+(?:depuis|de|à\s+partir)|von\s+meinem\s.{1,40}gesendet|gesendet\s+(?:von|mit)|diese\s+nachricht\s+wurde\s+von"
    r"|sendt\s+fra|skickat\s+från|verzonden\s+(?:met|vanaf|via)|inviato\s+da|enviado\s+(?:desde|do|a\s+partir)|wysłane\s+z|從我的)",
    re.IGNORECASE,
)
_CLOSING_WORDS = (
    r"(?:с\s+(?:глубоким\s+|искренним\s+)?уважением|с\s+ув\b\.?|искренне\s+ваш[аи]?|всех\s+благ|с\s+(?:наи)?лучшими\s+пожеланиями|с\s+почтением|всего\s+(?:вам\s+)?(?:доброго|хорошего)"
    r"|(?:with\s+)?(?:best|kind|warm|kindest|warmest|many)\s+regards|regards|yours\s+(?:sincerely|faithfully|truly)|sincerely(?:\s+yours)?"
    r"|best(?:\s+wishes)?|cheers|thanks(?:\s+in\s+advance)?|thank\s+you)"
)
_CLOSING = re.compile(rf"^\s*{_CLOSING_WORDS}\s*[,.!—–-]*\s*$", re.IGNORECASE)
_CLOSING_WITH_NAME = re.compile(rf"^\s*{_CLOSING_WORDS}\s*[,.!—–-]*\s+\S.{{1,60}}$", re.IGNORECASE)
_CLOSING_WITH_CARD = re.compile(
    rf"^\s*{_CLOSING_WORDS}\s*[,.!—–-]*\s+(?P<card>\S.{{3,{_MAX_SIGNATURE_LINE}}})$", re.IGNORECASE
)
_PARTS_OF_CARD = re.compile(r"\s*[,;|/]\s*|\s+[—–-]\s+")
_NAME_LINE = re.compile(
    r"^(?:[^\W\d_a-zа-яё][\w'’-]*)(?:\s+(?:[^\W\d_a-zа-яё][\w'’-]*\.?|[^\W\d_a-zа-яё]\.\s?[^\W\d_a-zа-яё]\.)){1,3}$"
)
"""Two to four words with capitals, or initials."""
_SPACES = re.compile(r"\s+")
_WORD_OF_NAME = re.compile(r"[^\W\d_]{3,}")
_EXECUTOR = re.compile(r"^(?:исп|исполнитель)\.?:?\s+", re.IGNORECASE)
_RULED = re.compile(r"^[_=*~-]{5,}$")
_INITIALS = re.compile(
    r"(?<!\w)(?:[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё-]{2,}|[А-ЯЁ][а-яё-]{2,}\s+[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?)(?!\w)"
)
_LEADS_UP = re.compile(
    r"(?::|(?<![\w])(?:на|для|у|от|с|к|и|или|в|по|под|именно))\s*$|^\W*(?:(?:прошу|просим|надо|нужно|можно|пожалуйста,?)\s+)?"
    r"(?:добав|удал|смен|замен|помен|исправ|измен|заве(?:д|ст)|созда|внес|выда|уда?л|отключ|заблок|перепиш|укаж)[а-яё]+\b[^.!]*$",
    re.IGNORECASE,
)
"""A line above that what follows belongs to: «Смените владельца на», «Удалите сотрудника»."""
_DATIVE = re.compile(r"[а-яё](?:[оеё]ву|[оеё]вой|[иы]ну|[иы]ной|скому|ской|[оеё]вым|[иы]ным|ским)(?!\w)")
_LACKS = re.compile(r"(?<!\w)(?:без|для|у|про|за|от)(?!\w)")
_CARD_WITH_ANY_NAME = 3
"""Lines of a card with a contact in it, whose first line may be a name that no list knows."""
_TITLE = 7
"""Words of a line that stands above a name."""
_LONGEST_NAME = 3
"""Words."""
_FORM_LINE = re.compile(
    r"^(?!(?:тел|моб|сот|т|м|e-?mail|mail|почта|сайт|адрес|факс|исп)\b)[^\W\d][^:\n]{1,40}:\s*\S", re.IGNORECASE
)
"""«Должность: методист»."""
_POSTSCRIPT = re.compile(r"^\s*(?:(?:p\.?\s?)+s\b\.?|з\.?\s?ы\b\.?|постскриптум)\s*[:.,—–-]*\s*", re.IGNORECASE)
_FIRST_OF_POSTSCRIPT = frozenset("PpЗзПп")

# What the footers of firms and scanners say of the letter itself: sentences, and yet nothing its author wrote.
_FOOTER = re.compile(
    r"конфиденциальн|confidential|предназначен\w*\s+(?:только|исключительно|для)|intended\s+(?:only|solely|for)|если\s+вы\s+(?:получили|не\s+явля)"
    r"|проверено\s+на|отсутствие\s+вирусов|virus-free|avast|kaspersky|касперского|dr\.?\s?web|прежде\s+чем\s+(?:рас)?печат"
    r"|before\s+(?:you\s+)?print|the\s+environment|окружающ\w+\s+сред|unsubscribe|messages?\s+signed\s+with"
    r"|(?:это|данное|настоящее)\s+(?:электронное\s+)?(?:сообщение|письмо)(?:,?\s+(?:и|а\s+также|включая)\s|\s+(?:является|содержит"
    r"|может\s+содержать|было\s+(?:отправлено|создано)|отправлено\s+автомат|сформировано))",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@|https?://|www\.|^\W*(?:тел|моб|сот|факс|почта|e-?mail|mob|tel|phone|cell|fax|skype|telegram|tg|whatsapp|icq|viber|адрес|сайт|инн"
    r"|кпп|огрн|web|url|м|т|ф)\b\s*[.:(+]|\+?\d[\d\s()‑-]{8,}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
# Words that cards of names, posts, firms and addresses do not have, and hardly a sentence of a request is without.
_OF_SENTENCES = frozenset(
    "не ни нет мы я вы он она оно они нас нам нами вас вам вами мне меня мной его её ему им это этот эта эти что чтобы как когда "
    "если где почему куда откуда уже ещё еще сейчас теперь сегодня вчера завтра опять снова тоже также пожалуйста просьба прошу "
    "просим можно нельзя нужно надо нужен нужна нужны должен должна должны есть был была было были будет будут все всё всех всем "
    "никто ничего никого весь вся очень только так там тут здесь потом после пока жду ждём ждем помогите срочно спасибо но или "
    "ошибка ошибки сбой авария проблема проблемы вопрос "
    "is are was were not no don't doesn't didn't can cannot can't could will would won't please we i you they it this that have has "
    "had does did my there why what when how still again nobody everything".split()
)
# Endings of finite verbs and infinitives; below, the nouns of cards that end so, too.
_VERB = re.compile(
    r"(?:[аяеиуыо]ет|[аяуюе]ют|[еои]ит|[тдсзлнрвмпбжчшщкгх][ия]т|[уюая]тся|[ие]тся|л[аои]?сь|лся|[аеиоуыяё]л[аои]|шл[аои]|[^\W\d_]{2}[аеиоуыяё]л|[аеиоуыяё]ть(?:ся)?|[йи]те(?:сь)?|ьте|[её]шь)$",
)
_NOUNS = re.compile(
    r"(?:област|деятельност|безопасност|сет|связ|площад|част|недвижимост|собственност|печат|власт|мощност|отчётност|отчетност"
    r"|эксплуатаци|ответственност|занятост|отрасл|грамот|пят|шест|девят|десят|двадцат|памят|жест|смол)ь$"
    r"|^(?:школа|сила|шкала|села|дела|начала|канала|отдела|раздела|филиала|вокзала|завода|зала|пола|тыла|угла|числа|масла|стола|журнала|персонала|портала|материала|терминала"
    r"|дело|село|число|начало|тело|масло|стекло|правило|земли|школы|отдел|подотдел|раздел|филиал|портал|зал|вокзал|персонал|терминал|материал|канал|журнал|стол|узел|модел|потенциал|капитал|урал|арсенал|дели|отели|модели|сити|нефти|сети|области|юрист|аудит|лимит|кредит|транзит|магнит|аппарат|мандат|комбинат"
    r"|секретариат|бухгалтер|интернет|кабинет|комитет|университет|факультет|совет|бюджет|пакет|билет|буфет|паритет|объект|проект|институт|департамент|архив|лит|гранит|эрудит|зенит"
    r"|сайте|элите|депозит|сертификат|салют|валют|уют|приют|абсолют|визит|реквизит|реалити|субъект)$"
)
_QUOTED_NAME = re.compile(r"«[^«»]{1,60}»|\"[^\"]{1,60}\"|\([А-ЯЁ]\)")
"""What an organisation is called says nothing of a sentence: ООО «Мёд аула», РС(Я)."""
_FEWEST_WORDS = 2


def signature_lines(lines: list[str]) -> list[range]:
    """Return which of the trimmed lines are a signature: stretches, the last one first. What stands around is text."""
    found: list[range] = []
    lines = [_SPACES.sub(" ", line) if len(line) > _LONGEST else line for line in lines]
    end = _found(found, _device(lines), len(lines))
    postscript = _postscript(lines[:end])
    end = end if postscript is None else postscript
    for start_of in (_delimiter, _closing, _card_alone, _device):
        end = _found(found, start_of(lines[:end]), end)
    return found


def _found(stretches: list[range], start: int | None, end: int) -> int:
    """Notes the stretch that starts there; where the text above it ends."""
    if start is None:
        return end
    stretches.append(range(start, end))
    return start


def _device(lines: list[str]) -> int | None:
    """Where lines such as "Sent from my iPhone" begin at the very end, with the delimiter above them."""
    start = None
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if (line and len(line) <= _MAX_SIGNATURE_LINE and _DEVICE.match(line)) or (
            line in _DELIMITERS and start is not None
        ):
            start = index
        elif line and line not in _DELIMITERS:
            break
    return start


def _postscript(lines: list[str]) -> int | None:
    """Where a P.S. begins that ends the text: it is the author's own below his card, too."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - _MAX_POSTSCRIPT_LINES), -1):
        if lines[index][:1] in _FIRST_OF_POSTSCRIPT and _POSTSCRIPT.match(lines[index]):
            return index
    return None


def _delimiter(lines: list[str]) -> int | None:
    """The topmost delimiter with few enough lines below it, and no sentence among them.

    What stands between two delimiters is a signature only where it is plain that it is a card: people rule letters.
    """
    found = None
    if _DELIMITERS.isdisjoint(lines):
        return found
    below = 0
    plain = True
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line in _DELIMITERS:
            if not plain:
                break
            found, plain = index, False
        elif line and is_sentence(line) and not _in_footer(lines, index):
            break
        elif line:
            plain = plain or bool(_CONTACT.search(line) or _CLOSING.match(line) or _FOOTER.search(line[:_LONGEST]))
        below += bool(line)
        if below > _MAX_DELIMITED_LINES:
            break
    return found


def _in_footer(lines: list[str], index: int) -> bool:
    """True where the line belongs to a paragraph that speaks of the letter itself."""
    first = index
    while first > 0 and lines[first - 1].strip() and lines[first - 1].strip() not in _DELIMITERS and index - first < 8:
        first -= 1
    return any(_FOOTER.search(line[:_LONGEST]) for line in lines[first : index + 8])


def _closing(lines: list[str]) -> int | None:
    """The formal closing that opens a block of name, position, organisation and phone.

    A bare name under it is left in the text: somebody typed it, and identity is read from it as well.
    """
    passed = 0
    for index in range(len(lines) - 1, -1, -1):
        if passed > _MAX_CLOSING_LINES:
            return None
        passed += bool(lines[index].strip())
        needed = _needed_below(lines[index])
        if _is_closing_with_card(lines[index]) and not any(text.strip() for text in lines[index + 1 :]):
            return index
        if not needed:
            continue
        below = [text.strip() for text in lines[index + 1 :] if text.strip()]
        if len(below) == 1 and len(below[0].split()) > _LONGEST_NAME and _names_somebody(below[0]):
            needed = 1  # post, firm and name on one line
        fits = needed <= len(below) <= _MAX_CLOSING_LINES
        if fits and all(len(text) <= _MAX_SIGNATURE_LINE and not is_sentence(text) for text in below):
            return index
        return None
    return None


def _is_closing_with_card(line: str) -> bool:
    """Return whether a line is a closing and the whole card: «С уважением, инженер Иванов П. П., МФЦ Бор»."""
    found = _CLOSING_WITH_CARD.match(line)
    if found is None or is_sentence(line):
        return False
    parts = [part for part in _PARTS_OF_CARD.split(found["card"]) if part]
    return len(parts) > 1 or _CONTACT.search(found["card"]) is not None


def _card_alone(lines: list[str]) -> int | None:
    """Where a card begins that nothing announces but an empty or a ruled line: who writes, and no sentence.

    A form is none, nor is a line of details: what it says was asked for, and is an answer.
    """
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    begin = end
    while begin and end - begin <= _MAX_CLOSING_LINES and _may_be_of_a_card(lines[begin - 1].strip()):
        begin -= 1
    begin += _first_of_card([line.strip() for line in lines[begin:end]])
    card, above = [line.strip() for line in lines[begin:end]], [line.strip() for line in lines[:begin] if line.strip()]
    if not 1 <= len(card) <= _MAX_CLOSING_LINES or not above or above[-1].endswith(":"):
        return None
    with_contact = len(card) >= _CARD_WITH_ANY_NAME and any(map(_CONTACT.search, card))
    named = [line for line in card if _names_somebody(line)]
    is_named = bool(named) or (with_contact and _NAME_LINE.match(card[0]) is not None)
    if sum(map(bool, map(_FORM_LINE.match, card))) > 1 or not is_named or not _is_one_person(named):
        return None
    if _LEADS_UP.search(above[-1]):
        return None
    if len(card) == 1 and len(_PARTS_OF_CARD.split(card[0])) > 1:
        return None  # «Тюрин Глеб Романович, инженер, 8 900 …» is as often an answer to the desk's question
    if lines[begin - 1].strip() and not _RULED.match(above[-1]):
        # Right below a sentence a card has more than a name.
        tells_more = len(card) > _FEWEST_WORDS or any(map(_CONTACT.search, card))
        if len(card) < _FEWEST_WORDS or not tells_more or above[-1][-1:].isalpha():
            return None
    return begin - 1 if _RULED.match(lines[begin - 1].strip()) else begin


def _first_of_card(lines: list[str]) -> int:
    """Return which of the lines that hold no sentence begins the card: the first name, or the post and firm above it."""
    has_contact = len(lines) >= _CARD_WITH_ANY_NAME and any(map(_CONTACT.search, lines))
    named = (at for at, line in enumerate(lines) if _names_somebody(line) or (has_contact and _NAME_LINE.match(line)))
    first = next(named, 0)
    while (
        first and not lines[first - 1].endswith((".", "!", "?", ":", ";")) and len(lines[first - 1].split()) <= _TITLE
    ):
        first -= 1
    return first


def _may_be_of_a_card(line: str) -> bool:
    return bool(line) and len(line) <= _MAX_SIGNATURE_LINE and not is_sentence(line) and not _RULED.match(line)


def _names_somebody(line: str) -> bool:
    """Return whether a line has a part that is a person's name: two words with capitals, initials, a given name alone."""
    parts = [part for part in _PARTS_OF_CARD.split(_EXECUTOR.sub("", line)) if part]
    if any((name := _INITIALS.search(part)) and not _is_spoken_of(part, name) for part in parts):
        return True
    known = (part for part in parts if _NAME_LINE.match(part))
    return any(is_given(word) or is_patronymic(word) for part in known for word in part.split()) or is_given(
        line.strip(".! ")
    )


def _is_one_person(named: list[str]) -> bool:
    """Return whether lines with a name have a word in common; two people are a list, which the letter is about."""
    words_ = (frozenset(word.casefold() for word in _WORD_OF_NAME.findall(line)) for line in named)
    return len(named) < 2 or bool(frozenset.intersection(*words_))


def _is_spoken_of(part: str, name: re.Match[str]) -> bool:
    """Return whether a part tells of somebody: a name in another case, or with something that it lacks."""
    return _DATIVE.search(name[0]) is not None or _LACKS.search(part) is not None


def _needed_below(line: str) -> int:
    """How many lines a closing needs below it to be one; 0 where the line is none."""
    if _CLOSING.match(line):
        return 2
    return int(bool(_CLOSING_WITH_NAME.match(line)) and not is_sentence(line))


def is_sentence(line: str) -> bool:
    """Return whether a line says something, as no line of a card does: name, post, organisation, phone, address, site."""
    line = _QUOTED_NAME.sub(" ", line.strip()[:_LONGEST])
    if line.endswith("?"):
        return True
    found = _WORD.findall(line)
    if line.endswith("!") and found and not _CLOSING.match(line):
        return True
    if len(found) < _FEWEST_WORDS or _DEVICE.match(line):
        return False
    told = sum(
        word.lower() in _OF_SENTENCES or _is_verb(word, found[1] if word is found[0] else word) for word in found
    )
    # A card of one line has a phone in it, and «все дни» beside it.
    return told >= (2 if _CONTACT.search(line) else 1)


def _is_verb(word: str, judged_by: str) -> bool:
    """True where the word ends as a verb and is no name: those have a capital, as the first word of any line has."""
    return judged_by.islower() and bool(_VERB.search(word.lower())) and not _NOUNS.search(word.lower())
