"""`reglament client …`: the registry as a file, in both directions, and what a client has had this month."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from adapters.dynamodb import DynamoTable
from application.storage import Condition, Conflict
from cli import registry_file
from domain.client import Client, Contact, ContactKind
from tests.support.builders import MDO, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, STORE_LETTERS
from tests.support.command_line import Run
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

STO = "storeolis"
CLIENTS = (
    "desk,id,kind,name,full_name,organisation,position,addresses,phones,inn,contract,sites,services,offer_accepted_on\r\n"
    "storeolis,K-1,company,Лампа,,«Лампа»; опт,,shop@lampa.example;owner@lampa.example,+79120000001,7707083893,СТ-1,"
    "lampa.example,магазин;хостинг,\r\n"
    "storeolis,K-2,client,'=Чайник,Ёлкин Пётр Ильич,,директор,shop@kettle.example,,,,,,2024-02-01\r\n"
)


def address(value: str) -> Contact:
    """Return an address as a contact."""
    return Contact(kind=ContactKind.ADDRESS, value=value)


def many(rows: int, folder: Path) -> Path:
    """Write a file of many clients, each with three contacts."""
    file = folder / "many.csv"
    lines = [f"K-{n:05d},a{n}@x.example;b{n}@x.example,+7912{n:07d}" for n in range(rows)]
    file.write_text("\n".join(["id,addresses,phones", *lines]) + "\n")
    return file


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by the name of every call of AWS."""
    made: list[str] = []
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def counted(client: Any, operation: str, *args: Any) -> Any:
        made.append(operation)
        return real(client, operation, *args)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    return made


# There and back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--excel",)], ids=["plain", "for Excel"])
def test_what_is_exported_is_what_was_imported_and_importing_it_changes_nothing(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """In the order of desks and ids, every column filled."""
    file, back = tmp_path / "clients.csv", tmp_path / "back.csv"
    file.write_text(CLIENTS, encoding="utf-8", newline="")
    assert run("client", "import", file).status == 0
    assert run("client", "export", back, *options).out == f"{back}: 2 clients\n"
    (again,) = run("client", "import", back, "--json").objects
    assert (again["added"], again["replaced"], again["unchanged"]) == (0, 0, 2)
    if not options:
        assert back.read_bytes() == file.read_bytes()


def test_an_export_for_excel_has_the_mark_and_the_semicolons_it_wants(run: Run, tmp_path: Path) -> None:
    """Otherwise Excel shows one column of garbled Cyrillic."""
    run("client", "add", "K-1", "--desk", "STO", "--name", "Лампа")
    run("client", "export", tmp_path / "clients.csv", "--excel")
    assert (tmp_path / "clients.csv").read_bytes().startswith(b"\xef\xbb\xbfdesk;id;kind;")


def test_an_export_goes_to_standard_output_and_of_one_desk_alone(run: Run) -> None:
    """Without a file name, or with a dash."""
    run("client", "add", "K-1", "--desk", "STO", "--address", "a@x.example")
    run("client", "add", "U-1", "--desk", "MDO", "--address", "a@x.example")
    for arguments in ((), ("-",)):
        ran = run("client", "export", *arguments, "--desk", "MDO")
        assert [row["id"] for row in csv.DictReader(ran.out.splitlines())] == ["U-1"]
    assert [client["id"] for client in run("client", "export", "--json").objects] == ["U-1", "K-1"]


def test_an_export_is_whole_and_its_owners_alone_and_writes_over_nothing_unless_forced(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is full of personal data, and half of it would pass for all of it."""
    run("client", "add", "K-1", "--desk", "STO")
    file = tmp_path / "clients.csv"
    assert run("client", "export", file).status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    run("client", "add", "K-2", "--desk", "STO")
    refused = run("client", "export", file)
    assert (refused.status, file.read_bytes()) == (1, before)
    assert "--force" in refused.err
    with monkeypatch.context() as patch:

        def dies(*args: Any, **options: Any) -> Any:
            raise KeyboardInterrupt

        patch.setattr(registry_file, "write_clients", dies)
        assert run("client", "export", file, "--force").status == 130
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["clients.csv"]
    assert run("client", "export", file, "--force").status == 0
    assert b"K-2" in file.read_bytes()
    assert run("client", "export", tmp_path / "no" / "such.csv").status == 2


# Importing ------------------------------------------------------------------------------------------------


def test_a_check_tells_everything_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    """Also what the registry has against the file."""
    run("client", "add", "K-9", "--desk", "STO", "--address", "a1@x.example")
    file = many(3, tmp_path)
    ran = run("client", "import", file, "--desk", "STO", "--check")
    assert (ran.status, ":3: addresses:" in ran.err) == (1, True)
    run("client", "remove", "K-9", "--desk", "STO")
    ran = run("client", "import", file, "--desk", "STO", "--check")
    assert (ran.status, ran.out) == (0, f"{file}: 3 clients (nothing is wrong; nothing was written)\n")
    assert run("client", "list").out == "the registry is empty\n"


def test_errors_are_told_in_the_order_of_their_lines(run: Run, tmp_path: Path) -> None:
    """Whether a row is wrong in itself, repeats another, or takes what the registry gives to somebody else."""
    run("client", "add", "K-9", "--desk", "STO", "--address", "taken@x.example")
    file = tmp_path / "clients.csv"
    file.write_text("id,addresses\nK-1,taken@x.example\nK-2,nobody\nK-3,c@x.example\nK-4,c@x.example\n")
    ran = run("client", "import", file, "--desk", "STO", "--json")
    assert [one["line"] for one in ran.objects] == [2, 3, 5]


def test_many_clients_go_into_few_requests(run: Run, tmp_path: Path, calls: list[str]) -> None:
    """Twenty to a transaction where each has four items; a repeated import writes none. One more is the journal's."""
    file = many(60, tmp_path)
    assert run("client", "import", file, "--desk", "STO").status == 0
    assert calls.count("TransactWriteItems") <= 1 + 4
    assert len(calls) <= 14
    calls.clear()
    assert run("client", "import", file, "--desk", "STO").out.endswith("(0 added, 0 replaced, 60 unchanged)\n")
    assert calls.count("TransactWriteItems") == 1
    calls.clear()
    assert len(run("client", "export", "--desk", "STO").out.splitlines()) == 61
    assert len(calls) <= 4


@pytest.mark.parametrize("call", [2, 3, 4])
def test_an_import_that_died_is_completed_by_running_it_again(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, functions: Functions, call: int
) -> None:
    """Whichever transaction it died before: each client is there whole, with its contacts, or not at all.

    The first of them all is the journal's entry.
    """
    file = many(60, tmp_path)
    real = DynamoTable._transact
    done: list[bool] = []

    def dies(table: DynamoTable, writes: Any) -> None:
        done.append(True)
        if len(done) == call:
            raise KeyboardInterrupt
        real(table, writes)

    with monkeypatch.context() as patch:
        patch.setattr(DynamoTable, "_transact", dies)
        ran = run("client", "import", file, "--desk", "STO")
        assert ran.status == 130
        assert "0 of 60 clients" in ran.err
        assert "run it again" in ran.err
    for client in functions.table.clients(STO):
        assert functions.table.owners(STO, client.contacts) == dict.fromkeys(client.contacts, client.id)
    assert run("client", "import", file, "--desk", "STO").status == 0
    assert len(list(functions.table.clients(STO))) == 60


def between(monkeypatch: pytest.MonkeyPatch, step: Callable[[], object]) -> None:
    """Let something happen once, just before the first transaction after this."""
    real = DynamoTable._transact
    happened: list[bool] = []

    def interrupted(table: DynamoTable, writes: Any) -> None:
        if not happened:
            happened.append(True)
            step()
        real(table, writes)

    monkeypatch.setattr(DynamoTable, "_transact", interrupted)


def test_two_imports_at_once_leave_each_client_whole(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, functions: Functions
) -> None:
    """The one that read before the other wrote reads again, and no contact of a client is forgotten or left over."""
    file = tmp_path / "clients.csv"
    file.write_text("id,addresses\nK-1,new@x.example\n")
    other = Client(id="K-1", desk=STO, contacts=(address("other@x.example"),))
    between(monkeypatch, lambda: functions.table.save(other))
    assert run("client", "import", file, "--desk", "STO").status == 0
    assert functions.table.client(STO, "K-1") == Client(id="K-1", desk=STO, contacts=(address("new@x.example"),))
    owners = functions.table.owners(STO, [address("new@x.example"), address("other@x.example")])
    assert owners == {address("new@x.example"): "K-1"}


def test_a_contact_that_is_given_away_during_an_import_stops_it_and_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, functions: Functions
) -> None:
    """What is written by then is said; the contact stays with whoever has it."""
    other = Client(id="K-9", desk=STO, contacts=(address("a1@x.example"),))
    between(monkeypatch, lambda: functions.table.save(other))
    ran = run("client", "import", many(3, tmp_path), "--desk", "STO")
    assert ran.status == 1
    assert "address a1@x.example belongs to client 'K-9', not to 'K-00001'" in ran.err
    assert "run it again" in ran.err
    assert functions.table.owners(STO, [address("a1@x.example")]) == {address("a1@x.example"): "K-9"}
    assert functions.table.client(STO, "K-00001") is None


def test_a_letter_during_an_import_does_not_stop_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, functions: Functions
) -> None:
    """Its request counts towards the month of the client that its address now belongs to."""
    file = tmp_path / "clients.csv"
    file.write_text("id,addresses\nK-1,olga@client.example\n")

    def write_in(name: str) -> None:
        functions.receive((raw(STORE_LETTERS[0]), name), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)

    write_in("m1")
    between(
        monkeypatch,
        lambda: functions.receive((raw(STORE_LETTERS[1]), "m2"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS),
    )
    assert run("client", "import", file, "--desk", "STO").status == 0
    (shown,) = run("client", "show", "K-1", "--json").objects
    assert shown["requests"]["count"] == 2


def test_a_client_that_changed_meanwhile_is_not_removed_with_somebody_elses_contacts(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contact it had has gone to another in between."""
    contact = address("a@x.example")
    functions.table.save(Client(id="K-1", desk=STO, contacts=(contact,)))

    def moves() -> None:
        functions.table.save(Client(id="K-1", desk=STO))
        functions.table.save(Client(id="K-2", desk=STO, contacts=(contact,)))

    between(monkeypatch, moves)
    with pytest.raises(Conflict) as conflict:
        functions.table.remove(STO, "K-1")
    assert conflict.value.condition is Condition.CLIENT
    assert functions.table.owners(STO, [contact]) == {contact: "K-2"}


# One client -----------------------------------------------------------------------------------------------


def test_storeolis_2_6_a_client_is_shown_with_the_count_of_the_month_and_its_tickets(
    run: Run, functions: Functions
) -> None:
    """By the desk's clock: what came at midnight of Moscow is of the new month, whatever UTC says."""
    run("client", "add", "K-1", "--desk", "STO", "--address", "olga@client.example")
    arrivals = ("2026-10-31 23:59", "2026-11-01 00:01", "2026-11-20 10:00")
    for name, (text, at) in enumerate(zip(STORE_LETTERS, arrivals, strict=True), 1):
        functions.receive((raw(text), f"m{name}"), at=moscow(at), desk=STOREOLIS_ADDRESS)
    (shown,) = run("client", "show", "K-1", "--json").objects
    assert shown["requests"] == {"month": "2026-11", "count": 2, "limit": 3, "clause": "2.6"}
    assert [one["ticket"] for one in shown["tickets"]] == [number_of(STO, f"m{name}") for name in (3, 2, 1)]
    told = run("client", "show", "K-1").out
    assert "2, of 3 (cl. 2.6)" in told
    assert "Sun 2026-11-01 00:01 MSK" in told


def test_a_sender_whom_the_registry_does_not_know_is_shown_by_the_address(run: Run, functions: Functions) -> None:
    """In any spelling; whoever has never written is said to be nobody."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    (shown,) = run("client", "show", "--address", "Olga@Client.example", "--json").objects
    assert (shown["desk"], shown["registered"], shown["requests"]["limit"]) == (MDO, False, None)
    assert [one["ticket"] for one in shown["tickets"]] == [number_of(MDO, "m1")]
    assert "not in the registry" in run("client", "show", "--address", "olga@client.example").out
    nobody = run("client", "show", "--address", "nobody@client.example")
    assert (nobody.status, "nobody has written from it" in nobody.err) == (1, True)
    assert run("client", "show").status == 2
    assert run("client", "show", "K-1", "--address", "a@x.example").status == 2


def test_an_address_of_a_registered_client_shows_the_client_with_what_it_wrote_before(
    run: Run, functions: Functions
) -> None:
    """Its tickets from before the registration are its own."""
    functions.receive((raw(STORE_LETTERS[0]), "m1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    run("client", "add", "K-1", "--desk", "STO", "--address", "olga@client.example")
    (shown,) = run("client", "show", "--address", "olga@client.example", "--json").objects
    assert (shown["id"], shown["requests"]["count"]) == ("K-1", 1)
    assert [one["ticket"] for one in shown["tickets"]] == [number_of(STO, "m1")]
