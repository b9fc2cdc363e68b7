"""The page for readers is the table itself."""

from __future__ import annotations

from local.aws_contract.page import page
from tests.support.repository import ROOT


def test_the_page_is_made_of_the_rules() -> None:
    """Run `python -m local.aws_contract.page > docs/aws-contract.md` after a change."""
    assert (ROOT / "docs/aws-contract.md").read_text("utf-8") == page()
