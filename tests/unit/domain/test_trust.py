"""How far a From address is believed, cell by cell."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from adapters.mail.authentication import parse_results, ses_block
from adapters.mail.headers import fields as as_fields
from adapters.mail.reading import read_letter
from adapters.ses.raw_letter import envelope_from_raw
from domain.letter import Address, Envelope, Trust, Verdict, Verdicts
from domain.trust import AuthenticationResults, aligned, decide_trust
from tests.support.repository import LETTERS

ZOYA = (Address("lomova@zavod.example"),)
ALIGNED = AuthenticationResults(
    spf="pass",
    spf_domain="mail.zavod.example",
    dkim=(("pass", "zavod.example"),),
    dmarc="none",
    header_from="zavod.example",
)
STRANGE = AuthenticationResults(spf="pass", spf_domain="stranger.example", dkim=(("pass", "stranger.example"),))
PASSED = {"spf": Verdict.PASS, "dkim": Verdict.PASS}


def trust(
    verdicts: Verdicts, results: AuthenticationResults | None = None, authors: tuple[Address, ...] = ZOYA
) -> Trust:
    return decide_trust(authors, verdicts, results).trust


def read(name: str, verdicts: Verdicts) -> Trust:
    envelope = Envelope("sesid0000000000000000017", datetime(2026, 11, 23, tzinfo=UTC), (), verdicts=verdicts)
    return read_letter((LETTERS / name).read_bytes(), envelope).trust


def test_dmarc_pass_verifies() -> None:
    assert trust(Verdicts(dmarc=Verdict.PASS)) is Trust.VERIFIED


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("reject", Trust.FORGED),
        ("QUARANTINE", Trust.FORGED),
        ("none", Trust.CLAIMED),
        (None, Trust.CLAIMED),
        ("odd", Trust.CLAIMED),
    ],
)
def test_dmarc_failure_counts_by_the_domains_policy(policy: str | None, expected: Trust) -> None:
    assert trust(Verdicts(dmarc=Verdict.FAIL, dmarc_policy=policy, **PASSED), ALIGNED) is expected


@pytest.mark.parametrize("authors", [(), (Address("a@zavod.example"), Address("b@zavod.example"))])
def test_no_author_and_several_authors_are_never_verified(authors: tuple[Address, ...]) -> None:
    assert trust(Verdicts(dmarc=Verdict.PASS, **PASSED), ALIGNED, authors) is Trust.CLAIMED


def test_several_authors_of_a_domain_that_rejects_are_forged() -> None:
    verdicts = Verdicts(dmarc=Verdict.FAIL, dmarc_policy="reject")
    assert trust(verdicts, authors=(Address("a@x.example"), Address("b@y.example"))) is Trust.FORGED


@pytest.mark.parametrize("dmarc", [Verdict.GRAY, Verdict.UNKNOWN])
def test_without_a_policy_an_aligned_mechanism_verifies(dmarc: Verdict) -> None:
    only_spf = AuthenticationResults(spf="pass", spf_domain="mail.zavod.example")
    only_dkim = AuthenticationResults(dkim=(("fail", "zavod.example"), ("pass", "zavod.example")))
    assert trust(Verdicts(dmarc=dmarc, **PASSED), only_spf) is Trust.VERIFIED
    assert trust(Verdicts(dmarc=dmarc, **PASSED), only_dkim) is Trust.VERIFIED


@pytest.mark.parametrize(
    ("verdicts", "results"),
    [
        (Verdicts(dmarc=Verdict.GRAY, **PASSED), None),
        (Verdicts(dmarc=Verdict.GRAY, **PASSED), STRANGE),
        (Verdicts(dmarc=Verdict.GRAY), ALIGNED),
        (Verdicts(dmarc=Verdict.GRAY, spf=Verdict.FAIL, dkim=Verdict.FAIL), ALIGNED),
        (Verdicts(dmarc=Verdict.PROCESSING_FAILED, **PASSED), ALIGNED),
        (Verdicts(), None),
    ],
)
def test_everything_else_is_a_claim(verdicts: Verdicts, results: AuthenticationResults | None) -> None:
    assert trust(verdicts, results) is Trust.CLAIMED


OWN_SIGNATURE = AuthenticationResults(spf="fail", spf_domain="zavod.example", dkim=(("pass", "mail.zavod.example"),))
OTHERS_SIGNATURE = AuthenticationResults(spf="fail", spf_domain="zavod.example", dkim=(("pass", "esp.example"),))


@pytest.mark.parametrize(
    ("verdicts", "results", "expected"),
    [
        (Verdicts(spf=Verdict.FAIL, dkim=Verdict.GRAY, dmarc=Verdict.GRAY), None, True),
        (Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.GRAY), OTHERS_SIGNATURE, True),
        (Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.GRAY), None, True),
        (Verdicts(spf=Verdict.FAIL, dmarc=Verdict.FAIL, dmarc_policy="none"), None, True),
        (Verdicts(spf=Verdict.UNKNOWN, dmarc=Verdict.UNKNOWN), AuthenticationResults(spf="fail"), True),
        (Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.PROCESSING_FAILED), OWN_SIGNATURE, False),
        (Verdicts(spf=Verdict.GRAY, dmarc=Verdict.GRAY), AuthenticationResults(spf="softfail"), False),
        (Verdicts(spf=Verdict.PROCESSING_FAILED, dmarc=Verdict.GRAY), None, False),
        (Verdicts(), None, False),
    ],
)
def test_a_claim_is_one_that_spf_denies_unless_a_signature_of_its_domain_passed(
    verdicts: Verdicts, results: AuthenticationResults | None, *, expected: bool
) -> None:
    decision = decide_trust(ZOYA, verdicts, results)
    assert (decision.trust, decision.spf_failed) == (Trust.CLAIMED, expected)
    assert ("SPF failed" in decision.evidence) is expected


@pytest.mark.parametrize("results", [OWN_SIGNATURE, None])
def test_what_dmarc_passes_spf_does_not_deny(results: AuthenticationResults | None) -> None:
    decision = decide_trust(ZOYA, Verdicts(spf=Verdict.FAIL, dmarc=Verdict.PASS), results)
    assert (decision.trust, decision.spf_failed) == (Trust.VERIFIED, False)


BY_SPF_ALONE = Verdicts(spf=Verdict.PASS, dkim=Verdict.GRAY, dmarc=Verdict.PASS)


@pytest.mark.parametrize(
    ("mail_from", "expected"),
    [
        ("srs0=ab=cd=stranger.example=mallory@zavod.example", Trust.CLAIMED),
        ("srs1=ab=x.example==cd=ef=stranger.example=mallory@zavod.example", Trust.CLAIMED),
        ("support+srs=44ldt=ix=stranger.example=mallory@zavod.example", Trust.CLAIMED),
        ("support+caf_=support=desk.example@zavod.example", Trust.CLAIMED),
        ("lomova@zavod.example", Trust.VERIFIED),
        ("lomova+srs@zavod.example", Trust.VERIFIED),
    ],
)
def test_a_stranger_whom_a_forwarder_sends_on_in_its_own_name_does_not_pass_for_its_people(
    mail_from: str, expected: Trust
) -> None:
    results = AuthenticationResults(spf="pass", spf_domain="zavod.example", dmarc="pass", header_from="zavod.example")
    assert decide_trust(ZOYA, BY_SPF_ALONE, results, mail_from=mail_from).trust is expected


def test_a_letter_that_its_author_has_signed_is_verified_however_it_was_forwarded() -> None:
    srs = "srs0=ab=cd=zavod.example=lomova@zavod.example"
    assert decide_trust(ZOYA, Verdicts(dmarc=Verdict.PASS, **PASSED), ALIGNED, mail_from=srs).trust is Trust.VERIFIED


def test_spf_that_fails_for_several_authors_is_a_failure_too() -> None:
    several = (*ZOYA, Address("b@zavod.example"))
    assert decide_trust(several, Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS), OWN_SIGNATURE).spf_failed


def test_a_pass_for_another_author_than_the_one_read_here_is_a_claim() -> None:
    other = AuthenticationResults(dmarc="pass", header_from="stranger.example")
    assert trust(Verdicts(dmarc=Verdict.PASS), other) is Trust.CLAIMED


@pytest.mark.parametrize(
    ("vouched", "author", "expected"),
    [
        ("zavod.example", "zavod.example", True),
        ("mail.zavod.example", "zavod.example", True),
        ("zavod.example", "mail.zavod.example", True),
        ("evilzavod.example", "zavod.example", False),
        ("example", "zavod.example", False),
        ("msk.ru", "zavod.msk.ru", False),
        ("zavod.msk.ru", "msk.ru", False),
        ("", "zavod.example", False),
    ],
)
def test_alignment_is_relaxed_and_stops_at_shared_suffixes(vouched: str, author: str, *, expected: bool) -> None:
    assert aligned(vouched, author) is expected


UNPUBLISHED = Verdicts(dmarc=Verdict.GRAY, **PASSED)


def test_a_letter_as_ses_stores_it_is_verified_by_its_results() -> None:
    assert read("ses-authenticated.eml", UNPUBLISHED) is Trust.VERIFIED


@pytest.mark.parametrize(
    "name", ["ses-planted-results.eml", "ses-second-results-planted.eml", "planted-ses-block.eml", "several-from.eml"]
)
def test_results_planted_by_a_sender_verify_nothing(name: str) -> None:
    assert read(name, UNPUBLISHED) is Trust.CLAIMED


def test_results_without_verdicts_of_the_notification_verify_nothing() -> None:
    assert read("ses-authenticated.eml", Verdicts()) is Trust.CLAIMED


def test_results_are_read_as_ses_writes_them() -> None:
    value = (
        "amazonses.com; spf=pass (spfCheck: domain of x.example; designates 192.0.2.7) client-ip=192.0.2.7; "
        "envelope-from=b@mail.zavod.example; helo=out; dkim=pass header.i=@zavod.example; dkim=fail header.i=@b.example; "
        "dmarc=none header.from=zavod.example;"
    )
    assert parse_results(value) == AuthenticationResults(
        "pass", "mail.zavod.example", (("pass", "zavod.example"), ("fail", "b.example")), "none", "zavod.example"
    )


SENT_BY_A_STRANGER = (
    "amazonses.com; spf=pass (spfCheck: domain of stranger.example designates 192.0.2.7 as permitted sender) "
    "client-ip=192.0.2.7; envelope-from=x@stranger.example; helo=out; dkim=pass header.i=@stranger.example;"
)
WORDS_OF_THE_CLIENTS_OWN = [
    ("=x@", '="x@zavod.example"@'),
    ("=x@", '="a;dkim=pass/header.i=@zavod.example"@'),
    ("=x@", '="a; dkim=pass header.i=@zavod.example; helo=b"@'),
    ("=x@", '="x;dmarc=pass/header.from=zavod.example"@'),
    ("=x@", "=x;dkim=pass/header.d=zavod.example@"),
    ("=x@", "=x; dkim=pass header.i=@zavod.example; x=@"),
    ("=x@", "=x; dmarc=pass header.from=zavod.example; x=@"),
    ("=x@", "=x envelope-from=y@zavod.example smtp.helo=@"),
    ("=x@", "=x smtp.mailfrom=y@zavod.example @"),
    ("=x@", "=x smtp.mailfrom=y@zavod.example x=@"),
    ("=x@", "=x; smtp.mailfrom=y@zavod.example; x=@"),
    ("domain of ", 'domain of "x)envelope-from=a@zavod.example("@'),
    ("domain of ", "domain of x) envelope-from=a@zavod.example; spf=pass ("),
    ("domain of ", "domain of x); dkim=pass header.i=@zavod.example; spf=pass ("),
    ("domain of ", "domain of x); dkim=pass header.i=@zavod.example; dmarc=none ("),
    ("helo=out", "helo=out;dkim=pass/header.i=@zavod.example"),
    ("header.i=@", 'header.i="@zavod.example"@'),
]


def as_stored(results: str, greeting: str = "out") -> bytes:
    return (
        f"Received: from {greeting} ([192.0.2.7]) by inbound-smtp.eu-west-1.amazonaws.com with SMTP id "
        f"sesid0000000000000000017 for s@desk.example; x\nAuthentication-Results: {results}\nX-SES-RECEIPT: A\n"
        "From: lomova@zavod.example\nSubject: x\n\nhi\n"
    ).encode()


@pytest.mark.parametrize("dmarc", [Verdict.GRAY, Verdict.PASS])
@pytest.mark.parametrize(("written", "planted"), WORDS_OF_THE_CLIENTS_OWN)
def test_a_stranger_is_not_verified_by_what_he_writes_into_the_envelope(
    written: str, planted: str, dmarc: Verdict
) -> None:
    raw = as_stored(SENT_BY_A_STRANGER.replace(written, planted, 1))
    envelope = Envelope(
        "sesid0000000000000000017", datetime(2026, 11, 23, tzinfo=UTC), (), verdicts=Verdicts(dmarc=dmarc, **PASSED)
    )
    assert read_letter(raw, envelope).trust is Trust.CLAIMED
    rebuilt = envelope_from_raw(raw, "sesid0000000000000000017", datetime(2026, 11, 23, tzinfo=UTC))
    assert rebuilt.verdicts.dmarc is not Verdict.PASS
    assert read_letter(raw, rebuilt).trust is Trust.CLAIMED


@pytest.mark.parametrize("greeting", ["out;dkim=pass", "out; dkim=pass header.i=@zavod.example", '"out"'])
def test_a_stranger_is_not_verified_by_how_he_greets(greeting: str) -> None:
    results = f"{SENT_BY_A_STRANGER}".replace("helo=out", "helo=out; dkim=pass header.i=@zavod.example")
    block = ses_block(as_fields(message_from_bytes(as_stored(results, greeting))), "sesid0000000000000000017")
    assert block is not None
    assert block.results == AuthenticationResults(doubtful=True)


def test_a_pass_said_in_the_envelope_does_not_outdo_a_real_failure() -> None:
    failed = SENT_BY_A_STRANGER.replace("=x@", '="x;dmarc=pass/header.from=zavod.example"@')
    raw = as_stored(f"{failed} dmarc=fail header.from=zavod.example;")
    rebuilt = envelope_from_raw(raw, "sesid0000000000000000017", datetime(2026, 11, 23, tzinfo=UTC))
    assert rebuilt.verdicts == Verdicts()
    assert read_letter(raw, rebuilt).trust is Trust.CLAIMED


@pytest.mark.parametrize(
    ("envelope_from", "domain"),
    [
        ("", ""),
        ("SRS0=ab=cd=zavod.example=lomova@relay.example", "relay.example"),
        ("b+a=b@Mail.Zavod.example", "mail.zavod.example"),
    ],
)
def test_the_domain_of_the_envelope_sender_is_what_follows_its_last_at(envelope_from: str, domain: str) -> None:
    found = parse_results(SENT_BY_A_STRANGER.replace("x@stranger.example", envelope_from))
    assert found == AuthenticationResults("pass", domain, (("pass", "stranger.example"),))


def test_results_of_another_server_are_not_read() -> None:
    assert parse_results("mx.stranger.example; dkim=pass header.i=@zavod.example") is None
    assert parse_results("") is None


def test_the_block_of_ses_must_stand_at_the_very_top() -> None:
    received = ("received", "from a by inbound-smtp.eu-west-1.amazonaws.com with SMTP id abcdefgh1 for s@d.example; x")
    assert ses_block([("subject", "x"), received]) is None
    assert ses_block([received], "another-id") is None
    block = ses_block([received], "abcdefgh1")
    assert block is not None
    assert block.recipients == ("s@d.example",)
