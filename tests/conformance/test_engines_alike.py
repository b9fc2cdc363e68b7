"""Every engine, asked the same as the store in memory, answers the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.memory import MemoryStore
from application.repetitions import StatementsChange
from application.storage import (
    Clues,
    Commit,
    Condition,
    Conflict,
    Departure,
    Due,
    Failure,
    FaultsChange,
    LetterKnown,
    LetterRecord,
    Lift,
    NumberTaken,
    OutboxKey,
    RecentChange,
    SentChange,
    Suppression,
)
from domain.client import (
    Client,
    Contact,
    ContactKind,
    CountedRequest,
    GivenDetails,
    Recent,
    Statements,
    address_client_id,
)
from domain.fault.alarm import AlarmState, Resting
from domain.fault.fault import DeskFaults
from domain.findings import Identification
from domain.people import NOBODY
from domain.rota import Rota
from domain.ticket.lately import SentLately, WithheldLetter, Written
from domain.ticket.ticket import Ticket
from tests.support.builders import moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.commits import NOON, a_change, opening
from tests.support.fault_values import (
    PEOPLE,
    TICKET,
    a_joining,
    a_member,
    a_standing_change,
    an_acknowledgement,
    an_opening,
    opened_fault,
)
from tests.support.life import begin
from tests.support.stores import Store

DESK = "moi-dokumenty-online"
LATER = NOON + timedelta(hours=1)


def opened(store: Store, text: str = COMPLETE, letter: str = "ses-1") -> Ticket:
    """Commit a request and return its ticket."""
    life = begin(text, "2026-11-20 10:00")
    store.commit(opening(life, letter))
    ticket = store.ticket(life.state.id)
    assert ticket is not None
    return ticket


def raised(action: Callable[[], object]) -> str:
    """Return the name of what an action raises, of a conflict with the condition that failed, or an empty text."""
    try:
        action()
    except Conflict as conflict:
        return f"Conflict: {conflict.condition}"
    except (LetterKnown, NumberTaken) as error:
        return type(error).__name__
    return ""


def whole_commits(store: Store) -> list[object]:
    """Ticket, history, outbox and record, then the same letter again and another under the same number."""
    ticket = opened(store)
    again = raised(lambda: store.commit(opening(begin(COMPLETE, "2026-11-20 10:00"))))
    collision = raised(lambda: store.commit(opening(begin(COMPLETE, "2026-11-20 10:00"), "ses-2")))
    missing = store.letter(DESK, "ses-2")
    return [ticket, store.history(ticket.id), store.outbox(ticket.id), again, collision, missing]


def versions(store: Store) -> list[object]:
    """Two decisions on one version of a ticket, of a client's past, of a fault."""
    ticket = opened(store)
    store.commit(Commit(at=NOON, ticket=a_change(ticket)))
    stale = raised(lambda: store.commit(Commit(at=NOON, ticket=a_change(ticket, "2026-11-20 11:30"))))
    past = Recent(version=1, requests=(CountedRequest(ticket=ticket.id, at=NOON),))
    change = Commit(at=NOON, recent=RecentChange(DESK, "K-1", Recent(), past))
    store.commit(change)
    late = raised(lambda: store.commit(change))
    fault = AlarmState(alarm="a", desk=DESK, ticket=ticket.id, open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, fault)))
    older = raised(lambda: store.commit(Commit(at=NOON, alarm=(None, fault))))
    found = (store.ticket(ticket.id), store.situation(DESK, "K-1", ticket.id), store.alarm_state("a"))
    return [stale, late, older, *found, store.situation(DESK, "K-2", None)]


def clues(store: Store) -> list[object]:
    """By number, by message id, by what SES made of our id, by contact; the first ticket of an id keeps it."""
    ticket = opened(store)
    client = Client(id="K-1", desk=DESK, contacts=(Contact(kind=ContactKind.ADDRESS, value="a@x.example"),))
    store.save(client)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    store.lease(key, now=NOON, until=LATER)
    store.mark_sent(Departure(key, DESK, NOON, "0102-sent"))
    asked = Clues(
        desk=DESK,
        ses_message_id="ses-1",
        tickets=(ticket.id, "MDO-0000-0000"),
        message_ids=("nobody@x.example", *ticket.thread, "0102-sent@eu-west-1.amazonses.com"),
        contacts=(*client.contacts, Contact(kind=ContactKind.PHONE, value="+79120000000")),
    )
    return [store.find(asked)]


def due_items(store: Store) -> list[object]:
    """What is due and in which order, what is leased, put back, offered again, given up."""
    ticket = opened(store, INCOMPLETE)
    first, second = (OutboxKey(ticket=ticket.id, item=f"OUT#00000001#00{number}") for number in (0, 1))
    armed = [due for shard in range(store.shards) for due in store.due(shard, NOON)]
    offered = store.rearm_outgoing(armed[0], now=LATER)
    twice = store.rearm_outgoing(armed[0], now=LATER)
    leases = [store.lease(first, now=at, until=at + timedelta(minutes=3)) for at in (NOON, NOON, LATER)]
    store.put_back(first, Failure(NOON, LATER, "E"))
    store.give_up(second, DESK, at=NOON, error="not leased, so not touched")
    store.lease(second, now=NOON, until=LATER)
    store.give_up(second, DESK, at=NOON, error="E")
    states = [(key, state, store.outgoing(key)) for key, state, _ in store.outbox(ticket.id)]
    nowhere = OutboxKey(ticket=ticket.id, item="OUT#00000009#000")
    unknown = [store.outgoing(nowhere), store.lease(nowhere, now=NOON, until=LATER)]
    sweep = [due for shard in range(store.shards) for due in store.due(shard, moscow("2026-12-31 10:00"))]
    return [armed, offered, twice, leases, states, unknown, sweep, store.next_due()]


def failing_entries(store: Store) -> list[object]:
    """What fails is put off with a count, which any other write drops; what is wrong is set right by the ticket."""
    ticket = opened(store)
    far = moscow("2026-12-31 10:00")

    def armed() -> list[Due]:
        return [due for shard in range(store.shards) for due in store.due(shard, far)]

    seen = [armed()]
    moved: list[object] = [store.put_off(due, until=LATER) for due in (*seen[0], *seen[0])]
    seen.append(sorted(armed(), key=lambda due: due.item))
    moved += [store.put_off(due, until=LATER) for due in seen[-1]]
    first, *_, own = seen[-1] = sorted(armed(), key=lambda due: due.item)
    moved.append(store.rearm_outgoing(first, now=LATER))
    moved += [store.align(own, ticket.model_copy(update={"version": 9})), store.align(own, ticket)]
    seen.append(sorted(armed(), key=lambda due: due.item))
    moved.append(store.put_off(seen[-1][-1], until=LATER))
    waits = next(due for due in armed() if due.tries)
    moved.append(store.put_off(waits, until=far, failed=False))
    seen.append(sorted(armed(), key=lambda due: due.item))
    store.commit(Commit(at=NOON, ticket=a_change(ticket)))
    return [*seen, moved, sorted(armed(), key=lambda due: due.item)]


def registry(store: Store) -> list[object]:
    """A contact belongs to one client; replacing a client lets its old contacts go."""
    mail, phone = (
        Contact(kind=ContactKind.ADDRESS, value="a@x.example"),
        Contact(kind=ContactKind.PHONE, value="+79120000000"),
    )
    store.save(Client(id="K-2", desk=DESK, contacts=(mail, phone)))
    taken = raised(lambda: store.save(Client(id="K-1", desk=DESK, contacts=(mail,))))
    store.save(Client(id="K-2", desk=DESK, contacts=(phone,)))
    store.save(Client(id="K-1", desk=DESK, contacts=(mail,)))
    seen = [list(store.clients(DESK)), store.owners(DESK, [mail, phone]), list(store.clients("storeolis"))]
    store.remove(DESK, "K-1")
    store.remove(DESK, "K-1")
    return [taken, *seen, store.client(DESK, "K-1"), store.owners(DESK, [mail, phone])]


def erased(store: Store) -> list[object]:
    """Who is removed is forgotten: no detail that its letters gave is left in its past."""
    store.save(Client(id="K-1", desk=DESK))
    given = GivenDetails(
        address="a@x.example", ticket="MDO-0000-0001", at=NOON, details=Identification(position="врач")
    )
    past = Recent(version=1, details=(given,))
    store.commit(Commit(at=NOON, recent=RecentChange(DESK, "K-1", Recent(), past)))
    store.remove(DESK, "K-1")
    return [store.situation(DESK, "K-1", None)]


def namesakes(store: Store) -> list[object]:
    """Two clients may bear one name, and then it names nobody; who goes or is renamed leaves it to the other."""

    def named(desk: str = DESK, organisation: str | None = "ооо лен") -> str | None:
        return store.find(Clues(desk=desk, ses_message_id="s", organisation=organisation)).by_organisation

    def saved(client_id: str, organisation: str | None) -> str | None:
        store.save(Client(id=client_id, desk=DESK, organisation=organisation))
        return named()

    seen = [named(), saved("K-1", "ООО «Лён»"), saved("K-1", "лён, ООО"), saved("K-2", "ООО «ЛЕН»")]
    seen += [named("storeolis"), named(organisation=None), saved("K-2", "ООО «Хлопок»"), saved("K-2", "ООО Лён")]
    for client_id in ("K-1", "K-1", "K-2"):
        store.remove(DESK, client_id)
        seen.append(named())
    return [*seen, saved("K-3", None), saved("K-3", "ООО Лён")]


def claims(store: Store) -> list[object]:
    """What is counted under an address that somebody registers meanwhile belongs to the client: it is decided anew."""
    mail = Contact(kind=ContactKind.ADDRESS, value="a@x.example")
    past = Recent(version=1, requests=(CountedRequest(ticket="MDO-0000-0001", at=NOON),))
    change = Commit(at=NOON, recent=RecentChange(DESK, address_client_id(mail.value), Recent(), past))
    store.save(Client(id="K-1", desk=DESK, contacts=(mail,)))
    late = raised(lambda: store.commit(change))
    store.save(Client(id="K-1", desk=DESK))
    store.commit(change)
    store.save(Client(id="K-1", desk=DESK, contacts=(mail,)))
    return [late, store.situation(DESK, "K-1", None), store.situation(DESK, address_client_id(mail.value), None)]


def listings(store: Store) -> list[object]:
    """Open tickets and letters set aside; addresses that letters are pointless to."""
    ticket = opened(store)
    record = LetterRecord(
        desk=DESK, ses_message_id="q", received_at=NOON, kind="quarantined", outcome="quarantined", needs_attention=True
    )
    store.commit(Commit(at=NOON, letter=record))
    store.suppress(DESK, "gone@x.example", at=NOON, reason="bounced")
    store.suppress(DESK, "dead@x.example", at=NOON - timedelta(days=1), reason="Complaint")
    store.suppress("storeolis", "gone@x.example", at=NOON, reason="Bounce")
    suppressed = [store.is_suppressed(DESK, f"{name}@x.example") for name in ("gone", "here")]
    queue = [one.id for one in store.queue(DESK)] == [ticket.id]
    return [queue, list(store.set_aside(DESK)), suppressed, list(store.suppressed(DESK))]


def senders(store: Store) -> list[object]:
    """What was written because of an address, on condition of what was read; a suppression lifted as it was read."""
    address = "a@x.example"
    asked = Clues(desk=DESK, ses_message_id="s", sender=address, counted=(address, "MDO-0000-0001"))
    store.suppress(DESK, address, at=NOON, reason="Bounce")
    seen = [store.find(asked)]
    (known,) = store.suppressed(DESK)
    first = SentLately(version=1, to_client=(Written(at=NOON, ticket="MDO-0000-0001"),))
    second = first.model_copy(update={"version": 2, "notices": (Written(at=NOON, ticket=""),)})
    changes = [SentChange(DESK, address, before, after) for before, after in ((SentLately(), first), (first, second))]
    store.commit(Commit(at=NOON, sent=(changes[0],), lifted=Lift(known, NOON)))
    seen.append(store.find(asked))
    late = [raised(lambda: store.commit(Commit(at=NOON, sent=(changes[0],))))]
    store.commit(Commit(at=NOON, sent=(changes[1],)))
    late.append(raised(lambda: store.commit(Commit(at=NOON, sent=(changes[1],)))))
    late.append(raised(lambda: store.commit(Commit(at=NOON, lifted=Lift(known, NOON)))))
    store.suppress(DESK, address, at=LATER, reason="Complaint")
    late.append(raised(lambda: store.commit(Commit(at=NOON, lifted=Lift(known, NOON)))))
    seen.append(store.find(asked))
    lifted = [
        store.lift(DESK, address, at=LATER),
        store.lift(DESK, address, at=LATER),
        store.is_suppressed(DESK, address),
    ]
    return [
        *seen,
        late,
        lifted,
        store.find(Clues(desk="storeolis", ses_message_id="s", sender=address, counted=(address,))),
    ]


def late_reports(store: Store) -> list[list[object]]:
    """A report that is older than what is known of an address changes nothing, however often and late it is told."""
    address, hour = "a@x.example", timedelta(hours=1)
    asked = Clues(desk=DESK, ses_message_id="s", sender=address)

    def reported(at: datetime) -> list[object]:
        news = store.suppress(DESK, address, at=at, reason="Bounce")
        return [news, store.is_suppressed(DESK, address), store.find(asked).suppression, list(store.suppressed(DESK))]

    seen = [reported(NOON), reported(NOON), reported(NOON - hour), reported(NOON + hour)]
    (known,) = store.suppressed(DESK)
    store.commit(Commit(at=LATER + hour, lifted=Lift(known, proved_at=NOON + 2 * hour)))
    seen += [reported(NOON + hour), reported(NOON + 2 * hour), reported(NOON + 3 * hour)]
    lifted: list[object] = [store.lift(DESK, address, at=NOON + 4 * hour) for _ in range(2)]
    return [*seen, lifted, reported(NOON + 3 * hour), reported(NOON + 5 * hour)]


def several_counts(store: Store) -> list[object]:
    """One commit changes what is counted under several names, all or none; what a digest has to tell is kept with it."""
    withheld = WithheldLetter(ticket="MDO-0000-0001", received_at=NOON, kind="card", subject="Сбой")
    after = SentLately(version=1, to_client=(Written(at=NOON),)).with_withheld(withheld, LATER)
    own, all_of_them = (SentChange(DESK, name, SentLately(), after) for name in ("a@x.example", "strangers"))
    store.commit(Commit(at=NOON, sent=(all_of_them,)))
    late = raised(lambda: store.commit(Commit(at=NOON, sent=(own, all_of_them))))
    seen = [store.sent_lately(DESK, name) for name in ("a@x.example", "strangers")]
    told = SentChange(DESK, "strangers", after, after.digested(LATER).model_copy(update={"version": 2}))
    store.commit(Commit(at=LATER, sent=(own, told)))
    return [late, seen, *(store.sent_lately(DESK, name) for name in ("a@x.example", "strangers", "nobody"))]


def faults(store: Store) -> list[object]:
    """Snapshot, history, tickets, outbox and list, of a fault that is opened, joined, left and taken."""
    fault = opened_fault(store)
    seen: list[object] = [fault, store.members(fault.id), store.outbox(fault.id), store.desk_faults(DESK)]
    collision = raised(lambda: opened_fault(store))
    store.commit(Commit(at=NOON, faults=(a_joining(fault),)))
    stale = raised(lambda: store.commit(Commit(at=NOON, faults=(a_joining(fault, "MDO-9999-9999"),))))
    (joined,) = store.faults(["MDO-F-00000", fault.id])
    seen += [joined, store.members(fault.id)]
    left = replace(an_acknowledgement(joined), joined=(a_member("MDO-1111-1111"),), detached=(TICKET, "MDO-0000-0000"))
    store.commit(Commit(at=LATER, faults=(left,)))
    seen += [store.fault(fault.id), store.members(fault.id), store.fault_history(fault.id)]
    taken = store.faults([fault.id, fault.id])
    store.commit(Commit(at=LATER, faults=(a_joining(taken[0], TICKET),)))
    seen += [taken, store.members(fault.id), store.members("MDO-F-00000"), store.fault_history("MDO-F-00000")]
    nowhere = [store.fault(TICKET), store.fault("MDO-F-00000"), store.ticket(fault.id), store.correspondence(fault.id)]
    return [*seen, collision, stale, nowhere, store.history(TICKET), store.desk_faults("storeolis")]


def lists_of_faults(store: Store) -> list[object]:
    """Two reports at once open one fault; the list is found with a letter's clues, that of another desk is not."""
    clues = Clues(desk=DESK, ses_message_id="s")
    seen: list[object] = [store.find(clues).desk_faults]
    opened_fault(store)
    at_once = FaultsChange(DESK, DeskFaults(), DeskFaults(numbers=("MDO-F-22222",)))
    other = an_opening(id="MDO-F-22222")
    late = raised(lambda: store.commit(Commit(at=NOON, faults=(other,), desk_faults=at_once)))
    missing = [store.fault("MDO-F-22222"), store.outbox("MDO-F-22222"), store.members("MDO-F-22222")]
    first = store.desk_faults(DESK)
    by_strangers = first.model_copy(update={"by_strangers": (NOON,)})
    store.commit(Commit(at=NOON, desk_faults=FaultsChange(DESK, first, by_strangers)))
    seen += [store.find(clues).desk_faults, store.find(replace(clues, desk="storeolis")).desk_faults]
    return [*seen, late, missing]


def due_faults(store: Store) -> list[object]:
    """A fault is due by its own timer, its pages and letters by theirs; each is put off, set right and disarmed."""
    fault = opened_fault(store)

    def armed() -> list[Due]:
        far = moscow("2026-12-31 10:00")
        return sorted((due for shard in range(store.shards) for due in store.due(shard, far)), key=lambda due: due.item)

    seen: list[object] = [armed(), store.next_due()]
    own = armed()[0]
    moved: list[object] = [store.put_off(own, until=LATER), store.put_off(own, until=LATER), store.align(own, fault)]
    seen.append(armed())
    stale = fault.model_copy(update={"version": 9})
    moved += [store.align(armed()[0], stale), store.align(armed()[0], fault)]
    seen.append(armed())
    moved += [store.rearm_outgoing(due, now=LATER) for due in armed()[1:]]
    seen.append(armed())
    store.commit(Commit(at=NOON, faults=(an_acknowledgement(fault),)))
    return [*seen, moved, armed()]


def fault_letters(store: Store) -> list[object]:
    """What a fault sends is leased, fails, waits, is given up and sent again as what a ticket sends."""
    fault = opened_fault(store)
    page, letter = (key for key, _, _ in store.outbox(fault.id))
    leases = [store.lease(letter, now=NOON, until=NOON + timedelta(minutes=3))]
    store.put_back(letter, Failure(NOON, LATER, "E"))
    unsent = [store.unsent(page), store.unsent(letter)]
    woken = store.wake_delayed(now=LATER, pause=timedelta(minutes=1), at_most=5)
    leases.append(store.lease(letter, now=LATER, until=LATER + timedelta(minutes=3)))
    store.give_up(letter, DESK, at=LATER, error="E")
    given_up: list[object] = [list(store.given_up(DESK)), store.given_up_because(letter), store.outgoing(letter)]
    given_up += [store.send_again(letter, at=LATER), store.send_again(page, at=LATER)]
    store.lease(page, now=NOON, until=LATER)
    store.mark_outdated(page, at=NOON)
    store.lease(letter, now=LATER, until=LATER + timedelta(minutes=3))
    store.mark_sent(Departure(letter, DESK, LATER, "0102-sent", "Сбой"))
    found = store.find(Clues(desk=DESK, ses_message_id="s", message_ids=("0102-sent@eu-west-1.amazonses.com",)))
    outbox = [store.outbox(fault.id), store.left_at(fault.id), store.left_at(TICKET)]
    return [leases, unsent, woken, given_up, *outbox, found.by_message_id, store.unsent(letter)]


def held_fault_letters(store: Store) -> list[object]:
    """A commit that holds its letters lists those of its faults as given up; pages leave."""
    opening = an_opening()
    store.commit(Commit(at=NOON, faults=(opening,), held="handled once more"))
    return [store.outbox(opening.after.id), list(store.given_up(DESK))]


def deliveries(store: Store) -> list[object]:
    """A page has left by some of its channels: the next attempt knows, whoever has the lease, and answers find the fault."""
    fault = opened_fault(store)
    page = store.outbox(fault.id)[0][0]
    until = NOON + timedelta(minutes=3)
    leases = [store.lease(page, now=NOON, until=until)]
    store.mark_delivered(page, DESK, "topic", "")
    store.mark_delivered(page, DESK, "topic", "")
    store.mark_delivered(page, DESK, "mail:anna", "0102-page")
    store.put_back(page, Failure(NOON, LATER, "E"))
    leases.append(store.lease(page, now=LATER, until=LATER + timedelta(minutes=3)))
    store.give_up(page, DESK, at=LATER, error="E")
    store.send_again(page, at=LATER)
    leases.append(store.lease(page, now=LATER, until=LATER + timedelta(minutes=3)))
    unknown = OutboxKey(ticket=fault.id, item="OUT#00000009#000")
    nowhere = raised(lambda: store.mark_delivered(unknown, DESK, "topic", "0102-nowhere"))
    ids = ("0102-page@eu-west-1.amazonses.com", "0102-nowhere")
    found = store.find(Clues(desk=DESK, ses_message_id="s", message_ids=ids))
    return [leases, nowhere, found.by_message_id]


def alarms_of_faults(store: Store) -> list[object]:
    """An alarm's state says to which fault it belongs, with all that it says besides."""
    alarm = AlarmState(alarm="a", desk=DESK, ticket=TICKET, fault="MDO-F-7K3F9", open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, alarm)))
    again = alarm.model_copy(update={"open": False, "changed_at": LATER, "taken": ("OK", "ALARM")})
    seen = [store.alarm_state("a")]
    store.commit(Commit(at=LATER, alarm=(alarm, again), faults=(an_opening(),)))
    late = raised(lambda: store.commit(Commit(at=LATER, alarm=(alarm, again), faults=(an_opening(id="MDO-F-22222"),))))
    return [seen, store.alarm_state("a"), store.fault("MDO-F-7K3F9"), late, store.fault("MDO-F-22222")]


def alarms_in_maintenance(store: Store) -> list[object]:
    """One comes due at the end of its maintenance, and no more once it has said anything else."""
    resting = Resting(until=LATER, name="a", reason="r", related=("b",))
    alarm = AlarmState(alarm="a", desk=DESK, ticket="", open=False, changed_at=NOON, resting=resting)
    store.commit(Commit(at=NOON, alarm=(None, alarm)))
    early, due = [[entry for shard in range(store.shards) for entry in store.due(shard, at)] for at in (NOON, LATER)]
    found = [store.resting_alarm(entry) for entry in due]
    put_off = [store.put_off(entry, until=LATER + timedelta(minutes=1)) for entry in due]
    moved = [
        (entry.item, entry.at, entry.tries)
        for shard in range(store.shards)
        for entry in store.due(shard, LATER + timedelta(minutes=1))
    ]
    well = AlarmState(alarm="a", desk=DESK, ticket="", open=False, changed_at=LATER)
    store.commit(Commit(at=LATER, alarm=(store.alarm_state("a"), well)))
    return [early, found, put_off, moved, store.next_due(), store.alarm_state("a")]


def people_and_rota(store: Store) -> list[object]:
    """Two who change them at once lose nothing; each change is remembered, and a letter's clues find the people."""
    clues = Clues(desk=DESK, ses_message_id="s")
    seen: list[object] = [store.standing(DESK), store.people(DESK), store.rota(DESK), store.find(clues).people]
    store.save_people(DESK, NOBODY, PEOPLE, a_standing_change("people import"))
    first = store.people(DESK)
    fewer = first.model_copy(update={"persons": ()})
    store.save_people(DESK, first, fewer, a_standing_change("people remove", at=LATER))
    late = [raised(lambda: store.save_people(DESK, first, PEOPLE, a_standing_change("people add")))]
    store.save_rota(DESK, Rota(), Rota(), a_standing_change("oncall set", at=LATER))
    late.append(raised(lambda: store.save_rota(DESK, Rota(), Rota(), a_standing_change("oncall set"))))
    seen += [first, store.standing(DESK), store.people(DESK), store.rota(DESK), store.find(clues).people]
    changes = [[change.what for change in store.standing_changes(desk)] for desk in (DESK, "storeolis")]
    return [*seen, late, changes, store.standing("storeolis"), list(store.standing_changes(DESK))]


def of_each_condition(store: Store) -> dict[Condition, Callable[[], object]]:
    """Return, for each condition that every store has, a write whose condition fails."""
    ticket = opened(store)
    store.commit(Commit(at=NOON, ticket=a_change(ticket)))
    past = Recent(version=1)
    store.commit(Commit(at=NOON, recent=RecentChange(DESK, "K-1", Recent(), past)))
    mail = Contact(kind=ContactKind.ADDRESS, value="a@x.example")
    store.save(Client(id="K-1", desk=DESK, contacts=(mail,)))
    of_address = RecentChange(DESK, address_client_id(mail.value), Recent(), past)
    sent = SentChange(DESK, mail.value, SentLately(), SentLately(version=1))
    store.commit(Commit(at=NOON, sent=(sent,)))
    stated = StatementsChange(DESK, mail, Statements(), Statements(version=1), kept_until=NOON)
    store.commit(Commit(at=NOON, stated=(stated,)))
    alarm = AlarmState(alarm="a", desk=DESK, ticket=ticket.id, open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, alarm)))
    fault = opened_fault(store)
    store.commit(Commit(at=NOON, faults=(a_joining(fault),)))
    listed = FaultsChange(DESK, DeskFaults(), DeskFaults(numbers=(fault.id,)))
    store.save_people(DESK, NOBODY, PEOPLE, a_standing_change())
    store.save_rota(DESK, Rota(), Rota(), a_standing_change())
    ended = Suppression(desk=DESK, address=mail.value, since=NOON, reason="Bounce")
    unknown = OutboxKey(ticket=ticket.id, item="OUT#00000009#000")
    return {
        Condition.TICKET: lambda: store.commit(Commit(at=NOON, ticket=a_change(ticket, "2026-11-20 11:30"))),
        Condition.RECENT: lambda: store.commit(Commit(at=NOON, recent=RecentChange(DESK, "K-1", Recent(), past))),
        Condition.STATEMENTS: lambda: store.commit(Commit(at=NOON, stated=(stated,))),
        Condition.UNREGISTERED: lambda: store.commit(Commit(at=NOON, recent=of_address)),
        Condition.SENT: lambda: store.commit(Commit(at=NOON, sent=(sent,))),
        Condition.SUPPRESSION: lambda: store.commit(Commit(at=NOON, lifted=Lift(ended, NOON))),
        Condition.ALARM: lambda: store.commit(Commit(at=NOON, alarm=(None, alarm))),
        Condition.FAULT: lambda: store.commit(Commit(at=NOON, faults=(an_acknowledgement(fault),))),
        Condition.FAULTS: lambda: store.commit(Commit(at=NOON, desk_faults=listed)),
        Condition.PEOPLE: lambda: store.save_people(DESK, NOBODY, NOBODY, a_standing_change()),
        Condition.ROTA: lambda: store.save_rota(DESK, Rota(), Rota(), a_standing_change()),
        Condition.OUTGOING: lambda: store.mark_sent(Departure(unknown, DESK, NOON, "0102-sent")),
        Condition.CONTACT: lambda: store.save(Client(id="K-2", desk=DESK, contacts=(mail,))),
    }


ONLY_IN_A_TABLE = {Condition.LETTER, Condition.CLIENT, Condition.TRANSACTION}
"""Conditions of what the memory does not do: change a letter's record, remove a client that was read, be in the way."""


def test_a_conflict_says_which_condition_failed(store: Store) -> None:
    """The same in a table and in memory, for each condition that both have."""
    failing = of_each_condition(store)
    assert {*failing} == {*Condition} - ONLY_IN_A_TABLE
    for condition, write in failing.items():
        with pytest.raises(Conflict) as conflict:
            write()
        assert conflict.value.condition is condition


def test_of_several_conditions_that_fail_the_first_is_named(store: Store) -> None:
    """In the order of the table's writes; a ticket that was only looked at is the last."""
    ticket = opened(store)
    store.commit(Commit(at=NOON, ticket=a_change(ticket)))
    fault = AlarmState(alarm="a", desk=DESK, ticket=ticket.id, open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, fault)))
    with pytest.raises(Conflict) as conflict:
        store.commit(Commit(at=NOON, alarm=(None, fault), looked_at=ticket))
    assert conflict.value.condition is Condition.ALARM
    with pytest.raises(Conflict) as conflict:
        store.commit(Commit(at=NOON, looked_at=ticket))
    assert conflict.value.condition is Condition.TICKET


SCENARIOS: list[Callable[[Store], object]] = [
    whole_commits,
    versions,
    clues,
    due_items,
    failing_entries,
    registry,
    erased,
    namesakes,
    claims,
    listings,
    senders,
    late_reports,
    several_counts,
    faults,
    lists_of_faults,
    due_faults,
    fault_letters,
    held_fault_letters,
    deliveries,
    alarms_of_faults,
    alarms_in_maintenance,
    people_and_rota,
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_asked_the_same_every_engine_answers_as_the_memory_does(
    store: Store, scenario: Callable[[Store], object]
) -> None:
    """So that what is explained and simulated is what happens."""
    assert scenario(MemoryStore()) == scenario(store)


def test_a_late_report_never_undoes_a_newer_proof(store: Store) -> None:
    """Told again, or days late, it says nothing of who has written since; one that is newer does."""
    *reports, lifted, older, newer = late_reports(store)
    assert [report[0] for report in reports] == [True, False, False, True, False, False, True]
    assert (lifted, older[0], newer[0]) == ([True, False], False, True)
