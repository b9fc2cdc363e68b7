"""Encrypted mail is answered in words that the client understands; of a signature the team is told that nobody verified it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from adapters.rendering import render_mail, text_of
from domain.client import Client, Contact, ContactKind
from domain.ticket.outgoing import Audience, OutgoingMail
from tests.support import cms
from tests.support.builders import KEYS, MDO, STOREOLIS
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import addressed

WORDS = "Не открывается корзина, ошибка 500. Лаптева Ольга Игоревна, +7 900 555-01-17, МФЦ города Вязьмы, специалист, ИНН 7707083893"
CLEAR = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}\r\n".encode()
ASKED = "без шифрования"


def sealed(message: bytes, subject: str = "Not a word of it", more: str = "") -> bytes:
    """Return a letter that is one cryptographic message."""
    head = (
        f"From: <{OLGA}>\r\nTo: support@desk.example\r\nSubject: {subject}\r\nMessage-ID: <{len(message)}@c.example>\r\n{more}"
        "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(message)


def read(mail: OutgoingMail) -> str:
    return text_of(render_mail(addressed(mail), KEYS, START))


@pytest.mark.parametrize("desk", [MDO, STOREOLIS])
@pytest.mark.parametrize("subject", ["x", "The export of orders fails with error 500 on the page of goods"])
def test_an_encrypted_letter_is_asked_for_in_clear_whatever_its_subject_says(desk: str, subject: str) -> None:
    mails = Desk(desk).receive(sealed(cms.enveloped(), subject), START)
    (client,) = [read(mail) for mail in mails if mail.audience is Audience.CLIENT]
    (card,) = [read(mail) for mail in mails if mail.audience is Audience.TEAM]
    assert ASKED in client
    assert "Письмо зашифровано" in card
    assert "письмо зашифровано, прочитать его нельзя" in card


def test_a_client_whose_details_are_known_is_asked_in_the_letter_that_accepts_the_request() -> None:
    desk = Desk(MDO)
    contacts = (Contact(kind=ContactKind.ADDRESS, value=OLGA), Contact(kind=ContactKind.PHONE, value="+79005550117"))
    desk.store.save(
        Client(
            id="U-1",
            desk=MDO,
            kind="user",
            contacts=contacts,
            full_name="Лаптева Ольга Игоревна",
            organisation="МФЦ города Вязьмы",
            position="специалист",
        )
    )
    mails = desk.receive(sealed(cms.enveloped()), START)
    (client,) = [mail for mail in mails if mail.audience is Audience.CLIENT]
    assert client.kind == "accepted"
    assert ASKED in read(client)


def test_of_a_later_letter_that_is_encrypted_the_team_is_told() -> None:
    desk = Desk(STOREOLIS)
    desk.receive(sealed(cms.signed(CLEAR)), START)
    answer = sealed(cms.enveloped(), more=f"In-Reply-To: <{len(cms.signed(CLEAR))}@c.example>\r\n")
    mails = desk.receive(answer, START + timedelta(minutes=10))
    assert any("Письмо зашифровано" in read(mail) for mail in mails if mail.audience is Audience.TEAM)


def test_a_signed_letter_is_a_request_like_any_other_and_its_card_says_that_nobody_verified_the_signature() -> None:
    mails = Desk(STOREOLIS).receive(
        sealed(cms.signed(CLEAR, digest=cms.STREEBOG256, indefinite=True, pieces=64)), START
    )
    (client,) = [read(mail) for mail in mails if mail.audience is Audience.CLIENT]
    (card,) = [read(mail) for mail in mails if mail.audience is Audience.TEAM]
    assert "принят" in client
    assert ASKED not in client
    assert "подпись не проверялась" in card
    assert "Не открывается корзина, ошибка 500." in card
