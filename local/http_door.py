"""A door of the local stack that speaks HTTP: a server of its own on a port of the loopback interface."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HttpDoor:
    """Listens from `start` to `stop`; `endpoint` is where clients are pointed."""

    def __init__(self, name: str, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=name, daemon=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
