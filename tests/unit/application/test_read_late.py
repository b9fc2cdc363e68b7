"""A letter that is read days after it was received is judged by when it was received."""

from __future__ import annotations

from datetime import timedelta

from tests.support.builders import MDO, a_letter
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
