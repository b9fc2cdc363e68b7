"""Letters about a fault: what is recorded of each, and who is told of one that asks for nothing which can be done."""

from __future__ import annotations

import hashlib

from domain.fault import commands as c
from domain.fault import events as e
from domain.fault.draft import FaultDraft
from domain.fault.fault import FaultNote
from domain.writer.authorship import shown_address

NOTES_TOLD = 20
"""Letters of one fault of which the team is told at most: who has a page's address can write any number."""
TO_WRITER = frozenset({FaultNote.REFUSED, FaultNote.UNCLEAR, FaultNote.PROGRAM, FaultNote.AWAY})
"""Of these a writer of the desk's people hears: they may believe that something was done."""
TO_TEAM = frozenset({FaultNote.UNCLEAR, FaultNote.AWAY, FaultNote.UNPROVED})


def known_by(message_id: str) -> str:
    """Return by what a letter is known when another copy of it comes: sixteen signs, and nothing of the letter in them."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:16]


def note(draft: FaultDraft, command: c.NoteFault) -> None:
    """Record a letter, and tell who has to know that nothing follows from it. The same mailbox is away once."""
    fault, known = draft.fault, command.note is FaultNote.AWAY and command.by in draft.fault.away
    draft.record(
        e.FaultNoted(
            at=min(command.at, draft.now),
            by=command.by,
            letter=command.letter,
            known_by=command.known_by,
            note=command.note,
        )
    )
    said = {
        "by": shown_address(command.by) if command.by else "",
        "note": command.note.value,
        "told": command.told,
        "text": command.text,
        "received": draft.moment(command.at),
    }
    if command.to_writer and command.note in TO_WRITER and not known:
        draft.mail("fault_note", said | {"own": "yes"}, to=command.by)
    if command.note in TO_TEAM and not known and fault.noted < NOTES_TOLD:
        draft.mail("fault_note", said)
