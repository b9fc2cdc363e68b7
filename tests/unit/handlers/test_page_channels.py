"""By which channels a page leaves, each once, and what becomes of those that fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ReadTimeoutError

from adapters.memory import MemoryStore
from adapters.page_wording import PAGE_LIMIT, units
from adapters.ses.sending import Rejected
from application.channels import Channel, Kind, channels_of
from application.storage import Commit, Conflict, FaultChange, OutboxKey, OutboxState
from composition import NotConfigured
from domain.people import People, Person, Role
from domain.reply_token import ReplyKeys
from domain.ticket.outgoing import PageLevel
from handlers import delivery, feedback, observing, pager
from handlers.observing import Metric
from tests.support.builders import KEYS, MDO
from tests.support.commits import NOON
from tests.support.fault_values import NUMBER, a_page, a_standing_change, an_acknowledgement, opened_fault
from tests.support.sdk import client_error

ANNA = Person(name="Анна", addresses=("anna@desk.example",), phone="+79161112233", roles=(Role.ON_CALL,))
BORIS = Person(name="Борис", addresses=("boris@desk.example",), phone="+79264445566", roles=(Role.ON_CALL,))
VERA = Person(name="Вера", phone="+79057778899", roles=(Role.ESCALATION,))
SMS_ANNA, SMS_BORIS, TOPIC, MAIL_ANNA, MAIL_BORIS = (channel.name for channel in channels_of((ANNA, BORIS)))
INVALID = client_error("InvalidParameter", "Publish", "Invalid parameter: PhoneNumber Reason: not valid to publish to")
DENIED = client_error("AuthorizationError", "Publish")
HANGS = ReadTimeoutError(endpoint_url="https://sns.example")


class Night:
    """A desk with one fault: what SNS and SES took, and what they were asked in vain."""

    def __init__(self, *persons: Person) -> None:
        self.store = MemoryStore()
        self.at = NOON + timedelta(minutes=1)
        self.pager = self.pages_mailer = self
        self.failing: dict[str, Exception] = {}
        """What a channel fails with, by its name."""
        self.asked: list[str] = []
        self.took: list[tuple[str, str]] = []
        """The name of a channel and the text."""
        self.hangs_for = timedelta()
        self.attributes: Mapping[str, str] = {}
        self.reply_keys: ReplyKeys = KEYS
        if persons:
            self.people(*persons)
        opened_fault(self.store)
        (self.page, _) = [key for key, _, _ in self.store.outbox(NUMBER)]

    def people(self, *persons: Person) -> None:
        """Let the desk have these people."""
        before = self.store.people(MDO)
        self.store.save_people(MDO, before, People(persons=persons), a_standing_change())

    def now(self) -> datetime:
        return self.at

    def publish(self, _subject: str, text: str, *, attributes: Mapping[str, str]) -> str:
        """Take a page, as the topic does."""
        self.attributes = attributes
        return self._take(TOPIC, text)

    def text_message(self, phone: str, text: str) -> str:
        """Take a short message."""
        return self._take(Channel(Kind.SMS, phone).name, text)

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Take a letter, as SES does."""
        assert sender.startswith("support@")
        assert tags == {"desk": MDO, "ticket": NUMBER, "item": self.page.item.replace("#", "-")}
        body = message_from_bytes(raw, policy=default).get_body(("plain",))
        assert body is not None
        return self._take(Channel(Kind.MAIL, to).name, body.get_content())

    def deliver(self) -> delivery.Outcome:
        """Let the pager try the page once."""
        return delivery.deliver(self.page, pager.send, cast("Any", self), pager.LEASE)

    def state(self) -> OutboxState:
        """Return what became of the page."""
        return next(state for key, state, _ in self.store.outbox(NUMBER) if key == self.page)

    def channels(self) -> list[str]:
        """Return the channels that took the page, in order."""
        return [name for name, _ in self.took]

    def _take(self, channel: str, text: str) -> str:
        self.asked.append(channel)
        if (error := self.failing.get(channel)) is not None:
            if error is HANGS:
                self.at += self.hangs_for
            raise error
        self.took.append((channel, text))
        return f"id-{channel}-{len(self.took)}"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    """What the pager counts."""
    counted: list[Metric] = []
    for module in (pager, delivery, observing):
        monkeypatch.setattr(module, "count", lambda metric, value=1: counted.extend([metric] * value))
    return counted


def test_mdo_2_1_a_page_goes_to_telephones_topic_and_mailboxes_of_the_people_whose_turn_it_is() -> None:
    """The telephones first, for they wake; and to nobody of the other level."""
    night = Night(ANNA, BORIS, VERA)
    assert night.deliver() is delivery.Outcome.LEFT
    assert night.channels() == [SMS_ANNA, SMS_BORIS, TOPIC, MAIL_ANNA, MAIL_BORIS]
    assert night.state() is OutboxState.SENT


def test_telephones_and_topic_read_the_same_short_text_and_mailboxes_more() -> None:
    night = Night(ANNA)
    night.deliver()
    sms, topic, mail = (text for _, text in night.took)
    assert sms == topic
    assert units(sms) <= PAGE_LIMIT
    assert "ложная тревога" in mail


def test_the_topic_is_told_desk_level_ticket_and_fault() -> None:
    """Subscriptions filter by them."""
    night = Night(ANNA)
    night.deliver()
    page = a_page()
    assert night.attributes == {"desk": MDO, "level": PageLevel.ON_CALL, "ticket": page.ticket, "fault": NUMBER}


def test_people_who_change_meanwhile_reach_the_next_attempt() -> None:
    night = Night(ANNA)
    night.failing[TOPIC] = DENIED
    night.deliver()
    night.people(BORIS)
    night.failing.clear()
    night.at += timedelta(minutes=2)
    night.deliver()
    assert night.channels() == [SMS_ANNA, MAIL_ANNA, SMS_BORIS, TOPIC, MAIL_BORIS]


@pytest.mark.parametrize("failing", [SMS_ANNA, TOPIC, MAIL_ANNA, SMS_BORIS, MAIL_BORIS])
def test_mdo_2_1_another_attempt_repeats_only_what_has_not_left(failing: str, counted: list[Metric]) -> None:
    night = Night(ANNA, BORIS)
    night.failing[failing] = DENIED
    night.deliver()
    assert len(night.took) == 4
    assert night.state() is OutboxState.PENDING
    assert Metric.PAGES_FAILED in counted
    night.failing.clear()
    night.at += timedelta(minutes=2)
    night.deliver()
    assert night.channels()[4:] == [failing]
    assert night.state() is OutboxState.SENT


@pytest.mark.parametrize("channel", [SMS_ANNA, MAIL_ANNA])
def test_a_channel_that_fails_by_itself_keeps_nothing_back_and_is_counted(channel: str, counted: list[Metric]) -> None:
    """A number that is none, an address that SES will never take: another attempt would fail, too."""
    night = Night(ANNA, BORIS)
    night.failing[channel] = INVALID if channel == SMS_ANNA else Rejected("address blacklisted")
    night.deliver()
    assert night.state() is OutboxState.SENT
    assert len(night.took) == 4
    assert counted.count(Metric.PAGE_CHANNELS_FAILED) == 1
    assert Metric.UNEXPECTED_ERRORS not in counted


def test_a_suppressed_address_gets_no_letter_and_is_counted(counted: list[Metric]) -> None:
    night = Night(ANNA)
    night.store.suppress(MDO, ANNA.addresses[0], at=NOON, reason="Bounce")
    night.deliver()
    assert night.channels() == [SMS_ANNA, TOPIC]
    assert counted.count(Metric.PAGE_CHANNELS_FAILED) == 1


@pytest.mark.parametrize("event", ["Bounce", "Complaint"])
def test_mdo_2_1_a_page_that_came_back_or_was_marked_as_spam_costs_nobody_the_next_one(event: str) -> None:
    """Whoever is on the list is written to."""
    night = Night(ANNA)
    told = {
        "eventType": event,
        "mail": {
            "timestamp": NOON.isoformat(), "messageId": "m", "destination": list(ANNA.addresses),
            "tags": {"desk": [MDO], "ticket": [NUMBER], "item": [night.page.item.replace("#", "-")]},
        },
        event.lower(): {
            "bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": ANNA.addresses[0], "status": "5.1.1"}],
            "complainedRecipients": [{"emailAddress": ANNA.addresses[0]}], "timestamp": NOON.isoformat(),
        },
    }  # fmt: skip
    feedback._take(cast("Any", SimpleNamespace(body=json.dumps(told))), cast("Any", night))
    assert not night.store.is_suppressed(MDO, ANNA.addresses[0])
    night.deliver()
    assert MAIL_ANNA in night.channels()


def test_mdo_2_1_a_page_that_reached_none_of_the_people_on_duty_is_tried_again(counted: list[Metric]) -> None:
    """That the topic took it says nothing of anybody who is awake."""
    night = Night(VERA)  # of the other level: in doubt somebody is woken
    sms = Channel(Kind.SMS, VERA.phone or "").name
    night.failing[sms] = INVALID
    night.deliver()
    assert night.channels() == [TOPIC]
    assert night.state() is OutboxState.PENDING
    assert Metric.PAGES_FAILED in counted
    night.people(ANNA)
    night.at += timedelta(minutes=2)
    night.deliver()
    assert night.channels() == [TOPIC, SMS_ANNA, MAIL_ANNA]
    assert night.state() is OutboxState.SENT


def test_a_desk_with_nobody_to_wake_pages_the_topic_and_says_so_loudly(counted: list[Metric]) -> None:
    night = Night()
    night.deliver()
    assert night.channels() == [TOPIC]
    assert night.state() is OutboxState.SENT
    assert Metric.PAGE_CHANNELS_FAILED in counted


def test_a_secret_that_cannot_be_read_keeps_no_telephone_from_ringing() -> None:
    """Only the letters need it."""

    class WithoutKeys(Night):
        @property
        def reply_keys(self) -> ReplyKeys:
            raise NotConfigured("the secret is gone")

        @reply_keys.setter
        def reply_keys(self, _keys: ReplyKeys) -> None:
            """Night sets it."""

    night = WithoutKeys(ANNA)
    night.deliver()
    assert night.channels() == [SMS_ANNA, TOPIC]
    assert night.state() is OutboxState.PENDING


def test_a_service_that_does_not_answer_leaves_time_for_the_other() -> None:
    """Two calls without an answer, and it is asked no more at this attempt."""
    crowd = tuple(
        Person(
            name=f"Д{number}",
            addresses=(f"d{number}@desk.example",),
            phone=f"+7916000000{number}",
            roles=(Role.ON_CALL,),
        )
        for number in range(9)
    )
    night = Night(*crowd)
    night.hangs_for = timedelta(seconds=8)
    channels = [channel.name for channel in channels_of(crowd)]
    night.failing = dict.fromkeys([name for name in channels if not name.startswith("mail")], HANGS)
    night.deliver()
    assert night.asked == [*channels[:2], *[name for name in channels if name.startswith("mail")]]
    assert len(night.took) == 9


def test_no_channel_is_begun_that_would_outlast_the_function() -> None:
    crowd = tuple(Person(name=f"Д{number}", phone=f"+7916000000{number}", roles=(Role.ON_CALL,)) for number in range(5))
    night = Night(*crowd)
    slow = night.text_message

    def slowly(phone: str, text: str) -> str:
        night.at += timedelta(seconds=9)
        return slow(phone, text)

    night.text_message = slowly  # type: ignore[method-assign]  # a fake of SNS that takes its time
    night.deliver()
    assert len(night.took) == 3
    night.at += timedelta(minutes=2)
    night.deliver()
    night.at += timedelta(minutes=2)
    night.deliver()
    assert len(set(night.channels())) == len(night.took) == 6


def test_a_mark_that_failed_once_is_made_before_the_attempt_ends() -> None:
    """So that the next attempt, which another channel needs, leaves the channel out."""
    night = Night(ANNA, BORIS)
    marked: Callable[[OutboxKey, str, str, str], None] = night.store.mark_delivered
    fails = [SMS_ANNA]

    def fails_once(key: OutboxKey, desk: str, channel: str, sent_id: str) -> None:
        if channel in fails:
            fails.remove(channel)
            raise Conflict
        marked(key, desk, channel, sent_id)

    night.store.mark_delivered = fails_once  # type: ignore[method-assign]  # a table that fails for one call
    night.failing[TOPIC] = DENIED
    night.deliver()
    night.failing.clear()
    night.at += timedelta(minutes=2)
    night.deliver()
    assert night.channels().count(SMS_ANNA) == 1


def test_a_channel_whose_mark_is_lost_leaves_once_more_at_worst() -> None:
    """A death between sending and marking looks the same; the others are not repeated."""
    night = Night(ANNA, BORIS)
    marked: Callable[[OutboxKey, str, str, str], None] = night.store.mark_delivered

    def lost(key: OutboxKey, desk: str, channel: str, sent_id: str) -> None:
        if channel == SMS_ANNA:
            raise Conflict
        marked(key, desk, channel, sent_id)

    night.store.mark_delivered = lost  # type: ignore[method-assign]  # a table that fails for one call
    night.failing[TOPIC] = DENIED
    night.deliver()
    night.failing.clear()
    night.store.mark_delivered = marked  # type: ignore[method-assign, assignment]  # as above
    night.at += timedelta(minutes=2)
    night.deliver()
    assert night.channels() == [SMS_ANNA, SMS_BORIS, MAIL_ANNA, MAIL_BORIS, SMS_ANNA, TOPIC]


def test_mdo_2_1_nobody_is_woken_for_a_fault_that_somebody_has_taken_meanwhile() -> None:
    night = Night(ANNA)
    fault = night.store.fault(NUMBER)
    assert fault is not None
    night.store.commit(Commit(at=night.at, faults=(an_acknowledgement(fault),)))
    night.deliver()
    assert night.took == []
    assert night.state() is OutboxState.OUTDATED


def test_mdo_2_1_a_page_says_how_many_report_the_fault_as_it_leaves() -> None:
    """Not as it was written."""
    night = Night(ANNA)
    fault = night.store.fault(NUMBER)
    assert fault is not None
    grown = fault.model_copy(update={"reports": 8})
    night.store.commit(Commit(at=night.at, faults=(FaultChange(fault, grown, (), ()),)))
    night.deliver()
    assert all("ещё 7 сообщ" in text.lower() for _, text in night.took)


def test_that_somebody_took_it_is_told_for_an_hour_and_not_for_ever() -> None:
    """No later page ends that one, and a telephone that fails would be tried each minute."""
    night = Night(VERA)
    fault = night.store.fault(NUMBER)
    assert fault is not None
    taken = an_acknowledgement(fault)
    told = a_page(kind="page_taken", level=PageLevel.ESCALATION, number=0)
    night.store.commit(Commit(at=NOON, faults=(FaultChange(taken.before, taken.after, taken.events, (told,)),)))
    night.page = night.store.outbox(NUMBER)[-1][0]
    night.failing[Channel(Kind.SMS, VERA.phone or "").name] = INVALID
    night.deliver()
    assert night.state() is OutboxState.PENDING
    night.at += timedelta(hours=2)
    night.deliver()
    assert night.state() is OutboxState.OUTDATED


def test_a_channels_name_has_no_telephone_and_no_address_in_it() -> None:
    """It is marked in the table and written to the log."""
    for channel in channels_of((ANNA, BORIS)):
        assert channel.name == channel.kind or len(channel.name.partition(":")[2]) == 6


def test_one_telephone_of_two_people_rings_once() -> None:
    shared = BORIS.model_copy(update={"phone": ANNA.phone, "addresses": ANNA.addresses})
    assert [channel.kind for channel in channels_of((ANNA, shared))] == [Kind.SMS, Kind.TOPIC, Kind.MAIL]


def test_a_short_message_to_a_telephone_alone_names_the_command_and_no_letter() -> None:
    """Who has no address gets no letter that could be answered."""
    night = Night(VERA)
    night.deliver()
    texts = dict(night.took)
    assert set(texts) == {Channel(Kind.SMS, str(VERA.phone)).name, TOPIC}
    for text in texts.values():
        assert "исьм" not in text
        assert text.endswith(f"ack {NUMBER}")


def test_a_page_of_a_desk_without_anybody_to_wake_says_so_to_the_topic() -> None:
    """Whatever subscribes must not think that somebody is awake, nor wait for an answer to a letter that nobody has."""
    night = Night()
    night.deliver()
    ((channel, text),) = night.took
    assert channel == TOPIC
    assert text.startswith("ДЕЖУРНЫХ НЕТ. ")
    assert text.endswith(f"ack {NUMBER}")
