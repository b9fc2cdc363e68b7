"""The embedded AWS as a process of its own: MiniStack, kept from outliving whoever started it.

MiniStack saves its state only when it is stopped in good order. Here it also saves a few seconds after
each change, so that a killed process loses seconds and not days, and it stops by itself when its standard
input closes: the operating system does that when the parent is gone, however the parent died.

MiniStack takes what AWS refuses. What breaks a documented limit (`aws_contract`) is refused here first, by AWS's error, for
those who are not held to it by the SDK's hook: a command line in another process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core.persistence import save_all
from ministack.services import dynamodb, s3

from local.aws_contract import door

SAVE_EVERY_SECONDS = 2.0
SHARE_OF_TIME = 0.05
"""Nothing is answered while the state is saved: a large one is saved less often."""
READING = (b"Get", b"BatchGet", b"Describe", b"List", b"Query", b"Scan", b"Receive")
"""How the names of operations begin that change nothing worth saving."""

CLOCK_PATH = "/_local/clock"
"""Where the driven clock is set: a PUT of an instant in ISO 8601."""
CONTRACT_PATH = "/_local/contract"
"""Where a GET tells what was refused because it breaks AWS's documentation."""

Scope = dict[str, Any]


class DrivenTime:
    """The module `time`, as the services see it: `time()` is the driven clock's once that has been set."""

    def __init__(self) -> None:
        self.instant: datetime | None = None

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the module has."""
        return getattr(time, name)

    def time(self) -> float:
        """Return the present instant, in seconds since 1970."""
        return self.instant.timestamp() if self.instant is not None else time.time()

    def iso(self) -> str:
        """Return the present instant as S3 writes it."""
        return datetime.fromtimestamp(self.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


CLOCK = DrivenTime()
s3.now_iso = CLOCK.iso
dynamodb.time = CLOCK


class Watched:
    """MiniStack's application, noticing whether anything may have changed since the last save."""

    def __init__(self) -> None:
        self.changed = False
        self.refused: list[str] = []

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"] == CLOCK_PATH:
            await _set_clock(receive, send)
            return
        if scope["type"] == "http" and scope["path"] == CONTRACT_PATH:
            await _answer(send, HTTPStatus.OK, self.refused)
            return
        if scope["type"] == "http" and (operation := door.operation_of(_target(scope))) is not None:
            body = await _body(receive)
            if (refusal := door.refusal_of(operation, body)) is not None:
                self.refused.append(refusal.message)
                print(refusal.message, flush=True)
                await _answer(send, refusal.status, {"__type": refusal.code, "message": refusal.message})
                return
            receive = _again(body, receive)
        await ministack.app(scope, receive, send)
        if scope["type"] == "http" and not _only_reads(scope):
            self.changed = True

    async def save_now_and_then(self) -> None:
        """Save what changed, on the loop that also changes it: never a half-written state."""
        took = 0.0
        while True:
            await asyncio.sleep(max(SAVE_EVERY_SECONDS, took / SHARE_OF_TIME))
            if self.changed:
                self.changed = False
                began = time.monotonic()
                save_all(ministack._build_persistence_save_dict())
                took = time.monotonic() - began


async def _set_clock(receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
    CLOCK.instant = datetime.fromisoformat((await receive())["body"].decode())
    await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Callable[..., Any], status: int, answer: object) -> None:
    headers = [(b"content-type", b"application/x-amz-json-1.0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def _body(receive: Callable[..., Any]) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Return what receives a body that was read already, and then whatever follows it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Any:
        return left.pop() if left else await receive()

    return received


def _target(scope: Scope) -> bytes:
    target: bytes = dict(scope["headers"]).get(b"x-amz-target", b"")
    return target


def _only_reads(scope: Scope) -> bool:
    """Tell by the operation's name; S3 has none there, and saves its objects by itself."""
    target = _target(scope)
    return target.rpartition(b".")[2].startswith(READING) if target else scope["method"] in {"GET", "HEAD"}


async def run(port: int) -> None:
    """Serve on loopback until told to stop, then save and end."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_stop_with_parent, args=(loop, stop), daemon=True).start()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"
    watched = Watched()
    saving = asyncio.create_task(watched.save_now_and_then()) if os.environ.get("PERSIST_STATE") == "1" else None
    await serve(watched, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]  # its types ask for named dictionaries
    if saving is not None:
        saving.cancel()


def _stop_with_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    asyncio.run(run(int(os.environ["GATEWAY_PORT"])))
    if (functions := sys.modules.get("ministack.core.lambda_runtime")) is not None:
        functions.reset()  # ends the processes of deployed functions and removes their folders
    # Threads of MiniStack's own (schedulers, pollers) are not waited for: the state is saved.
    os._exit(0)
