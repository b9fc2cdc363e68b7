"""The digest: one letter that tells the team of all that the limits of automatic letters withheld from it."""

from __future__ import annotations

from datetime import datetime

from domain.ticket import events as e
from domain.ticket.decide.draft import Draft, Params
from domain.ticket.lately import SentLately, WithheldLetter
from domain.ticket.ticket import Digest, Ticket
from domain.writer.authorship import shown_address, shown_claim

_TOLD = {
    "card": "новое обращение",
    "follow_up": "новое письмо по обращению",
    "refused_by_desk": "служба отказала по обращению",
}
"""What a withheld letter would have told the team of, by its kind."""


def digests_due(ticket: Ticket, now: datetime) -> tuple[Digest, ...]:
    """Return the digests that a ticket has to send by now, the earliest first."""
    return tuple(sorted((one for one in ticket.digests if one.due <= now), key=lambda one: (one.due, one.counted_as)))


def send_digests(draft: Draft) -> None:
    """Tell the team of what was withheld, once for each digest that is due and whose letters were read."""
    for digest in digests_due(draft.ticket, draft.now):
        lately = draft.counts.get(digest.counted_as)
        if lately is not None:
            _send(draft, digest, lately)


def _send(draft: Draft, digest: Digest, lately: SentLately) -> None:
    letters = len(lately.withheld) + lately.withheld_more
    draft.record(e.DigestSent(at=draft.now, counted_as=digest.counted_as, letters=letters))
    if not letters:
        return  # somebody has deleted what was counted: there is nothing to tell
    draft.sent = {**draft.sent, digest.counted_as: lately.digested(draft.now)}
    told: Params = {
        "address": shown_address(digest.counted_as) if "@" in digest.counted_as else "",
        "count": str(letters),
        "letters": tuple(_line(draft, letter) for letter in lately.withheld),
        "more": str(lately.withheld_more) if lately.withheld_more else "",
    }
    draft.mail_team("digest", told)


def _line(draft: Draft, letter: WithheldLetter) -> str:
    subject = f"«{shown_claim(letter.subject)}»" if letter.subject else "без темы"
    return f"{letter.ticket}: {_TOLD[letter.kind]} {subject}; письмо получено: {draft.moment(letter.received_at)}"
