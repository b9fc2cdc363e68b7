"""The story of the two weeks, and what the regulations demand of it: plain data, written by hand.

Every instant below was found with a calendar on the table, not with the code under test. Thursday 29 October
to Thursday 12 November 2026, Moscow: Saturdays and Sundays are free, and so is Wednesday 4 November (Day of
National Unity). Tuesday 3 November is a full day here, since clause 1.2 knows no shortened ones.

«Мои документы онлайн» (MDO): four hours between 9:00 and 18:00 on working days (2.1), warned about after
three of them; five minutes round the clock for a critical fault (2.1); two working days of the client's
silence, the day of the question not counted, to midnight (2.5), reminded of in the morning of the last.
Storeolis (STO): the end of the fifth working day after the request (2.3), warned about after three quarters
of the working time until then.
"""

from __future__ import annotations

from dataclasses import dataclass

from local.demo.facts import Expected

START = "2026-10-29 09:00"
END = "2026-11-12 18:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happens: a letter comes in, or an instant comes due by itself."""

    at: str
    """By Moscow's clock."""
    about: str
    """The ticket, by the story's name: `mdo-` or `sto-` and a word."""
    story: str
    expect: tuple[Expected, ...]
    letter: str = ""
    """Name of the file in `letters/`, where one comes in."""
    answers: str = ""
    """The letter it answers: `<ticket>/<kind>` of the last one of that kind; `<fault>/page by mail to <level>` for a page."""
    alarm: str = ""
    """The alarm that changes its state, and that: `mdo-service-login ALARM`."""
    starts: bool = False
    """True where it becomes a ticket of its own."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a ticket stands when the two weeks are over."""

    about: str
    requester: str
    status: str
    due: str
    """When the reaction was due, the last one promised; empty where none was."""
    reaction: str
    """`kept`, `breached`, `running` or `none promised`."""
    clause: str
    """Of the promise, or of the refusal."""


# What follows from a letter or an instant, in the words of the facts ------------------------------------------


def mail(kind: str, to: str, clause: str = "", says: tuple[str, ...] = ()) -> Expected:
    return Expected(f"mail to {to}: {kind}", clause, says=says)


OUTAGE, LEAK = "mdo-outage-fault", "mdo-leak-fault"
"""The two faults of a night, by the tickets that report them first."""


def of(fault: str, what: str, clause: str = "", detail: str = "", says: tuple[str, ...] = ()) -> Expected:
    """Something happens to a fault."""
    return Expected(what, clause, detail, says, about=fault)


def page(fault: str, kind: str, level: str, *says: str) -> tuple[Expected, ...]:
    """A page goes to whatever subscribes, and to whose turn it is by SMS and mail; an answer to the mail acts on the fault."""
    return (
        of(fault, f"page to {level}: {kind}", "2.1", says=says),
        of(fault, f"sms to {level}: {kind}", "2.1", says=says),
        of(fault, f"page by mail to {level}: {kind}", "2.1"),
    )


def word_on(fault: str) -> tuple[Expected, ...]:
    """A letter that answers a page, or a letter about a fault, is believed and carried out."""
    return (Expected("letter: acts on its fault"), of(fault, "letter about the fault: done"))


def kept(ticket: str, since: str) -> Expected:
    """The promise of minutes is kept by who took the fault, as of the word."""
    return Expected("critical fault acknowledged", detail="in time", about=ticket, since=since)


def told(since: str, *tickets: str) -> tuple[Expected, ...]:
    """Who reported a fault is told that somebody has it in hand; their promises are kept by that, as of the word."""
    return tuple(
        one
        for ticket in tickets
        for one in (
            kept(ticket, since),
            Expected("reaction in time", detail="acknowledge", about=ticket, since=since),
            Expected("mail to client: fault_taken_client", "2.1", about=ticket),
        )
    )


def reported(since: str, due: str) -> tuple[Expected, ...]:
    """A letter reports a critical fault: it is a ticket with a promise of five minutes, and with the ordinary one."""
    return (
        Expected("letter: a new ticket"),
        Expected("decided: accept", detail="accepted"),
        Expected("critical fault", "2.1", f"due {due}"),
        Expected("reaction promised", "2.1", f"from {since}, due 2026-11-05 13:00"),
        mail("accepted_critical", "client", "2.1", ("среда, 4 ноября 2026 г.", "п. 2.1")),
        mail("card", "team", says=("КРИТИЧЕСК",)),
    )


def over(*tickets: str) -> tuple[Expected, ...]:
    """Who reported a fault is told that it is over, and may say within the term of a solution (2.5) that it is not."""
    return tuple(
        one
        for ticket in tickets
        for one in (
            Expected(
                "mail to client: fault_over_client",
                "2.5",
                says=("пятница, 6 ноября 2026 г., 24:00 (МСК)", "п. 2.5"),
                about=ticket,
            ),
            Expected("waits for solution", "2.5", "until 2026-11-07 00:00, then lapses", about=ticket),
        )
    )


def accepted(since: str, due: str, clause: str, says: tuple[str, ...]) -> tuple[Expected, ...]:
    """The client is told the number and the term, the team gets the card."""
    return (
        Expected("letter: a new ticket"),
        Expected("decided: accept", detail="accepted"),
        Expected("reaction promised", clause, f"from {since}, due {due}"),
        mail("accepted", "client", clause, (f"п. {clause}", *says)),
        mail("card", "team"),
    )


def joined(reason: str = "") -> tuple[Expected, ...]:
    """The client's letter joins its ticket, and the team reads it."""
    return (Expected(f"letter: joins the ticket{reason}"), mail("follow_up", "team"))


def specialist(*more: Expected) -> tuple[Expected, ...]:
    """A specialist's letter was believed and carried out."""
    return (Expected("letter: joins the ticket as specialist"), *more)


def in_time(act: str) -> Expected:
    return Expected("reaction in time", detail=act)


def late(act: str) -> Expected:
    return Expected("reaction late", detail=act)


def replied(*says: str) -> Expected:
    """The specialist's words reach the client from the desk's address, under the desk's name."""
    return mail("reply", "client", says=("From: Техническая поддержка", "<support@", *says))


def closed(*says: str) -> tuple[Expected, ...]:
    return (Expected("closed: resolved", detail="by_specialist"), mail("closed", "client", says=("закрыт", *says)))


def waits(asked_for: str, until: str, clause: str = "2.5") -> Expected:
    then = "lapses" if clause else "the specialist is reminded"
    return Expected(f"waits for {asked_for}", clause, f"until {until}, then {then}")


def warned(clause: str, says: str) -> tuple[Expected, ...]:
    return (Expected("due: reaction_warning", clause), mail("warning", "team", clause, (says, f"п. {clause}")))


ANSWERED = Expected("waiting ended")


def queue(*names: str) -> Expected:
    """The open tickets of Storeolis in the order in which they are to be worked (2.3)."""
    return Expected("queue", detail=", ".join(names))


# The story ---------------------------------------------------------------------------------------------------

STORY: tuple[Moment, ...] = (
    # Thursday 29 October
    Moment(
        "2026-10-29 10:00",
        "mdo-scan",
        "details are missing: a landline is no mobile number",
        (
            Expected("letter: a new ticket"),
            Expected("decided: ask", "1.3.2", "missing_details: phone, organisation, position"),
            waits("details", "2026-11-03 00:00"),
            mail(
                "details_requested",
                "client",
                "1.3.2",
                (
                    "п. 1.3.2",
                    "номер мобильного телефона",
                    "Организация:",
                    "Должность:",
                    "понедельник, 2 ноября 2026 г., 24:00 (МСК)",
                ),
            ),
            mail("card", "team"),
        ),
        letter="mdo-scan",
        starts=True,
    ),
    # Friday 30 October
    Moment(
        "2026-10-30 11:30",
        "mdo-scan",
        "the answer completes the details: the four hours count from here (1.3)",
        (
            *joined(),
            Expected("details", detail="complete"),
            ANSWERED,
            Expected("reaction promised", "2.1", "from 2026-10-30 11:30, due 2026-10-30 15:30"),
            mail("accepted", "client", "2.1", ("пятница, 30 октября 2026 г., 15:30 (МСК)", "п. 2.1")),
        ),
        letter="mdo-scan-details",
        answers="mdo-scan/details_requested",
    ),
    Moment(
        "2026-10-30 12:00",
        "sto-emails",
        "five working days, a weekend and a holiday between them",
        accepted(
            "2026-10-30 12:00",
            "2026-11-09 18:00",
            "2.3",
            ("понедельник, 9 ноября 2026 г., 18:00 (МСК)", "поступлени"),
        ),
        letter="sto-emails",
        starts=True,
    ),
    Moment(
        "2026-10-30 14:10",
        "mdo-scan",
        "a specialist answers by mail: it goes out in the desk's name, the clock stops",
        specialist(
            in_time("reply"),
            replied("исправлен в версии 4.12.1", "Служба технической поддержки «Мои документы онлайн»"),
        ),
        letter="mdo-scan-answer",
        answers="mdo-scan/card",
    ),
    Moment(
        "2026-10-30 15:05",
        "mdo-scan",
        "the client's thanks: no new clock",
        joined(),
        letter="mdo-scan-thanks",
        answers="mdo-scan/reply",
    ),
    Moment(
        "2026-10-30 17:00",
        "mdo-code",
        "complete, Friday 17:00: one hour counts today, three on Monday",
        accepted("2026-10-30 17:00", "2026-11-02 12:00", "2.1", ("понедельник, 2 ноября 2026 г., 12:00 (МСК)",)),
        letter="mdo-code",
        starts=True,
    ),
    # Monday 2 November
    Moment(
        "2026-11-02 09:30",
        "mdo-statement",
        "complete, from a mail program that writes windows-1251",
        accepted("2026-11-02 09:30", "2026-11-02 13:30", "2.1", ("понедельник, 2 ноября 2026 г., 13:30 (МСК)",)),
        letter="mdo-statement",
        starts=True,
    ),
    Moment(
        "2026-11-02 09:40",
        "sto-kassa",
        "the shop's first of November, a standard question: acknowledged with the link",
        (
            *accepted(
                "2026-11-02 09:40",
                "2026-11-10 18:00",
                "2.3",
                (
                    "вторник, 10 ноября 2026 г., 18:00 (МСК)",
                    "https://storeolis.ru/help/kassa",
                    "Как подключить онлайн-кассу",
                ),
            ),
            Expected("offered to the client: faq", "2.5"),
        ),
        letter="sto-kassa",
        starts=True,
    ),
    Moment(
        "2026-11-02 10:00",
        "mdo-scan",
        "closed by the specialist's one word",
        specialist(*closed()),
        letter="mdo-scan-close",
        answers="mdo-scan/team",
    ),
    Moment(
        "2026-11-02 10:15",
        "mdo-statement",
        "a specialist asks: the client's two days are Tuesday and Thursday, not the holiday",
        specialist(
            in_time("ask"),
            waits("question", "2026-11-06 00:00"),
            mail("question", "client", "2.5", ("номера заявлений", "четверг, 5 ноября 2026 г., 24:00 (МСК)", "п. 2.5")),
        ),
        letter="mdo-statement-question",
        answers="mdo-statement/card",
    ),
    Moment(
        "2026-11-02 10:16",
        "mdo-statement",
        "a vacation notice: recorded, answers nothing, stops nothing",
        (Expected("letter: ignored, auto_reply"),),
        letter="mdo-statement-vacation",
        answers="mdo-statement/question",
    ),
    Moment(
        "2026-11-02 11:00",
        "mdo-code",
        "three of the four hours are gone",
        warned("2.1", "понедельник, 2 ноября 2026 г., 12:00 (МСК)"),
    ),
    Moment(
        "2026-11-02 11:20",
        "mdo-code",
        "answered forty minutes before the end of the term",
        specialist(in_time("reply"), replied("Марина Сергеевна")),
        letter="mdo-code-answer",
        answers="mdo-code/warning",
    ),
    # Tuesday 3 November
    Moment(
        "2026-11-03 09:30",
        "mdo-code",
        "closed with a last word to the client",
        specialist(*closed("регистрация прошла")),
        letter="mdo-code-close",
        answers="mdo-code/card",
    ),
    Moment(
        "2026-11-03 11:00",
        "sto-export",
        "the shop's second of November",
        accepted("2026-11-03 11:00", "2026-11-11 18:00", "2.3", ("среда, 11 ноября 2026 г., 18:00 (МСК)",)),
        letter="sto-export",
        starts=True,
    ),
    Moment(
        "2026-11-03 12:00",
        "sto-password",
        "a password: first the page where clients change it themselves",
        (
            *accepted(
                "2026-11-03 12:00",
                "2026-11-11 18:00",
                "2.3",
                ("среда, 11 ноября 2026 г., 18:00 (МСК)", "https://storeolis.ru/help/password"),
            ),
            Expected("suggested to the specialist: password", "1.1"),
        ),
        letter="sto-password",
        starts=True,
    ),
    Moment(
        "2026-11-03 16:00",
        "mdo-notify",
        "complete, two hours before the holiday: the other two are Thursday's",
        accepted("2026-11-03 16:00", "2026-11-05 11:00", "2.1", ("четверг, 5 ноября 2026 г., 11:00 (МСК)",)),
        letter="mdo-notify",
        starts=True,
    ),
    # Wednesday 4 November, a holiday
    Moment(
        "2026-11-04 03:00",
        "mdo-outage",
        "the whole service is down, on a holiday's night: one fault, paged at once, due in five minutes",
        (
            *reported("2026-11-04 03:00", "2026-11-04 03:05"),
            of(OUTAGE, "fault opened", "2.1"),
            *page(OUTAGE, "page_critical", "on_call"),
        ),
        letter="mdo-outage",
        starts=True,
    ),
    Moment(
        "2026-11-04 03:01",
        "mdo-outage-second",
        "another office reports the same: it joins the fault, and wakes nobody again",
        (
            *reported("2026-11-04 03:01", "2026-11-04 03:06"),
            of(OUTAGE, "report joined", detail="letter"),
        ),
        letter="mdo-outage-second",
        starts=True,
    ),
    Moment(
        "2026-11-04 03:01:30",
        "mdo-alarm",
        "so does an alarm of CloudWatch",
        (
            Expected("decided: accept", detail="cloudwatch_alarm"),
            Expected("critical fault", "2.1", "due 2026-11-04 03:06"),
            mail("alarm", "team"),
            of(OUTAGE, "report joined", detail="alarm"),
        ),
        alarm="mdo-service-login ALARM",
        starts=True,
    ),
    Moment(
        "2026-11-04 03:02",
        "mdo-outage",
        "nobody has acknowledged: the page is repeated, and says how many report it by now",
        (of(OUTAGE, "due: page_repeat", "2.1"), *page(OUTAGE, "page_repeat", "on_call", "Ещё 2 сообщ")),
    ),
    Moment(
        "2026-11-04 03:04",
        "mdo-outage",
        "repeated again, and escalated a minute before the promise ends",
        (
            of(OUTAGE, "due: page_repeat", "2.1"),
            *page(OUTAGE, "page_repeat", "on_call"),
            of(OUTAGE, "due: page_escalate", "2.1"),
            *page(OUTAGE, "page_escalate", "escalation"),
        ),
    ),
    Moment(
        "2026-11-04 03:04:30",
        "mdo-outage",
        "acknowledged by answering the page's mail with one word: for all who report it, half a minute before the end",
        (
            *word_on(OUTAGE),
            of(OUTAGE, "fault taken", detail="in time"),
            of(OUTAGE, "mail to fault: fault_taken", "2.1"),
            *page(OUTAGE, "page_taken", "escalation"),
        ),
        letter="mdo-outage-ack",
        answers="mdo-outage-fault/page by mail to on_call",
    ),
    Moment(
        "2026-11-04 03:05",
        "mdo-outage",
        "each who reported it is told once",
        (
            *told("2026-11-04 03:04", "mdo-outage", "mdo-outage-second"),
            kept("mdo-alarm", "2026-11-04 03:04"),
        ),
    ),
    Moment(
        "2026-11-04 03:30",
        "mdo-leak",
        "a second, different fault half an hour after the acknowledgement: it pages again",
        (
            *reported("2026-11-04 03:30", "2026-11-04 03:35"),
            of(LEAK, "fault opened", "2.1"),
            *page(LEAK, "page_critical", "on_call"),
        ),
        letter="mdo-leak",
        starts=True,
    ),
    Moment(
        "2026-11-04 03:31:30",
        "mdo-leak",
        "taken by answering its page",
        (
            *word_on(LEAK),
            of(LEAK, "fault taken", detail="in time"),
            of(LEAK, "mail to fault: fault_taken", "2.1"),
        ),
        letter="mdo-leak-ack",
        answers="mdo-leak-fault/page by mail to on_call",
    ),
    Moment("2026-11-04 03:32", "mdo-leak", "its reporter is told", told("2026-11-04 03:31", "mdo-leak")),
    Moment(
        "2026-11-04 03:44:30",
        "mdo-leak",
        "a false alarm, by two words of mail: the ticket stays, an ordinary one",
        (
            *word_on(LEAK),
            of(LEAK, "fault over: false_alarm"),
            of(LEAK, "mail to fault: fault_false_alarm", "2.1"),
        ),
        letter="mdo-leak-false",
        answers="mdo-leak-fault/fault",
    ),
    Moment(
        "2026-11-04 03:45",
        "mdo-leak",
        "its reporter is told that it was none",
        (
            Expected("critical_withdrawn", since="2026-11-04 03:44"),
            mail("fault_false_alarm_client", "client"),
        ),
    ),
    Moment(
        "2026-11-04 03:55",
        "mdo-alarm",
        "the alarm is quiet; clients reported the fault as well, so that a person ends it",
        (of(OUTAGE, "alarm went quiet"), of(OUTAGE, "mail to fault: fault_quiet", "2.1")),
        alarm="mdo-service-login OK",
    ),
    Moment(
        "2026-11-04 04:10:30",
        "mdo-outage",
        "over, by one word of mail for all",
        (
            *word_on(OUTAGE),
            of(OUTAGE, "fault over: resolved"),
            of(OUTAGE, "mail to fault: fault_over", "2.1"),
        ),
        letter="mdo-outage-over",
        answers="mdo-outage-fault/fault",
    ),
    Moment(
        "2026-11-04 04:11",
        "mdo-outage",
        "each who reported it is told once, and has two working days to say that it is not",
        (
            *over("mdo-outage", "mdo-outage-second"),
            Expected("closed: resolved", detail="fault_is_over", about="mdo-alarm"),
        ),
    ),
    # Thursday 5 November
    Moment(
        "2026-11-05 09:00",
        "mdo-statement",
        "the client is reminded in the morning of its last day",
        (
            Expected("due: lapse_warning", "2.5"),
            mail("reminder", "client", "2.5", ("четверг, 5 ноября 2026 г., 24:00 (МСК)", "п. 2.5")),
        ),
    ),
    Moment(
        "2026-11-05 09:20",
        "mdo-notify",
        "the same letter again: it joins the first, courteously, and no clock starts",
        (*joined(" as duplicate"), mail("duplicate", "client", says=("повтор",))),
        letter="mdo-notify-again",
    ),
    Moment(
        "2026-11-05 10:00",
        "mdo-notify",
        "three of the four hours are gone",
        warned("2.1", "четверг, 5 ноября 2026 г., 11:00 (МСК)"),
    ),
    Moment(
        "2026-11-05 10:15",
        "mdo-leak",
        "answered and closed by the morning's specialist",
        specialist(*closed("пустой бланк")),
        letter="mdo-leak-close",
        answers="mdo-leak/card",
    ),
    Moment(
        "2026-11-05 10:30",
        "sto-cart",
        "nothing identifies the client: asked, no place in the order of arrival yet",
        (
            Expected("letter: a new ticket"),
            Expected("decided: ask", "2.1", "missing_details: inn_or_contract_or_site"),
            waits("details", "2026-11-10 00:00", clause=""),
            mail("details_requested", "client", "2.1", ("п. 2.1", "ИНН", "договор", "сайт")),
            mail("card", "team"),
        ),
        letter="sto-cart",
        starts=True,
    ),
    Moment(
        "2026-11-05 11:00",
        "mdo-notify",
        "the term ends without an answer: breached",
        (
            Expected("due: reaction_breach", "2.1"),
            mail("breach", "team", "2.1", ("четверг, 5 ноября 2026 г., 11:00 (МСК)", "п. 2.1")),
        ),
    ),
    Moment(
        "2026-11-05 11:10",
        "sto-coupon",
        "the shop's third of November, the last within the quota",
        accepted("2026-11-05 11:10", "2026-11-12 18:00", "2.3", ("четверг, 12 ноября 2026 г., 18:00 (МСК)",)),
        letter="sto-coupon",
        starts=True,
    ),
    Moment(
        "2026-11-05 11:40",
        "mdo-notify",
        "a solution is proposed, forty minutes too late: it stays on record",
        specialist(
            late("solve"),
            waits("solution", "2026-11-10 00:00"),
            mail("solution", "client", "2.5", ("понедельник, 9 ноября 2026 г., 24:00 (МСК)", "п. 2.5")),
        ),
        letter="mdo-notify-solution",
        answers="mdo-notify/breach",
    ),
    Moment(
        "2026-11-05 12:00",
        "mdo-forged",
        "a forged sender (DMARC fails): kept for a specialist's eye, never answered",
        (Expected("letter: forged, request"),),
        letter="mdo-forged",
    ),
    Moment(
        "2026-11-05 12:20",
        "sto-cart",
        "the contract's number: the five days and the place in the order count from here",
        (
            *joined(),
            Expected("details", detail="complete"),
            ANSWERED,
            Expected("reaction promised", "2.3", "from 2026-11-05 12:20, due 2026-11-12 18:00"),
            mail("accepted", "client", "2.3", ("четверг, 12 ноября 2026 г., 18:00 (МСК)", "п. 2.3")),
            queue("sto-emails", "sto-kassa", "sto-export", "sto-password", "sto-coupon", "sto-cart"),
        ),
        letter="sto-cart-contract",
        answers="sto-cart/details_requested",
    ),
    # Friday 6 November
    Moment(
        "2026-11-06 00:00",
        "mdo-statement",
        "two working days of silence are over: the request lapses",
        (
            Expected("due: lapse", "2.5"),
            Expected("closed: lapsed", "2.5", "no_answer_to_question"),
            mail("lapsed", "client", "2.5", ("четверг, 5 ноября 2026 г., 24:00 (МСК)", "п. 2.5")),
        ),
    ),
    Moment(
        "2026-11-06 09:00",
        "mdo-outage",
        "both offices are reminded in the morning of their last day",
        tuple(
            one
            for ticket in ("mdo-outage", "mdo-outage-second")
            for one in (
                Expected("due: lapse_warning", "2.5", about=ticket),
                Expected("mail to client: reminder", "2.5", about=ticket),
            )
        ),
    ),
    Moment(
        "2026-11-06 10:20",
        "sto-coupon",
        "the third request sent again: joins it, and is not counted",
        (*joined(" as duplicate"), mail("duplicate", "client", "2.6", ("п. 2.6", "повтор"))),
        letter="sto-coupon-again",
    ),
    Moment(
        "2026-11-06 10:40",
        "sto-staff",
        "the shop's fourth, a how-to question: refused, with the paid offer",
        (
            Expected("letter: a new ticket"),
            Expected("decided: refuse", "2.6", "quota_exceeded"),
            Expected("offered to the client: faq", "2.5"),
            Expected("closed: refused", "2.6", "quota_exceeded"),
            mail(
                "refused_quota",
                "client",
                "2.6",
                (
                    "4 обращени",
                    "3 обращени",
                    "п. 2.6",
                    "дополнительн",
                    "https://storeolis.ru/help/staff",
                ),
            ),
            mail("refused_by_desk", "team", "2.6", ("№ 4",)),
        ),
        letter="sto-staff",
        starts=True,
    ),
    Moment(
        "2026-11-06 11:30",
        "mdo-notify",
        "the client confirms the solution",
        (*joined(), ANSWERED),
        letter="mdo-notify-confirmed",
        answers="mdo-notify/solution",
    ),
    Moment(
        "2026-11-06 12:00",
        "mdo-notify",
        "closed",
        specialist(*closed()),
        letter="mdo-notify-close",
        answers="mdo-notify/team",
    ),
    Moment(
        "2026-11-06 14:15",
        "sto-emails",
        "38 and a quarter of its 51 working hours are gone",
        warned("2.3", "понедельник, 9 ноября 2026 г., 18:00 (МСК)"),
    ),
    Moment(
        "2026-11-06 15:00",
        "sto-emails",
        "the oldest request is worked first",
        specialist(in_time("reply"), replied("старый шаблон", "Служба технической поддержки Storeolis")),
        letter="sto-emails-answer",
        answers="sto-emails/warning",
    ),
    Moment(
        "2026-11-06 15:10",
        "sto-kassa",
        "then the next one: answered by a link and closed",
        specialist(in_time("close"), *closed("https://storeolis.ru/help/kassa")),
        letter="sto-kassa-answer",
        answers="sto-kassa/card",
    ),
    Moment(
        "2026-11-06 15:20",
        "sto-export",
        "a solution: here silence closes nothing, no clause says so",
        specialist(
            in_time("solve"),
            waits("solution", "2026-11-11 00:00", clause=""),
            mail("solution", "client", says=("предел времени на выгрузку увеличен",)),
        ),
        letter="sto-export-answer",
        answers="sto-export/card",
    ),
    Moment(
        "2026-11-06 15:30",
        "sto-password",
        "the specialist asks for proof before touching a password",
        specialist(in_time("reply"), replied("проверим, что доступ ваш")),
        letter="sto-password-answer",
        answers="sto-password/card",
    ),
    # Saturday 7 November, as Friday ends
    Moment(
        "2026-11-07 00:00",
        "mdo-outage",
        "nobody says that it is not over: closed",
        tuple(
            one
            for ticket in ("mdo-outage", "mdo-outage-second")
            for one in (
                Expected("due: lapse", "2.5", about=ticket),
                Expected("closed: lapsed", "2.5", "no_answer_to_solution", about=ticket),
                Expected("mail to client: lapsed", "2.5", about=ticket),
            )
        ),
    ),
    # Monday 9 November
    Moment(
        "2026-11-09 09:30",
        "sto-rude",
        "obscene language: refused, with a way back",
        (
            Expected("letter: a new ticket"),
            Expected("decided: refuse", "2.6", "offence"),
            Expected("closed: refused", "2.6", "offence"),
            mail("refused_offence", "client", "2.6", ("п. 2.6",)),
            mail("refused_by_desk", "team", "2.6"),
        ),
        letter="sto-rude",
        starts=True,
    ),
    Moment(
        "2026-11-09 10:00",
        "mdo-statement",
        "an answer after the lapse reopens the request, with four new hours",
        (
            *joined(),
            Expected("reopened", detail="answered_after_closing"),
            Expected("details", detail="complete"),
            Expected("reaction promised", "2.1", "from 2026-11-09 10:00, due 2026-11-09 14:00"),
            mail("reopened", "client", "2.1", ("понедельник, 9 ноября 2026 г., 14:00 (МСК)", "п. 2.1")),
        ),
        letter="mdo-statement-late",
        answers="mdo-statement/lapsed",
    ),
    Moment(
        "2026-11-09 11:00",
        "sto-photos",
        "the shop's fifth, but a fault: accepted, the quota is only a suggestion",
        (
            *accepted("2026-11-09 11:00", "2026-11-16 18:00", "2.3", ("понедельник, 16 ноября 2026 г., 18:00 (МСК)",)),
            Expected("suggested to the specialist: quota", "2.6"),
        ),
        letter="sto-photos",
        starts=True,
    ),
    Moment(
        "2026-11-09 12:00",
        "mdo-statement",
        "solved and closed",
        specialist(in_time("close"), *closed("оба заявления нашлись")),
        letter="mdo-statement-close",
        answers="mdo-statement/follow_up",
    ),
    Moment(
        "2026-11-09 15:00",
        "sto-coupon",
        "answered and closed",
        specialist(in_time("close"), *closed("условие показывается")),
        letter="sto-coupon-answer",
        answers="sto-coupon/card",
    ),
    Moment(
        "2026-11-09 15:20",
        "sto-cart",
        "answered",
        specialist(in_time("reply"), replied("исправление выйдет в среду")),
        letter="sto-cart-answer",
        answers="sto-cart/card",
    ),
    # Tuesday 10 November
    Moment(
        "2026-11-10 11:00",
        "sto-design",
        "advice on design: accepted, the exclusion is only a suggestion",
        (
            *accepted("2026-11-10 11:00", "2026-11-17 18:00", "2.3", ("вторник, 17 ноября 2026 г., 18:00 (МСК)",)),
            Expected("suggested to the specialist: scope", "2.4"),
        ),
        letter="sto-design",
        starts=True,
    ),
    Moment(
        "2026-11-10 12:30",
        "sto-design",
        "the specialist confirms it by one word: refused by the clause",
        specialist(
            in_time("refuse"),
            Expected("suggestion confirmed", detail="scope"),
            Expected("closed: refused", "2.4", "out_of_scope"),
            mail("refused", "client", "2.4", ("п. 2.4", "консультир")),
        ),
        letter="sto-design-refuse",
        answers="sto-design/card",
    ),
    Moment(
        "2026-11-10 16:00",
        "sto-photos",
        "the specialist overturns the quota by one word and takes the fault",
        specialist(in_time("accept"), Expected("suggestion overturned", detail="quota")),
        letter="sto-photos-accept",
        answers="sto-photos/card",
    ),
    # Wednesday 11 November
    Moment(
        "2026-11-11 00:00",
        "sto-export",
        "two working days of silence: the specialist is reminded, nothing closes",
        (Expected("due: lapse"), mail("silence", "team")),
    ),
    Moment(
        "2026-11-11 19:30",
        "mdo-evening",
        "after closing time: counted from the next opening (1.2)",
        accepted("2026-11-11 19:30", "2026-11-12 13:00", "2.1", ("четверг, 12 ноября 2026 г., 13:00 (МСК)",)),
        letter="mdo-evening",
        starts=True,
    ),
    # Thursday 12 November
    Moment(
        "2026-11-12 09:40",
        "mdo-evening",
        "taken by one word, no letter to the client: a reaction",
        specialist(in_time("take")),
        letter="mdo-evening-take",
        answers="mdo-evening/card",
    ),
)

ENDINGS: tuple[Ending, ...] = (
    Ending("mdo-scan", "Артём Зайцев", "closed: resolved", "2026-10-30 15:30", "kept", "2.1"),
    Ending("mdo-code", "Марина Крылова", "closed: resolved", "2026-11-02 12:00", "kept", "2.1"),
    Ending("mdo-statement", "Гусев Павел", "closed: resolved", "2026-11-09 14:00", "kept", "2.1"),
    Ending("mdo-notify", "Соколова Ирина Павловна", "closed: resolved", "2026-11-05 11:00", "breached", "2.1"),
    Ending("mdo-outage", "Николаев Степан", "closed: lapsed", "2026-11-04 03:05", "kept", "2.5"),
    Ending("mdo-outage-second", "Рита Юсупова", "closed: lapsed", "2026-11-04 03:06", "kept", "2.5"),
    Ending("mdo-alarm", "an alarm", "closed: resolved", "2026-11-04 03:06", "none promised", "2.1"),
    Ending("mdo-leak", "Глеб Рогов", "closed: resolved", "2026-11-04 03:35", "kept", "2.1"),
    Ending("mdo-evening", "Алла Фёдорова", "in_progress", "2026-11-12 13:00", "kept", "2.1"),
    Ending("sto-emails", "Анна Ложкина", "in_progress", "2026-11-09 18:00", "kept", "2.3"),
    Ending("sto-kassa", "Анна Ложкина", "closed: resolved", "2026-11-10 18:00", "kept", "2.3"),
    Ending("sto-export", "Анна Ложкина", "awaiting_requester", "2026-11-11 18:00", "kept", "2.3"),
    Ending("sto-password", "Тимур Ахметов", "in_progress", "2026-11-11 18:00", "kept", "2.3"),
    Ending("sto-coupon", "Анна Ложкина", "closed: resolved", "2026-11-12 18:00", "kept", "2.3"),
    Ending("sto-cart", "Белов Пётр", "in_progress", "2026-11-12 18:00", "kept", "2.3"),
    Ending("sto-staff", "Анна Ложкина", "closed: refused", "", "none promised", "2.6"),
    Ending("sto-rude", "Денис", "closed: refused", "", "none promised", "2.6"),
    Ending("sto-photos", "Анна Ложкина", "in_progress", "2026-11-16 18:00", "kept", "2.3"),
    Ending("sto-design", "Светлана Орехова", "closed: refused", "2026-11-17 18:00", "kept", "2.4"),
)
