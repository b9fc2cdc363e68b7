"""The records that DNS has of a name. "There are none" and "no server answered" are two answers."""

from __future__ import annotations

from typing import Literal, Protocol

Kind = Literal["CNAME", "MX", "TXT"]
PATIENCE_SECONDS = 6.0


class Unanswered(Exception):
    """No server gave an answer that says anything; the message says what came instead."""


class Dns(Protocol):
    """Looks records up."""

    def lookup(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Return the records of a name: none where there are none. Raises Unanswered.

        Hosts are lower-case and without the root's dot; an MX record is `10 host`, `0 .` for none by RFC 7505; the
        strings of a TXT record are joined.
        """
        ...


class Resolver:
    """Asks the servers that this machine asks, or the one named."""

    def __init__(self, nameserver: str | None = None, port: int = 53) -> None:
        self._nameserver = nameserver
        self._port = port

    def lookup(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Return the records of a name, see Dns."""
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self._nameserver is None)
            if self._nameserver is not None:
                resolver.nameservers = [self._nameserver]
                resolver.port = self._port
            answer = resolver.resolve(
                f"{name}.", kind, raise_on_no_answer=False, lifetime=PATIENCE_SECONDS, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Unanswered(f"DNS gave no answer for {name} {kind} ({_said(error)})") from error
        return tuple(_text(record, kind) for record in answer.rrset or ())


def _said(error: Exception) -> str:
    """Return the first line of an error; dnspython lists every server that it asked."""
    return (str(error).splitlines() or [type(error).__name__])[0].partition(" Server ")[0]


def _text(record: object, kind: Kind) -> str:
    """Return a record as text. Records have other attributes by type, which their common class does not declare."""
    if kind == "TXT":
        strings: tuple[bytes, ...] = record.strings  # type: ignore[attr-defined]  # of TXT alone
        return b"".join(strings).decode("utf-8", "replace")
    if kind == "MX":
        return f"{record.preference} {_host(record.exchange)}"  # type: ignore[attr-defined]  # of MX alone
    return _host(record.target)  # type: ignore[attr-defined]  # of CNAME alone


def _host(name: object) -> str:
    return str(name).lower().rstrip(".") or "."
