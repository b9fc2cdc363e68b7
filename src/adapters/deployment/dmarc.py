"""DMARC: by which policy a domain asks recipients to judge its mail, its own or one that it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from adapters.deployment.desks import domains_of, serving, shown, standing
from adapters.deployment.errors import for_each
from adapters.deployment.findings import Finding, fault, ok, warning
from adapters.deployment.stack import Deployment
from domain.regulation.mailboxes import mailboxes_of

MOST_QUERIES = 8
"""A walk up the tree asks at most so often: RFC 9989, "DNS Tree Walk"."""
POLICIES = frozenset({"none", "quarantine", "reject"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What was found for a domain."""

    at: str
    """The domain whose record it is."""
    policy: str
    """`none`, `quarantine` or `reject`, for the domain that was asked about."""


class Ambiguous(Exception):
    """A name has several records, which count as none; the message is the name."""


def dmarc(deployment: Deployment) -> Iterator[Finding]:
    """Who has no policy is not protected from forgery, and a specialist without one is not believed."""
    desks = serving(deployment.now())
    everybody = (people for people, _ in standing(deployment).values())
    specialists = domains_of(address for people in everybody for address in people.specialists)
    yield from for_each(
        deployment,
        sorted({*mailboxes_of(desks).sending_domains, *specialists}),
        lambda domain: _of(deployment, domain, of_specialists=domain in specialists),
    )


def _of(deployment: Deployment, domain: str, *, of_specialists: bool) -> Iterator[Finding]:
    publish = f'Publish `_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"`, and `p=quarantine` once the reports are clean'
    say = fault if of_specialists else warning
    lost = ": specialists who write from it are not believed" if of_specialists else ""
    try:
        found = policy_of(deployment, domain)
    except Ambiguous as error:
        yield say(f"{error} has several DMARC records, which count as none{lost}", f"Leave one of them. {publish}")
        return
    if found is None:
        yield say(f"{shown(domain)} has no DMARC record{lost}", publish)
        return
    inherited = "" if found.at == domain else f", inherited from {shown(found.at)}"
    yield ok(f"{shown(domain)}: DMARC p={found.policy}{inherited}")


def policy_of(deployment: Deployment, domain: str) -> Policy | None:
    """Return the policy for a domain, by its own record or the nearest above it; None where there is none."""
    labels = domain.split(".")
    starts = range(len(labels))
    if len(labels) > MOST_QUERIES:
        # The name itself, then its last seven labels.
        starts = range(len(labels) - MOST_QUERIES + 1, len(labels))
        if (own := _record(deployment, domain)) is not None:
            return Policy(domain, _policy(own, "p"))
    for start in starts:
        name = ".".join(labels[start:])
        record = deployment.once(("DMARC", name), partial(_record, deployment, name))
        if record is not None:
            return Policy(name, _policy(record, "p" if name == domain else "sp"))
    return None


def _record(deployment: Deployment, name: str) -> dict[str, str] | None:
    texts = deployment.dns.lookup(f"_dmarc.{name}", "TXT")
    records = [tags for text in texts if (tags := _tags(text)).get("v") == "DMARC1"]
    if len(records) > 1:
        raise Ambiguous(f"_dmarc.{name}")
    return records[0] if records else None


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a record; `v` is there only where it comes first."""
    pairs = [part.partition("=") for part in text.split(";")]
    tags = {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
    if pairs[0][0].strip() != "v":
        tags.pop("v", None)
    return tags


def _policy(tags: dict[str, str], wanted: str) -> str:
    """Return the policy of a record: `sp` falls back to `p`, and what is not valid is `none`."""
    policy = (tags.get(wanted) or tags.get("p") or "none").lower()
    return policy if policy in POLICIES else "none"
