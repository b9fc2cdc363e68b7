"""How the verbs of people and rota change what stands: read, decide, refuse what would be lost, write once, warn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.dynamodb import DynamoTable
from adapters.people_files import WrittenRota
from adapters.rota_words import of_people, of_rota
from application.people import change_of
from application.storage import Conflict, TooLarge
from cli import journal, printing
from cli.target import Failed
from composition import AwsServices
from domain.caller import shown_caller
from domain.people import People
from domain.regulation.mailboxes import deployed_mailboxes
from domain.rota import Rota

WOKEN = 25
"""Letters that waited for a team address and are offered at once; each that leaves wakes as many (`handlers.delivery`)."""


def save_people(services: AwsServices, desk: str, what: str, before: People, after: People) -> None:
    """Write the people of a desk in place of those that were read; raises Failed where another changed them meanwhile."""
    change = change_of(what, before, after, at=services.now(), caller=services.caller)
    _save(services, desk, what, lambda: services.store.save_people(desk, before, after, change))
    if after.team_address and not before.team_address:
        services.store.wake_delayed(now=services.now(), pause=timedelta(), at_most=WOKEN)


def save_rota(services: AwsServices, desk: str, what: str, before: Rota, after: Rota) -> None:
    """Write the rota of a desk in place of that which was read; raises Failed where another changed it meanwhile."""
    change = change_of(what, before, after, at=services.now(), caller=services.caller)
    _save(services, desk, what, lambda: services.store.save_rota(desk, before, after, change))


def _save(services: AwsServices, desk: str, what: str, save: Callable[[], None]) -> None:
    journal.note(services, what, desk)
    try:
        save()
    except Conflict as error:
        by = _last_change(services.store, desk)
        raise Failed(
            f"{desk}: {error}{by}; nothing of yours was written. Look at it (`reglament people history --desk {desk}`) "
            "and repeat yours"
        ) from error
    except TooLarge as error:
        raise Failed(f"{desk}: {error}; nothing was written") from error


def _last_change(store: DynamoTable, desk: str) -> str:
    last = next(store.standing_changes(desk), None)
    return f" ({last.what}, by {shown_caller(last.caller)})" if last is not None else ""


def refuse_a_copy_of_another(file: str, copied: int | None, entered: int, *, again: str, replaces: bool) -> None:
    """Raise Failed where a file is no copy of what is entered now, so that writing it would undo another's change."""
    if replaces or entered in (0, copied):
        return
    says = f"was exported as version {copied}" if copied is not None else "is no export: it has no `version`"
    raise Failed(
        f"{file} {says}, and version {entered} is entered now: what others have changed would be lost. Export it again "
        f"(`{again}`) and make your change there, or write it all the same with --replace"
    )


def as_it_will_be(written: WrittenRota, before: Rota, now: datetime) -> Rota:
    """Return the rota of a file as it is entered: overrides that it does not speak of stay until they are over."""
    overrides = written.rota.overrides if written.has_overrides else before.overrides
    left = tuple(one for one in overrides if one.ends > now)
    return written.rota.model_copy(update={"version": before.version, "overrides": left})


def refuse_problems(file: str, desk: str, rota: Rota, people: People, services: AwsServices) -> None:
    """Raise Failed where a rota would leave a page without whom it should reach, naming hours and remedy."""
    found = [said.line for problem, said in of_rota(rota, people, desk, services.now()) if problem.may_leave_nobody]
    if found:
        lines = "\n".join(found)
        raise Failed(f"{file}: the rota is refused, and nothing was written:\n{lines}")


def warn(services: AwsServices, desk: str, people: People, rota: Rota) -> None:
    """Tell on standard error what is wrong with the people and the rota of a desk."""
    found = [*of_people(people, desk, deployed_mailboxes().receiving_domains)]
    found += [said for _, said in of_rota(rota, people, desk, services.now())]
    for said in found:
        printing.warn(f"warning: {said.line}")
