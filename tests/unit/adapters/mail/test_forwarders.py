"""A letter that the company's own server forwards: when what that server found of it is believed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.mail.forwarders import read_results
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, Trust, Verdict, Verdicts
from domain.regulation.desk import Forwarder, Forwarders
from domain.trust import AuthenticationResults
from tests.support.forwarded_mail import FOUND, SES_ID, SIGNED, forwarded

IT = Forwarder(authserv_id="mx.example.ru", dkim_domain="example.ru")
NAMED = Forwarders.of((IT,))
NONE = Forwarders()
NOT_COVERING = SIGNED.replace("message-id:authentication-results", "message-id")
SRS = "SRS0=ab=cd=zavod.example=lomova@example.ru"
BROKEN = Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.FAIL, dmarc_policy="reject")
"""What SES finds of a letter whose own signature the forwarder broke."""
STRAIGHT = Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.FAIL, dmarc_policy="reject")
UNSIGNED = Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.GRAY)
"""What SES finds of a letter of a domain without DMARC, which the forwarder alone has signed."""


STRAIGHT_FROM_IT: dict[str, Any] = {
    "spf": "spf=pass (spfCheck: domain of example.ru designates 192.0.2.7 as permitted sender)",
    "envelope_from": SRS,
}


def read(raw: bytes, verdicts: Verdicts = BROKEN, named: Forwarders = NAMED) -> Letter:
    envelope = Envelope(SES_ID, datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example.ru",), verdicts=verdicts)
    return read_letter(raw, envelope, forwarders=named)


def test_what_a_named_forwarder_found_is_believed_where_its_signature_covers_it() -> None:
    letter = read(forwarded())
    assert letter.trust is Trust.VERIFIED
    assert letter.trust_evidence == "DMARC passed at the forwarder mx.example.ru that the desk names"


def test_what_a_named_forwarder_found_is_believed_where_the_letter_comes_straight_from_it() -> None:
    """The signature of such a server covers no Authentication-Results field as a rule."""
    above = (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {NOT_COVERING}")
    assert read(forwarded(above=above, **STRAIGHT_FROM_IT), STRAIGHT).trust is Trust.VERIFIED


def test_a_forwarder_that_no_desk_names_is_not_believed() -> None:
    """DMARC decides as it did, and the letter is forged."""
    assert read(forwarded(), named=NONE).trust is Trust.FORGED
    other = Forwarder(authserv_id="mx.other.example", dkim_domain="example.ru")
    assert read(forwarded(), named=Forwarders.of((other,))).trust is Trust.FORGED


def test_what_one_of_two_desks_does_not_believe_is_believed_for_neither() -> None:
    assert read(forwarded(), named=Forwarders.of((IT,), ())).trust is Trust.FORGED


REPLAYED = (
    f"Authentication-Results: {FOUND}",
    "Authentication-Results: mx.example.ru; dmarc=fail header.from=zavod.example",
)


@pytest.mark.parametrize(
    ("changes", "verdicts"),
    [
        ({"dkim": ""}, Verdicts(spf=Verdict.FAIL, dkim=Verdict.GRAY, dmarc=Verdict.FAIL, dmarc_policy="reject")),
        ({"dkim": "dkim=fail header.i=@example.ru;"}, BROKEN),
        ({"dkim": "dkim=pass header.i=@stranger.example;"}, BROKEN),
        ({"dkim": "dkim=pass header.i=@sub.example.ru;"}, BROKEN),
        ({}, Verdicts(spf=Verdict.FAIL, dkim=Verdict.FAIL, dmarc=Verdict.FAIL, dmarc_policy="reject")),
        ({"above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {NOT_COVERING}")}, BROKEN),
        ({"above": (f"Authentication-Results: {FOUND}",)}, BROKEN),
        ({"above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}; l=4")}, BROKEN),
        ({"above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}; d=example.ru")}, BROKEN),
        ({"above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}", f"DKIM-Signature: {NOT_COVERING}")}, BROKEN),
        ({"above": (*REPLAYED, f"DKIM-Signature: {SIGNED}")}, BROKEN),
        ({"above": (f"DKIM-Signature: {SIGNED}", "Authentication-Results: mx.stranger.example; dmarc=pass header.from=zavod.example"), "below": (f"Authentication-Results: {FOUND}",)}, BROKEN),
        ({**STRAIGHT_FROM_IT, "envelope_from": "x@stranger.example", "above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {NOT_COVERING}")}, STRAIGHT),
        ({**STRAIGHT_FROM_IT, "envelope_from": "x@notexample.ru", "above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {NOT_COVERING}")}, STRAIGHT),
        ({**STRAIGHT_FROM_IT, "above": (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {NOT_COVERING}")}, BROKEN),
        ({"above": (f"X-Ses-Note: a\rAuthentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}")}, BROKEN),
        ({"above": (f"Authentication-Results : {FOUND}", f"DKIM-Signature: {SIGNED}")}, BROKEN),
        ({"above": ("X-Note: a", f" Authentication-Results: {FOUND}", f"Authentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}")}, BROKEN),
        ({"sender": "a@zavod.example, b@zavod.example"}, BROKEN),
        ({"sender": "lomova@mail.zavod.example"}, BROKEN),
    ],
    ids=[
        "not signed by it",
        "its signature failed",
        "another signed",
        "a subdomain signed",
        "the notification knows no signature that passed",
        "the signature leaves the field out",
        "no signature to be seen",
        "more text than was signed",
        "a tag twice",
        "one of its signatures leaves the field out",
        "one field more than the signature covers",
        "another server's field above its own",
        "from another server than its own",
        "from a server of a domain that ends alike",
        "SPF passed by the letter's own word alone",
        "a field that some readers see and the signature does not",
        "a field that is spelt as none",
        "a continuation that looks like a field",
        "several authors",
        "another author than was checked",
    ],
)  # fmt: skip
def test_a_field_that_somebody_else_may_have_put_there_proves_nothing(
    changes: dict[str, Any], verdicts: Verdicts
) -> None:
    assert read(forwarded(**changes), verdicts).trust is Trust.FORGED


def test_what_a_sender_writes_below_the_forwarders_own_field_is_not_read() -> None:
    """Where the forwarder leaves it there, its own results are above it, and decide."""
    own = "Authentication-Results: mx.example.ru; dmarc=fail (p=reject) header.from=zavod.example"
    covering = SIGNED.replace("message-id:", "message-id:authentication-results:")
    raw = forwarded(
        above=(own, f"DKIM-Signature: {covering}"),
        below=(f"Authentication-Results: {FOUND}",),
    )
    letter = read(raw)
    assert letter.trust is Trust.FORGED
    assert letter.trust_evidence.endswith("the forwarder mx.example.ru that the desk names found no proof either")


@pytest.mark.parametrize(
    ("found", "expected", "spf_failed"),
    [
        ("spf=pass smtp.mailfrom=a@zavod.example; dkim=none; dmarc=none header.from=zavod.example", Trust.VERIFIED, False),
        ("spf=pass smtp.mailfrom=a@mail.zavod.example", Trust.VERIFIED, False),
        ("dkim=pass header.d=zavod.example header.s=a header.b=x; spf=fail smtp.mailfrom=a@zavod.example", Trust.VERIFIED, False),
        ("spf=pass smtp.mailfrom=a@stranger.example; dmarc=none header.from=zavod.example", Trust.CLAIMED, False),
        ("spf=fail smtp.mailfrom=a@zavod.example; dmarc=none header.from=zavod.example", Trust.CLAIMED, True),
        ("spf=softfail smtp.mailfrom=a@zavod.example; dmarc=none header.from=zavod.example", Trust.CLAIMED, False),
        ("dmarc=temperror header.from=zavod.example", Trust.CLAIMED, False),
        ("spf=pass smtp.mailfrom=a@zavod.example; dmarc=fail header.from=zavod.example", Trust.CLAIMED, False),
    ],
)  # fmt: skip
def test_the_forwarders_own_results_decide_of_a_domain_without_a_policy(
    found: str, expected: Trust, *, spf_failed: bool
) -> None:
    """That SPF fails at SES says nothing of a letter that was forwarded."""
    field = f"Authentication-Results: mx.example.ru; {found}"
    letter = read(forwarded(above=(field, f"DKIM-Signature: {SIGNED}")), UNSIGNED)
    assert (letter.trust, letter.spf_failed) == (expected, spf_failed)


def test_a_forwarded_letter_that_no_named_forwarder_vouches_for_is_never_answered() -> None:
    letter = read(forwarded(), UNSIGNED, named=NONE)
    assert (letter.trust, letter.spf_failed) == (Trust.CLAIMED, True)


def test_a_letter_that_ses_verifies_needs_no_forwarder() -> None:
    """The author's own signature has survived."""
    both = "dkim=pass header.i=@zavod.example; dkim=pass header.i=@example.ru; dmarc=pass header.from=zavod.example;"
    letter = read(forwarded(dkim=both), Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.PASS))
    assert (letter.trust, letter.trust_evidence) == (Trust.VERIFIED, "DMARC passed")


OF_ITS_OWN_PEOPLE: dict[str, Any] = {
    "sender": "anna@example.ru",
    "dkim": "dkim=pass header.i=@example.ru; dmarc=pass header.from=example.ru;",
}
VERIFIED = Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("dmarc=fail header.from=example.ru", Trust.CLAIMED),
        ("dmarc=none header.from=example.ru; spf=fail smtp.mailfrom=a@example.ru", Trust.CLAIMED),
        ("dkim=none", Trust.CLAIMED),
        ('spf=pass smtp.mailfrom="a;"@stranger.example', Trust.CLAIMED),
        ("dmarc=pass header.from=stranger.example", Trust.CLAIMED),
        ("dmarc=pass header.from=example.ru", Trust.VERIFIED),
        ("dkim=pass header.d=example.ru header.s=a header.b=c; dmarc=none header.from=example.ru", Trust.VERIFIED),
    ],
)
def test_a_stranger_does_not_pass_for_the_companys_own_people_by_being_forwarded(found: str, expected: Trust) -> None:
    """The server signs what it forwards and sends it in its own name, so that DMARC passes for its own domain."""
    above = (f"Authentication-Results: mx.example.ru; {found}", f"DKIM-Signature: {NOT_COVERING}")
    assert read(forwarded(above=above, **STRAIGHT_FROM_IT, **OF_ITS_OWN_PEOPLE), VERIFIED).trust is expected


def test_what_a_server_found_against_a_letter_counts_though_only_one_of_its_desks_names_it() -> None:
    """Or whoever writes to two desks at once would pass for a specialist of the first."""
    above = ("Authentication-Results: mx.example.ru; dmarc=fail header.from=example.ru", f"DKIM-Signature: {SIGNED}")
    raw = forwarded(above=above, **STRAIGHT_FROM_IT, **OF_ITS_OWN_PEOPLE)
    assert read(raw, VERIFIED, Forwarders.of((IT,), ())).trust is Trust.CLAIMED


def test_the_companys_own_people_are_verified_where_their_server_checked_nothing() -> None:
    """It took the letter from them, after they had named themselves."""
    raw = forwarded(above=(f"DKIM-Signature: {SIGNED}",), **STRAIGHT_FROM_IT, **OF_ITS_OWN_PEOPLE)
    assert read(raw, VERIFIED).trust is Trust.VERIFIED


AS_SERVERS_WRITE_IT = [
    (  # rspamd
        (
            "mx.example.ru;\r\n\tdkim=pass header.d=zavod.example header.s=m header.b=q+/;\r\n\tspf=pass (mx.example.ru: domain of "
            "a@zavod.example designates 192.0.2.9 as permitted sender) smtp.mailfrom=a@zavod.example;\r\n\tdmarc=pass "
            "(policy=reject) header.from=zavod.example"
        ),
        AuthenticationResults("pass", "zavod.example", (("pass", "zavod.example"),), "pass", "zavod.example"),
    ),
    (  # OpenDKIM
        'mx.example.ru;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=zavod.example header.i=@zavod.example header.b="AbC="',
        AuthenticationResults(dkim=(("pass", "zavod.example"),)),
    ),
    (  # OpenDMARC
        "mx.example.ru; dmarc=fail (p=reject dis=none) header.from=zavod.example",
        AuthenticationResults(dmarc="fail", header_from="zavod.example"),
    ),
    (  # amavis
        'mx.example.ru (amavisd-new); dkim=fail (1024-bit key) reason="bad signature" header.d=zavod.example',
        AuthenticationResults(dkim=(("fail", "zavod.example"),)),
    ),
    (  # Stalwart
        "mx.example.ru 1; iprev=pass policy.iprev=192.0.2.9; arc=none; dmarc=pass header.from=zavod.example policy.dmarc=none",
        AuthenticationResults(dmarc="pass", header_from="zavod.example"),
    ),
    ("mx.example.ru; none", AuthenticationResults()),
]


@pytest.mark.parametrize(("value", "expected"), AS_SERVERS_WRITE_IT)
def test_results_are_read_as_servers_write_them(value: str, expected: AuthenticationResults) -> None:
    assert read_results(" ".join(value.split())) == expected


@pytest.mark.parametrize(
    "found",
    [
        'spf=pass smtp.mailfrom="a; dmarc=pass header.from=zavod.example;"@stranger.example',
        "spf=pass smtp.mailfrom=a; dmarc=pass header.from=zavod.example;@stranger.example",
        "spf=pass smtp.mailfrom=a; dmarc=pass header.from=zavod.example x=@stranger.example",
        "spf=pass smtp.mailfrom=a; dmarc=pass header.from=zavod.example action=@stranger.example",
        "spf=pass smtp.mailfrom=a dmarc=pass header.from=zavod.example x=@stranger.example",
        'spf=pass (mx: domain of "a) dmarc=pass header.from=zavod.example ("@stranger.example designates it)',
        "spf=pass (mx: domain of a) ; dmarc=pass header.from=zavod.example ; x=(@stranger.example designates it) smtp.mailfrom=a)",
        "spf=none smtp.helo=a; dmarc=pass header.from=zavod.example",
        "dmarc=pass header.from=zavod.example; dmarc=fail header.from=zavod.example",
        "dmarc=pass header.from=zavod.example header.from=stranger.example",
        "spf=pass smtp.mailfrom=a\\;dmarc=pass@stranger.example",
        "dmarc=pass header.from=zavod.example nonsense",
        "spf=pass smtp.mailfrom=a; dmarc=pass header.from=zavod.example; auth=pass smtp.auth=@stranger.example",
        "spf=pass smtp.mailfrom=a; dkim=pass header.d=zavod.example x=@stranger.example",
        "dkim=pass header.d=zavod.example header.i=@stranger.example",
        "dkim=pass header.i=@stranger.example header.s=x header.d=zavod.example",
        "=pass header.from=zavod.example",
    ],
)
def test_results_that_a_strangers_text_may_have_made_are_doubtful(found: str) -> None:
    assert read_results(f"mx.example.ru; {found}") == AuthenticationResults(doubtful=True)
    raw = forwarded(above=(f"Authentication-Results: mx.example.ru; {found}", f"DKIM-Signature: {SIGNED}"))
    assert read(raw).trust is Trust.FORGED


STRANGERS_SIGNATURE = "v=1; a=rsa-sha256; d=stranger.example; s=a; h=from; bh=abc=; b=AbC/; i="


@pytest.mark.parametrize(
    "identity",
    [
        "a=40stranger.example=3Bdmarc=3Dpass=20header.from=3Dzavod.example=3Bdkim=3Dpass=20header.i=3D@stranger.example",
        "a=40stranger.example=3Bdmarc=3D\r\n\tpass=20header.from=3Dzavod.example=3Bdkim=3Dpass=20header.i=3D@stranger.example",
        "@stranger.example; i=a=40stranger.example=3Bdmarc=3Dpass=20header.from=3Dzavod.example=3Bdkim=3Dpass=20header.i=3D@stranger.example",
    ],
)
def test_results_that_a_signers_identity_made_prove_nothing(identity: str) -> None:
    """OpenDKIM writes it decoded: nothing in the field tells such results from the server's own."""
    found = (
        "mx.example.ru; dkim=pass (2048-bit key) header.d=stranger.example header.i=a@stranger.example;dmarc=pass header.from=zavod.example;"
        'dkim=pass header.i=@stranger.example header.b="AbC/"'
    )
    above = (f"Authentication-Results: {found}", f"DKIM-Signature: {SIGNED}")
    assert (
        read(forwarded(above=above, below=(f"DKIM-Signature: {STRANGERS_SIGNATURE}{identity}",))).trust is Trust.FORGED
    )


def test_the_identity_of_a_signer_as_people_have_it_is_no_obstacle() -> None:
    below = (f"DKIM-Signature: {STRANGERS_SIGNATURE}bounces+12-a_b@mail.stranger.example",)
    assert read(forwarded(below=below)).trust is Trust.VERIFIED


@pytest.mark.parametrize(
    ("envelope_from", "sender", "expected"),
    [
        ("support@example.ru", "anna@example.ru", Trust.CLAIMED),
        ("support+x@example.ru", "anna@example.ru", Trust.CLAIMED),
        ("support@example.ru", "support@example.ru", Trust.VERIFIED),
        ("anna@example.ru", "anna@example.ru", Trust.VERIFIED),
    ],
)
def test_a_letter_of_another_whose_envelope_names_the_desk_was_forwarded(
    envelope_from: str, sender: str, expected: Trust
) -> None:
    """So does a mailbox that redirects, such as one with a Sieve filter: SPF passes for whoever wrote it."""
    by_spf = {"spf": STRAIGHT_FROM_IT["spf"], "dkim": "dkim=none; dmarc=pass header.from=example.ru;"}
    raw = forwarded(above=(), envelope_from=envelope_from, sender=sender, **by_spf)
    verdicts = Verdicts(spf=Verdict.PASS, dkim=Verdict.GRAY, dmarc=Verdict.PASS)
    envelope = Envelope(
        SES_ID, datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example.ru",), envelope_from, verdicts
    )
    assert read_letter(raw, envelope, frozenset({"support@example.ru"})).trust is expected
