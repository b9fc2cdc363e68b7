"""Records as SES, SNS and SQS really send them, and others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.ses.feedback import DeliveryEvent, DeliveryEventKind, parse_event
from adapters.ses.published import UnreadableNotification, ValidationLine
from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, SetupNotification, is_setup_object, parse_notification
from domain.letter import Verdict, Verdicts
from tests.support.repository import LETTERS

LINE = "Successfully validated SNS topic for Amazon SES event publishing."
MAIL: dict[str, Any] = {
    "timestamp": "2026-11-23T07:15:03.250Z",
    "source": "Bounce@Zavod.example",
    "messageId": "sesid0000000000000000017",
    "destination": ["somebody@else.example"],
    "headersTruncated": False,
    "headers": [{"name": "From", "value": "x"}],
}


def received(**receipt: object) -> dict[str, Any]:
    return {
        "notificationType": "Received",
        "mail": MAIL,
        "receipt": {
            "timestamp": "2026-11-23T07:15:03.250Z",
            "processingTimeMillis": 400,
            "recipients": ["Support@xn--d1achjhdicc8bh4h.xn--80asehdb"],
            "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "DISABLED"},
            "spfVerdict": {"status": "GRAY"},
            "dkimVerdict": {"status": "PROCESSING_FAILED"},
            "dmarcVerdict": {"status": "FAIL"},
            "dmarcPolicy": "reject",
            "action": {
                "type": "S3",
                "topicArn": "arn:aws:sns:eu-west-1:000000000000:mail",
                "bucketName": "letters",
                "objectKey": "incoming/sesid0000000000000000017",
                "objectKeyPrefix": "incoming/",
            },
            **receipt,
        },
    }


def in_sns(message: object) -> str:
    text = message if isinstance(message, str) else json.dumps(message)
    return json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": "t", "Message": text, "Timestamp": "x"})


def letter(body: str) -> ReceivedLetter:
    parsed = parse_notification(body)
    assert isinstance(parsed, ReceivedLetter)
    return parsed


@pytest.mark.parametrize("body", [in_sns(received()), json.dumps(received())])
def test_a_letter_is_read_from_an_sns_envelope_and_from_raw_delivery(body: str) -> None:
    found = letter(body)
    assert (found.bucket, found.key) == ("letters", "incoming/sesid0000000000000000017")
    assert found.envelope.ses_message_id == "sesid0000000000000000017"
    assert found.envelope.received_at == datetime(2026, 11, 23, 7, 15, 3, 250_000, tzinfo=UTC)


def test_recipients_are_those_of_the_envelope() -> None:
    envelope = letter(in_sns(received())).envelope
    assert envelope.recipients == ("support@xn--d1achjhdicc8bh4h.xn--80asehdb",)
    assert envelope.mail_from == "bounce@zavod.example"


def test_each_verdict_is_read() -> None:
    assert letter(in_sns(received())).envelope.verdicts == Verdicts(
        Verdict.PASS, Verdict.DISABLED, Verdict.GRAY, Verdict.PROCESSING_FAILED, Verdict.FAIL, "reject"
    )


@pytest.mark.parametrize("verdict", [{"status": "PURPLE"}, {}, None, "PASSED", {"status": None}])
def test_a_verdict_aws_may_add_later_reads_as_unknown(verdict: object) -> None:
    assert letter(in_sns(received(spamVerdict=verdict))).envelope.verdicts.spam is Verdict.UNKNOWN


@pytest.mark.parametrize("policy", ["reject", {"status": "REJECT"}])
def test_both_documented_shapes_of_the_policy_are_read(policy: object) -> None:
    assert letter(in_sns(received(dmarcPolicy=policy))).envelope.verdicts.dmarc_policy == "reject"


def test_an_empty_sender_is_the_null_path() -> None:
    notification = received()
    notification["mail"] = {**MAIL, "source": "<>"}
    assert letter(in_sns(notification)).envelope.mail_from == ""


def test_the_setup_object_is_no_letter() -> None:
    notification = received(
        action={"type": "S3", "bucketName": "b", "objectKey": "incoming/AMAZON_SES_SETUP_NOTIFICATION"}
    )
    assert isinstance(parse_notification(in_sns(notification)), SetupNotification)
    assert is_setup_object("incoming/AMAZON_SES_SETUP_NOTIFICATION")
    assert not is_setup_object("incoming/sesid")


@pytest.mark.parametrize("body", [in_sns(LINE), LINE])
def test_the_validation_line_is_acknowledged_by_both_readers(body: str) -> None:
    assert isinstance(parse_notification(body), ValidationLine)
    assert isinstance(parse_event(body), ValidationLine)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "neither"),
        ("[]", "neither"),
        ("{}", "receipt"),
        ("null", "neither"),
        (in_sns("[1]"), "neither"),
        (
            in_sns({"notificationType": "Bounce", **{k: v for k, v in received().items() if k != "notificationType"}}),
            "Bounce",
        ),
        (in_sns(received(action={"type": "SNS"})), "bucketName"),
        (in_sns({**received(), "mail": {}}), "mail.messageId"),
        (json.dumps({"Type": "SubscriptionConfirmation", "Message": "x"}), "SubscriptionConfirmation"),
        ("[" * 100_000, "neither"),
    ],
)
def test_anything_else_is_refused_with_what_was_found(body: str, said: str) -> None:
    with pytest.raises(UnreadableNotification, match=said):
        parse_notification(body)


def event(**parts: object) -> str:
    mail = {
        **MAIL,
        "destination": ["Zoya@zavod.example"],
        "tags": {"ticket": ["MDO-1"], "ses:source-ip": ["192.0.2.1"]},
    }
    return in_sns({"mail": mail, **parts})


def delivered(body: str) -> DeliveryEvent:
    parsed = parse_event(body)
    assert isinstance(parsed, DeliveryEvent)
    return parsed


RECIPIENT = {
    "emailAddress": "Net@zavod.example",
    "action": "failed",
    "status": "5.1.1",
    "diagnosticCode": "smtp; 550 no",
}


@pytest.mark.parametrize(
    ("parts", "kind", "recipients", "permanent"),
    [
        (
            {"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bouncedRecipients": [RECIPIENT]}},
            DeliveryEventKind.BOUNCE, ("net@zavod.example",), True,
        ),
        (
            {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bouncedRecipients": [RECIPIENT]}},
            DeliveryEventKind.BOUNCE, ("net@zavod.example",), False,
        ),
        (
            {"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "c@d.example"}]}},
            DeliveryEventKind.COMPLAINT, ("c@d.example",), True,
        ),
        ({"eventType": "Delivery", "delivery": {"recipients": ["E@d.example"]}}, DeliveryEventKind.DELIVERY, ("e@d.example",), False),
        (
            {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "MailboxFull", "delayedRecipients": [RECIPIENT]}},
            DeliveryEventKind.DELIVERY_DELAY, ("net@zavod.example",), False,
        ),
        ({"eventType": "Reject", "reject": {"reason": "Bad content"}}, DeliveryEventKind.REJECT, ("zoya@zavod.example",), True),
        (
            {"eventType": "Rendering Failure", "failure": {"errorMessage": "m", "templateName": "t"}},
            DeliveryEventKind.RENDERING_FAILURE, ("zoya@zavod.example",), True,
        ),
        ({"eventType": "Open", "open": {}}, DeliveryEventKind.OTHER, ("zoya@zavod.example",), False),
    ],
)  # fmt: skip
def test_each_event_says_what_became_of_whom(
    parts: dict[str, object], kind: DeliveryEventKind, recipients: tuple[str, ...], *, permanent: bool
) -> None:
    found = delivered(event(**parts))
    assert (found.kind, found.recipients, found.permanent) == (kind, recipients, permanent)


def test_an_event_carries_its_tags_and_instant() -> None:
    bounce = {"bounceType": "Permanent", "timestamp": "2026-11-23T08:00:00.000Z", "bouncedRecipients": [RECIPIENT]}
    found = delivered(event(eventType="Bounce", bounce=bounce))
    assert (found.tag("ticket"), found.tag("absent")) == ("MDO-1", None)
    assert found.at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert "5.1.1 smtp; 550 no" in found.detail


def test_an_event_of_eventbridge_is_read_from_its_detail() -> None:
    detail = {"eventType": "Reject", "mail": MAIL, "reject": {"reason": "x"}}
    assert delivered(json.dumps({"source": "aws.ses", "detail": detail})).kind is DeliveryEventKind.REJECT


def test_an_event_without_a_type_is_refused() -> None:
    with pytest.raises(UnreadableNotification, match="eventType"):
        parse_event(event())


LATER = datetime(2026, 11, 24, tzinfo=UTC)


def test_an_envelope_is_rebuilt_from_what_ses_wrote() -> None:
    raw = (LETTERS / "ses-authenticated.eml").read_bytes()
    envelope = envelope_from_raw(raw, "sesid0000000000000000017", LATER)
    assert envelope.received_at == datetime(2026, 11, 23, 7, 15, 3, tzinfo=UTC)
    assert (envelope.recipients, envelope.mail_from) == (("support@desk.example",), "bounce@mail.zavod.example")
    assert envelope.verdicts == Verdicts(Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.GRAY)


def test_a_block_that_ses_did_not_write_rebuilds_no_verdict() -> None:
    raw = (LETTERS / "planted-ses-block.eml").read_bytes()
    envelope = envelope_from_raw(raw, "sesid0000000000000000017", LATER)
    assert (envelope.verdicts, envelope.received_at) == (Verdicts(), LATER)


def test_without_a_recipient_of_ses_to_and_cc_stand_in() -> None:
    raw = b"From: a@b.example\r\nTo: Support@desk.example\r\nCc: c@d.example\r\n\r\nhi"
    assert envelope_from_raw(raw, "m", LATER).recipients == ("support@desk.example", "c@d.example")
    assert envelope_from_raw(raw, "m", LATER, ("x@desk.example",)).recipients == ("x@desk.example",)


@pytest.mark.parametrize("raw", [b"", b"\xff\x00\r\n", b"Received: \xff;\xff\r\n\r\n"])
def test_no_bytes_make_the_rebuilding_fail(raw: bytes) -> None:
    assert envelope_from_raw(raw, "m", LATER).received_at == LATER
