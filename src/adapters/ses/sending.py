"""Letters out, by SES v2: one attempt each, since a second one could be a second letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

INVALID = {"MessageRejected", "BadRequestException", "ValidationException"}
"""Errors of SendEmail that the reference explains by invalid content (SES API v2, SendEmail, "Errors").

SES answers with the same codes to an account in the sandbox, an identity that is not verified and the wrong region
(SES developer guide, "Amazon SES email sending errors"), so that only the text tells what is wrong.
"""
THIS_LETTER = re.compile(
    r"""
      address\ blacklisted
    | message\ length\ is\ more\ than | message\ is\ too\ (long|large) | message\ (size\ )?exceeds
    | illegal\ filename | attachment\b.*\bnot\ (supported|allowed) | contain(s|ed)\ a?\ ?virus
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Texts by which SES refuses this very letter, whichever account sends it and whenever: its size, its files.

What is wrong with an address, the header or the tags is not among them. SES answers "Illegal address" or "Domain
contains illegal character" of From and Return-Path as of To, and those are written again at each attempt, by code and
an edition that can be put right meanwhile. The texts are not documented; these were reported by users of SES.
"""
THE_RECIPIENT = re.compile(r"invalid e-?mail address", re.IGNORECASE)
"""The text that names the address it means: this letter's fault where that is the recipient's."""
PASSING = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
"""Errors of a rate or a quota, which end by themselves (SES developer guide, "Errors related to the sending quotas")."""
SERVER_ERROR = 500
"""From this HTTP status on the error is the service's (AWS general reference, common errors)."""


class Rejected(Exception):
    """SES will never take this letter; `str` may name addresses and is not for logs."""


class Refused(Exception):
    """SES takes no such letter as long as the account or its configuration is as it is: a person has to look.

    `str` may name addresses and is not for logs.
    """

    def __init__(self, text: str, *, of_account: bool = False) -> None:
        super().__init__(text)
        self.of_account = of_account
        """Whether every letter is refused alike: sending is paused, or not allowed. False where it may be this letter."""


class Unanswered(Exception):
    """SES gave no answer: it may have taken the letter."""


class SesMailer:
    """Sends raw letters through a configuration set: implements `Mailer`."""

    def __init__(self, client: SESV2Client, configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Send one letter once and return the message id SES gave it.

        Raises Rejected where SES never will take it, Refused where it will once somebody has acted, Unanswered
        where it may have taken it, and the SDK's errors where it may at the next attempt.
        """
        try:
            answer = self._client.send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [to]},
                Content={"Raw": {"Data": raw}},
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                ConfigurationSetName=self._configuration_set,
            )
        except ClientError as error:
            raise _meaning_of(error, to) from error
        except (ReadTimeoutError, ConnectionClosedError) as error:
            raise Unanswered(type(error).__name__) from error
        return answer["MessageId"]


def _meaning_of(error: ClientError, to: str) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    text = error.response.get("Error", {}).get("Message", "")
    is_recipients = THE_RECIPIENT.search(text) and to.lower() in text.lower()
    if code in INVALID and (is_recipients or THIS_LETTER.search(text)):
        return Rejected(f"{code}: {text}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING or status >= SERVER_ERROR:
        return error
    return Refused(f"{code}: {text}", of_account=code not in INVALID)
