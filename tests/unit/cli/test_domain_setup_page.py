"""The layouts of docs/domain-setup.md: what the page shows is valid, and can work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from domain.people import People
from domain.regulation.desk import Desk
from domain.regulation.mailboxes import mailboxes_of, without_mailbox
from tests.support.command_line import Run
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "domain-setup.md").read_text("utf-8")
EDITIONS = (ROOT / "docs" / "editions.md").read_text("utf-8")
SHOWN = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
LAYOUTS = [table for table in SHOWN if table.startswith("address")]
PEOPLE = [table for table in SHOWN if table.startswith("team_address")]
"""Of the first two layouts, and of the third."""
(FORWARDERS,) = [table for table in SHOWN if table.startswith("[[")]
MINIMAL = re.findall(r"```toml\n(.*?)```", EDITIONS, re.DOTALL)[0]
NAMES = {"id": "acme", "prefix": "ACM", "name": "Акме", "signature": "Акме", "clause": "1"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=["subdomain", "forwarding", "all-at-ses"])
def test_people_have_mailboxes_in_each_layout(layout: str) -> None:
    desk = Desk.model_validate(NAMES | tomllib.loads(layout))
    people = People.model_validate(tomllib.loads(PEOPLE[layout == LAYOUTS[2]]))
    assert without_mailbox(people, mailboxes_of([desk]).receiving_domains) == ()


def test_each_domain_whose_mx_is_ses_is_shown_with_its_record() -> None:
    for layout in LAYOUTS:
        for domain in mailboxes_of([Desk.model_validate(NAMES | tomllib.loads(layout))]).receiving_domains:
            assert f"| `{domain}` | MX | `10 inbound-smtp.<region>.amazonaws.com`" in PAGE


def test_the_page_begins_with_what_the_verb_prints_for_the_second_layout() -> None:
    found = mailboxes_of([Desk.model_validate(NAMES | tomllib.loads(LAYOUTS[1]))])
    assert f"DeskAddresses={','.join(found.desk_addresses)}\n" in PAGE
    assert f"identities      {', '.join(found.identities)}\n" in PAGE


def test_an_edition_with_the_forwarder_of_the_page_is_valid(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "2026-01-01.toml"
    file.write_text(MINIMAL.replace("[[clauses]]", f"{FORWARDERS}\n[[clauses]]", 1), encoding="utf-8")
    ran = run("regulation", "check", file)
    assert (ran.status, "warning" in ran.out) == (0, False)
