"""Why an act cannot be carried out: one table with the words for the command line and those for the team's mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why an act is refused."""

    TEXT_TOO_LONG = "text_too_long"
    TEXT_MISSING = "text_missing"
    NOTHING_HELD = "nothing_held"
    SEVERAL_HELD = "several_held"
    NO_ADDRESS = "no_address"
    CLOSED = "closed"
    CLOSED_ALREADY = "closed_already"
    NOT_CLOSED = "not_closed"
    CLAUSE_MISSING = "clause_missing"
    CLAUSE_UNKNOWN = "clause_unknown"
    NOTE_EMPTY = "note_empty"
    CRITICAL_ALREADY = "critical_already"
    NOT_CRITICAL = "not_critical"
    NOTHING_TO_ACKNOWLEDGE = "nothing_to_acknowledge"
    ACKNOWLEDGED_ALREADY = "acknowledged_already"
    FAULT_BACK = "fault_back"
    FAULT_OVER = "fault_over"
    REPORTED_ALREADY = "reported_already"
    OTHER_DESK = "other_desk"
    REPORTS_NONE = "reports_none"
    ONLY_REPORT = "only_report"


class _Words(NamedTuple):
    english: str
    russian: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an act was not carried out. `details` fill in the words."""

    reason: Reason
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def english(self) -> str:
        """What the command line prints."""
        return _WORDS[self.reason].english.format_map(self.details)

    @property
    def russian(self) -> str:
        """What the team reads, with how to go on by mail: whole sentences."""
        return _WORDS[self.reason].russian.format_map(self.details)


_WORDS: Mapping[Reason, _Words] = {
    Reason.TEXT_TOO_LONG: _Words(
        "the text is longer than {limit} characters: put it into a file and send a link",
        "Текст длиннее {limit} знаков. Положите его в файл и пришлите клиенту ссылку.",
    ),
    Reason.TEXT_MISSING: _Words(
        "nothing to send: {act} needs a text",
        "В письме нет текста для клиента. Ответьте ещё раз: слово первой строкой, сам текст — под ним.",
    ),
    Reason.NOTHING_HELD: _Words(
        "nothing to send: {act} needs a text",
        "Под словом «ответ» нет текста, и задержанного письма тоже нет: оно уже отправлено, или с обращением с тех пор "
        "работали. Если клиенту нужно написать, пришлите текст под словом «ответ».",
    ),
    Reason.SEVERAL_HELD: _Words(
        "several letters are held: send the text itself",
        "Задержано не одно письмо, и какое из них отправить, неясно. Пришлите нужный текст ещё раз под словом «ответ»: "
        "оно первой строкой, текст — под ним.",
    ),
    Reason.NO_ADDRESS: _Words(
        "there is no address to write to: the letter named no author",
        "Писать некому: в письме, которым открыто обращение, нет адреса отправителя. Свяжитесь с клиентом иначе.",
    ),
    Reason.CLOSED: _Words(
        "the ticket is closed: reopen it first",
        "Обращение закрыто. Сначала откройте его: ответьте одним словом «открыть», затем повторите письмо.",
    ),
    Reason.CLOSED_ALREADY: _Words(
        "the ticket is closed already",
        "Обращение уже закрыто. Открыть его снова можно, ответив одним словом «открыть».",
    ),
    Reason.NOT_CLOSED: _Words(
        "the ticket is not closed: it is {status}",
        "Обращение не закрыто, открывать его не нужно: просто ответьте клиенту.",
    ),
    Reason.CLAUSE_MISSING: _Words(
        "name the clause the refusal rests on (--clause): no rule suggests one",
        "Для отказа нужен пункт Регламента, а правила его не подсказали. Ответьте ещё раз и назовите пункт первой "
        "строкой, например «отказать {example}», пояснение для клиента — под ней. Пункты этой редакции: {known}.",
    ),
    Reason.CLAUSE_UNKNOWN: _Words(
        "the edition of {edition} has no clause {clause}; it has {known}",
        "Пункта {clause} в этой редакции Регламента нет, есть: {known}. Ответьте ещё раз и назовите пункт первой "
        "строкой, например «отказать {example}».",
    ),
    Reason.NOTE_EMPTY: _Words(
        "a note needs a text",
        "В заметке нет текста. Ответьте ещё раз: слово «заметка» первой строкой, текст — под ним.",
    ),
    Reason.CRITICAL_ALREADY: _Words(
        "the fault is critical already",
        "Сбой уже отмечен как критический. Чтобы взять его в работу и прекратить вызовы, ответьте «принято».",
    ),
    Reason.NOT_CRITICAL: _Words(
        "the ticket is no critical fault",
        "Обращение не отмечено как критический сбой, снимать нечего.",
    ),
    Reason.NOTHING_TO_ACKNOWLEDGE: _Words(
        "the ticket is no critical fault: take it instead",
        "Слово «принято» подтверждает критический сбой, а это обращение им не отмечено. Чтобы взять его в работу, "
        "ответьте «беру». Если это ответ клиенту, поставьте над ним строку «ответ».",
    ),
    Reason.ACKNOWLEDGED_ALREADY: _Words(
        "acknowledged already by {by}",
        "Сбой уже взял в работу {by}.",
    ),
    Reason.FAULT_BACK: _Words(
        "the word was received before fault {fault} paged again: say it once more if it is meant for now",
        "Ваше слово получено раньше, чем вызовы по сбою {fault} начались снова, поэтому они продолжаются. Если оно "
        "относится и к новым вызовам, ответьте тем же словом ещё раз.",
    ),
    Reason.REPORTED_ALREADY: _Words(
        "the ticket reports fault {fault} already",
        "Обращение уже относится к сбою {fault}.",
    ),
    Reason.OTHER_DESK: _Words(
        "fault {fault} is of another desk than the ticket",
        "Сбой {fault} относится к другой службе, обращение к нему отнести нельзя.",
    ),
    Reason.REPORTS_NONE: _Words(
        "the ticket reports no fault that is open",
        "Обращение не относится ни к одному из незавершённых сбоев.",
    ),
    Reason.ONLY_REPORT: _Words(
        "it is the only report of fault {fault}: there is nothing to part it from",
        "Это единственное обращение о сбое {fault}, отделять его не от чего.",
    ),
    Reason.FAULT_OVER: _Words(
        "fault {fault} is over already",
        "Сбой {fault} уже завершён, делать с ним больше ничего не нужно.",
    ),
}
