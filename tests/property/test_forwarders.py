"""What a sender writes into the envelope never makes a forwarder's results speak for somebody else."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mail.reading import read_letter
from domain.letter import Envelope, Trust, Verdict, Verdicts
from domain.regulation.desk import Forwarder, Forwarders
from tests.support.forwarded_mail import SES_ID, SIGNED, forwarded

NAMED = Forwarders.of((Forwarder(authserv_id="mx.example.ru", dkim_domain="example.ru"),))
FOUND = [
    (
        "spf=pass (mx.example.ru: domain of {0}@stranger.example designates 192.0.2.9 as permitted sender) "
        "smtp.mailfrom={0}@stranger.example; dmarc=fail (p=reject) header.from=zavod.example"
    ),
    "dmarc=fail (p=reject) header.from=zavod.example; spf=pass smtp.mailfrom={0}@stranger.example",
    "spf=pass (mx.example.ru: domain of {0}@stranger.example designates 192.0.2.9) smtp.mailfrom={0}@stranger.example",
    "dkim=none; spf=pass smtp.mailfrom={0}@stranger.example",
]
"""How servers write them; the last two check no DMARC."""
PIECES = [
    "dmarc=pass", "header.from=zavod.example", "spf=pass", "dkim=pass", "header.d=zavod.example", "header.i=@zavod.example",
    "smtp.mailfrom=a@zavod.example", "@zavod.example", "action=", "x=", "reason=", "policy.dmarc=", ";", " ", "(", ")", '"',
    "\\", "=", "a", "mx.example.ru;",
]  # fmt: skip
OF_A_DOMAIN_WITHOUT_POLICY = Verdicts(spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.GRAY)
AT_RANDOM = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
PROPERTIES = [
    "header.from=zavod.example", "header.d=zavod.example", "header.i=@zavod.example", "smtp.mailfrom=a@zavod.example",
    "header.s=a", "header.b=a", "reason=a", "action=none", "x=a",
]  # fmt: skip
LAST = [
    "",
    "smtp.mail=",
    "header.i=",
    "header.b=",
    "header.s=",
    "header.from=",
    "reason=",
    "action=",
    "smtp.mailfrom=",
    "x=",
]
"""A property that takes up what follows the stranger's words."""
PLAUSIBLE = st.builds(
    "a; {}=pass {} {}".format,
    st.sampled_from(["dmarc", "dkim", "spf", "DKIM", "dkim/1"]),
    st.lists(st.sampled_from(PROPERTIES), max_size=3).map(" ".join),
    st.sampled_from(LAST),
)
"""A whole result of the stranger's own."""


ADDRESSED = st.builds("a@zavod.example {}".format, st.sampled_from(LAST))


@given(found=st.sampled_from(FOUND), local=AT_RANDOM | PLAUSIBLE | ADDRESSED)
@example(found=FOUND[3], local="a@zavod.example x=")
@example(found=FOUND[3], local="a@zavod.example smtp.mail=")
@example(found=FOUND[3], local="a; dkim=pass header.d=zavod.example x=")
@example(found=FOUND[3], local="a; dkim=pass header.d=zavod.example header.i=")
@example(found=FOUND[3], local="a; dmarc=pass header.from=zavod.example; x=a")
@example(found=FOUND[3], local="a; dmarc=pass header.from=zavod.example action=")
@example(found=FOUND[3], local="a; dmarc=pass header.from=zavod.example; auth=pass smtp.auth=")
@example(found=FOUND[2], local="a) ; dmarc=pass header.from=zavod.example ; spf=pass (")
def test_no_envelope_sender_passes_for_another_author(found: str, local: str) -> None:
    field = f"Authentication-Results: mx.example.ru; {found.format(local)}"
    raw = forwarded(above=(field, f"DKIM-Signature: {SIGNED}"))
    envelope = Envelope(SES_ID, datetime(2026, 11, 23, tzinfo=UTC), (), verdicts=OF_A_DOMAIN_WITHOUT_POLICY)
    assert read_letter(raw, envelope, forwarders=NAMED).trust is Trust.CLAIMED
