"""Whether what is kept can be found, read and brought back: the secret, the table, the bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from adapters.deployment.findings import Finding, fault, problems_or, warning
from adapters.deployment.stack import Deployment
from adapters.reply_keys import IDS, SHORTEST

GOOD_KEY = 32
"""Characters: "less than L bytes is strongly discouraged", and L is 32 of SHA-256 (RFC 2104, section 3)."""
EXPIRY = "expires_at"


# The keys of the reply tokens ------------------------------------------------------------------------------


def reply_keys(deployment: Deployment) -> Iterator[Finding]:
    """Each letter is read and sent with these keys: without them none is."""
    name = deployment.output("ReplyKeys")
    client = deployment.client("secretsmanager")
    try:
        secret = client.get_secret_value(SecretId=name).get("SecretString", "")
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code == "InvalidRequestException" and "deletion" in text:
            yield fault(
                "the reply keys are marked for deletion",
                deployment.aws(f"secretsmanager restore-secret --secret-id {name}"),
            )
        elif code == "ResourceNotFoundException":
            yield fault("the reply keys are gone or empty: no letter is read or sent", _put(deployment, name))
        else:
            raise
        return
    yield from _of_keys(secret, _put(deployment, name))


def _put(deployment: Deployment, name: str) -> str:
    command = deployment.aws(f"secretsmanager put-secret-value --secret-id {name} --secret-string file://keys.json")
    return f'Write `{{"current": "a", "a": "<64 characters>"}}` to keys.json, keeping the keys that are there, then {command}'


def _of_keys(secret: str, put: str) -> Iterator[Finding]:
    """Judge the secret's text; no part of a key is shown."""
    try:
        secret_value = json.loads(secret)
    except ValueError:
        yield fault("the reply keys are not JSON: no letter is read or sent", put)
        return
    if not isinstance(secret_value, dict):
        yield fault("the reply keys are not a JSON object: no letter is read or sent", put)
        return
    current, entries = (
        secret_value.get("current"),
        {name: key for name, key in secret_value.items() if name != "current"},
    )
    keys = {name: key for name, key in entries.items() if len(name) == 1}
    problems = []
    if not isinstance(current, str) or current not in keys:
        problems.append(fault(f"`current` names none of the keys {', '.join(sorted(keys)) or '(there are none)'}", put))
    for name, key in sorted(keys.items()):
        if name not in IDS:
            problems.append(fault(f"the key {name} is not named by a lower-case letter or a digit", put))
        if not isinstance(key, str):
            problems.append(fault(f"the key {name} is no text: no letter is read or sent", put))
        elif len(key) < SHORTEST:
            problems.append(fault(f"the key {name} has {len(key)} characters: tokens of it can be guessed", put))
        elif len(key) < GOOD_KEY:
            short = f"the key {name} has {len(key)} characters, fewer than the {GOOD_KEY} that HMAC asks for"
            problems.append(warning(short, f"Rotate to a longer key: docs/deployment.md. {put}"))
    problems += [
        warning(f"the entry {name!r} is passed over: the name of a key is one character", put)
        for name in sorted(entries.keys() - keys.keys())
    ]
    yield from problems_or(problems, f"keys of reply tokens: {len(keys)}, and `current` names {current}")


# The key -------------------------------------------------------------------------------------------------


def key(deployment: Deployment) -> Iterator[Finding]:
    """Letters, table, queues and topics are sealed by it: while it cannot be used, none of them can."""
    arn = deployment.output("Key")
    state = deployment.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
    enable = deployment.aws(f"kms enable-key --key-id {arn}")
    remedies = {
        "Disabled": enable,
        "PendingDeletion": f"{deployment.aws(f'kms cancel-key-deletion --key-id {arn}')}, then {enable}",
    }
    text = f"the stack's key is {state}: nothing is stored, read or sent"
    found = [] if state == "Enabled" else [fault(text, remedies.get(state, "See docs/recovery.md, The key"))]
    yield from problems_or(found, "the stack's key is enabled")


# The table -------------------------------------------------------------------------------------------------


def table(deployment: Deployment) -> Iterator[Finding]:
    """Tickets, clients and what is to be sent: kept, brought back after a fault, and handed to the senders."""
    name = deployment.output("Table")
    client = deployment.client("dynamodb")
    described = client.describe_table(TableName=name)["Table"]
    protected = "" if deployment.place.is_local else ", protected from deletion"
    yield from problems_or(
        _of_table(deployment, client, described), f"{name}: active, with stream, expiry and recovery{protected}"
    )


def _of_table(deployment: Deployment, client: Any, described: dict[str, Any]) -> Iterator[Finding]:
    name, aws = described["TableName"], deployment.aws
    if described["TableStatus"] != "ACTIVE":
        yield fault(f"{name} is {described['TableStatus']}", "Wait until it is active, and ask again")
    for index in described.get("GlobalSecondaryIndexes", []):
        if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
            yield fault(f"the index {index['IndexName']} of {name} is {index['IndexStatus']}", "Wait, and ask again")
    sealed_by, own = described.get("SSEDescription", {}).get("KMSMasterKeyArn"), deployment.outputs.get("Key")
    if sealed_by and own and sealed_by != own and not deployment.place.is_local:
        sealed = f"dynamodb update-table --table-name {name} --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId={own}"
        yield fault(f"{name} is encrypted by {sealed_by}, and the functions may use the stack's key alone", aws(sealed))
    stream = described.get("StreamSpecification", {})
    if not stream.get("StreamEnabled") or stream.get("StreamViewType") != "NEW_IMAGE":
        enable = f"dynamodb update-table --table-name {name} --stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE"
        yield fault(
            f"{name} has no stream of new images: nothing is sent",
            f"{aws(enable)}, then deploy again so that the functions read it: {deployment.deploy}",
        )
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if recovery != "ENABLED":
        enable = f"dynamodb update-continuous-backups --table-name {name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        yield fault(f"{name} cannot be wound back: point-in-time recovery is off", aws(enable))
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if expiry.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"} or expiry.get("AttributeName") != EXPIRY:
        enable = f"dynamodb update-time-to-live --table-name {name} --time-to-live-specification Enabled=true,AttributeName={EXPIRY}"
        yield warning(f"nothing of {name} expires: what was to be forgotten is kept", aws(enable))
    if not described.get("DeletionProtectionEnabled") and not deployment.place.is_local:
        enable = f"dynamodb update-table --table-name {name} --deletion-protection-enabled"
        yield warning(f"{name} can be deleted by one command", aws(enable))


# The bucket ------------------------------------------------------------------------------------------------


def bucket(deployment: Deployment) -> Iterator[Finding]:
    """The raw letters: sealed by the stack's key, closed to the public, and recoverable."""
    name = deployment.output("MailBucket")
    yield from problems_or(
        _of_bucket(deployment, name), f"{name}: encrypted by the stack's key, versioned, closed to the public"
    )


def _of_bucket(deployment: Deployment, name: str) -> Iterator[Finding]:
    client, aws = deployment.client("s3"), deployment.aws
    rule = _or_none(
        lambda: client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0],
        "ServerSideEncryptionConfigurationNotFoundError",
    )
    default = (rule or {}).get("ApplyServerSideEncryptionByDefault", {})
    key = deployment.outputs.get("Key", "")
    if default.get("SSEAlgorithm") != "aws:kms" or (
        key and not key.endswith(default.get("KMSMasterKeyID", "?").rpartition("/")[2])
    ):
        setting = {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                    "BucketKeyEnabled": True,
                }
            ]
        }
        command = f"s3api put-bucket-encryption --bucket {name} --server-side-encryption-configuration '{json.dumps(setting)}'"
        yield fault(f"new letters in {name} are not encrypted by the stack's key", aws(command))
    if client.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        command = f"s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled"
        yield warning(f"a letter deleted from {name} cannot be got back", aws(command))
    blocked = _or_none(
        lambda: client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "NoSuchPublicAccessBlockConfiguration",
    )
    wanted = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    if not all((blocked or {}).get(setting_name) for setting_name in wanted):
        closed = ",".join(f"{setting_name}=true" for setting_name in wanted)
        command = f"s3api put-public-access-block --bucket {name} --public-access-block-configuration {closed}"
        yield fault(f"{name} may be opened to the public", aws(command))


def _or_none(ask: Any, code: str) -> Any:
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None
