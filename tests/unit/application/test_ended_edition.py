"""A desk whose last edition has ended goes on under it: open tickets, new requests, pages and letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.rendering import render_mail
from domain.fault.commands import FireFaultTimers
from domain.fault.decide import decide_fault
from domain.regulation import editions
from domain.ticket.outgoing import OutgoingMail
from tests.support.builders import KEYS, MDO, a_letter, moscow
from tests.support.changed_editions import mdo_ended
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import Desk
from tests.support.people import addressed

pytestmark = pytest.mark.usefixtures("ended")


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MDO's edition ends with the twentieth of November 2026, and none follows."""
    with mdo_ended(tmp_path, monkeypatch, "2026-11-20"):
        yield


def test_mdo_2_1_a_fault_is_paged_for_until_it_is_acknowledged_also_past_the_end_of_the_edition() -> None:
    """Midnight ends no page, no breach and no letter to the team."""
    desk = Desk(MDO)
    letter = a_letter(
        "Не работает вся система, ни один сотрудник не может войти.", received_at=moscow("2026-11-20 23:58")
    )
    desk.take(letter, moscow("2026-11-20 23:58"))
    (number,) = desk.store.desk_faults(MDO).numbers
    fault = desk.store.fault(number)
    assert fault is not None
    now = moscow("2026-11-21 00:04")
    fired = decide_fault(fault, FireFaultTimers(), editions.edition_named(MDO, fault.edition), now)
    written = {message.kind for message in fired.outgoing}
    assert {"page_repeat", "page_breach", "fault_breach"} <= written
    for message in fired.outgoing:
        if isinstance(message, OutgoingMail):
            assert render_mail(addressed(message), KEYS, now)["From"]


def test_mdo_3_5_a_request_that_comes_after_the_end_is_taken_and_answered_under_the_last_edition() -> None:
    """It is neither lost nor does it wait until somebody writes the next."""
    desk = Desk(MDO)
    written = desk.take(a_letter(COMPLETE, received_at=moscow("2026-11-23 10:00")), moscow("2026-11-23 10:00"))
    assert [mail.kind for mail in written] == ["accepted", "card"]
    (ticket,) = desk.tickets()
    assert ticket.edition == "2013-01-01"
    assert ticket.reaction is not None
    assert ticket.reaction.due == moscow("2026-11-23 14:00")
    assert len(desk.deliver(moscow("2026-11-23 10:01"))) == 2
