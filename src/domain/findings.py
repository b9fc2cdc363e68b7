"""What the rules say of a letter, and the decision taken: values that explain themselves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class Value(BaseModel):
    """Base of the immutable values that are stored, shown and mailed as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(StrEnum):
    """What follows when a rule matches; each desk's edition says which for each rule."""

    AUTOMATIC = "automatic"
    """Act, and tell the client why; a specialist can overturn it."""
    SUGGEST = "suggest"
    """Put it with its evidence before the specialist."""
    OFF = "off"


class Outcome(StrEnum):
    """What the desk does with a letter."""

    ACCEPT = "accept"
    ASK = "ask"
    REFUSE = "refuse"
    ATTACH = "attach"
    IGNORE = "ignore"


class Category(StrEnum):
    """What a request is about."""

    IN_SCOPE = "in_scope"
    OUT_OF_SCOPE = "out_of_scope"
    THIRD_PARTY = "third_party"
    PASSWORD = "password"  # noqa: S105 - a category's name, not a password
    FAQ = "faq"
    CRITICAL = "critical"
    UNCLEAR = "unclear"


class Rule(Value):
    """What every rule of an edition has: the clause it rests on and its mode.

    A rule that rests on no clause of the published regulation is a house rule, says so, and is
    never cited to a client.
    """

    clause: str | None = None
    house_rule: bool = False
    mode: Mode

    @model_validator(mode="after")
    def _clause_or_house_rule(self) -> Self:
        if (self.clause is None) != self.house_rule:
            raise ValueError("a rule names its clause, or says house_rule = true, and never both")
        return self


class Finding(Value):
    """What one rule says of one letter."""

    rule: str
    """The rule's name: the name of its module in `domain.intake` and of its table in the edition."""
    clause: str | None
    """The clause it rests on; None for a house rule."""
    mode: Mode
    matched: bool
    evidence: tuple[str, ...] = ()
    """The words, counts or details it rests on, as they may be shown to a specialist."""
    outcome: Outcome = Outcome.ACCEPT
    """What follows where the rule matched and its mode is automatic."""
    reason: str = ""
    """A stable reason code, such as `missing_details` or `quota_exceeded`."""
    params: dict[str, str] = {}
    """What the letter to the client fills in: a link, a count, a vendor's name."""

    @property
    def decides(self) -> bool:
        """True where the finding alone settles what happens to the letter."""
        return self.matched and self.mode is Mode.AUTOMATIC and self.outcome is not Outcome.ACCEPT


class Surety(StrEnum):
    """How sure it is that a client of the registry writes."""

    KNOWN = "known"
    """Its address is the sender's; how far that is proved, the letter's trust says."""
    NAMED = "named"
    """The text names what belongs to it alone: its INN, contract, site or phone. Anybody may know them."""
    HINTED = "hinted"
    """The text names an organisation that one client alone is called by: the weakest of all."""


class DeclaredNone(Value):
    """A detail that the writer declares not to have, and the words: «организации нет»."""

    detail: str
    said: str


class FromEarlier(Value):
    """A detail that no letter of the request states: from which earlier request it is, and of when."""

    detail: str
    ticket: str
    at: datetime


class Identification(Value):
    """Who writes, as far as the letter says; None for what it does not say."""

    full_name: str | None = None
    """Nominative, surname first."""
    phone: str | None = None
    """E.164, the writer's own, a mobile one first."""
    phone_is_mobile: bool = False
    organisation: str | None = None
    position: str | None = None
    inn: str | None = None
    contract: str | None = None
    site: str | None = None
    client_id: str | None = None
    """The one client of the registry who seems to write; None where several might."""
    client_by: tuple[str, ...] | None = None
    """What the registry found it by: kinds of contacts, the surest first, and `organisation` last."""
    declared_none: tuple[DeclaredNone, ...] = ()
    """What the writer declares not to have: it is not asked for again."""
    from_earlier: tuple[FromEarlier, ...] = ()
    """What is not of this request's letters, but of an earlier request from the same proved address."""
    missing: tuple[str, ...] = ()
    """Names of the required details that are neither known nor declared absent."""

    @property
    def surety(self) -> Surety | None:
        """How sure `client_id` is; None where there is none."""
        if self.client_by is None:
            return None
        if "address" in self.client_by:
            return Surety.KNOWN
        return Surety.HINTED if self.client_by == ("organisation",) else Surety.NAMED

    def filled_from(self, earlier: Identification) -> Identification:
        """Return this with what it does not say taken from `earlier`; `missing` is left as it is."""
        known = {name: value for name, value in earlier if name not in _FILLED_APART and getattr(self, name) is None}
        if self.phone is None or (earlier.phone_is_mobile and not self.phone_is_mobile):
            known |= {"phone": earlier.phone, "phone_is_mobile": earlier.phone_is_mobile}
        filled = self.model_copy(update=known)
        declared = {absent.detail: absent for absent in (*earlier.declared_none, *self.declared_none)}
        absent = tuple(absent for absent in declared.values() if not filled.states(absent.detail))
        taken = known.keys() | {absent.detail for absent in absent if absent not in self.declared_none}
        own = (source for source in self.from_earlier if source.detail not in known)
        sources = (*own, *(source for source in earlier.from_earlier if source.detail in taken))
        return filled.model_copy(update={"declared_none": absent, "from_earlier": sources})

    def said_in(self, ticket: str, at: datetime) -> Identification:
        """Return these details as those of an earlier request."""
        stated = [name for name, value in self if name not in _FILLED_APART and value is not None]
        phone = ["phone"] if self.phone is not None else []
        names = dict.fromkeys((*stated, *phone, *(absent.detail for absent in self.declared_none)))
        sources = tuple(FromEarlier(detail=name, ticket=ticket, at=at) for name in names)
        return self.only_details().model_copy(update={"from_earlier": sources})

    def only_details(self) -> Identification:
        """Return the details alone: nothing of the registry, nothing missing, no source."""
        nothing = {"client_id": None, "client_by": None, "missing": (), "from_earlier": ()}
        return self.model_copy(update=nothing)

    def stated(self) -> Identification:
        """Return this without what is from an earlier request."""
        gone = {source.detail for source in self.from_earlier}
        if not gone:
            return self
        left: dict[str, object] = dict.fromkeys(name for name in gone if not self.declares_none(name))
        if left.keys() & {"phone"}:
            left["phone_is_mobile"] = False
        absent = tuple(absent for absent in self.declared_none if absent.detail not in gone)
        return self.model_copy(update={**left, "declared_none": absent, "from_earlier": ()})

    def states(self, detail: str) -> bool:
        """Return whether this has a value of a detail that may be declared absent; only a mobile phone is one."""
        return self.phone_is_mobile if detail == "phone" else getattr(self, detail) is not None

    def declares_none(self, detail: str) -> bool:
        """Return whether the writer declares not to have a detail."""
        return any(absent.detail == detail for absent in self.declared_none)


_FILLED_APART = frozenset({"declared_none", "from_earlier", "missing", "phone", "phone_is_mobile"})
"""Fields that `Identification.filled_from` does not take as they are."""


class Classification(Value):
    """Everything the rules of intake say of one letter."""

    identification: Identification
    findings: tuple[Finding, ...]
    """In the order in which the rules were asked; the first that decides, decides."""
    category: Category
    out_of_scope_clause: str | None = None
    faq_id: str | None = None
    offence: str | None = None
    """`obscene`, `insult` or None."""
    critical: bool = False
    duplicate_of: str | None = None
    """Ticket the letter repeats."""
    courtesy: str | None = None
    """`thanks`, `withdrawal` or `nudge` where the letter is nothing else; None for one with a task."""

    def finding(self, rule: str) -> Finding | None:
        """Return what `rule` said, or None where it was not asked."""
        return next((found for found in self.findings if found.rule == rule), None)

    @property
    def suggestions(self) -> tuple[Finding, ...]:
        """What matched and waits for a specialist's word."""
        return tuple(found for found in self.findings if found.matched and found.mode is Mode.SUGGEST)


class Ruling(Value):
    """What the desk does with a letter, and why."""

    outcome: Outcome
    reason: str
    rule: str = ""
    """The rule that decided; empty where none did."""
    clause: str | None = None
    edition: str = ""
    """`effective_from` of the edition it rests on, ISO 8601."""
    evidence: tuple[str, ...] = ()
    params: dict[str, str] = {}
