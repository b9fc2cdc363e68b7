"""Raw letters in the bucket: `incoming/` as SES wrote them, `letters/` and `quarantine/` once recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from application.ports import LetterMissing

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

INCOMING = "incoming/"
FOLDERS = (INCOMING, "letters/", "quarantine/")
MISSING = {"NoSuchKey", "404"}
"""What S3 answers of an object that is not there to those who may list the bucket, as the functions' roles may."""
FORBIDDEN = {"AccessDenied", "403"}
"""What it answers anybody else, whether the object is there or not (S3 API reference): no proof that it is gone."""


class BucketMailStore:
    """The bucket of raw letters: implements `MailStore`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, ses_message_id: str) -> bytes:
        """Return a raw letter from whichever folder it lies in; raises LetterMissing.

        A folder that may not be read is passed over; where the letter is in no other, the refusal is raised.
        """
        refusal = None
        for folder in FOLDERS:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=f"{folder}{ses_message_id}")
            except ClientError as error:
                refusal = error if _is_refusal(error) else refusal
                continue
            return answer["Body"].read()
        if refusal is not None:
            raise refusal
        raise LetterMissing(f"no letter {ses_message_id} in {self._bucket}: not in {', '.join(FOLDERS)}")

    def settle(self, ses_message_id: str, location: str) -> None:
        """Move a letter out of `incoming/` to its recorded place; doing it twice is the same as once."""
        source = f"{INCOMING}{ses_message_id}"
        try:
            self._client.copy_object(
                Bucket=self._bucket, Key=location, CopySource={"Bucket": self._bucket, "Key": source}
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in MISSING:
                raise
            return
        self._client.delete_object(Bucket=self._bucket, Key=source)

    def take_back(self, ses_message_id: str) -> str:
        """Move a letter back to `incoming/`, where unfinished work lies, and return its key there.

        Doing it twice is the same as once; raises LetterMissing, and refusals as `read` does.
        """
        refusal = None
        target = f"{INCOMING}{ses_message_id}"
        for folder in FOLDERS:
            source = f"{folder}{ses_message_id}"
            try:
                if source == target:
                    self._client.head_object(Bucket=self._bucket, Key=source)
                    return target
                self._client.copy_object(
                    Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
                )
            except ClientError as error:
                refusal = error if _is_refusal(error) else refusal
                continue
            self._client.delete_object(Bucket=self._bucket, Key=source)
            return target
        if refusal is not None:
            raise refusal
        raise LetterMissing(f"no letter {ses_message_id} in {self._bucket}: not in {', '.join(FOLDERS)}")

    def incoming(self) -> Iterator[tuple[str, datetime]]:
        """Return the ids of letters that still lie in `incoming/`, each with the time it was written."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=INCOMING)
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"].removeprefix(INCOMING), entry["LastModified"]


def _is_refusal(error: ClientError) -> bool:
    """Return whether S3 refuses to tell of an object; raises what says neither that nor that it is missing."""
    code = error.response.get("Error", {}).get("Code")
    if code not in MISSING | FORBIDDEN:
        raise error
    return code in FORBIDDEN
