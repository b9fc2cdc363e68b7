"""Who is at the command line: not by the name that is given, but by the credentials.

AWS names a caller by an ARN (STS API reference, GetCallerIdentity), whose last part is the person: the name of an IAM
user, or that of a role's session, which the account's set-up makes a person's (docs/access.md). The stack on
one machine has no such authority; there it is the user of the operating system, marked as local.
"""

from __future__ import annotations

LOCAL = "local:"
"""Before the name of a user of this machine, whom only the machine vouches for."""


def local_caller(user: str) -> str:
    """Return what history keeps of a user of this machine, who acts on the stack that runs on it."""
    return LOCAL + user


def person_in(caller: str) -> str:
    """Return the name of the person in a caller: `maria` of `arn:aws:sts::…:assumed-role/Desk/maria`."""
    if caller.startswith(LOCAL):
        return caller.removeprefix(LOCAL)
    return caller.rpartition(":")[2].rpartition("/")[2]


def shown_caller(caller: str) -> str:
    """Return a caller as people read it: `local user maria`, or the ARN."""
    return f"local user {person_in(caller)}" if caller.startswith(LOCAL) else caller


def shown_actor(by: str, caller: str | None) -> str:
    """Return who acted: the name on the ticket and, where it is known, the caller."""
    return f"{by} (as {shown_caller(caller)})" if caller is not None else by
