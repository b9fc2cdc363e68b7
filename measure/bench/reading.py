"""How fast a letter is read, against the standard library's bare walk, on letters made up here.

The walk parses under `policy.default` and decodes each text part: no text told from quotation, no kind, no
trust, and HTML left as it is. Ours goes from the same bytes to the whole `Letter`. A letter of HTML alone is
therefore also compared with a walk that takes the text out of the HTML, with the standard library's parser.
"""

from __future__ import annotations

import base64
import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

from adapters.mail.reading import read_letter
from domain.letter import Envelope
from measure.bench.rows import Row, hand_over, medians, progress, seconds_of

PART = "reading"
ROUNDS = 15
ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
_HEAD = (
    "Return-Path: <zoya@client.example>\r\n"
    "Received: from mail.client.example (mail.client.example [192.0.2.7]) by inbound-smtp.eu-west-1.amazonaws.com"
    " with SMTP id 8g3tq2gdk0n1o5l6r7s8 for support@desk.example; Mon, 23 Nov 2026 10:15:02 +0000 (UTC)\r\n"
    "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
    "Authentication-Results: amazonses.com; spf=pass (spfCheck: domain of client.example designates 192.0.2.7 as"
    " permitted sender) client-ip=192.0.2.7; envelope-from=zoya@client.example; helo=mail.client.example;"
    " dkim=pass header.i=@client.example; dmarc=pass header.from=client.example;\r\n"
    "Received: from [10.0.0.5] by mail.client.example with ESMTPSA; Mon, 23 Nov 2026 13:15:00 +0300\r\n"
    "From: =?utf-8?B?{name}?= <zoya@client.example>\r\nTo: support@desk.example\r\n"
    "Subject: =?utf-8?B?{subject}?=\r\nMessage-ID: <4f2a@client.example>\r\n"
    "Date: Mon, 23 Nov 2026 13:15:00 +0300\r\nMIME-Version: 1.0\r\n"
)
_SENTENCES = (
    "Добрый день! После обновления не открывается журнал учёта талонов.",
    "Номер талона А-105, окно 7, терминал перезагружали дважды.",
    "Пожалуйста, проверьте подключение к базе и сообщите срок.",
    "Снимок экрана и версию программы пришлю отдельным письмом.",
)
_TAIL = (
    "\r\nС уважением,\r\nЗоя Ломова\r\nООО «Ромашка»\r\n+7 495 000-00-00\r\n\r\n"
    "пт, 20 нояб. 2026 г. в 13:43, Поддержка <support@desk.example>:\r\n> Опишите, пожалуйста, что видно на экране.\r\n"
)
_PICTURE_OF = 5 * 1024 * 1024


def _head() -> bytes:
    name, subject = (base64.b64encode(text.encode()).decode() for text in ("Зоя Ломова", "Не открывается журнал"))
    return _HEAD.format(name=name, subject=subject).encode()


def _lines(size: int, shape: str) -> str:
    lines: list[str] = []
    taken = 0
    while taken < size:
        lines.append(shape.format(_SENTENCES[len(lines) % len(_SENTENCES)]))
        taken += len(lines[-1].encode()) + 2
    return "\r\n".join(lines)


def plain(size: int, encoding: str = "8bit") -> bytes:
    """A plain letter of about that many bytes, with a signature and a short quotation."""
    field = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    text = (_lines(size * 3 // 4 if encoding == "base64" else size, "{}") + _TAIL).encode()
    return _head() + field.encode() + (base64.encodebytes(text) if encoding == "base64" else text)


def html(size: int) -> bytes:
    """An HTML letter as mail programs write it: styled paragraphs, a signature's box, a quotation's box."""
    body = _lines(size, '<p class="MsoNormal"><span style="font-size:11.0pt;color:#1F1F1F">{}</span><br></p>')
    tail = '<div class="gmail_signature">Зоя Ломова<br>ООО «Ромашка»</div><blockquote>Опишите экран.</blockquote>'
    field = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (
        _head() + f"{field}<html><head><style>p {{margin: 0}}</style></head><body>{body}{tail}</body></html>".encode()
    )


def alternative(size: int) -> bytes:
    """Plain text and HTML of the same words, each of half the size."""
    halves = [letter.partition(b"MIME-Version: 1.0\r\n")[2] for letter in (plain(size // 2), html(size // 2))]
    body = b"".join(b"--q\r\n" + half + b"\r\n" for half in halves)
    return _head() + b"Content-Type: multipart/alternative; boundary=q\r\n\r\n" + body + b"--q--\r\n"


def with_attachment(size: int) -> bytes:
    """A short plain letter with an attachment of that many bytes, in base64."""
    text = plain(2_000).partition(b"MIME-Version: 1.0\r\n")[2]
    picture = base64.encodebytes(bytes(range(256)) * (size // 256)).replace(b"\n", b"\r\n")
    return b"".join(
        (
            _head(),
            b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n",
            text,
            b"\r\n--q\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n",
            b"Content-Disposition: attachment; filename=a.png\r\n\r\n",
            picture,
            b"\r\n--q--\r\n",
        )
    )


LETTERS: dict[str, tuple[bytes, float]] = {
    "4 kB plain": (plain(4_000), 1.0),
    "4 kB plain, base64": (plain(4_000, "base64"), 1.0),
    "4 kB HTML": (html(4_000), 1.0),
    "4 kB alternative": (alternative(4_000), 1.0),
    "50 kB plain": (plain(50_000), 1.0),
    "50 kB plain, base64": (plain(50_000, "base64"), 1.0),
    "50 kB alternative": (alternative(50_000), 1.0),
    "5 MB attachment": (with_attachment(_PICTURE_OF), 0.2),
}
"""Each letter, and the most that ours may take of the walk's time."""
_MIB = 1024 * 1024
MOST_EXTRA_MIB = 128
"""Beside a letter of 30 MB; the least memory that Lambda gives."""


def walk(raw: bytes) -> list[str]:
    """The bare walk of the standard library: parse, then decode each text part."""
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    return [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]


class _Text(HTMLParser):
    """The text of HTML, and nothing else of it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def walk_and_strip(raw: bytes) -> list[str]:
    """The walk, and the text out of what it found."""
    found = []
    for text in walk(raw):
        reader = _Text()
        reader.feed(text)
        found.append("".join(reader.pieces))
    return found


def compare(raw: bytes, other: Callable[[bytes], object]) -> tuple[float, float]:
    """Return seconds of ours and of the other: medians of rounds in which each runs for a while in turn."""
    repeats = max(1, min(50, int(0.02 / max(seconds_of(lambda: other(raw)), 1e-6))))

    def ours() -> None:
        for _ in range(repeats):
            read_letter(raw, ENVELOPE)

    def theirs() -> None:
        for _ in range(repeats):
            other(raw)

    taken = medians({"ours": ours, "theirs": theirs}, ROUNDS, before_each=gc.collect)
    return taken["ours"] / repeats, taken["theirs"] / repeats


def extra_mib(action: Callable[[], object]) -> float:
    """Return the most memory that an action takes at a time."""
    tracemalloc.start()
    action()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / _MIB


def _row(name: str, raw: bytes, what: str, other: Callable[[bytes], object], most: float | None = None) -> Row:
    ours, theirs = compare(raw, other)
    note = f"{ours * 1e3:.2f} and {theirs * 1e3:.2f} ms"
    return Row(PART, f"reading a letter, {name}: ours / {what}", ours / theirs, "x", most=most, note=note)


def rows() -> list[Row]:
    """Measure everything."""
    found = [_row(name, raw, "the bare walk", walk, most) for name, (raw, most) in LETTERS.items()]
    raw = html(50_000)
    found.append(_row("50 kB HTML", raw, "the walk and the text of its HTML", walk_and_strip, 1.0))
    found.append(_row("50 kB HTML", raw, "the bare walk, which leaves HTML as it is", walk))
    progress("memory")
    large = with_attachment(22 * _MIB)
    ours, theirs = extra_mib(lambda: read_letter(large, ENVELOPE)), extra_mib(lambda: walk(large))
    what = f"memory to read a letter of {len(large) / 1e6:.0f} MB, besides the letter"
    found.append(Row(PART, what, ours, "MiB", most=MOST_EXTRA_MIB, note=f"the bare walk {theirs:.0f}"))
    return found


if __name__ == "__main__":
    hand_over(rows())
