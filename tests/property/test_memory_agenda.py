"""What is due in the store in memory, against a plain list of what is armed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.agenda import TICKET, Agenda
from application.storage import Due

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
TICKETS = ("MDO-0000-0001", "MDO-0000-0002", "MDO-0000-0003")
ITEMS = (TICKET, "OUT#00000001#000", "OUT#00000002#000")

instants = st.integers(0, 9).map(lambda minutes: FIRST + timedelta(minutes=minutes))
acts = st.lists(
    st.tuples(st.sampled_from(TICKETS), st.sampled_from(ITEMS), st.none() | instants, st.integers(0, 2)), max_size=300
)


def expected(armed: dict[tuple[str, str], tuple[datetime, int]], now: datetime) -> list[Due]:
    """Return what is due by looking at everything."""
    due = [Due(ticket, item, at, tries) for (ticket, item), (at, tries) in armed.items() if at <= now]
    return sorted(due, key=lambda one: (one.at, one.ticket, one.item != TICKET, one.item))


@given(acts, instants)
def test_what_is_due_is_what_a_look_at_everything_finds(
    done: list[tuple[str, str, datetime | None, int]], now: datetime
) -> None:
    """However often entries were moved and disarmed; and asking changes nothing."""
    agenda, armed = Agenda(), dict[tuple[str, str], tuple[datetime, int]]()
    for ticket, item, at, tries in done:
        agenda.arm(ticket, item, at, tries)
        if at is None:
            armed.pop((ticket, item), None)
        else:
            armed[ticket, item] = (at, tries)
    assert agenda.until(now) == expected(armed, now)
    assert agenda.until(now) == expected(armed, now)
    assert agenda.first() == min((at for at, _ in armed.values()), default=None)
    assert len(agenda._heap) <= 2 * len(armed) + 64, "leftovers do not pile up"
