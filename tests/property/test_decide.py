"""`decide` is pure: equal arguments give equal decisions, and none of them is changed."""

from __future__ import annotations

import copy
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.lately import SentLately, Written
from domain.ticket.restraint import NULL_PATH, Restraint
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.life import begin, classified

TEXTS = [COMPLETE, INCOMPLETE, FAULT, DETAILS, "Спасибо, заработало."]
ADDRESS = "olga@client.example"

written = st.lists(st.integers(0, 1500), max_size=30)
"""Minutes before now at which the desk wrote by itself."""


@given(
    opening=st.sampled_from([COMPLETE, INCOMPLETE, FAULT]), text=st.sampled_from(TEXTS), minutes=st.integers(0, 3_000),
    to_client=written, to_team=written, null_path=st.booleans(), counts_client=st.booleans(), duplicate=st.booleans(),
    by_requester=st.booleans(),
)  # fmt: skip
def test_the_same_letter_decided_again_and_again_is_decided_the_same(
    *, opening: str, text: str, minutes: int, to_client: list[int], to_team: list[int], null_path: bool,
    counts_client: bool, duplicate: bool, by_requester: bool,
) -> None:  # fmt: skip
    """However near the desk is to its limits: what one decision writes counts in that decision alone."""
    ticket = begin(opening, "2026-11-20 10:00").state
    now = moscow("2026-11-20 10:00") + timedelta(minutes=minutes)
    edition = edition_at(ticket.desk, now)
    letter = a_letter(text, received_at=now, ses_message_id="ses-2")
    command = c.AddLetter(letter, classified(letter, edition, now), duplicate=duplicate, by_requester=by_requester)
    sent = SentLately(
        to_client=tuple(Written(at=now - timedelta(minutes=ago), ticket=ticket.id) for ago in to_client),
        to_team=tuple(Written(at=now - timedelta(minutes=ago), ticket=ticket.id) for ago in to_team),
    )
    restraint = Restraint(
        ADDRESS,
        edition.automatic_letters,
        ADDRESS,
        {ADDRESS: sent},
        now,
        NULL_PATH if null_path else "",
        counts_client=counts_client,
    )
    arguments = (ticket, command, edition, now, restraint)
    before = copy.deepcopy((ticket, command, restraint))
    decisions = [decide(*arguments) for _ in range(3)]
    assert decisions[0] == decisions[1] == decisions[2]
    assert (ticket, command, restraint) == before


@given(act=st.sampled_from(c.Act), text=st.sampled_from(["", "Проверяем."]), opening=st.sampled_from(TEXTS[:3]))
def test_the_same_act_is_decided_the_same(act: c.Act, text: str, opening: str) -> None:
    """Also where it is refused."""
    ticket = begin(opening, "2026-11-20 10:00").state
    now = moscow("2026-11-20 11:00")
    edition = edition_at(ticket.desk, now)
    command = c.SpecialistAct(act, "anna", text, letter=a_letter(text, ses_message_id="ses-3"))
    before = copy.deepcopy(ticket)
    assert decide(ticket, command, edition, now) == decide(ticket, command, edition, now)
    assert ticket == before
