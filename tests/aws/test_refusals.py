"""What AWS refuses: passing faults of a deployment lose no letter, and none is passed over in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from adapters.s3 import FOLDERS, LetterMissing
from domain.ports import OutboxState
from handlers import reconcile, wiring
from tests.aws.conftest import Functions
from tests.aws.test_pipeline import MDO, raw
from tests.builders import moscow
from tests.unit.domain.life import COMPLETE


def refusing(code: str, operation: str) -> Callable[..., NoReturn]:
    """Return a call of an SDK that fails with a code."""

    def call(**_: Any) -> NoReturn:
        raise ClientError({"Error": {"Code": code, "Message": code}}, operation)

    return call


@pytest.mark.parametrize("call", ["get_object", "copy_object"])
def test_letters_that_reconcile_may_not_read_or_move_are_counted_as_failures(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """So that the alarm sounds: a role that lost its access finishes nothing."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.put(raw(COMPLETE), "m1")
    functions.clock.at = moscow("2036-01-01 10:00")
    monkeypatch.setattr(wiring.mail_store()._client, call, refusing("AccessDenied", call))
    done = reconcile.handler({}, functions.context)
    assert done["ReconcileFailed"] == 1


@pytest.mark.parametrize("verb", ["read", "take_back"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_who_may_not_list_the_bucket_still_finds_a_letter_in_whichever_folder(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, folder: str, verb: str
) -> None:
    """S3 answers 403 for every folder that does not have it."""
    mail = wiring.mail_store()
    client = mail._client
    client.put_object(Bucket=functions.bucket, Key=f"{folder}m1", Body=b"letter")
    for name in ("get_object", "head_object", "copy_object"):
        monkeypatch.setattr(client, name, _as_if_unlisted(getattr(client, name)))
    assert getattr(mail, verb)("m1") == (b"letter" if verb == "read" else "incoming/m1")
    with pytest.raises(ClientError):
        getattr(mail, verb)("m2")


@pytest.mark.parametrize("verb", ["read", "take_back"])
def test_who_may_list_the_bucket_is_told_that_a_letter_is_missing(functions: Functions, verb: str) -> None:
    """In none of the folders."""
    assert functions.keys() == set()
    with pytest.raises(LetterMissing):
        getattr(wiring.mail_store(), verb)("m1")


def _as_if_unlisted(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(**asked: Any) -> Any:
        try:
            return real(**asked)
        except ClientError as error:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, error.operation_name) from error

    return call


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("NotFoundException", OutboxState.PENDING),
        ("MailFromDomainNotVerifiedException", OutboxState.PENDING),
        ("TooManyRequestsException", OutboxState.PENDING),
        ("MessageRejected", OutboxState.FAILED),
    ],
)
def test_a_letter_waits_for_a_deployment_to_be_mended_and_fails_for_good_by_its_own_fault_alone(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, code: str, state: OutboxState
) -> None:
    """A configuration set that is missing, a domain that is not verified yet."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    (number,) = functions.numbers()
    monkeypatch.setattr(wiring.mailer()._client, "send_email", refusing(code, "SendEmail"))
    first = {key.item for key, _, _ in functions.table.outbox(number)}
    functions.drain()
    assert {found for key, found, _ in functions.table.outbox(number) if key.item in first} == {state}


def test_a_letter_to_two_desks_of_which_one_failed_is_recorded_where_it_lies(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reglament letters` names a key that is there."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.put(raw(COMPLETE), "m1")
    functions.clock.at = moscow("2036-01-01 10:00")
    monkeypatch.setattr(reconcile, "addressed_desks", lambda _: (MDO, "storeolis"))  # the second never took it
    done = [reconcile.handler({}, functions.context) for _ in range(reconcile.TRIES + 1)]
    assert done[-1]["LettersQuarantined"] == 1
    (record,) = functions.table.set_aside("storeolis")
    assert functions.keys() == {record.location}
