"""Letters out, by SES v2: one attempt each, since a second one could be a second letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from adapters.aws_errors import OF_CONTENT, Meaning, code_of, meaning_of, text_of

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

THE_RECIPIENT = re.compile(r"invalid e-?mail address", re.IGNORECASE)
"""The text that names the address it means: this letter's fault where that is the recipient's."""


class Rejected(Exception):
    """SES will never take this letter; `str` may name addresses and is not for logs."""


class Refused(Exception):
    """SES takes no such letter as long as the account or its configuration is as it is: a person has to look.

    `str` may name addresses and is not for logs.
    """

    def __init__(self, text: str, meaning: Meaning = Meaning.UNKNOWN, *, of_account: bool = False) -> None:
        super().__init__(text)
        self.meaning = meaning
        """CONFIGURATION, or UNKNOWN where this version does not know what SES says."""
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
            raise _raised_for(error, to) from error
        except (ReadTimeoutError, ConnectionClosedError) as error:
            raise Unanswered(type(error).__name__) from error
        return answer["MessageId"]


def _raised_for(error: ClientError, to: str) -> Exception:
    text = f"{code_of(error)}: {text_of(error)}"
    is_of_content = code_of(error) in OF_CONTENT
    match meaning_of(error):
        case Meaning.PASSING:
            return error
        case Meaning.CONFIGURATION as meaning:
            return Refused(text, meaning, of_account=not is_of_content)
        case meaning:
            # What is not known to lie in this very letter is tried again.
            is_recipients = THE_RECIPIENT.search(text_of(error)) and to.lower() in text_of(error).lower()
            if is_of_content and (meaning is Meaning.REQUEST or is_recipients):
                return Rejected(text)
            return Refused(text, of_account=not is_of_content)
