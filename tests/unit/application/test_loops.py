"""Robots that answer robots: what they write to each other ends by itself, whatever was lost on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from adapters.mail.reading import read_letter
from adapters.rendering import render_mail
from application.change import change_ticket, ticket_change
from application.receive import receive
from application.storage import Commit, Conflict, Departure, OutboxKey
from domain.letter import Address, DeliveryReport, Envelope, LetterKind, Trust, Verdict, Verdicts
from domain.regulation.editions import edition_at, editions
from domain.reply_token import token_for
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.events import LetterAdded, SuppressionLifted
from domain.ticket.lately import Counts
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.restraint import Restraint
from domain.ticket.ticket import Status
from tests.support.builders import DETAILS, KEYS, MDO, MDO_ADDRESS, STOREOLIS, STOREOLIS_ADDRESS, a_letter
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.desk_in_memory import ADDRESSES, OLGA, START, Desk, fresh
from tests.support.people import addressed, specialists_of
from tests.support.raw_mail import raw_letter

LIMITS = editions(MDO)[-1].automatic_letters
MANY = 300
"""Letters after which a loop counts as endless."""


Relay = Callable[[bytes, int], bytes]


def intact(raw: bytes, number: int) -> bytes:
    """Pass a letter on as it is."""
    del number
    return raw


def stripped(raw: bytes, number: int, *, keep: tuple[str, ...] = ("In-Reply-To", "References")) -> bytes:
    """Drop every field that a machine wrote for machines, and write the Message-ID anew."""
    message = message_from_bytes(raw, policy=default)
    kept = {"from", "to", "subject", "date", "mime-version", "content-type", "content-transfer-encoding"}
    for name in {name for name in message if name.lower() not in kept | {one.lower() for one in keep}}:
        del message[name]
    message["Message-ID"] = f"<relay-{number}@relay.example>"
    return message.as_bytes()


def unthreaded(raw: bytes, number: int) -> bytes:
    """Drop what says which letter is answered as well."""
    return stripped(raw, number, keep=())


def retitled(raw: bytes, number: int) -> bytes:
    """Write the subject anew too, so that no ticket's number is left in it."""
    message = message_from_bytes(unthreaded(raw, number), policy=default)
    del message["Subject"]
    message["Subject"] = fresh(number)
    return message.as_bytes()


def rewritten(raw: bytes, number: int) -> bytes:
    """Write the text anew too: a new request each time, complete, as the worst of robots would."""
    message = message_from_bytes(raw, policy=default)
    text = f"{fresh(number)} не открывается: {fresh(number + 1000)}.\n\nИНН 7707083893\n{DETAILS}"
    return raw_letter(message["From"], message["To"], fresh(number), text)


def exchange(relay: Relay, verdict: Verdict = Verdict.PASS, hop: timedelta = timedelta(seconds=20)) -> dict[str, Desk]:
    """Let a letter in Storeolis's name arrive at MDO, and carry on what the desks write until nothing is under way."""
    desks = {desk: Desk(desk) for desk in ADDRESSES}
    by_address = {desk.address: desk for desk in desks.values()}
    first = raw_letter(STOREOLIS_ADDRESS, MDO_ADDRESS, "Не приходит код", COMPLETE)
    under_way, at = deque([(MDO_ADDRESS, first)]), START
    while under_way:
        to, raw = under_way.popleft()
        number = sum(desk.taken for desk in desks.values())
        assert number < MANY, "the desks go on writing to each other"
        for mail in by_address[to].receive(raw, at, verdict=verdict):
            if mail.audience is Audience.CLIENT:
                under_way.append((mail.to, relay(render_mail(addressed(mail), KEYS, at).as_bytes(), number)))
        at += hop
    return desks


@pytest.fixture
def no_desk_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each desk is in a deployment of its own, and knows no address of the other's."""
    for module in ("application.receive", "application.forms", "domain.ticket.decide.draft"):
        monkeypatch.setattr(f"{module}.own_addresses", frozenset)


# Two desks --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_desk_is_known")
def test_two_desks_stop_at_once_where_the_headers_arrive() -> None:
    """The first answer is known as a machine's."""
    desks = exchange(intact)
    assert len(desks[MDO].to(Audience.CLIENT)) == 1
    assert desks[STOREOLIS].sent == []


@pytest.mark.usefixtures("no_desk_is_known")
@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.GRAY], ids=["proved", "claimed"])
@pytest.mark.parametrize("relay", [stripped, unthreaded, retitled, rewritten])
def test_two_desks_stop_by_themselves_where_a_relay_strips_every_mark_of_a_machine(
    relay: Relay, verdict: Verdict
) -> None:
    """After at most ten letters each, ten cards and one notice to either team; the requests stay in the queue."""
    for desk in exchange(relay, verdict).values():
        assert len(desk.to(Audience.CLIENT)) <= LIMITS.per_address_per_hour
        assert len(desk.to(Audience.TEAM)) <= LIMITS.to_team_per_address_per_hour + 1
        assert desk.counted()["held_back"] <= 1
        assert desk.tickets()


@pytest.mark.usefixtures("no_desk_is_known")
def test_two_desks_that_take_each_other_for_new_clients_write_ten_letters_each_and_tell_their_teams_once() -> None:
    """Nothing is recognised: neither thread nor repetition nor machine."""
    desks = exchange(rewritten)
    counts = sorted(len(desk.to(Audience.CLIENT)) for desk in desks.values())
    assert counts == [LIMITS.per_address_per_hour] * 2
    # The desk whose letter came back last has met its limit; the other was written to no more.
    assert sum(desk.counted()["held_back"] for desk in desks.values()) == 1
    assert sum(len(desk.tickets()) for desk in desks.values()) == 2 * LIMITS.per_address_per_hour + 1


@pytest.mark.usefixtures("no_desk_is_known")
def test_a_loop_too_slow_for_the_hours_count_ends_with_the_days() -> None:
    """Letters that take ten minutes each way."""
    desks = exchange(rewritten, hop=timedelta(minutes=10))
    assert max(len(desk.to(Audience.CLIENT)) for desk in desks.values()) == LIMITS.per_address_per_day
    assert sum(desk.counted()["held_back"] for desk in desks.values()) == 1


def test_a_desk_of_the_same_deployment_is_never_written_to() -> None:
    """What would go to its address comes back; the request itself is worked on."""
    desk = Desk(MDO)
    desk.receive(raw_letter(STOREOLIS_ADDRESS, MDO_ADDRESS, "Не приходит код", COMPLETE), START)
    assert desk.counted() == {"card": 1}
    assert [event.limit for event in desk.withheld(desk.tickets()[0])] == ["own_address"]


# One desk and a robot ---------------------------------------------------------------------------------------


def test_a_robot_that_answers_each_letter_under_a_fresh_subject_is_answered_ten_times_an_hour() -> None:
    """It says of itself nothing that a machine could read."""
    desk, number = Desk(MDO), 0
    answers = desk.write(number)
    while any(mail.audience is Audience.CLIENT for mail in answers):
        number += 1
        assert number < MANY
        answers = desk.write(number)
    assert desk.counted() == {"accepted": 10, "card": 10, "held_back": 1}
    unanswered = desk.tickets()[-1]
    assert unanswered.reaction is not None
    assert unanswered.reaction.runs
    assert [(event.kind, event.limit) for event in desk.withheld(unanswered)] == [
        ("accepted", "per_address_per_hour"),
        ("card", "per_address_per_hour"),
    ]


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.GRAY], ids=["proved", "claimed"])
def test_a_robot_in_a_specialists_mailbox_and_one_at_the_client_fall_silent(verdict: Verdict) -> None:
    """Each answers whatever comes, in the other's thread; the desk copies it from one to the other."""
    desk = Desk(MDO)
    specialist = specialists_of(MDO)[0]
    under_way = deque(desk.receive(raw_letter(OLGA, MDO_ADDRESS, "Не приходит код", COMPLETE), START))
    at = START
    while under_way:
        mail, at = under_way.popleft(), at + timedelta(seconds=20)
        assert desk.taken < MANY, "the robots go on writing to each other"
        arrived = message_from_bytes(render_mail(addressed(mail), KEYS, at).as_bytes(), policy=default)
        robot = specialist if mail.audience is Audience.TEAM else OLGA
        text = f"{fresh(desk.taken)}, ваше письмо получено."
        to = arrived["Reply-To"].addresses[0].addr_spec
        answer = raw_letter(robot, MDO_ADDRESS, f"Re: {arrived['Subject']}", text)
        under_way += desk.receive(answer, at, to=to, verdict=verdict if robot == specialist else Verdict.PASS)
    assert len(desk.to(Audience.TEAM)) <= 2 * LIMITS.to_team_per_address_per_hour + 2
    assert 1 <= desk.counted()["held_back"] <= 2


def test_a_letter_with_an_empty_return_path_is_worked_on_and_never_answered() -> None:
    """RFC 3834 section 2; a question that cannot be asked leaves the request to the team, its clock running."""
    desk = Desk(MDO)
    raw = b"Return-Path: <>\r\n" + raw_letter(OLGA, MDO_ADDRESS, "Не приходит код", INCOMPLETE)
    desk.receive(raw, START)
    assert desk.counted() == {"card": 1}
    (ticket,) = desk.tickets()
    assert ticket.status is Status.OPEN
    assert ticket.reaction is not None
    assert [event.limit for event in desk.withheld(ticket)] == ["null_return_path"]


# Reports by mail --------------------------------------------------------------------------------------------


def the_token(desk: Desk, audience: Audience) -> str:
    """Return the address that answers to the letters about a desk's first ticket come to."""
    number = desk.tickets()[0].id
    return desk.address.replace("@", f"+{token_for(KEYS, desk.name, number, audience)}@")


def bounced(desk: Desk, number: int, to: str = "", **changes: object) -> list[OutgoingMail]:
    """Let a mail server report, in words of its own, that somebody was not reached."""
    subject = str(changes.pop("subject", "Undeliverable"))
    at = START + timedelta(minutes=number)
    raw = raw_letter("MAILER-DAEMON@relay.example", to or desk.address, subject, "The mailbox is full.")
    envelope = Envelope(f"b{number}", at, (to or desk.address,), "", Verdicts(dmarc=Verdict.FAIL))
    letter = read_letter(raw, envelope)
    assert letter.kind is LetterKind.BOUNCE
    return desk.take(replace(letter, **changes), at)  # type: ignore[arg-type] # the tests name real fields


def test_a_bounce_of_a_letter_to_the_team_is_not_told_to_the_team_and_ends_no_wait() -> None:
    """Each letter about it would bounce again; the client may well have been reached."""
    desk = Desk(MDO)
    desk.write(0, INCOMPLETE)
    for number in range(1, 100):
        assert bounced(desk, number, the_token(desk, Audience.TEAM)) == []
    assert desk.tickets()[0].lapse is not None


def test_bounces_that_name_no_letter_are_told_to_the_team_once_a_day() -> None:
    """However many a robot sends."""
    desk = Desk(MDO)
    desk.write(0, INCOMPLETE)
    client = the_token(desk, Audience.CLIENT)
    told = [mail.kind for number in range(1, 100) for mail in bounced(desk, number, client)]
    assert told == ["delivery_failed"]
    assert [mail.kind for mail in bounced(desk, 24 * 60, client)] == ["delivery_failed"]


def test_each_letter_of_ours_that_a_report_names_with_its_addressee_is_told_once() -> None:
    """By the Message-ID that the letter bore."""
    desk = Desk(MDO)
    desk.write(0, INCOMPLETE)
    client, key = the_token(desk, Audience.CLIENT), OutboxKey(ticket=desk.tickets()[0].id, item="OUT#00000001#000")
    desk.store.mark_sent(Departure(key, MDO, START, "ours"))
    reports = [DeliveryReport((OLGA,), known) for known in (None, "ours", "ours", "invented", "invented too")]
    told = [bounced(desk, number, client, report=report) for number, report in enumerate(reports, 1)]
    assert [len(mails) for mails in told] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("by", "trust", "failed", "believed"),
    [
        ("subject", Trust.CLAIMED, (), False),
        ("subject", Trust.CLAIMED, (OLGA,), True),
        ("token", Trust.CLAIMED, (), True),
        ("token", Trust.CLAIMED, ("petr@client.example",), False),
        ("token", Trust.FORGED, (OLGA,), False),
    ],
)
def test_a_bounce_is_believed_by_a_token_or_by_the_clients_address_and_never_where_it_is_forged(
    by: str, trust: Trust, failed: tuple[str, ...], believed: bool
) -> None:
    """Anybody may write one, and a ticket's number is no secret."""
    desk = Desk(MDO)
    desk.write(0, INCOMPLETE)
    (ticket,) = desk.tickets()
    to = the_token(desk, Audience.CLIENT) if by == "token" else ""
    told = bounced(desk, 1, to, subject=f"Undeliverable [{ticket.id}]", trust=trust, report=DeliveryReport(failed))
    assert [mail.kind for mail in told] == ["delivery_failed"] * believed
    assert (desk.tickets()[0].lapse is None) is believed


@pytest.mark.parametrize(("days", "undone"), [(6, True), (0, False)])
def test_mdo_2_5_a_report_by_mail_undoes_a_lapse_over_what_may_be_the_question_that_did_not_arrive(
    days: int, undone: bool
) -> None:
    """Made after the question was asked; one that was received before, and is read now, is about another letter."""
    desk = Desk(MDO)
    desk.write(1, INCOMPLETE)
    (ticket,) = desk.tickets()
    assert ticket.lapse is not None
    asked_at, over = ticket.lapse.asked_at, START + timedelta(days=5)
    to = the_token(desk, Audience.CLIENT)
    change_ticket(desk.store, ticket.id, c.StartTerm(asked_at), lambda: asked_at)
    change_ticket(desk.store, ticket.id, c.FireTimers(), lambda: over)
    assert desk.tickets() == []
    (told,) = bounced(desk, days * 24 * 60, to)
    assert (told.kind, "reopened" in told.params) == ("delivery_failed", undone)
    assert len(desk.tickets()) == undone


# What is held back, and what is not -------------------------------------------------------------------------


def at_the_limit(desk: str = MDO) -> Desk:
    """Return a desk that has answered one client as often as it may in an hour."""
    found = Desk(desk)
    for number in range(LIMITS.per_address_per_hour):
        assert found.write(number)
    return found


def test_the_team_is_told_once_an_hour_however_many_letters_are_held_back() -> None:
    """The notice names the address and until when."""
    desk = at_the_limit()
    for number in range(10, 20):
        desk.write(number)
    (notice,) = [mail for mail in desk.sent if mail.kind == "held_back"]
    assert notice.params["address"] == OLGA
    assert notice.params["until"] == "пятница, 20 ноября 2026 г., 11:00 (МСК)"
    assert len(desk.tickets()) == 20


def test_an_hour_later_the_address_is_answered_again() -> None:
    """As letter by letter leaves the hour."""
    desk = at_the_limit()
    assert [mail.kind for mail in desk.write(59)] == ["held_back"]
    assert [mail.kind for mail in desk.write(60)] == ["accepted", "card"]
    assert desk.write(60, ses_message_id="another") == []


def test_another_address_is_answered_as_ever() -> None:
    """One robot silences nobody else."""
    desk = at_the_limit()
    other = Address("petr@client.example")
    assert [mail.kind for mail in desk.write(20, sender=other)] == ["accepted", "card"]


def test_nobody_is_kept_waiting_by_a_question_that_was_held_back() -> None:
    """The request is the team's: it lapses under no silence, and its reaction is promised."""
    desk = at_the_limit()
    desk.write(10, f"{INCOMPLETE}\n\nФИО: Громова Инна Павловна")
    ticket = desk.tickets()[-1]
    assert (ticket.status, ticket.lapse) == (Status.OPEN, None)
    assert ticket.reaction is not None
    assert desk.withheld(ticket)[0].kind == "details_requested"


def test_nobody_is_refused_who_cannot_be_told() -> None:
    """Storeolis 2.6: words that would close the request leave it to the team."""
    desk = at_the_limit(STOREOLIS)
    desk.write(10, "В отчёте о заказах неверная дата, блядь, пиздец! ИНН 7707083893")
    ticket = desk.tickets()[-1]
    assert ticket.status is Status.OPEN
    assert desk.withheld(ticket)[0].kind == "refused_offence"


def test_pages_warnings_and_breaches_are_never_held_back() -> None:
    """MDO 2.1: a fault wakes somebody whoever reports it, and a broken promise is told."""
    desk = at_the_limit()
    desk.write(10, FAULT)
    assert desk.counted()["page_critical"] == 1
    ticket = desk.tickets()[-2]
    assert ticket.reaction is not None
    fired = decide(ticket, c.FireTimers(), edition_at(MDO, START), ticket.reaction.due)
    assert [message.kind for message in fired.outgoing] == ["breach"]


def test_what_a_specialist_writes_is_neither_held_back_nor_counted() -> None:
    """However often."""
    desk = at_the_limit()
    ticket = desk.tickets()[0]
    at = START + timedelta(minutes=20)
    for _ in range(2 * LIMITS.per_address_per_hour):
        decision = decide(ticket, c.SpecialistAct(c.Act.REPLY, "anna", "Проверяем."), edition_at(MDO, START), at)
        assert [message.kind for message in decision.outgoing] == ["reply"]
        assert decision.ticket is not None
        desk.store.commit(Commit(at=at, ticket=ticket_change(ticket, decision)))
        ticket = next(known for known in desk.tickets() if known.id == ticket.id)


def test_on_one_ticket_five_automatic_letters_an_hour_are_the_most() -> None:
    """Counted apart from the address's other tickets, which go on being answered."""
    sent: Counts = {}
    restraint = Restraint(OLGA, LIMITS, OLGA, sent, START)
    mail = next(mail for mail in Desk(MDO).write(0) if mail.audience is Audience.CLIENT)
    for _ in range(LIMITS.per_ticket_per_hour):
        assert restraint.hold_on(mail, sent) is None
        sent = restraint.with_letter(sent, mail)
    hold = restraint.hold_on(mail, sent)
    assert hold is not None
    assert (hold.limit, hold.ticket, hold.until) == ("per_ticket_per_hour", mail.ticket, START + timedelta(hours=1))
    assert restraint.hold_on(mail.model_copy(update={"ticket": "MDO-0000-0000"}), sent) is None
    assert restraint.owes_notice(hold, sent)
    assert not restraint.owes_notice(hold, restraint.with_notice(sent, hold))


def test_two_letters_at_once_cannot_both_be_answered_by_the_last_letter_allowed() -> None:
    """The second is decided anew on what the first wrote."""
    desk = Desk(MDO)
    for number in range(LIMITS.per_address_per_hour - 1):
        desk.write(number)
    at = START + timedelta(minutes=30)
    letters = [
        a_letter(
            f"{fresh(number)} не открывается.\n\n{DETAILS}",
            ses_message_id=name,
            received_at=at,
            subject=name,
            trust=trust,
        )
        for number, name, trust in ((50, "x", Trust.VERIFIED), (51, "y", Trust.CLAIMED))
    ]
    first, second = (receive(letter, MDO, desk.store, KEYS, at) for letter in letters)
    assert first is not None
    assert second is not None
    desk.store.commit(first.commit)
    with pytest.raises(Conflict):
        desk.store.commit(second.commit)
    assert [mail.kind for mail in desk.take(letters[1], at)] == ["held_back"]


def test_a_robot_that_writes_from_a_fresh_detail_of_its_mailbox_each_time_is_one_robot() -> None:
    """Ticketing systems write so: `helpdesk+case17@…`."""
    desk = Desk(MDO)
    for number in range(40):
        desk.write(number, sender=Address(f"helpdesk+case{number}@client.example"))
    assert desk.counted() == {"accepted": 10, "card": 10, "held_back": 1}
    (notice,) = [mail for mail in desk.sent if mail.kind == "held_back"]
    assert notice.params["address"] == "helpdesk@client.example"


@pytest.mark.parametrize("audience", [Audience.CLIENT, Audience.TEAM])
def test_who_has_a_tickets_token_is_counted_with_all_others_who_have_it(audience: Audience) -> None:
    """A fresh sender each time, or several at once: one ticket's letters to the team are limited all the same."""
    desk = Desk(MDO)
    desk.write(0)
    to, at = the_token(desk, audience), START + timedelta(minutes=1)
    for number in range(50):
        senders = f"a{number}@x.example" + (f", b{number}@x.example" if number % 2 else "")
        desk.receive(raw_letter(senders, to, fresh(number), fresh(number)), at, to=to)
    assert desk.counted()["follow_up"] == LIMITS.to_team_per_address_per_hour
    (notice,) = [mail for mail in desk.to(Audience.TEAM) if mail.kind == "held_back"]
    plain = render_mail(addressed(notice), KEYS, at).get_body(("plain",))
    assert plain is not None
    shown = " ".join(plain.get_content().split())
    assert "Из-за писем с разных или неизвестных адресов вам за час пришло 20 писем" in shown
    added = [event for _, event in desk.store.history(desk.tickets()[0].id) if isinstance(event, LetterAdded)]
    assert len(added) == 51, "every letter is on the ticket, sent on or not"


def test_letters_of_several_authors_or_none_are_counted_together() -> None:
    """Whoever they name."""
    desk = Desk(MDO)
    for number in range(50):
        senders = (f"a{number}@x.example, b{number}@x.example", "")[number % 2]
        desk.receive(raw_letter(senders, desk.address, fresh(number), fresh(number + 500)), START)
    assert desk.counted() == {"card": LIMITS.to_team_per_address_per_hour, "held_back": 1}
    assert len(desk.tickets()) == 50


def test_the_clients_own_letters_leave_the_ticket_to_others_who_have_its_token() -> None:
    """A colleague of a client at the limit is heard."""
    desk = at_the_limit()
    to = the_token(desk, Audience.CLIENT)
    colleague = raw_letter("petr@client.example", to, "Уточнение", "Ошибка 502.")
    assert [mail.kind for mail in desk.receive(colleague, START + timedelta(minutes=11), to=to)] == ["follow_up"]


def test_a_specialists_letter_without_a_message_id_that_comes_twice_is_done_once() -> None:
    """It is known again by its contents; other words, or the same on another ticket, are another letter."""
    desk = Desk(MDO)
    desk.write(0)
    desk.write(1)
    specialist = Address(specialists_of(MDO)[0])
    kinds = []
    for number, (text, at_ticket) in enumerate(
        (("Проверяем.", 0), ("Проверяем.", 0), ("Готово.", 0), ("Проверяем.", 1))
    ):
        to = desk.address.replace("@", f"+{token_for(KEYS, MDO, desk.tickets()[at_ticket].id, Audience.TEAM)}@")
        letter = a_letter(
            text,
            subject="Re: обращение",
            ses_message_id=f"s{number}",
            message_id=None,
            sender=specialist,
            recipients=(to,),
        )
        told = desk.take(letter, START + timedelta(minutes=2 + number))
        kinds.append([mail.kind for mail in told])
    assert kinds == [["reply"], ["follow_up"], ["reply"], ["reply"]]


# Suppressed addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.CLAIMED])
def test_only_a_proved_letter_of_a_suppressed_address_lifts_the_suppression(trust: Trust) -> None:
    """In the commit that takes the letter, and the ticket's history says so."""
    desk = Desk(MDO)
    desk.store.suppress(MDO, OLGA, at=START - timedelta(days=1), reason="Bounce")
    desk.write(0, trust=trust)
    (ticket,) = desk.tickets()
    told = [event for _, event in desk.store.history(ticket.id) if isinstance(event, SuppressionLifted)]
    lifted = trust is Trust.VERIFIED
    assert desk.store.is_suppressed(MDO, OLGA) is not lifted
    assert bool(told) is lifted


def test_a_suppression_that_comes_anew_meanwhile_is_not_lifted_unseen() -> None:
    """The letter is decided again on what is known by then."""
    desk = Desk(MDO)
    desk.store.suppress(MDO, OLGA, at=START - timedelta(days=1), reason="Bounce")
    taken = receive(a_letter(COMPLETE), MDO, desk.store, KEYS, START)
    assert taken is not None
    desk.store.suppress(MDO, OLGA, at=START, reason="Complaint")
    with pytest.raises(Conflict):
        desk.store.commit(taken.commit)
