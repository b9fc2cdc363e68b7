"""Keyed tokens in the plus-address of our letters: they say where an answer belongs, never who writes it.

`support+<id><role><key id><mac>@…`: lower-case base 32 throughout; the MAC has 80 bits and binds desk,
ticket and role, so that no token can be made up, or carried to another desk. Of a fault's number the digits are
filled up with zeros in front: the role says that they are a fault's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from domain.fault.numbers import DIGITS, FAULT_MARK, is_fault_number
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import CROCKFORD

ID_LENGTH = 8
MAC_LENGTH = 16
"""Characters of five bits each: 80 bits."""
ROLES: Mapping[Audience, str] = {Audience.CLIENT: "c", Audience.TEAM: "t", Audience.FAULT: "f"}
LOWER = CROCKFORD.lower()


@dataclass(frozen=True, slots=True)
class ReplyKeys:
    """The desk's secret keys by their one-letter ids; new tokens are made with the current one."""

    current: str
    keys: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """A token that was found genuine."""

    ticket: str
    """The number of a ticket; that of a fault where the audience is FAULT."""
    audience: Audience


def token_for(keys: ReplyKeys, desk: str, ticket: str, audience: Audience) -> str:
    """Return the plus part for letters about a ticket, or a fault, to an audience: 26 characters.

    Raises ValueError where a fault's number and the audience FAULT do not go together.
    """
    if is_fault_number(ticket) != (audience is Audience.FAULT):
        raise ValueError(
            f"found {ticket} for the audience {audience}, expected a fault's number for {Audience.FAULT} alone"
        )
    if audience is Audience.FAULT:
        number = ticket.rpartition("-")[2].rjust(ID_LENGTH, LOWER[0]).lower()
    else:
        number = ticket.partition("-")[2].replace("-", "").lower()
    body = f"{number}{ROLES[audience]}{keys.current}"
    return body + _mac(keys.keys[keys.current], desk, body)


def read_token(keys: ReplyKeys, desk: str, prefix: str, plus: str) -> ReplyToken | None:
    """Return what a plus part of an address at this desk says; None unless its MAC is ours.

    The comparison takes the same time however much of the MAC is right.
    """
    body, mac = plus.lower()[: ID_LENGTH + 2], plus.lower()[ID_LENGTH + 2 :]
    if len(body) != ID_LENGTH + 2 or len(mac) != MAC_LENGTH or not mac.isascii():
        return None
    number, role, key_id = body[:ID_LENGTH], body[ID_LENGTH], body[ID_LENGTH + 1]
    key = keys.keys.get(key_id)
    audience = next((known for known, letter in ROLES.items() if letter == role), None)
    if key is None or audience is None or not hmac.compare_digest(mac, _mac(key, desk, body)):
        return None
    if audience is Audience.FAULT:
        return ReplyToken(f"{prefix}-{FAULT_MARK}-{number[-DIGITS:]}".upper(), audience)
    return ReplyToken(f"{prefix}-{number[:4]}-{number[4:]}".upper(), audience)


def _mac(key: bytes, desk: str, body: str) -> str:
    digest = hmac.digest(key, f"{desk}\n{body}".encode(), hashlib.sha256)
    bits = int.from_bytes(digest[: MAC_LENGTH * 5 // 8], "big")
    return "".join(LOWER[bits >> shift & 31] for shift in range((MAC_LENGTH - 1) * 5, -5, -5))
