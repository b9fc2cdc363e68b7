"""Letters as bytes, and the text of those that were sent."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from tests.support.builders import MDO_ADDRESS


def raw(text: str, *, sender: str = "olga@client.example", subject: str = "Не приходит код", **headers: str) -> bytes:
    """Return a plain letter as bytes."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = f"Ольга Лебедева <{sender}>"
    message["To"] = MDO_ADDRESS
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
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
