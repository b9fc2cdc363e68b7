"""Letters out, by SES v2: one attempt each, since a second one could be a second letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

INVALID = {"MessageRejected", "BadRequestException", "ValidationException"}
"""Errors of SendEmail that the reference explains by invalid content (SES API v2, SendEmail, "Errors").

SES answers with the same codes to an account in the sandbox, an identity that is not verified and the wrong region
(SES developer guide, "Amazon SES email sending errors"), so that only the text tells what is wrong.
"""
THIS_LETTER = re.compile(
    r"""
      illegal\ address | invalid\ (e-?mail\ )?address | address\ blacklisted
    | missing\ (final\ '@domain'|domain)
    | (local\ address|domain)\ (contains|starts|ends|is)\b
    | message\ (length|size|is\ too\ (long|large))
    | illegal\ filename | attachment\b.*\bnot\ (supported|allowed) | contains\ a?\ ?virus
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Texts by which SES refuses this very letter, whichever account sends it and whenever: its recipient, its size, its files.

What is wrong with the header or the tags is not among them: those are written anew at each attempt, by code that can
be put right meanwhile. The texts are not documented; these were reported by users of SES.
"""
PASSING = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}
"""Errors of a rate or a quota, which end by themselves (SES developer guide, "Errors related to the sending quotas")."""
SERVER_ERROR = 500
"""From this HTTP status on the error is the service's (AWS general reference, common errors)."""


class Rejected(Exception):
    """SES will never take this letter."""


class Refused(Exception):
    """SES takes no such letter as long as the account or its configuration is as it is: a person has to look."""


class SesMailer:
    """Sends raw letters through a configuration set: implements `Mailer`."""

    def __init__(self, client: SESV2Client, configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Send one letter once and return the message id SES gave it.

        Raises Rejected where SES never will take it, Refused where it will once somebody has acted, and the
        SDK's errors where it may at the next attempt.
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
            raise _meaning_of(error) from error
        return answer["MessageId"]


def _meaning_of(error: ClientError) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    text = error.response.get("Error", {}).get("Message", "")
    if code in INVALID and THIS_LETTER.search(text):
        return Rejected(f"{code}: {text}")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING or status >= SERVER_ERROR:
        return error
    return Refused(f"{code}: {text}")
