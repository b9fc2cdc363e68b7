"""What is remembered of a new request: for its client's quota, and to know it when it is sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from application.recognise import ReadLetter, Writer
from application.repetitions import remembered, scope_of
from application.storage import Commit, Found, RecentChange
from domain.client import CountedRequest, Recent, Sketch
from domain.intake.duplicates import sketch
from domain.regulation.months import month_before, month_of

SKETCHES_KEPT = 40
REQUESTS_KEPT = 400
"""Of one client: with the longest sketches some 340 kB, and an item holds 400."""


def with_request(
    commit: Commit, read: ReadLetter, writer: Writer, recent: Recent, found: Found, *, counts: bool = True
) -> Commit:
    """Return a commit that opens a ticket with what is remembered of it.

    `recent` is the client's past as it was read, `found` has the letters that state the same contacts; `counts` tells
    whether the letter is one of the month's requests.
    """
    assert commit.ticket is not None  # it opens one
    ticket, edition, letter = commit.ticket.after.id, read.edition, read.letter
    rule = edition.rules.duplicates
    kept = sketch(letter, rule, ticket=ticket, at=letter.envelope.received_at, hashes=read.hashes)
    window = timedelta(days=rule.window_days)
    after = _remember(recent, read, kept, window, counts=counts)
    scope = scope_of(edition)
    return replace(
        commit,
        recent=RecentChange(edition.desk.id, writer.client_key, recent, after),
        stated=tuple(remembered(scope, found.statements, kept, window)),
    )


def _remember(recent: Recent, read: ReadLetter, kept: Sketch, window: timedelta, *, counts: bool) -> Recent:
    """Add a request to a client's recent past and forget what no rule looks at any more."""
    edition, at = read.edition, kept.at
    month = month_of(edition, at)
    months = (month_before(month), month)
    requests = (*recent.requests, *((CountedRequest(ticket=kept.ticket, at=at),) if counts else ()))
    sketches = (*recent.sketches, kept)
    return Recent(
        version=recent.version + 1,
        requests=tuple(request for request in requests if month_of(edition, request.at) >= months[0])[-REQUESTS_KEPT:],
        sketches=tuple(one for one in sketches if abs(at - one.at) <= window)[-SKETCHES_KEPT:],
    )
