"""Numbers of tickets and faults as arguments, however they are typed."""

from __future__ import annotations

import pytest

from cli.target import Failed, Misuse, number_given, numbers_of, ticket_number

TICKET, FAULT = "MDO-7K3F-9QXZ", "MDO-F-7K3F9"


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("MDO-F-7K3F9", (FAULT,)),
        ("mdof7k3f9", (FAULT,)),
        ("mdo f 7k3f9", (FAULT,)),
        ("мдо ф 7к3f9", (FAULT,)),
        ("mdo-7k3f-9qxz", (TICKET,)),
        ("mdo 7k3f 9qxz", (TICKET,)),
        ("MDO — F — 7K3F9", (FAULT,)),
        ("MDO-F-7K3F9 MDO-7K3F-9QXZ", (FAULT, TICKET)),
        ("mdo f 7k3f9 mdo 7k3f 9qxz", (FAULT, TICKET)),
        ("mdo 7k3f 9qxz mdo-f-7k3f9", (TICKET, FAULT)),
        ("MDO-F-7K3F9 mdof7k3f9 mdo f 7k3f9", (FAULT,)),
        ("sto-f-oil09 mdo-f-7k3f9", ("STO-F-01109", FAULT)),
    ],
)
def test_several_numbers_are_read_with_or_without_spaces_and_each_once(typed: str, numbers: tuple[str, ...]) -> None:
    assert numbers_of(typed.split()) == numbers


@pytest.mark.parametrize("typed", ["MDO-F-7K3F9 7", "mdo f", "7k3f9", "MDO-F-7K3F9 mdo-7k3f"])
def test_one_argument_that_is_no_number_is_misuse_and_named(typed: str) -> None:
    """Nothing is done then: who is woken must not believe that all of it was."""
    with pytest.raises(Misuse, match="nothing was done"):
        numbers_of(typed.split())


def test_a_number_of_no_desk_is_unknown() -> None:
    with pytest.raises(Failed, match="MDO, STO"):
        numbers_of(["XYZ-7K3F-9QXZ"])


def test_where_one_number_is_expected_several_are_misuse() -> None:
    assert number_given("mdo f 7k3f9".split()) == FAULT
    with pytest.raises(Misuse, match="expected one number"):
        number_given([FAULT, TICKET])


def test_a_faults_number_in_place_of_a_tickets_is_told_from_what_is_none() -> None:
    with pytest.raises(Misuse, match=r"MDO-F-7K3F9 is a fault's number.*reglament fault show MDO-F-7K3F9"):
        ticket_number("mdo f 7k3f9")
