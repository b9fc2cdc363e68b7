"""What the rules together say of a letter, in the order in which the desk asks them, and the ruling that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.client import Client, Recent
from domain.findings import Category, Classification, Finding, Identification, Mode, Outcome, Ruling
from domain.intake import (
    clarity,
    courtesy,
    criticality,
    duplicates,
    eligibility,
    faq,
    identification,
    manner,
    obscenity,
    password,
    quota,
    scope,
)
from domain.intake.earlier import given_by
from domain.intake.form import answers_between
from domain.intake.forwarding import with_forwarded, with_set_apart, with_signature, without_quoted_lines
from domain.intake.password import mask_secrets
from domain.letter import Letter
from domain.regulation.edition import Edition
from domain.russian import transliteration
from domain.russian.letter_model import Reading
from domain.russian.words import ends_of, forget_sentences, words

__all__ = ["classify", "identify", "mask_secrets", "rule_on", "ruling_of"]

READ_FIRST, READ_LAST = 20_000, 5_000
"""Characters of a text that the rules read, from its beginning and from its end.

A request takes ten pages at most; what is longer is a log or a book pasted in, and every rule's work grows with it:
a megabyte of hostile text would take seconds of each handler. People ask at the beginning and sign at the end.
"""


def identify(letter: Letter, edition: Edition) -> Identification:
    """Return who writes, as far as the letter is read and says it."""
    read = _as_far_as_read(letter)
    if between := answers_between(letter):
        read = replace(read, visible_text=f"{read.visible_text}\n{between}")
    return identification.identify(read, edition.rules.identification)


def classify(
    letter: Letter,
    edition: Edition,
    *,
    client: Client | None,
    recent: Recent,
    now: datetime,
    registry_is_empty: bool = True,
    said: Identification | None = None,
    compared: duplicates.Compared = duplicates.NOTHING_COMPARED,
) -> Classification:
    """Return what every rule of `edition` says of `letter`, whatever its mode.

    `client` is who the registry knows by the letter's contacts, `recent` the past that the letter is counted in
    (see `application.recognise.writer_of`), `said` what `identify` has read from the letter already, None to find
    it out here; `compared` by what and with what a repetition is sought beside that past.

    The findings are in the order in which they decide: critical, duplicate, eligibility, identification, clarity,
    offence, quota, scope, password, FAQ, courtesy. Russian in Latin letters is read as Russian by the rules that ask
    what is wanted, and so is a letter that is sent on with hardly a word; names, offences and duplicates are sought as they
    are written.
    """
    rules = edition.rules
    whole, letter = letter, _as_far_as_read(letter)
    if said is None:
        said = identify(whole, edition)
    asked = with_forwarded(letter)
    read = transliteration.read(asked)
    earlier = given_by(letter, recent, rules.identification)
    known = identification.completed(said, rules.identification, client=client, earlier=earlier)
    heard = manner.hear(read, rules.manner)
    critical = _fault_in(letter, asked, read, heard, edition)
    duplicate = duplicates.examine(whole, rules.duplicates, recent=recent, now=now, compared=compared)
    eligible = eligibility.examine(rules.eligibility, client=client, registry_is_empty=registry_is_empty)
    offending, offence = obscenity.examine(letter, rules.obscenity)
    unclear = clarity.examine(
        with_set_apart(asked),
        rules.clarity,
        known,
        ignoring=tuple(word for hit in offending.evidence for word in words(hit)),
    )
    standard, question = faq.examine(read, rules.faq, faq.questions_of(edition.desk.id))
    outside = scope.examine(read, rules.scope)
    fails = outside.reason == "third_party" and outside.matched and scope.fails_without_us(read, rules.scope)
    if outside.matched or question is None:  # a standard question has its answer, however it sounds
        outside = manner.scope_with_manner(
            outside, heard, rules.scope.clause_of_others, general_clause=rules.scope.clause, beyond_doubt=fails
        )
    secret = manner.password_with_manner(password.examine(read, rules.password), heard)
    asks_for_access = secret.matched and secret.reason == "password_change"
    if question is None and not (critical.matched or outside.matched or asks_for_access):
        unclear = manner.clarity_with_manner(unclear, heard)
    category = _category(critical, unclear, secret, outside, question)
    kind = courtesy.examine(read, rules.courtesy, rules.clarity.filler, is_fault=critical.matched or asks_for_access)
    over = quota.examine(read, rules.quota, recent=recent, category=category, zone=ZoneInfo(edition.hours.time_zone))
    forget_sentences()
    findings: tuple[Finding, ...] = (
        critical,
        duplicate,
        eligible,
        identification.examine(known, rules.identification),
        unclear,
        offending,
        over,
        outside,
        secret,
        standard,
        kind,
    )
    if courtesy.acts(kind):
        findings = tuple(courtesy.asks_nothing(found, kind) for found in findings)
    if critical.matched and critical.mode is not Mode.OFF:
        findings = tuple(_never_refused(found) for found in findings)
    return Classification(
        identification=known,
        findings=findings,
        category=category,
        out_of_scope_clause=_clause_of(outside) if category is Category.OUT_OF_SCOPE else None,
        faq_id=question.id if question and category is Category.FAQ else None,
        offence=offence,
        critical=_is_critical(critical),
        duplicate_of=next((found.params.get("original") for found in findings if found.rule == "duplicates"), None),
        courtesy=courtesy.courtesy_of(kind),
    )


def _fault_in(letter: Letter, asked: Letter, read: Letter, heard: Reading | None, edition: Edition) -> Finding:
    """Return whether a fault is reported: in the new text, or in what looks like a signature or like correspondence.

    `asked` is `letter` with what it sends on, `read` is that as Russian, `heard` what the model says of it. What is added
    never takes away a fault that the new text reports. Under «Спасибо, всё работает» a quotation tells of the fault that
    is over.
    """
    rule, how = edition.rules.criticality, edition.rules.manner
    own = without_quoted_lines(letter)
    if criticality.is_over(own.visible_text, rule):
        return criticality.examine(transliteration.read(with_signature(own)), rule)
    found = manner.with_manner(criticality.examine(read, rule), heard, how)
    whole = with_signature(with_set_apart(asked))
    if found.matched or whole is asked:
        return found
    whole = transliteration.read(whole)
    return manner.with_manner(criticality.examine(whole, rule), manner.hear(whole, how), how)


def _as_far_as_read(letter: Letter) -> Letter:
    """Return `letter` without the middle of what is too long to be a request."""
    texts = (
        letter.subject,
        letter.visible_text,
        letter.signature,
        letter.forwarded_text,
        letter.set_apart_text,
    )
    if max(map(len, texts)) <= READ_LAST:
        return letter
    return replace(
        letter,
        subject=letter.subject[:READ_LAST],
        visible_text=ends_of(letter.visible_text, READ_FIRST, READ_LAST),
        signature=ends_of(letter.signature, READ_LAST, READ_LAST),
        forwarded_text=ends_of(letter.forwarded_text, READ_FIRST, READ_LAST),
        set_apart_text=ends_of(letter.set_apart_text, READ_FIRST, READ_LAST),
    )


def rule_on(classification: Classification, edition: Edition) -> Ruling:
    """Return what the desk does: the first finding that decides, else acceptance.

    A letter that asks for details asks for the task as well, so that the client is written to once. An
    acceptance carries what its findings offer: the link of a standard question, of a password's self-service.
    """
    deciding = next((found for found in classification.findings if found.decides), None)
    offers = _offers(classification)
    if deciding is None:
        return Ruling(outcome=Outcome.ACCEPT, reason="accepted", edition=edition.name, params=offers)
    params = dict(deciding.params)
    if deciding.outcome is Outcome.ASK:
        unclear = classification.finding("clarity")
        if unclear is not None and unclear is not deciding and unclear.matched and unclear.mode is not Mode.OFF:
            params |= unclear.params
    if deciding.reason == "quota_exceeded":
        params |= {name: value for name, value in offers.items() if name.startswith("faq_")}
    return ruling_of(deciding, edition).model_copy(update={"params": params})


def ruling_of(finding: Finding, edition: Edition) -> Ruling:
    """Return what follows where `finding` alone decides."""
    return Ruling(
        outcome=finding.outcome,
        reason=finding.reason,
        rule=finding.rule,
        clause=finding.clause,
        edition=edition.name,
        evidence=finding.evidence,
        params=finding.params,
    )


def _offers(classification: Classification) -> dict[str, str]:
    offers: dict[str, str] = {}
    for name in ("password", "faq"):
        found = classification.finding(name)
        if found is not None and found.matched:
            offers |= found.params
    return offers


def _never_refused(found: Finding) -> Finding:
    """A fault that pages somebody is never refused by a rule alone."""
    if found.outcome is Outcome.REFUSE and found.mode is Mode.AUTOMATIC:
        return found.model_copy(update={"mode": Mode.SUGGEST})
    return found


def _category(
    critical: Finding,
    unclear: Finding,
    secret: Finding,
    outside: Finding,
    question: faq.Question | None,
) -> Category:
    if _is_critical(critical):
        return Category.CRITICAL
    if unclear.matched:
        return Category.UNCLEAR
    if secret.reason == "password_change" and secret.matched:
        return Category.PASSWORD
    if outside.matched:
        return Category.THIRD_PARTY if outside.reason == "third_party" else Category.OUT_OF_SCOPE
    return Category.FAQ if question is not None else Category.IN_SCOPE


def _is_critical(critical: Finding) -> bool:
    """Return whether a fault is reported, and not only suspected."""
    return critical.matched and critical.reason != manner.SUSPECTED


def _clause_of(outside: Finding) -> str:
    """Return the clause, and the service where a phrase tells which."""
    item = outside.params.get("item_id")
    return f"{outside.clause}-{item}" if item else f"{outside.clause}"
