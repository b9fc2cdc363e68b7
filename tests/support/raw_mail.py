"""Letters as bytes, and the text of those that were sent."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from tests.support.builders import MDO_ADDRESS


def raw(
    text: str,
    *,
    sender: str = "olga@client.example",
    name: str = "Ольга Лебедева",
    subject: str = "Не приходит код",
    subtype: str = "plain",
    **headers: str,
) -> bytes:
    """Return a letter of one text as bytes."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = f"{name} <{sender}>" if name else sender
    message["To"] = MDO_ADDRESS
    message["Subject"] = subject
    for field, value in headers.items():
        message[field.replace("_", "-")] = value
    message.set_content(text, subtype=subtype)
    return message.as_bytes()


def raw_letter(sender: str, to: str, subject: str, text: str) -> bytes:
    """Return a plain letter without any mark of a machine."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(text)
    return message.as_bytes()


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a letter that was sent."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
