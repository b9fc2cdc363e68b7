"""What a forwarder found of a letter, where the desk names it and the letter is proved to come through it.

A server that forwards to Amazon SES writes its own Authentication-Results as it takes a letter (RFC 8601). Anybody can
write such a field too, so that what it says for a letter is believed only where all of this is so:

- it is the topmost one below SES's own, and begins with the name that the desk says;
- SES found a DKIM signature of the forwarder's domain that passed: it covers From, so that nobody else brings a letter
  of that author (RFC 6376 section 5.4);
- nobody can have put the field there after the forwarder: the letter came straight from a server of that domain, by SPF,
  or each of the domain's signatures covers all fields of the name. SES does not say which signature passed.

That a sender cannot bring such a field past the forwarder is the forwarder's duty (RFC 8601 section 5): it removes
those of its own name. `docs/domain-setup.md` says how. What the field says against a letter needs no proof.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.mail.authentication import SesBlock
from adapters.mail.headers import MAX_HEADER_CHARS, every
from domain.addresses import normalise_domain
from domain.letter import Verdict, Verdicts
from domain.regulation.desk import Forwarder, Forwarders
from domain.trust import AuthenticationResults, Forwarded

_RESULTS = "authentication-results"
# What a verifier of DKIM counts as such a field, and what any reader might.
_PLAIN = re.compile(rb"(?:\A|\n)authentication-results:", re.IGNORECASE)
_ALIKE = re.compile(rb"(?:\A|[\r\n])[ \t]*authentication-results[ \t]*:", re.IGNORECASE)
_COMMENT = re.compile(r'\([^()"\\]*\)')
_MAX_NESTING = 4
_QUOTED = re.compile(r'="([^"\\;()]*)"')
_RESULT = re.compile(r"([a-z][a-z0-9-]*)(?:/[0-9]+)?=([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z][a-z0-9.-]*)=(\S*)", re.IGNORECASE)
_METHODS = frozenset({"spf", "dkim", "dmarc"})
_WRITTEN: Mapping[str, frozenset[str]] = {
    "dmarc": frozenset({"header.from", "policy.dmarc", "policy", "action", "reason"}),
    "spf": frozenset({"smtp.mailfrom", "smtp.mail", "reason"}),
    "dkim": frozenset({"header.d", "header.i", "header.s", "header.b", "header.a", "reason"}),
}
"""What servers write of a result. A greeting (smtp.helo) may hold spaces and semicolons without quotes, of any result."""
_ADDRESSES = frozenset({"header.i", "smtp.mailfrom", "smtp.mail"})
# Without an at sign: an envelope sender that is written out without quotes ends in one.
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9._+/=-]*")
_PLAIN_IDENTITY = re.compile(r"(?:[a-z0-9._+-]*@)?[a-z0-9._-]+")
_DOUBTFUL = AuthenticationResults(doubtful=True)


def forwarded_by(
    header: list[tuple[str, str]], head: bytes, block: SesBlock | None, verdicts: Verdicts, named: Forwarders
) -> Forwarded | None:
    """Return what a named forwarder found of a letter, by the topmost field below those of SES; None where it is no named one's.

    `header` are the letter's fields and `head` the bytes that they were read from; `verdicts` those of SES's notification,
    which no sender can write.
    """
    if not named.by_any or block is None or block.results is None or block.results.doubtful:
        return None
    below = header[block.length :]
    fields = every(below, _RESULTS)
    server = _server(fields[0]) if fields else ""
    by = next((forwarder for forwarder in named.by_any if forwarder.authserv_id == server), None)
    if by is None:
        return None
    signatures = [_tags(value) for value in every(below, "dkim-signature")]
    signed = verdicts.dkim is Verdict.PASS and ("pass", by.dkim_domain) in block.results.dkim
    covered = _covers_results(signatures, head, len(fields), by)
    proved = by in named.by_all and signed and (covered or _came_straight(block.results, verdicts, by))
    found = read_results(fields[0]) if all(map(_is_plain, signatures)) else _DOUBTFUL
    return Forwarded(by.authserv_id, by.dkim_domain, found, proved)


def _came_straight(found: AuthenticationResults, verdicts: Verdicts, by: Forwarder) -> bool:
    """Return whether the server that handed the letter to SES may send for the forwarder's domain."""
    of_the_domain = found.spf_domain == by.dkim_domain or found.spf_domain.endswith(f".{by.dkim_domain}")
    return verdicts.spf is Verdict.PASS and found.spf == "pass" and of_the_domain


def _covers_results(signatures: list[dict[str, str]], head: bytes, number: int, by: Forwarder) -> bool:
    """Return whether every signature of the forwarder's domain covers all Authentication-Results fields.

    A signature covers as many fields of a name, from the lowest, as it lists the name (RFC 6376 section 5.4.2).
    """
    if not len(_PLAIN.findall(head)) == len(_ALIKE.findall(head)) == number + 1:  # SES's own is above them
        return False
    own = [tags for tags in signatures if by.dkim_domain in (tags.get("d"), tags.get("i", "").rpartition("@")[2])]
    return bool(own) and all(_covers(tags, number) for tags in own)


def _covers(tags: dict[str, str], number: int) -> bool:
    names = [name.strip() for name in tags.get("h", "").split(":")]
    # With l= the text may be longer than what was signed (RFC 6376 section 8.2).
    return "l" not in tags and "from" in names and names.count(_RESULTS) >= number


def _is_plain(tags: dict[str, str]) -> bool:
    """Return whether a server may have written a signer's identity as it is, without adding results to its own.

    It is quoted-printable (RFC 6376 section 3.5), and OpenDKIM writes it decoded: semicolons, spaces and all.
    What is not read whole is not plain.
    """
    return "h" in tags and _PLAIN_IDENTITY.fullmatch(tags.get("i", tags.get("d", ""))) is not None


def _tags(signature: str) -> dict[str, str]:
    """Return the tags of a DKIM-Signature in lower case; nothing where one is there twice, or the field was cut."""
    pairs = [piece.partition("=") for piece in signature.split(";") if piece.strip()]
    tags = {name.strip().lower(): "".join(value.split()).lower() for name, _, value in pairs}
    return tags if len(tags) == len(pairs) and len(signature) < MAX_HEADER_CHARS else {"d": tags.get("d", "")}


def _server(value: str) -> str:
    """Return the authserv-id of an Authentication-Results field, empty where it has none."""
    server, semicolon, _ = _without_comments(value).partition(";")
    words = server.split()
    versioned = len(words) == 2 and words[1].isdigit()
    return normalise_domain(words[0]) if semicolon and (len(words) == 1 or versioned) else ""


def read_results(value: str) -> AuthenticationResults:
    """Return the results of an Authentication-Results field of any server (RFC 8601 section 2.2).

    The envelope sender, which servers repeat in it, is a stranger's own text. So a field in a shape that such a text
    may have made is `doubtful` as a whole: with what is left of quotes and brackets, with SPF or DMARC twice, with a
    property that is none, or with another than servers write of that result.
    """
    text = _QUOTED.sub(lambda quoted: "=" + "_".join(quoted[1].split()), _without_comments(value))
    if len(value) >= MAX_HEADER_CHARS or not frozenset('"\\()').isdisjoint(text):
        return _DOUBTFUL
    told: dict[str, tuple[str, dict[str, str]]] = {}
    dkim: list[tuple[str, str]] = []
    for piece in text.partition(";")[2].split(";"):
        words = piece.split()
        if not words or words == ["none"]:
            continue
        result = _RESULT.fullmatch(words[0])
        found = [_PROPERTY.fullmatch(word) for word in words[1:]]
        properties = {match[1].lower(): match[2] for match in found if match}
        if result is None or len(properties) < len(found) or not properties.keys().isdisjoint(_METHODS):
            return _DOUBTFUL
        method, verdict = result[1].lower(), result[2].lower()
        if not _is_as_written(method, properties):
            return _DOUBTFUL
        if method == "dkim":
            dkim.append((verdict, _domain(properties.get("header.d") or properties.get("header.i") or "")))
        elif method in told:
            return _DOUBTFUL
        elif method in _METHODS:
            told[method] = (verdict, properties)
    spf, of_spf = told.get("spf", ("", {}))
    dmarc, of_dmarc = told.get("dmarc", ("", {}))
    return AuthenticationResults(
        spf=spf,
        spf_domain=_domain(of_spf.get("smtp.mailfrom") or of_spf.get("smtp.mail") or ""),
        dkim=tuple(dkim),
        dmarc=dmarc,
        header_from=_domain(of_dmarc.get("header.from", "")),
    )


def _is_as_written(method: str, properties: Mapping[str, str]) -> bool:
    if method not in _WRITTEN:
        return not any("@" in value or name.endswith("helo") for name, value in properties.items())
    signer, author = _domain(properties.get("header.d", "")), _domain(properties.get("header.i", ""))
    if signer and author and author != signer and not author.endswith(f".{signer}"):
        return False  # RFC 6376 section 3.5: i= is of d= or below it
    if {"smtp.mailfrom", "smtp.mail"} <= properties.keys():
        return False
    others = (value for name, value in properties.items() if name not in _ADDRESSES)
    return properties.keys() <= _WRITTEN[method] and all(map(_PLAIN_VALUE.fullmatch, others))


def _without_comments(value: str) -> str:
    for _ in range(_MAX_NESTING):
        value = _COMMENT.sub(" ", value)
    return value


def _domain(text: str) -> str:
    return normalise_domain(text.strip("<>").rpartition("@")[2])
