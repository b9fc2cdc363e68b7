"""One mailbox has one spelling."""

from __future__ import annotations

import pytest

from domain.addresses import display_address, normalise_address, split_plus, without_plus

DESK = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"


@pytest.mark.parametrize(
    "written",
    [
        "Support@МоиДокументы.онлайн ", "support@моидокументы.онлайн", DESK.upper(), f"<{DESK}>", f"mailto:{DESK}",
        "support@моидокументы。онлайн", "support@моидокументы.онлайн.",
    ],
)  # fmt: skip
def test_every_spelling_of_the_desk_is_the_same_address(written: str) -> None:
    assert normalise_address(written) == DESK


@pytest.mark.parametrize("written", ["a@" + "ж" * 100 + ".example", "a@..", "@", "a", "", "a@\ud800.example", "a@x..y"])
def test_a_broken_address_is_no_error(written: str) -> None:
    assert normalise_address(normalise_address(written)) == normalise_address(written)


def test_people_see_the_domain_in_unicode() -> None:
    assert display_address(DESK) == "support@моидокументы.онлайн"


@pytest.mark.parametrize(
    "address", ["a@zavod.example", "a@xn--zzzzzzzz9999.example", "a@xn--.example", "nobody", "xn--00b"]
)
def test_a_domain_that_does_not_read_back_is_shown_as_it_travels(address: str) -> None:
    assert display_address(address) == address


def test_the_detail_after_the_first_plus_is_split_off() -> None:
    assert split_plus("support+token+x") == ("support", "token+x")
    assert split_plus("support") == ("support", None)
    assert without_plus("support+t@d.example") == "support@d.example"
