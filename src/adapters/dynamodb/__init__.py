"""The store in one DynamoDB table, a module for each kind of item; `docs/architecture.md` lists the items.

`keys` says under what each item is, `items` how a value is stored in it, `writes` what a transaction asks on which
condition, and `table` makes the requests. `decisions` reads and writes items of all kinds for one decision.
"""

from __future__ import annotations

from adapters.dynamodb.addresses import Addresses
from adapters.dynamodb.decisions import Decisions
from adapters.dynamodb.due import DueIndex
from adapters.dynamodb.faults import Faults
from adapters.dynamodb.journal import Journal
from adapters.dynamodb.letters import Letters
from adapters.dynamodb.outbox import Outbox
from adapters.dynamodb.people import PeopleOfDesks
from adapters.dynamodb.registry import Registry
from adapters.dynamodb.tickets import Tickets


class DynamoTable(Decisions, Tickets, DueIndex, Outbox, Letters, Addresses, Faults, PeopleOfDesks, Registry, Journal):
    """The whole store: implements `Store`, and keeps the journal of the command line."""
