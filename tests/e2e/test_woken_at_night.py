"""A night on the local stack: a letter wakes the on-call, whose answer to the page ends it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local.stack import LocalStack
from tests.support.client_letters import FAULT
from tests.support.local_post import DESK, MDO, letter

NEW_YEAR = datetime(2027, 1, 1, 3, 0, tzinfo=ZoneInfo("Europe/Moscow"))
CLIENT = "client@region.example.org"


def test_mdo_2_1_a_letter_at_three_on_new_years_night_pages_in_seconds_and_the_pages_mail_is_answered(
    tmp_path: Path,
) -> None:
    with LocalStack(tmp_path, clock=NEW_YEAR) as stack:
        people, _ = stack.store.standing(DESK)
        stack.send(letter("Не работает приложение", FAULT, CLIENT), CLIENT, [MDO])
        sent_at = time.monotonic()
        while not any(one.is_page for one in stack.outbox):
            assert time.monotonic() - sent_at < 5, "nobody was paged within five seconds"
            time.sleep(0.05)
        stack.settle()
        (number,) = stack.store.desk_faults(DESK).numbers
        assert {one.at for one in stack.outbox} == {NEW_YEAR}
        (published,) = (one for one in stack.outbox if one.is_page)
        (text,) = (one for one in stack.outbox if one.is_sms)
        (mailed,) = (one for one in stack.outbox if people.by_address(one.to) and number in one.subject)
        assert text.to.startswith("+7")
        assert text.text == published.text
        assert mailed.message["Importance"] == "high"

        stack.advance_to(NEW_YEAR + timedelta(minutes=3))
        woken = people.by_address(mailed.to)
        assert woken is not None
        address = mailed.message["Reply-To"].addresses[0].addr_spec
        stack.send(letter(f"Re: {mailed.subject}", "Принято", woken.addresses[0]), woken.addresses[0], [address])
        stack.settle()
        written = len([one for one in stack.outbox if one.is_page])
        stack.advance_to(NEW_YEAR + timedelta(minutes=30))

        assert len([one for one in stack.outbox if one.is_page]) == written, "nobody is paged once it is taken"
        fault = stack.store.fault(number)
        assert fault is not None
        assert fault.acknowledged_by == woken.addresses[0]
        assert fault.acknowledged_at == NEW_YEAR + timedelta(minutes=3)
        assert fault.breached_at is None
        told = [one.subject for one in stack.outbox if one.to == CLIENT]
        assert len(told) == 2, "the client hears that the report came, and that it was taken"
        (ticket,) = stack.store.queue(DESK)
        assert ticket.critical is not None
        assert ticket.critical.acknowledged_at == fault.acknowledged_at
