"""What the functions failed on for good, brought back once the cause is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from adapters.aws_errors import Meaning, code_of
from adapters.sqs import Kept, Queue
from application.storage import Conflict
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect
from composition import AwsServices
from handlers.meanings import meaning_of


def redrive(options: Options, services: AwsServices, functions: Sequence[str], *, dry_run: bool) -> int:
    """Empty the failure queues: each message goes back, is handled here, or is known to need nothing.

    A message leaves its queue only after that, so that a run that is interrupted is simply run again. One
    that fails stays, is told of and holds up no other; exit status 1 then.
    """
    services = connect(options, services)
    printing.logs_to_stderr()
    rows: list[tuple[str, ...]] = []
    stayed = 0
    unknown = [name for name in functions if name not in RULES]
    if unknown:
        raise Misuse(f"found {unknown[0]!r}, expected one of {', '.join(RULES)}")
    if not dry_run:
        journal.note(services, "redrive", f"failures of {journal.some(functions) or 'all functions'}")
    for function in functions or RULES:
        rule = RULES[function]
        kept = _queue(services, queue_of(function))
        source = _queue(services, rule.source) if rule.source else None
        if dry_run:
            waiting = kept.count()
            _show(rows, function, rule.says, {"waiting": waiting}, as_json=options.json)
            continue
        done = failed = 0
        for message in kept.kept():
            try:
                rule.act(message, source, services)
            except Exception as error:
                # What AWS or the deployment prevents ends the run: the next message would fail alike.
                is_its_own = isinstance(error, ValueError | TypeError | Conflict)
                if not (is_its_own or meaning_of(error) is Meaning.REQUEST):
                    raise
                failed += 1
                printing.warn(f"{function}: message {message.id} stays ({_short(error)})")
                continue
            kept.drop(message)
            done += 1
        stayed += failed
        _show(rows, function, rule.says, {"redriven": done, "stayed": failed}, as_json=options.json)
    printing.table(rows)
    return 1 if stayed else 0


def queue_of(function: str) -> str:
    """Return the name of the queue of a function's failures, or of what a topic could not deliver, after the stack's."""
    return function if function.endswith(UNDELIVERED) else f"{function}-failures"


def _show(rows: list[tuple[str, ...]], function: str, says: str, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        printing.as_json({"function": function, **counts})
    else:
        rows.append((function, ", ".join(f"{count} {name}" for name, count in counts.items()), says))


def _queue(services: AwsServices, name: str) -> Queue:
    stack = services.stack
    try:
        return services.queue(f"{stack}-{name}")
    except LookupError as error:
        raise Failed(
            f"there is no queue {stack}-{name}: is {stack!r} the stack's name? Name it with --stack"
        ) from error


def _short(error: Exception) -> str:
    """Return an error in one line without the message's content, which may be personal."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the event'}: {first['msg']}"
    return f"{type(error).__name__}: {error}" if isinstance(error, Conflict) else code_of(error)


def _send_back(message: Kept, source: Queue | None, _services: AwsServices) -> None:
    assert source is not None  # by RULES
    source.offer(message.body)


def _handle_alarm(message: Kept, _source: Queue | None, services: AwsServices) -> None:
    """Run the function on the event here: a change that is older than the known one is ignored."""
    from handlers import alarm

    alarm.settle(_event(json.loads(message.body)), services)


def _event(kept: object) -> dict[str, Any]:
    """Return the event that failed.

    A destination wraps it (Lambda developer guide, "Adding a destination"), EventBridge's own failure queue
    has it as it was.
    """
    payload = kept.get("requestPayload", kept) if isinstance(kept, dict) else kept
    if not isinstance(payload, dict):
        raise TypeError("the event is no object")
    return payload


def _needs_nothing(_message: Kept, _source: Queue | None, _services: AwsServices) -> None:
    """The work comes again by itself."""


class Rule(NamedTuple):
    """What becomes of the messages of one failure queue."""

    act: Callable[[Kept, Queue | None, AwsServices], None]
    says: str
    source: str | None = None
    """The queue that the messages go back to."""


UNDELIVERED = "-undelivered"
RULES: dict[str, Rule] = {
    # What SNS could not deliver is kept as it would have been delivered: the same message goes to the same queue.
    f"mail{UNDELIVERED}": Rule(_send_back, "to the queue of inbound, which never had them", "inbound"),
    f"feedback{UNDELIVERED}": Rule(_send_back, "to the queue of feedback, which never had them", "feedback"),
    "inbound": Rule(_send_back, "back to the queue; a letter that was handled meanwhile meets its record", "inbound"),
    "feedback": Rule(_send_back, "back to the queue; a report that was recorded changes nothing", "feedback"),
    "mailer": Rule(_needs_nothing, "positions of the stream: what is unsent is armed and offered again by the sweep"),
    "pager": Rule(_needs_nothing, "positions of the stream: what is unsent is armed and offered again by the sweep"),
    "alarm": Rule(_handle_alarm, "handled now; an older change than the known one is ignored"),
    "clock": Rule(_needs_nothing, "the next sweep did the work"),
    "reconcile": Rule(_needs_nothing, "the next run did the work"),
}
"""By function, in the order in which letters pass them; before them, what did not reach them."""
