"""Which addresses a deployment takes and sends for, and which mailboxes cannot exist beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml
from pydantic import ValidationError

from adapters.rendering import reply_address
from application.recognise import addressed_desks
from domain.letter import Envelope
from domain.people import People, Person, Role
from domain.regulation.desk import Desk, Forwarder, Forwarders
from domain.regulation.editions import desk_by_address, edition_at, own_addresses
from domain.regulation.mailboxes import (
    Difference,
    deployed_mailboxes,
    difference,
    forwarders_of,
    mailboxes_of,
    without_mailbox,
)
from domain.reply_token import read_token
from domain.ticket.outgoing import Audience, OutgoingMail
from tests.support.builders import KEYS, MDO, MDO_ADDRESS, STOREOLIS, STOREOLIS_ADDRESS
from tests.support.changed_editions import mdo_changed
from tests.support.people import people_of
from tests.support.template import TEMPLATE

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
RECEIVES = 'receives_at = ["support@desk.моидокументы.онлайн"]'
FORWARDER = Forwarder(authserv_id="mx.example.ru", dkim_domain="example.ru")
NAMED = 'forwarders = [{ authserv_id = "mx.example.ru", dkim_domain = "example.ru" }]'


PEOPLE = People(
    team_address="team@example.ru",
    persons=(
        Person(name="Анна", addresses=("anna@example.ru",), roles=(Role.SPECIALIST,)),
        Person(name="Иван", addresses=("ivan@other.example",), roles=(Role.SPECIALIST,)),
    ),
)


def a_desk(**changes: Any) -> Desk:
    values: dict[str, Any] = {
        "id": "acme",
        "prefix": "ACM",
        "name": "Акме",
        "signature": "Акме",
        "address": "support@example.ru",
        "clause": "1",
    }
    return Desk.model_validate({**values, **changes})


def test_a_desk_that_is_forwarded_to_is_received_at_one_address_and_writes_from_another() -> None:
    desk = a_desk(receives_at=["Support@Desk.Example.ru"], aliases=["help@example.ru"])
    found = mailboxes_of([desk])
    assert found.receives == ("support@desk.example.ru",)
    assert found.sends == ("support@example.ru",)
    assert found.receiving_domains == ("desk.example.ru",)
    assert found.sending_domains == ("example.ru",)
    assert found.desk_addresses == ("support@desk.example.ru", "support@example.ru")
    assert desk.addresses == {"support@desk.example.ru", "support@example.ru", "help@example.ru"}


def test_a_desk_that_names_no_other_place_is_received_where_it_publishes() -> None:
    found = mailboxes_of([a_desk(aliases=["help@example.ru"])])
    assert found.receives == ("help@example.ru", "support@example.ru")


def test_people_in_a_domain_whose_mail_ses_takes_have_no_mailbox() -> None:
    lost = without_mailbox(PEOPLE, mailboxes_of([a_desk()]).receiving_domains)
    assert lost == ("anna@example.ru", "team@example.ru")


@pytest.mark.parametrize(
    "changes", [{"receives_at": ["support@desk.example.ru"]}, {"address": "support@desk.example.ru"}]
)
def test_people_beside_a_domain_whose_mail_ses_takes_have_theirs(changes: dict[str, Any]) -> None:
    desk = a_desk(**changes)
    assert without_mailbox(PEOPLE, mailboxes_of([desk]).receiving_domains) == ()


@pytest.mark.parametrize("replies_at", ["other@example.ru", "support+a@example.ru", "support"])
def test_an_address_for_answers_that_finds_no_desk_is_refused(replies_at: str) -> None:
    with pytest.raises(ValidationError, match=r"replies_at|without a plus part"):
        a_desk(replies_at=replies_at)


@pytest.mark.parametrize("name", ["mx", "mx example.ru", "mx.example.ru;", "", "mx..ru"])
def test_a_forwarder_is_named_by_what_a_server_may_be_called(name: str) -> None:
    with pytest.raises(ValidationError, match="the name of a server or domain"):
        Forwarder(authserv_id=name, dkim_domain="example.ru")


def test_a_list_of_addresses_differs_by_what_lacks_what_is_no_desks_and_what_is_spelt_otherwise() -> None:
    expected = mailboxes_of([a_desk(address="support@моидокументы.онлайн", receives_at=["support@desk.example.ru"])])
    found = difference(["support@моидокументы.онлайн", " x@example.ru"], expected)
    assert found == Difference(
        missing=("support@desk.example.ru",),
        unknown=("x@example.ru",),
        misspelt=(("support@моидокументы.онлайн", MDO_ADDRESS),),
    )
    assert not difference(expected.desk_addresses, expected)


def test_the_template_offers_the_addresses_of_the_desks_that_ship() -> None:
    parameters = cfn_yaml.load(str(TEMPLATE))["Parameters"]
    assert not difference(str(parameters["DeskAddresses"]["Default"]).split(","), deployed_mailboxes())


def test_the_desks_that_ship_are_set_up_as_can_work() -> None:
    for desk in (MDO, STOREOLIS):
        assert without_mailbox(people_of(desk), deployed_mailboxes().receiving_domains) == ()


@pytest.mark.parametrize(
    ("address", "desk"),
    [
        (STOREOLIS_ADDRESS, STOREOLIS),
        ("support@desk.storeolis.ru", STOREOLIS),
        (MDO_ADDRESS, MDO),
        ("support@desk.моидокументы.онлайн", MDO),
    ],
)
def test_a_letter_finds_its_desk_where_ses_takes_it_and_where_it_is_published(address: str, desk: str) -> None:
    assert addressed_desks((address.replace("@", "+token@"),)) == (desk,)


def test_a_letter_from_where_ses_takes_the_mail_is_one_of_our_own() -> None:
    assert "support@desk.storeolis.ru" in own_addresses()


@pytest.mark.parametrize(
    ("replies_at", "expected"),
    [("", MDO_ADDRESS), ('\nreplies_at = "support@desk.моидокументы.онлайн"', MDO_ADDRESS.replace("@", "@desk."))],
)
def test_answers_go_where_the_edition_says_and_find_their_desk(
    replies_at: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = OutgoingMail(
        kind="accepted", desk=MDO, edition="2013-01-01", ticket="MDO-7K3F-9QXZ", audience=Audience.CLIENT,
        to="olga@client.example", to_name="", subject="x", clause=None, params={},
    )  # fmt: skip
    with mdo_changed(tmp_path, monkeypatch, (RECEIVES, RECEIVES + replies_at)):
        address = reply_address(mail, edition_at(MDO, AT), KEYS)
        local, _, domain = address.partition("@")
        mailbox, _, token = local.partition("+")
        assert f"{mailbox}@{domain}" == expected
        assert desk_by_address(expected) == MDO
        assert read_token(KEYS, MDO, "MDO", token) is not None


def test_a_forwarder_speaks_for_a_letter_where_every_desk_names_it_that_it_is_addressed_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mdo_changed(tmp_path, monkeypatch, (RECEIVES, f"{RECEIVES}\n{NAMED}")):
        to_one = Envelope("id", AT, ("support+x@desk.моидокументы.онлайн",))
        to_both = Envelope("id", AT, (MDO_ADDRESS, STOREOLIS_ADDRESS))
        assert forwarders_of(to_one) == Forwarders(by_any=(FORWARDER,), by_all=(FORWARDER,))
        assert forwarders_of(to_both) == Forwarders(by_any=(FORWARDER,))
        assert forwarders_of(Envelope("id", AT, ("nobody@example.ru",))) == Forwarders()
