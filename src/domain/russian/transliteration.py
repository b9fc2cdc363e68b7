"""Russian written in Latin letters, read once before the rules: «ne rabotaet sait» is «не работает сайт».

There is no one spelling of it: the table takes what people type, not one standard (GOST 7.79 and ICAO among it),
and only what the rules compare is made from it. Names and quotations keep the letters of the letter.
"""

from __future__ import annotations

import re
from dataclasses import replace

from domain.letter import Letter

# Russian words in Latin letters that are no words of English, German or French: two of them tell the language.
_TELLS = re.compile(
    "(?:kak|ne|nas|vas|vam|kak|chto|shto|4to|dlya|dlia|ili|eto|uzhe|menya|mne|nam|vash[aeiu]?|nash[aeiu]?|moi|moy|moya|svoi|svoy|"
    "gde|kogda|kuda|pochemu|po4emu|mozhno|mojno|nelzya|nuzhno|nujno|nado|opyat|tozhe|toje|ochen|zhe|vse|vsem|vseh|vsex|"
    "nikto|nikogo|nikomu|nichego|ni4ego|ot|iz|za|po|net|hochu|mogu|mozhet|segodnya|vchera|teper|yest|kupit|"
    "(?:privet|zdrav|dobr[yi]|dobro[eg]|spasib|po[zj]h?al|podska|pomogi|rabota|otkr[yi]va|zagru|vygru|nastro|podkl[yi]?u|vkl[yi]?u|sdela|"
    "sbros|smeni|pomen|zaby|vosstan|sa[ij]t|zakaz|tovar|parol|magazin|kabinet|prilo[zj]h?e|sotrudn|pokupat|klient|oshib|"
    "knopk|vhod|deneg|dengi|pishet|propal|vzlom|dostup|oplat|nelz)[a-z'’]*)"
)
_KEPT = frozenset(
    "csv xml yml excel xls xlsx word ssl https http ftp api php html css javascript js sql json outlook windows google "
    "chrome firefox safari iphone android ios macos app email e-mail qr pdf png jpg svg storeolis ip vpn nginx linux "
    "ozon cdek wildberries seo crm telegram whatsapp viber vk error timeout gateway bad not found service unavailable".split()
)
_SEVERAL = (
    ("shch", "щ"), ("sch", "щ"), ("sh", "ш"), ("zh", "ж"), ("ch", "ч"), ("kh", "х"), ("tsya", "тся"), ("ts", "ц"), ("iya", "ия"),
    ("yu", "ю"), ("ya", "я"), ("yo", "е"), ("ye", "е"), ("ju", "ю"), ("ja", "я"), ("ia", "я"), ("iu", "ю"), ("ks", "кс"),
)  # fmt: skip
_ONE = dict(
    zip(
        "abvgdezijklmnoprstufhcwxq'’`46",
        "а б в г д е з и ж к л м н о п р с т у ф х ц в кс к ь ь ь ч ш".split(),
        strict=True,
    )
)
_TOKEN = re.compile(r"[A-Za-z0-9_.+@/:-]*[@/_]\S*|[\w-]+(?:\.[\w-]+)+|[A-Za-z46'’`]*[A-Za-z][A-Za-z46'’`]*")
_INFINITIVE = re.compile(
    r"\b((?:как|где|куда|можно|надо|нужно|могу|можем|могут|может|хочу|хотим|чтобы|помогите)(?: \w+)? \w+[аиыуя]т)\b"
)
_MISREAD = {
    "саит": "сайт", "здравствуите": "здравствуйте", "пожалуиста": "пожалуйста", "поялуиста": "пожалуйста",
    "парол": "пароль", "ден": "день", "опят": "опять", "оцен": "очень", "очен": "очень", "тепер": "теперь",
    "нелзя": "нельзя", "толко": "только", "болше": "больше", "менше": "меньше", "скоко": "сколько", "сколко": "сколько",
    "денги": "деньги",
}  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z]")
_ENGLISH = frozenset("the and is are of for with from your please".split())
_FEWEST = 2


def read(letter: Letter) -> Letter:
    """Return `letter` with subject and visible text in Cyrillic where the text is Russian in Latin letters.

    Any other letter is returned as it is, the same object.
    """
    if not _is_transliterated(letter.visible_text or letter.subject):
        return letter
    return replace(letter, subject=in_cyrillic(letter.subject), visible_text=in_cyrillic(letter.visible_text))


def in_cyrillic(text: str) -> str:
    """Return `text` with its Latin words spelled in Cyrillic; addresses, hosts and well-known foreign words stay."""
    return _INFINITIVE.sub(r"\1ь", _TOKEN.sub(lambda found: _word(found[0]), text))


def _is_transliterated(text: str) -> bool:
    latin = len(_LATIN.findall(text))
    if latin < 0.8 * len(_LETTERS.findall(text)):
        return False
    said = re.findall(r"[a-z46'’]+", text.lower())
    tells = [word for word in said if _TELLS.fullmatch(word)]
    if sum(word in _ENGLISH for word in said) >= _FEWEST:
        return False
    return len(set(tells)) >= _FEWEST and len(tells) >= len(said) / 8


def _word(word: str) -> str:
    low = word.lower()
    if low in _KEPT or any(sign in word for sign in "@/._:"):
        return word
    read_ = ""
    at = 0
    while at < len(low):
        several = next(((latin, letter) for latin, letter in _SEVERAL if low.startswith(latin, at)), None)
        if several:
            read_ += several[1]
            at += len(several[0])
            continue
        sign = low[at]
        after_vowel = read_[-1:] in tuple("аеиоуыэюя")
        is_last = at + 1 == len(low)
        if sign == "y":
            read_ += "й" if after_vowel or not read_ else "ы"
        elif (sign in "ij" and is_last and after_vowel) or (
            sign == "j" and (is_last or low[at + 1] not in "aeiou") and after_vowel and read_[-1] in "ыи"
        ):
            read_ += "й"
        else:
            read_ += _ONE.get(sign, sign)
        at += 1
    return _MISREAD.get(read_, read_)
