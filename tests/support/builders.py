"""Values for tests, with everything that does not matter to a test left at a plain default."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.letter import Address, Envelope, Letter, LetterKind, Trust, Verdict, Verdicts
from domain.reply_token import ReplyKeys

MOSCOW = ZoneInfo("Europe/Moscow")
MDO, STOREOLIS = "moi-dokumenty-online", "storeolis"
MDO_ADDRESS = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
STOREOLIS_ADDRESS = "support@storeolis.ru"
DETAILS = """ФИО: Лебедева Ольга Игоревна
Телефон: +7 916 123-45-67
Организация: МФЦ города Лесного
Должность: администратор"""
KEYS = ReplyKeys("a", {"a": b"a key that is only for tests"})


def moscow(text: str) -> datetime:
    """Return an instant given as Moscow's clock shows it: `2026-11-20 17:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def an_envelope(**changes: Any) -> Envelope:
    """Return the envelope of a letter that SES took on a working Friday, its sender proved."""
    values: dict[str, Any] = {
        "ses_message_id": "ses-1",
        "received_at": moscow("2026-11-20 10:00"),
        "recipients": (MDO_ADDRESS,),
        "mail_from": "olga@client.example",
        "verdicts": Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, dmarc=Verdict.PASS),
    }
    return Envelope(**{**values, **changes})


def a_letter(written: str = "", **changes: Any) -> Letter:
    """Return a request from a verified sender; `written` is what the person wrote.

    Fields of the envelope may be given as well: `ses_message_id`, `received_at`, `recipients`.
    """
    envelope_fields = {
        name: changes.pop(name)
        for name in ("ses_message_id", "received_at", "recipients", "mail_from", "verdicts")
        if name in changes
    }
    values: dict[str, Any] = {
        "envelope": an_envelope(**envelope_fields),
        "kind": LetterKind.REQUEST,
        "kind_evidence": "nothing marks it as automatic",
        "trust": Trust.VERIFIED,
        "trust_evidence": "DMARC PASS",
        "sender": Address("olga@client.example", "Ольга Лебедева"),
        "from_addresses": (Address("olga@client.example", "Ольга Лебедева"),),
        "to": (Address(MDO_ADDRESS),),
        "subject": "Не приходит код",
        "message_id": f"{envelope_fields.get('ses_message_id', 'ses-1')}@client.example",
        "text": written,
        "visible_text": written,
        "size": 2_000,
    }
    return Letter(**{**values, **changes})
