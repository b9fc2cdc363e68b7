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
    DEPLOYER = "deployer"
    """Who deploys the stack, by rights of the account's: it reaches what is not the stack's, or erases for good."""


_ACTS = "reply ask solve note refuse close reopen accept take priority critical ack"
_OF_FAULTS = "list show history resolve false-alarm detach join"
WHOSE: Mapping[str, Whose] = {
    "explain": Whose.EVERYBODY,
    "deadline": Whose.EVERYBODY,
    "regulation addresses": Whose.EVERYBODY,
    "regulation check": Whose.EVERYBODY,
    "regulation show": Whose.EVERYBODY,
    "queue": Whose.SPECIALIST,
    "show": Whose.SPECIALIST,
    "history": Whose.SPECIALIST,
    "clock": Whose.SPECIALIST,
    "attachment": Whose.SPECIALIST,
    **dict.fromkeys(_ACTS.split(), Whose.SPECIALIST),
    **dict.fromkeys((f"fault {verb}" for verb in _OF_FAULTS.split()), Whose.SPECIALIST),
    "client list": Whose.SPECIALIST,
    "client show": Whose.SPECIALIST,
    "client export": Whose.SPECIALIST,
    "client import --check": Whose.SPECIALIST,
    "client import": Whose.ADMINISTRATOR,
    "client add": Whose.ADMINISTRATOR,
    "client remove": Whose.ADMINISTRATOR,
    "people list": Whose.SPECIALIST,
    "people export": Whose.SPECIALIST,
    "people history": Whose.SPECIALIST,
    "people import --check": Whose.SPECIALIST,
    "people import": Whose.ADMINISTRATOR,
    "people add": Whose.ADMINISTRATOR,
    "people remove": Whose.ADMINISTRATOR,
    "people team": Whose.ADMINISTRATOR,
    "oncall show": Whose.SPECIALIST,
    "oncall check": Whose.SPECIALIST,
    "oncall set --check": Whose.SPECIALIST,
    "oncall set": Whose.ADMINISTRATOR,
    "oncall drill": Whose.ADMINISTRATOR,
    "oncall override": Whose.ADMINISTRATOR,
    "letters": Whose.SPECIALIST,
    "letters --done": Whose.SPECIALIST,
    "suppressed": Whose.SPECIALIST,
    "suppressed --lift": Whose.ADMINISTRATOR,
    "resend": Whose.SPECIALIST,
    "resend TICKET": Whose.ADMINISTRATOR,
    "resend --all": Whose.ADMINISTRATOR,
    "resend --left": Whose.ADMINISTRATOR,
    "replay": Whose.ADMINISTRATOR,
    "replay --as-request": Whose.ADMINISTRATOR,
    "replay --unanswered": Whose.ADMINISTRATOR,
    "reconcile": Whose.ADMINISTRATOR,
    "redrive": Whose.ADMINISTRATOR,
    "redrive --dry-run": Whose.ADMINISTRATOR,
    "rearm": Whose.ADMINISTRATOR,
    "journal": Whose.ADMINISTRATOR,
    "activate": Whose.ADMINISTRATOR,
    "doctor": Whose.ADMINISTRATOR,
    "subscriptions list": Whose.ADMINISTRATOR,
    "subscriptions confirm": Whose.ADMINISTRATOR,
    "audit": Whose.ADMINISTRATOR,
    "audit --replay": Whose.ADMINISTRATOR,
    "audit --repair": Whose.DEPLOYER,
    "audit --table": Whose.DEPLOYER,
    "adopt": Whose.DEPLOYER,
    "overdue": Whose.DEPLOYER,
}
"""By verb; with an option or an argument where that makes another act of it: `resend` lists, `resend TICKET` sends."""


def meant_for(verb: str) -> str:
    """Return for whom a verb is, in words; what an option makes of it may be another's. A group alone has no row."""
    if verb not in WHOSE:
        return "see docs/access.md"
    otherwise = {act.removeprefix(verb).strip(): whose for act, whose in WHOSE.items() if act.startswith(f"{verb} ")}
    its = WHOSE[verb]
    others = ", ".join(f"{how}: {_SHOWN[whose]}" for how, whose in otherwise.items() if whose is not its)
    return _SHOWN[its] + (f"; {others}" if others else "") + ("" if its is Whose.EVERYBODY else " (docs/access.md)")


_SHOWN = {
    Whose.EVERYBODY: "everybody: it asks nothing of AWS",
    Whose.SPECIALIST: "specialists and administrators",
    Whose.ADMINISTRATOR: "administrators",
    Whose.DEPLOYER: "those who deploy the stack",
}
