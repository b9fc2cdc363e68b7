"""What S3 documents of keys, copies and listings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from local.aws_contract.rules import Check, Request, Rule, size_of

SERVICE: Final = "s3"
KEY_LIMIT = 1024
METADATA_LIMIT = 2 * 1024
PUT_LIMIT = 5 * 1024 * 1024 * 1024
LISTED_LIMIT = 1000
BUCKET = re.compile(r"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
OF_KEYS = ("CopyObject", "DeleteObject", "GetObject", "HeadObject", "PutObject")
OF_BUCKETS = (
    *OF_KEYS, "GetBucketEncryption", "GetBucketVersioning", "GetPublicAccessBlock", "HeadBucket", "ListObjectVersions",
    "ListObjectsV2",
)  # fmt: skip
LISTINGS = ("ListObjectsV2", "ListObjectVersions")
WRITES = ("CopyObject", "PutObject")


def _wrong_key(key: str) -> Iterator[str]:
    if not 1 <= size_of(key) <= KEY_LIMIT:
        yield f"{size_of(key):,} bytes"
    if any(segment in {".", ".."} for segment in key.split("/")):
        yield "a segment of periods alone"
    if re.search(r"[\x00-\x1f\x7f]", key):
        yield "a control character"


def _key(request: Request) -> Iterator[str]:
    yield from _wrong_key(request.params.get("Key", ""))


def _source(request: Request) -> Iterator[str]:
    source = request.params.get("CopySource")
    if isinstance(source, Mapping):
        key = source.get("Key", "")
    else:
        # As text it goes into the header as it is: URL-encoded, or it is another object's name.
        path = str(source).partition("?versionId=")[0].lstrip("/")
        if re.search(r"[^A-Za-z0-9_.~%/!*'()-]", path):
            yield "not URL-encoded"
        key = unquote(path).partition("/")[2]
    yield from _wrong_key(key)


def _bucket(request: Request) -> Iterator[str]:
    if not BUCKET.fullmatch(request.params.get("Bucket", "")):
        yield f"{request.params.get('Bucket')!r}"


def _prefix(request: Request) -> Iterator[str]:
    if size_of(request.params.get("Prefix", "")) > KEY_LIMIT:
        yield f"{size_of(request.params['Prefix']):,} bytes"


def _listed(request: Request) -> Iterator[str]:
    if not 0 <= request.params.get("MaxKeys", LISTED_LIMIT) <= LISTED_LIMIT:
        yield f"{request.params['MaxKeys']:,}"


def _metadata(request: Request) -> Iterator[str]:
    metadata = request.params.get("Metadata", {})
    size = sum(size_of(name) + size_of(value) for name, value in metadata.items())
    if size > METADATA_LIMIT:
        yield f"{size:,} bytes"
    if not all(name.isascii() and value.isascii() for name, value in metadata.items()):
        yield "characters that are no ASCII"


def _body(request: Request) -> Iterator[str]:
    body = request.params.get("Body", b"")
    if isinstance(body, (bytes, bytearray, str)) and len(body) > PUT_LIMIT:
        yield f"{len(body):,} bytes"


def _rule(operations: tuple[str, ...], field: str, limit: str, source: str, check: Check, code: str) -> Rule:
    return Rule(SERVICE, operations, field, limit, source, code, check)


_KEYS = "S3 user guide, Naming Amazon S3 objects (object-keys.html)"
_LIST = "S3 API reference, ListObjectsV2 (API_ListObjectsV2.html)"

RULES: Final = (
    _rule(
        OF_KEYS,
        "Key",
        "1 to 1,024 bytes in UTF-8; no segment `.` or `..`, no control characters",
        _KEYS,
        _key,
        "KeyTooLongError",
    ),
    _rule(
        ("CopyObject",),
        "CopySource",
        "bucket and key, URL-encoded where it is text; the source is at most 5 GB",
        "S3 API reference, CopyObject (API_CopyObject.html)",
        _source,
        "InvalidArgument",
    ),
    _rule(
        OF_BUCKETS,
        "Bucket",
        "3 to 63 of a-z, 0-9, . and -, a letter or digit at both ends",
        "S3 user guide, Bucket naming rules (bucketnamingrules.html)",
        _bucket,
        "InvalidBucketName",
    ),
    _rule(LISTINGS, "Prefix", "at most 1,024 bytes", _LIST, _prefix, "KeyTooLongError"),
    _rule(LISTINGS, "MaxKeys", "0 to 1,000", _LIST, _listed, "InvalidArgument"),
    _rule(
        WRITES,
        "Metadata",
        "at most 2 KB, of ASCII",
        "S3 user guide, Working with object metadata (UsingMetadata.html)",
        _metadata,
        "MetadataTooLarge",
    ),
    _rule(
        ("PutObject",),
        "Body",
        "at most 5 GB",
        "S3 user guide, Uploading objects (upload-objects.html)",
        _body,
        "EntityTooLarge",
    ),
)
