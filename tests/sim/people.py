"""Who writes to the simulated desks, and what: letters as values, ready read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from domain.addresses import normalise_address
from domain.letter import Address, DeliveryReport, Letter, LetterKind, Trust
from domain.regulation.editions import editions
from domain.reply_token import ReplyKeys, token_for
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket
from tests.support.builders import DETAILS, a_letter
from tests.support.people import specialists_of

MDO, STOREOLIS = "moi-dokumenty-online", "storeolis"
DESKS = (MDO, STOREOLIS)
KEYS = ReplyKeys("a", {"a": b"a key that is only for simulations"})
CLIENTS = tuple(Address(f"client{number}@client.example", f"Клиент {number}") for number in range(1, 6))
OFFICE = Address("office@client.example", "Канцелярия")
FIRM = CLIENTS[:3]
"""Colleagues: once registered, they are one client."""
ACCOUNT = "123456789012"
ALARMS = ("eu-west-1 mdo-service-api-5xx", "eu-central-1 mdo-service-api-5xx")
"""Two alarms of one name, each behind its region."""
CONTRACT = "Договор № 1412-17, ИНН 7707083893."

OPENINGS: Mapping[str, Sequence[tuple[str, str]]] = {
    MDO: (
        ("Не приходит код", f"Добрый день. При входе в приложение не приходит код из СМС, случай {{n}}.\n\n{DETAILS}"),
        ("Не приходит код", "Добрый день. При входе в приложение не приходит код из СМС, случай {n}."),
        (
            "Сбой",
            f"Приложение полностью недоступно: никто из сотрудников всех МФЦ области не может войти.\n\n{DETAILS}",
        ),
        ("Сбой", "Приложение полностью недоступно: никто из сотрудников всех МФЦ области не может войти."),
        ("Вопрос", "Здравствуйте, помогите"),
        ("Отчёты", f"Прошу разработать новую функцию: выгрузку отчётов, вариант {{n}}.\n\n{DETAILS}"),
    ),
    STOREOLIS: (
        ("Корзина", f"Здравствуйте. Не открывается корзина на сайте lavka.example, выдаёт ошибку {{n}}. {CONTRACT}"),
        ("Корзина", "Здравствуйте. Не открывается корзина, выдаёт ошибку {n} при оформлении заказа."),
        ("Доставка", f"Подскажите, как настроить доставку в зоне {{n}}? {CONTRACT}"),
        ("Доставка", f"Подскажите, как настроить скидку {{n}} для постоянных покупателей? {CONTRACT}"),
        ("Корзина", f"Вы блядь охуели, корзина {{n}} не работает. {CONTRACT}"),
        ("Пароль", f"Смените, пожалуйста, пароль администратора для сайта lavka.example. {CONTRACT}"),
        ("Сбой", f"Магазин lavka.example полностью недоступен, сайт не открывается ни у кого. {CONTRACT}"),
        ("Вопрос", "помогите"),
    ),
}
"""Subject and text of requests, those that want details and those that break a rule among them."""
MATTERS = (
    "Не открывается список заявителей",
    "Не печатается талон",
    "Не приходит отчёт за неделю",
    "Пропал календарь приёма",
    "Гаснет табло в зале",
    "Не загружается скан доверенности",
)
"""What an office writes about in many letters a day."""
QUOTED = (*(text for openings in OPENINGS.values() for _, text in openings), "Здравствуйте.\n\nПисьмо получено.")
"""What programs quote: texts that the ticket has word for word, and others."""
ANSWERS = (DETAILS, CONTRACT, "Спасибо, заработало.", "Не помогло, ошибка та же.", OPENINGS[MDO][3][1])
WORDS = (
    "Проверяем, ответим сегодня.",
    "беру",
    "вопрос\nКакая у вас версия?",
    "решение\nОбновите приложение.",
    "отказ\nЭто не входит в поддержку.",
    "закрыть\nГотово.",
    "открыть",
    "принять",
    "заметка\nПосмотреть журнал.",
    "критично",
    "не критично",
    "принято",
    "вопрос",
    "Олег, глянь логи.",
    "закрть",
    "Вопрос: клиент платит?",
    "Взял в работу, до вечера исправим.",
    "ответ",
    "👍",
)
"""What specialists write: words of the table with and without the text they need, plain answers, and what is held."""
MACHINES = (LetterKind.AUTO_REPLY, LetterKind.SPAM, LetterKind.QUARANTINED, LetterKind.RECEIPT)


@dataclass(frozen=True, slots=True)
class Known:
    """What a person who writes again has before their eyes: a ticket, and the ids of letters about it."""

    ticket: Ticket
    message_ids: tuple[str, ...]


def a_request(rng: Random, name: str, at: datetime, number: int) -> Letter:
    """Return a letter that refers to nothing: of a client, a stranger, a machine, or to nobody here."""
    desk = rng.choice(DESKS)
    subject, text = rng.choice(OPENINGS[desk])
    recipients = rng.choices([(desk,), DESKS, ()], [20, 2, 1])[0]
    letter = _letter(rng, name, at, text.replace("{n}", str(100 + number)), subject=subject)
    addresses = tuple(editions(known)[-1].desk.address for known in recipients) or ("nobody@elsewhere.example",)
    kind = rng.choice(MACHINES) if rng.random() < 0.05 else LetterKind.REQUEST
    if rng.random() < 0.03:
        letter = replace(letter, sender=None, from_addresses=(), trust=Trust.CLAIMED)
    return replace(letter, kind=kind, envelope=replace(letter.envelope, recipients=addresses))


def something_else(rng: Random, name: str, at: datetime, number: int, earlier: Letter) -> Letter:
    """Return another request to the desks of a letter, from its author or a colleague."""
    letter = a_request(rng, name, at, number)
    colleagues = [person for person in FIRM if person != earlier.sender]
    sender = rng.choice(colleagues) if earlier.sender in FIRM and rng.random() < 0.7 else earlier.sender
    proved = earlier if rng.random() < 0.7 else letter
    return replace(
        letter,
        sender=sender,
        from_addresses=(sender,) if sender else (),
        trust=proved.trust,
        spf_failed=proved.spf_failed,
        envelope=replace(letter.envelope, recipients=earlier.envelope.recipients),
    )


def a_follow_up(rng: Random, name: str, at: datetime, known: Known) -> Letter:
    """Return a letter that refers to a ticket: by token, by message id or by tag, of its requester or not."""
    ticket = known.ticket
    requester = next((person for person in CLIENTS if person.address == ticket.requester.address), None)
    sender = requester if requester and rng.random() < 0.8 else rng.choice(CLIENTS)
    text = rng.choice((*ANSWERS, ticket.subject + " снова", "{again}"))
    letter = _letter(rng, name, at, text, subject="Re: " + ticket.subject, sender=sender)
    by = rng.choice(("token", "message_id", "tag", "all"))
    address = editions(ticket.desk)[-1].desk.address
    return replace(
        letter,
        kind=LetterKind.REPLY if rng.random() < 0.95 else LetterKind.AUTO_REPLY,
        subject=f"{letter.subject} [{ticket.id}]" if by in ("tag", "all") else letter.subject,
        in_reply_to=known.message_ids[-1:] if by in ("message_id", "all") else (),
        envelope=replace(
            letter.envelope,
            recipients=(with_token(address, ticket, Audience.CLIENT) if by in ("token", "all") else address,),
        ),
    )


def a_repetition(rng: Random, name: str, at: datetime, earlier: Letter) -> Letter:
    """Return an earlier letter sent once more, as a new one."""
    envelope = replace(earlier.envelope, ses_message_id=name, received_at=at)
    return replace(earlier, envelope=envelope, message_id=f"{name}@client.example")


def a_specialists_letter(rng: Random, name: str, at: datetime, known: Known) -> Letter:
    """Return an answer of a specialist to the card; sometimes not proved, or not to the card, or a robot's."""
    desk = editions(known.ticket.desk)[-1].desk
    sender = Address(rng.choice(specialists_of(desk.id)), "Специалист")
    letter = _letter(rng, name, at, rng.choice(WORDS), subject=f"Re: [{known.ticket.id}]", sender=sender)
    to_the_card = rng.random() < 0.9
    return replace(
        letter,
        kind=LetterKind.REPLY if rng.random() < 0.95 else LetterKind.AUTO_REPLY,
        envelope=replace(
            letter.envelope,
            recipients=(with_token(desk.address, known.ticket, Audience.TEAM) if to_the_card else desk.address,),
        ),
    )


def an_answer(rng: Random, name: str, at: datetime, known: Known) -> Letter:
    """Return what a requester answers to a question: with all details, proved, by the address of its letter."""
    ticket = known.ticket
    requester = Address(ticket.requester.address, ticket.requester.name)
    letter = _letter(rng, name, at, f"{DETAILS}\n{CONTRACT}", subject="Re: " + ticket.subject, sender=requester)
    return _by_token(
        replace(letter, trust=Trust.VERIFIED, spf_failed=False, set_apart_text=""), ticket, Audience.CLIENT
    )


def a_word(rng: Random, name: str, at: datetime, known: Known, word: str) -> Letter:
    """Return a letter of a specialist, proved, that answers the card with one word."""
    sender = Address(specialists_of(known.ticket.desk)[0], "Специалист")
    letter = _letter(rng, name, at, word, subject=f"Re: [{known.ticket.id}]", sender=sender)
    return _by_token(
        replace(letter, trust=Trust.VERIFIED, spf_failed=False, set_apart_text=""), known.ticket, Audience.TEAM
    )


def of_an_office(rng: Random, name: str, at: datetime, number: int) -> Letter:
    """Return one of the many requests of one office, each of another matter and complete."""
    matter = rng.choice(MATTERS)
    text = f"Добрый день. {matter}, окно {number}, талон {rng.randrange(10_000)}.\n\n{DETAILS}"
    letter = _letter(rng, name, at, text, subject=f"{matter}: {number}", sender=OFFICE)
    address = editions(MDO)[-1].desk.address
    envelope = replace(letter.envelope, recipients=(address,))
    return replace(letter, trust=Trust.VERIFIED, spf_failed=False, set_apart_text="", envelope=envelope)


def _by_token(letter: Letter, ticket: Ticket, audience: Audience) -> Letter:
    address = with_token(editions(ticket.desk)[-1].desk.address, ticket, audience)
    return replace(letter, kind=LetterKind.REPLY, envelope=replace(letter.envelope, recipients=(address,)))


def a_bounce(rng: Random, name: str, at: datetime, known: Known) -> Letter:
    """Return another server's report that a letter about a ticket did not arrive."""
    letter = _letter(rng, name, at, "Undeliverable", subject="Undelivered Mail Returned to Sender")
    report = DeliveryReport(
        failed_addresses=(known.ticket.requester.address,),
        original_message_id=known.message_ids[-1] if known.message_ids else None,
        status="5.1.1",
        permanent=rng.random() < 0.7,
    )
    address = with_token(editions(known.ticket.desk)[-1].desk.address, known.ticket, Audience.CLIENT)
    return replace(
        letter, kind=LetterKind.BOUNCE, report=report, envelope=replace(letter.envelope, recipients=(address,))
    )


def with_token(address: str, ticket: Ticket, audience: Audience) -> str:
    """Return the address that answers to a letter about a ticket come to."""
    local, _, domain = normalise_address(address).rpartition("@")
    return f"{local}+{token_for(KEYS, ticket.desk, ticket.id, audience)}@{domain}"


def own_line(name: str) -> str:
    """Return a line that only the letter of this name has."""
    return f"приписка {name}"


def _letter(rng: Random, name: str, at: datetime, text: str, *, subject: str, sender: Address | None = None) -> Letter:
    sender = sender or rng.choice(CLIENTS)
    trust = rng.choices([Trust.VERIFIED, Trust.CLAIMED, Trust.FORGED], [17, 3, 1])[0]
    apart = f"{rng.choice(QUOTED)}\n{own_line(name)}" if rng.random() < 0.4 else ""
    return a_letter(
        text,
        set_apart_text=apart,
        ses_message_id=name,
        received_at=at,
        subject=subject,
        sender=sender,
        from_addresses=(sender,),
        mail_from=sender.address,
        trust=trust,
        spf_failed=trust is Trust.CLAIMED and sum(name.encode()) % 2 == 0,
        message_id=f"{name}@client.example",
    )
