"""Whether the stack works: its functions, what starts them, the clock's heartbeat, and what failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from adapters.deployment.errors import for_each
from adapters.deployment.findings import Finding, NotHere, fault, ok, problems_or, warning
from adapters.deployment.stack import Deployment

BEATS_WITHIN = timedelta(minutes=5)
"""A sweep runs each minute, and its metric takes a few minutes to arrive; the alarm's own span."""
LOOKED_BACK = timedelta(minutes=30)
PAGES_AND_CLOCK = ("pager", "clock")
MOST_ALARMS = 100
"""Names that one DescribeAlarms takes."""
DRIVEN_HERE = "`make run` runs the functions by itself"


def stack_status(deployment: Deployment) -> Iterator[Finding]:
    """A deployment that failed half-way leaves the stack between two versions."""
    name, status = deployment.place.stack, deployment.description.status
    events = deployment.aws(f"cloudformation describe-stack-events --stack-name {name}")
    if status.endswith("_IN_PROGRESS"):
        yield warning(f"{name} is being changed ({status})", "Wait until it is done, and ask again")
    elif status.endswith("FAILED") or status == "ROLLBACK_COMPLETE":
        yield fault(f"{name} is {status}", f"Find the first failure: {events}; then deploy again: {deployment.deploy}")
    elif "ROLLBACK" in status:
        yield warning(f"{name}: the last deployment was undone ({status})", f"Find the first failure: {events}")
    else:
        yield ok(f"{name} is deployed in {deployment.region} ({status})")


def functions(deployment: Deployment) -> Iterator[Finding]:
    """A function that is not active, or whose last update failed, runs the old code or none."""
    named = deployment.resources("AWS::Lambda::Function")
    if not named and deployment.place.is_local:
        raise NotHere(DRIVEN_HERE)
    client = deployment.client("lambda")

    def look(name: str) -> Iterator[Finding]:
        configuration = client.get_function_configuration(FunctionName=name)
        state, update = configuration.get("State", "Active"), configuration.get("LastUpdateStatus", "Successful")
        reason = configuration.get("StateReason") or configuration.get("LastUpdateStatusReason") or ""
        again = f"Deploy again: {deployment.deploy}"
        if state in {"Failed", "Inactive"}:
            yield fault(f"{name} is {state}: {reason}", again)
        elif update == "Failed":
            yield fault(f"the last update of {name} failed: {reason}", again)
        elif state == "Pending" or update == "InProgress":
            yield warning(f"{name} is being changed", "Wait a minute, and ask again")

    problems = list(for_each(deployment, sorted(named.values()), look))
    missing = [] if named else [fault("the stack has no functions", f"Deploy again: {deployment.deploy}")]
    yield from problems_or([*missing, *problems], f"{len(named)} functions are active")


def event_sources(deployment: Deployment) -> Iterator[Finding]:
    """By its mapping a function is handed letters, pages and reports; one that is off hands over nothing."""
    named = deployment.resources("AWS::Lambda::EventSourceMapping")
    if not named and deployment.place.is_local:
        raise NotHere(DRIVEN_HERE)

    def look(uuid: str) -> Iterator[Finding]:
        mapping = _mapping(deployment, uuid)
        function = mapping.get("FunctionArn", uuid).rpartition(":")[2]
        state, last = mapping.get("State", ""), mapping.get("LastProcessingResult", "")
        turn_on = deployment.aws(f"lambda update-event-source-mapping --uuid {uuid} --enabled")
        if state in {"Disabled", "Disabling"} and deployment.is_paused:
            yield warning(f"what starts {function} is off: the stack is paused", deployment.go_on)
        elif state in {"Disabled", "Disabling"}:
            yield fault(f"what starts {function} is off", turn_on)
        elif state not in {"Enabled", "Enabling", "Updating"}:
            yield warning(f"what starts {function} is {state}", "Wait a minute, and ask again")
        elif last.startswith("PROBLEM"):
            yield fault(f"{function} cannot be started: {last}", "Look at the function's role and its queue or stream")

    problems = list(for_each(deployment, sorted(named.values()), look))
    yield from problems_or(problems, f"{len(named)} event source mappings are on")


def _mapping(deployment: Deployment, uuid: str) -> dict[str, Any]:
    ask = deployment.client("lambda").get_event_source_mapping
    mapping: dict[str, Any] = deployment.once(("mapping", uuid), lambda: ask(UUID=uuid))
    return mapping


def schedules(deployment: Deployment) -> Iterator[Finding]:
    """The rules that start the clock each minute, the reconciling each hour, and hand alarms over."""
    named = deployment.resources("AWS::Events::Rule")
    if not named and deployment.place.is_local:
        raise NotHere("`make run` keeps the schedules by itself")

    def look(name: str) -> Iterator[Finding]:
        name = name.rpartition("|")[2]
        if deployment.client("events").describe_rule(Name=name).get("State") != "DISABLED":
            return
        if deployment.is_paused:
            yield warning(f"the rule {name} is off: the stack is paused", deployment.go_on)
        else:
            yield fault(f"the rule {name} is off", deployment.aws(f"events enable-rule --name {name}"))

    problems = list(for_each(deployment, sorted(named.values()), look))
    yield from problems_or(problems, f"{len(named)} rules are on")


def heartbeat(deployment: Deployment) -> Iterator[Finding]:
    """Without the clock's sweep no deadline is kept and nothing that failed is tried again."""
    now, namespace = deployment.now(), f"Reglament/{deployment.place.stack}"
    metric = {
        "Namespace": namespace,
        "MetricName": "Heartbeat",
        "Dimensions": [{"Name": "service", "Value": "clock"}],
    }
    answer = deployment.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "beats", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        StartTime=now - LOOKED_BACK,
        EndTime=now,
    )
    series = answer["MetricDataResults"][0]
    beats = [at for at, value in zip(series.get("Timestamps", []), series.get("Values", []), strict=True) if value > 0]
    since = int((now - LOOKED_BACK).timestamp() * 1000)
    group = f"/aws/lambda/{deployment.place.stack}-clock"
    log = deployment.aws(f"logs filter-log-events --log-group-name {group} --start-time {since}")
    remedy = f"Look at the lines `schedules` and `functions`, then at the clock's log: {log}"
    if deployment.is_paused:
        yield warning("no sweep runs: the stack is paused", deployment.go_on)
    elif beats:
        minutes = max(0, int((now - max(beats)).total_seconds() // 60))
        text = f"the last sweep was {minutes} minutes ago"
        yield ok(text) if now - max(beats) <= BEATS_WITHIN else fault(text, remedy)
    elif deployment.place.is_local:
        raise NotHere("no sweep is told of yet; `make run` sweeps a minute after its start")
    else:
        yield fault(f"no sweep in {LOOKED_BACK.seconds // 60} minutes", remedy)


def failure_queues(deployment: Deployment) -> Iterator[Finding]:
    """What a function failed on for good waits here until a person brings it back."""
    read = {deployment.output("InboundQueue"), deployment.output("FeedbackQueue")}
    queues = [url for url in deployment.resources("AWS::SQS::Queue").values() if url not in read]

    def look(url: str) -> Iterator[Finding]:
        name = url.rpartition("/")[2]
        asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = deployment.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
        waiting = sum(int(counts[attribute]) for attribute in asked)
        if waiting:
            yield fault(f"{waiting} messages wait in {name}", _brought_back(deployment, name))

    problems = list(for_each(deployment, sorted(queues), look))
    yield from problems_or(problems, f"{len(queues)} failure queues are empty")


def _brought_back(deployment: Deployment, name: str) -> str:
    kept = name.removeprefix(f"{deployment.place.stack}-")
    if kept.endswith("-undelivered"):
        redrive = deployment.reglament(f"redrive {kept}")
        return f"SNS could not deliver them: deploy again, which puts the queue's policy right, then {redrive}"
    function = kept.removesuffix("-failures")
    return f"Find the cause in the log of {function}, then {deployment.reglament(f'redrive {function}')}"


def alarms(deployment: Deployment) -> Iterator[Finding]:
    """An alarm that rings now, or that has no recipient."""
    names = sorted(deployment.resources("AWS::CloudWatch::Alarm").values())
    operations = deployment.output("OperationsTopic")
    client = deployment.client("cloudwatch")
    listed = [
        alarm
        for start in range(0, len(names), MOST_ALARMS)
        for alarm in client.describe_alarms(AlarmNames=names[start : start + MOST_ALARMS], MaxRecords=MOST_ALARMS).get(
            "MetricAlarms", []
        )
    ]
    gone = sorted(set(names) - {alarm["AlarmName"] for alarm in listed})
    deleted = [
        fault(
            f"{', '.join(gone)}: deleted outside CloudFormation, tells nobody",
            "Take each out of template.yaml and deploy, then put it back and deploy",
        )
    ]
    yield from problems_or(
        [*(deleted if gone else []), *_of_alarms(deployment, listed, operations)],
        f"{len(listed)} alarms, none rings, each tells the operations topic",
    )


def _of_alarms(deployment: Deployment, listed: list[dict[str, Any]], operations: str) -> Iterator[Finding]:
    if ringing := sorted(alarm["AlarmName"] for alarm in listed if alarm.get("StateValue") == "ALARM"):
        yield warning(
            f"{', '.join(ringing)}: in alarm now",
            "Each alarm has a row in docs/alarms.md",
        )
    off = sorted(alarm["AlarmName"] for alarm in listed if not alarm.get("ActionsEnabled", True))
    if off:
        yield warning(
            f"{', '.join(off)}: its actions are off",
            deployment.aws(f"cloudwatch enable-alarm-actions --alarm-names {' '.join(off)}"),
        )
    if mute := sorted(alarm["AlarmName"] for alarm in listed if operations not in alarm.get("AlarmActions", [])):
        yield warning(f"{', '.join(mute)}: does not tell the operations topic", f"Deploy again: {deployment.deploy}")


# Concurrency -----------------------------------------------------------------------------------------------


def concurrency(deployment: Deployment) -> Iterator[Finding]:
    """A flood of letters must leave room for the pager and the clock, in a new account too."""
    if not deployment.resources("AWS::Lambda::Function") and deployment.place.is_local:
        raise NotHere(DRIVEN_HERE)
    client = deployment.client("lambda")
    limit = client.get_account_settings()["AccountLimit"]
    free = limit["UnreservedConcurrentExecutions"]
    reserved = [name for name in PAGES_AND_CLOCK if _reserved(deployment, name) is not None]
    taken = sum(
        _most_at_once(deployment, uuid) for uuid in deployment.resources("AWS::Lambda::EventSourceMapping").values()
    )
    text = f"{limit['ConcurrentExecutions']} executions at once in this account, {free} of them unreserved; letters and reports take {taken} at most"
    if len(reserved) == len(PAGES_AND_CLOCK):
        yield ok(f"{text}; pager and clock have reserved ones")
    elif taken + len(PAGES_AND_CLOCK) <= free:
        yield ok(text)
    else:
        yield warning(
            f"{text}: a flood leaves no room for pager and clock",
            "Ask for more concurrent executions: "
            + deployment.aws(
                "service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"
            ),
        )


def _reserved(deployment: Deployment, function: str) -> int | None:
    name = next(
        (
            function_name
            for function_name in deployment.resources("AWS::Lambda::Function").values()
            if function_name.endswith(f"-{function}")
        ),
        None,
    )
    if name is None:
        return None
    answer = deployment.client("lambda").get_function_concurrency(FunctionName=name)
    reserved: int | None = answer.get("ReservedConcurrentExecutions")
    return reserved


def _most_at_once(deployment: Deployment, uuid: str) -> int:
    """Return how many executions a mapping takes at most: its bound, or its factor on each shard; 0 for the pager's."""
    mapping = _mapping(deployment, uuid)
    if mapping.get("FunctionArn", "").endswith("-pager"):
        return 0
    if bound := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
        return int(bound)
    if ":dynamodb:" not in mapping.get("EventSourceArn", ""):
        return 1000  # a queue without a bound: docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    return int(mapping.get("ParallelizationFactor", 1)) * _open_shards(deployment, mapping["EventSourceArn"])


def _open_shards(deployment: Deployment, stream: str) -> int:
    """Return how many shards of a stream are written to, of the first hundred."""
    ask = deployment.client("dynamodbstreams").describe_stream
    description = deployment.once(("shards", stream), lambda: ask(StreamArn=stream))["StreamDescription"]
    open_shards = [
        shard for shard in description.get("Shards", []) if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    ]
    return max(1, len(open_shards))
