"""The desks' mailboxes: what Amazon SES has to take and send, and whose mail it takes by mistake.

SES takes the mail of whole domains, by their MX record, and refuses whatever no receipt rule names. So a mailbox of a
person in a domain whose MX is SES does not exist: each letter to it bounces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.addresses import normalise_address, without_plus
from domain.letter import Envelope
from domain.people import People
from domain.regulation.desk import Desk, Forwarders
from domain.regulation.editions import desk_by_address, desk_ids, edition_serving, editions


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """What a deployment has to take and to send for, normalised and in order."""

    receives: tuple[str, ...]
    """Addresses at which SES takes letters: the MX of their domains is SES, and a receipt rule names them."""
    sends: tuple[str, ...]
    """Addresses in whose name the desks write: SES has verified their domains."""

    @property
    def desk_addresses(self) -> tuple[str, ...]:
        """What the stack's parameter `DeskAddresses` lists."""
        return tuple(sorted({*self.receives, *self.sends}))

    @property
    def receiving_domains(self) -> tuple[str, ...]:
        """The domains whose MX is SES."""
        return _domains(self.receives)

    @property
    def sending_domains(self) -> tuple[str, ...]:
        """The domains in whose name SES signs: they need DKIM and DMARC."""
        return _domains(self.sends)

    @property
    def identities(self) -> tuple[str, ...]:
        """The domains that SES has to have verified, for taking mail as for sending it."""
        return _domains((*self.receives, *self.sends))


def mailboxes_of(desks: Iterable[Desk]) -> Mailboxes:
    """Return what a deployment of these desks has to take and to send for."""
    known = tuple(desks)
    return Mailboxes(
        receives=tuple(sorted({address for desk in known for address in desk.received_at})),
        sends=tuple(sorted({desk.address for desk in known})),
    )


def deployed_mailboxes() -> Mailboxes:
    """Return what a deployment of the desks that ship with the product has to take and to send for.

    Of every edition: letters still come to an address that an earlier one published, and already to the next's.
    """
    return mailboxes_of(edition.desk for desk in desk_ids() for edition in editions(desk))


@dataclass(frozen=True, slots=True)
class Difference:
    """How a list of addresses differs from what it has to be; nothing in it where it does not."""

    missing: tuple[str, ...] = ()
    """Addresses that the desks have and the list has not: letters to them are refused, or none leaves in their name."""
    unknown: tuple[str, ...] = ()
    """Addresses of no desk: letters to them are taken, and belong to nobody."""
    misspelt: tuple[tuple[str, str], ...] = ()
    """Addresses that are a desk's and written in another way than letters are sent from, each with the right one:
    the permission to send compares the text."""

    def __bool__(self) -> bool:
        """Return whether there is a difference."""
        return bool(self.missing or self.unknown or self.misspelt)


def difference(listed: Iterable[str], expected: Mailboxes) -> Difference:
    """Return how the addresses of a stack's `DeskAddresses` differ from what its desks have."""
    wanted, written = set(expected.desk_addresses), [address.strip() for address in listed]
    named = {address: normalise_address(address) for address in written if address}
    return Difference(
        missing=tuple(sorted(wanted - set(named.values()))),
        unknown=tuple(address for address, normal in named.items() if normal not in wanted),
        misspelt=tuple(
            (address, normal) for address, normal in named.items() if normal in wanted and normal != address
        ),
    )


def without_mailbox(people: People, receiving_domains: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of a desk's people in domains whose mail SES takes, in order: no letter arrives there."""
    domains = frozenset(receiving_domains)
    return tuple(sorted(address for address in people.addresses if address.rpartition("@")[2] in domains))


def forwarders_of(envelope: Envelope) -> Forwarders:
    """Return the forwarders that the desks name to which a letter is addressed."""
    recipients = (without_plus(normalise_address(recipient)) for recipient in envelope.recipients)
    desks = dict.fromkeys(desk for recipient in recipients if (desk := desk_by_address(recipient)) is not None)
    return Forwarders.of(*(edition_serving(desk, envelope.received_at).desk.forwarders for desk in desks))


def _domains(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({address.rpartition("@")[2] for address in addresses}))
