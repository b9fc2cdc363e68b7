"""The policies of specialists and administrators against what their verbs really ask of AWS: nothing missing, nothing to spare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import click
import pytest
from cfnlint.decode import cfn_yaml

from adapters.deployment.diagnosis import ACTIONS
from adapters.dynamodb import keys
from application.drills import Drill
from application.storage import Commit, LetterRecord
from cli.access import WHOSE, Whose
from cli.main import root
from cli.redrive import RULES, queue_of
from composition import OUTPUTS, AwsServices
from domain.ticket.ticket import Ticket
from handlers import alarm as handlers_alarm
from handlers import reconcile
from tests.support.alarms import change_of_state
from tests.support.builders import MDO, MDO_ADDRESS, moscow
from tests.support.client_letters import COMPLETE
from tests.support.command_line import command_line
from tests.support.functions import Functions, state
from tests.support.people import people_of
from tests.support.policies import Call, Grant, calls_of, grants, key_uses, queue_names
from tests.support.raw_mail import raw
from tests.support.repository import ROOT
from tests.support.sdk import client, refusing
from tests.support.template import TEMPLATE, listed

Json = dict[str, Any]
STACK = "reglament"
OPERATIONS = "arn:aws:sns:eu-west-1:123456789012:operations"
TEN = moscow("2026-11-20 10:00")
POLICIES = {
    Whose.SPECIALIST: {"specialists": "SpecialistsPolicy"},
    Whose.ADMINISTRATOR: {"administrators": "AdministratorsPolicy", "inspection": "InspectionPolicy"},
}
"""By whose they are, and by what their names say between the stack and the region."""
NEVER_CALLED = {
    "s3:ListBucket": "S3 looks at it by itself: without it a letter that is missing looks like a forbidden one"
}
SIZE_LIMIT = 6144
"""Characters of a managed policy without its white space (IAM user guide, "IAM and AWS STS quotas")."""


@pytest.fixture(scope="module")
def resources() -> Json:
    """The template's resources."""
    found: Json = cfn_yaml.load(str(TEMPLATE))["Resources"]
    return found


# Every verb, in all its ways of asking AWS ----------------------------------------------------------------


class Everyday:
    """The verbs of the command line, one after another on one stack; notes what each asks of AWS."""

    def __init__(self, functions: Functions, capsys: pytest.CaptureFixture[str], folder: Path, names: Json) -> None:
        self._functions, self._capsys, self._folder, self._names = functions, capsys, folder, names
        self.asked: dict[str, set[Call]] = {}
        self.put_down: set[str] = set()
        """The verbs that ask who calls."""
        self._running: str | None = None

    def note(self, params: Json, model: Any, **_: object) -> None:
        """Note what a verb asks for, before it is asked."""
        if self._running is not None:
            service = model.service_model.service_name
            if service == "sts":
                self.put_down.add(self._running)
            self.asked[self._running].update(calls_of(service, model.name, params, self._names))

    def describe(self, **_: object) -> Any:
        """Answer in CloudFormation's place with the outputs of the stack: moto's needs more than is installed."""
        setting = self._functions.services.setting
        values = {name: setting(variable) for name, variable in OUTPUTS.items()}
        values |= {"PagesTopic": setting("PAGES_TOPIC"), "OperationsTopic": OPERATIONS, "ReceiptRuleSet": STACK}
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in values.items()]
        return SimpleNamespace(status_code=200), {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}

    def run(self, verb: str, *arguments: str, status: int | None = 0) -> None:
        """Run a verb as a process of its own would: with the stack's name and nothing else known."""
        self._running = verb
        self.asked.setdefault(verb, set())
        environment = {
            name: value for name, value in self._functions.services.environment.items() if name not in OUTPUTS.values()
        }
        services = AwsServices(environment, self._functions.clock)
        ran = command_line(self._capsys, services)(*_verb_of(verb).split(), *arguments)
        self._running = None
        assert status is None or ran.status == status, (verb, ran.err)

    def live(self) -> None:
        """Let a desk have a few days in which every verb has its work."""
        self._look()
        self._act()
        self._have_faults()
        self._keep_the_registry()
        self._change_people()
        self._settle_letters()
        self._send_again()
        self._operate()

    def _opened(self, name: str) -> str:
        """Let a letter of a new sender arrive, and return the number of its ticket."""
        before = self._functions.numbers()
        letter = raw(COMPLETE, sender=f"{name}@client.example", Message_ID=f"<{name}@client.example>")
        self._functions.receive((letter, name), at=TEN)
        (number,) = self._functions.numbers() - before
        return number

    def _look(self) -> None:
        functions = self._functions
        functions.receive((_with_a_file(), "m0"), at=TEN)
        (number,) = functions.numbers()
        functions.drain()
        self.run("queue")
        for verb in ("show", "history", "clock", "attachment"):
            self.run(verb, number)
        self.run("attachment", number, "1.1", "-o", str(self._folder / "акт.pdf"))
        client("s3").delete_object(Bucket=functions.bucket, Key="letters/m0")
        self.run("attachment", number)  # of a letter that was erased
        for verb in ("deadline", "explain", "regulation addresses", "regulation check", "regulation show"):
            # They are told from the others by asking nothing: see the tests of unit/cli.
            self.asked.setdefault(verb, set())

    def _act(self) -> None:
        number = self._opened("m1")
        self.run("take", number)
        self.run("note", number, "Ждём хостинг.")
        self.run("priority", number, "high")
        self.run("reply", number, "Смотрим.")
        self.run("ask", number, "Какая версия?")
        self.run("solve", number, "Обновите приложение.")
        self.run("close", number, "Готово.")
        self.run("reopen", number)
        self.run("critical", number, "Все без связи")
        self.run("ack", number)
        self.run("critical", number, "--withdraw")
        self.run("accept", number)
        self.run("refuse", number, "Мы не обучаем.", "--clause", "3.1")

    def _have_faults(self) -> None:
        """Two faults: tickets join and leave, one is acknowledged by a ticket, each ends in its way."""
        first, second = (self._opened(name) for name in ("f1", "f2"))
        self.run("critical", first, "Все без связи")
        critical = state(self._functions, first).critical
        assert critical is not None
        for verb in ("list", "show", "history"):
            self.run(f"fault {verb}", *([] if verb == "list" else [critical.fault]))
        self.run("fault join", second, critical.fault)
        self.run("fault detach", second)
        self.run("ack", first, second, critical.fault)
        self.run("fault resolve", critical.fault)
        self.run("fault false-alarm", second)

    def _keep_the_registry(self) -> None:
        file = self._folder / "clients.csv"
        file.write_text("id,addresses,organisation\nK-2,buh@lampa.example,МФЦ Лесного\n", "utf-8")
        self.run("client add", "K-1", "--desk", MDO, "--address", "a@one.example", "--organisation", "МФЦ Северный")
        self.run("client add", "K-1", "--desk", MDO, "--address", "b@one.example", "--organisation", "МФЦ Южный")
        self.run("client import --check", str(file), "--desk", MDO, "--check")
        self.run("client import", str(file), "--desk", MDO)
        self.run("client list")
        self.run("client export", str(self._folder / "out.csv"))
        self.run("client show", "K-1")
        self.run("client show", "--address", "olga@client.example")
        self.run("client remove", "K-1", "--desk", MDO)

    def _change_people(self) -> None:
        """From an empty list on, so that letters that waited for the team are offered."""
        self.run("people list")
        self.run("people add", "Анна", "--desk", MDO, "--address", "anna@company.example", "--role", "specialist")
        self.run("people team", "team@company.example", "--desk", MDO)
        self.run("people remove", "Анна", "--desk", MDO)
        file = self._folder / "people.toml"
        self.run("people export", str(file), "--desk", MDO)
        file.write_text(file.read_text("utf-8").replace("+79000000001", "+79000000009"), "utf-8")
        self.run("people import --check", str(file), "--desk", MDO, "--check")
        self.run("people import", str(file), "--desk", MDO)
        self.run("people history", "--desk", MDO)
        self.run("oncall show")
        self.run("oncall check", status=None)
        rota = self._folder / "rota.toml"
        rota.write_text("rotations = []\n", "utf-8")
        self.run("oncall set --check", str(rota), "--desk", MDO, "--check", "--replace")
        self.run("oncall set", str(rota), "--desk", MDO, "--replace")
        person = people_of(MDO).persons[0].name
        self.run("oncall override", "--desk", MDO, "--person", person, "--until", "2026-12-01T10:00")

    def _settle_letters(self) -> None:
        functions = self._functions
        for name in ("q1", "q2"):
            self._set_aside(name)
        self.run("letters")
        self.run("letters --done", "--done", "q1")
        self.run("replay", "q2")
        functions.receive((raw("Тарифы.", Message_ID="<l1@client.example>", List_Id="<news.a.example>"), "l1"), at=TEN)
        self.run("replay --as-request", "l1", "--as-request")
        # One that joins a ticket, from a client whom the registry knows, who was not written to any more.
        answer = raw(
            "И ещё одно.", Message_ID="<l2@client.example>", In_Reply_To="<m1@client.example>", List_Id="<n.a.example>"
        )
        functions.receive((answer, "l2"), at=TEN)
        functions.table.suppress(MDO, "olga@client.example", at=TEN - timedelta(days=1), reason="Bounce")
        self.run("replay --as-request", "l2", "--as-request")
        functions.table.suppress(MDO, "petr@client.example", at=TEN, reason="Bounce")
        self.run("suppressed")
        self.run("suppressed --lift", "--lift", "petr@client.example")
        functions.table.lift(MDO, "olga@client.example", at=TEN)

    def _set_aside(self, name: str) -> None:
        functions = self._functions
        functions.put(raw(COMPLETE), name)
        functions.services.mail_store.settle(name, f"quarantine/{name}")
        record = LetterRecord(
            desk=MDO,
            ses_message_id=name,
            received_at=TEN,
            kind="quarantined",
            outcome="quarantined",
            location=f"quarantine/{name}",
            needs_attention=True,
        )
        functions.services.store.commit(Commit(at=TEN, letter=record))

    def _send_again(self) -> None:
        functions = self._functions
        numbers = [self._opened(name) for name in ("g1", "g2", "g3")]
        with pytest.MonkeyPatch.context() as patch:
            refused = refusing("MessageRejected", "SendEmail", "Address blacklisted.")
            patch.setattr(functions.services.mailer._client, "send_email", refused)
            functions.drain()
        self.run("resend")
        self.run("resend TICKET", numbers[1])
        self.run("resend --left", numbers[0], "--left")
        self.run("resend --all", "--all")

    def _operate(self) -> None:
        functions = self._functions
        number = self._opened("r1")
        _put_earlier(state(functions, number))
        self.run("rearm")
        functions.put(raw(COMPLETE, Message_ID="<b1@client.example>"), "b1")
        functions.put(raw(COMPLETE, Message_ID="<b2@client.example>"), "b2")
        functions.put(raw(COMPLETE, Message_ID="<m1@client.example>"), "m1")  # handled, and not moved
        functions.table.count_try("b2", reconcile.TRIES + 1, at=TEN)
        functions.clock.at += timedelta(hours=5)
        self.run("reconcile")
        queues = {
            name: boto3.client("sqs").get_queue_url(QueueName=f"{STACK}-{queue_of(name)}")["QueueUrl"] for name in RULES
        }
        alarm = queues.pop("alarm")
        for url in queues.values():
            boto3.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
        for event in _alarms():
            boto3.client("sqs").send_message(QueueUrl=alarm, MessageBody=json.dumps(event))
        self.run("redrive --dry-run", "--dry-run")
        self.run("redrive")
        self.run("activate", "--yes")
        self.run("subscriptions list")
        for topic in ("pages", "operations"):
            self.run("subscriptions confirm", "0123456789abcdef", "--topic", topic, status=None)
        functions.put(raw(COMPLETE, Message_ID="<a1@client.example>"), "a1")
        functions.services.mail_store.settle("a1", "letters/a1")
        functions.clock.at += timedelta(days=1)
        self.run("audit", status=None)
        self.run("audit --replay", "--replay", status=None)
        functions.put(raw(COMPLETE, sender="a2@client.example", Message_ID="<a2@client.example>"), "a2")
        functions.services.mail_store.settle("a2", "letters/a2")
        self.run("replay --unanswered", "a2", "--unanswered")
        self._drill()
        self.run("journal")

    def _drill(self) -> None:
        """Let an exercise come to a fault, which EventBridge of moto does not; its time is passed over."""
        functions = self._functions

        def pass_by(_seconds: float) -> None:
            functions.clock.at += timedelta(seconds=20)
            if functions.clock.at - began > timedelta(seconds=20):
                return
            drill = Drill(MDO, f"drill-{began:%Y%m%dT%H%M%S}", began)
            detail, kind = drill.said("ALARM", began), "Reglament Fault Report to reglament"
            event = {"source": "monitor.drill", "detail-type": kind, "time": began.isoformat(), "detail": detail}
            verb, self._running = self._running, None  # what the functions ask is not the verb's
            handlers_alarm.settle(event, functions.services)
            functions.drain()
            self._running = verb

        began = functions.clock.at
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("cli.oncall_drill.time.sleep", pass_by)
            self.run("oncall drill", "--desk", "MDO", "--minutes", "2", status=1)  # nobody answers


def _with_a_file() -> bytes:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Message-ID"] = "olga@client.example", MDO_ADDRESS, "<m0@client.example>"
    letter["Subject"] = "Не приходит код"
    letter.set_content(COMPLETE)
    letter.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="акт.pdf")
    return letter.as_bytes()


def _put_earlier(ticket: Ticket) -> None:
    """Store a ticket as if an older calendar had made its clock."""
    assert ticket.reaction is not None
    wrong = ticket.model_copy(
        update={"reaction": ticket.reaction.model_copy(update={"due": moscow("2026-11-20 18:00")})}
    )
    boto3.client("dynamodb").update_item(
        TableName="desk",
        Key={"pk": {"S": f"TICKET#{ticket.id}"}, "sk": {"S": "TICKET"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": wrong.model_dump_json()}},
    )


def _alarms() -> Iterator[Json]:
    """An alarm goes off, is over, goes off again and again; another one's fault was stored by its name alone."""
    for minute, value in ((1, "ALARM"), (2, "OK"), (3, "ALARM"), (4, "ALARM")):
        yield change_of_state(value, f"2026-11-20T06:0{minute}:00.000+0000")
    known = change_of_state("ALARM", "2026-11-20T06:05:00.000+0000", "mdo-service-known-by-name")
    yield {"detail": known["detail"]}
    yield change_of_state("ALARM", "2026-11-20T06:06:00.000+0000", "mdo-service-known-by-name")


_RECORDED: dict[str, set[Call]] = {}
_PUT_DOWN: set[str] = set()


@pytest.fixture
def asked(
    functions: Functions, capsys: pytest.CaptureFixture[str], tmp_path: Path, resources: Json
) -> dict[str, set[Call]]:
    """What each verb asks of AWS; recorded once for all tests."""
    if not _RECORDED:
        names: dict[str, str] = {
            "desk": "${Table.Arn}",
            "mail": "${MailBucket.Arn}",
            "inbound": "${InboundQueue.Arn}",
            functions.services.setting("REPLY_KEYS"): "${ReplyKeys}",
            functions.services.setting("PAGES_TOPIC"): "${PagesTopic}",
            OPERATIONS: "${OperationsTopic}",
            STACK: "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}/id",
            **queue_names(resources, STACK),
        }
        _deploy()
        everyday = Everyday(functions, capsys, tmp_path, names)
        assert boto3.DEFAULT_SESSION is not None
        events = boto3.DEFAULT_SESSION.events
        noted, described = "provide-client-params.*.*", "before-call.cloudformation.DescribeStacks"
        events.register(noted, everyday.note)
        events.register(described, everyday.describe)
        try:
            everyday.live()
        finally:
            events.unregister(noted, everyday.note)
            events.unregister(described, everyday.describe)
        _RECORDED.update(everyday.asked)
        _PUT_DOWN.update(everyday.put_down)
    return _RECORDED


def _deploy() -> None:
    """Make what the verbs look for by name: the queues, and the receipt rule set."""
    for name in ("inbound", "feedback", *map(queue_of, RULES)):
        client("sqs").create_queue(QueueName=f"{STACK}-{name}")
    client("ses").create_receipt_rule_set(RuleSetName=STACK)
    client("sns").create_topic(Name="operations")
    client("sns").subscribe(TopicArn=OPERATIONS, Protocol="email", Endpoint="ops@company.example")


# The tests ------------------------------------------------------------------------------------------------


def _verbs(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    for name, verb in group.commands.items():
        if isinstance(verb, click.Group):
            yield from _verbs(verb, *path, name)
        else:
            yield " ".join((*path, name)), verb


def test_every_verb_is_somebodys_and_every_act_of_the_table_is_a_verbs() -> None:
    verbs = dict(_verbs(root))
    assert set(verbs) == {_verb_of(act) for act in WHOSE}
    for act in WHOSE:
        verb = verbs[_verb_of(act)]
        options = {name for one in verb.params for name in one.opts}
        assert {word for word in act.split() if word.startswith("--")} <= options, act


def _verb_of(act: str) -> str:
    return " ".join(word for word in act.split() if word.islower() and not word.startswith("--"))


def test_every_act_of_the_table_was_tried_and_only_what_is_everybodys_asks_nothing(asked: dict[str, set[Call]]) -> None:
    tried_elsewhere = {"doctor", *(act for act, whose in WHOSE.items() if whose is Whose.DEPLOYER)}
    assert set(asked) == set(WHOSE) - tried_elsewhere
    assert {act for act, calls in asked.items() if not calls} == {
        a for a, who in WHOSE.items() if who is Whose.EVERYBODY
    }


WRITES = {"PutItem", "UpdateItem", "DeleteItem", "PutObject", "DeleteObject", "SendMessage", "DeleteMessage"}


def test_every_verb_that_changes_anything_is_put_down_to_whoever_runs_it(asked: dict[str, set[Call]]) -> None:
    """On the ticket's history or in the journal. `activate` changes SES alone: CloudTrail has it by itself."""
    changing = {act for act, calls in asked.items() if any(call.action.partition(":")[2] in WRITES for call in calls)}
    assert changing
    assert changing == _PUT_DOWN


def _granted(resources: Json, whose: Whose, effect: str = "Allow") -> set[Grant]:
    return {grant for document in _documents(resources, whose) for grant in grants(document, effect)}


def _documents(resources: Json, whose: Whose) -> list[Json]:
    return [resources[policy]["Properties"]["PolicyDocument"] for policy in POLICIES[whose].values()]


def _asked_by(whose: Whose, asked: dict[str, set[Call]]) -> set[Call]:
    theirs = {Whose.SPECIALIST} if whose is Whose.SPECIALIST else {Whose.SPECIALIST, Whose.ADMINISTRATOR}
    return {call for act, calls in asked.items() if WHOSE[act] in theirs for call in calls}


@pytest.mark.parametrize("whose", POLICIES)
def test_a_policy_allows_every_call_that_its_peoples_verbs_make(
    asked: dict[str, set[Call]], resources: Json, whose: Whose
) -> None:
    granted = _granted(resources, whose)
    missing = {call for call in _asked_by(whose, asked) if not any(grant.allows(call) for grant in granted)}
    assert not missing


@pytest.mark.parametrize("whose", POLICIES)
def test_a_policy_allows_nothing_that_its_peoples_verbs_never_ask_for(
    asked: dict[str, set[Call]], resources: Json, whose: Whose
) -> None:
    calls = _asked_by(whose, asked)
    elsewhere = {*NEVER_CALLED, *(ACTIONS if whose is Whose.ADMINISTRATOR else ())}
    granted = {grant for grant in _granted(resources, whose) if grant.action not in elsewhere}
    assert not {grant for grant in granted if not any(grant.allows(call) for call in calls)}


@pytest.mark.parametrize("whose", POLICIES)
def test_the_key_is_used_by_the_services_alone_that_the_verbs_ask(
    asked: dict[str, set[Call]], resources: Json, whose: Whose
) -> None:
    """S3 and SQS ask for the key in the caller's name (their developer guides, "Key management", "Permissions")."""
    needs = {
        "s3:GetObject": {"kms:Decrypt"},
        "s3:PutObject": {"kms:GenerateDataKey"},
        "sqs:ReceiveMessage": {"kms:Decrypt"},
        "sqs:SendMessage": {"kms:Decrypt", "kms:GenerateDataKey"},
    }
    calls = _asked_by(whose, asked)
    used = {(use, call.action.partition(":")[0]) for call in calls for use in needs.get(call.action, ())}
    of_the_table = {use for use in key_uses(_policy_of(resources, "InboundRole")) if use[1] == "dynamodb"}
    assert of_the_table
    assert {use for document in _documents(resources, whose) for use in key_uses(document)} == used | of_the_table


def _policy_of(resources: Json, role: str) -> Json:
    """The policy of a function's role, which says what the table's key is used for."""
    (policy,) = resources[role]["Properties"]["Policies"]
    document: Json = policy["PolicyDocument"]
    return document


def test_an_administrator_may_look_at_all_that_the_doctor_looks_at(resources: Json) -> None:
    """Which calls the doctor makes its own tests record; resources that cannot be named are those of the account."""
    documents = _documents(resources, Whose.ADMINISTRATOR)
    allowed = (one for document in documents for one in document["Statement"] if one["Effect"] == "Allow")
    assert set(ACTIONS) <= {action for one in allowed for action in listed(one["Action"])}


def test_specialists_write_tickets_faults_and_letters_alone_and_delete_nothing(resources: Json) -> None:
    granted = _granted(resources, Whose.SPECIALIST)
    denied = _granted(resources, Whose.SPECIALIST, "Deny")
    for forbidden in (
        Call("dynamodb:PutItem", "${Table.Arn}", "DESK#storeolis#CLIENT#K-1", in_transaction=True),
        Call("dynamodb:PutItem", "${Table.Arn}", f"DESK#{MDO}", in_transaction=True),  # people and rota
        Call("dynamodb:PutItem", "${Table.Arn}", keys.alarm("mdo-api-5xx")["pk"]["S"], in_transaction=True),
        Call("dynamodb:PutItem", "${Table.Arn}", "TICKET#MDO-7K3F-9QXZ"),
        Call("dynamodb:UpdateItem", "${Table.Arn}", "TICKET#MDO-7K3F-9QXZ", in_transaction=True),
        Call("secretsmanager:GetSecretValue", "${ReplyKeys}"),
        Call("sns:Publish", "${PagesTopic}"),
        Call("ses:SendRawEmail", "*"),
    ):
        assert not any(grant.allows(forbidden) for grant in granted), forbidden
    for partition in ("TICKET#MDO-7K3F-9QXZ", "FAULT#MDO-F-7K3F9", f"FAULTS#{MDO}"):
        wanted = Call("dynamodb:PutItem", "${Table.Arn}", partition, in_transaction=True)
        assert any(grant.allows(wanted) for grant in granted), wanted
    for refused in (
        Call("dynamodb:DeleteItem", "${Table.Arn}", "TICKET#MDO-7K3F-9QXZ", in_transaction=True),
        Call("s3:DeleteObject", "${MailBucket.Arn}/letters/m1"),
        Call("s3:DeleteObjectVersion", "${MailBucket.Arn}/letters/m1"),
    ):
        assert any(grant.allows(refused) for grant in denied), refused


@pytest.mark.parametrize(
    "partition", ["TICKET#MDO-7K3F-9QXZ", "FAULT#MDO-F-7K3F9", f"FAULTS#{MDO}", f"DESK#{MDO}", "JOURNAL#2026-11"]
)
def test_nobody_deletes_a_ticket_a_fault_the_people_their_history_or_the_journal(
    resources: Json, partition: str
) -> None:
    deleted = Call("dynamodb:DeleteItem", "${Table.Arn}", partition, in_transaction=True)
    for whose in POLICIES:
        assert not any(grant.allows(deleted) for grant in _granted(resources, whose))


def test_an_alarms_function_deletes_the_states_of_alarms_and_nothing_of_a_fault(resources: Json) -> None:
    """One that was stored by its name alone moves; a fault's number is shorter than the key of a state."""
    granted = set(grants(_policy_of(resources, "AlarmRole")))
    allowed = {
        partition
        for partition in (keys.alarm("mdo-api-5xx")["pk"]["S"], "FAULT#MDO-F-7K3F9", "FAULT#ABCDEF-F-7K3F9")
        if any(grant.allows(Call("dynamodb:DeleteItem", "${Table.Arn}", partition, True)) for grant in granted)
    }
    assert allowed == {keys.alarm("mdo-api-5xx")["pk"]["S"]}


@pytest.mark.parametrize("whose", POLICIES)
def test_a_condition_on_all_keys_of_a_request_asks_for_one_at_least(resources: Json, whose: Whose) -> None:
    """ForAllValues is true of a request without the key (IAM user guide, "Set operators for multivalued context keys")."""
    conditions = [
        statement["Condition"]
        for document in _documents(resources, whose)
        for statement in document["Statement"]
        if "ForAllValues:StringLike" in statement.get("Condition", {})
    ]
    assert conditions
    assert {json.dumps(condition.get("Null")) for condition in conditions} == {'{"dynamodb:LeadingKeys": "false"}'}


@pytest.mark.parametrize("whose", POLICIES)
def test_a_policy_has_a_name_to_find_it_by_and_room_to_grow(resources: Json, whose: Whose) -> None:
    """IAM Identity Center attaches a policy by its name, which is one for all regions of an account."""
    for name, policy in POLICIES[whose].items():
        properties = resources[policy]["Properties"]
        assert properties["ManagedPolicyName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}-${{AWS::Region}}"}
        assert len(json.dumps(_resolved(properties["PolicyDocument"]), separators=(",", ":"))) < SIZE_LIMIT


def _resolved(value: Any) -> Any:
    """A policy document with an ARN of 120 characters in place of each function."""
    if isinstance(value, list):
        return [_resolved(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() & {"Ref", "Fn::GetAtt", "Fn::If", "Fn::Sub"}:
        return "x" * 120
    return {key: _resolved(one) for key, one in value.items()}


def test_the_deployment_agrees_to_policies_with_names() -> None:
    """CloudFormation refuses them otherwise (CloudFormation API reference, CreateStack, Capabilities)."""
    assert "--capabilities CAPABILITY_NAMED_IAM" in (ROOT / "Makefile").read_text("utf-8")


def test_the_page_on_access_has_the_same_table() -> None:
    page = (ROOT / "docs" / "access.md").read_text("utf-8")
    assert (
        dict(re.findall(r"^\| `([^`]+)` \| (everybody|specialist|administrator|deployer) \|", page, re.MULTILINE))
        == WHOSE
    )


def test_the_page_on_access_says_which_acts_are_in_the_journal(asked: dict[str, set[Call]]) -> None:
    page = (ROOT / "docs" / "access.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([^`]+)` \| [a-z]+ \| (?:history and )?journal \|$", page, re.MULTILINE))
    told -= {act for act, whose in WHOSE.items() if whose is Whose.DEPLOYER}  # whose verbs other tests run
    assert told == {
        act
        for act, calls in asked.items()
        if any(call.partition.startswith("JOURNAL#") for call in calls if call.action == "dynamodb:PutItem")
    }
