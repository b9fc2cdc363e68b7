"""`reglament replay --unanswered` and `overdue`: what a restored table has lost, brought back without a word to anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from adapters.dynamodb import DynamoTable
from adapters.mail.reading import read_for_desks
from adapters.ses.raw_letter import envelope_from_raw
from application.replay import NotReplayable
from application.storage import Commit
from application.taken_up import LostLetter, in_order_of_receipt, lost_letter, take_up_unanswered
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, connect
from composition import AwsServices
from handlers.meanings import lies_in_the_work, reason_of

LETTERS_BETWEEN_NEWS = 100
FIRED_HELD = "it fell due while the table was away: it may have left before"
"""Why what such a timer causes is not mailed."""


class _HoldingTable(DynamoTable):
    """The table, by which the letters of each decision are listed in place of being mailed; pages leave."""

    def commit(self, commit: Commit) -> None:
        super().commit(replace(commit, held=FIRED_HELD))


class _Holding(AwsServices):
    @cached_property
    def store(self) -> DynamoTable:
        """Return the table that holds letters."""
        return _HoldingTable(self.connect("dynamodb"), self.setting("TABLE"), int(self.setting("DUE_SHARDS")))


def overdue(options: Options, services: AwsServices) -> int:
    """Fire the timers that are due and list their letters; exit status 1 where some timers fail. Twice is as once.

    The clock fired some of them before the table was damaged, and the restored table does not know it.
    """
    services = connect(options, services)
    from handlers import clock
    from handlers.unread import Unread

    if Unread(services).since() is not None:
        raise Failed(
            "letters lie in incoming/ that nobody has read: one of them may be an answer in time. Deploy with Paused=timers, "
            "and repeat this once they are read"
        )
    printing.logs_to_stderr()
    journal.note(services, "overdue")
    done = clock.sweep(lambda: True, _Holding(services.environment, services.clock, services.place))
    if options.json:
        printing.as_json(done)
    else:
        printing.table([(name, str(count)) for name, count in done.items()])
    return 1 if done["TimersFailed"] or done["ShardsUnread"] else 0


def replay_unanswered(options: Options, services: AwsServices, keys: Sequence[str]) -> int:
    """Take letters up in the order of their receipt; exit status 1 where one of them could not be."""
    services = connect(options, services)
    journal.note(services, "replay --unanswered", f"letters {journal.some(keys)}")
    lost, failed = [], 0
    for key in dict.fromkeys(keys):
        try:
            lost.append(lost_letter(key, services.now(), services, envelope_from_raw))
        except NotReplayable as error:
            failed += 1
            printing.warn(f"{key}: {error}")
    return 1 if take_up(lost, services, as_json=options.json) + failed else 0


def take_up(letters: Iterable[LostLetter], services: AwsServices, *, as_json: bool) -> int:
    """Take letters up in the order of their receipt and print what became of each; return how many failed."""
    failed = 0
    for done, lost in enumerate(in_order_of_receipt(letters), 1):
        try:
            records = take_up_unanswered(lost, services, read_for_desks)
        except NotReplayable as error:
            failed += 1
            printing.warn(f"{lost.name}: {error}")
            continue
        except Exception as error:
            # One that fails by itself must not keep those behind it from being taken up.
            if not lies_in_the_work(error):
                raise
            failed += 1
            printing.warn(f"{lost.name}: it cannot be taken up ({reason_of(error)}): docs/recovery.md, A few items")
            continue
        for record in records:
            if as_json:
                shown = record.model_dump(mode="json", include={"desk", "kind", "outcome", "ticket"})
                printing.as_json({"letter": lost.name, **shown})
            else:
                print(f"{lost.name}: {record.outcome} {record.ticket or ''}".rstrip() + f" at {record.desk}")
        if done % LETTERS_BETWEEN_NEWS == 0:
            printing.warn(f"{done} letters so far")
    return failed
