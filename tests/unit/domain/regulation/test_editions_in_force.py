"""Which edition rules: the one in force when a ticket's first letter came, for the ticket's whole life."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.regulation import editions
from domain.ticket import commands as c
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.life import begin


def forget() -> None:
    """Let the editions be read anew."""
    editions.editions.cache_clear()
    editions._desks_by_address.cache_clear()


@pytest.fixture
def two_editions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MDO promises eight hours from the first of December 2026 on."""
    shutil.copytree(editions.DESKS, tmp_path / "desks")
    old = tmp_path / "desks" / MDO / "2013-01-01.toml"
    text = old.read_text("utf-8").replace("working_hours = 4", "working_hours = 8")
    (old.parent / "2026-12-01.toml").write_text(text.replace("2013-01-01", "2026-12-01"), "utf-8")
    monkeypatch.setattr(editions, "DESKS", tmp_path / "desks")
    forget()
    yield
    forget()


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
