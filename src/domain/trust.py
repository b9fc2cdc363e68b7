"""How surely a letter comes from the address in its From header: a decision over plain values.

What SES found is taken from its notification and from the one Authentication-Results header that SES
itself wrote; finding that header among planted ones is the adapter's work. The rule is DMARC's own
(RFC 7489 section 3.1): a mechanism counts only where the domain it vouches for is aligned with From.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.letter import Address, Trust, Verdict, Verdicts

# Names under which strangers register theirs. RFC 7489 section 3.2 asks for the public suffix list to
# find an organisational domain; this short list keeps "a subdomain vouches for its parent" from
# crossing the borders a Russian desk meets, and whatever it misses still needs a From on the bare suffix.
_SHARED_SUFFIXES = frozenset(
    {
        "com.ru", "net.ru", "org.ru", "pp.ru", "msk.ru", "spb.ru", "nov.ru", "edu.ru", "gov.ru", "int.ru",
        "mil.ru", "ac.ru", "msk.su", "spb.su", "ru.com", "ru.net", "com.ua", "org.ua", "com.by", "com.kz",
        "org.kz", "co.uk", "org.uk", "com.cn", "com.tr", "co.jp", "github.io", "amazonaws.com", "azurewebsites.net",
        "xn--c1avg.xn--p1ai", "xn--90azh.xn--p1ai",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """What the receiving server wrote of a letter (RFC 8601). Domains are lower-case ASCII."""

    spf: str = ""
    """`pass`, `fail`, `none`, …, or empty where SPF is not mentioned."""
    spf_domain: str = ""
    """The domain of the envelope sender that SPF was asked about."""
    dkim: tuple[tuple[str, str], ...] = ()
    """A (result, signing domain) for each signature."""
    dmarc: str = ""
    header_from: str = ""
    """The From domain that DMARC was asked about."""


@dataclass(frozen=True, slots=True)
class TrustDecision:
    """A level of trust and, in English without personal data, what it rests on."""

    trust: Trust
    evidence: str


def decide_trust(
    from_addresses: tuple[Address, ...], verdicts: Verdicts, results: AuthenticationResults | None
) -> TrustDecision:
    """How far the From address may be believed.

    `results` is None where the letter has no Authentication-Results header that SES surely wrote.
    """
    if verdicts.dmarc is Verdict.FAIL:
        return _on_dmarc_failure(verdicts.dmarc_policy)
    if len(from_addresses) != 1:
        # RFC 7489 section 6.6.1: with several authors it is undefined whose domain was checked.
        found = "no From address" if not from_addresses else "several From addresses"
        return TrustDecision(Trust.CLAIMED, f"{found}: there is no one author to verify")
    domain = from_addresses[0].domain
    if not domain:
        return TrustDecision(Trust.CLAIMED, "the From address has no domain")
    if results is not None and results.header_from and not aligned(results.header_from, domain):
        return TrustDecision(Trust.CLAIMED, "the domain that was checked is not the one in From as it reads here")
    if verdicts.dmarc is Verdict.PASS:
        return TrustDecision(Trust.VERIFIED, "DMARC passed")
    if verdicts.dmarc not in (Verdict.GRAY, Verdict.UNKNOWN):
        return TrustDecision(Trust.CLAIMED, f"DMARC was not checked ({verdicts.dmarc.value})")
    return _without_policy(domain, verdicts, results)


def aligned(vouched: str, author: str) -> bool:
    """True where one domain is the other or its subdomain, either way (relaxed alignment, RFC 7489 section 3.1).

    A shared suffix such as `msk.ru` vouches for nobody below it, nor anybody below for it.
    """
    if not vouched or not author:
        return False
    if vouched == author:
        return True
    shorter, longer = sorted((vouched, author), key=len)
    if "." not in shorter or shorter in _SHARED_SUFFIXES:
        return False
    return longer.endswith("." + shorter)


def _on_dmarc_failure(policy: str | None) -> TrustDecision:
    named = (policy or "").strip().lower()
    if named in ("quarantine", "reject"):
        return TrustDecision(Trust.FORGED, f"DMARC failed and the domain's policy is {named}")
    if named == "none":
        return TrustDecision(Trust.CLAIMED, "DMARC failed; the domain's policy is none")
    return TrustDecision(Trust.CLAIMED, "DMARC failed; the domain's policy is not known")


def _without_policy(domain: str, verdicts: Verdicts, results: AuthenticationResults | None) -> TrustDecision:
    """SPF or DKIM, where no DMARC policy says what to do.

    The notification must say that the mechanism passed, for a sender cannot write there; the header
    only adds which domain passed.
    """
    if results is None:
        return TrustDecision(Trust.CLAIMED, "no DMARC result, and no authentication results from amazonses.com")
    if results.dmarc not in ("", "none"):
        return TrustDecision(Trust.CLAIMED, "no DMARC pass, though the domain publishes a policy")
    if verdicts.dkim is Verdict.PASS and any(
        result == "pass" and aligned(signer, domain) for result, signer in results.dkim
    ):
        return TrustDecision(Trust.VERIFIED, "no DMARC policy; DKIM passed for a domain aligned with From")
    if verdicts.spf is Verdict.PASS and results.spf == "pass" and aligned(results.spf_domain, domain):
        return TrustDecision(Trust.VERIFIED, "no DMARC policy; SPF passed for a domain aligned with From")
    return TrustDecision(
        Trust.CLAIMED, "no DMARC policy, and neither SPF nor DKIM passed for a domain aligned with From"
    )
