"""`pager`: a page was committed. Sends it to the people whose turn it is and to the topic; mail of tickets never holds it up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from botocore.exceptions import ConnectionError as NotConnected
from botocore.exceptions import HTTPClientError

from adapters.aws_errors import Meaning
from adapters.mail.writing import is_mailbox
from adapters.page_wording import page_letter, render_page
from adapters.rendering import render_mail
from adapters.ses.sending import Rejected, Unanswered
from application.channels import TOPIC, Channel, Kind, channels_of
from application.ports import Services
from application.storage import Leased, OutboxKey
from composition import lambda_handler
from domain.fault import paging
from domain.fault.fault import Fault
from domain.people import People
from domain.regulation.editions import edition_serving
from domain.rota import on_duty
from domain.ticket import paging as of_tickets
from domain.ticket.outgoing import OutgoingPage
from handlers.batches import batch_handle
from handlers.delivery import Left, Outdated, deliver, key_of
from handlers.meanings import OutOfTime, meaning_of
from handlers.observing import Metric, count, failed, logger

LEASE = timedelta(seconds=50)
"""Longer than the function may run, and so short that the page of one that died is offered within two minutes."""
TIME_TO_BEGIN = timedelta(seconds=24)
"""How long channels are begun: the last one, which may hang for eight seconds, ends before the function's 40."""
HANGS_ALLOWED = 2
"""Calls that a service may leave without an answer before it is asked no more at this attempt: the other one has time."""
TELLS_FOR = timedelta(hours=1)
"""How long after somebody took a fault the others are told so: no later page ends that one."""
_LAST = "OUT#~"
"""Follows every outgoing item of a fault."""


class NobodyReached(Exception):
    """People are on duty, and none of their channels took the page."""


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver(key_of(record), send, services, LEASE)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(leased: Leased, services: Services) -> Left:
    """Send one page by all its channels, each once, and return the first id that it was given.

    People and rota are read now, and so is the fault: the page says what is true as it leaves. A channel is marked as
    soon as it has left, so that the next attempt leaves it out; one whose mark was lost, as by a death in between, may
    repeat it once. A channel that fails by itself is counted and keeps nothing back.

    Raises Outdated where nobody has to be woken any more, or where a later page of the level says it all: that one is
    sent at once. A pager that is always behind, or back after hours, so sends one page, and never none. Raises what a
    channel failed with that another attempt may take, and NobodyReached where people are on duty and none was reached.
    """
    page = leased.message
    assert isinstance(page, OutgoingPage)  # the mapping filters on it
    fault = _fault_of(page, services)
    people, rota = services.store.standing(page.desk)
    now = services.now()
    channels = list(channels_of(on_duty(rota, people, page.level, now)))
    attempt = _Attempt(leased, page, fault, people, now, frozenset(channel.kind for channel in channels))
    for channel in channels:
        if channel.name not in leased.delivered:
            attempt.take(channel, services)
    attempt.mark_again(services)
    if attempt.errors:
        raise attempt.errors[0]
    reached = {channel.name for channel in channels if channel != TOPIC} & (leased.delivered | set(attempt.ids))
    if not reached and len(channels) > 1:
        raise NobodyReached
    if not reached:
        # Whatever subscribes to the topic may wake somebody; the desk itself has nobody to wake.
        count(Metric.PAGE_CHANNELS_FAILED)
        logger.error("nobody to wake", extra={"desk": page.desk, "whom": page.level, "ticket": leased.key.ticket})
    count(Metric.PAGES_SENT)
    return Left(next(iter(attempt.ids.values()), ""), now)


def _fault_of(page: OutgoingPage, services: Services) -> Fault | None:
    """Return the fault that a page is of; None where an earlier version wrote it for a ticket alone.

    Raises Outdated where the page is not needed, after sending the one that stands for it.
    """
    if page.fault:
        fault = services.store.fault(page.fault)
        is_over, is_superseded = paging.is_over(page, fault), paging.is_superseded(page, fault)
    else:
        fault, ticket = None, services.store.ticket(page.ticket)
        clock = ticket.critical if ticket is not None else None
        is_over = ticket is not None and of_tickets.is_over(page, clock)
        is_superseded = ticket is not None and of_tickets.is_superseded(page, clock)
    if is_over or (page.kind == paging.TAKEN and _is_old_news(fault, services.now())):
        raise Outdated
    if is_superseded:
        _send_latest(page, services)
        raise Outdated
    return fault


def _is_old_news(fault: Fault | None, now: datetime) -> bool:
    taken_at = fault.acknowledged_at if fault is not None else None
    return taken_at is None or now - taken_at > TELLS_FOR


def _send_latest(page: OutgoingPage, services: Services) -> None:
    """Send the last page of the same series and level, unless it has left."""
    later = {
        other.message.number: other.key
        for other in services.store.unsent(OutboxKey(ticket=page.fault or page.ticket, item=_LAST))
        if isinstance(other.message, OutgoingPage)
        and (other.message.level, other.message.since) == (page.level, page.since)
        and other.message.number > page.number
    }
    if later:
        deliver(later[max(later)], send, services, LEASE)


@dataclass(slots=True)
class _Attempt:
    """One attempt at a page: what left, what failed, and who does not answer."""

    leased: Leased
    page: OutgoingPage
    fault: Fault | None
    people: People
    began_at: datetime
    kinds: frozenset[Kind]
    """The kinds of its channels."""
    ids: dict[str, str] = field(default_factory=dict)
    """What each channel that left was given as its id, by the channel's name."""
    unmarked: list[str] = field(default_factory=list)
    """Channels that left, and were not marked."""
    errors: list[Exception] = field(default_factory=list)
    """What another attempt may take."""
    hangs: Counter[str] = field(default_factory=Counter)
    """Calls without an answer, by service."""

    def take(self, channel: Channel, services: Services) -> None:
        """Send the page by one channel, and mark it; whatever fails is kept for later and stops no other channel."""
        service = "ses" if channel.kind is Kind.MAIL else "sns"
        if self.hangs[service] >= HANGS_ALLOWED or services.now() - self.began_at > TIME_TO_BEGIN:
            self.errors.append(OutOfTime(channel.name))
            return
        ids = {"ticket": self.leased.key.ticket, "item": self.leased.key.item, "channel": channel.name}
        try:
            sent_id = self._sent(channel, services)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other channels go on
            self._count(channel, error, service, ids)
            return
        self.ids[channel.name] = sent_id
        logger.info("a channel took the page", extra={**ids, "sent_id": sent_id})
        if not self._is_marked(channel.name, services):
            self.unmarked.append(channel.name)

    def mark_again(self, services: Services) -> None:
        """Mark the channels whose mark failed, each once more: the next attempt leaves them out, answers find the fault."""
        self.unmarked = [name for name in self.unmarked if not self._is_marked(name, services)]

    def _is_marked(self, name: str, services: Services) -> bool:
        key = self.leased.key
        try:
            services.store.mark_delivered(key, self.page.desk, name, self.ids[name])
        except Exception as error:  # noqa: BLE001 - it has left: the others go on, and at worst it leaves once more
            failed("sent, and not marked", error, ticket=key.ticket, item=key.item, channel=name)
            return False
        return True

    def _sent(self, channel: Channel, services: Services) -> str:
        page, now = self.page, services.now()
        if channel.kind is Kind.MAIL:
            return self._mailed(channel, services, now)
        if channel.kind is Kind.SMS:
            by_mail = bool(channel.person.addresses)
            return services.pager.text_message(
                channel.to, render_page(page, now, self.fault, self.people, by_mail=by_mail)[1]
            )
        by_mail, wakes = Kind.MAIL in self.kinds, len(self.kinds) > 1
        subject, text = render_page(page, now, self.fault, self.people, by_mail=by_mail, wakes=wakes)
        number = {"fault": page.fault} if page.fault else {}
        attributes = {"desk": page.desk, "level": page.level, "ticket": page.ticket, **number}
        return services.pager.publish(subject, text, attributes=attributes)

    def _mailed(self, channel: Channel, services: Services, now: datetime) -> str:
        page, address = self.page, channel.to
        if services.store.is_suppressed(page.desk, address):
            raise Rejected("the address is suppressed after a bounce or a complaint")
        if not is_mailbox(address):
            raise Rejected("the address is no mailbox that SES can write to")
        letter = page_letter(page, self.fault, channel.person, address, now, self.people)
        raw = render_mail(letter, services.reply_keys, now).as_bytes()
        key = self.leased.key
        tags = {"desk": page.desk, "ticket": key.ticket, "item": key.item.replace("#", "-")}
        sender = edition_serving(page.desk, now).desk.address
        return services.pages_mailer.send(raw, sender=sender, to=address, tags=tags)

    def _count(self, channel: Channel, error: Exception, service: str, ids: dict[str, str]) -> None:
        """Keep what another attempt may take; what fails by the channel itself is counted, and tried no more."""
        meaning = meaning_of(error)
        if channel != TOPIC and meaning is Meaning.REQUEST:
            count(Metric.PAGE_CHANNELS_FAILED)
            logger.error("a channel does not take pages", extra={**ids, "error": type(error).__name__})
            return
        failed("a channel did not take the page", error, **ids)
        self.hangs[service] += isinstance(error, Unanswered | HTTPClientError | NotConnected)
        self.errors.append(error)
