"""Letters to the team about a fault: what is no longer so does not leave, and each says what is so then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.fault.departure import leaving_of_fault
from domain.fault.fault import End
from domain.ticket.outgoing import Audience, OutgoingMail
from tests.support.fault_life import ANNA, NUMBER, TERMS, FaultLife, a_report, an_alarm, minutes

REMIND = TERMS.remind_after_minutes


def _bounded() -> FaultLife:
    return FaultLife(a_report(proved=False), bounded=True)


def _breached() -> FaultLife:
    life = FaultLife()
    life.sweep_until(5)
    return life


def _taken() -> FaultLife:
    life = FaultLife()
    life.take(1)
    return life


def _reminded() -> FaultLife:
    life = _taken()
    life.sweep(1 + REMIND)
    return life


def _over(end: End = End.RESOLVED) -> FaultLife:
    life = FaultLife()
    life.end(1, end)
    return life


def _quiet() -> FaultLife:
    life = FaultLife(an_alarm())
    life.join(a_report(minutes(1), ticket="T-2"))
    life.quiet(2)
    return life


def _letter(life: FaultLife, kind: str) -> OutgoingMail:
    return next(mail for _, mail in life.written if isinstance(mail, OutgoingMail) and mail.kind == kind)


Change = Callable[[FaultLife], object]


@pytest.mark.parametrize(
    ("kind", "begin", "change", "leaves"),
    [
        ("fault_opened", _bounded, lambda life: life.sweep(5), True),
        ("fault_opened", _bounded, lambda life: life.take(1), False),
        ("fault_opened", _bounded, lambda life: life.join(a_report(minutes(1), ticket="T-2")), False),
        ("fault_breach", _breached, lambda life: life.take(6), True),
        ("fault_breach", _breached, lambda life: life.take(4, read=6), False),
        ("fault_taken", _taken, lambda life: life.sweep(2), True),
        ("fault_taken", _taken, lambda life: life.end(2), False),
        ("fault_taken", _taken, lambda life: life.sweep(1 + TERMS.page_again_after_minutes), False),
        ("fault_over", _over, lambda life: life.sweep(9), True),
        ("fault_over", _over, lambda life: life.reopen(a_report(minutes(9))), False),
        ("fault_false_alarm", lambda: _over(End.FALSE_ALARM), lambda life: life.reopen(a_report(minutes(9))), False),
        ("fault_quiet", _quiet, lambda life: life.take(3), True),
        ("fault_quiet", _quiet, lambda life: life.end(3), False),
        ("fault_quiet", _quiet, lambda life: life.join(an_alarm(minutes(3))), False),
        ("fault_remind", _reminded, lambda life: life.sweep(130), True),
        ("fault_remind", _reminded, lambda life: life.take(130), False),
        ("fault_remind", _reminded, lambda life: life.end(130), False),
        ("fault_remind", _reminded, lambda life: life.sweep(1 + TERMS.page_again_after_minutes), False),
    ],
)
def test_a_letter_leaves_as_long_as_it_is_so(
    kind: str, begin: Callable[[], FaultLife], change: Change, leaves: bool
) -> None:
    """However late the mailer is."""
    life = begin()
    mail = _letter(life, kind)
    assert leaving_of_fault(mail, life.fault, minutes(0)) is not None
    change(life)
    assert (leaving_of_fault(mail, life.fault, minutes(600)) is not None) is leaves


def test_a_letter_says_what_has_become_of_the_fault_since_it_was_written() -> None:
    """That the term is over, and who has it in hand."""
    life = _breached()
    mail = _letter(life, "fault_breach")
    before = leaving_of_fault(mail, life.fault, minutes(5))
    life.take(6)
    taken = leaving_of_fault(mail, life.fault, minutes(7))
    life.end(8)
    over = leaving_of_fault(mail, life.fault, minutes(9))
    assert [letter and letter.params.get("state") for letter in (before, taken, over)] == [None, "taken", "over"]
    assert before is not None
    assert before.params["late"] == "yes"


def test_a_letter_about_a_fault_that_is_not_known_leaves_as_it_is() -> None:
    """It was erased, and nobody knows better."""
    mail = _letter(_breached(), "fault_breach")
    assert leaving_of_fault(mail, None, minutes(9)) is mail


def test_every_letter_is_the_faults_and_goes_to_the_team_wherever_that_is_reached() -> None:
    """But for the reminder of who took it."""
    lives = (_bounded(), _breached(), _reminded(), _over(), _over(End.FALSE_ALARM), _quiet())
    mails = [mail for life in lives for _, mail in life.written if isinstance(mail, OutgoingMail)]
    assert {(mail.ticket, mail.audience) for mail in mails} == {(NUMBER, Audience.FAULT)}
    assert {mail.to for mail in mails} == {"", ANNA}


def test_an_exercise_is_marked_as_one_in_every_page_and_letter() -> None:
    """Nobody takes it for a fault."""
    life = FaultLife(drill=True)
    life.sweep_until(5)
    life.take(6)
    life.end(7)
    assert {message.params.get("drill") for _, message in life.written} == {"yes"}
