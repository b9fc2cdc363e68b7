"""Requests to change a password, and secrets sent in clear.

Clause: Storeolis 1.1 (passwords are changed where the client cannot do it alone); elsewhere a house rule.
"""

from __future__ import annotations

import re

from domain.findings import Finding, Mode, Outcome, Rule
from domain.intake.secrets import MASK, mask_cards_and_codes, mask_passwords_away
from domain.letter import Letter
from domain.russian.phrases import Phrases, find_phrases
from domain.russian.words import visible
from domain.trust import Deed, may

# A word of what the password is for: it ends no sentence and labels no other number.
_WORD = r"(?!(?:инн|кпп|огрн|договор|тел|моб|номер|счёт|счет)\w*)[^\s:=]{0,29}[^\s:=.!?,;]"
_SECRET = re.compile(
    rf"(?P<label>(?<!\w)(?:парол\w{{0,3}}|пороль|парль|пасс(?:ворд)?|password|passwd|pass|pwd|pw|pin-?код\w?|пин-?код\w?)(?:\s+(?:от|для|к|на|в)\s+{_WORD}(?:\s+{_WORD})?)?"
    r"(?:\s+(?:был|было|это|такой|теперь|сейчас|прежний|старый|новый|стоит|(?:с|по)?менял\w{0,2}\s+на|сменил\w{0,2}\s+на|is|was))?"
    r"(?:\s*(?:[:=]|\s-\s|\s—\s|\s–\s)\s*|\s+))(?P<quote>[«\"'“]?)(?P<secret>[^\s«»\"“”]{4,64})",
    re.IGNORECASE,
)
_LOGIN_AND_SECRET = re.compile(
    r"(?P<label>(?:логин|login)\s*/\s*(?:пароль|pass(?:word)?)\s*[:=-]?\s*\S{2,64}\s*/\s*)(?P<secret>\S{4,64})",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(
    r"(?P<label>(?<!\w)(?:парол\w{0,3}|password|passwd|pass|pwd)[^\n()]{0,40}\((?P<quote>[«\"'“]?))(?P<secret>[^\s()«»\"“”]{4,64})(?=[)»\"”])",
    re.IGNORECASE,
)
_AFTER_LOGIN = re.compile(
    r"(?P<label>(?:(?<!\w)доступ\w{0,3}|admin|админ|логин|login)\s*[:=-]?\s*[\w.@-]{0,40}\s*[/:]\s*)(?P<secret>[^\s/:]{6,64})",
    re.IGNORECASE,
)
_LABELS = ("парол", "порол", "парль", "пасс", "pass", "pwd", "pw", "код", "лог", "log", "дост", "adm", "адм")
"""One of which every label of a secret has."""
_ANNOUNCED = re.compile(r"[:=]|\s[-—–]\s|\b(?:был|было|стоит)\s*$", re.IGNORECASE)
_MIXED = re.compile(r"(?=\S*\d)(?=\S*[a-zA-Z])[\x21-\x2d\x30-\x3f\x41-\x7e]+")
_MADE_UP = re.compile(r"(?=.*\d)(?=.*[^\W\d_])|[!@#$%^&*+=?]{1}.*\w|^\d{4,}$")


class PasswordRule(Rule):
    """How a request to change a password sounds, and where clients do it themselves."""

    phrases: Phrases
    unless: Phrases = ()
    cannot_alone: Phrases = ()
    """What says that the client has tried and cannot: the only case in which the desk acts."""
    self_service_url: str | None = None


def examine(letter: Letter, rule: PasswordRule) -> Finding:
    """Return whether a password change is asked for (Storeolis 1.1), with the level of proof for the specialist.

    A password given in clear is reported as well, by the reason `password_in_clear` where nothing is asked for.

    The outcome is always acceptance: the letter to the client carries the self-service link first.
    """
    text = f"{letter.subject}\n{letter.visible_text}"
    hits = find_phrases(text, rule.phrases, rule.unless)
    params: dict[str, str] = {}
    in_clear = has_secrets(letter)
    shown = mask_secrets(text) if in_clear else text  # evidence is mailed and kept: «пароль … не подходит»
    cited = find_phrases(shown, rule.phrases, rule.unless) if hits and in_clear else hits
    evidence: tuple[str, ...] = tuple(f"«{hit}»" for hit in cited)
    if in_clear:
        evidence += ("в письме пароль открытым текстом",)
        params |= {"password_in_clear": "yes"}
    if hits:
        if cannot := find_phrases(shown, rule.cannot_alone):
            evidence += (f"сам сменить не может: «{cannot[0]}»",)
        proved = may(letter.trust, Deed.PROVE_A_PASSWORD_CHANGE)
        evidence += ("адрес отправителя подтверждён" if proved else "отправитель не подтверждён",)
        if rule.self_service_url is not None:
            params["self_service_url"] = rule.self_service_url
    return Finding(
        rule="password",
        clause=rule.clause,
        mode=rule.mode,
        matched=bool(hits) or in_clear,
        evidence=evidence,
        outcome=Outcome.ACCEPT,
        reason="password_change" if hits or not in_clear else "password_in_clear",
        params=params if rule.mode is not Mode.OFF else {},
    )


def mask_secrets(text: str) -> str:
    """Return `text` with the passwords, card numbers and one-time codes that it gives in clear replaced by dots.

    A password is what follows its label after a colon or a dash, or looks made up (digits among letters).
    """
    return mask_cards_and_codes(mask_passwords_away(_mask_labelled(text)))


def has_secrets(letter: Letter) -> bool:
    """Return whether the letter gives a password in clear."""
    return any(
        mask_passwords_away(_mask_labelled(text)) != text for text in (letter.subject, visible(letter.visible_text))
    )


def _mask_labelled(text: str) -> str:
    folded = text.casefold()
    if not any(label in folded for label in _LABELS):
        return text
    hidden = _LOGIN_AND_SECRET.sub(lambda found: found["label"] + MASK, text)
    for made_up in (_IN_BRACKETS, _AFTER_LOGIN):
        hidden = made_up.sub(_masked_if_mixed, hidden)
    return _SECRET.sub(_masked, hidden)


def _masked(found: re.Match[str]) -> str:
    secret = found["secret"].rstrip(".,;!?)")
    rest = found["secret"][len(secret) :]
    announced = bool(_ANNOUNCED.search(found["label"]))
    latin = secret.isascii()
    if len(secret) < 4 or not (_MADE_UP.search(secret) or (announced and latin)):
        return found[0]
    return f"{found['label']}{found['quote']}{MASK}{rest}"


def _masked_if_mixed(found: re.Match[str]) -> str:
    """Mask what only its look tells: letters and digits together, and no date, number of a contract or address."""
    secret = found["secret"]
    is_mixed = _MIXED.fullmatch(secret) is not None
    return found["label"] + MASK if is_mixed else found[0]
