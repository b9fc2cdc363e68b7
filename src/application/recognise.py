"""What a letter says of its writer and its place, and what the store knows by it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from application.forms import as_a_form_sent_it
from application.repetitions import scope_of, stated_by
from application.storage import Clues, Correspondence, Found
from domain.addresses import normalise_address, split_plus, without_plus
from domain.client import Client, address_client_id
from domain.findings import Classification, Identification
from domain.history import without_history
from domain.intake.classify import identify
from domain.intake.duplicates import NOTHING_STATED, Hashes, Stated, hashes_of
from domain.intake.form import with_form
from domain.intake.identification import contacts_of
from domain.letter import Letter, LetterKind
from domain.people import NOBODY, People
from domain.regulation.edition import Edition
from domain.regulation.editions import desk_by_address, edition_serving, own_addresses
from domain.reply_token import ReplyKeys, ReplyToken, read_token
from domain.russian.absence import may_acknowledge
from domain.specialists import is_specialist
from domain.ticket.lately import STRANGERS
from domain.ticket.numbers import numbers_in
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket
from domain.trust import Deed, may

MENTIONED_WITHIN = 2_000
"""Characters of a text in which its writer says which request it is about."""
NO_ONE_MAILBOX = "nobody"
"""Under what the letters are counted that follow from letters without one sender."""


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter as one desk reads it: whose it claims to be and where it belongs, each found out once."""

    letter: Letter
    edition: Edition
    """By which the desk worked as the letter came."""
    token: ReplyToken | None = None
    """The reply token it was addressed to, where that is genuine."""
    tags: tuple[str, ...] = ()
    """The ticket numbers in its subject, the last first: our letters put theirs behind the client's own subject."""
    said: Identification | None = None
    """Who writes, as the letter says it; None for a letter that no person wrote."""
    stated: Stated = NOTHING_STATED
    """What it states of whose it is."""
    hashes: Hashes | None = None
    """By what it is compared with other letters, by the rule of `edition`; None before `read_with`, or where it is not."""
    as_request: bool = False
    """A person has said that it is a request."""
    mentioned: tuple[str, ...] = ()
    """The ticket numbers in the beginning of its text, where it answers none."""


def addressed_desks(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the desks that envelope recipients belong to, each once."""
    desks = (desk_by_address(without_plus(normalise_address(recipient))) for recipient in recipients)
    return tuple(dict.fromkeys(desk for desk in desks if desk is not None))


def read_at_desk(
    letter: Letter, desk: str, keys: ReplyKeys, *, people: People | None = None, as_request: bool = False
) -> ReadLetter:
    """Return a letter as a desk reads it, or as a person says that it is to be read.

    `people` is None before the store has been asked: the letter is then read so that the clues to everything it may
    prove to be are asked for. Where `asks_for_people` says so, it is to be read once more with the people known.
    """
    edition = edition_serving(desk, letter.envelope.received_at)
    if as_request:
        letter = _taken_as_a_request(letter)
    letter = as_a_form_sent_it(letter, edition.desk, people or NOBODY, as_request=as_request)
    token = _token(letter, edition, keys)
    if token is not None and token.audience is Audience.TEAM:
        letter = _with_an_id(_as_an_answer(letter, people), token)
    tags = tuple(reversed(numbers_in(letter.subject, edition.desk.prefix)))
    if token is not None or tags:
        letter = replace(letter, answers=True)
    if not (letter.kind.is_correspondence or letter.unanswered):
        return ReadLetter(letter, edition, token, tags)
    said = identify(with_form(letter, own_addresses()), edition)
    mentioned = () if letter.answers else numbers_in(letter.visible_text[:MENTIONED_WITHIN], edition.desk.prefix)
    stated = stated_by(letter, edition, said)
    return ReadLetter(letter, edition, token, tags, said, stated, as_request=as_request, mentioned=mentioned)


def asks_for_people(read: ReadLetter, people: People) -> bool:
    """Return whether a letter that was read before the desk's people were known may read otherwise by them.

    A form may not write in the name of one of them, and only a specialist's answer may look automatic.
    """
    to_team = read.token is not None and read.token.audience is Audience.TEAM
    client = read.letter.sender.address if read.letter.by_form and read.letter.sender else ""
    return (to_team and read.letter.kind_by_words) or without_plus(client) in people.addresses


def _taken_as_a_request(letter: Letter) -> Letter:
    """Return a letter that was set aside as a person's, which nothing automatic answers; its trust stays what it is."""
    kind = LetterKind.REPLY if letter.answers else LetterKind.REQUEST
    return replace(
        letter,
        kind=kind,
        kind_evidence=f"a person's word; before: {letter.kind_evidence}",
        kind_by_words=False,
        by_program=None,
        unanswered=True,
        visible_text=letter.visible_text or letter.text,
    )


def read_with(read: ReadLetter, written: Correspondence) -> ReadLetter:
    """Return a letter as it reads to one who knows what was written on its ticket: the history in it is known.

    A client has the letters to the client before them, the team all letters of the desk.
    What is filled in in the desk's form is new text, wherever it is.
    """
    to_team = read.token is not None and read.token.audience is Audience.TEAM
    sent = [letter.text for letter in written.sent if to_team or letter.audience is Audience.CLIENT]
    known = without_history(read.letter, written.received, sent)
    letter = with_form(known, own_addresses())
    said, stated = read.said, read.stated
    if letter is not read.letter or said is None:
        said = identify(letter, read.edition)
        stated = stated_by(letter, read.edition, said)
    hashes = hashes_of(letter, read.edition.rules.duplicates, stated)
    return replace(read, letter=letter, said=said, stated=stated, hashes=hashes)


def with_caution(read: ReadLetter) -> ReadLetter:
    """Return a letter that says what other desks' robots say as one that nothing automatic answers; the team's own as it is.

    Many robots have none of the headers of RFC 3834, and would acknowledge each question of the desk.
    """
    letter = read.letter
    to_team = read.token is not None and read.token.audience is Audience.TEAM
    if to_team or letter.by_form or letter.unanswered or len(letter.visible_text) > _LONGEST_ACKNOWLEDGEMENT:
        return read
    if not may_acknowledge(letter.visible_text, answers=letter.answers):
        return read
    evidence = f"{letter.kind_evidence}; the text acknowledges a letter, so nothing automatic answers it"
    return replace(read, letter=replace(letter, unanswered=True, kind_evidence=evidence))


_LONGEST_ACKNOWLEDGEMENT = 800


def _as_an_answer(letter: Letter, people: People | None) -> Letter:
    """Return a specialist's answer to a card as one though its words look automatic: it is told to the team, not lost.

    Before the people are known everybody may be a specialist.
    """
    if letter.kind is not LetterKind.AUTO_REPLY or not letter.kind_by_words:
        return letter
    return replace(letter, kind=LetterKind.REPLY) if people is None or is_specialist(letter, people) else letter


def _with_an_id(letter: Letter, token: ReplyToken) -> Letter:
    """Return a letter to the team's token with a Message-ID of its contents where it has none: a copy gets the same."""
    if letter.message_id:
        return letter
    sender = letter.sender.address if letter.sender else ""
    files = tuple((file.name, file.size) for file in letter.attachments)
    contents = repr((token.ticket, letter.date, sender, letter.subject, letter.text, files))
    return replace(letter, message_id=f"{hashlib.sha256(contents.encode()).hexdigest()}@no-message-id.invalid")


def _token(letter: Letter, edition: Edition, keys: ReplyKeys) -> ReplyToken | None:
    for recipient in map(normalise_address, letter.envelope.recipients):
        plus = split_plus(recipient.rpartition("@")[0])[1]
        if plus and desk_by_address(without_plus(recipient)) == edition.desk.id:
            token = read_token(keys, edition.desk.id, edition.desk.prefix, plus)
            if token is not None:
                return token
    return None


def mailbox_of(letter: Letter) -> str:
    """Return the sender's mailbox: a robot may write from a fresh `robot+detail` each time. Empty without a sender."""
    return without_plus(letter.sender.address) if letter.sender else ""


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a letter seems to belong, and on whose word."""

    ticket: str
    by: str
    """`token`, `message_id` or `tag`, in this order of trust."""
    audience: Audience = Audience.CLIENT


def clues_of(read: ReadLetter) -> Clues:
    """Return by what the store may know a letter."""
    letter, token = read.letter, read.token
    numbers = tuple(
        dict.fromkeys(number for number in (token.ticket if token else None, *read.tags, *read.mentioned) if number)
    )
    reported = letter.report.original_message_id if letter.report else None
    ids = (*((reported,) if reported else ()), *letter.thread_ids)[:20]
    if (root := letter.root_of_thread) is not None:
        ids = (*ids, root)
    is_team = token is not None and token.audience is Audience.TEAM
    if (is_team or letter.by_form) and letter.message_id:
        ids = (*ids, letter.message_id)  # whether this very letter has been here, or was sent from here
    clues = Clues(read.edition.desk.id, letter.envelope.ses_message_id, numbers, ids)
    if read.said is None:
        return clues
    sender = letter.sender.address if letter.sender else None
    contacts, organisation = contacts_of(read.said, sender)
    return replace(
        clues,
        contacts=contacts[:20],
        organisation=organisation,
        scope=scope_of(read.edition),
        stated=read.stated.contacts,
        sender=sender,
        counted=(
            letter.by_form or mailbox_of(letter) or NO_ONE_MAILBOX,
            *((token.ticket,) if token else ()),
            *(() if is_proved(letter) else (STRANGERS,)),
        ),
    )


def lead_of(read: ReadLetter, found: Found) -> Lead | None:
    """Return where a letter seems to belong: by token, by the letter it answers, by the subject's tag.

    Of several tags the sender's own ticket counts, wherever it is named, and comes before an answered letter of
    somebody else's. A number in the text of a letter that answers none is that of the sender's own ticket which was open as the
    letter was received, or only spoken of.
    """
    if read.token is not None:
        return Lead(read.token.ticket, "token", read.token.audience)
    sender = read.letter.sender
    there = {ticket.id: ticket for ticket in found.tickets}
    tagged = [there[tag] for tag in read.tags if tag in there]
    own = next((ticket for ticket in tagged if sender and ticket.requester.address == sender.address), None)
    if own is not None:
        return Lead(own.id, "tag")
    if sender and not read.tags:
        named = [there[number] for number in read.mentioned if number in there]
        own_named = [ticket for ticket in named if ticket.requester.address == sender.address]
        received_at = read.letter.envelope.received_at
        open_ = [ticket for ticket in own_named if ticket.closed_at is None or ticket.closed_at > received_at]
        if open_:
            return Lead(open_[0].id, "tag")
    if found.by_message_id:
        return Lead(found.by_message_id[0][1], "message_id")
    if tagged:
        return Lead(tagged[0].id, "tag")
    return Lead(read.tags[0], "tag") if read.tags else None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who a letter seems to come from."""

    client_key: str
    """Under what the letter is counted."""
    client: Client | None = None
    """The registered client whose address this is, verified or not: an answer goes to that address alone."""
    claimed: str | None = None
    """The id of the registered client that the text names; nothing the registry knows is shown for it."""
    by: tuple[str, ...] = ()
    """What the registry found either by: kinds of contacts, the surest first, and `organisation` last."""


def writer_of(letter: Letter, found: Found) -> Writer:
    """Return under what a letter is counted and which registered client it may come from.

    A registered client is charged only where its address is verified. Unverified letters are counted by
    themselves, so that nobody can use up the quota of an address by borrowing it. Where contacts name several
    clients, the text names nobody; an organisation is asked about only where no contact names anybody.
    """
    if letter.sender is None:
        return Writer(f"letter:{letter.envelope.ses_message_id}")
    address = letter.sender.address
    addressed = (client for contact, client in found.clients if contact.kind == "address" and contact.value == address)
    owner = next(addressed, None)
    by_address = owner if may(letter.trust, Deed.BE_KNOWN_BY_ADDRESS) else None
    if may(letter.trust, Deed.USE_THE_CLIENTS_PAST):
        key = owner.id if owner is not None else address_client_id(address)
    else:
        key = f"claimed:{address}"
    named = {client.id for _, client in found.clients} or {found.by_organisation} - {None}
    claimed = next(iter(named)) if len(named) == 1 and by_address is None else None
    who = by_address.id if by_address is not None else claimed
    by = tuple(contact.kind.value for contact, client in found.clients if client.id == who)
    if who is not None and who == found.by_organisation:
        by = (*by, "organisation")
    return Writer(key, by_address, claimed, by)


def belongs(read: ReadLetter, lead: Lead | None, thread: Ticket, writer: Writer) -> bool:
    """Return whether a letter may join a ticket: nothing of a stranger's ticket decides what is read of a letter."""
    by_token = lead is not None and lead.by == "token"
    return by_token or is_the_requesters(read.letter, thread, writer)


def is_the_requesters(letter: Letter, ticket: Ticket, writer: Writer) -> bool:
    """Return whether a letter comes from a ticket's requester: from the address, or from the same client."""
    by_address = letter.sender is not None and letter.sender.address == ticket.requester.address
    return by_address or writer.client_key == ticket.requester.client_key


def counted_as(read: ReadLetter, thread: Ticket | None, people: People) -> str:
    """Return under what the letters that follow are counted, so that no robot evades a limit by changing its name.

    That is the sender's mailbox, or the form's that sent it. Anyone else who has a ticket's token is counted with all
    others who have it, and letters without one sender are counted together.
    """
    if read.letter.by_form:
        return read.letter.by_form
    mailbox = mailbox_of(read.letter)
    if read.token is not None:
        expected = (*people.specialists, people.team_address, thread.requester.address if thread else "")
        if mailbox not in {without_plus(address) for address in expected if address}:
            return read.token.ticket
    return mailbox or NO_ONE_MAILBOX


def is_proved(letter: Letter) -> bool:
    """Return whether a letter is proved to come from its sender: all others are counted together with all strangers'."""
    return may(letter.trust, Deed.BE_ANSWERED_AMONG_STRANGERS)


def is_somebodys(
    read: ReadLetter, writer: Writer, thread: Ticket | None, found: Classification, people: People
) -> bool:
    """Return whether a letter that a machine may have written is a person's, by who sends it or by what it says.

    Known are clients, the desk's forms, whose ticket it is and who works at the desk; a token says that it answers us. Of all others
    only a letter that names its writer and says what is wrong: newsletters and notices of other services do not.
    """
    letter = read.letter
    if read.token is not None or letter.by_form or writer.client is not None or is_specialist(letter, people):
        return True
    if writer.claimed is not None and writer.by != ("organisation",):
        return True
    if thread is not None and is_the_requesters(letter, thread, writer):
        return True
    unclear = found.finding("clarity")
    states_a_task = unclear is None or not unclear.matched
    return (found.critical or states_a_task) and names_a_writer(letter, read.edition)


_OF_A_SERVICE = re.compile(
    r"команда|редакция|служба|рассылк|отпис|подпис|^\W*(?:с\s+уважением\W*)?ваш[аи]?\s|\b8[\s(-]*800\b|\bteam\b|subscri|no-?reply|reply\s+to\s+this|receiving\s+this|view\s+(?:it|this)|©|https?:|www\.",
    re.IGNORECASE,
)
"""What is in the signature of a service, and in no person's."""
_LONGEST_SIGNATURE = 300


def names_a_writer(letter: Letter, edition: Edition) -> bool:
    """Return whether the text of a letter names a person: by a required detail of one, or by a signature.

    The sender's display name is a service's as often, and so are an organisation, a post and a site.
    """
    rule = edition.rules.identification
    said = identify(replace(letter, sender=None, from_addresses=()), edition)
    named = {"full_name": said.full_name, "phone": said.phone_is_mobile, "inn": said.inn, "contract": said.contract}
    if any(value for name, value in named.items() if name in (*rule.required, *rule.any_of)):
        return True
    signature = letter.signature.strip()
    return bool(signature) and len(signature) <= _LONGEST_SIGNATURE and not _OF_A_SERVICE.search(signature)
