"""What the command line says where AWS refuses: what was asked, AWS's words, and what a person does."""

from __future__ import annotations

from dataclasses import replace

import botocore.exceptions
import pytest

from tests.support.aws_errors import Fault, Refusal, let_fail, refusing_all
from tests.support.command_line import Run, command_line
from tests.support.functions import Functions

NOT_AUTHORIZED = "User: arn:aws:iam::123456789012:user/olga is not authorized to perform: dynamodb:Query"


def raising(error: Exception) -> Fault:
    """Return the fault by which every call ends in an error of the SDK's own."""
    return lambda _service, _operation: error


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refusing_all(Refusal("dynamodb", "ExpiredTokenException")), "sign in again"),
        (raising(botocore.exceptions.UnauthorizedSSOTokenError()), "sign in again"),
        (refusing_all(Refusal("dynamodb", "UnrecognizedClientException")), "look at AWS_PROFILE"),
        (raising(botocore.exceptions.NoCredentialsError()), "set AWS_PROFILE"),
        (raising(botocore.exceptions.ProfileNotFound(profile="desk")), "list-profiles"),
        (raising(botocore.exceptions.NoRegionError()), "AWS_DEFAULT_REGION"),
        (refusing_all(Refusal("dynamodb", "AccessDeniedException", NOT_AUTHORIZED)), "AWS refuses dynamodb:GetItem"),
        (refusing_all(Refusal("dynamodb", "AccessDeniedException", NOT_AUTHORIZED)), "ask an administrator"),
        (refusing_all(Refusal("dynamodb", "ResourceNotFoundException")), "Name it with --stack"),
        (refusing_all(Refusal("dynamodb", "ThrottlingException")), "repeat the command in a minute"),
        (refusing_all(Refusal("dynamodb", "InternalServerError", status=500)), "repeat the command in a minute"),
        (refusing_all(Refusal("dynamodb", "OptInRequired")), "What an error means"),
        (refusing_all(Refusal("dynamodb", "ValidationException", "no such thing")), "(no such thing)"),
        (refusing_all(Refusal("dynamodb", "ValidationException")), "Repeating will not help"),
        (refusing_all(Refusal("dynamodb", "AnErrorOf2030")), "Repeating will not help"),
        (
            raising(botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1")),
            "does `make run` run",
        ),
    ],
)
def test_a_refusal_is_told_in_a_sentence_with_its_remedy(
    run: Run, monkeypatch: pytest.MonkeyPatch, fault: Fault, said: str
) -> None:
    """One line on standard error, and the exit status 1; a traceback helps nobody."""
    let_fail(monkeypatch, fault)
    ran = run("queue")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("reglament queue: ")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_key_that_is_disabled_is_named_for_what_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the letters in the bucket: S3 answers for KMS."""
    let_fail(
        monkeypatch, refusing_all(Refusal("s3", "KMS.DisabledException", "arn:aws:kms:eu-west-1:1:key/2 is disabled."))
    )
    ran = run("replay", "m1")
    assert ran.status == 1
    assert "AWS refuses s3:GetObject: KMS.DisabledException" in ran.err
    assert "describe-key" in ran.err


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal("cloudformation", "AccessDenied", status=403), "ask an administrator"),
        (Refusal("cloudformation", "ExpiredToken", status=403), "sign in again"),
        (
            Refusal("cloudformation", "ValidationError", "Stack with id elsewhere does not exist"),
            "no stack 'elsewhere'",
        ),
    ],
    ids=str,
)
def test_a_stack_that_may_not_be_looked_up_is_not_called_missing(
    functions: Functions,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    refusal: Refusal,
    said: str,
) -> None:
    """Nobody looks for another stack where the credentials are at fault."""
    let_fail(monkeypatch, refusing_all(refusal))
    ran = command_line(capsys, replace(functions.services, environment={}))("queue", "--stack", "elsewhere")
    assert ran.status == 1
    assert said in ran.err
    assert ("no stack" in ran.err) is (refusal.code == "ValidationError")
