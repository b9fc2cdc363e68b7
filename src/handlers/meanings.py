"""What an error that a function meets means, our own errors included, and what follows for the work it was met at."""

from __future__ import annotations

from botocore.exceptions import ClientError

from adapters import aws_errors
from adapters.aws_errors import Meaning
from adapters.ses.sending import Refused, Rejected, Unanswered
from application.people import NobodyEntered
from application.storage import Conflict, TooLarge
from composition import NotConfigured
from domain.regulation.editions import InvalidEdition, NoEditionInForce, UnknownDesk


class OutOfTime(Exception):
    """The function has too little time left to begin something: it is begun by the next run, and has not failed."""


def meaning_of(error: BaseException) -> Meaning:
    """Return what an error means; UNKNOWN for what neither AWS nor this code has a name for, such as a bug."""
    match error:
        case Refused():
            return error.meaning
        case Unanswered() | Conflict() | OutOfTime():
            return Meaning.PASSING
        case NotConfigured() | NobodyEntered() | NoEditionInForce() | UnknownDesk() | InvalidEdition():
            return Meaning.CONFIGURATION
        case TooLarge() | Rejected():
            return Meaning.REQUEST
        case _:
            return aws_errors.meaning_of(error) or Meaning.UNKNOWN


def lies_in_the_work(error: BaseException) -> bool:
    """Return whether the work at hand is to blame, as far as it can be known: an attempt at it has failed then.

    It is where AWS calls the request wrong, and where our own code fails over it. An error of AWS that this version
    does not know is no proof of that.
    """
    meaning = meaning_of(error)
    return meaning is Meaning.REQUEST or (meaning is Meaning.UNKNOWN and _is_of_our_code(error))


def reason_of(error: BaseException) -> str:
    """Return why an attempt failed, for a person who looks: AWS's name of it and its words, or the kind of the error.

    AWS's words and TooLarge's speak of what was asked; what another error says may quote a letter, and is left out.
    """
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {aws_errors.code_of(error)}: {aws_errors.text_of(error)}"
    return f"{type(error).__name__}: {error}" if isinstance(error, TooLarge) else type(error).__name__


def _is_of_our_code(error: BaseException) -> bool:
    return aws_errors.meaning_of(error) is None and not isinstance(error, Refused)
