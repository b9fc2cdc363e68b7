"""Whatever a stranger calls himself, the card shows the real address and that it is not the requester's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.rendering import render_mail
from domain.answer_text import ANCHOR
from domain.letter import Address, Trust
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.outgoing import OutgoingMail
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.life import begin
from tests.support.people import addressed

TEXT = "Смените пароль."
VERDICTS = {Trust.VERIFIED: "адрес подтверждён", Trust.CLAIMED: "адрес не подтверждён"}
PIECES = (
    "Мария", " ", "\n", "\r\n", "\u2028", "\x85", "\u202e", "\u200b", "«", "»", "„", "\"", "<", ">", "＠", "@",
    "maria@client.example", " — адрес подтверждён", "Отправитель: ", "Пишет заявитель.", "Текст письма:", "— ", "…",
)  # fmt: skip
names = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
mailboxes = st.from_regex(r"[a-z0-9]([a-z0-9.+_-]{0,10}[a-z0-9])?@([a-z0-9]{1,8}\.){1,2}[a-z]{2,6}", fullmatch=True)


@given(
    name=names,
    addresses=st.lists(mailboxes, min_size=2, max_size=2, unique=True),
    trust=st.sampled_from(sorted(VERDICTS)),
)
def test_no_display_name_passes_for_the_requester_or_for_words_of_the_desk(
    name: str, addresses: list[str], trust: Trust
) -> None:
    """The card consists of the desk's own lines and one of the name, which holds it in its only quotation marks."""
    writer, requester = addresses
    life = begin("Не открывается корзина.", "2026-11-20 10:00", "storeolis", sender=Address(requester, name))
    now = moscow("2026-11-20 11:00")
    letter = a_letter(
        TEXT, sender=Address(writer, name), trust=trust, received_at=now, ses_message_id="ses-2",
        recipients=(STOREOLIS_ADDRESS,),
    )  # fmt: skip
    command = c.AddLetter(letter, life.events[0].classification, by_requester=False)
    card = decide(life.ticket, command, life.edition, now).outgoing[-1]
    assert isinstance(card, OutgoingMail)
    body = render_mail(addressed(card), KEYS, now).get_body(("plain",))
    assert body is not None
    anchor, *lines = [line for line in str(body.get_content()).splitlines() if line]
    named = [line.removesuffix(" — как у заявителя, но это только имя") for line in lines[1:-3]]
    assert anchor == ANCHOR
    assert lines[0].startswith(f"Отправитель: {writer} — {VERDICTS[trust]}, ")
    assert lines[0].endswith(" это не адрес заявителя")
    assert lines[-3:] == [f"Пишет не заявитель: обращение открыто с адреса {requester}.", "Текст письма:", f"> {TEXT}"]
    assert len(named) <= 1
    for line in named:
        label, _, shown = line.partition(": «")
        assert label in ("Имя в письме", "Имя в письме похоже на адрес, но это только имя")
        assert shown.endswith("»")
        assert line.count("«") == line.count("»") == 1
        assert len(shown) <= 101
        assert line.isprintable()
        assert label != "Имя в письме" or not set("@<>") & set(shown)
