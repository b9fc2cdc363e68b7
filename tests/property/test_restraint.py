"""Whatever arrives, in whatever order and however fast: no limit of automatic letters is passed, and few are told of."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.ticket.lately import DAY, HOUR, Counts, SentLately
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.restraint import AutomaticLettersRule, Restraint
from tests.support.builders import moscow

ADDRESS = "olga@client.example"
TICKETS = ("MDO-0000-0001", "MDO-0000-0002")
KINDS = {
    "accepted": Audience.CLIENT,
    "duplicate": Audience.CLIENT,
    "card": Audience.TEAM,
    "follow_up": Audience.TEAM,
}

limits = (
    st.lists(st.integers(1, 6), min_size=3, max_size=3)
    .map(sorted)
    .flatmap(
        lambda found: st.integers(1, 6).map(
            lambda team: AutomaticLettersRule(
                house_rule=True,
                per_ticket_per_hour=found[0],
                per_address_per_hour=found[1],
                per_address_per_day=found[2],
                to_team_per_address_per_hour=team,
            )
        )
    )
)
letters = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.sampled_from(TICKETS),
        st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    ),
    max_size=60,
)
"""Minutes since the letter before, the ticket, and what the desk would write because of it."""


def a_mail(kind: str, ticket: str) -> OutgoingMail:
    return OutgoingMail(
        kind=kind,
        desk="moi-dokumenty-online",
        edition="2013-01-01",
        ticket=ticket,
        audience=KINDS[kind],
        to=ADDRESS,
        subject="",
    )


def most_within(instants: list[datetime], window: timedelta) -> int:
    """Return how many instants at most lie within a window, wherever it begins."""
    return max((sum(first <= at < first + window for at in instants) for first in instants), default=0)


in_any_order = st.lists(
    st.tuples(
        st.integers(0, 3 * 24 * 60),
        st.sampled_from(TICKETS),
        st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    ),
    max_size=60,
)
"""Minutes at which SES received each letter, in the order in which they are handled."""


@given(limits, in_any_order)
def test_no_window_of_an_hour_or_a_day_holds_more_than_the_edition_allows(
    rule: AutomaticLettersRule, arriving: list[tuple[int, str, list[str]]]
) -> None:
    """Wherever the window begins, in whatever order letters are handled; and the team hears of each hold once an hour."""
    sent: Counts = {}
    written: list[tuple[datetime, str, Audience]] = []
    notices: list[tuple[datetime, str]] = []
    for minutes, ticket, kinds in arriving:
        now = moscow("2026-11-20 10:00") + timedelta(minutes=minutes)
        restraint = Restraint(ADDRESS, rule, ADDRESS, sent, now)
        for kind in kinds:
            mail = a_mail(kind, ticket)
            hold = restraint.hold_on(mail, sent)
            if hold is None:
                sent = restraint.with_letter(sent, mail)
                written.append((now, ticket, mail.audience))
            else:
                assert hold.until is not None
                assert hold.until > now
                if restraint.owes_notice(hold, sent):
                    sent = restraint.with_notice(sent, hold)
                    notices.append((now, hold.ticket))
    to_client = [at for at, _, audience in written if audience is Audience.CLIENT]
    assert most_within(to_client, HOUR) <= rule.per_address_per_hour
    assert most_within(to_client, DAY) <= rule.per_address_per_day
    for ticket in TICKETS:
        on_ticket = [at for at, known, audience in written if audience is Audience.CLIENT and known == ticket]
        assert most_within(on_ticket, HOUR) <= rule.per_ticket_per_hour
    assert most_within([at for at, _, audience in written if audience is Audience.TEAM], HOUR) <= (
        rule.to_team_per_address_per_hour
    )
    for scope in ("", *TICKETS):
        assert most_within([at for at, known in notices if known == scope], HOUR) <= 1


@given(limits, letters)
def test_once_a_hold_is_over_a_letter_to_the_client_goes_and_a_second_before_none_does(
    rule: AutomaticLettersRule, arriving: list[tuple[int, str, list[str]]]
) -> None:
    """What the notice says of the time is true, as long as nothing more is written."""
    sent: Counts = {ADDRESS: SentLately()}
    now = moscow("2026-11-20 10:00")
    for minutes, ticket, kinds in arriving:
        now += timedelta(minutes=minutes)
        restraint = Restraint(ADDRESS, rule, ADDRESS, sent, now)
        for kind in kinds:
            mail = a_mail(kind, ticket)
            hold = restraint.hold_on(mail, sent)
            if hold is None:
                sent = restraint.with_letter(sent, mail)
            if hold is None or mail.audience is Audience.TEAM:
                continue
            assert hold.until is not None
            later = Restraint(ADDRESS, rule, ADDRESS, sent, hold.until)
            assert later.hold_on(mail, sent) is None
            before = Restraint(ADDRESS, rule, ADDRESS, sent, hold.until - timedelta(seconds=1))
            assert before.hold_on(mail, sent) is not None
