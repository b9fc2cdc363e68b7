"""Who took a fault is named in letters about it as the desk names its people."""

from __future__ import annotations

import pytest

from application.people import with_names
from domain.people import People, Person, Role
from domain.ticket.outgoing import Audience, OutgoingMail

VERA = "lead@desk.example.ru"


class _Known:
    def people(self, desk: str) -> People:
        del desk
        return People(persons=(Person(name="Вера Соколова", addresses=(VERA,), roles=(Role.LEAD,)),))


def _letter(by: str, audience: Audience = Audience.FAULT) -> OutgoingMail:
    return OutgoingMail(
        kind="fault_taken",
        desk="d",
        edition="2013-01-01",
        ticket="MDO-F-7K3F9",
        audience=audience,
        to="",
        subject="",
        params={"by": by},
    )


@pytest.mark.parametrize(
    ("by", "named"), [(VERA, "Вера Соколова"), ("other@desk.example.ru", "other@desk.example.ru"), ("anna", "anna")]
)
def test_who_took_a_fault_is_named_where_the_desk_knows_the_address(by: str, named: str) -> None:
    assert with_names(_letter(by), _Known()).params["by"] == named


def test_a_letter_to_a_client_keeps_its_words() -> None:
    assert with_names(_letter(VERA, Audience.CLIENT), _Known()).params["by"] == VERA
