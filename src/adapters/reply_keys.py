"""The secret that holds the keys of reply tokens: `{"current": "a", "a": "<64 characters>"}`."""

from __future__ import annotations

import json
import string

from domain.reply_token import ReplyKeys

IDS = frozenset(string.ascii_lowercase + string.digits)
"""Ids of keys: an address is read in lower case, and a token in it with it."""
SHORTEST = 16
"""Characters of a key at least: 80 bits of a MAC are worth no more than what it is made with."""


class MalformedSecret(ValueError):
    """The secret is not of its form; the message says what was found, and nothing of a key."""


def keys_in(text: str | None) -> ReplyKeys:
    """Return the keys that a secret holds; raises MalformedSecret."""
    if text is None:
        raise MalformedSecret("found a binary value, expected JSON as text")
    try:
        secret = json.loads(text)
    except ValueError:
        # No `from`: the error of `json` carries the whole text.
        raise MalformedSecret('found no JSON, expected an object such as {"current": "a", "a": "<key>"}') from None
    if not isinstance(secret, dict):
        raise MalformedSecret(f"found JSON of the type {type(secret).__name__}, expected an object")
    keys = {name: value for name, value in secret.items() if len(name) == 1}
    unreadable = sorted(name for name in keys if name not in IDS)
    if unreadable:
        raise MalformedSecret(f"found the keys {unreadable}, expected ids that are lower-case letters or digits")
    weak = sorted(name for name, value in keys.items() if not isinstance(value, str) or len(value) < SHORTEST)
    if weak:
        raise MalformedSecret(f"found keys that are no text of {SHORTEST} characters or more: {', '.join(weak)}")
    current = secret.get("current")
    if not isinstance(current, str) or current not in keys:
        raise MalformedSecret(f'found the keys {sorted(keys)}, and "current" names none of them')
    return ReplyKeys(current=current, keys={name: value.encode() for name, value in keys.items()})
