"""Whether letters leave, and whether they are believed: the account, the identities, and their records in DNS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from adapters.deployment.desks import mailboxes_of_people, serving, shown
from adapters.deployment.errors import for_each
from adapters.deployment.findings import Finding, NotHere, Undone, fault, ok, problems_or, warning
from adapters.deployment.stack import Deployment
from domain.regulation.mailboxes import mailboxes_of

NEARLY = 0.8
"""Share of the daily quota from which on it is warned of."""
DKIM_ZONE = "dkim.amazonses.com"
"""Where keys are published of identities that name no zone of their own."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What SES knows of a domain: the identity that covers it, which may be that of a domain above it."""

    domain: str
    name: str
    body: dict[str, Any]


# The account -----------------------------------------------------------------------------------------------


def account(deployment: Deployment) -> Iterator[Finding]:
    """SES sends for an account that is not paused and not in the sandbox."""
    account_now = _account(deployment)
    status = account_now.get("EnforcementStatus", "")
    problems = []
    if not account_now.get("SendingEnabled"):
        problems.append(
            fault(
                "SES has paused sending for this account: nothing leaves",
                "Read the case that SES opened, put it right and answer it; if you paused it: "
                + deployment.aws("sesv2 put-account-sending-attributes --sending-enabled"),
            )
        )
    if status == "SHUTDOWN":
        problems.append(
            fault("SES has shut sending down after bounces or complaints", "Answer the case that SES opened")
        )
    elif status == "PROBATION":
        problems.append(
            warning("SES has put the account under review", "Find the cause of the bounces, and answer the case")
        )
    if not account_now.get("ProductionAccessEnabled"):
        problems.append(
            fault(
                "the account is in the SES sandbox: letters to clients are refused",
                "Ask for production access: "
                + deployment.aws(
                    "sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL"
                    " --website-url https://example.com"
                ),
            )
        )
    yield from problems_or(problems, "SES sends for this account, out of the sandbox")


def quota(deployment: Deployment) -> Iterator[Finding]:
    """What goes beyond a day's quota waits until tomorrow."""
    limits = _account(deployment).get("SendQuota", {})
    most, sent, rate = (limits.get(name, 0.0) for name in ("Max24HourSend", "SentLast24Hours", "MaxSendRate"))
    if most == -1:  # "A value of -1 signifies an unlimited quota": API_SendQuota
        yield ok(f"{sent:.0f} letters in 24 hours, no daily limit, {rate:g} a second")
        return
    text = f"{sent:.0f} of {most:.0f} letters in 24 hours, {rate:g} a second"
    raise_it = "Ask for a higher sending quota in Service Quotas, service `ses`"
    if sent >= most:
        yield fault(f"{text}: the rest waits", raise_it)
    elif sent >= NEARLY * most:
        yield warning(f"{text}: nearly used up", raise_it)
    else:
        yield ok(text)


def _account(deployment: Deployment) -> dict[str, Any]:
    answer: dict[str, Any] = deployment.once("SES account", deployment.client("sesv2").get_account)
    return answer


def configuration_set(deployment: Deployment) -> Iterator[Finding]:
    """It lets our own list of suppressed addresses decide, and reports what became of each letter."""
    name = deployment.output("ConfigurationSet")
    yield from problems_or(
        _of_configuration_set(deployment, name),
        f"{name} sends, reports to the feedback topic and suppresses by our list",
    )


def _of_configuration_set(deployment: Deployment, name: str) -> Iterator[Finding]:
    options = deployment.once("configuration set", lambda: _configuration_set(deployment, name))
    again = f"Deploy again: {deployment.deploy}"
    if not options.get("SendingOptions", {}).get("SendingEnabled", True):
        yield fault(
            f"sending through {name} is off: nothing leaves",
            deployment.aws(
                f"sesv2 put-configuration-set-sending-options --configuration-set-name {name} --sending-enabled"
            ),
        )
    suppression = options.get("SuppressionOptions")
    # On this machine no letter is kept back by an account's list.
    if not deployment.place.is_local and (suppression is None or suppression.get("SuppressedReasons")):
        yield warning(
            f"{name} leaves the account's suppression list in force: an address that bounced once gets nothing,"
            " also after `reglament suppressed --lift`",
            again,
        )
    listed = deployment.client("sesv2").get_configuration_set_event_destinations(ConfigurationSetName=name)
    wanted = {"BOUNCE", "COMPLAINT", "DELIVERY"}
    reported = {
        kind
        for destination in listed.get("EventDestinations", [])
        if destination.get("Enabled") and destination.get("SnsDestination")
        for kind in destination["MatchingEventTypes"]
    }
    if missing := sorted(wanted - reported):
        yield fault(f"{name} does not report {', '.join(missing)}: what bounces is not known", again)


def _configuration_set(deployment: Deployment, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = deployment.client("sesv2").get_configuration_set(ConfigurationSetName=name)
    return answer


# Identities ------------------------------------------------------------------------------------------------


def identities(deployment: Deployment) -> Iterator[Finding]:
    """SES sends and receives only for a domain that it has verified."""
    mailboxes = mailboxes_of(serving(deployment.now()))
    domains = sorted({*mailboxes.sending_domains, *mailboxes.receiving_domains})
    yield from for_each(deployment, domains, lambda domain: _verified(deployment, domain))


def _verified(deployment: Deployment, domain: str) -> Iterator[Finding]:
    identity = identity_of(deployment, domain)
    if identity is None:
        if deployment.place.is_local:
            raise NotHere("every domain of the desks counts as verified")
        yield fault(
            f"SES has no identity for {shown(domain)}: nothing is sent or received",
            f"Create it and publish its records: {deployment.aws(f'sesv2 create-email-identity --email-identity {domain}')}",
        )
    elif identity.body.get("VerifiedForSendingStatus"):
        through = "" if identity.name == domain else f", by the identity {shown(identity.name)}"
        yield ok(f"{shown(domain)} is verified{through}")
    else:
        status = identity.body.get("VerificationStatus", "unknown")
        yield fault(
            f"{shown(identity.name)} is not verified ({status}): SES refuses its letters",
            "Publish the DKIM records that the line `dkim` names; SES looks for them for 72 hours",
        )


def dkim(deployment: Deployment) -> Iterator[Finding]:
    """The signature by which recipients, and DMARC, know the desk's letters."""
    yield from for_each(deployment, _sending(deployment), lambda domain: _dkim(deployment, domain))


def _dkim(deployment: Deployment, domain: str) -> Iterator[Finding]:
    identity = identity_of(deployment, domain)
    if identity is None:
        raise _without_identity(deployment, domain)
    attributes = identity.body.get("DkimAttributes", {})
    if not attributes.get("SigningEnabled"):
        command = f"sesv2 put-email-identity-dkim-attributes --email-identity {identity.name} --signing-enabled"
        yield fault(f"letters of {shown(domain)} are not signed", deployment.aws(command))
    tokens = attributes.get("Tokens", [])
    if not tokens:
        yield fault(
            f"SES has no DKIM keys for {shown(identity.name)}",
            deployment.aws(
                f"sesv2 put-email-identity-dkim-signing-attributes --email-identity {identity.name}"
                " --signing-attributes-origin AWS_SES"
            ),
        )
        return
    missing = [record for token in tokens if (record := _missing_key(deployment, identity, token)) is not None]
    status = attributes.get("Status")
    if missing:
        yield fault(
            f"{len(missing)} of {len(tokens)} DKIM records of {shown(identity.name)} are missing in DNS",
            f"Publish {', '.join(f'`{record}`' for record in missing)}",
        )
    elif status != "SUCCESS":
        yield warning(
            f"the DKIM records of {shown(identity.name)} are in DNS, and SES says {status}",
            "Wait: SES looks for them for 72 hours after the identity was made; then start again with "
            + deployment.aws(
                f"sesv2 put-email-identity-dkim-signing-attributes --email-identity {identity.name}"
                " --signing-attributes-origin AWS_SES"
            ),
        )
    else:
        yield ok(f"{shown(domain)}: {len(tokens)} DKIM records are in DNS, and SES signs")


def _missing_key(deployment: Deployment, identity: Identity, token: str) -> str | None:
    """Return the record to publish for a key that DNS does not have, or None where it has it."""
    attributes, name = identity.body["DkimAttributes"], f"{token}._domainkey.{identity.name}"
    keys = [one for one in deployment.dns.lookup(name, "TXT") if "p=" in one.replace(" ", "")]
    if attributes.get("SigningAttributesOrigin") == "EXTERNAL":
        # Bring Your Own DKIM: the token is the selector, and the key is published at it.
        return None if keys else f"{name}. TXT <your public key>"
    target = f"{token}.{attributes.get('SigningHostedZone') or DKIM_ZONE}".lower()
    aliases = deployment.dns.lookup(name, "CNAME")
    # A zone that "flattens" aliases answers with the key itself.
    return None if target in aliases or (keys and not aliases) else f"{name}. CNAME {target}."


def mail_from(deployment: Deployment) -> Iterator[Finding]:
    """With a MAIL FROM domain of our own, SPF speaks for the desk too, and a broken signature is no loss."""
    yield from for_each(deployment, _sending(deployment), lambda domain: _mail_from(deployment, domain))


def _mail_from(deployment: Deployment, domain: str) -> Iterator[Finding]:
    identity = identity_of(deployment, domain)
    if identity is None:
        raise _without_identity(deployment, domain)
    attributes = identity.body.get("MailFromAttributes", {})
    own = attributes.get("MailFromDomain")
    if not own:
        yield warning(
            f"{shown(identity.name)} has no MAIL FROM domain: DMARC rests on DKIM alone",
            deployment.aws(
                f"sesv2 put-email-identity-mail-from-attributes --email-identity {identity.name}"
                f" --mail-from-domain bounce.{identity.name}"
            ),
        )
        return
    problems = list(_mail_from_records(deployment, own))
    status = attributes.get("MailFromDomainStatus")
    if not problems and status != "SUCCESS":
        problems.append(
            warning(
                f"the records of {shown(own)} are in DNS, and SES says {status}",
                "Wait: SES looks for them for 72 hours, then name the domain again with "
                + deployment.aws(
                    f"sesv2 put-email-identity-mail-from-attributes --email-identity {identity.name}"
                    f" --mail-from-domain {own}"
                ),
            )
        )
    if problems and status != "SUCCESS" and attributes.get("BehaviorOnMxFailure") == "REJECT_MESSAGE":
        problems.append(
            fault(
                f"SES refuses to send while {shown(own)} is {status}",
                "Publish the records above, or let SES fall back: "
                + deployment.aws(
                    f"sesv2 put-email-identity-mail-from-attributes --email-identity {identity.name}"
                    f" --mail-from-domain {own} --behavior-on-mx-failure USE_DEFAULT_VALUE"
                ),
            )
        )
    yield from problems_or(problems, f"{shown(domain)}: MAIL FROM {shown(own)}, with its MX and SPF records")


def _mail_from_records(deployment: Deployment, own: str) -> Iterator[Finding]:
    """One MX record, for bounces, and one SPF record: docs.aws.amazon.com/ses/latest/dg/mail-from.html."""
    feedback = f"feedback-smtp.{deployment.region}.amazonses.com"
    hosts = [record.partition(" ")[2] for record in deployment.dns.lookup(own, "MX")]
    if hosts != [feedback]:
        state = f"is {', '.join(hosts)}" if hosts else "is missing"
        yield warning(
            f"the MX record of {shown(own)} {state}, and has to be {feedback} alone",
            f"Publish `{own}. MX 10 {feedback}.` and no other",
        )
    policies = [record for record in deployment.dns.lookup(own, "TXT") if is_spf(record)]
    wanted = f'Publish `{own}. TXT "v=spf1 include:amazonses.com ~all"` and no other SPF record'
    if len(policies) > 1:
        yield warning(f"{shown(own)} has {len(policies)} SPF records, which is as good as none (RFC 7208, 4.5)", wanted)
    elif not policies or "include:amazonses.com" not in policies[0].lower().split():
        state = "has no SPF record" if not policies else "has an SPF record without amazonses.com"
        yield warning(f"{shown(own)} {state}", wanted)


def is_spf(record: str) -> bool:
    """Return whether a TXT record is a policy of SPF: RFC 7208, section 4.5."""
    return record.lower() == "v=spf1" or record.lower().startswith("v=spf1 ")


# The team's addresses --------------------------------------------------------------------------------------


def suppressed_team(deployment: Deployment) -> Iterator[Finding]:
    """An address on the account's own list gets no card and no warning."""
    mailboxes = mailboxes_of_people(deployment)
    problems = for_each(deployment, mailboxes, lambda mailbox: _suppressed(deployment, mailbox))
    yield from problems_or(problems, f"none of the team's {len(mailboxes)} addresses is on the account's list")


def _suppressed(deployment: Deployment, mailbox: str) -> Iterable[Finding]:
    ses = deployment.client("sesv2")
    try:
        entry = ses.get_suppressed_destination(EmailAddress=mailbox)["SuppressedDestination"]
    except ClientError as error:
        text = error.response["Error"].get("Message", "")
        if error.response["Error"]["Code"] != "NotFoundException" or text.startswith("Unknown "):
            raise
        return
    lift = deployment.aws(f"sesv2 delete-suppressed-destination --email-address {mailbox}")
    text = f"{shown(mailbox)} is on the account's suppression list ({entry['Reason'].lower()})"
    name = deployment.output("ConfigurationSet")
    own = deployment.once("configuration set", lambda: _configuration_set(deployment, name)).get("SuppressionOptions")
    if own is not None and not own.get("SuppressedReasons"):
        yield warning(f"{text}, which our configuration set passes over", lift)
    else:
        yield fault(f"{text}: it gets no letter of ours", lift)


def _without_identity(deployment: Deployment, domain: str) -> Exception:
    if deployment.place.is_local:
        return NotHere("letters are not signed and go nowhere")
    return Undone(f"{shown(domain)}: SES has no identity, so the records to look for are not known", "See `identity`")


def _sending(deployment: Deployment) -> tuple[str, ...]:
    return mailboxes_of(serving(deployment.now())).sending_domains


# Which domains ---------------------------------------------------------------------------------------------


def identity_of(deployment: Deployment, domain: str) -> Identity | None:
    """Return the identity that covers a domain: its own, or that of a domain above it; None where there is none.

    A verified domain covers its subdomains: docs.aws.amazon.com/ses/latest/dg/creating-identities.html.
    """
    labels = domain.split(".")
    for name in (".".join(labels[start:]) for start in range(len(labels) - 1)):
        body = deployment.once(("identity", name), partial(_identity, deployment, name))
        if body is not None:
            return Identity(domain, name, body)
    return None


def _identity(deployment: Deployment, name: str) -> dict[str, Any] | None:
    try:
        body: dict[str, Any] = deployment.client("sesv2").get_email_identity(EmailIdentity=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return None
        raise
    return body
