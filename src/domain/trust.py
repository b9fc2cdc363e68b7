"""How surely a letter comes from the address in its From header, and what each level of that may do.

What SES found is taken from its notification and from the one Authentication-Results header that SES
itself wrote; finding that header among planted ones is the adapter's work. The rule is DMARC's own
(RFC 7489 section 3.1): a mechanism counts only where the domain it vouches for is aligned with From.

A letter that the company's own server forwarded reaches SES from that server, so SPF fails for its sender. Where the
desk names the server and the letter is proved to come through it, what the server found as it took the letter counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from domain.addresses import without_plus
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


class Deed(StrEnum):
    """What the desk asks a letter's trust about before it lets it happen; in words, as the docs list them."""

    BE_TAKEN_UP = "open a ticket, or reach one in any of the ways below"
    BE_ANSWERED = "be answered by the desk itself"
    BE_ANSWERED_AMONG_STRANGERS = "be answered when all who are not proved have been written to as often as they may be"
    JOIN_OWN_TICKET = "join a ticket of the same sender, by the letter it answers or the number in its subject"
    JOIN_BY_TOKEN = "join a ticket by a genuine reply token, whoever writes"  # noqa: S105 - no password
    STOP_A_LAPSE = "end the desk's wait for the client"
    REOPEN = "reopen a closed ticket"
    COMPLETE_DETAILS = "add required details that are missing"
    CORRECT_DETAILS = "change details on a ticket that a verified letter opened"
    BE_KNOWN_BY_ADDRESS = "be known by its address as a registered client, and need not repeat what the registry has"
    USE_THE_CLIENTS_PAST = "count towards the client's quota, and be told which earlier request it repeats"
    PROVE_A_PASSWORD_CHANGE = "be named to the specialist as proof enough for a password change"  # noqa: S105 - no password
    SPEAK_FOR_THE_DESK = "act as a specialist, where the address is one"
    WAKE_THE_ON_CALL = "page the on-call by reporting a critical fault"
    REPORT_A_LOST_LETTER = (
        "report that a letter of ours was not delivered, by our token, that letter, or the client's address"
    )
    LIFT_A_SUPPRESSION = "let the desk write again to its address, which a bounce or a complaint had suppressed"


_ANYBODY = frozenset({Trust.VERIFIED, Trust.CLAIMED})
_PROVED = frozenset({Trust.VERIFIED})

MAY: Mapping[Deed, frozenset[Trust]] = MappingProxyType(
    {
        Deed.BE_TAKEN_UP: _ANYBODY,
        Deed.BE_ANSWERED: _ANYBODY,
        Deed.BE_ANSWERED_AMONG_STRANGERS: _PROVED,
        Deed.JOIN_OWN_TICKET: _ANYBODY,
        Deed.JOIN_BY_TOKEN: _ANYBODY,
        Deed.STOP_A_LAPSE: _ANYBODY,
        Deed.REOPEN: _ANYBODY,
        Deed.COMPLETE_DETAILS: _ANYBODY,
        Deed.CORRECT_DETAILS: _PROVED,
        Deed.BE_KNOWN_BY_ADDRESS: _ANYBODY,
        Deed.USE_THE_CLIENTS_PAST: _PROVED,
        Deed.PROVE_A_PASSWORD_CHANGE: _PROVED,
        Deed.SPEAK_FOR_THE_DESK: _PROVED,
        Deed.WAKE_THE_ON_CALL: _ANYBODY,
        Deed.REPORT_A_LOST_LETTER: _ANYBODY,
        Deed.LIFT_A_SUPPRESSION: _PROVED,
    }
)
"""Which levels of trust may do what; forged ones nothing. The one place where this is decided."""


def may(trust: Trust, deed: Deed) -> bool:
    """Return whether a letter of this trust may do this."""
    return trust in MAY[deed]


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
    doubtful: bool = False
    """True where it can be read in more than one way: the client's own words stand in it. All else is empty then."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a server that the desk names as its forwarder found of a letter, as the letter says it."""

    by: str
    """The name of the server, as it writes it into its own Authentication-Results."""
    domain: str
    """The domain in whose name it signs and sends."""
    results: AuthenticationResults
    proved: bool
    """The letter surely came through it: what speaks for the author counts as well, and not only what speaks against."""


@dataclass(frozen=True, slots=True)
class TrustDecision:
    """A level of trust and, in English without personal data, what it rests on."""

    trust: Trust
    evidence: str
    spf_failed: bool = False
    """The envelope's domain says that this server may not send for it (RFC 7208 section 8.4), and no signature of the
    author's domain says otherwise: the author is likely another, and nothing automatic goes to the address."""


def decide_trust(
    from_addresses: tuple[Address, ...],
    verdicts: Verdicts,
    results: AuthenticationResults | None,
    forwarded: Forwarded | None = None,
    mail_from: str = "",
    own_addresses: frozenset[str] = frozenset(),
) -> TrustDecision:
    """How far the From address may be believed.

    `results` is None where the letter has no Authentication-Results header that SES surely wrote; `forwarded` where no
    forwarder that the desk names says to have taken the letter. `mail_from` is the envelope sender, normalised, and
    `own_addresses` are the desks' own: what comes from one of them in another's name was forwarded.
    """
    own = _by_own_results(from_addresses, verdicts, results)
    domain = from_addresses[0].domain if len(from_addresses) == 1 else ""
    if own.trust is Trust.VERIFIED:
        is_ours = without_plus(mail_from) in own_addresses and mail_from != from_addresses[0].address
        if (is_ours or _REWRITTEN.match(mail_from)) and not _is_signed(domain, verdicts, results):
            # SPF vouches for the forwarder, and is aligned where a stranger writes in the name of somebody of its domain.
            return TrustDecision(Trust.CLAIMED, f"{own.evidence}, by SPF of a server that forwards in its own name")
        return own if forwarded is None else _unless_by_forwarding(own, domain, forwarded)
    if forwarded is not None and forwarded.proved and domain and _is_of_this_author(domain, results, forwarded.results):
        return _by_forwarder(own, domain, verdicts, forwarded)
    if own.trust is Trust.FORGED or not _spf_failed(domain, verdicts, results):
        return own
    return replace(
        own,
        evidence=f"{own.evidence}; SPF failed, and no signature of From's domain passed: nothing automatic answers",
        spf_failed=True,
    )


def _by_own_results(
    from_addresses: tuple[Address, ...], verdicts: Verdicts, results: AuthenticationResults | None
) -> TrustDecision:
    if verdicts.dmarc is Verdict.FAIL:
        return _on_dmarc_failure(verdicts.dmarc_policy)
    if len(from_addresses) != 1:
        # RFC 7489 section 6.6.1: with several authors it is undefined whose domain was checked.
        found = "no From address" if not from_addresses else "several From addresses"
        return TrustDecision(Trust.CLAIMED, f"{found}: there is no one author to verify")
    domain = from_addresses[0].domain
    if not domain:
        return TrustDecision(Trust.CLAIMED, "the From address has no domain")
    if results is not None and results.doubtful:
        return TrustDecision(Trust.CLAIMED, "the authentication results can be read in more than one way")
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
    if _is_signed(domain, verdicts, results):
        return TrustDecision(Trust.VERIFIED, "no DMARC policy; DKIM passed for a domain aligned with From")
    if verdicts.spf is Verdict.PASS and results.spf == "pass" and aligned(results.spf_domain, domain):
        return TrustDecision(Trust.VERIFIED, "no DMARC policy; SPF passed for a domain aligned with From")
    return TrustDecision(
        Trust.CLAIMED, "no DMARC policy, and neither SPF nor DKIM passed for a domain aligned with From"
    )


def _spf_failed(domain: str, verdicts: Verdicts, results: AuthenticationResults | None) -> bool:
    """Return whether SPF failed at SES and no aligned signature passed; a softfail is no failure (RFC 7208 section 8.5)."""
    failed = verdicts.spf is Verdict.FAIL or (results is not None and results.spf == "fail")
    return failed and not _is_signed(domain, verdicts, results)


def _is_signed(domain: str, verdicts: Verdicts, results: AuthenticationResults | None) -> bool:
    """Return whether SES found a signature of this domain that passed."""
    return verdicts.dkim is Verdict.PASS and results is not None and _signed(results, domain)


def _signed(results: AuthenticationResults, domain: str) -> bool:
    return any(result == "pass" and aligned(signer, domain) for result, signer in results.dkim)


# Forwarded letters -----------------------------------------------------------------------------------------


def _is_of_this_author(domain: str, results: AuthenticationResults | None, found: AuthenticationResults) -> bool:
    """Return whether SES and the forwarder surely speak of the author that is read here."""
    if results is None or results.doubtful or found.doubtful:
        return False
    checked = {name for name in (results.header_from, found.header_from) if name}
    return checked <= {domain}


_REWRITTEN = re.compile(r"srs[01][=+-]|[^@]*\+(?:srs|caf_)=")
"""How the envelope sender begins that a forwarder has made: SRS, as Microsoft 365 writes it too, and Gmail's."""


def _unless_by_forwarding(own: TrustDecision, domain: str, forwarded: Forwarded) -> TrustDecision:
    """Return what SES verified, unless only forwarding made it so.

    A server that signs what it forwards, or sends it in its own name (SRS), makes DKIM or SPF pass for its own domain:
    a letter that a stranger wrote in the name of somebody there would be verified at SES.
    """
    if not aligned(forwarded.domain, domain) or _found_proof(domain, forwarded.results):
        return own
    return TrustDecision(
        Trust.CLAIMED, f"{own.evidence}, which the forwarder {forwarded.by} alone may have caused: it found no proof"
    )


def _found_proof(domain: str, found: AuthenticationResults) -> str:
    """Return what a forwarder's results verify the author by; empty where they do not."""
    if found.doubtful or (found.header_from and found.header_from != domain):
        return ""
    if found.dmarc == "pass" and found.header_from == domain:
        return "DMARC passed"
    if found.dmarc in ("", "none"):
        if _signed(found, domain):
            return "no DMARC policy; DKIM passed for From's domain"
        if found.spf == "pass" and aligned(found.spf_domain, domain):
            return "no DMARC policy; SPF passed for From's domain"
    return ""


def _by_forwarder(own: TrustDecision, domain: str, verdicts: Verdicts, forwarded: Forwarded) -> TrustDecision:
    """Return what follows from a forwarder's results, where SES by itself verified nothing."""
    found, by = forwarded.results, f"the forwarder {forwarded.by} that the desk names"
    proof = _found_proof(domain, found)
    if proof and (found.dmarc == "pass" or verdicts.dmarc is not Verdict.FAIL):
        return TrustDecision(Trust.VERIFIED, f"{proof} at {by}")
    evidence = f"{own.evidence}; {by} found no proof either"
    if own.trust is not Trust.FORGED and found.spf == "fail" and not _signed(found, domain):
        return TrustDecision(own.trust, f"{evidence}, and SPF failed there", spf_failed=True)
    return TrustDecision(own.trust, evidence)
