"""Whether letters reach the desks: rule set, rule, addresses, MX, and the team's own mailboxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from adapters.deployment.desks import domains_of, listed, mailboxes_of_people, serving, shown
from adapters.deployment.errors import for_each
from adapters.deployment.findings import Finding, fault, ok, problems_or, warning
from adapters.deployment.stack import Deployment
from domain.addresses import normalise_address
from domain.regulation.editions import desk_ids, edition_serving, is_in_force
from domain.regulation.mailboxes import deployed_mailboxes, mailboxes_of

_SES_INBOUND = re.compile(r"inbound-smtp\.([a-z0-9-]+)\.amazonaws\.com")
"""The endpoints that receive mail: docs.aws.amazon.com/ses/latest/dg/receiving-email-mx-record.html."""


# The rule set and its rule ---------------------------------------------------------------------------------


def rule_set(deployment: Deployment) -> Iterator[Finding]:
    """An account has one active rule set a region; mail is received by it alone."""
    wanted, active = _wanted_set(deployment), _active(deployment).get("Metadata", {}).get("Name")
    activate = deployment.reglament("activate")
    if active == wanted:
        yield ok(f"{wanted} is the active receipt rule set in {deployment.region}")
    elif active is None:
        yield fault(f"no receipt rule set is active in {deployment.region}: SES refuses all mail", activate)
    else:
        yield fault(f"the active receipt rule set is {active}, not {wanted}", f"{activate} shows what it would replace")


def receipt_rule(deployment: Deployment) -> Iterator[Finding]:
    """The rule stores each letter in the bucket and announces it; scanned, so that the verdicts say something."""
    name = _rule_name(deployment)
    rules = _rules(deployment)
    rule = next((one for one in rules if one["Name"] == name), None)
    if rule is None:
        yield fault(
            f"the rule {name} is not in the rule set {_wanted_set(deployment)}", f"Deploy again: {deployment.deploy}"
        )
        return
    yield from problems_or(_of_rule(deployment, rules, rule), f"{name} is on, scans, and stores letters in the bucket")


def _of_rule(deployment: Deployment, rules: list[dict[str, Any]], rule: dict[str, Any]) -> Iterator[Finding]:
    name, again = rule["Name"], f"Deploy again: {deployment.deploy}"
    if not rule.get("Enabled"):
        yield fault(f"{name} is off: letters are not stored", again)
    if not rule.get("ScanEnabled"):
        yield warning(f"{name} does not scan for spam and viruses", again)
    stores = [action["S3Action"] for action in rule.get("Actions", []) if "S3Action" in action]
    bucket, topic = deployment.output("MailBucket"), deployment.output("MailTopic")
    if not any(one.get("BucketName") == bucket for one in stores):
        yield fault(f"{name} does not store letters in {bucket}", again)
    elif not any(one.get("TopicArn") == topic and one.get("ObjectKeyPrefix") == "incoming/" for one in stores):
        yield fault(f"{name} stores letters without announcing them to {topic}", again)
    for earlier in rules[: rules.index(rule)]:
        stops = any("StopAction" in action for action in earlier.get("Actions", []))
        if earlier.get("Enabled") and stops and _covers_any(earlier.get("Recipients"), deployment.desk_addresses):
            other = earlier["Name"]
            move = f"ses set-receipt-rule-position --rule-set-name {_wanted_set(deployment)} --rule-name {other} --after {name}"
            yield fault(
                f"the rule {other} stops before {name} for the same addresses",
                f"Move it behind: {deployment.aws(move)}",
            )


def _wanted_set(deployment: Deployment) -> str:
    return deployment.outputs.get("ReceiptRuleSet") or deployment.place.stack


def _rule_name(deployment: Deployment) -> str:
    named = deployment.resources("AWS::SES::ReceiptRule")
    return next(iter(named.values()), f"{deployment.place.stack}-desks").rpartition("|")[2]


def _active(deployment: Deployment) -> dict[str, Any]:
    ask = deployment.client("ses").describe_active_receipt_rule_set
    active: dict[str, Any] = deployment.once("active rule set", ask)
    return active


def _rules(deployment: Deployment) -> list[dict[str, Any]]:
    wanted = _wanted_set(deployment)
    described = _active(deployment)
    if described.get("Metadata", {}).get("Name") != wanted:
        described = deployment.once("own rule set", lambda: _described(deployment, wanted))
    rules: list[dict[str, Any]] = described.get("Rules", [])
    return rules


def _described(deployment: Deployment, name: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = deployment.client("ses").describe_receipt_rule_set(RuleSetName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "RuleSetDoesNotExist":
            raise
        return {}
    return described


# Addresses -------------------------------------------------------------------------------------------------


def addresses(deployment: Deployment) -> Iterator[Finding]:
    """What the editions publish must be received, and sent for; nothing else needs to be."""
    given = deployment.desk_addresses
    change = f"Give `DeskAddresses={','.join(deployed_mailboxes().desk_addresses)}`: {deployment.deploy}"
    if not given:
        yield fault("the stack has no DeskAddresses: no letter is received or sent", change)
        return
    yield from problems_or(
        [*_missing_addresses(deployment, change), *_needless_addresses(deployment, change)],
        f"{listed(map(normalise_address, given))}: received, and as the editions have them",
    )


def _missing_addresses(deployment: Deployment, change: str) -> Iterator[Finding]:
    given = {normalise_address(address) for address in deployment.desk_addresses}
    now = mailboxes_of(serving(deployment.now()))
    for address in deployed_mailboxes().desk_addresses:
        if address in given:
            continue
        if address in now.receives:
            yield fault(f"{shown(address)} is not in DeskAddresses: letters to it are refused", change)
        elif address in now.sends:
            yield fault(f"{shown(address)} is not in DeskAddresses: nothing is sent in its name", change)
        else:
            yield warning(f"{shown(address)}, of an edition that is not in force now, is not in DeskAddresses", change)


def _needless_addresses(deployment: Deployment, change: str) -> Iterator[Finding]:
    rule = next((one for one in _rules(deployment) if one["Name"] == _rule_name(deployment)), None)
    wanted = deployed_mailboxes().desk_addresses
    for given in deployment.desk_addresses:
        address = normalise_address(given)
        if rule is not None and not _covers(rule.get("Recipients"), address):
            text = f"{shown(address)} is in DeskAddresses but no recipient of the receipt rule"
            yield fault(text, f"Deploy again: {deployment.deploy}")
        if address not in wanted:
            yield warning(
                f"{shown(address)} is received, and it is no desk's: its letters become no ticket",
                f"Name it in an edition, or take it out. {change}",
            )
        elif given != address:
            # The permission to send compares the text: ses:FromAddress, StringEquals.
            yield fault(
                f"{given} is written otherwise than letters are sent from, so nothing is sent in its name", change
            )


def regulation(deployment: Deployment) -> Iterator[Finding]:
    """Each desk works by an edition in force; one that has ended goes on, but promises nothing."""
    now = deployment.now()
    for desk in desk_ids():
        edition = edition_serving(desk, now)
        if is_in_force(edition, now):
            until = f", until {edition.effective_until}" if edition.effective_until else ""
            yield ok(f"{desk}: the edition of {edition.name} is in force{until}")
        elif edition.effective_from > now.date():
            yield warning(
                f"{desk}: no edition is in force before {edition.name}",
                "Open the desk's address then, or add the edition that is in force now: docs/editions.md",
            )
        else:
            yield warning(
                f"{desk}: the edition of {edition.name} ended with {edition.effective_until}; the desk goes on under it",
                f"Add the next edition, or take effective_until out of the last, and deploy: {deployment.deploy}",
            )


# DNS -------------------------------------------------------------------------------------------------------


def mail_exchangers(deployment: Deployment) -> Iterator[Finding]:
    """Mail for a desk's domain goes where the domain's MX records point, to the host of the lowest number first."""
    domains = mailboxes_of(serving(deployment.now())).receiving_domains
    yield from for_each(deployment, domains, lambda domain: _mx(deployment, domain))


def _mx(deployment: Deployment, domain: str) -> Iterator[Finding]:
    wanted = f"inbound-smtp.{deployment.region}.amazonaws.com"
    publish = f"Publish `{domain}. MX 10 {wanted}.`"
    forwarded = "or let the company's server forward the desk's mail and name it in the edition: docs/domain-setup.md"
    records = _records(deployment, domain)
    hosts = [host for _, host in records]
    if not records:
        yield fault(f"{shown(domain)} has no MX record: its mail does not reach SES", publish)
    elif hosts == ["."]:
        yield fault(f"{shown(domain)} accepts no mail at all (a null MX record)", publish)
    elif set(hosts) == {wanted}:
        yield ok(f"{shown(domain)}: MX {wanted}")
    elif wanted not in hosts:
        elsewhere = next((found[1] for host in hosts if (found := _SES_INBOUND.fullmatch(host))), None)
        if elsewhere is not None:
            yield fault(
                f"the MX of {shown(domain)} is SES in {elsewhere}, and the stack is in {deployment.region}", publish
            )
        else:
            yield fault(f"the MX of {shown(domain)} is {', '.join(hosts)}, not SES", f"{publish}, {forwarded}")
    else:
        others = sorted({host for host in hosts if host != wanted})
        first = [host for priority, host in records if priority == records[0][0]]
        if wanted in first and len(set(first)) == 1:
            yield warning(
                f"{shown(domain)} has other mail servers behind SES: {', '.join(others)}; what SES defers goes there",
                f"Take these records out: {', '.join(others)}",
            )
        else:
            yield fault(
                f"mail for {shown(domain)} goes to {', '.join(others)} before SES, or in turn with it",
                f"Take these records out: {', '.join(others)}",
            )


def _records(deployment: Deployment, domain: str) -> list[tuple[int, str]]:
    found = deployment.once(("MX", domain), lambda: deployment.dns.lookup(domain, "MX"))
    pairs = (record.partition(" ") for record in found)
    return sorted((int(priority), host) for priority, _, host in pairs)


def team_mailboxes(deployment: Deployment) -> Iterator[Finding]:
    """Cards and answers go to the team's mailboxes: in a domain whose mail SES receives there are none."""
    mailboxes = mailboxes_of_people(deployment)
    yield from for_each(
        deployment,
        domains_of(mailboxes),
        lambda domain: _mailboxes(deployment, domain, [one for one in mailboxes if one.endswith(f"@{domain}")]),
    )


def _mailboxes(deployment: Deployment, domain: str, mailboxes: list[str]) -> Iterator[Finding]:
    hosts = [host for _, host in _records(deployment, domain)]
    if any(_SES_INBOUND.fullmatch(host) for host in hosts):
        yield fault(
            f"{listed(mailboxes)}: in {shown(domain)}, whose mail SES receives and refuses: no card arrives",
            "Give the team mailboxes in another domain, or the desk a subdomain of its own: docs/domain-setup.md",
        )
    elif hosts == ["."]:
        yield fault(
            f"{listed(mailboxes)}: {shown(domain)} accepts no mail", "Give the team mailboxes in another domain"
        )
    elif not hosts:
        yield warning(
            f"{listed(mailboxes)}: {shown(domain)} has no MX record", "Publish one that names the company's mail server"
        )
    else:
        yield ok(f"{listed(mailboxes)}: at {', '.join(hosts)}")


# What SES matches ------------------------------------------------------------------------------------------


def _covers(recipients: Iterable[str] | None, address: str) -> bool:
    """Return whether a rule of these recipients takes an address: itself, its domain, or a `.domain` above it.

    docs.aws.amazon.com/ses/latest/dg/receiving-email-receipt-rules-console-walkthrough.html; none means every address.
    """
    conditions = [normalise_address(recipient) for recipient in recipients or ()]
    domain = address.rpartition("@")[2]
    return not conditions or any(
        condition in (address, domain) or (condition[:1] == "." and domain.endswith(condition))
        for condition in conditions
    )


def _covers_any(recipients: Iterable[str] | None, wanted: Iterable[str]) -> bool:
    return any(_covers(recipients, normalise_address(address)) for address in wanted)
