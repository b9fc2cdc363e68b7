"""A caller by its credentials, as people read it."""

from __future__ import annotations

import pytest

from domain.caller import local_caller, person_in, shown_actor


@pytest.mark.parametrize(
    ("caller", "person"),
    [
        ("arn:aws:iam::123456789012:user/maria", "maria"),
        ("arn:aws:iam::123456789012:user/desk/leads/maria", "maria"),
        ("arn:aws:sts::123456789012:assumed-role/Desk/maria@company.example", "maria@company.example"),
        ("arn:aws:sts::123456789012:federated-user/maria", "maria"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("local:maria", "maria"),
        ("local:COMPANY/maria", "COMPANY/maria"),
    ],
)
def test_the_person_is_the_last_part_of_what_aws_calls_a_caller(caller: str, person: str) -> None:
    """STS API reference, GetCallerIdentity; IAM user guide, "IAM identifiers"."""
    assert person_in(caller) == person


def test_a_local_user_is_marked_as_such_and_a_name_without_a_caller_is_left_alone() -> None:
    assert shown_actor("anna", local_caller("boris")) == "anna (as local user boris)"
    assert shown_actor("anna", "arn:aws:iam::1:user/maria") == "anna (as arn:aws:iam::1:user/maria)"
    assert shown_actor("specialist@company.example", None) == "specialist@company.example"
