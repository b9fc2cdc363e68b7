"""However a specialist's answer and the card it answers lie together, no line of the card goes to the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.rendering import render_mail, text_of
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from tests.support.builders import DETAILS, KEYS, MDO
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import addressed, specialists_of
from tests.support.raw_mail import raw_letter

SPECIALIST = specialists_of(MDO)[0]
WRITTEN = (
    "Обновите приложение до версии 3.3, после этого раздел откроется.",
    "Проверьте, пожалуйста, доступ к памяти телефона.",
    "Если не поможет, напишите нам.",
    "Исправили на сервере, откройте раздел ещё раз.",
    "Спасибо за подробное описание!",
    "Ошибка появилась из-за обновления банка.",
    "1. Откройте меню.",
    "2. Выберите «Обновить».",
)
ASKED = (
    "Добрый день! В приложении не печатается квитанция. Началось сегодня утром, телефон на Android 13.",
    "Срок реакции: завтра, 10:00. Отправитель: x@y.example — адрес подтверждён.",
    "Текст письма:\n\nне приходит чек\n\nЧто заметили правила:\n— ничего",
    "Пропала кнопка записи.\n> так было и вчера\n\nКрутится загрузка анкеты, версия 3.2.16, ничего не помогает",
)
MARKS: Mapping[str, Callable[[str], str]] = {
    "quoted": lambda line: f"> {line}".rstrip(),
    "twice": lambda line: f">> {line}".rstrip(),
    "bars": lambda line: f"| {line}".rstrip(),
    "initials": lambda line: f"ТП> {line}" if line else "",
    "indented": lambda line: f"    {line}" if line else "",
    "unmarked": lambda line: line,
}
ATTRIBUTIONS = (
    "",
    "24.11.2026 10:05, Техническая поддержка <{to}> пишет:",
    "10:07, 24 ноября 2026 г., Техническая поддержка <{to}>:",
    "-----Original Message-----\nFrom: {to}\nSent: 24 November 2026",
    "Тема: Новое обращение\nДата: 24 ноября 2026 г. 10:05\nОт: {to}\nКому: specialist1",
)
lines = st.lists(st.sampled_from(WRITTEN), max_size=2)


def folded(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def a_raw_answer(to: str, plain: str, html: str = "") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = SPECIALIST, to, "Re: Новое обращение"
    message["Message-ID"] = "<answer@desk.example>"
    if html:
        message.set_content(html, subtype="html", cte="base64")
    else:
        message.set_content(plain, cte="base64")
    return message.as_bytes()


@settings(max_examples=120, deadline=None)
@given(
    asked=st.sampled_from(ASKED),
    written=st.tuples(lines, lines, lines),
    at=st.integers(0, 40),
    mark=st.sampled_from(sorted(MARKS)),
    attribution=st.sampled_from(ATTRIBUTIONS),
    html=st.sampled_from(("", "blockquote", "div")),
    delivered=st.booleans(),
)
@example(
    asked=ASKED[0],
    written=([WRITTEN[0]], [], [WRITTEN[2]]),
    at=0,
    mark="unmarked",
    attribution="",
    html="",
    delivered=False,
)
def test_no_line_of_a_card_reaches_the_client_and_each_of_the_answer_does_or_it_is_held(
    asked: str,
    written: tuple[list[str], list[str], list[str]],
    at: int,
    mark: str,
    attribution: str,
    html: str,
    delivered: bool,
) -> None:
    """Whether or not the text of the card has been recorded."""
    above, between, below = written
    desk = Desk(MDO)
    sent = desk.receive(raw_letter(OLGA, desk.address, "Не приходит код", f"{asked}\n\n{DETAILS}"), START)
    (ticket,) = desk.tickets()
    told = next(mail for mail in sent if mail.audience is Audience.TEAM)
    card = text_of(render_mail(addressed(told), KEYS, START)).rstrip("\n").split("\n")
    if delivered:
        desk.deliver(START)
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.TEAM)}@")
    introduced = attribution.format(to=to).split("\n") if attribution else []
    at = min(at, len(card))
    if html:
        card_html = "<br>".join(map(escape, [*introduced, *card[:at]]))
        rest_html = "<br>".join(map(escape, card[at:]))
        cut = f"</{html}><div>{'<br>'.join(between)}</div><{html}>" if between else "<br>"
        inner = f"{card_html}{cut}{rest_html}"
        page = f"<div>{'<br>'.join(above)}</div><{html}>{inner}</{html}><div>{'<br>'.join(below)}</div>"
        raw = a_raw_answer(to, "", page)
    else:
        quoted = [MARKS[mark](line) for line in card]
        parted = ["", *between, ""] if between else []
        plain = [*above, "", *introduced, *quoted[:at], *parted, *quoted[at:], "", *below]
        raw = a_raw_answer(to, "\n".join(plain) + "\n")
    sent = desk.receive(raw, START + timedelta(minutes=5), to=to)
    got = folded(" ".join(str(mail.params.get("text", "")) for mail in sent if mail.audience is Audience.CLIENT))
    own = [line for line in map(folded, card) if len(line) >= 18]
    assert [line for line in own if line in got] == []
    if got:
        assert [line for line in [*above, *between, *below] if folded(line) not in got] == []
    else:
        assert [mail for mail in sent if mail.audience is Audience.TEAM], "the team is told"
