"""Why an act cannot be carried out, in the words of those who read it."""

from __future__ import annotations

import re

import pytest

from domain.ticket.refusals import Reason, Refusal


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_is_worded_for_the_command_line_and_in_russian_for_the_team(reason: Reason) -> None:
    """In whole Russian sentences that know nothing of the command line."""
    details = dict.fromkeys(("limit", "act", "status", "known", "example", "edition", "clause", "by", "fault"), "x")
    refusal = Refusal(reason, details)
    assert refusal.english
    assert re.search(r"[а-я]", refusal.russian)
    assert refusal.russian.endswith(".")
    assert "--" not in refusal.russian
    assert not re.search(r"[a-z]{2,}", refusal.russian)
