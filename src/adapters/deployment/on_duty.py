"""Who is entered at the desks and who is woken: an empty list and a gap in the rota wake nobody."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.deployment.desks import standing
from adapters.deployment.findings import Finding, fault, ok, unknown, warning
from adapters.deployment.paging import place_of, subscriptions_to
from adapters.deployment.stack import Deployment
from adapters.deployment.subscriptions import accepts
from adapters.rota_words import of_people, of_rota
from domain.rota import on_duty
from domain.ticket.outgoing import PageLevel


def people(deployment: Deployment) -> Iterator[Finding]:
    """Each desk has a team that reads its cards, and a specialist who answers them."""
    for desk, (entered, _) in standing(deployment).items():
        # Where their mail goes is what `team-mailboxes` looks at, by the records of their domains.
        wrong = [*of_people(entered, desk, receiving_domains=())]
        yield from (fault(said.text, said.remedy) for said in wrong)
        if not wrong:
            yield ok(
                f"{desk}: a team and {len(entered.persons)} persons, {len(entered.specialists)} addresses that answer"
            )


def rota(deployment: Deployment) -> Iterator[Finding]:
    """Somebody who can be reached is on duty at each level, now and for the next two weeks."""
    for desk, (entered, written) in standing(deployment).items():
        wrong = of_rota(written, entered, desk, deployment.now())
        for problem, said in wrong:
            yield (fault if problem.may_leave_nobody else warning)(said.text, said.remedy)
        if not wrong:
            yield ok(f"{desk}: somebody is on duty at each level for the next two weeks")


def page_recipients(deployment: Deployment) -> Iterator[Finding]:
    """A critical fault of each desk must reach a person now, and another where it is not acknowledged."""
    subscriptions = subscriptions_to(deployment, "PagesTopic")
    for desk, (entered, written) in standing(deployment).items():
        for level in PageLevel:
            awake = on_duty(written, entered, level, deployment.now())
            answers = [(one, accepts(one, {"desk": desk, "level": str(level)})) for one in subscriptions]
            ways = [*(["mail"] if any(one.addresses for one in awake) else [])]
            ways += ["SMS"] if any(one.phone for one in awake) else []
            ways += sorted(place_of(one) for one, answer in answers if answer)
            if ways:
                yield ok(f"{desk}, {level}: {len(awake)} persons on duty, reached by {', '.join(ways)}")
            elif any(answer is None for _, answer in answers):
                yield unknown(
                    f"{desk}, {level}: nobody is on duty, and a filter is of a kind that is not understood here",
                    f"Look at it: {deployment.reglament('subscriptions')}",
                )
            else:
                yield fault(
                    f"{desk}, {level}: a page reaches nobody",
                    f"Enter who is woken: {deployment.reglament(f'people import FILE.toml --desk {desk}')}",
                )
