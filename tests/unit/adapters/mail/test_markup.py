"""The lines of HTML as a reader sees them: what is hidden, numbered lists, and markup of quotation in a letter that answers none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.mail.markup import UNSEEN_TEXT, html_lines
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
DESK = frozenset({"support@desk.example"})
OUTAGE = "Сервис не открывается ни у кого."


def letter(html: str, *fields: str) -> Letter:
    head = "".join(f"{field}\r\n" for field in ("From: a@b.example", *fields, "Content-Type: text/html; charset=utf-8"))
    return read_letter(f"{head}\r\n{html}".encode(), ENVELOPE, DESK)


def shown(html: str) -> list[str]:
    return [line.text for line in html_lines(html)[0] if line.text]


@pytest.mark.parametrize(
    "style",
    [
        "display:none", "DISPLAY: NONE", "visibility:hidden", "mso-hide:all", "font-size:0", "font-size:0px", "font-size: 1px",
        "FONT-SIZE: 0pt", "font-size:.01em", "font-size:1pt;line-height:1px", "opacity:0", "opacity: 0.0;", "color:transparent",
        "max-height:0;overflow:hidden", "height:0px;overflow:hidden", "text-indent:-9999px", "position:absolute;left:-10000px",
    ],
)  # fmt: skip
def test_what_no_reader_sees_is_left_out_and_said_to_be(style: str) -> None:
    read = letter(f'<div style="{style}">{OUTAGE}<p>и тут</p></div><p>Спасибо.</p>')
    assert (read.visible_text, read.set_apart_text) == ("Спасибо.", "")
    assert UNSEEN_TEXT in read.defects


def test_what_is_for_readers_without_scripts_is_seen() -> None:
    """No mail program runs a script, so that all of them show it (HTML Living Standard, section 4.12.2)."""
    assert shown(f"<p>Добрый день.</p><noscript><p>{OUTAGE}</p></noscript>") == ["Добрый день.", OUTAGE]


def test_the_attribute_hidden_hides() -> None:
    assert letter(f"<div hidden>{OUTAGE}</div><p>Спасибо.</p>").visible_text == "Спасибо."


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0.9", "font-size:11pt", "font-size:0.9em", "font-size:10px", "overflow:hidden", "max-height:0", "margin-left:-100px",
        "background-color:transparent", "text-indent:-18.0pt", "width:100%;overflow:hidden", "list-style:none", "border:none",
    ],
)  # fmt: skip
def test_what_a_reader_sees_is_kept(style: str) -> None:
    read = letter(f'<div style="{style}">{OUTAGE}</div>')
    assert (read.visible_text, UNSEEN_TEXT in read.defects) == (OUTAGE, False)


def test_a_size_within_a_table_that_is_laid_out_with_none_is_seen() -> None:
    html = '<div style="font-size:0">нет<table style="font-size:14px"><tr><td>да</td></tr></table>нет</div>'
    assert shown(html) == ["да"]


def test_an_empty_hidden_element_is_no_defect() -> None:
    assert (
        letter('<img hidden><div style="display:none"> &nbsp;</div><p>Спасибо.</p>').defects
        == letter("<p>Спасибо.</p>").defects
    )


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<ol><li>А</li><li>Б</li><li>В</li></ol>", ["1. А", "2. Б", "3. В"]),
        ("<ol><li><p>А</p><li><div>Б</div></ol>", ["1. А", "2. Б"]),
        ("<ol><li><p>А</p><p>ещё</p></li><li><span><b>Б</b></span></li></ol>", ["1. А", "ещё", "2. Б"]),
        ('<ol start="3"><li>А</li><li value="7">Б</li><li>В</li></ol>', ["3. А", "7. Б", "8. В"]),
        ("<ol><li>А<ol type=a><li>Б</li><li>В</li></ol></li><li>Г</li></ol>", ["1. А", "a. Б", "b. В", "2. Г"]),
        ("<ol><li>А</li><ol><li>Б</li></ol><li>В</li></ol>", ["1. А", "1. Б", "2. В"]),
        ("<ol><li>А<ul><li>Б</li></ul></li><li>В</li></ol>", ["1. А", "- Б", "2. В"]),
        ('<ol style="list-style-type:upper-roman"><li>А<li>Б<li>В<li>Г</ol>', ["I. А", "II. Б", "III. В", "IV. Г"]),
        ("<ol type=i><li>А</ol><ol type=A><li>Б</ol>", ["i. А", "A. Б"]),
        ("<ol><li></li><li>Б</li></ol>", ["2. Б"]),
        ("<ol><div><li>А</li></div><li>Б</li></ol>", ["1. А", "2. Б"]),
        ("<li>А</li>", ["- А"]),
        ('<ol start="x"><li value="y">А</ol>', ["1. А"]),
        ('<ol start="-1"><li>А<li>Б</ol>', ["-1. А", "0. Б"]),
        ("<ol><li>А<br>ещё</li><li><br></li><li>Б</li></ol>", ["1. А", "ещё", "3. Б"]),
        (
            (
                "<p class=MsoListParagraph><![if !supportLists]><span>1.<span>&nbsp;&nbsp;&nbsp; </span></span><![endif]>А</p>"
                "<p class=MsoListParagraph><![if !supportLists]><span>·<span>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Б</p>"
            ),
            ["1. А", "- Б"],
        ),
    ],
)
def test_a_list_keeps_its_numbers(html: str, lines: list[str]) -> None:
    assert shown(html) == lines


def test_a_list_of_fifty_thousand_letters_is_numbered_in_figures() -> None:
    assert shown('<ol type="I" start="50000"><li>А</ol>') == ["50000. А"]


def test_the_target_of_a_link_is_not_written_again_behind_a_text_that_is_wrapped() -> None:
    assert shown('<a href="https://a.example/b/c">https://a.example/<br>b/c</a>') == ["https://a.example/", "b/c"]
    assert shown('<a href="https://a.example/b">тут</a>') == ["тут <https://a.example/b>"]


@pytest.mark.parametrize(
    "quotation",
    [
        "<blockquote>{}</blockquote>",
        '<blockquote type="cite">{}</blockquote>',
        '<blockquote style="border-left:1px solid #0857A6;margin:10px">{}</blockquote>',
        '<blockquote class="gmail_quote" style="margin:0 0 0 40px;border:none">{}</blockquote>',
        '<div class="gmail_quote">{}</div>',
        '<div class="gmail_quote"><blockquote class="gmail_quote">{}</blockquote></div>',
        '<div class="yahoo_quoted">{}</div>',
        '<div class="protonmail_quote">{}</div>',
        '<div style="border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt"><p>{}</p></div>',
        '<div id="appendonsend"></div><div>{}</div>',
        "<div>24.11.2026 программа пишет:</div><blockquote>{}</blockquote>",
    ],
)
def test_markup_of_quotation_is_formatting_in_a_letter_that_answers_none(quotation: str) -> None:
    read = letter(f"<p>Вот что пишут:</p>{quotation.format(OUTAGE)}<p>Тюрин</p>")
    assert OUTAGE in read.visible_text.split("\n")
    assert read.set_apart_text == ""


@pytest.mark.parametrize(
    "quotation",
    [
        (
            '<div class="gmail_quote"><div class="gmail_attr">вт, 24 нояб. 2026 г. в 10:05, П &lt;support@desk.example&gt;:</div>'
            '<blockquote class="gmail_quote">{}</blockquote></div>'
        ),
        '<div class="moz-cite-prefix">24.11.2026 10:05, Поддержка пишет:</div><blockquote type="cite">{}</blockquote>',
        "<p>10:07, 24 ноября 2026 г., Поддержка &lt;support@desk.example&gt;:</p><blockquote><p>{}</p></blockquote>",
    ],
)
@pytest.mark.parametrize("fields", [(), ("In-Reply-To: <1@desk.example>",), ("Subject: Re: вопрос",)])
def test_markup_below_an_attribution_is_history_in_any_letter(quotation: str, fields: tuple[str, ...]) -> None:
    read = letter(f"<p>Спасибо.</p>{quotation.format(OUTAGE)}<p>Ответ.</p>", *fields)
    assert (read.visible_text.split(), OUTAGE in read.set_apart_text) == (["Спасибо.", "Ответ."], True)


@pytest.mark.parametrize(
    "quotation",
    [
        '<div style="border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm 4.0pt"><p>{}</p></div>',
        '<blockquote style="border-left:1px solid #0857A6">{}</blockquote>',
        "<pre>&gt; {}</pre>",
    ],
)
def test_an_answer_below_the_markup_of_a_quotation_is_new_text(quotation: str) -> None:
    read = letter(f"<p>Спасибо.</p>{quotation.format(OUTAGE)}<p>Ответ.</p>", "In-Reply-To: <1@desk.example>")
    assert (read.visible_text.split()[-1], OUTAGE in read.visible_text) == ("Ответ.", "pre" in quotation)


@pytest.mark.parametrize(
    "body",
    [
        f"<blockquote type=cite><div>{OUTAGE}</div></blockquote>",
        f"<div>24.11.2026 9:30, Лыков пишет:</div><blockquote>{OUTAGE}</blockquote>",
        (
            "<div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>От: <b>Л</b> &lt;l@b.example&gt;<br>"
            f"Date: вт, 24 нояб. 2026 г. в 09:30<br>Subject: x<br></div><br>{OUTAGE}</div>"
        ),
        f"<div id=divRplyFwdMsg>От: Лыков<br>Отправлено: 24.11.2026 9:30<br>Кому: Т<br>Тема: x</div><p>{OUTAGE}</p>",
        f"<blockquote type=cite>Начало переадресованного сообщения:<br><br>От: Л<br>Тема: x<br>Дата: 24<br><br>{OUTAGE}</blockquote>",
    ],
)
@pytest.mark.parametrize("subject", ["Fwd: сбой", "FW: сбой", "Пересл: сбой", "Fwd: Re: сбой"])
def test_what_a_forward_holds_in_markup_is_sent_on(body: str, subject: str) -> None:
    read = letter(f"<p>Прошу решить.</p>{body}", f"Subject: =?utf-8?q?{'_'.join(_quoted(subject).split())}?=")
    assert (read.visible_text, read.forwarded_text) == ("Прошу решить.", OUTAGE)


def _quoted(text: str) -> str:
    return "".join(char if char.isascii() else "".join(f"={byte:02X}" for byte in char.encode()) for char in text)
