"""What the desk does by itself: promises, asks, refuses, acknowledges, tells the team."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.findings import DeclaredNone, Finding, Identification, Mode, Ruling, Surety
from domain.intake.classify import mask_secrets
from domain.intake.courtesy import Courtesy
from domain.letter import Letter
from domain.ticket import events as e
from domain.ticket.decide.critical import is_critical, suspected_in
from domain.ticket.decide.draft import DESK, MAX_FILES, MAX_TEXT, Draft, Params
from domain.ticket.decide.term import lapse_clock
from domain.ticket.ticket import AskedFor, CloseOutcome, LapseClock, ReactionClock, Status, Ticket
from domain.writer.authorship import shown_claim, who_asked, who_wrote

MAX_SIGNATURE = 2_000
"""Characters of a signature kept in history: all that people sign with, and not the disclaimers below it."""
MAX_SET_APART = 60_000
"""Characters of the text set apart that history keeps; the whole letter lies in the bucket."""
SHOWN_APART, SHOWN_OF_A_LINE = 30, 300
"""Lines of the text set apart that a card shows, and characters of each: a card is read on a telephone, too."""
SENT_ON = "Текст пересланного письма:"
"""What stands above a forwarded letter."""


def promise_reaction(draft: Draft, counted_from: datetime) -> None:
    edition = draft.edition
    due = edition.reaction_due(counted_from)
    draft.record(
        e.ReactionPromised(
            at=draft.now,
            clock=ReactionClock(
                counted_from=counted_from,
                due=due,
                warn_at=edition.reaction_warning(counted_from),
                clause=edition.reaction.clause,
                undecreed_years=tuple(edition.calendar.undecreed_years(counted_from, due)),
            ),
        )
    )


_ASKING = {"identification": "details_requested", "clarity": "clarification_requested"}
"""The letter by which the desk asks, by the rule that asks."""

_REFUSING = {
    "eligibility": "refused_eligibility",
    "identification": "refused_identification",
    "obscenity": "refused_offence",
    "quota": "refused_quota",
    "scope": "refused_scope",
}
"""The letter by which the desk refuses, by the rule that refuses."""


def ask_by_itself(draft: Draft, ruling: Ruling, thanks: Params | None = None) -> None:
    """Ask the client for what a rule misses, and wait; nobody owes an answer to a question that is not sent.

    `thanks` says what an earlier answer has brought: `came`, and `absent` for what there is none of.
    """
    params: dict[str, str | tuple[str, ...]] = {**ruling.params, **(thanks or {}), "missing": ruling.evidence}
    if draft.holds_back or not draft.reaches_client(automatic=True):
        draft.mail_client(_ASKING[ruling.rule], params, clause=ruling.clause)
        leave_to_the_team(draft)
        return
    clock = lapse_clock(draft, AskedFor.DETAILS)
    draft.record(e.WaitStarted(at=draft.now, by=DESK, clock=clock, missing=ruling.evidence))
    draft.mail_client(
        _ASKING[ruling.rule], params | _term_of(draft, clock), clause=ruling.clause, asked_at=clock.asked_at
    )


def question_left(ticket: Ticket) -> Finding | None:
    """Return what the rules would ask the client and nobody has asked yet; None where that is nothing."""
    if ticket.details_asked or ticket.reacted_at is not None:
        return None
    asking = (found for found in ticket.findings if found.matched and found.rule in _ASKING)
    return next((found for found in asking if found.decides), None)


def ask_for_a_specialist(draft: Draft, finding: Finding, by: str) -> None:
    """Send the question that a rule has ready, on the word of a specialist: what could not be asked automatically."""
    clock = lapse_clock(draft, AskedFor.DETAILS)
    draft.record(e.WaitStarted(at=draft.now, by=by, clock=clock, missing=finding.evidence))
    params: Params = {**finding.params, "missing": finding.evidence, **_term_of(draft, clock)}
    draft.mail_client(_ASKING[finding.rule], params, clause=finding.clause, automatic=False, asked_at=clock.asked_at)


def _term_of(draft: Draft, clock: LapseClock) -> dict[str, str | tuple[str, ...]]:
    """Return what a question that the rules word says of the client's term; its end is set when it leaves."""
    if not clock.lapses:
        return {}
    return {**draft.term(clock.due, clock.undecreed_years), "lapse_clause": clock.clause or ""}


def refuse_by_itself(draft: Draft, ruling: Ruling) -> None:
    """Close the request by a rule's clause, and tell both sides; what the client cannot be told is not done."""
    if draft.holds_back:
        draft.mail_client(_REFUSING[ruling.rule], ruling.params, clause=ruling.clause)
        leave_to_the_team(draft)
        return
    draft.record(
        e.Closed(at=draft.now, by=DESK, outcome=CloseOutcome.REFUSED, reason=ruling.reason, clause=ruling.clause)
    )
    draft.mail_client(_REFUSING[ruling.rule], ruling.params, clause=ruling.clause)
    told: Params = {
        "writer": who_asked(draft.ticket.requester),
        "reason": ruling.reason,
        "evidence": ruling.evidence,
    }
    draft.mail_team("refused_by_desk", told, clause=ruling.clause)


def leave_to_the_team(draft: Draft) -> None:
    """The client was told nothing and owes nothing: the wait is over, and the promise of a reaction counts."""
    if draft.ticket.status is Status.AWAITING_REQUESTER:
        draft.record(e.WaitEnded(at=draft.now, returns_to=draft.ticket.returns_to))
    if draft.ticket.reaction is None:
        promise_reaction(draft, draft.restraint.at if draft.restraint is not None else draft.now)


def acknowledge(draft: Draft, kind: str, more: Params | None = None) -> None:
    """Tell the client the ticket's number and when the reaction is due, with whatever helps meanwhile."""
    ticket = draft.ticket
    params: dict[str, str | tuple[str, ...]] = dict(more or {})
    for found in ticket.findings:
        if found.matched and found.rule in ("faq", "password"):
            params |= {**found.params, **({f"{found.rule}_clause": found.clause} if found.clause else {})}
        if "encrypted" in found.params:
            params["encrypted"] = found.params["encrypted"]
    if is_critical(ticket) and kind == "accepted":
        assert ticket.critical is not None  # just seen
        params["due"] = draft.moment(ticket.critical.due)
        due = ticket.critical.due
        if draft.fault is not None and draft.fault.wakes_nobody:
            params["bounded"] = "yes"  # the team is told by mail, and nobody is being woken
        draft.mail_client("accepted_critical", params, clause=ticket.critical.clause, due=due)
        return
    assert ticket.reaction is not None  # promised before it is acknowledged
    params |= draft.term(ticket.reaction.due, ticket.reaction.undecreed_years)
    draft.mail_client(kind, params, clause=ticket.reaction.clause, due=ticket.reaction.due)


def send_card(draft: Draft, letter: Letter, added: e.LetterAdded) -> None:
    """Put a new request before the team: who, how surely, what the rules found, when it is due, what was written."""
    ticket = draft.ticket
    known = ticket.identification
    card: Params = {
        "writer": who_wrote(letter),
        "address": ticket.requester.address,
        "full_name": shown_claim(known.full_name or ""),
        "phone": known.phone or "",
        "organisation": shown_claim(known.organisation or ""),
        "position": shown_claim(known.position or ""),
        "client": _client_line(known),
        "missing": known.missing,
        **({"absent": tuple(map(_absent_line, known.declared_none))} if known.declared_none else {}),
        **({"earlier": tuple(_earlier_lines(known, draft))} if known.from_earlier else {}),
        **(draft.term(ticket.promised_by, ticket.promise_undecreed_years) if ticket.promised_by else {"due": ""}),
        "critical": "yes" if is_critical(ticket) else "",
        **({"suspected": "yes"} if suspected_in(ticket.findings) and not is_critical(ticket) else {}),
        "fault": ticket.critical.fault if ticket.critical is not None and is_critical(ticket) else "",
        "unanswered": draft.unanswered,
        "unasked": "yes" if ticket.requester.address and question_left(ticket) else "",
        "findings": tuple(_finding_line(found) for found in ticket.findings),
        "text": added.text,
        **shown_apart(added),
        "attachments": attachments(letter),
    }
    draft.mail_team("card", card, due=ticket.promised_by)


_RULES = {
    "identification": "сведения об авторе",
    "eligibility": "право на поддержку",
    "clarity": "ясность задачи",
    "obscenity": "лексика",
    "duplicates": "повтор",
    "quota": "число обращений за месяц",
    "scope": "объём поддержки",
    "criticality": "критический сбой",
    "password": "пароль",
    "faq": "частый вопрос",
    "courtesy": "вежливость",
}
"""What the team's card calls each rule."""

_COURTESIES = {
    Courtesy.THANKS: "только благодарность",
    Courtesy.WITHDRAWAL: "вопрос снят; если это так, ответьте одним словом «закрыть»",
    Courtesy.NUDGE: "только вопрос, как движется обращение",
}
"""What the card says of a letter that is nothing else."""

_MODES = {Mode.AUTOMATIC: "решено службой", Mode.SUGGEST: "на ваше решение", Mode.OFF: "к сведению"}


_FOUND_BY = {
    "address": "адресу отправителя",
    "inn": "ИНН",
    "contract": "номеру договора",
    "site": "адресу сайта",
    "phone": "телефону",
    "organisation": "названию организации",
}
_SURELY = {
    Surety.KNOWN: "",
    Surety.NAMED: "; это сведения из письма, указать их мог кто угодно",
    Surety.HINTED: "; других клиентов с таким названием нет, но это самый слабый признак, проверьте его",
}


def _client_line(known: Identification) -> str:
    """Return whom the registry takes the writer for, by what and how surely; empty where for nobody."""
    if known.client_id is None or known.client_by is None or known.surety is None:
        return ""
    first, last = known.client_by[:-1], known.client_by[-1]
    by = " и ".join(filter(None, (", ".join(_FOUND_BY[kind] for kind in first), _FOUND_BY[last])))
    only = "только " if known.surety is Surety.HINTED else ""
    return f"{known.client_id} ({only}по {by}{_SURELY[known.surety]})"


_NONE_OF = {
    "organisation": "организации нет",
    "position": "должности нет",
    "phone": "мобильного телефона нет",
}
"""What the team's card says of a detail that the writer declares not to have."""


def _absent_line(absent: DeclaredNone) -> str:
    return f"{_NONE_OF.get(absent.detail, absent.detail)} (в письме: «{shown_claim(mask_secrets(absent.said))}»)"


_CALLED = {
    "full_name": "ФИО",
    "phone": "телефон",
    "organisation": "организация",
    "position": "должность",
    "inn": "ИНН",
    "contract": "договор",
    "site": "сайт",
}
"""What the team's card calls each detail."""


def _earlier_lines(known: Identification, draft: Draft) -> Iterator[str]:
    """Return which details are of earlier requests, a line a request: «ФИО, телефон: из обращения … от …»."""
    for ticket, at in dict.fromkeys((source.ticket, source.at) for source in known.from_earlier):
        names = (_CALLED[source.detail] for source in known.from_earlier if source.ticket == ticket)
        yield f"{', '.join(names)}: из обращения {ticket} от {draft.moment(at)}"


def _finding_line(found: Finding) -> str:
    ground = f"п. {found.clause}" if found.clause else "правило службы"
    # What is missing stands on the card by itself, in words.
    said = f": {'; '.join(found.evidence)}" if found.evidence and found.rule != "identification" else ""
    if found.rule == "courtesy" and found.matched:
        said = f": {_COURTESIES[Courtesy(found.reason)]}: {', '.join(found.evidence)}"
    return f"{_RULES[found.rule]} ({ground}, {_MODES[found.mode]}){said}"


def written_in(letter: Letter) -> str:
    """Return what history keeps of a letter and the team reads: the new text, the signature, a letter sent on.

    Secrets are masked; the whole is bounded, and the signature by itself, so that it never crowds out the rest.
    """
    text, signature, forwarded = map(mask_secrets, (letter.visible_text, letter.signature, letter.forwarded_text))
    sent_on = f"{SENT_ON}\n\n{forwarded}" if forwarded else ""
    return "\n\n".join(filter(None, (text, signature[:MAX_SIGNATURE], sent_on)))[:MAX_TEXT]


def set_apart_in(letter: Letter) -> str:
    """Return what history keeps of the text set apart: its secrets are masked, and it is bounded."""
    return mask_secrets(letter.set_apart_text)[:MAX_SET_APART]


def shown_apart(added: e.LetterAdded) -> Params:
    """Return what a card shows of the text that was taken for correspondence: its first lines, and how many there are."""
    lines = [line for line in added.set_apart.split("\n") if line.strip()]
    shown = [line[:SHOWN_OF_A_LINE] for line in lines[:SHOWN_APART]]
    if not lines:
        return {}
    whole = shown == lines
    return {"set_apart": tuple(shown), "set_apart_lines": str(len(lines)), "set_apart_whole": "yes" if whole else ""}


def attachments(letter: Letter) -> tuple[str, ...]:
    listed = [f"{file.name[:120]} ({file.content_type}, {file.size} B)" for file in letter.attachments[:MAX_FILES]]
    more = len(letter.attachments) - len(listed)
    return (*listed, f"и ещё {more}") if more else tuple(listed)


def reopen(draft: Draft, *, by: str, reason: str, at: datetime) -> None:
    draft.record(e.Reopened(at=draft.now, by=by, reason=reason))
    promise_reaction(draft, at)
