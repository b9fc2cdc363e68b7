"""Letters are read in the charset they are in: by the label where it can be right, by the letters where it cannot."""

from __future__ import annotations

import time

import pytest

from adapters.mail.charsets import decode_text
from adapters.mail.cyrillic import guess_cyrillic, likelihood
from adapters.mail.misread import as_written

SENTENCES = (
    "Заявителю не приходит код подтверждения из СМС, пробовали три раза.",
    "СЕРВИС НЕ ОТКРЫВАЕТСЯ НИ У КОГО, ПРИЁМ ОСТАНОВЛЕН!",
    "Печать серая, кнопка «Печать» — нет. И всё.",
)
EIGHT_BITS = ("windows-1251", "koi8-r", "iso-8859-5", "cp866")
WRONG_LABELS = (
    "windows-1251", "koi8-r", "iso-8859-5", "cp866", "iso-8859-1", "iso-8859-2", "windows-1252", "windows-1253",
    "us-ascii", "utf-8", "utf-16", "utf-7", "gb2312", "gbk", "big5", "shift_jis", "euc-kr", None, "no-such-charset",
)  # fmt: skip
LEGIBLE = SENTENCES[:2]
"""Sentences that every eight-bit Cyrillic charset can hold."""


@pytest.mark.parametrize("text", LEGIBLE)
@pytest.mark.parametrize("charset", ["utf-8", *EIGHT_BITS, "mac-cyrillic"])
def test_a_right_label_is_believed_whatever_the_case_of_the_letters(text: str, charset: str) -> None:
    for written in (text, text.upper(), text.lower(), text.title()):
        assert decode_text(written.encode(charset), charset) == (written, None)


@pytest.mark.parametrize("text", ["АВАРИЯ", "Срочно!", "мфц", "ОБМЕН С", "они", "Ярош", "Ж", "ЪЫЬ", "КФХ", "ООО «Ъ»"])
@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8"])
def test_a_few_letters_never_overrule_a_label_in_which_they_can_be_read(text: str, charset: str) -> None:
    bare = text if charset != "koi8-r" else text.strip("О «»")
    assert decode_text(bare.encode(charset), charset)[0] == bare


@pytest.mark.parametrize("text", LEGIBLE)
@pytest.mark.parametrize("charset", ["utf-8", *EIGHT_BITS])
@pytest.mark.parametrize("label", WRONG_LABELS)
def test_running_russian_is_read_under_any_label(text: str, charset: str, label: str | None) -> None:
    assert decode_text(text.encode(charset), label)[0] == text


@pytest.mark.parametrize("label", ["gb2312", "gbk", "gb18030", "big5", "euc-kr", "shift_jis", "windows-1251", "koi8-r"])
def test_utf_8_under_another_label_is_said_to_be_a_defect(label: str) -> None:
    text, defect = decode_text(SENTENCES[2].encode(), label)
    assert text == SENTENCES[2]
    assert defect


def test_chinese_in_its_own_charset_stays_chinese() -> None:
    text = "您好，系统无法打开，请帮助我们解决这个问题。谢谢。"
    assert decode_text(text.encode("gb2312"), "gb2312") == (text, None)


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize(
    "wrong", ["latin-1", "cp1252", "cp1251", "koi8-r", "cp866", "iso-8859-5", "mac-roman", "mac-cyrillic", "gb18030"]
)
def test_what_was_encoded_twice_is_restored(text: str, wrong: str) -> None:
    """A program read utf-8 as another charset and wrote utf-8 of that."""
    misread = "".join(
        bytes((byte,)).decode(wrong, "replace").replace("\N{REPLACEMENT CHARACTER}", chr(byte))
        for byte in text.encode()
    )  # what a charset does not have stands for itself, as in the WHATWG encoding standard
    if wrong == "gb18030":
        misread = text.encode().decode(wrong, "replace")
    restored, defect = decode_text(misread.encode(), "utf-8")
    lost = restored.count("\N{REPLACEMENT CHARACTER}") + restored.count("?")
    assert restored == text or (wrong == "gb18030" and lost and restored[:20] == text[:20])
    assert defect


@pytest.mark.parametrize("text", LEGIBLE)
@pytest.mark.parametrize(
    ("charset", "wrong"), [("windows-1251", "latin-1"), ("windows-1251", "cp1252"), ("koi8-r", "latin-1")]
)
def test_eight_bit_cyrillic_that_was_read_as_western_is_restored(text: str, charset: str, wrong: str) -> None:
    assert as_written(text.encode(charset).decode(wrong)) == text


def test_what_was_encoded_three_times_is_restored() -> None:
    once = SENTENCES[0].encode().decode("latin-1")
    assert as_written(once.encode().decode("latin-1")) == SENTENCES[0]


def test_only_the_misread_lines_are_restored() -> None:
    misread = SENTENCES[0].encode().decode("latin-1")
    assert as_written(f"{SENTENCES[2]}\n{misread}\nГотово.") == f"{SENTENCES[2]}\n{SENTENCES[0]}\nГотово."


@pytest.mark.parametrize(
    "text",
    [
        "Größe prüfen, ça déjà été: 20 € — «Müller & Söhne»",
        "Łódź, Kraków, 100 zł, Đorđe Đukić",
        "Здравствуйте! С «Уважением», Р. С. № 5 — ё",
        "Привет 👍, 你好, Ελληνικά, עברית",
        "вМФЦ не работает, уМФЦ тоже",
        "Ñandú, Ðjúpivogur, ÐÑ",
        "Українська мова: її, є, ґанок — так само",
        "РСЧ: Р/с 40702810, С/Ф № 12, РФ «Сбер»",
    ],
)
def test_what_is_right_stays_as_it_is(text: str) -> None:
    assert as_written(text) == text
    assert decode_text(text.encode(), "utf-8") == (text, None)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Dear support,\xa0 the export of orders\xa0does not work.\xa0\xa0 Please help.\xa0 \xa0", "iso-8859-1"),
        ("\xa0\xa0\xa0\r\nplain\r\n\xa0\xa0", "iso-8859-1"),
        ("The client was charged 20 € twice", "iso-8859-15"),
        ("20 € – “please” … don’t wait…”", "windows-1252"),
        ("Fehler bei Müller", "iso-8859-1"),
        ("ä, ö, ü", "iso-8859-1"),
        ("Le deuxième paiement a été refusé, déjà trois fois.", "iso-8859-1"),
        ("«\xa0Où est l’élève\xa0?\xa0» créée", "windows-1252"),
        ("¿Qué? ¡Así! Íñigo Ñañez", "iso-8859-1"),
        ("Zażółć gęślą jaźń", "iso-8859-2"),
        ("ÄÖÜ ÀÉ", "iso-8859-1"),
        ("Ça ira, Ô mon âme – à bientôt", "windows-1252"),
    ],
)
def test_western_text_is_not_taken_for_cyrillic(text: str, charset: str) -> None:
    assert decode_text(text.encode(charset), charset) == (text, None)


@pytest.mark.parametrize(
    "text", ["Fehler bei Müller", "Le paiement a été refusé", "20 £ – déjà", "naïve café, \xa0 ok"]
)
@pytest.mark.parametrize("label", [None, "us-ascii", "utf-8", "no-such"])
def test_western_text_without_a_right_label_is_read_as_western(text: str, label: str | None) -> None:
    assert decode_text(text.encode("cp1252"), label)[0] == text


def japanese(text: str) -> bytes:
    """ISO-2022-JP as mail programs of Microsoft write it: with NEC's row 13."""
    pieces = []
    for char in text:
        try:
            pieces.append(char.encode("iso2022_jp"))
        except UnicodeEncodeError:
            high = char.encode("euc_jis_2004")
            pieces.append(b"\x1b$B" + bytes(byte & 0x7F for byte in high) + b"\x1b(B")
    return b"".join(pieces)


@pytest.mark.parametrize(
    "text", ["Талон №41", "Не открывается талон №41, выдаёт ошибку.", "№7 и №8\r\n№9", "Ё №", "№", "①②㈱ Ы"]
)
@pytest.mark.parametrize("label", ["iso-2022-jp", "ISO-2022-JP-MS", "cp50221", "iso-2022-jp-2", None, "us-ascii"])
def test_the_numero_sign_does_not_spoil_iso_2022_jp(text: str, label: str | None) -> None:
    assert decode_text(japanese(text), label)[0] == text


@pytest.mark.parametrize("data", [b"\x1b$B'", b"\x1b$B\xff\x01\x1b(I1\x1b(Bx", b"\x1b$B" + b"-" * 7, b"a\x1b$B-b"])
def test_broken_iso_2022_jp_is_text_all_the_same(data: bytes) -> None:
    decode_text(data, "iso-2022-jp")[0].encode()


@pytest.mark.parametrize("data", [b"+2Dw-", b"a +3AA- b", b"+2D3cAA", b"+BBQEPg-"])
@pytest.mark.parametrize("label", ["utf-7", "unicode-1-1-utf-7"])
def test_half_a_pair_of_surrogates_leaves_a_text_that_can_be_written(data: bytes, label: str) -> None:
    decode_text(data, label)[0].encode()


def test_a_line_in_another_charset_spoils_only_itself() -> None:
    """Some servers add a notice in their own charset."""
    data = "\n".join([*SENTENCES] * 3).encode() + b"\n" + "Проверено антивирусом на сервере.".encode("windows-1251")
    assert decode_text(data, "utf-8")[0] == "\n".join([*SENTENCES] * 3) + "\nПроверено антивирусом на сервере."


def test_a_text_cut_within_a_letter_is_still_utf_8() -> None:
    assert decode_text(SENTENCES[0].encode()[:-2] + b"\xd0", "utf-8")[0].startswith(SENTENCES[0][:-2])


@pytest.mark.parametrize("text", SENTENCES)
def test_russian_is_likely_in_its_own_charset_alone_and_case_does_not_matter(text: str) -> None:
    assert likelihood(text) > 5
    assert abs(likelihood(text.upper()) - likelihood(text.lower())) < 0.2
    assert likelihood(text.encode("windows-1251", "replace").decode("koi8-r")) < 4


def test_no_break_spaces_and_dashes_are_no_words() -> None:
    assert guess_cyrillic(b"a \xa0\xa0\xa0 b \x97\x97 c \xab d") is None


@pytest.mark.parametrize(
    "data",
    ["Ð°".encode() * 300_000, "оПХ ".encode() * 200_000, "Рђ\n".encode() * 150_000, b"\x1b$B-b" * 200_000, b"\xd0" * 900_000],
)  # fmt: skip
def test_hostile_repetition_is_decoded_within_seconds(data: bytes) -> None:
    started = time.process_time()
    decode_text(data, "utf-8")
    decode_text(data, None)
    assert time.process_time() - started < 12
