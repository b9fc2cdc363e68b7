"""One function in a process of its own, as Lambda runs it: imported once, then one event after another.

Reads a line of JSON for each event from standard input and writes one line for each result, with what was checked
against AWS's documentation (`local/aws_contract`). What the
handler prints (its log and its metrics) goes to standard error, which is the function's log file.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from composition import AwsServices, environment, real_time
from local.aws_contract import hook

Handle = Callable[[dict[str, Any], "Context", AwsServices], Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda passes beside the event."""

    aws_request_id: str
    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    ends_at: float
    """On the monotonic clock."""
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    @property
    def log_group_name(self) -> str:
        """Return the name of the function's log group."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return max(0, int((self.ends_at - time.monotonic()) * 1000))


def serve(path: str) -> None:
    """Import a handler (`handlers.inbound.handler`) and run it for each line until the input ends."""
    # The results go to what was standard output; whatever prints from now on prints into the log.
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # replaced by nobody here
    hook.install()
    hook.watch_metrics()
    handle, clock = _load(path), DrivenClock()
    services = AwsServices(environment(), clock)
    results.write('{"ready": true}\n')
    results.flush()
    for line in sys.stdin:
        order = json.loads(line)
        clock.at = datetime.fromisoformat(order["now"]) if order.get("now") else None
        answer = _invoke(handle, services, order)
        results.write(json.dumps({**answer, "contract": hook.LEDGER.take()}) + "\n")
        results.flush()


class DrivenClock:
    """The time that the driver of the stack gives with an event; the real time where it gives none."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def __call__(self) -> datetime:
        """Return the present instant, aware."""
        return self.at or real_time()


def _load(path: str) -> Handle:
    """Return what a handler does with an event, without the deployed services (see `composition.lambda_handler`)."""
    module, _, name = path.rpartition(".")
    handle: Handle = getattr(importlib.import_module(module), name).__wrapped__
    return handle


def _invoke(handle: Handle, services: AwsServices, order: dict[str, Any]) -> dict[str, Any]:
    context = Context(
        aws_request_id=order["request_id"],
        function_name=order["function_name"],
        memory_limit_in_mb=order["memory_mb"],
        invoked_function_arn=order["function_arn"],
        ends_at=time.monotonic() + order["timeout_seconds"],
    )
    event = order["event"]
    try:
        hook.check_other("invocation", "event", event)
        with _failing_on(order["unreadable"]):
            answer = handle(event, context, services)
        hook.check_other("invocation", "response", {"event": event, "answer": answer})
        return {"result": answer}
    except (Exception, hook.ContractViolation) as error:  # noqa: BLE001 - as Lambda does: whatever was raised is the result
        traceback.print_exc()
        return {"error": type(error).__name__, "message": str(error)}


@contextlib.contextmanager
def _failing_on(letters: Collection[str]) -> Iterator[None]:
    """Let `inbound` fail on some letters and no others, as by a bug that they alone meet."""
    inbound: Any = sys.modules.get("handlers.inbound")
    if inbound is None or not letters:
        yield
        return
    real = inbound.read_letter

    def read_letter(raw: bytes, envelope: Any, *rest: Any) -> Any:
        if envelope.ses_message_id in letters:
            raise ValueError("made to fail on this letter")
        return real(raw, envelope, *rest)

    inbound.read_letter = read_letter
    try:
        yield
    finally:
        inbound.read_letter = real


if __name__ == "__main__":
    serve(sys.argv[1])
