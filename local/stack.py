"""The whole desk as one object: for `make run`, the demonstration and the end-to-end tests.

    with LocalStack(folder, clock=datetime(2026, 3, 10, 9, 0, tzinfo=MOSCOW)) as stack:
        stack.send(raw, "client@example.org", ["support@storeolis.ru"])
        stack.settle()
        stack.advance_to(datetime(2026, 3, 24, 9, 0, tzinfo=MOSCOW))
        for sent in stack.outbox:
            print(sent.at, sent.to, sent.subject)

Without `clock` it runs on the real one and the schedules of template.yaml fire by themselves.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import smtplib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from adapters.dynamodb import DynamoTable
from adapters.people_files import enter_seeds
from composition import LOOPBACK
from domain.caller import local_caller
from local import template as template_yaml
from local.aws_contract import hook
from local.aws_contract.errors import documented
from local.aws_contract.sesv2 import Refusal
from local.emulator import Emulator, NotStarted, free_port, require_free
from local.listeners import AlarmsPoller, MonitorsPoller, PagesPoller
from local.metrics import Metrics
from local.outbox import Outbox, Sent
from local.patterns import matches
from local.poller import Poller, queue_url
from local.queues import QueuePoller, QueueSource
from local.resources import STACK, Aws, Deployment, deploy
from local.runner import ACCOUNT, FunctionFailed, Runner, Worker, environment_for
from local.ses_door import SesDoor
from local.smtp_door import Received, SmtpDoor
from local.sns_door import SnsDoor
from local.streams import StreamPoller, StreamSource
from local.template import Function, LocalTemplate, Source

MINUTE = timedelta(minutes=1)
FINISH_SECONDS = 0.7
PERIODS = {"minute": MINUTE, "hour": timedelta(hours=1), "day": timedelta(days=1)}
LONG_PAUSE = timedelta(minutes=15)
"""Between two sweeps of a driven clock while a function of a stream is halted."""
PROGRESS = ("TimersFired", "OffersRepeated", "PronouncementsHeld")
"""Counts of a sweep that moved on something which was due; what is held comes due again by itself."""
SWEEPS_WITHOUT_PROGRESS = 10
"""So many minutes in a row may a sweep leave something due before that is an error: a driven clock would creep."""


LONGEST_SETTLING = 20
"""Times the time-out of `settle`: work that goes on and on is an error too."""


class NotSettled(RuntimeError):
    """The stack is still at work, or a part of it fails again and again; the message says which."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the stack listens, on loopback; 0 takes any free port."""

    aws: int = 0
    smtp: int = 0


@dataclass
class _Schedule:
    """One `rate(...)` schedule of the template."""

    function: str
    rule: str
    period: timedelta
    next_at: float = 0.0
    """On the monotonic clock."""


@dataclass
class _Parts:
    """What is running, so that whatever was started is stopped again."""

    lock: IO[bytes] | None = None
    emulator: Emulator | None = None
    runner: Runner | None = None
    pollers: list[Poller] = field(default_factory=list)
    smtp: SmtpDoor | None = None
    ses: SesDoor | None = None
    sns: SnsDoor | None = None


class LocalStack:
    """Everything, started and stopped together. A context manager; `start` and `stop` do the same.

    `folder` keeps the state, the outbox and the logs, and is found again by the next start. With `clock`, an
    aware instant, time stands still until `advance_to`. `on_sent` is told of each letter and page as it leaves,
    `on_received` of each letter that came in, `tell` of what goes wrong, all from threads of the stack.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports = Ports(),
        clock: datetime | None = None,
        *,
        on_sent: Callable[[Sent], None] | None = None,
        on_received: Callable[[Received], None] | None = None,
        tell: Callable[[str], None] | None = None,
        remember_events: bool = True,
    ) -> None:
        self.folder = folder
        self._ports = ports
        self._clock = clock.astimezone(UTC) if clock is not None else None
        self._driven = clock is not None
        self._on_sent = on_sent or (lambda _: None)
        self._on_received = on_received or (lambda _: None)
        self._tell = tell or (lambda _: None)
        self._remember = remember_events
        self._parts = _Parts()
        self._ticking = threading.Event()
        self._ticker: threading.Thread | None = None
        self.smtp_port = 0
        self._metrics: Metrics | None = None
        """The clock's, by which one sees that it runs; none under a driven clock, whose minutes are passed over."""

    # Starting and stopping

    def __enter__(self) -> Self:
        """Start everything; raises NotStarted."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything, state saved."""
        self.stop()

    def start(self) -> None:
        """Start the embedded AWS, its resources, the functions, the pollers and both doors."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        hook.install()
        logs = self.folder / "logs"
        self._parts.lock = _lock(self.folder)
        if self._ports.smtp:
            require_free(self._ports.smtp, "the SMTP door", "--smtp-port")
        emulator = Emulator(self._ports.aws or free_port(), self.folder / "state", logs / "emulator.log")
        emulator.__enter__()
        self._parts.emulator = emulator
        if self._clock is not None:
            emulator.set_clock(self._clock)
        self.endpoint = emulator.endpoint
        self.aws = Aws(emulator.endpoint)
        self.template: LocalTemplate = template_yaml.load()
        self.deployment: Deployment = deploy(self.aws, self.template)
        self.outputs = self.deployment.outputs
        self.store = DynamoTable(self.aws.dynamodb, self.outputs["Table"], int(self.outputs["DueShards"]))
        enter_seeds(self.store, at=self.now(), caller=local_caller("make run"))
        self._outbox = Outbox(self.folder / "outbox", self._on_sent)
        ses = self._parts.ses = SesDoor(self.aws, self.deployment, self._outbox, self.now)
        ses.start()
        sns = self._parts.sns = SnsDoor(
            emulator.endpoint, lambda to, text: self._outbox.text_message(to, text, self.now())
        )
        sns.start()
        runner = self._parts.runner = Runner(
            {function.name: self._worker(function, ses, sns, logs) for function in self.template.functions},
            lambda: self._clock,
            self._tell,
            self._wake,
            remember=self._remember,
        )
        # What a letter passes through is started at once: nobody who tries it out waits for a cold start.
        runner.warm(("inbound", "mailer", "pager", "clock"))
        # The streams are opened before the first letter can come in.
        self._parts.pollers = [
            *self._pollers(runner),
            PagesPoller(self.aws, self.deployment.pages_queue, self._paged),
            AlarmsPoller(self.aws, self.alarm),
            MonitorsPoller(self.aws, self.deployment.monitors_queue, self.deliver),
        ]
        for poller in self._parts.pollers:
            poller.complain = self._tell
            poller.start()
        smtp = self._parts.smtp = SmtpDoor(self.aws, self.deployment, self.now, self._came_in)
        self.smtp_port = self._ports.smtp or free_port()
        smtp.start(self.smtp_port)
        if not self._driven:
            self._metrics = Metrics(self.aws, logs / "clock.log")
            self._ticker = threading.Thread(target=self._tick, name="schedules", daemon=True)
            self._ticker.start()

    def stop(self) -> None:
        """Stop everything in the order in which work flows; nothing is left running."""
        parts, self._parts = self._parts, _Parts()
        if parts.smtp is not None:
            parts.smtp.stop()
        self._ticking.set()
        for poller in parts.pollers:
            poller.stop()
        # What runs may finish if it is quick about it; the rest is killed, and comes again.
        until = time.monotonic() + FINISH_SECONDS
        while parts.runner is not None and parts.runner.running and time.monotonic() < until:
            time.sleep(0.01)
        if parts.runner is not None:
            parts.runner.stop()
        for poller in parts.pollers:
            poller.join(0.5)
        for door in (parts.ses, parts.sns):
            if door is not None:
                door.stop()
        if parts.emulator is not None:
            with contextlib.suppress(OSError):  # where it has ended, nothing more is known
                hook.LEDGER.add({}, parts.emulator.refused())  # a test fails for what its command line asked, too
            parts.emulator.__exit__(None, None, None)
        if parts.lock is not None:
            parts.lock.close()

    @property
    def broken(self) -> bool:
        """Whether the embedded AWS has ended by itself."""
        return self._parts.emulator is not None and not self._parts.emulator.running

    @property
    def violations(self) -> list[str]:
        """What AWS would have refused so far, by its documentation, and nothing here did."""
        of_others = self._parts.emulator.refused() if self._parts.emulator is not None else []
        return [*hook.LEDGER.violations, *of_others]

    # Letters

    def send(self, raw: bytes, mail_from: str, recipients: Sequence[str]) -> None:
        """Hand a letter to the SMTP door; raises smtplib's errors, such as SMTPRecipientsRefused."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="client.local") as session:
            options = ["SMTPUTF8", "BODY=8BITMIME"] if not "".join([mail_from, *recipients]).isascii() else []
            session.sendmail(mail_from, list(recipients), raw, mail_options=options)

    @property
    def outbox(self) -> list[Sent]:
        """Return the letters and pages that left, in order, each with its time by the clock of the stack."""
        return self._outbox.all()

    # Functions

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """Run one function on one event and return its result; raises FunctionFailed."""
        return self._runner.invoke(function, event)

    def alarm(self, name: str, state: str, reason: str = "set by hand") -> None:
        """Let a CloudWatch alarm change its state: what EventBridge makes of it reaches the functions that ask."""
        at = self.now()
        event = self._event("aws.cloudwatch", "CloudWatch Alarm State Change", f"alarm:{name}", at)
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
        event["detail"] = {"alarmName": name, "state": {"value": state, "reason": reason, "timestamp": stamp}}
        self.deliver(event)

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Let an event be on the default bus: it reaches the functions whose rules match it."""
        for function, source in self._sources("EventBridgeRule"):
            pattern = _resolve(source.properties["Pattern"])
            if matches(pattern, event):
                self._invoke_asynchronously(function, event)

    @contextlib.contextmanager
    def halted(self, function: str) -> Iterator[None]:
        """Switch the event-source mappings of a function off for a while: what comes in waits in front of it."""
        pollers = [
            poller
            for poller in self._parts.pollers
            if isinstance(poller, QueuePoller | StreamPoller) and poller.source.function == function
        ]
        for poller in pollers:
            poller.halted.set()
        try:
            yield
        finally:
            for poller in pollers:
                poller.halted.clear()
                poller.wake()

    @contextlib.contextmanager
    def failing(self, function: str) -> Iterator[None]:
        """Let a function fail on everything for a while, as after a bad deployment."""
        self._runner.failing.add(function)
        try:
            yield
        finally:
            self._runner.failing.discard(function)

    @contextlib.contextmanager
    def failing_on(self, ses_message_id: str) -> Iterator[None]:
        """Let `inbound` fail on one letter for a while, as by a bug that it alone meets; the others are handled."""
        self._runner.unreadable.add(ses_message_id)
        try:
            yield
        finally:
            self._runner.unreadable.discard(ses_message_id)

    @contextlib.contextmanager
    def refusing_mail(self, code: str, message: str) -> Iterator[None]:
        """Let SES answer every letter of ours with an error for a while, as it does to an account in the sandbox.

        Raises UndocumentedError for a code that SES does not answer.
        """
        documented("sesv2", "SendEmail", code)
        ses = self._parts.ses
        if ses is None:
            raise NotStarted("the local stack is not running")
        ses.refusing = Refusal(code, message)
        try:
            yield
        finally:
            ses.refusing = None

    @contextlib.contextmanager
    def refusing_pages(self) -> Iterator[None]:
        """Let SNS answer every page with a failure of its own for a while."""
        sns = self._parts.sns
        if sns is None:
            raise NotStarted("the local stack is not running")
        sns.is_refusing = True
        try:
            yield
        finally:
            sns.is_refusing = False

    def redeliver_everything(self) -> int:
        """Give every function again every event it was given so far; return how many there were."""
        events = list(self._runner.delivered)
        self._runner.remember = False
        try:
            for delivered in events:
                self._runner.invoke(delivered.function, delivered.event)
        finally:
            self._runner.remember = self._remember
        return len(events)

    # Time

    def now(self) -> datetime:
        """Return the present instant of the stack, aware, UTC."""
        return self._clock if self._clock is not None else datetime.now(UTC)

    def advance_to(self, instant: datetime, on_tick: Callable[[datetime], None] | None = None) -> None:
        """Move a driven clock forward, and let everything happen that comes due on the way.

        The clock jumps from one armed instant to the next, each rounded up to the minute as the schedule of
        the sweep would meet it, and the stack settles after each; `on_tick` is told of each jump. Minutes in
        which nothing is due are passed over: a sweep would find nothing to do in them. The hourly reconciling
        runs where letters are left to reconcile.
        """
        if not self._driven:
            raise ValueError("the stack runs on the real clock; give it `clock` to drive it")
        target = instant.astimezone(UTC)
        if target < self.now():
            raise ValueError(
                f"the clock stands at {self.now().isoformat()} and does not go back to {target.isoformat()}"
            )
        fruitless = 0
        self.settle()
        while (tick := self._next_tick()) is not None and tick <= target:
            self._set_clock(tick)
            returned = [poller.let_return(tick) for poller in self._queue_pollers()]
            swept = self._fire("clock") or {}
            self.settle()
            if on_tick is not None:
                on_tick(tick)
            useful = any(returned) or any(swept.get(done) for done in PROGRESS)
            fruitless = 0 if useful else fruitless + 1
            if fruitless > SWEEPS_WITHOUT_PROGRESS:
                raise NotSettled(f"at {tick.isoformat()} something is due that no sweep settles; see logs/clock.log")
        self._set_clock(target)
        self._reconcile_what_is_left()
        self.settle()

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until nothing is under way: no message, no stream record, no running function.

        A message that failed and waits for its visibility time-out does not count. Raises NotSettled after
        `timeout` seconds in which no function was started, so that a busy machine has the time it needs, and after
        LONGEST_SETTLING times as many seconds in any case.
        """
        at_the_latest = time.monotonic() + LONGEST_SETTLING * timeout
        seen, until = self._runner.invocations, time.monotonic() + timeout
        while True:
            # A function that ran when the looking began may have left work behind a poller that had looked already:
            # the count says that none ran at all between the first look and the last.
            invocations, idle = self._runner.invocations, not self._runner.running
            began = time.monotonic()
            while not all(poller.found_nothing_since(began) for poller in self._parts.pollers):
                if self._runner.invocations != seen:
                    seen, until = self._runner.invocations, time.monotonic() + timeout
                if time.monotonic() > min(until, at_the_latest):
                    raise NotSettled(self._unsettled(began))
                self._wake()
                time.sleep(0.005)
            if idle and not self._runner.running and self._runner.invocations == invocations:
                return

    # Inside

    def _set_clock(self, instant: datetime) -> None:
        """Move the driven clock, that of the embedded AWS first: nothing it writes is older than the stack's present."""
        if self._parts.emulator is not None:
            self._parts.emulator.set_clock(instant)
        self._clock = instant

    @property
    def _runner(self) -> Runner:
        if self._parts.runner is None:
            raise NotStarted("the local stack is not running")
        return self._parts.runner

    def _paged(self, subject: str, text: str, attributes: dict[str, str]) -> None:
        self._outbox.page(subject, text, attributes, self.now())

    def _came_in(self, received: Received) -> None:
        self._on_received(received)
        self._wake()

    def _wake(self) -> None:
        for poller in self._parts.pollers:
            poller.wake()

    def _worker(self, function: Function, ses: SesDoor, sns: SnsDoor, logs: Path) -> Worker:
        variables = self.deployment.environment(function)
        # Only the mailer and the pager send letters, and only the pager pages; nobody else is pointed at a door.
        ways_out = {"CONFIGURATION_SET": ("SESV2", ses.endpoint), "PAGES_TOPIC": ("SNS", sns.endpoint)}
        doors = dict(door for setting, door in ways_out.items() if setting in variables)
        return Worker(function, environment_for(variables, self.endpoint, doors), logs / f"{function.name}.log")

    def _sources(self, kind: str) -> Iterator[tuple[Function, Source]]:
        for function in self.template.functions:
            for source in function.sources:
                if source.type == kind:
                    yield function, source

    def _pollers(self, runner: Runner) -> Iterator[Poller]:
        for function, source in self._sources("SQS"):
            arn, properties = self.deployment.of(function, source, "Queue"), source.properties
            reports = "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", [])
            resolved = QueueSource(
                function.name, arn, queue_url(self.aws, arn), properties.get("BatchSize", 10), reports
            )
            yield QueuePoller(resolved, self.aws, runner)
        for function, source in self._sources("DynamoDB"):
            properties = source.properties
            yield StreamPoller(
                StreamSource(
                    function=function.name,
                    stream_arn=self.deployment.of(function, source, "Stream"),
                    batch_size=properties.get("BatchSize", 100),
                    patterns=tuple(
                        json.loads(one["Pattern"]) for one in properties.get("FilterCriteria", {}).get("Filters", [])
                    ),
                    reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
                    bisects=properties.get("BisectBatchOnFunctionError", False),
                    retries=properties.get("MaximumRetryAttempts"),
                    max_age_seconds=properties.get("MaximumRecordAgeInSeconds"),
                    failure_queue=self.deployment.of(function, source, "OnFailure"),
                ),
                self.aws,
                runner,
            )

    def _queue_pollers(self) -> list[QueuePoller]:
        return [poller for poller in self._parts.pollers if isinstance(poller, QueuePoller)]

    def _schedules(self) -> list[_Schedule]:
        return [
            _Schedule(function.name, f"{STACK}-{function.name}", _period(source.properties["Schedule"]))
            for function, source in self._sources("Schedule")
        ]

    def _tick(self) -> None:
        """Fire the schedules by the real clock; the first time one period after the start, as EventBridge does."""
        schedules = self._schedules()
        began = time.monotonic()
        for schedule in schedules:
            schedule.next_at = began + schedule.period.total_seconds()
        while True:
            soonest = min(schedules, key=lambda schedule: schedule.next_at)
            if self._ticking.wait(max(0.0, soonest.next_at - time.monotonic())):
                return
            # A machine that slept has missed some: they are not made up for.
            missed = math.floor((time.monotonic() - soonest.next_at) / soonest.period.total_seconds())
            soonest.next_at += (missed + 1) * soonest.period.total_seconds()
            with contextlib.suppress(NotStarted):  # stopped meanwhile
                self._fire(soonest.function)

    def _fire(self, name: str) -> Any:
        """Let a schedule fire once, now."""
        event = self._event("aws.events", "Scheduled Event", f"rule/{STACK}-{name}", self.now())
        function = next(one for one in self.template.functions if one.name == name)
        returned = self._invoke_asynchronously(function, event)
        if self._metrics is not None and name == "clock":
            self._metrics.hand_on()
        return returned

    def _invoke_asynchronously(self, function: Function, event: Mapping[str, Any]) -> Any:
        """Run a function on an event that nothing keeps: tried again as often as the template says, then set aside."""
        for _ in range(1 + function.asynchronous.get("MaximumRetryAttempts", 2)):
            with contextlib.suppress(FunctionFailed):  # the runner has told of it
                return self._runner.invoke(function.name, event)
        failures = self.deployment.resolved.get((function.name, "asynchronous", "OnFailure"))
        if failures is not None:
            record = {
                "version": "1.0",
                "timestamp": self.now().isoformat(),
                "requestContext": {
                    "functionArn": self._runner.workers[function.name].arn,
                    "condition": "RetriesExhausted",
                },
                "requestPayload": event,
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            }
            self.aws.sqs.send_message(QueueUrl=queue_url(self.aws, failures), MessageBody=json.dumps(record))
        return None

    def _event(self, source: str, kind: str, resource: str, at: datetime) -> dict[str, Any]:
        region = LOOPBACK["AWS_DEFAULT_REGION"]
        return {
            "version": "0",
            "id": f"00000000-0000-4000-8000-{time.monotonic_ns() % 10**12:012d}",
            "detail-type": kind,
            "source": source,
            "account": ACCOUNT,
            "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "region": region,
            "resources": [f"arn:aws:{source.removeprefix('aws.')}:{region}:{ACCOUNT}:{resource}"],
            "detail": {},
        }

    def _next_tick(self) -> datetime | None:
        """Return the next minute at which something is due, always later than now."""
        armed = [self.store.next_due(), *(poller.next_return() for poller in self._queue_pollers())]
        soonest = min((instant for instant in armed if instant is not None), default=None)
        if soonest is None:
            return None
        pause = LONG_PAUSE if self._is_a_stream_halted() else timedelta(microseconds=1)
        return max(_next_minute(soonest), _next_minute(self.now() + pause))

    def _is_a_stream_halted(self) -> bool:
        """Return whether records wait in front of a function: what the sweep offers again meanwhile, nobody takes."""
        return any(isinstance(poller, StreamPoller) and poller.halted.is_set() for poller in self._parts.pollers)

    def _reconcile_what_is_left(self) -> None:
        listed = self.aws.s3.list_objects_v2(Bucket=self.outputs["MailBucket"], Prefix="incoming/", MaxKeys=1)
        if listed.get("KeyCount"):
            self._fire("reconcile")

    def _unsettled(self, began: float) -> str:
        busy = [poller.error or poller.name for poller in self._parts.pollers if not poller.found_nothing_since(began)]
        return f"still at work after the time allowed: {'; '.join(busy)}"


def _lock(folder: Path) -> IO[bytes]:
    """Keep a second stack out of the same folder; the lock ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "lock").open("wb")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise NotStarted(
            f'another local stack runs in {folder}. Stop it, or choose another folder: make run ARGS="--dir var/other"'
        ) from error
    return held


def _period(expression: str) -> timedelta:
    """Read `rate(5 minutes)`; other schedules are refused, for the template has none."""
    words = expression.removeprefix("rate(").removesuffix(")").split()
    if not expression.startswith("rate(") or len(words) != 2:
        raise NotStarted(f"the schedule {expression!r} of template.yaml: only rate(...) is handled by local/stack.py")
    return int(words[0]) * PERIODS[words[1].removesuffix("s")]


def _next_minute(instant: datetime) -> datetime:
    """Return the instant itself where it is a whole minute, or the next whole minute."""
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + MINUTE


def _resolve(value: Any) -> Any:
    """Fill in the stack's name, the only reference in an event pattern."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return str(value["Fn::Sub"]).replace("${AWS::StackName}", STACK)
        return {key: _resolve(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner) for inner in value]
    return value
