"""Details that a writer gave in an earlier request from the same proved address: they are not asked for again.

A house rule: the regulations ask for the details of a request, and say nothing of one that the desk knows them from.
Offices share mailboxes: a letter signed with another name has the organisation in common with the earlier one, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.client import GivenDetails, Recent
from domain.findings import Identification
from domain.letter import Letter
from domain.russian.words import words
from domain.trust import Deed, may
from domain.writer.details import Detail, IdentificationRule

GIVEN_KEPT = 6
"""Earlier requests of one client whose details are kept: some 3 kB."""
LONGEST_KEPT = 200
"""Characters of a detail; what is longer is not remembered."""
DETAILS = tuple(detail for detail in Detail if detail is not Detail.CLIENT)


def given_by(letter: Letter, recent: Recent, rule: IdentificationRule) -> tuple[GivenDetails, ...]:
    """Return what the sender of a letter gave in earlier requests, the latest first; nothing where it is not proved."""
    if letter.sender is None or not may(letter.trust, Deed.USE_THE_CLIENTS_PAST):
        return ()
    within = not_forgotten(recent, rule, letter.envelope.received_at)
    return tuple(given for given in reversed(within) if given.address == letter.sender.address)


def not_forgotten(recent: Recent, rule: IdentificationRule, at: datetime) -> tuple[GivenDetails, ...]:
    """Return what is remembered of details at an instant: of the last days that the edition says."""
    window = timedelta(days=rule.remembered_days)
    return tuple(given for given in recent.details if rule.remembered_days and timedelta() <= at - given.at <= window)


def filled_in(known: Identification, earlier: tuple[GivenDetails, ...]) -> Identification:
    """Return details completed by earlier ones of the same address, each with the request it is from."""
    for given in earlier:
        is_one = _is_one_writer(known, given.details)
        source = given.details if is_one else Identification(organisation=given.details.organisation)
        known = known.filled_from(_without(source, _declared(known)).said_in(given.ticket, given.at))
    return known


def kept_with(
    kept: tuple[GivenDetails, ...], said: Identification, *, address: str, ticket: str, at: datetime
) -> tuple[GivenDetails, ...]:
    """Return what is remembered once a letter on a ticket has said `said`; what the same ticket gave is completed.

    A second name on one ticket is somebody else's, and changes nothing of what is remembered.
    """
    details = _without(said, frozenset(_too_long(said))).only_details()
    before = next((given for given in kept if (given.ticket, given.address) == (ticket, address)), None)
    if details == Identification() or (before is not None and not _is_one_writer(details, before.details)):
        return kept
    whole = details if before is None else details.filled_from(before.details)
    if before is not None and whole == before.details:
        return kept
    others = tuple(given for given in kept if given is not before)
    return (*others, GivenDetails(address=address, ticket=ticket, at=at, details=whole))[-GIVEN_KEPT:]


def _is_one_writer(known: Identification, given: Identification) -> bool:
    """Return whether details may be of one person; where only the later letter is signed, nobody knows."""
    if known.full_name is None:
        return True
    return given.full_name is not None and may_be_one(known.full_name, given.full_name)


def may_be_one(one: str, other: str) -> bool:
    """Return whether two names may be one person's: each word or initial of the shorter is in the longer."""
    shorter, longer = sorted((words(one), words(other)), key=len)
    left = list(longer)
    for word in shorter:
        match = next((found for found in left if found == word or _is_initial(found, word)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _is_initial(one: str, other: str) -> bool:
    return 1 in (len(one), len(other)) and one[0] == other[0]


def _declared(known: Identification) -> frozenset[str]:
    return frozenset(absent.detail for absent in known.declared_none)


def _without(details: Identification, names: frozenset[str]) -> Identification:
    """Return details without some."""
    if not names:
        return details
    gone: dict[str, object] = dict.fromkeys(names)
    if "phone" in names:
        gone["phone_is_mobile"] = False
    return details.model_copy(update=gone)


def _too_long(details: Identification) -> Iterator[str]:
    return (name for name in DETAILS if len(getattr(details, name) or "") > LONGEST_KEPT)
