"""`make run`: the whole desk on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from domain.addresses import display_address
from local.emulator import NotStarted
from local.outbox import Sent
from local.smtp_door import VERDICT_HEADER, VERDICTS, Received
from local.stack import LocalStack, Ports

MOSCOW = ZoneInfo("Europe/Moscow")
_printing = threading.Lock()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; return the exit status."""
    options = _parser().parse_args(arguments)
    folder: Path = options.dir
    if options.fresh:
        _forget(folder)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    # Until everything runs, both signals end it as Ctrl-C does: by an exception that undoes what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        stack = LocalStack(
            folder,
            Ports(options.port, options.smtp_port),
            on_sent=_show_sent,
            on_received=_show_received,
            tell=lambda line: _say(f"! {line}"),
            remember_events=False,
        )
        with stack:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, on_signal)
            _say(_introduction(stack))
            while not stop.wait(0.5):
                if stack.broken:
                    raise NotStarted(f"the embedded AWS ended by itself; its log is {folder}/logs/emulator.log")
            _say("Stopping; the state is kept.")
    except NotStarted as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make run", description="The whole desk on this machine. Options go into ARGS: make run ARGS='--fresh'"
    )
    parser.add_argument("--smtp-port", type=int, default=2525, help="where letters are taken in (default 2525)")
    parser.add_argument("--port", type=int, default=4566, help="where the embedded AWS listens (default 4566)")
    parser.add_argument(
        "--dir", type=Path, default=Path("var/local"), help="state, outbox and logs (default var/local)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the tickets and letters of earlier runs first")
    return parser


def _forget(folder: Path) -> None:
    for name in ("state", "outbox", "logs"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _introduction(stack: LocalStack) -> str:
    first, *rest = stack.deployment.recipients
    at, port, endpoint = f"127.0.0.1:{stack.smtp_port}", stack.smtp_port, stack.endpoint
    letter = "From: me@example.org\\nSubject: Test\\n\\nHello"
    python = f"import smtplib; smtplib.SMTP('127.0.0.1', {port}).sendmail('me@example.org', ['{first}'], '{letter}')"
    verdicts = ", ".join(name for name in VERDICTS if name != "pass")
    sections: list[tuple[str, list[tuple[str, str]]]] = [
        (f"Reglament runs: SMTP on {at}, the embedded AWS on {endpoint}", []),
        ("The embedded AWS differed from template.yaml", _gaps(stack)),
        (
            f"Send a letter to {' or '.join(display_address(one) for one in (first, *rest))}",
            [
                ("a mail program", f"outgoing server 127.0.0.1, port {port}, no encryption, no password"),
                ("swaks", f"swaks --server {at} --from me@example.org --to {first}"),
                ("Python", f'python3 -c "{python}"'),
                ("", f"Senders count as verified; a header '{VERDICT_HEADER}: NAME' asks for {verdicts}"),
            ],
        ),
        (
            "Look at the work",
            [
                ("queue", f".venv/bin/reglament --endpoint {endpoint} queue"),
                ("letters, pages", f"{stack.folder / 'outbox'}/ (.eml files, in the order in which they left)"),
                ("logs", f"{stack.folder / 'logs'}/"),
            ],
        ),
        ("Ctrl-C stops it; the next run goes on from here. What happens:", []),
    ]
    lines = []
    for title, entries in sections:
        lines += ["", title, *(f"  {name:<15} {text}" for name, text in entries)]
    return "\n".join(lines[1:])


def _gaps(stack: LocalStack) -> list[tuple[str, str]]:
    """What was left out or made differently, and what was done about it: one line for what is the same of several."""
    alike: dict[str, list[str]] = {}
    for gap in stack.deployment.gaps:
        alike.setdefault(f"{gap.what} -> {gap.remedy}", []).append(gap.resource)
    return [(", ".join(names), text) for text, names in alike.items()]


def _show_received(received: Received) -> None:
    to = ", ".join(display_address(one) for one in received.recipients)
    _say(f"{_clock(received.at)}  in      {received.mail_from or '<>'} -> {to}: {received.subject}")


def _show_sent(sent: Sent) -> None:
    what = "PAGE" if sent.is_page else "sms" if sent.is_sms else "out"
    to = sent.page_level if sent.is_page else display_address(sent.to)
    words = " ".join(sent.text.split()) if sent.is_page or sent.is_sms else sent.subject
    _say(f"{_clock(sent.at)}  {what:<6}  {to}: {words}  [{sent.path.name}]")


def _clock(at: datetime) -> str:
    return f"{at.astimezone(MOSCOW):%H:%M:%S}"


def _say(text: str) -> None:
    with _printing:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
