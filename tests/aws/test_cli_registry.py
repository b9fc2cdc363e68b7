"""The verbs of the registry, against the table in moto."""

from __future__ import annotations

from pathlib import Path

from tests.support.command_line import Run

# The registry ---------------------------------------------------------------------------------------------

CLIENTS = (
    "id,kind,name,addresses,phones\n"
    "K-1,company,Лампа,shop@lampa.example;owner@lampa.example,8 912 000-00-01\n"
    "K-2,client,Чайник,shop@kettle.example,8 912 000-00-02\n"
)


def write(folder: Path, text: str) -> Path:
    """Write a file of clients."""
    file = folder / "clients.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_of_clients_is_imported_and_importing_it_again_changes_nothing(run: Run, tmp_path: Path) -> None:
    """Counted in the summary."""
    file = write(tmp_path, CLIENTS)
    (first,) = run("client", "import", file, "--desk", "STO", "--json").objects
    assert (first["added"], first["replaced"], first["unchanged"]) == (2, 0, 0)
    (again,) = run("client", "import", file, "--desk", "STO", "--json").objects
    assert (again["added"], again["replaced"], again["unchanged"]) == (0, 0, 2)
    file = write(tmp_path, CLIENTS.replace("Чайник", "Самовар"))
    (changed,) = run("client", "import", file, "--desk", "STO", "--json").objects
    assert (changed["added"], changed["replaced"], changed["unchanged"]) == (0, 1, 1)


def test_of_a_file_with_broken_rows_every_error_is_told_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    """Not half of it either."""
    file = write(tmp_path, f"{CLIENTS}K-3,friend,,nobody,\nK-4,client,,shop@lampa.example,12\n")
    ran = run("client", "import", file, "--desk", "STO")
    assert ran.status == 1
    for told in (":4: kind:", ":4: addresses:", ":5: phones:", "3 errors; nothing was written"):
        assert told in ran.err
    assert run("client", "list").out == "the registry is empty\n"


def test_a_contact_that_the_registry_gives_to_another_client_is_an_error(run: Run, tmp_path: Path) -> None:
    """It says whose it is."""
    run("client", "add", "K-9", "--desk", "STO", "--address", "shop@kettle.example")
    ran = run("client", "import", write(tmp_path, CLIENTS), "--desk", "STO")
    assert ran.status == 1
    assert (
        ":3: addresses: found 'shop@kettle.example', expected a contact of one client: the registry gives it to 'K-9'"
        in ran.err
    )
    assert [client["id"] for client in run("client", "list", "--json").objects] == ["K-9"]


def test_rows_that_name_no_desk_need_one(run: Run, tmp_path: Path) -> None:
    """By the column or by the option."""
    ran = run("client", "import", write(tmp_path, CLIENTS))
    assert ran.status == 1
    assert "a desk, in this column or by --desk" in ran.err


def test_a_client_is_added_shown_replaced_and_removed(run: Run) -> None:
    """The same checks as of a file."""
    assert run("client", "add", "K-1", "--desk", "STO", "--phone", "12").status == 2
    arguments = ("--desk", "STO", "--address", "a@x.example", "--address", "b@x.example", "--name", "Лампа")
    assert run("client", "add", "K-1", *arguments).out == "K-1 of storeolis: added\n"
    (client,) = run("client", "show", "K-1", "--json").objects
    assert client["addresses"] == ["a@x.example", "b@x.example"]
    assert run("client", "add", "K-1", "--desk", "STO", "--address", "b@x.example").out.endswith("replaced\n")
    assert run("client", "add", "K-2", "--desk", "STO", "--address", "a@x.example").status == 0
    taken = run("client", "add", "K-3", "--desk", "STO", "--address", "a@x.example")
    assert taken.status == 1
    assert "belongs to client 'K-2'" in taken.err
    assert run("client", "remove", "K-1", "--desk", "STO").status == 0
    assert run("client", "show", "K-1").status == 1
    assert run("client", "remove", "K-1", "--desk", "STO").status == 1
