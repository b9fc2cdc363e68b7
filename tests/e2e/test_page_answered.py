"""A page at night, from the letter to the telephone, and back by one word of mail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from local.stack import LocalStack
from tests.support.client_letters import FAULT
from tests.support.local_post import DESK, MDO
from tests.support.raw_mail import raw

NIGHT = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
"""Three in the morning in Moscow."""


def test_mdo_2_1_a_letter_at_three_in_the_morning_pages_and_is_acknowledged_by_answering_the_pages_mail(
    tmp_path: Path,
) -> None:
    with LocalStack(tmp_path, clock=NIGHT) as stack:
        stack.send(raw(FAULT), "olga@client.example", [MDO])
        stack.settle()
        (page,) = [sent for sent in stack.outbox if sent.is_page]
        (sms,) = [sent for sent in stack.outbox if sent.is_sms]
        (mail,) = [sent for sent in stack.outbox if sent.message["Importance"] == "high"]
        assert page.text == sms.text
        assert page.at == sms.at == mail.at == NIGHT
        (number,) = stack.store.desk_faults(DESK).numbers
        back = mail.message["Reply-To"].addresses[0].addr_spec
        stack.send(raw("Принято", sender=mail.to, name="", subject=f"Re: {mail.subject}"), mail.to, [back])
        stack.settle()
        fault = stack.store.fault(number)
        assert fault is not None
        assert fault.acknowledged_by == mail.to
        assert not fault.pages_run
