"""The suite on AWS's DynamoDB Local is asked for by name, and says what it needs."""

from __future__ import annotations

import subprocess

from tests.support.repository import ROOT


def test_without_an_address_the_verb_says_what_dynamodb_local_is_and_how_to_have_it() -> None:
    """It is not fetched: its licence asks for an AWS account."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/.stamp", "test-dynamodb-local", "ENDPOINT="],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    for said in ("ENDPOINT=http://localhost:8000", "licence", "DynamoDBLocal.html"):
        assert said in done.stderr
