"""`reglament resend`: what was given up is listed, and leaves on a person's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.command_line import Run
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw
from tests.support.sdk import refusing

AT = moscow("2026-11-20 10:00")


@pytest.fixture
def number(functions: Functions) -> str:
    """A ticket of whose letters SES has refused all for good."""
    functions.receive((raw(COMPLETE), "m1"), at=AT)
    with pytest.MonkeyPatch.context() as patch:
        refused = refusing("MessageRejected", "SendEmail", "Address blacklisted.")
        patch.setattr(functions.services.mailer._client, "send_email", refused)
        functions.drain()
    return number_of(MDO, "m1")


def test_what_was_given_up_is_listed_with_when_to_whom_and_why(functions: Functions, run: Run, number: str) -> None:
    """The oldest first; a machine reads the same."""
    del functions
    lines = run("resend").out.splitlines()
    assert lines[0].split()[:7] == [number, "Fri", "2026-11-20", "10:00", "MSK", "accepted", "olga@client.example"]
    assert lines[0].endswith("Address blacklisted.")
    assert [one["kind"] for one in run("resend", "--json").objects] == ["accepted", "card"]
    assert run("resend", "--desk", "STO").out == "nothing was given up\n"


def test_what_is_asked_for_leaves_with_the_next_sweep_and_is_off_the_list(
    functions: Functions, run: Run, number: str
) -> None:
    """Asked twice it leaves once."""
    assert f"{number}: accepted to olga@client.example: leaves with the next sweep" in run("resend", number).out
    again = run("resend", number)
    assert (again.status, "nothing of" in again.err) == (1, True)
    functions.sweep(AT + timedelta(minutes=1))
    functions.drain()
    subjects = [mail["Subject"] for mail in functions.mails()]
    assert len([subject for subject in subjects if number in subject]) == len(subjects) == 3  # the team's notice too
    assert run("resend").out == "nothing was given up\n"


def test_of_all_what_is_outdated_does_not_leave(functions: Functions, run: Run, number: str) -> None:
    """The request is closed by then: nobody is told that it is accepted."""
    run("close", number)
    functions.drain()
    sent = len(functions.mails())
    assert "leaves with the next sweep, unless it is outdated" in run("resend", "--all").out
    functions.sweep(AT + timedelta(minutes=1))
    functions.drain()
    assert len(functions.mails()) == sent + 1  # the card, which is the team's record of the request
    assert run("resend").out == "nothing was given up\n"


def test_an_address_that_is_suppressed_has_to_be_lifted_first(functions: Functions, run: Run, number: str) -> None:
    """The message says how, and the others are sent."""
    functions.table.suppress(MDO, "olga@client.example", at=AT, reason="bounce")
    ran = run("resend", "--all")
    assert ran.status == 1
    assert "reglament suppressed --lift olga@client.example" in ran.err
    assert f"{number}: card to" in ran.out


def test_tickets_and_all_of_them_are_not_asked_for_together(functions: Functions, run: Run) -> None:
    """It would be unclear which is meant."""
    del functions
    assert run("resend", "MDO-7K3F-9QXZ", "--all").status == 2


def test_what_is_known_to_have_left_is_taken_off_the_list_and_not_sent(
    functions: Functions, run: Run, number: str
) -> None:
    """A person says so, of a ticket or of all."""
    before = len(functions.mails())
    assert f"{number}: accepted to olga@client.example: taken for sent" in run("resend", "--left", "--all").out
    assert run("resend").out == "nothing was given up\n"
    functions.sweep(AT + timedelta(minutes=1))
    functions.drain()
    assert [mail["To"].addresses[0].addr_spec for mail in functions.mails()[before:]] != ["olga@client.example"]
    assert run("resend", "--left").status == 2
