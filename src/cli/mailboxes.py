"""`reglament regulation addresses`: what a deployment has to take and to send for, and whether its parameter says so."""

from __future__ import annotations

from cli import printing
from cli.options import Options
from composition import AwsServices
from domain.addresses import display_address
from domain.regulation.mailboxes import Difference, deployed_mailboxes, difference


def addresses(options: Options, _services: AwsServices, listed: str | None) -> int:
    """Print the desks' mailboxes, or compare them with a list; exit status 1 where that differs."""
    mailboxes = deployed_mailboxes()
    if listed is not None:
        return _compared(difference(listed.split(","), mailboxes), as_json=options.json)
    if options.json:
        printing.as_json(
            {
                "receives": list(mailboxes.receives),
                "sends": list(mailboxes.sends),
                "receiving_domains": list(mailboxes.receiving_domains),
                "sending_domains": list(mailboxes.sending_domains),
                "identities": list(mailboxes.identities),
                "desk_addresses": ",".join(mailboxes.desk_addresses),
            }
        )
        return 0
    printing.table(
        [
            ("received", ", ".join(map(display_address, mailboxes.receives))),
            ("sent from", ", ".join(map(display_address, mailboxes.sends))),
            ("MX is SES", ", ".join(mailboxes.receiving_domains)),
            ("DKIM and DMARC", ", ".join(mailboxes.sending_domains)),
            ("identities", ", ".join(mailboxes.identities)),
        ]
    )
    print(f"\nDeskAddresses={','.join(mailboxes.desk_addresses)}")
    return 0


def told(found: Difference) -> tuple[str, ...]:
    """Return what is wrong with a list of addresses, each with what to do."""
    return (
        *(f"DeskAddresses lacks {address}: add it, or its letters are refused or not sent" for address in found.missing),
        *(f"DeskAddresses has {address}, which is no desk's: take it out, or give it to a desk" for address in found.unknown),
        *(f"DeskAddresses has {address}: write {right}, as letters are sent from it" for address, right in found.misspelt),
    )  # fmt: skip


def _compared(found: Difference, *, as_json: bool) -> int:
    if as_json:
        misspelt = [{"found": address, "expected": right} for address, right in found.misspelt]
        printing.as_json({"missing": list(found.missing), "unknown": list(found.unknown), "misspelt": misspelt})
    else:
        for line in told(found):
            printing.warn(line)
        if not found:
            print("DeskAddresses is what the editions say")
    return 1 if found else 0
