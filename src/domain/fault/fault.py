"""A fault as one immutable value: who reported it, its pages, who has it in hand, and how it ended.

A fault gathers the reports of one outage. Each report keeps its ticket and its clock; the pages, the acknowledgement
and the end are the fault's. `evolve_fault` is the only way to a new value.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.findings import Value
from domain.ticket.outgoing import PageLevel


class Source(StrEnum):
    """What reports a fault."""

    LETTER = "letter"
    ALARM = "alarm"
    """Of CloudWatch."""
    MONITOR = "monitor"
    """Any other, by an event of our documented form."""
    WORD = "word"
    """A specialist's."""


class Report(Value):
    """One report of a fault, with the ticket that it opened or is about."""

    source: Source
    ticket: str
    """The number of its ticket."""
    at: datetime
    """From when the promise counts: the letter's receipt, the alarm's change of state, the word."""
    what: str
    """What the rule found, or the alarm's name, in the words of a page."""
    signs: tuple[str, ...] = ()
    """Names of the signs that the rule of criticality found, sorted; none where an alarm or a word reports."""
    kinds: tuple[str, ...] = ()
    """The kinds of those signs (`outage`, `data`, `security`), sorted; none where nothing is known."""
    alarm: str = ""
    """What tells its alarm from all others (`alarm_key`); empty for a letter or a word."""
    related: tuple[str, ...] = ()
    """Alarms that a composite one watches, by their keys."""
    organisation: str = ""
    """The reporter's organisation, comparable; empty where it is not known."""
    proved: bool = True
    """Whether it is proved who reports: alarms, specialists and verified senders."""


class PageSeries(Value):
    """The pages from when somebody is woken until somebody answers. A fault that pages again has another one."""

    began_at: datetime
    """By which the series of a fault differ."""
    next_page_at: datetime
    escalate_at: datetime
    pages: int = 0
    """Pages to the on-call so far."""
    escalations: int = 0
    """Pages to escalation so far."""
    escalated_at: datetime | None = None

    def paged(self, level: PageLevel) -> int:
        """Return how many pages of a level the series has written."""
        return self.pages if level is PageLevel.ON_CALL else self.escalations


class End(StrEnum):
    """How a fault ended."""

    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


class News(StrEnum):
    """What the reporters of a fault are told, each once."""

    TAKEN = "taken"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


class FaultNote(StrEnum):
    """What a letter about a fault was taken for."""

    DONE = "done"
    """It asked for something that was done."""
    REFUSED = "refused"
    """It asked for something that cannot be done."""
    UNCLEAR = "unclear"
    AWAY = "away"
    """A notice of absence: whoever is woken may sleep on."""
    PROGRAM = "program"
    """A mail program sent it by itself."""
    UNPROVED = "unproved"
    """Nobody of the desk's people is proved to have written it."""
    COPY = "copy"
    """The same letter came before."""


class Taking(Value):
    """Somebody took a fault in hand."""

    at: datetime
    by: str


class Telling(Value):
    """What the fault's tickets are being told, one after another: a commit for each, so that nothing is told twice."""

    news: News
    at: datetime
    """When it became true."""
    by: str
    text: str = ""
    """What a specialist tells them besides."""
    upto: str = ""
    """The last ticket, in order of its number, that has been told."""


class Fault(Value):
    """One outage, however many report it."""

    id: str
    """Such as `MDO-F-7K3F9`."""
    desk: str
    edition: str
    """The edition in force at its first report; it rules for the fault's whole life."""
    version: int = 0
    """Number of commits; every write is conditional on it."""
    ticket: str
    """The ticket of the first report that is still of it."""
    what: str
    since: datetime
    """The earliest instant that a report counts from."""
    due: datetime
    """By when somebody has to have taken it: the promise to the first reporter."""
    clause: str | None
    opened_at: datetime
    reports: int = 1
    letters: int = 0
    """Reports by letter among them."""
    organisations: tuple[str, ...] = ()
    """Of its reporters, comparable, each once; at most fifty are kept."""
    signs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    """Keys of the alarms that report it and have not gone quiet."""
    went_quiet: tuple[str, ...] = ()
    """Keys of the alarms that reported it and have gone quiet: one that comes back is a flap."""
    known_alarms: tuple[str, ...] = ()
    """Keys of all alarms that have reported it, and of those that they watch."""
    by_alarms_only: bool = False
    """Whether no letter and no word reports it, since it is back where it ended: it is over once its alarms are quiet for long."""
    strangers_only: bool = False
    """Whether nobody proved has reported it."""
    last_report_at: datetime
    flaps: int = 0
    """How often an alarm of it came back after it had gone quiet."""
    quiet_since: datetime | None = None
    """Since when all its alarms are quiet, where alarms alone report it: nobody is paged meanwhile."""
    quiet_told_at: datetime | None = None
    """When the team was told that its alarms are quiet, where letters or a word report it as well: once."""
    series: PageSeries | None = None
    """The pages that run or ran last; None where nobody is woken (see `bounded`)."""
    bounded: bool = False
    """Nobody is woken for it, since strangers have caused as many series of pages as the edition allows in an hour."""
    breached_at: datetime | None = None
    answered_at: datetime | None = None
    """When the promise of `due` was answered, in time or late: it is not broken again where the fault pages again."""
    taken: tuple[Taking, ...] = ()
    """Each time that somebody took it since it began, or since it is back: what was promised to a ticket that has not heard
    of it is judged by that. The last fifty are kept."""
    acknowledged_at: datetime | None = None
    """None as well where it pages again after somebody had taken it."""
    acknowledged_by: str | None = None
    paged_again: int = 0
    """How often it paged again because nobody had touched it after it was taken."""
    left: tuple[str, ...] = ()
    """Tickets that left it, the last fifty: a word in time that is read after that shows that none was kept waiting."""
    touched_at: datetime | None = None
    """When somebody last did something about it, the acknowledgement included."""
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None
    ended_by: str | None = None
    into: str = ""
    """The fault that its tickets report now: a specialist said that the two are one. Empty where it ended otherwise."""
    telling: tuple[Telling, ...] = ()
    """What its tickets are still to be told, the first first."""
    answers: tuple[str, ...] = ()
    """By what the letters about it are known that were read last, so that a copy of one asks for nothing again."""
    away: tuple[str, ...] = ()
    """Whose mailboxes answered that they are away: each is told of once."""
    noted: int = 0
    """Letters about it that asked for nothing which could be done: the team is told of a bounded number."""
    reopened: int = 0
    reopened_at: datetime | None = None
    """When it came back last, as it was noticed: words of before do not end it."""
    drill: bool = False
    """An exercise: it is marked as one in every page and letter."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.ended_at is not None

    @property
    def runs(self) -> bool:
        """Whether nobody has taken it and it has not ended."""
        return self.acknowledged_at is None and not self.is_over

    @property
    def in_first_series(self) -> bool:
        """Whether it has never paged again: then every word about it is of these pages."""
        return not (self.reopened or self.paged_again)

    @property
    def pages_run(self) -> bool:
        """Whether somebody is being woken for it."""
        return self.runs and self.series is not None and self.quiet_since is None


class FaultRef(Value):
    """The fault that a ticket's report belongs to, as far as the ticket's own decision asks."""

    number: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    taken: tuple[Taking, ...] = ()
    """Each time that somebody took it: it may page again by now, or be over, and its tickets not have been told."""
    wakes_nobody: bool = False
    """Whether nobody is woken for it, since strangers alone report it: a specialist's word begins its pages."""
    drill: bool = False


class Member(Value):
    """A ticket of a fault."""

    ticket: str
    at: datetime
    """From when its report counts."""
    source: Source
    reporter: str = ""
    """The client key of the requester: each is told once of what becomes of the fault."""


class DeskFaults(Value):
    """The faults of a desk that a report may belong to, and what strangers caused: one item a desk."""

    version: int = 0
    numbers: tuple[str, ...] = ()
    """Of faults that are open, or ended so lately that they may be reopened, or that a letter of before is still unread."""
    by_strangers: tuple[datetime, ...] = ()
    """When senders who are not proved had the on-call paged; those of the last hour are kept."""
