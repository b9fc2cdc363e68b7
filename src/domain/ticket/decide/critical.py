"""Critical faults: raised by a letter, an alarm or a specialist; paged at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.fault.alarm import NOWHERE, AlarmPlace, alarm_key
from domain.findings import Category, Classification, Identification, Mode, Outcome, Ruling
from domain.letter import Trust
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import DESK, Draft
from domain.ticket.outgoing import PageLevel
from domain.ticket.ticket import ALARM_KEY, CloseOutcome, CriticalClock, Requester, Status, Ticket
from domain.trust import Deed, may


def is_critical(ticket: Ticket) -> bool:
    return ticket.critical is not None and ticket.critical.ended_at is None


def pages_by_itself(found: Classification, trust: Trust) -> bool:
    """Return whether a letter of this trust, of which the rules say this, wakes the on-call at once."""
    finding = found.finding("criticality")
    reported = finding is not None and finding.matched and finding.mode is Mode.AUTOMATIC
    return reported and may(trust, Deed.WAKE_THE_ON_CALL)


def critical_evidence(found: Classification) -> tuple[str, ...]:
    finding = found.finding("criticality")
    return finding.evidence if finding is not None else ()


def raise_critical(draft: Draft, *, since: datetime, by: str, evidence: tuple[str, ...]) -> None:
    """Page at once; the promise counts from the letter, the alarm or the specialist's word, the pages from now."""
    terms = draft.edition.critical
    draft.record(
        e.CriticalRaised(
            at=draft.now,
            clock=CriticalClock(
                since=since,
                due=draft.edition.critical_due(since),
                escalate_at=since + timedelta(minutes=terms.escalate_minutes),
                next_page_at=draft.now + terms.pause(1),
                clause=terms.clause,
                evidence=evidence,
                raised_by=by,
                pages=1,
            ),
        )
    )
    draft.page("page_critical", PageLevel.ON_CALL)


def open_by_alarm(draft: Draft, command: c.OpenByAlarm) -> None:
    since = min(command.since or draft.now, draft.now)
    draft.record(
        e.TicketOpened(
            at=since,
            ticket=command.ticket,
            desk=draft.edition.desk.id,
            edition=draft.edition.name,
            requester=Requester(
                address="", client_key=f"{ALARM_KEY}{alarm_key(command.alarm, command.place)}", trust=Trust.VERIFIED
            ),
            subject=command.alarm,
            origin=alarm_key(command.alarm, command.place),
            classification=Classification(
                identification=Identification(), findings=(), category=Category.CRITICAL, critical=True
            ),
            ruling=Ruling(outcome=Outcome.ACCEPT, reason="cloudwatch_alarm", edition=draft.edition.name),
        )
    )
    _page_for_alarm(draft, command, since, kind="alarm")


def raise_alarm_again(draft: Draft, command: c.RaiseAlarmAgain) -> None:
    """Page again where the last fault is acknowledged, withdrawn or over: the alarm says that there is one."""
    critical = draft.ticket.critical
    if draft.ticket.status is Status.CLOSED or (critical is not None and critical.runs):
        return
    since = min(command.since, draft.now)
    _page_for_alarm(draft, command, since, kind="alarm_again")


def _page_for_alarm(draft: Draft, command: c.OpenByAlarm | c.RaiseAlarmAgain, since: datetime, *, kind: str) -> None:
    raise_critical(draft, since=since, by=command.alarm, evidence=(command.reason,))
    due = draft.edition.critical_due(since)
    params = {"alarm": command.alarm, "reason": command.reason, "due": draft.moment(due)}
    draft.mail_team(kind, params | _shown(command.place), due=due)


def resolve_alarm(draft: Draft, command: c.ResolveAlarm) -> None:
    if draft.ticket.status is Status.CLOSED:
        return
    draft.record(e.Closed(at=draft.now, by=DESK, outcome=CloseOutcome.RESOLVED, reason="alarm_is_over", clause=None))
    draft.mail_team("alarm_over", {"reason": command.reason, **_shown(command.place)})


def _shown(place: AlarmPlace) -> dict[str, str]:
    """Return what a letter says of where an alarm belongs."""
    return {} if place == NOWHERE else {"account": place.account, "region": place.region}
