"""Secrets that stand away from their word are masked; what only looks so stays readable."""

from __future__ import annotations

import pytest

from domain.intake.password import has_secrets, mask_secrets
from domain.intake.secrets import MASK
from domain.ticket.decide.unprompted import written_in
from tests.support.builders import a_letter

PASSWORDS = [
    ("Не могу войти. Старый был Kedr!29, пароль сбросьте, пожалуйста.", "Kedr!29"),
    ("Забыла, какой теперь пароль. Прежний был sosna2024, он не подходит.", "sosna2024"),
    ("Пароль сменился. Старый - Qwerty!29.", "Qwerty!29"),
    ("Пароль не подходит. Прежний — Topol#7", "Topol#7"),
    ("Пароль не принимает, вот он: Zx9Kq7", "Zx9Kq7"),
    ("Пароль не принимает. Ввожу Klen_2025 и ничего.", "Klen_2025"),
    ("Пароль такой же, как был. Набираю «berezka77».", "berezka77"),
    ("Пароль верный. Он такой: oreh4455", "oreh4455"),
    ("Новый: Yasen88. Пароль нужен тот же на всех компьютерах.", "Yasen88"),
    ("Предыдущий пароль забыла, последний был dub2020", "dub2020"),
    ("Сбросьте пароль, пожалуйста. Раньше у меня был записан Kedr!29 на бумажке", "Kedr!29"),
    ("Логин admin, пароль на следующей строке\nTopol!23\nСпасибо", "Topol!23"),
    ("Старый был qwerty, пароль смените", "qwerty"),
    ("Старый был SOSNA2024, пароль смените", "SOSNA2024"),
    ("Пароль забыл, старый был Кедр2029", "Кедр2029"),
    ("My password does not work. The old one was Maple-77.", "Maple-77"),
    ("ПИН-код от карты был 9876", "9876"),
    ("I forgot my password. It was oak2024!", "oak2024"),
    ("Сменила пароль на Dubrava2024, не помогло", "Dubrava2024"),
    ("Установил новый пароль на «Klen2025» и теперь не пускает", "Klen2025"),
    ("Пароль для входа на портал: Osina29", "Osina29"),
    ("Пароль от личного кабинета заявителя — Osina29x", "Osina29x"),
    ("Пароль от почты Yasen12, от системы Topol34", "Topol34"),
    ("Пробовала пароли Yasen12 и Topol34", "Topol34"),
    ("Пробовала пароли: Yasen12, Topol34, Oreh56.", "Oreh56"),
    ("пароль был Berezka, теперь не подходит", "Berezka"),
    ("пороль: Osina29", "Osina29"),
    ("пасс Osina29", "Osina29"),
]
CARDS_AND_CODES = [
    ("Оплатил картой 4276 1600 1234 5675, деньги списали", "4276 1600 1234 5675"),
    ("карта 4276160012345675", "4276160012345675"),
    ("Карта банка — 5536913700000009.", "5536913700000009"),
    ("Amex 3782 822463 10005", "3782 822463 10005"),
    ("CVV 123, срок 12/27", "123"),
    ("cvc2: 987", "987"),
    ("код на обороте карты 456", "456"),
    ("пин 4821 не подходит", "4821"),
    ("PIN: 1234", "1234"),
    ("ПИН-код карты 0012", "0012"),
    ("код из СМС 4821 не принимает", "4821"),
    ("Код в смс: 482-113", "482-113"),
    ("пришёл код 4821, ввожу его", "4821"),
    ("Одноразовый код 774411", "774411"),
    ("смс-код 5521", "5521"),
    ("код подтверждения: 48 21 13", "48 21 13"),
    ("код 5521 из смс не подходит", "5521"),
    ("verification code is 998877", "998877"),
    ("код для входа 123456", "123456"),
]
READABLE = [
    "Сменила пароль на портале, версия 3.2.19",
    "Сменили пароль на Windows10, не помогло",
    "Пароль для входа на портал: не приходит",
    "Пароль не подходит к заявке номер: 45129812",
    "Пароль не приходит с версии приложения: Android13",
    "код в письме 2026 года не подходит",
    "Одноразовый код 1000 раз не пришёл",
    "Пароль принимает, но потом показывает код ошибки ERR-5021.",
    "Пароль не подходит на версии 3.2.19, телефон Android13, старый был iPhone12.",
    "Пароль сменить не могу, договор ST-0417/26, ИНН 9801402734.",
    "Забыл пароль. Телефон +7 916 123-45-67, дата 24.11.2026.",
    "Новый пароль пришлите на ivan.petrov77@client.example, сайт lampa24.storeolis.ru.",
    "Пароль приходит, ошибка 500, обращение MDO-7K3F-9QXZ.",
    "Старый был лучше, пароль был проще.",
    "Пароль не приходит. Это случилось 15-го числа, в 2024-м было так же.",
    "Пароль новый, но старый Windows10 его не помнит.",
    "ОГРН 5027700132195, ИНН 7707083893, КПП 770701001",
    "IMEI 356938035643809",
    "Полис ОМС 4276 1600 1234 5675",
    "Счёт 40702810900000012345, БИК 044525225",
    "Номер заказа 4276160012345675",
    "Телефоны 8 900 555-11-22, 8 900 555-11-23",
    "4276 1600 1234 5674",
    "Код ошибки 5021, код региона 77, код товара 48211",
    "Не приходит код из СМС на номер 8 900 555-11-22",
    "Код из СМС 24.11.2026 так и не пришёл",
    "QR-код талона 12 не читается, почтовый код 214000",
    "Не приходит код 2 дня",
    "Снилс 112-233-445 95",
    "Пришёл ответ 4821 раз",
    "Версия 2200.1500.1234.5678",
    "PIN-код не подходит",
    "Пин не приходит",
]


@pytest.mark.parametrize(("text", "secret"), PASSWORDS)
def test_a_password_one_sentence_from_its_word_is_masked(text: str, secret: str) -> None:
    """And the client is told that he sent it in clear."""
    hidden = mask_secrets(text)
    assert (secret in hidden, MASK in hidden) == (False, True)
    assert has_secrets(a_letter(text))


@pytest.mark.parametrize(("text", "secret"), CARDS_AND_CODES)
def test_cards_and_codes_are_masked_and_are_no_passwords(text: str, secret: str) -> None:
    hidden = mask_secrets(text)
    assert (secret in hidden, MASK in hidden) == (False, True)
    assert not has_secrets(a_letter(text))
    assert mask_secrets(hidden) == hidden


@pytest.mark.parametrize("text", READABLE)
def test_what_only_looks_so_stays_readable(text: str) -> None:
    assert mask_secrets(text) == text


def test_history_keeps_none_of_them() -> None:
    """Neither of the new text, nor of the signature, nor of a letter sent on."""
    secret = "карта 4276 1600 1234 5675"
    kept = written_in(a_letter(secret, signature=secret, forwarded_text=secret))
    assert "4276" not in kept
    assert kept.count(MASK) == 3


def test_a_text_without_end_is_masked_in_time() -> None:
    """Each pattern is bounded."""
    for part in ("пароль старый был ", "4 ", "a1!", "код из смс ", "был " * 3 + ": ", "1"):
        mask_secrets(part * 20_000)
