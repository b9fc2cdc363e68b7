"""What a resolver makes of a server's answers: records, none, or no answer at all."""

from __future__ import annotations

import dns.rcode
import pytest

from adapters.deployment import dns as adapter
from adapters.deployment.dns import Kind, Resolver, Unanswered
from tests.support.name_server import name_server

ZONE = {
    ("desk.example.com", "MX"): ("20 mx.Company.example.", "10 inbound-smtp.eu-west-1.amazonaws.com."),
    ("none.example.com", "MX"): ("0 .",),
    ("desk.example.com", "TXT"): ('"v=spf1 include:" "amazonses.com" " ~all"', '"other"'),
    ("aaa._domainkey.desk.example.com", "CNAME"): ("AAA.dkim.amazonses.com.",),
    ("xn--d1achjhdicc8bh4h.xn--80asehdb", "MX"): ("10 mx.example.",),
}


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("desk.example.com", "MX", {"10 inbound-smtp.eu-west-1.amazonaws.com", "20 mx.company.example"}),
        ("none.example.com", "MX", {"0 ."}),
        ("desk.example.com", "TXT", {"v=spf1 include:amazonses.com ~all", "other"}),
        ("aaa._domainkey.desk.example.com", "CNAME", {"aaa.dkim.amazonses.com"}),
        ("desk.example.com", "CNAME", set()),
        ("nowhere.example.com", "MX", set()),
        ("xn--d1achjhdicc8bh4h.xn--80asehdb", "MX", {"10 mx.example"}),
    ],
)
def test_records_are_plain_text_in_lower_case(name: str, kind: Kind, found: set[str]) -> None:
    with name_server(ZONE) as port:
        assert set(Resolver("127.0.0.1", port).lookup(name, kind)) == found


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_server_that_fails_has_not_said_that_there_is_nothing(rcode: dns.rcode.Rcode) -> None:
    with (
        name_server(ZONE, rcode=rcode) as port,
        pytest.raises(Unanswered, match=r"no answer for desk\.example\.com MX"),
    ):
        Resolver("127.0.0.1", port).lookup("desk.example.com", "MX")


def test_a_server_that_is_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PATIENCE_SECONDS", 0.2)
    with name_server(ZONE, is_silent=True) as port, pytest.raises(Unanswered, match="DNS gave no answer"):
        Resolver("127.0.0.1", port).lookup("desk.example.com", "MX")


def test_a_name_that_dns_cannot_hold_is_no_answer() -> None:
    with name_server(ZONE) as port, pytest.raises(Unanswered):
        Resolver("127.0.0.1", port).lookup(f"{'a' * 64}.example.com", "MX")
