"""What the records of a domain mean for the desk's mail: MX, DKIM, MAIL FROM, SPF and DMARC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.deployment.desks import domains_of, serving
from adapters.deployment.dmarc import policy_of
from adapters.deployment.dns import Kind, Unanswered
from adapters.deployment.findings import Finding, State
from domain.regulation.mailboxes import mailboxes_of
from tests.support import deployed as d
from tests.support.people import people_of, specialists_of

DESKS = serving(d.NOW)
MAILBOXES = mailboxes_of(DESKS)
RECEIVING, SENDING = MAILBOXES.receiving_domains[0], MAILBOXES.sending_domains[0]
OWN = "bounce.example.com"
LAME = Unanswered("DNS gave no answer for example.com MX (SERVFAIL)")
Records = Mapping[tuple[str, Kind], tuple[str, ...] | Unanswered]


def first(check: str, records: Records, answers: Mapping[str, Any] | None = None) -> Finding:
    """Return the first line that is not ok, or the first."""
    found = d.look(check, answers, records)
    return next((finding for finding in found if finding.state is not State.OK), found[0])


@pytest.mark.parametrize(
    ("records", "state", "text"),
    [
        ((), State.FAULT, "has no MX record"),
        (("0 .",), State.FAULT, "null MX"),
        (("10 mx.company.example",), State.FAULT, "is mx.company.example, not SES"),
        (("10 inbound-smtp.us-east-1.amazonaws.com",), State.FAULT, "SES in us-east-1"),
        ((d.SES_MX, "20 mx.company.example"), State.WARNING, "behind SES"),
        (("5 mx.company.example", d.SES_MX), State.FAULT, "before SES"),
        ((d.SES_MX, "10 mx.company.example"), State.FAULT, "in turn with it"),
        ((d.SES_MX, "20 inbound-smtp.eu-west-1.amazonaws.com"), State.OK, "MX inbound-smtp"),
    ],
)
def test_mail_reaches_ses_by_the_record_of_the_lowest_number(records: tuple[str, ...], state: State, text: str) -> None:
    found = first("mx", {(RECEIVING, "MX"): records})
    assert (found.state, text in found.text) == (state, True), found
    if state is State.FAULT and "Take these" not in found.remedy:
        assert f"`{RECEIVING}. MX 10 inbound-smtp.eu-west-1.amazonaws.com.`" in found.remedy


@pytest.mark.parametrize(
    ("check", "name", "kind"),
    [
        ("mx", RECEIVING, "MX"),
        ("dkim", f"aaa._domainkey.{SENDING}", "CNAME"),
        ("dmarc", f"_dmarc.{SENDING}", "TXT"),
        ("mail-from", OWN, "MX"),
    ],
)
def test_a_server_that_does_not_answer_is_no_fault_of_the_domain(check: str, name: str, kind: Kind) -> None:
    assert first(check, {(name, kind): LAME}).state is State.UNKNOWN


def test_one_domain_without_an_answer_stops_no_other() -> None:
    found = d.look("dkim", records={(f"aaa._domainkey.{SENDING}", "CNAME"): LAME})
    assert [finding.state for finding in found] == [State.UNKNOWN] + [State.OK] * (len(MAILBOXES.sending_domains) - 1)


# DKIM ------------------------------------------------------------------------------------------------------


def test_a_missing_key_is_named_with_its_record() -> None:
    found = first("dkim", {(f"bbb._domainkey.{SENDING}", "CNAME"): ()})
    assert found.state is State.FAULT
    assert "1 of 3" in found.text
    assert f"`bbb._domainkey.{SENDING}. CNAME bbb.dkim.amazonses.com.`" in found.remedy


def test_a_key_of_another_identity_is_missing() -> None:
    found = first("dkim", {(f"bbb._domainkey.{SENDING}", "CNAME"): ("old.dkim.amazonses.com",)})
    assert found.state is State.FAULT


def test_keys_may_lie_in_a_zone_of_the_region() -> None:
    zone = "eu1.dkim.amazonses.com"
    dkim = {**d.identity()["DkimAttributes"], "SigningHostedZone": zone}
    records: dict[tuple[str, Kind], tuple[str, ...]] = {
        (f"{token}._domainkey.{domain}", "CNAME"): (f"{token}.{zone}",)
        for token in d.TOKENS
        for domain in MAILBOXES.sending_domains
    }
    answers = {"sesv2.get_email_identity": d.identity(DkimAttributes=dkim)}
    assert first("dkim", records, answers).state is State.OK
    assert first("dkim", {}, answers).state is State.FAULT


def test_a_zone_that_flattens_aliases_answers_with_the_key() -> None:
    name = f"bbb._domainkey.{SENDING}"
    assert first("dkim", {(name, "CNAME"): (), (name, "TXT"): ("p=MIIB",)}).state is State.OK


def test_a_key_of_ones_own_lies_at_the_selector() -> None:
    dkim = {**d.identity()["DkimAttributes"], "SigningAttributesOrigin": "EXTERNAL", "Tokens": ["mine"]}
    answers = {"sesv2.get_email_identity": d.identity(DkimAttributes=dkim)}
    keys: dict[tuple[str, Kind], tuple[str, ...]] = {
        (f"mine._domainkey.{domain}", "TXT"): ("v=DKIM1; p=MIIB",) for domain in MAILBOXES.sending_domains
    }
    assert first("dkim", keys, answers).state is State.OK
    assert "TXT <your public key>" in first("dkim", {}, answers).remedy


def test_records_that_ses_has_not_found_yet_want_patience() -> None:
    dkim = {**d.identity()["DkimAttributes"], "Status": "PENDING"}
    found = first("dkim", {}, {"sesv2.get_email_identity": d.identity(DkimAttributes=dkim)})
    assert (found.state, "PENDING" in found.text, "72 hours" in found.remedy) == (State.WARNING, True, True)


def test_an_identity_that_does_not_sign_is_a_fault() -> None:
    dkim = {**d.identity()["DkimAttributes"], "SigningEnabled": False}
    assert (
        "--signing-enabled" in first("dkim", {}, {"sesv2.get_email_identity": d.identity(DkimAttributes=dkim)}).remedy
    )


def test_an_identity_without_keys_is_a_fault() -> None:
    found = first("dkim", {}, {"sesv2.get_email_identity": d.identity(DkimAttributes={"SigningEnabled": True})})
    assert (found.state, "no DKIM keys" in found.text) == (State.FAULT, True)


@pytest.mark.parametrize("check", ["dkim", "mail-from"])
def test_without_an_identity_the_records_are_not_known(check: str) -> None:
    assert first(check, {}, {"sesv2.get_email_identity": d.failure("NotFoundException")}).state is State.UNKNOWN


# MAIL FROM -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "records", "text"),
    [
        ("MX", (), "is missing"),
        ("MX", ("10 feedback-smtp.us-east-1.amazonses.com",), "is feedback-smtp.us-east-1"),
        ("MX", ("10 feedback-smtp.eu-west-1.amazonses.com", "20 mx.company.example"), "alone"),
        ("TXT", (), "has no SPF record"),
        ("TXT", ("google-site-verification=x",), "has no SPF record"),
        ("TXT", ("v=spf1 -all",), "without amazonses.com"),
        ("TXT", ("v=spf1 include:amazonses.com ~all", "v=spf1 -all"), "2 SPF records"),
        ("TXT", ("v=spf10 include:amazonses.com ~all",), "has no SPF record"),
    ],
)
def test_bounces_and_spf_of_the_mail_from_domain(kind: Kind, records: tuple[str, ...], text: str) -> None:
    found = first("mail-from", {(OWN, kind): records})
    assert (found.state, text in found.text, f"`{OWN}. {kind} " in found.remedy) == (State.WARNING, True, True), found


def test_an_identity_without_a_mail_from_domain_is_warned_of() -> None:
    plain = {name: value for name, value in d.identity().items() if name != "MailFromAttributes"}
    found = first("mail-from", {}, {"sesv2.get_email_identity": plain})
    assert (found.state, "DKIM alone" in found.text) == (State.WARNING, True)


def test_a_domain_by_which_ses_refuses_to_send_is_a_fault() -> None:
    attributes = {"MailFromDomain": OWN, "MailFromDomainStatus": "FAILED", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    answers = {"sesv2.get_email_identity": d.identity(MailFromAttributes=attributes)}
    found = d.look("mail-from", answers, {(OWN, "MX"): ()})
    assert any(one.state is State.FAULT and "USE_DEFAULT_VALUE" in one.remedy for one in found)


def test_records_of_the_mail_from_domain_that_ses_has_not_found_yet_want_patience() -> None:
    attributes = {"MailFromDomain": OWN, "MailFromDomainStatus": "PENDING", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    found = first("mail-from", {}, {"sesv2.get_email_identity": d.identity(MailFromAttributes=attributes)})
    assert (found.state, "72 hours" in found.remedy) == (State.WARNING, True)


# DMARC -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ({"_dmarc.a.desk.example.com": "v=DMARC1; p=reject"}, ("a.desk.example.com", "reject")),
        ({"_dmarc.example.com": "v=DMARC1; p=reject; sp=quarantine"}, ("example.com", "quarantine")),
        ({"_dmarc.example.com": "v=DMARC1; p=reject"}, ("example.com", "reject")),
        ({"_dmarc.desk.example.com": "v=DMARC1;p=none", "_dmarc.example.com": "v=DMARC1; p=reject"}, ("desk.example.com", "none")),
        ({"_dmarc.example.com": "v=DMARC1; p=sometimes"}, ("example.com", "none")),
        ({"_dmarc.example.com": "v=DMARC1; rua=mailto:x@example.com"}, ("example.com", "none")),
        ({"_dmarc.example.com": "p=reject; v=DMARC1"}, None),
        ({"_dmarc.example.com": "v=spf1 -all"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_domain_has_its_own_policy_or_that_of_the_nearest_above(
    records: dict[str, str], found: tuple[str, str] | None
) -> None:
    given: dict[tuple[str, Kind], tuple[str, ...]] = {(name, "TXT"): (text,) for name, text in records.items()}
    policy = policy_of(d.deployment(records=given), "a.desk.example.com")
    assert (policy and (policy.at, policy.policy)) == found


def test_a_walk_up_a_deep_name_asks_eight_times_at_most() -> None:
    deployment, asked = d.deployment(), []
    lookup = deployment.dns.lookup

    def counted(name: str, kind: Kind) -> tuple[str, ...]:
        asked.append(name)
        return lookup(name, kind)

    deployment.dns.lookup = counted  # type: ignore[method-assign]
    assert policy_of(deployment, "a.b.c.d.e.f.g.h.i.j.example.com") is None
    nearer = [f"_dmarc.{'.'.join('fghij'[start:])}.example.com" for start in range(5)]
    assert asked == ["_dmarc.a.b.c.d.e.f.g.h.i.j.example.com", *nearer, "_dmarc.example.com", "_dmarc.com"]


def test_specialists_without_a_policy_are_not_believed() -> None:
    domain = domains_of(address for desk in DESKS for address in specialists_of(desk.id))[0]
    found = first("dmarc", {(f"_dmarc.{domain}", "TXT"): ()})
    assert (found.state, "not believed" in found.text, f"`_dmarc.{domain}. TXT" in found.remedy) == (
        State.FAULT,
        True,
        True,
    )


def test_two_policies_count_as_none() -> None:
    domain = domains_of(address for desk in DESKS for address in specialists_of(desk.id))[0]
    found = first("dmarc", {(f"_dmarc.{domain}", "TXT"): ("v=DMARC1; p=none", "v=DMARC1; p=reject")})
    assert (found.state, "several" in found.text) == (State.FAULT, True)


# The team --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "state", "text"),
    [
        ((d.SES_MX,), State.FAULT, "no card arrives"),
        (("10 mx.company.example", "20 inbound-smtp.us-east-1.amazonaws.com"), State.FAULT, "no card arrives"),
        (("0 .",), State.FAULT, "accepts no mail"),
        ((), State.WARNING, "has no MX record"),
        (("10 mx.company.example",), State.OK, "at mx.company.example"),
    ],
)
def test_cards_arrive_where_a_server_of_the_company_takes_them(
    records: tuple[str, ...], state: State, text: str
) -> None:
    found = d.look(
        "team-mailboxes",
        records=dict.fromkeys(
            [
                (domain, "MX")
                for domain in domains_of(address for desk in DESKS for address in people_of(desk.id).addresses)
            ],
            records,
        ),
    )
    assert {one.state for one in found} == {state}
    assert text in found[0].text
