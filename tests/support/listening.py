"""A service on this machine that hears the clock, as a dead man's service does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Listener:
    """What was asked for, and what is answered."""

    url: str = ""
    status: int = 200
    heard: list[str] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)
    """Clear, it answers nothing until it is set."""


@contextmanager
def listening() -> Iterator[Listener]:
    """Run one, on any free port."""
    listener = Listener()
    listener.silent.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.heard.append(self.path)
            listener.silent.wait(10)
            self.send_response(listener.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/ping/4f1c?from=clock"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.silent.set()
        server.shutdown()
        server.server_close()
