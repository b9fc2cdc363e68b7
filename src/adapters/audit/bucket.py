"""The letters in the bucket, as a listing shows them, and what is left of one that was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from adapters.s3 import FOLDERS, INCOMING, MISSING
from adapters.ses.received import is_setup_object

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET_ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions")
"""What an audit may have to do to the bucket."""
KEY_ACTIONS = ("kms:Decrypt",)
"""And with the stack's key: S3 opens a letter in the name of whoever reads it."""
UNDELETE_ACTIONS = ("s3:DeleteObjectVersion",)
"""And what `--repair` may besides: a deletion is taken back by deleting its marker (Amazon S3 user guide, "Managing
delete markers")."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A letter in the bucket."""

    key: str
    written_at: datetime

    @property
    def name(self) -> str:
        """Return the SES message id."""
        return self.key.rpartition("/")[2]

    @property
    def is_unfinished(self) -> bool:
        """Return whether it lies where unfinished work lies."""
        return self.key.startswith(INCOMING)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A letter that was deleted, and can be brought back."""

    key: str
    marker: str
    """The version id of the delete marker."""
    deleted_at: datetime


class LetterBucket:
    """The bucket of raw letters, whole."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.requests = 0
        """How many requests were made so far."""

    def letters(self) -> Iterator[Stored]:
        """Return every letter in order of its key: a request for each thousand (S3 API reference, ListObjectsV2)."""
        for folder in FOLDERS:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder):
                self.requests += 1
                for entry in page.get("Contents", []):
                    if not is_setup_object(entry["Key"]) and not entry["Key"].endswith("/"):
                        yield Stored(entry["Key"], entry["LastModified"])

    def lies_at(self, key: str) -> bool:
        """Return whether an object is there now: one HeadObject."""
        self.requests += 1
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") in MISSING:
                return False
            raise
        return True

    def deleted(self, key: str) -> Deleted | None:
        """Return what is left of a letter that was deleted; None where nothing is: one ListObjectVersions.

        The lifecycle of template.yaml keeps the version under a delete marker for 35 days.
        """
        self.requests += 1
        answer = self._client.list_object_versions(Bucket=self._bucket, Prefix=key)
        marker = next((one for one in answer.get("DeleteMarkers", []) if one["Key"] == key and one["IsLatest"]), None)
        if marker is None or all(one["Key"] != key for one in answer.get("Versions", [])):
            return None
        return Deleted(key, marker["VersionId"], marker["LastModified"])

    def bring_back(self, deleted: Deleted) -> None:
        """Delete a delete marker, so that the version under it is the letter again."""
        self.requests += 1
        self._client.delete_object(Bucket=self._bucket, Key=deleted.key, VersionId=deleted.marker)
