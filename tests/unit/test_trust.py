"""How far a From address is believed, cell by cell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.mail.authentication import parse_results, ses_block
from adapters.mime import read_letter
from domain.letter import Address, Envelope, Trust, Verdict, Verdicts
from domain.trust import AuthenticationResults, aligned, decide_trust

LETTERS = Path(__file__).parent.parent / "fixtures" / "letters"
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
