"""To which ticket a letter belongs: by the numbers that its subject names, and by the thread that it goes on with."""

from __future__ import annotations

from tests.support.builders import MDO
from tests.support.client_letters import ANOTHER, COMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.raw_mail import raw_letter

PETR = "petr@other.example"
MORE = "Версия приложения 3.2."


def opened(desk: Desk, sender: str, text: str = COMPLETE, head: str = "") -> str:
    before = {ticket.id for ticket in desk.tickets()}
    desk.receive(head.encode() + raw_letter(sender, desk.address, "Вопрос", text), START)
    (new,) = {ticket.id for ticket in desk.tickets()} - before
    return new


def joined(desk: Desk, sender: str, subject: str, text: str = MORE, head: str = "") -> str | None:
    """Send a letter and return the open ticket that it joined; None where it opened one."""
    before = {ticket.id: ticket.version for ticket in desk.tickets()}
    desk.receive(head.encode() + raw_letter(sender, desk.address, subject, text), START)
    changed = [ticket.id for ticket in desk.tickets() if before.get(ticket.id) != ticket.version]
    return changed[0] if changed[0] in before else None


def test_a_number_retyped_by_hand_finds_the_senders_ticket() -> None:
    desk = Desk(MDO)
    ticket = opened(desk, OLGA)
    assert joined(desk, OLGA, f"Обращение {ticket.replace('-', ' – ').replace('MDO', 'МДО')}") == ticket


def test_a_foreign_number_later_in_the_subject_does_not_hide_the_tickets_own() -> None:
    desk = Desk(MDO)
    foreign, own = opened(desk, PETR, ANOTHER), opened(desk, OLGA)
    assert joined(desk, OLGA, f"Re: {own}, как и в {foreign}") == own
    assert joined(desk, OLGA, f"Re: {own} (заявка MDO-0000-0000)") == own


def test_a_stranger_who_names_a_number_gets_a_ticket_of_his_own() -> None:
    desk = Desk(MDO)
    ticket = opened(desk, OLGA)
    assert joined(desk, PETR, f"Обращение {ticket}", ANOTHER) is None


def test_a_number_in_the_text_finds_the_senders_own_open_ticket_alone() -> None:
    """Of a closed one, or of somebody else's, the text only speaks."""
    desk = Desk(MDO)
    foreign, own = opened(desk, PETR, ANOTHER), opened(desk, OLGA)
    assert joined(desk, OLGA, "Дополнение", f"По обращению {own.replace('-', '—')}: {MORE}") == own
    assert joined(desk, OLGA, "Ещё вопрос", f"Как и в {foreign}, не загружается список окон.") is None


ROOT = "References: <root@client.example> <{}@client.example>\r\n"


def test_two_letters_of_one_sender_in_a_thread_that_the_desk_never_saw_belong_together() -> None:
    desk = Desk(MDO)
    ticket = opened(desk, OLGA, head=ROOT.format("a"))
    assert joined(desk, OLGA, "Дополнение", head=ROOT.format("b")) == ticket


def test_another_senders_letter_in_the_same_thread_opens_a_ticket_of_its_own() -> None:
    desk = Desk(MDO)
    opened(desk, OLGA, head=ROOT.format("a"))
    assert joined(desk, PETR, "Дополнение", ANOTHER, head=ROOT.format("b")) is None


def test_the_letter_that_is_answered_counts_before_the_thread() -> None:
    desk = Desk(MDO)
    first = opened(desk, OLGA, head="Message-ID: <1@client.example>\r\n" + ROOT.format("a"))
    second = opened(desk, OLGA, ANOTHER, head="Message-ID: <2@client.example>\r\n")
    head = "In-Reply-To: <2@client.example>\r\nReferences: <root@client.example> <2@client.example>\r\n"
    assert (first == second, joined(desk, OLGA, "Дополнение", head=head)) == (False, second)
