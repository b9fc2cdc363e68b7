"""A letter that is read days after it was received is judged by when it was received."""

from __future__ import annotations

from datetime import timedelta

import pytest

from application.change import change_ticket
from domain.ticket import commands as c
from tests.support.builders import DETAILS, MDO, a_letter
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import START, Desk


def test_a_repetition_within_the_window_is_one_however_late_it_is_read() -> None:
    """Ten days after the request, and read when the window of fourteen has passed."""
    desk = Desk(MDO)
    desk.take(a_letter(COMPLETE, ses_message_id="first", received_at=START), START)
    again = a_letter(COMPLETE, ses_message_id="again", received_at=START + timedelta(days=10))
    told = desk.take(again, START + timedelta(days=16))
    assert [mail.kind for mail in told] == ["duplicate", "follow_up"]
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize(("received", "joins"), [(timedelta(hours=3), True), (timedelta(hours=5), False)])
def test_a_number_in_the_text_names_a_ticket_that_was_open_as_the_letter_was_received(
    received: timedelta, joins: bool
) -> None:
    """It was closed four hours after it came, and the letter is read later still."""
    desk = Desk(MDO)
    desk.take(a_letter(COMPLETE, ses_message_id="first", received_at=START), START)
    (ticket,) = desk.tickets()
    close = c.SpecialistAct(c.Act.CLOSE, "anna")
    change_ticket(desk.store, ticket.id, close, lambda: START + timedelta(hours=4))
    again = a_letter(
        f"По обращению {ticket.id}: теперь пропал список услуг.\n\n{DETAILS}",
        subject="Ещё одно",
        ses_message_id="again",
        received_at=START + received,
    )
    desk.take(again, START + timedelta(hours=6))
    (open_now,) = desk.tickets()
    assert (open_now.id == ticket.id) is joins
