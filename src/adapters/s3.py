"""Raw letters in the bucket: `incoming/` as SES wrote them, `letters/` and `quarantine/` once recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

INCOMING = "incoming/"
FOLDERS = (INCOMING, "letters/", "quarantine/")
MISSING = {"NoSuchKey", "404", "AccessDenied", "403"}
"""A role without `s3:ListBucket` is told 403, not 404, of an object that is not there (S3 API reference)."""


class LetterMissing(LookupError):
    """The raw letter lies in none of the folders."""


class BucketMailStore:
    """The bucket of raw letters: implements `MailStore`."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, ses_message_id: str) -> bytes:
        """Return a raw letter from whichever folder it lies in; raises LetterMissing."""
        for folder in FOLDERS:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=f"{folder}{ses_message_id}")
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in MISSING:
                    raise
                continue
            return answer["Body"].read()
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

        Doing it twice is the same as once; raises LetterMissing.
        """
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
                if error.response.get("Error", {}).get("Code") not in MISSING:
                    raise
                continue
            self._client.delete_object(Bucket=self._bucket, Key=source)
            return target
        raise LetterMissing(f"no letter {ses_message_id} in {self._bucket}: not in {', '.join(FOLDERS)}")

    def incoming(self) -> Iterator[tuple[str, datetime]]:
        """Return the ids of letters that still lie in `incoming/`, each with the time it was written."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=INCOMING)
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"].removeprefix(INCOMING), entry["LastModified"]
