"""Letters as mail programs hand them to the door of the local stack."""

from __future__ import annotations

import zlib
from email.message import EmailMessage

MDO = "support@моидокументы.онлайн"
DESK = "moi-dokumenty-online"
DETAILS = """

Ветрова Ольга Сергеевна
Мобильный телефон: +7 900 555-01-42
Организация: МФЦ Северного района
Должность: ведущий специалист
"""


def letter(subject: str, text: str, sender: str = "o.vetrova@mfc-severny.example.org", to: str = MDO) -> bytes:
    """Return a letter as a mail program sends it."""
    message = EmailMessage()
    message["From"], message["Subject"] = f"Ветрова Ольга <{sender}>", subject
    message["To"] = to.encode("idna").decode() if to.isascii() else "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
    message["Message-ID"] = f"<{zlib.crc32(f'{subject} {sender}'.encode())}@mfc-severny.example.org>"
    message.set_content(text + DETAILS)
    return message.as_bytes()
