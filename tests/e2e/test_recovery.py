"""A restored table takes the place of the stack's in CloudFormation, and the command line follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from composition import LOOPBACK, AwsServices
from domain.regulation.editions import editions
from local.resources import STACK
from local.stack import LocalStack
from tests.support.builders import MDO, moscow
from tests.support.client_letters import ANOTHER, COMPLETE
from tests.support.command_line import Ran, command_line
from tests.support.raw_mail import raw
from tests.support.restoring import CARRIED_OVER
from tests.support.template import table_definition

AT = moscow("2026-11-20 10:00")
RESTORED = f"{STACK}-desk-restored"


def test_a_stack_that_is_told_to_adopt_a_restored_table_uses_it_and_keeps_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The steps of docs/recovery.md that CloudFormation has a part in; the letters after the instant come back."""
    address = editions(MDO)[-1].desk.address
    with LocalStack(tmp_path, clock=AT) as stack:
        services = AwsServices(LOOPBACK, stack.now)

        def run(*args: str) -> Ran:
            return command_line(capsys, services)("--endpoint", stack.endpoint, *args)

        stack.send(raw(COMPLETE, Message_ID="<a@client.example>"), "olga@client.example", [address])
        stack.settle()
        assert run("audit").status == 0
        dynamodb = stack.aws.dynamodb
        as_it_was = dynamodb.scan(TableName=stack.outputs["Table"])["Items"]
        late = raw(ANOTHER, sender="petr@client.example", Message_ID="<b@client.example>")
        stack.send(late, "petr@client.example", [address])
        stack.settle()
        numbers = {ticket.id for ticket in stack.store.queue(MDO)}
        assert len(numbers) == 2
        sent = len(stack.outbox)

        definition = {key: value for key, value in table_definition().items() if key in CARRIED_OVER}
        dynamodb.create_table(TableName=RESTORED, **definition)
        for item in as_it_was:
            dynamodb.put_item(TableName=RESTORED, Item=item)
        end = run("adopt", RESTORED, "--restored-to", AT.isoformat(), "--json").objects[-1]
        _deploy(stack, AdoptedTable=end["AdoptedTable"], AdoptedTableStream=end["AdoptedTableStream"], Paused="true")

        outputs = _outputs(stack)
        assert outputs["Table"] == RESTORED
        assert outputs["LocalMailerFunction00"] == RESTORED
        assert end["AdoptedTableStream"] in outputs.values()
        assert stack.outputs["Table"] in dynamodb.list_tables()["TableNames"], "the stack's own table stays"
        assert [one["flaw"] for one in run("audit", "--json").objects] == ["letter without a record"]
        assert run("audit", "--replay").status == 0
        assert run("audit").status == 0
        assert {one["ticket"] for one in run("queue", "--json").objects} == numbers
        assert len(stack.outbox) == sent, "nothing was mailed by it"


def _deploy(stack: LocalStack, **parameters: str) -> None:
    cloudformation = stack.aws.cloudformation
    stack.aws.s3.put_object(Bucket="local-templates", Key="again", Body=stack.template.text().encode())
    told = {"AllowNoRecipients": "true", **parameters}
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in told.items()]
    url = f"{stack.endpoint}/local-templates/again"
    cloudformation.update_stack(
        StackName=STACK, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=given
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def _outputs(stack: LocalStack) -> dict[str, str]:
    described = stack.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
