"""Whose each verb is. The two IAM policies of template.yaml allow just what these verbs ask of AWS, and tests hold it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Whose(StrEnum):
    """Who is meant to use a verb; an administrator may do all that a specialist may."""

    EVERYBODY = "everybody"
    """It asks nothing of AWS."""
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"


_ACTS = "reply ask solve note refuse close reopen accept take ack priority critical"
WHOSE: Mapping[str, Whose] = {
    "explain": Whose.EVERYBODY,
    "deadline": Whose.EVERYBODY,
    "regulation check": Whose.EVERYBODY,
    "regulation show": Whose.EVERYBODY,
    "queue": Whose.SPECIALIST,
    "show": Whose.SPECIALIST,
    "history": Whose.SPECIALIST,
    "clock": Whose.SPECIALIST,
    "attachment": Whose.SPECIALIST,
    **dict.fromkeys(_ACTS.split(), Whose.SPECIALIST),
    "client list": Whose.SPECIALIST,
    "client show": Whose.SPECIALIST,
    "client export": Whose.SPECIALIST,
    "client import --check": Whose.SPECIALIST,
    "client import": Whose.ADMINISTRATOR,
    "client add": Whose.ADMINISTRATOR,
    "client remove": Whose.ADMINISTRATOR,
    "letters": Whose.SPECIALIST,
    "letters --done": Whose.SPECIALIST,
    "suppressed": Whose.SPECIALIST,
    "suppressed --lift": Whose.ADMINISTRATOR,
    "resend": Whose.SPECIALIST,
    "resend TICKET": Whose.ADMINISTRATOR,
    "resend --all": Whose.ADMINISTRATOR,
    "replay": Whose.ADMINISTRATOR,
    "replay --as-request": Whose.ADMINISTRATOR,
    "reconcile": Whose.ADMINISTRATOR,
    "redrive": Whose.ADMINISTRATOR,
    "redrive --dry-run": Whose.ADMINISTRATOR,
    "rearm": Whose.ADMINISTRATOR,
    "journal": Whose.ADMINISTRATOR,
    "activate": Whose.ADMINISTRATOR,
}
"""By verb; with an option or an argument where that makes another act of it: `resend` lists, `resend TICKET` sends."""
