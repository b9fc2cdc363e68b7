"""Who writes: the details a regulation requires, read from the letter and completed by the registry.

Clauses: «Мои документы онлайн» 1.3.2 and 1.4; Storeolis 2.1 and 2.6. What is read how: `details` (labels, and the
edition's words), `person` (name), `phones`, `workplace` (organisation and position), `references` (contract, site).
"""

from __future__ import annotations

from domain.client import Client, Contact, ContactKind, GivenDetails
from domain.findings import Finding, Identification, Mode, Outcome
from domain.intake.earlier import filled_in
from domain.letter import Letter
from domain.writer.absences import absences_in
from domain.writer.contacts import is_mobile
from domain.writer.details import Detail, Expression, IdentificationRule, source_of
from domain.writer.organisations import comparable_name
from domain.writer.person import People, name_of
from domain.writer.phones import phones_of
from domain.writer.positions import position_of
from domain.writer.references import ascii_host, contract_of, inn_of, site_of
from domain.writer.workplace import organisation_of

__all__ = [
    "DECLARED_NONE",
    "Detail",
    "Expression",
    "IdentificationRule",
    "completed",
    "contacts_of",
    "examine",
    "identify",
    "still_missing",
]


DECLARED_NONE = "declared_none"
"""Why the rule matches where the writer has declared not to have a required detail."""


def identify(letter: Letter, rule: IdentificationRule) -> Identification:
    """Return who writes, as the letter says it; nothing is `missing` yet, and no client is looked up.

    Read are the new text, the signature and the sender's display name; a forwarded or quoted text names
    other people.
    """
    source = source_of(letter, rule)
    people = People(source.text, rule)
    name = name_of(letter, source, rule, people)
    phones = phones_of(source, rule, name, people)
    phone = next((found for found in phones if found.is_mobile), phones[0] if phones else None)
    organisation = organisation_of(source, rule, name)
    said = Identification(
        full_name=name.name if name else None,
        phone=phone.number if phone else None,
        phone_is_mobile=phone.is_mobile if phone else False,
        organisation=organisation.name if organisation else None,
        position=position_of(source, rule, name, organisation),
        inn=inn_of(source, rule),
        contract=contract_of(source, rule),
        site=site_of(letter, source, rule),
    )
    absent = absences_in(source, rule, landline=phone is not None and not phone.is_mobile)
    declared = tuple(one for one in absent if not said.states(one.detail))
    return said.model_copy(update={"declared_none": declared}) if declared else said


def completed(
    said: Identification,
    rule: IdentificationRule,
    *,
    client: Client | None = None,
    earlier: tuple[GivenDetails, ...] = (),
) -> Identification:
    """Return who writes: what the letter says, completed by what the registry knows of `client`, and by `earlier` requests.

    `missing` lists the required details that no source has.
    """
    known = said.filled_from(_registered(client)) if client else said
    known = filled_in(known, earlier)
    return known.model_copy(
        update={
            "client_id": client.id if client else None,
            "missing": still_missing(known, rule, client=client),
        }
    )


def still_missing(known: Identification, rule: IdentificationRule, *, client: Client | None = None) -> tuple[str, ...]:
    """Return the names of the required details that `known` lacks, in the order of the rule.

    What the writer declares not to have is no more lacking, where the edition lets it be absent.

    `client` is whom the sender's address proves; the `client_id` of one that a text only names proves nobody.
    """

    def has(detail: Detail) -> bool:
        if detail is Detail.CLIENT:
            return client is not None
        if detail in rule.may_be_absent and known.declares_none(detail.value):
            return True
        if detail is Detail.PHONE and rule.mobile_required and not known.phone_is_mobile:
            return False
        return getattr(known, detail.value) is not None

    lacking = [detail.value for detail in rule.required if not has(detail)]
    if rule.any_of and not any(has(detail) for detail in rule.any_of):
        lacking.append("_or_".join(detail.value for detail in rule.any_of if detail is not Detail.CLIENT))
    return tuple(lacking)


def examine(known: Identification, rule: IdentificationRule) -> Finding:
    """Return whether required details are missing (MDO 1.3.2 and 1.4; Storeolis 2.1 and 2.6).

    The evidence is the names of the missing details; the letter that asks for them words each. Where nothing is
    missing but what the writer declares not to have, that is for a specialist to judge, with the writer's words.
    """
    if known.declared_none and not known.missing:
        return Finding(
            rule="identification",
            clause=rule.clause,
            mode=rule.mode if rule.mode is Mode.OFF else Mode.SUGGEST,
            matched=True,
            evidence=tuple(absent.said for absent in known.declared_none),
            reason=DECLARED_NONE,
        )
    return Finding(
        rule="identification",
        clause=rule.clause,
        mode=rule.mode,
        matched=bool(known.missing),
        evidence=known.missing,
        outcome=Outcome.ASK,
        reason="missing_details",
    )


def contacts_of(said: Identification, sender: str | None) -> tuple[tuple[Contact, ...], str | None]:
    """Return by what the registry may know the writer: contacts, surest first, and the organisation; normalised.

    `said` is what the letter says, `sender` the address it comes from.
    """
    found = []
    if sender:
        found.append(Contact(kind=ContactKind.ADDRESS, value=sender))
    for kind, value in (
        (ContactKind.INN, said.inn),
        (ContactKind.CONTRACT, said.contract),
        (ContactKind.SITE, ascii_host(said.site) if said.site else None),
        (ContactKind.PHONE, said.phone),
    ):
        if value is not None:
            found.append(Contact(kind=kind, value=value))
    return tuple(found), comparable_name(said.organisation)


def _registered(client: Client) -> Identification:
    contacts = {contact.kind: contact.value for contact in reversed(client.contacts)}
    phones = [contact.value for contact in client.contacts if contact.kind is ContactKind.PHONE]
    phone = next((number for number in phones if is_mobile(number)), phones[0] if phones else None)
    return Identification(
        full_name=client.full_name,
        phone=phone,
        phone_is_mobile=phone is not None and is_mobile(phone),
        organisation=client.organisation,
        position=client.position,
        inn=contacts.get(ContactKind.INN),
        contract=client.contract or contacts.get(ContactKind.CONTRACT),
        site=contacts.get(ContactKind.SITE),
    )
