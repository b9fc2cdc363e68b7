"""What happened since the last look: read from tickets' histories, letters' records and the outbox folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.rendering import render_mail
from application.people import as_addressed, with_names
from application.storage import LetterRecord, OutboxState
from domain.fault.departure import leaving_of_fault
from domain.fault.numbers import is_fault_number
from domain.findings import Mode, Outcome
from domain.regulation.editions import find_desk
from domain.reply_token import ReplyKeys
from domain.ticket import events as e
from domain.ticket.outgoing import OUTGOING, OutgoingMail
from local.demo.facts import Fact, Found
from local.demo.fault_watching import names_of_faults, pages_sent, told_of_fault
from local.demo.post import author
from local.outbox import Sent
from local.stack import LocalStack

MOSCOW = ZoneInfo("Europe/Moscow")
_NO_KEYS = ReplyKeys(current="0", keys={"0": b"only to word a letter again"})
_TOLD_BY_OTHERS = (
    e.LetterAdded,
    e.FindingsRevised,
    e.SpecialistWrote,
    e.AnswerOwed,
    e.ClocksRecomputed,
    e.FaultTold,
    e.WaitStarted,  # told when the question has left: the term counts from there
)
"""Events whose meaning is in the letter's record, or in the letters that follow from them."""


def moscow(at: datetime) -> str:
    """Return an instant as facts write it."""
    return at.astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M")


class Watcher:
    """Looks at the stack again and again, and tells each fact once."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self.names: dict[str, str] = {}
        """Numbers of tickets and faults, and what the story calls them."""
        self.unaccounted: list[str] = []
        """Letters and pages that left without a record."""
        self.sent: dict[str, Sent] = {}
        """The last letter of each kind, by `<story's name>/<audience>`, `…/<kind>`."""
        self._events_seen: dict[str, int] = defaultdict(int)
        self._files_seen = 0
        self._items_seen: set[str] = set()
        self._due: dict[str, datetime] = {}
        self._critical_due: dict[str, datetime] = {}

    def letter(self, record: LetterRecord | None, about: str) -> Found:
        """Return what became of a letter that was just handed in."""
        now = moscow(self._stack.now())
        if record is None:
            return Found(Fact(now, about, "letter: no record of it"))
        if record.outcome == "ticket":
            became = "a new ticket"
        elif record.reason.startswith("fault_"):
            became = "acts on its fault"
        elif record.outcome == "message":
            became = f"joins the ticket as {record.reason}" if record.reason else "joins the ticket"
        else:
            became = f"{record.outcome}, {record.kind}"
        return Found(Fact(now, about, f"letter: {became}"))

    def look(self) -> list[Found]:
        """Return what is new, in order of time."""
        self.names |= names_of_faults(self._stack.store, self.names)
        found = [fact for number in self.names for fact in self._happened(number)]
        found += self._left()
        return sorted(found, key=lambda one: one.fact.at)

    def queue(self, desk: str, at: datetime) -> Found:
        """Return a desk's open tickets in the order in which they are to be worked."""
        waiting = [self.names.get(ticket.id, ticket.id) for ticket in self._stack.store.queue(desk)]
        return Found(Fact(moscow(at), desk, "queue", detail=", ".join(waiting)))

    # Histories

    def _happened(self, number: str) -> Iterator[Found]:
        about, store, seen = self.names[number], self._stack.store, self._events_seen[number]
        if is_fault_number(number):
            happened = store.fault_history(number)
            told = [(event.at, told_of_fault(store, number, event)) for _, event in happened[seen:]]
            self._events_seen[number] = len(happened)
        else:
            history = store.history(number)
            told = [(event.at, self._facts(about, event)) for _, event in history[seen:]]
            self._events_seen[number] = len(history)
        for at, facts in told:
            for what, clause, detail in facts:
                yield Found(Fact(moscow(at), about, what, clause or "", detail))

    def _facts(self, about: str, event: e.Event) -> Iterator[tuple[str, str | None, str]]:  # noqa: C901, PLR0912 - one arm an event
        match event:
            case e.TicketOpened():
                yield from _opened(event)
            case e.DetailsGiven(identification=identification):
                missing = ", ".join(identification.missing)
                yield ("details", None, f"still missing: {missing}" if missing else "complete")
            case e.ReactionPromised(clock=clock):
                self._due[about] = clock.due
                yield ("reaction promised", clock.clause, f"from {moscow(clock.counted_from)}, due {moscow(clock.due)}")
            case e.Reacted(act=act, at=at):
                due = self._due.pop(about, None)
                if due is not None:
                    yield ("reaction in time" if at <= due else "reaction late", None, act)
            case e.TermStarted(clock=clock):
                then = "lapses" if clock.lapses else "the specialist is reminded"
                yield (f"waits for {clock.asked_for}", clock.clause, f"until {moscow(clock.due)}, then {then}")
            case e.WaitEnded():
                yield ("waiting ended", None, "")
            case e.TimerFired(timer=timer, clause=clause):
                yield (f"due: {timer}", clause, "")
            case e.Closed(outcome=outcome, reason=reason, clause=clause):
                yield (f"closed: {outcome}", clause, reason)
            case e.Reopened(reason=reason):
                yield ("reopened", None, reason)
            case e.CriticalRaised(clock=clock):
                self._critical_due[about] = clock.due
                yield ("critical fault", clock.clause, f"due {moscow(clock.due)}")
            case e.CriticalAcknowledged(at=at):
                in_time = at <= self._critical_due[about]
                yield ("critical fault acknowledged", None, "in time" if in_time else "late")
            case e.SuggestionSettled(rule=rule, confirmed=confirmed):
                yield (f"suggestion {'confirmed' if confirmed else 'overturned'}", None, rule)
            case _ if isinstance(event, _TOLD_BY_OTHERS):
                return
            case _:
                yield (event.type, None, "")

    # The outbox

    def _left(self) -> Iterator[Found]:
        files = self._stack.outbox[self._files_seen :]
        self._files_seen += len(files)
        for sent in files:
            found = self._letter(sent) or self._page(sent)
            if found is None:
                self.unaccounted.append(f"{sent.path.name}: «{sent.subject}» to {sent.to}")
                continue
            name, address = author(sent)
            yield Found(found, f"From: {name} <{address}>\nSubject: {sent.subject}\n\n{sent.text}")

    def _letter(self, sent: Sent) -> Fact | None:
        """Return the fact that a file is an outgoing letter, each item once; None where it is none."""
        about = self.names.get(sent.ticket, sent.ticket)
        for key, state, body in self._stack.store.outbox(sent.ticket):
            name, message = f"{key.ticket}/{key.item}", OUTGOING.validate_json(body)
            if name in self._items_seen or state is not OutboxState.SENT or not isinstance(message, OutgoingMail):
                continue
            message = as_addressed(message, self._stack.store)
            if any(_is_worded(worded, sent) for worded in (message, self._as_it_left(message, sent.at))):
                self._items_seen.add(name)
                self.sent[f"{about}/{message.kind}"] = self.sent[f"{about}/{message.audience}"] = sent
                return Fact(moscow(sent.at), about, f"mail to {message.audience}: {message.kind}", message.clause or "")
        return None

    def _as_it_left(self, message: OutgoingMail, at: datetime) -> OutgoingMail:
        """Return a letter about a fault as the mailer words it of the fault as that is."""
        if not is_fault_number(message.ticket):
            return message
        store = self._stack.store
        return with_names(leaving_of_fault(message, store.fault(message.ticket), at) or message, store)

    def _page(self, sent: Sent) -> Fact | None:
        """Return the fact that a file is a page by one of its channels, each channel once; None where it is none."""
        store, faults = self._stack.store, [number for number in self.names if is_fault_number(number)]
        for desk in ("mdo", "sto"):
            for one in pages_sent(store, faults, sent, store.people(find_desk(desk))):
                name = f"{one.fault}/{one.item}/{one.channel}"
                if name in self._items_seen:
                    continue
                self._items_seen.add(name)
                about, page = self.names[one.fault], one.page
                self.sent[f"{about}/{one.channel} to {page.level}"] = sent
                return Fact(moscow(sent.at), about, f"{one.channel} to {page.level}: {page.kind}", page.clause or "")
        return None


def _is_worded(message: OutgoingMail, sent: Sent) -> bool:
    if sent.is_page or sent.to != message.to:
        return False
    mail = render_mail(message, _NO_KEYS, sent.at)
    body = mail.get_body(("plain",))
    return body is not None and " ".join(body.get_content().split()) == " ".join(sent.text.split())


def _opened(event: e.TicketOpened) -> Iterator[tuple[str, str | None, str]]:
    ruling, found = event.ruling, event.classification
    names = f": {', '.join(ruling.evidence)}" if ruling.outcome is Outcome.ASK else ""
    yield (f"decided: {ruling.outcome}", ruling.clause, f"{ruling.reason}{names}")
    for finding in found.findings:
        if not finding.matched or finding.rule in {ruling.rule, "criticality"}:
            continue
        if finding.mode is Mode.SUGGEST:
            yield (f"suggested to the specialist: {finding.rule}", finding.clause, "")
        elif finding.mode is Mode.AUTOMATIC and finding.outcome is Outcome.ACCEPT:
            yield (f"offered to the client: {finding.rule}", finding.clause, "")


def unsettled(stack: LocalStack, numbers: list[str]) -> Iterator[str]:
    """Return a line for each outgoing item that has not left."""
    for number in numbers:
        for key, state, _ in stack.store.outbox(number):
            if state is not OutboxState.SENT:
                yield f"{number} {key.item} is {state}, expected sent"


__all__ = ["MOSCOW", "Watcher", "moscow", "unsettled"]
