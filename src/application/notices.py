"""What the team is told of a specialist's letter that went to no client."""

from __future__ import annotations

from domain.letter import ByProgram
from domain.ticket.refusals import Refusal

NOT_TO_THE_CARD = (
    "Специалист ответил не на адрес из карточки (Reply-To), поэтому клиенту письмо не отправлено. "
    "Ответьте, пожалуйста, на карточку."
)
SENT_AGAIN = (
    "То же самое письмо (с тем же Message-ID) уже приходило. Второй раз оно не исполнено, клиенту ничего не отправлено."
)
_BY_PROGRAM = {
    ByProgram.REACTION: "Это реакция на письмо, которую отправила почтовая программа: ответом клиенту она не считается.",
    ByProgram.RECALL: "Это отзыв письма, который отправила почтовая программа. Уже отправленное клиенту отозвать нельзя.",
    ByProgram.RECEIPT: "Это уведомление о прочтении, которое отправила почтовая программа.",
}
_NOTHING_SENT = "Клиенту ничего не отправлено, срок реакции не остановлен. Чтобы ответить, напишите клиенту текст."
UNVERIFIED = "Письмо пришло не с проверенного адреса специалиста, клиенту оно не отправлено."


def by_program(kind: ByProgram) -> str:
    """Return what is said of a letter that a mail program sent by itself."""
    return f"{_BY_PROGRAM[kind]} {_NOTHING_SENT}"


def not_carried_out(refusal: Refusal) -> str:
    """Return what is said of a command that cannot be carried out."""
    return f"Команда не выполнена, клиенту ничего не отправлено. {refusal.russian}"
