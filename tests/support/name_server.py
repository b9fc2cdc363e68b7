"""A name server on loopback with records that a test gives: what a resolver asks it, and what it answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], tuple[str, ...]]
"""Records, as a zone file writes them, by name (without the root's dot) and type."""


@contextmanager
def name_server(records: Records, *, rcode: int = dns.rcode.NOERROR, is_silent: bool = False) -> Iterator[int]:
    """Answer by UDP until the block ends, and yield the port; `rcode` is for every question, such as SERVFAIL."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server, records, rcode, is_silent), daemon=True)
        thread.start()
        port: int = server.getsockname()[1]
        try:
            yield port
        finally:
            server.sendto(b"", server.getsockname())
            thread.join(5)


def _serve(server: socket.socket, records: Records, rcode: int, is_silent: bool) -> None:
    while True:
        asked, address = server.recvfrom(4096)
        if not asked:
            return
        if not is_silent:
            server.sendto(_answer(dns.message.from_wire(asked), records, rcode).to_wire(), address)


def _answer(query: dns.message.Message, records: Records, rcode: int) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    answer.set_rcode(dns.rcode.Rcode(rcode))
    (question,) = query.question
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    texts = records.get((name, kind), ())
    if rcode != dns.rcode.NOERROR:
        return answer
    if texts:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
    elif not any(known == name for known, _ in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
