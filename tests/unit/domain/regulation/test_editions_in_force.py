"""Which edition rules: the one in force when a ticket's first letter came, for the ticket's whole life."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.regulation import editions
from domain.ticket import commands as c
from tests.support.builders import MDO, moscow
from tests.support.changed_editions import BEGAN, forget, mdo_changed, mdo_ended
from tests.support.client_letters import COMPLETE
from tests.support.life import begin


@pytest.fixture
def two_editions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """MDO promises eight hours from the first of December 2026 on."""
    with mdo_changed(tmp_path, monkeypatch) as old:
        text = old.read_text("utf-8").replace("working_hours = 4", "working_hours = 8")
        (old.parent / "2026-12-01.toml").write_text(text.replace("2013-01-01", "2026-12-01"), "utf-8")
        yield old


@pytest.mark.usefixtures("two_editions")
def test_mdo_3_5_a_new_edition_rules_from_its_first_day_by_the_desks_own_date() -> None:
    """Midnight in Moscow, not in Greenwich."""
    assert editions.edition_at("mdo", moscow("2026-11-30 23:59")).name == "2013-01-01"
    assert editions.edition_at("mdo", moscow("2026-12-01 00:00")).name == "2026-12-01"


@pytest.mark.usefixtures("two_editions")
def test_mdo_3_5_a_ticket_keeps_the_edition_it_was_opened_under() -> None:
    """Also for what happens to it after the change."""
    life = begin(COMPLETE, "2026-11-30 17:30")
    assert life.state.reaction is not None
    assert life.state.reaction.due == moscow("2026-12-01 12:30")
    life.act(c.Act.CLOSE, "2026-12-01 11:00")
    life.act(c.Act.REOPEN, "2026-12-01 11:30")
    reopened = life.state
    assert reopened.edition == "2013-01-01"
    assert reopened.reaction is not None
    assert reopened.reaction.due == moscow("2026-12-01 15:30")


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MDO's edition ends with the twentieth of November 2026, and none follows."""
    with mdo_ended(tmp_path, monkeypatch, "2026-11-20"):
        yield


@pytest.mark.usefixtures("ended")
def test_mdo_3_5_after_an_edition_that_none_follows_the_desk_works_under_the_last() -> None:
    """Whoever asks what is promised then is told that nothing is."""
    after = moscow("2026-11-21 00:00")
    assert editions.edition_serving("mdo", after).name == "2013-01-01"
    assert editions.edition_serving("mdo", moscow("2012-12-31 23:59")).name == "2013-01-01"
    with pytest.raises(editions.NoEditionInForce, match="ended with 2026-11-20"):
        editions.edition_at("mdo", after)
    assert editions.desks_without_regulation(after) == (MDO,)
    assert editions.desks_without_regulation(moscow("2026-11-20 23:59")) == ()


def test_between_two_editions_the_desk_works_under_the_earlier(two_editions: Path) -> None:
    """Days without a regulation in the middle are like those at the end."""
    text = two_editions.read_text("utf-8").replace(BEGAN, f"{BEGAN}effective_until = 2026-11-20\n")
    two_editions.write_text(text, "utf-8")
    forget()
    assert editions.edition_serving("mdo", moscow("2026-11-25 12:00")).name == "2013-01-01"
    assert editions.edition_serving("mdo", moscow("2026-12-01 00:00")).name == "2026-12-01"


def test_before_the_first_edition_there_is_no_regulation_and_the_error_says_since_when() -> None:
    """Nobody is judged by a text that was not published."""
    with pytest.raises(editions.NoEditionInForce, match="2013-01-01"):
        editions.edition_at("mdo", moscow("2012-12-31 23:59"))


def test_a_desk_is_found_by_id_prefix_and_address() -> None:
    """In any case; an unknown one lists those there are."""
    assert editions.find_desk("MDO") == editions.find_desk(MDO) == MDO
    assert editions.find_desk("sto-7k3f-9qxz".partition("-")[0]) == "storeolis"
    assert editions.desk_by_address("support@storeolis.ru") == "storeolis"
    with pytest.raises(editions.UnknownDesk, match="storeolis"):
        editions.find_desk("acme")
