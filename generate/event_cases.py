"""The cases of `events/`: one a file, with what is odd about it.

Only what a letter cannot say is written here: its envelope recipients, and the policy of a domain whose DMARC failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generate.alarm_events import composite_state, fault_report, muted
from generate.aws_events import (
    ANSWER_ADDRESS,
    EDITION,
    MDO,
    REGION,
    STOREOLIS,
    Json,
    Received,
    alarm_state,
    feedback,
    inbound_notice,
    letters,
    made_up,
    outgoing_mail,
    put_in_outbox,
    scheduled,
    setup_notification,
    stream,
)

ACCEPTED = outgoing_mail(
    "MDO-7X0S-Y8P6",
    "moi-dokumenty-online",
    EDITION,
    "o.vetrova@mfc-severny.example.org",
    kind="accepted",
    audience="client",
    to_name="Ветрова Ольга",
    subject="Код подтверждения приходит с опозданием",
    clause="2.1",
    params={"due": "вторник, 10 марта 2026 г., 15:04 (МСК)"},
    in_reply_to="20260310110418.4711@mfc-severny.example.org",
    references=["20260310110418.4711@mfc-severny.example.org"],
)
"""The acknowledgement of `inbound-mdo-request`."""
CARD = outgoing_mail(
    "STO-EVCD-8AFZ",
    "storeolis",
    EDITION,
    "team@storeolis.ru",
    kind="card",
    audience="team",
    to_name="Техническая поддержка Storeolis",
    subject="Не выгружаются заказы в 1С",
    params={
        "who": "Кравцова Марина Игоревна",
        "address": "buh@lampa-shop.example.com",
        "trust": "verified",
        "phone": "+79005550218",
        "organisation": "ООО «Лампа»",
        "position": "бухгалтер",
        "missing": [],
        "due": "среда, 18 марта 2026 г., 18:00 (МСК)",
        "critical": "",
        "findings": [],
        "text": "С 9 марта заказы из магазина не выгружаются в 1С.",
        "attachments": [],
    },
)
"""What the team hears of `inbound-storeolis-request`."""
PAGE: Json = {
    "outbox": "page",
    "kind": "page_critical",
    "desk": "moi-dokumenty-online",
    "edition": EDITION,
    "ticket": "MDO-MW10-SSNW",
    "level": "on_call",
    "clause": "2.1",
    "params": {"subject_short": "СРОЧНО! Приложение не работает по всей области"},
    "number": 1,
    "since": "2026-05-10T00:04:00Z",
    "due": "2026-05-10T00:09:00Z",
}
"""The page about `inbound-critical-at-night`."""
MARKER: Json = {
    "pk": {"S": "TICKET#MDO-7X0S-Y8P6"},
    "sk": {"S": "AGAIN#OUT#00000001#000#2026-03-10T08:07:27.000000Z"},
    "outbox": {"S": "mail"},
    "of": {"S": "OUT#00000001#000"},
    "expires_at": {"N": "1773303007"},
}


@dataclass(frozen=True, slots=True)
class Case:
    """One event file."""

    name: str
    odd: str
    """What is odd about it: its line in the README."""
    build: Callable[[], Json]
    emls: tuple[str, ...] = ()


def letter(name: str, odd: str, *recipients: str, dmarc_policy: str | None = None) -> Case:
    """A batch of one letter that has the event's name."""
    return Case(name, odd, lambda: letters(Received(name, recipients, dmarc_policy)), (name,))


GOOD = Received("inbound-mdo-request", (MDO,))
CASES: tuple[Case, ...] = (
    letter("inbound-mdo-request", "nothing is odd: all four details of clause 1.3.2, in working hours", MDO),
    letter(
        "inbound-mdo-missing-details",
        "from a telephone, text and HTML alike; a bare name is all it says of its author",
        MDO,
    ),
    letter(
        "inbound-mdo-details-completed",
        "answers the published address instead of Reply-To, so that only References lead to its ticket",
        MDO,
    ),
    letter(
        "inbound-storeolis-request",
        "the INN and the contract identify the client; the subject's words are cut in two by encoding",
        STOREOLIS,
    ),
    letter(
        "inbound-storeolis-how-to", "asks how to do it: a consultation, which clause 2.4 does not promise", STOREOLIS
    ),
    letter(
        "inbound-critical-at-night",
        "a fault of the whole service at 03:04 on a Sunday; its author's organisation and post stand where no label says so",
        MDO,
    ),
    letter(
        "inbound-auto-reply", "a vacation notice: the null path, Auto-Submitted, and our own letter in In-Reply-To", MDO
    ),
    letter(
        "inbound-bounce",
        "a delivery report (RFC 3464) with the null path; it quotes the headers of a letter of ours",
        MDO,
    ),
    Case(
        "inbound-unreadable",
        "the first letter of the batch is noise below SES's own fields; the second is whole and must become a ticket",
        lambda: letters(Received("inbound-unreadable", (MDO,)), Received("inbound-after-unreadable", (MDO,))),
        ("inbound-unreadable", "inbound-after-unreadable"),
    ),
    letter(
        "inbound-windows-1251",
        "eight-bit windows-1251 without DKIM or DMARC: SPF alone speaks for the sender",
        STOREOLIS,
    ),
    letter(
        "inbound-koi8-r",
        "raw koi8-r in From and Subject, which name no charset; SES shows them as replacement characters",
        STOREOLIS,
    ),
    letter("inbound-html-only", "HTML alone, the details in a table, a hidden line and a tracking pixel", MDO),
    letter(
        "inbound-both-desks", "one letter, one notification, two recipients: it belongs to both desks", MDO, STOREOLIS
    ),
    letter(
        "inbound-forged",
        "names a client in From, fails its domain's DMARC, and brings a forged Authentication-Results of its own",
        STOREOLIS,
        dmarc_policy="reject",
    ),
    letter(
        "inbound-specialist-reply",
        "to a reply token, made with a key `a` that is 64 times the letter k; it belongs to the ticket of inbound-storeolis-request",
        ANSWER_ADDRESS,
    ),
    letter("inbound-spam", "SES's own verdict is FAIL; To names nobody", MDO),
    letter(
        "inbound-scan-failed",
        "SES could not scan it (PROCESSING_FAILED), which makes it no spam; To is written in Cyrillic, unencoded",
        MDO,
    ),
    letter("inbound-no-from", "no From, no Date and no Message-ID", STOREOLIS),
    Case(
        "inbound-delivered-twice",
        "the letter of inbound-mdo-request twice in one batch, both on their second delivery",
        lambda: letters(GOOD, GOOD, receive_count=2),
        ("inbound-mdo-request",),
    ),
    Case(
        "inbound-setup-notification",
        "announces the object by which SES tries a new rule; it is no letter, and nobody is answered",
        lambda: inbound_notice(setup_notification(), "Amazon SES Email Receipt Notification"),
        ("inbound-setup-notification",),
    ),
    Case(
        "inbound-topic-validation",
        "the message is a line of plain text by which SES tries the topic, not JSON",
        lambda: inbound_notice(
            "Successfully validated SNS topic for Amazon SES event publishing.",
            "Successfully validated SNS topic for Amazon SES event publishing.",
        ),
    ),
    Case(
        "mailer-accepted",
        "an acknowledgement to a client, just committed",
        lambda: stream(put_in_outbox(ACCEPTED, 1, "2026-03-10T08:07:27.000000Z")),
    ),
    Case(
        "mailer-batch",
        "two letters of two desks: failing the first must not send the second twice",
        lambda: stream(
            put_in_outbox(ACCEPTED, 1, "2026-03-10T08:07:27.000000Z"),
            put_in_outbox(CARD, 1, "2026-03-11T07:05:13.000000Z"),
        ),
    ),
    Case(
        "mailer-offered-again",
        "a marker of the sweep, without a body: it points at the item left unsent",
        lambda: stream(MARKER),
    ),
    Case(
        "pager-critical",
        "a page to the on-call",
        lambda: stream(put_in_outbox(PAGE, 1, "2026-05-10T00:07:12.000000Z")),
    ),
    Case(
        "pager-escalation",
        "the same fault ten minutes later, to the escalation contact",
        lambda: stream(
            put_in_outbox({**PAGE, "kind": "page_escalate", "level": "escalation"}, 3, "2026-05-10T00:17:12.000000Z")
        ),
    ),
    Case(
        "clock",
        "a tick of the schedule; its time is the minute's, not that of the call",
        lambda: scheduled("clock", "2026-03-10T08:05:00Z"),
    ),
    Case(
        "alarm-raised",
        "reasonData is JSON inside a string; the times carry +0000 where the event's own has Z",
        lambda: alarm_state(
            "ALARM",
            "OK",
            "Threshold Crossed: 1 out of the last 1 datapoints [184.0] was greater than the threshold (50.0).",
            "2026-05-10T00:01:40Z",
            "2026-05-09T11:20:40Z",
        ),
    ),
    Case(
        "alarm-resolved",
        "the same alarm goes back to OK",
        lambda: alarm_state(
            "OK",
            "ALARM",
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0] was not greater than the threshold (50.0).",
            "2026-05-10T00:34:40Z",
            "2026-05-10T00:01:40Z",
        ),
    ),
    Case(
        "alarm-composite",
        "a composite alarm goes off: its rule names its three children, and reasonData the one that is the cause",
        lambda: composite_state("ALARM", "OK", "2026-05-10T00:02:10Z", "2026-05-09T11:20:40Z"),
    ),
    Case(
        "alarm-composite-suppressed",
        "the same while the alarm of the maintenance is on: it pages nobody",
        lambda: composite_state("ALARM", "OK", "2026-05-10T00:02:10Z", "2026-05-09T11:20:40Z", now_by="Alarm"),
    ),
    Case(
        "alarm-composite-no-longer-suppressed",
        "the maintenance is over and the alarm still on: the state is the same, its time is not, and now it pages",
        lambda: composite_state(
            "ALARM", "ALARM", "2026-05-10T02:33:05Z", "2026-05-10T02:30:05Z", before_by="ExtensionPeriod"
        ),
    ),
    Case(
        "alarm-muted",
        "an alarm mute rule holds until 03:00 UTC: it pages nobody until then",
        lambda: muted(
            alarm_state(
                "ALARM",
                "OK",
                "Threshold Crossed: 1 out of the last 1 datapoints [91.0] was greater than the threshold (50.0).",
                "2026-05-10T00:01:40Z",
                "2026-05-09T11:20:40Z",
                name="mdo-service-disk",
            ),
            "2026-05-10T00:00:00Z",
            "2026-05-10T03:00:00Z",
        ),
    ),
    Case(
        "alarm-monitor-raised",
        "Zabbix reports a fault by PutEvents; the desk is named, and what it calls the problem is in Russian",
        lambda: fault_report(
            "monitor.zabbix",
            "2026-05-10T00:03:12Z",
            {
                "desk": "moi-dokumenty-online",
                "key": "10084-21853",
                "name": "Нет ответа от app1.mdo.example по HTTPS",
                "state": "ALARM",
                "reason": "3 проверки подряд без ответа",
                "since": "2026-05-10T00:02:40Z",
            },
        ),
    ),
    Case(
        "alarm-monitor-resolved",
        "Alertmanager says that it is over; no desk is named, for the name begins with the desk's prefix",
        lambda: fault_report(
            "monitor.alertmanager",
            "2026-05-10T00:21:45Z",
            {
                "key": "8f6b24d1a0c9e377",
                "name": "mdo-service-HttpErrors",
                "state": "OK",
                "reason": None,
                "since": "2026-05-10T00:21:30.000Z",
            },
        ),
    ),
    Case(
        "feedback-bounce",
        "a permanent bounce: the address is dead",
        lambda: feedback(
            "Bounce",
            {
                "feedbackId": f"0102019cdc60aaaa-{made_up('feedback', 'bounce')}-000000",
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {
                        "emailAddress": "denis.orlov@mail.example.com",
                        "action": "failed",
                        "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                    }
                ],
                "timestamp": "2026-03-10T11:31:09.000Z",
                "reportingMTA": f"dns; a1-1.smtp-out.{REGION}.amazonses.com",
            },
            "denis.orlov@mail.example.com",
            "2026-03-10T11:31:09.318Z",
        ),
    ),
    Case(
        "feedback-bounce-transient",
        "a full mailbox: nothing is suppressed",
        lambda: feedback(
            "Bounce",
            {
                "feedbackId": f"0102019cdc60bbbb-{made_up('feedback', 'full')}-000000",
                "bounceType": "Transient",
                "bounceSubType": "MailboxFull",
                "bouncedRecipients": [
                    {"emailAddress": "denis.orlov@mail.example.com", "action": "failed", "status": "4.2.2"}
                ],
                "timestamp": "2026-03-10T23:31:09.000Z",
            },
            "denis.orlov@mail.example.com",
            "2026-03-10T23:31:09.402Z",
        ),
    ),
    Case(
        "feedback-complaint",
        "a client pressed the spam button; it comes a day late",
        lambda: feedback(
            "Complaint",
            {
                "feedbackId": f"0102019cdc60cccc-{made_up('feedback', 'complaint')}-000000",
                "complaintSubType": None,
                "complainedRecipients": [{"emailAddress": "denis.orlov@mail.example.com"}],
                "timestamp": "2026-03-11T13:02:55.000Z",
                "userAgent": "ExampleCorp Feedback Loop (V0.01)",
                "complaintFeedbackType": "abuse",
                "arrivalDate": "2026-03-11T13:02:50.000Z",
            },
            "denis.orlov@mail.example.com",
            "2026-03-11T13:02:55.771Z",
        ),
    ),
    Case(
        "feedback-delivery",
        "delivered: recorded, nothing else",
        lambda: feedback(
            "Delivery",
            {
                "timestamp": "2026-03-10T11:31:08.560Z",
                "processingTimeMillis": 1356,
                "recipients": ["denis.orlov@mail.example.com"],
                "smtpResponse": "250 2.6.0 Message received",
                "remoteMtaIp": "198.51.100.8",
                "reportingMTA": f"a1-1.smtp-out.{REGION}.amazonses.com",
            },
            "denis.orlov@mail.example.com",
            "2026-03-10T11:31:08.702Z",
        ),
    ),
    Case("reconcile", "a tick of the schedule", lambda: scheduled("reconcile", "2026-03-10T09:00:00Z")),
)
