"""Letters that a contact form sends: From is the desk's own address or a listed one, the client stands in Reply-To."""

from __future__ import annotations

from dataclasses import replace

from domain.addresses import without_plus
from domain.letter import Address, Letter, LetterKind, Trust
from domain.people import People
from domain.regulation.desk import Desk
from domain.regulation.editions import own_addresses
from domain.ticket.numbers import numbers_in


def as_a_form_sent_it(letter: Letter, desk: Desk, people: People, *, as_request: bool = False) -> Letter:
    """Return a letter of a form as its client's, or as nobody's; any other letter as it is.

    Where the form's address is verified and names one client, he is the sender, at trust `claimed`: anybody can type
    any address. What such a form says of itself as a machine is known and needs no caution. Of any other letter from
    such an address nobody knows who wrote it: it is worked on, shows what it names, and nothing answers it.
    `as_request` is a person's word that it is no letter of the desk's own.
    """
    form = without_plus(letter.sender.address) if letter.sender else ""
    if form not in desk.addresses | frozenset(desk.form_addresses) or _may_not_be_read(letter):
        return letter
    client = _client_of(letter, desk, people)
    if not as_request and (letter.has_own_mark or _may_have_come_back(letter, form, client, desk)):
        came_back = "from a desk's address, with a mark of its letters"
        # A visitor may type a number, and a form may name what it likes: without our header somebody should look.
        by_words = not letter.has_own_mark
        return replace(letter, kind=LetterKind.OWN, kind_evidence=came_back, kind_by_words=by_words, unanswered=False)
    if letter.trust is not Trust.VERIFIED or client is None:
        return replace(letter, sender=None, by_form=form, unanswered=True)
    return replace(
        letter,
        kind=LetterKind.REPLY if letter.answers else LetterKind.REQUEST,
        unanswered=False,
        sender=client,
        by_form=form,
        trust=Trust.CLAIMED,
        trust_evidence="a form of the desk wrote it, and that is verified; the address in it was typed by somebody",
    )


def _may_not_be_read(letter: Letter) -> bool:
    return not (letter.kind.is_correspondence or letter.unanswered)


def _may_have_come_back(letter: Letter, form: str, client: Address | None, desk: Desk) -> bool:
    """Return whether a letter has what the desk's own have: an answer to a reply token, or the number at the end."""
    by_token = any(to.address != form == without_plus(to.address) for to in letter.reply_to)
    number = numbers_in(letter.subject[-_TAG_LENGTH:], desk.prefix)
    tagged = bool(number) and letter.subject.rstrip().endswith(f"[{number[-1]}]")
    return (by_token and form in desk.addresses) or (tagged and client is None)


_TAG_LENGTH = 24


def _client_of(letter: Letter, desk: Desk, people: People) -> Address | None:
    """Return the one client whom a form names; no address of a desk, of its people or of a form is one."""
    ours = {*own_addresses(), *desk.addresses, *desk.form_addresses, *people.addresses}
    named = {to.address: to for to in letter.reply_to}
    client = next(iter(named.values())) if len(named) == 1 else None
    return client if client is not None and without_plus(client.address) not in ours else None
