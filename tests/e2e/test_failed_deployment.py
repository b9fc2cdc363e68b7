"""A first deployment that fails is rolled back and can be repeated; a stack that exists is protected.

In the embedded AWS, whose CloudFormation rolls back, keeps and refuses as the documents of AWS's say.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from composition import LOOPBACK
from local import template
from local.emulator import Emulator, free_port
from local.resources import STACK, TEMPLATES, Aws, settled
from scripts import deployment

Json = dict[str, Any]
RECIPIENTS = {"OperationsEmail": "operations@example.org"}
FAILS = {"Type": "AWS::SQS::Queue", "DependsOn": "Dashboard", "Properties": {"VisibilityTimeout": 99_999_999}}
"""A resource that is refused when all others exist."""


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Aws]:
    """Return an empty AWS."""
    with Emulator(free_port(), tmp_path / "state", tmp_path / "emulator.log") as emulator:
        aws = Aws(emulator.endpoint)
        aws.s3.create_bucket(
            Bucket=TEMPLATES, CreateBucketConfiguration={"LocationConstraint": LOOPBACK["AWS_DEFAULT_REGION"]}
        )
        yield aws


@pytest.fixture(scope="module")
def body() -> Json:
    """Return the template's resources, without functions and receipt rules."""
    return template.load().body


def created(aws: Aws, body: Json, **parameters: str) -> str:
    """Create the stack and return its status once that is settled."""
    aws.s3.put_object(Bucket=TEMPLATES, Key="body", Body=json.dumps(body).encode())
    aws.cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{aws.endpoint}/{TEMPLATES}/body",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in {**RECIPIENTS, **parameters}.items()
        ],
    )
    stack = settled(aws)
    assert stack is not None
    return stack["StackStatus"]


def is_protected(aws: Aws) -> bool:
    """Return whether the table refuses to be deleted; the emulator keeps the parameter's text."""
    table = aws.dynamodb.describe_table(TableName=f"{STACK}-desk")["Table"]
    return str(table["DeletionProtectionEnabled"]).lower() == "true"


def with_failure(body: Json) -> Json:
    """Return a template whose last resource is refused."""
    failing = copy.deepcopy(body)
    failing["Resources"]["Fails"] = FAILS
    return failing


def test_a_first_deployment_that_fails_leaves_nothing_and_the_next_one_succeeds(aws: Aws, body: Json) -> None:
    assert created(aws, with_failure(body)) == "ROLLBACK_COMPLETE"
    assert aws.dynamodb.list_tables()["TableNames"] == []
    assert [one["Name"] for one in aws.s3.list_buckets()["Buckets"]] == [TEMPLATES]
    assert aws.secretsmanager.list_secrets()["SecretList"] == []
    aws.cloudformation.delete_stack(StackName=STACK)
    assert created(aws, body) == "CREATE_COMPLETE"


def test_resources_that_are_retained_even_then_would_prevent_the_next_one(aws: Aws, body: Json) -> None:
    """The same with the policy that the template had: the reason for RetainExceptOnCreate."""
    before = json.loads(json.dumps(body).replace('"RetainExceptOnCreate"', '"Retain"'))
    assert created(aws, with_failure(before)) == "ROLLBACK_COMPLETE"
    assert aws.dynamodb.list_tables()["TableNames"] == [f"{STACK}-desk"]
    aws.cloudformation.delete_stack(StackName=STACK)
    assert created(aws, before) == "ROLLBACK_COMPLETE"


def test_the_table_is_protected_once_the_stack_stands_and_only_until_it_is_taken_off(
    aws: Aws, body: Json, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LOOPBACK.items():
        monkeypatch.setenv(name, value)
    answers = tmp_path / "samconfig.toml"
    answers.write_text('parameter_overrides = "LogLevel=\\"INFO\\" TableDeletionProtection=\\"false\\""\n', "utf-8")
    given = ["--stack", STACK, "--endpoint", aws.endpoint, "--answers", str(answers)]
    assert deployment.main(["guard", *given]) == 0
    assert created(aws, body) == "CREATE_COMPLETE"
    for expected in ("is on now", "is on, as before"):
        assert deployment.main(["protect", *given]) == 0
        assert expected in capsys.readouterr().out
        assert is_protected(aws)
    assert 'TableDeletionProtection=\\"true\\"' in answers.read_text("utf-8")
    assert deployment.main(["protect", "--off", *given]) == 0
    assert not is_protected(aws)
    assert 'TableDeletionProtection=\\"false\\"' in answers.read_text("utf-8")


def test_a_stack_policy_that_somebody_else_wrote_stays(aws: Aws, body: Json) -> None:
    """It may refuse more than ours does; ours is written again where an earlier version of it is there."""
    assert created(aws, body) == "CREATE_COMPLETE"
    theirs = {"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
    earlier = copy.deepcopy(deployment.POLICY)
    earlier["Statement"][1]["Resource"] = ["LogicalResourceId/Table"]
    for policy, says, kept in ((theirs, "of another's", theirs), (earlier, "is refused", deployment.POLICY)):
        aws.cloudformation.set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(policy))
        assert says in deployment.guard(aws.cloudformation, STACK)
        assert json.loads(aws.cloudformation.get_stack_policy(StackName=STACK)["StackPolicyBody"]) == kept


def test_a_stack_without_a_recipient_of_its_alarms_is_refused_before_anything_is_made(aws: Aws, body: Json) -> None:
    with pytest.raises(Exception, match="no recipient of this stack's alarms"):
        created(aws, body, OperationsEmail="")
    assert aws.dynamodb.list_tables()["TableNames"] == []
    assert created(aws, body, OperationsEmail="", AllowNoRecipients="true") == "CREATE_COMPLETE"


def test_the_records_to_publish_are_among_the_outputs_of_a_stack_that_makes_identities(aws: Aws, body: Json) -> None:
    # The emulator's identities have no tokens of DKIM; cfn-lint checks those outputs against AWS's own schema.
    outputs = {name: one for name, one in body["Outputs"].items() if "Dkim" not in name}
    assert created(aws, {**body, "Outputs": outputs}, IdentityDomain="storeolis.ru") == "CREATE_COMPLETE"
    (stack,) = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    found = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert found["FirstDomainMailFromMx"] == "mail.storeolis.ru MX 10 feedback-smtp.eu-west-1.amazonses.com"
    assert found["FirstDomainMx"] == "storeolis.ru MX 10 inbound-smtp.eu-west-1.amazonaws.com"
    assert found["FirstDomainDmarc"] == '_dmarc.storeolis.ru TXT "v=DMARC1; p=none"'
    assert not [name for name in found if name.startswith("SecondDomain")]
