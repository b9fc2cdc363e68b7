"""The same letter from several mailboxes is found by what it states (Storeolis 2.6, «на несколько адресов»)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.memory import MemoryStore
from application.change import commit_decided
from application.receive import Reception, receive
from application.repetitions import LETTERS_KEPT
from application.storage import Commit, Condition, Conflict
from domain.client import Client, Contact, ContactKind
from domain.findings import Finding, Mode
from domain.letter import Address, Letter, Trust
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_serving
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import Ticket
from tests.support.builders import KEYS, MDO, MDO_ADDRESS, STOREOLIS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.people import peopled

ASKED = "Отчёт за октябрь открывается пустым, хотя продажи в этом месяце были."
CONTRACT = "Договор СТ-2026/0123, магазин klen.storeolis.ru"
START = moscow("2026-11-20 10:00")
OWN, OTHER = Address("olga@klen.example", "Ольга Кленова"), Address("olga.klen@mail.example", "Ольга Кленова")
RECIPIENTS = {STOREOLIS: STOREOLIS_ADDRESS, MDO: MDO_ADDRESS}


def written(text: str, number: int, sender: Address = OTHER, *, desk: str = STOREOLIS, **changes: object) -> Letter:
    """Return a letter, an hour after the one before."""
    return a_letter(
        text,
        **{
            "sender": sender,
            "from_addresses": (sender,),
            "subject": "Отчёт",
            "recipients": (RECIPIENTS[desk],),
            "received_at": START + timedelta(hours=number),
            "ses_message_id": f"ses-{number}",
            "message_id": f"{number}@x.example",
            **changes,
        },
    )


def taken(store: MemoryStore, letter: Letter, desk: str = STOREOLIS) -> Commit:
    """Let a letter arrive, and return what was committed."""
    reception = decided(store, letter, desk)
    store.commit(reception.commit)
    return reception.commit


def decided(store: MemoryStore, letter: Letter, desk: str = STOREOLIS) -> Reception:
    reception = receive(letter, desk, store, KEYS, letter.envelope.received_at)
    assert reception is not None
    return reception


def ticket_in(commit: Commit) -> Ticket:
    assert commit.ticket is not None
    return commit.ticket.after


def repeats_nothing(ticket: Ticket) -> bool:
    return all(finding.rule != "duplicates" for finding in ticket.findings)


def repetition_in(ticket: Ticket) -> Finding:
    return next(finding for finding in ticket.findings if finding.rule == "duplicates")


@pytest.fixture
def store() -> MemoryStore:
    return peopled(MemoryStore())


@pytest.fixture
def first(store: MemoryStore) -> Ticket:
    return ticket_in(taken(store, written(f"Добрый день! {ASKED}\n{CONTRACT}", 0, OWN)))


@pytest.mark.parametrize(
    "contract",
    [
        "Договор СТ-2026/0123",
        "договор CT-2026/0123",
        "договор № СТ2026/0123",
        "Договор CT 2026-0123",
        "магазин klen.storeolis.ru",
        "сайт https://klen.storeolis.ru/",
    ],
)
def test_storeolis_2_6_the_same_text_that_states_the_same_is_suggested(
    store: MemoryStore, first: Ticket, contract: str
) -> None:
    """In whatever layout and whichever letters a contract is written."""
    ticket = ticket_in(taken(store, written(f"Здравствуйте. {ASKED}\n{contract}", 1)))
    found = repetition_in(ticket)
    assert ticket.id != first.id
    assert (found.mode, found.clause, found.params) == (Mode.SUGGEST, "2.6", {"original": first.id})
    assert found.evidence[0].startswith(f"тот же текст пришёл с другого адреса: {first.id}")


@pytest.mark.parametrize(
    "text",
    [
        f"Не загружается прайс, ошибка на середине файла.\n{CONTRACT}",
        f"{ASKED}\nДоговор СТ-2026/0124, магазин lipa.storeolis.ru",
        f"{ASKED}\nДоговор СТ-2026/0124, магазин klen.storeolis.ru",
        ASKED,
    ],
)
def test_storeolis_2_6_another_text_or_another_client_is_no_repetition(
    store: MemoryStore, first: Ticket, text: str
) -> None:
    """A contact only opens the comparison, and a text alone says not whose it is."""
    del first
    assert repeats_nothing(ticket_in(taken(store, written(text, 1))))


def test_storeolis_2_6_a_mailbox_that_is_not_proved_hears_nothing_of_the_first_request(
    store: MemoryStore, first: Ticket
) -> None:
    """Anybody may know the number of a contract: only the team reads of the other request."""
    commit = taken(store, written(f"{ASKED}\n{CONTRACT}", 1))
    assert commit.ticket is not None
    mails = [mail for mail in commit.ticket.outgoing if isinstance(mail, OutgoingMail)]
    to_client = [mail for mail in mails if mail.audience is Audience.CLIENT]
    to_team = [mail for mail in mails if mail.audience is Audience.TEAM]
    assert not any(first.id in mail.model_dump_json() for mail in to_client)
    assert any(first.id in mail.model_dump_json() for mail in to_team)


def test_storeolis_2_6_the_registered_clients_other_mailbox_joins_the_first_request(store: MemoryStore) -> None:
    """There the registry proves whose mailboxes both are."""
    contacts = tuple(Contact(kind=ContactKind.ADDRESS, value=sender.address) for sender in (OWN, OTHER))
    store.save(Client(id="K-1", desk=STOREOLIS, contacts=contacts))
    first = ticket_in(taken(store, written(f"{ASKED}\n{CONTRACT}", 0, OWN)))
    assert ticket_in(taken(store, written(f"{ASKED}\n{CONTRACT}", 1))).id == first.id


def test_storeolis_2_6_a_letter_that_only_borrows_the_address_is_suggested_as_such(
    store: MemoryStore, first: Ticket
) -> None:
    """It is of the same address, which is not proved."""
    again = ticket_in(taken(store, written(f"{ASKED}\n{CONTRACT}", 1, OWN, trust=Trust.CLAIMED)))
    assert again.id != first.id
    assert repetition_in(again).evidence[0].startswith("тот же текст пришёл с этого же адреса")


def test_storeolis_2_6_a_colleagues_forward_is_suggested(store: MemoryStore, first: Ticket) -> None:
    """What the letter sent on states counts where hardly a word of the colleague's own is above it."""
    forward = written("Коллеги, пересылаю.", 1, forwarded_text=f"Добрый день! {ASKED}\n{CONTRACT}")
    assert repetition_in(ticket_in(taken(store, forward))).params == {"original": first.id}


def test_storeolis_2_6_of_two_letters_at_once_one_is_the_first(store: MemoryStore) -> None:
    """Both find no other; the one that is committed second reads again."""
    one, other = written(f"{ASKED}\n{CONTRACT}", 0, OWN), written(f"{ASKED}\n{CONTRACT}", 1)
    late = decided(store, other)
    first = ticket_in(taken(store, one))
    with pytest.raises(Conflict) as met:
        store.commit(late.commit)
    assert met.value.condition is Condition.STATEMENTS
    commit = commit_decided(store, lambda _: decided(store, other).commit, "the letter")
    assert commit is not None
    assert repetition_in(ticket_in(commit)).params == {"original": first.id}


def test_storeolis_2_6_a_new_request_is_read_for_in_two_requests(store: MemoryStore, first: Ticket) -> None:
    """The letters that state the same come with the clues, and a ticket that is only suggested is not read."""
    del first
    asked: list[str] = []

    class Counting(MemoryStore):
        def __getattribute__(self, name: str) -> object:
            if name in ("find", "situation", "ticket", "correspondence"):
                asked.append(name)
            return super().__getattribute__(name)

    counting = Counting()
    counting.__dict__.update(store.__dict__)
    decided(counting, written(f"{ASKED}\n{CONTRACT}", 1))
    assert asked == ["find", "situation"]


def test_storeolis_2_6_the_window_ends_for_letters_from_elsewhere(store: MemoryStore, first: Ticket) -> None:
    """A fault that came back after weeks is another request."""
    del first
    days = edition_serving(STOREOLIS, START).rules.duplicates.window_days
    late = written(f"{ASKED}\n{CONTRACT}", 24 * (days + 1))
    commit = taken(store, late)
    assert repeats_nothing(ticket_in(commit))
    assert {len(change.after.sketches) for change in commit.stated} == {1}


def test_what_is_kept_of_a_contact_is_bounded(store: MemoryStore) -> None:
    """An office's phone is in the letters of everybody there."""
    topics = (
        "прайс",
        "логотип",
        "домен",
        "касса",
        "купон",
        "баннер",
        "фильтр",
        "вход",
        "экспорт",
        "чек",
        "склад",
        "шрифт",
    )
    texts = [f"Не открывается {topic}, помогите разобраться.\n{CONTRACT}" for topic in (*topics, "отзыв", "меню")]
    commits = [taken(store, written(text, number)) for number, text in enumerate(texts)]
    assert {len(change.after.sketches) for change in commits[-1].stated} == {LETTERS_KEPT}


def on_desks_of(owner: str, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> tuple[Ticket, Ticket]:
    """Return the tickets of one letter at two desks that name an owner."""

    def owned(desk: str, at: datetime) -> Edition:
        edition = edition_serving(desk, at)
        return edition.model_copy(update={"desk": edition.desk.model_copy(update={"owner": owner})})

    monkeypatch.setattr("application.recognise.edition_serving", owned)
    first = ticket_in(taken(store, written(ASKED, 0, OWN)))
    return first, ticket_in(taken(store, written(ASKED, 1, OWN, desk=MDO), MDO))


def test_storeolis_2_6_desks_of_one_owner_are_compared(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same letter to several of its addresses is a repetition, which a specialist decides on."""
    first, second = on_desks_of("acme", store, monkeypatch)
    found = repetition_in(second)
    assert (found.params, found.mode) == ({"original": first.id}, Mode.SUGGEST)


def test_storeolis_2_6_desks_that_name_no_owner_are_not_compared(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter to two desks of different companies is a request at each."""
    _, second = on_desks_of("", store, monkeypatch)
    assert repeats_nothing(second)
