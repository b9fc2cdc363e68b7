"""`reglament regulation check` and `show`: the published regulations as data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from adapters.edition_files import examine, what_follows
from cli import printing
from cli.options import Options
from cli.target import Misuse, desk_named, instant, zone_of
from composition import AwsServices
from domain.addresses import display_address
from domain.findings import Mode, Rule
from domain.regulation.desk import Desk
from domain.regulation.edition import Critical, Edition, interregnum
from domain.regulation.editions import DESKS, EDITION_FILE, NoEditionInForce, edition_at, edition_serving, editions
from domain.ticket.restraint import AutomaticLettersRule

NIGHT = timedelta(hours=12)
"""For how long nobody acknowledges a critical fault whose pages are counted."""


def check(options: Options, _services: AwsServices, files: Sequence[str]) -> int:
    """Check editions and print every error with its place; exit status 1 where there are any. A warning changes no status."""
    examined = examine(edition_files(files or [str(DESKS)]))
    problems = examined.problems
    for caution in examined.cautions:
        if options.json:
            told = {"file": caution.file, "line": caution.line, "key": caution.key, "warning": caution.says}
            printing.as_json(told)
        else:
            print(caution)
    if options.json:
        for problem in problems:
            printing.as_json(
                {
                    "file": problem.file,
                    "line": problem.line,
                    "table": problem.table,
                    "key": problem.key,
                    "found": problem.found,
                    "expected": problem.expected,
                }
            )
    else:
        for problem in problems:
            print(problem)
    if problems:
        wrong = len({problem.file for problem in problems})
        printing.warn(f"{printing.count(len(problems), 'error')} in {printing.count(wrong, 'file')}")
        return 1
    for edition, file in examined.editions:
        if options.json:
            printing.as_json({"file": str(file), "desk": edition.desk.id, "edition": edition.name, "holds": True})
        else:
            print(f"{file} holds: {edition.desk.id}, in force from {edition.name}, {len(edition.clauses)} clauses")
    return 0


def show(options: Options, services: AwsServices, desk: str, at: str | None) -> int:
    """Print the edition of a desk that is in force, or by which it works though none is."""
    desk_id = desk_named(desk)
    try:
        edition = edition_at(desk_id, instant(at, zone_of(desk_id))) if at else edition_serving(desk_id, services.now())
    except NoEditionInForce as error:
        raise Misuse(f"--at: {error}") from error
    if options.json:
        printing.as_json(edition.model_dump(mode="json"))
    else:
        _show(edition)
        gap = interregnum(edition, (known.effective_from for known in editions(desk_id)))
        if gap is not None:
            printing.warn(f"warning: {what_follows(desk_id, gap)}")
    return 0


def edition_files(given: Sequence[str]) -> list[Path]:
    """Return the files given, and the editions below the folders given; raises Misuse where there are none."""
    files: list[Path] = []
    for name in given:
        path = Path(name)
        if path.is_dir():
            found = sorted(file for file in path.rglob("*.toml") if EDITION_FILE.fullmatch(file.name))
            if not found:
                raise Misuse(f"{name}: found no editions in the folder, expected files such as 2026-01-01.toml")
            files += found
        elif path.exists():
            files.append(path)
        else:
            raise Misuse(f"{name}: no such file or folder")
    return list(dict.fromkeys(files))


def _show(edition: Edition) -> None:
    hours, reaction, lapse, critical = edition.hours, edition.reaction, edition.lapse, edition.critical
    until = f" until {edition.effective_until}" if edition.effective_until else ""
    print(f"{edition.title}\n{edition.url}, in force from {edition.name}{until}\n")
    spans = ", ".join(
        f"{printing.time_of_day(opening)}-{printing.time_of_day(closing)}" for opening, closing in hours.working_day
    )
    term = (
        f"{reaction.working_hours} working hours" if reaction.working_hours else f"{reaction.working_days} working days"
    )
    silence = "lapses" if lapse.mode is Mode.AUTOMATIC else "the specialist is reminded"
    rows = [
        (
            "desk",
            f"{edition.desk.id} ({edition.desk.prefix}), {display_address(edition.desk.address)}",
            edition.desk.clause,
        ),
        ("mail", _ways(edition.desk), None),
        ("hours", f"{spans} {hours.time_zone} on working days", hours.clause),
        ("reaction", f"within {term}; incomplete letters start no clock", reaction.clause),
        ("critical", f"{critical.mode}: within {critical.within_minutes} minutes, round the clock", critical.clause),
        ("pages", _pauses(critical), None),
        ("unacknowledged", _cost(critical), None),
        ("one fault", _gathering(critical), None),
        ("a fault that was taken", _untouched(critical), None),
        ("strangers", _strangers(critical), None),
        ("silence", f"{silence} after {lapse.client_working_days} working days", lapse.clause),
        ("reopening", f"by an answer within {edition.reopening.within_days} days", edition.reopening.clause),
        ("an answer owed", _reminders(edition), edition.answer_reminder.clause if edition.answer_reminder else None),
        ("automatic letters", _silence_of_robots(edition.automatic_letters), edition.automatic_letters.clause),
    ]
    printing.table([(name, f"({printing.clause_of(clause)})", says) for name, says, clause in rows])
    print("\nrules")
    rules = [(name, rule) for name, rule in edition.rules if isinstance(rule, Rule)]
    printing.table([(name, rule.mode.value, printing.clause_of(rule.clause)) for name, rule in rules], indent="  ")
    print("\nclauses")
    printing.table([(clause.number, clause.summary) for clause in edition.clauses], indent="  ")


def _ways(desk: Desk) -> str:
    """Say how mail comes to a desk and where answers to it go."""
    received = ", ".join(map(display_address, desk.received_at))
    believed = ", ".join(forwarder.authserv_id for forwarder in desk.forwarders)
    return f"taken by Amazon SES at {received}; answers go to {display_address(desk.reply_mailbox)}; " + (
        f"forwarded by {believed}, which is believed" if believed else "no forwarder is believed"
    )


def _pauses(critical: Critical) -> str:
    *first, last = map(str, critical.repeat_minutes)
    pauses = f"{', '.join(first)}, then every {last}" if first else f"every {last}"
    return f"repeated after {pauses} minutes; from minute {critical.escalated_after_minutes} on to escalation too"


def _cost(critical: Critical) -> str:
    on_call, escalation = critical.pages_within(NIGHT)
    hours = NIGHT // timedelta(hours=1)
    return f"in {hours} hours at most {printing.count(on_call, 'page')} to the on-call and {escalation} to escalation"


def _gathering(critical: Critical) -> str:
    return (
        f"of reports within {critical.gather_minutes} minutes; over once its alarms are quiet for "
        f"{critical.quiet_minutes}; back, with pages again, within {critical.reopen_minutes} of its end"
    )


def _untouched(critical: Critical) -> str:
    return (
        f"is called to mind after {critical.remind_after_minutes} minutes untouched and begins another series of pages "
        f"after {critical.page_again_after_minutes}"
    )


def _strangers(critical: Critical) -> str:
    series = critical.stranger_pages_per_hour
    return f"senders who are not proved cause at most {series} series of pages an hour; then the team is told by mail"


def _reminders(edition: Edition) -> str:
    rule = edition.answer_reminder
    if rule is None:
        return "nobody is reminded"
    return (
        f"the specialist is reminded after {printing.count(rule.owner_after_working_days, 'working day')}, "
        f"the team after {printing.count(rule.team_after_working_days, 'working day')}"
    )


def _silence_of_robots(rule: AutomaticLettersRule) -> str:
    return (
        f"to one address at most {rule.per_address_per_hour} an hour and {rule.per_address_per_day} a day, "
        f"{rule.per_ticket_per_hour} an hour on a ticket; because of one address "
        f"{rule.to_team_per_address_per_hour} an hour to the team; "
        f"to all who are not proved {rule.to_strangers_per_hour} an hour"
    )
