"""Letters out, by SES v2: one attempt each, since a second one could be a second letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

PERMANENT = {"MessageRejected", "BadRequestException", "ValidationException"}
"""Errors of SendEmail that lie in the letter, so that no repetition mends them (SES v2 API reference).

Anything else may pass by itself or be mended meanwhile: a configuration set that is missing, a domain that is
not verified yet.
"""


class Rejected(Exception):
    """SES will never take this letter."""


class SesMailer:
    """Sends raw letters through a configuration set: implements `Mailer`."""

    def __init__(self, client: SESV2Client, configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Send one letter once and return the message id SES gave it; raises Rejected where it never will be."""
        try:
            answer = self._client.send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [to]},
                Content={"Raw": {"Data": raw}},
                EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
                ConfigurationSetName=self._configuration_set,
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in PERMANENT:
                raise Rejected(code) from error
            raise
        return answer["MessageId"]
