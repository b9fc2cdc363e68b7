"""A registry as CSV: what is read, and how each error is told."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest

from adapters.problems import Problem
from adapters.registry_file import Row, read_clients, write_clients
from domain.client import Client, Contact, ContactKind

HEADER = "id,kind,name,addresses,phones,inn,contract,sites,offer_accepted_on\n"


def read(text: str | bytes, desk: str | None = "storeolis") -> list[Row | Problem]:
    """Read a whole file."""
    raw = text if isinstance(text, bytes) else text.encode()
    return list(read_clients(raw.splitlines(keepends=True), "clients.csv", desk))


def clients(text: str | bytes) -> list[Client]:
    """Read a file that holds."""
    rows = read(text)
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.client for row in rows if isinstance(row, Row)]


def test_a_row_becomes_a_client_with_its_contacts_normalised() -> None:
    """In the form in which letters are looked up."""
    row = "K-1,company,Лампа,Shop@Лампа.рф;b@x.example,8 (912) 000-00-00,9812345679,ст-2041,https://WWW.lampa.storeolis.ru/,01.02.2024"
    (client,) = clients(f"{HEADER}{row}\n")
    assert client.contacts == (
        Contact(kind=ContactKind.ADDRESS, value="shop@xn--80aa5afp.xn--p1ai"),
        Contact(kind=ContactKind.ADDRESS, value="b@x.example"),
        Contact(kind=ContactKind.PHONE, value="+79120000000"),
        Contact(kind=ContactKind.INN, value="9812345679"),
        Contact(kind=ContactKind.CONTRACT, value="СТ-2041"),
        Contact(kind=ContactKind.SITE, value="lampa.storeolis.ru"),
    )
    assert str(client.offer_accepted_on) == "2024-02-01"


@pytest.mark.parametrize(
    "text",
    [
        "id,addresses\nK-1,a@x.example;b@x.example\n",
        "\ufeffid,addresses\r\nK-1,a@x.example;b@x.example\r\n",
        'id;addresses\nK-1;"a@x.example;b@x.example"\n',
        "addresses , ID\na@x.example; b@x.example , K-1\n\n",
    ],
    ids=["plain", "as Excel saves UTF-8", "semicolons", "spaces, another order, an empty line"],
)
def test_the_usual_forms_of_csv_are_one_and_the_same(text: str) -> None:
    """Whatever program wrote it."""
    (client,) = clients(text)
    assert client.id == "K-1"
    assert [contact.value for contact in client.contacts] == ["a@x.example", "b@x.example"]


def test_a_client_without_a_kind_is_of_the_first_kind_that_the_edition_names() -> None:
    """Storeolis serves clients under contract."""
    (client,) = clients("id\nK-1\n")
    assert client.kind == "client"


@pytest.mark.parametrize(
    ("cells", "column", "found", "expected"),
    [
        (",company,,,,,,,", "id", "nothing", "number in your own books"),
        ("K#1,,,,,,,,", "id", "'K#1'", "letters, digits"),
        ("K-1,friend,,,,,,,", "kind", "'friend'", "company"),
        ("K-1,,,nobody,,,,,", "addresses", "'nobody'", "a mail address"),
        ("K-1,,,,12,,,,", "phones", "'12'", "a phone number"),
        ("K-1,,,,,9812345680,,,", "inn", "'9812345680'", "check digits"),
        ("K-1,,,,,12,,,", "inn", "'12'", "10 or 12 digits"),
        ("K-1,,,,,,,not a site,", "sites", "'not a site'", "a site such as"),
        ("K-1,,,,,,,,yesterday", "offer_accepted_on", "'yesterday'", "a date such as"),
        ("K-1,,", "", "3 cells", "9, as the header has"),
        ('K-1,"Лампа,,,,,,,', "", "unexpected end of data", "quotes closed"),
    ],
)
def test_an_error_names_line_column_what_was_found_and_expected(
    cells: str, column: str, found: str, expected: str
) -> None:
    """The second line of the file is the first client."""
    problems = [one for one in read(f"{HEADER}{cells}\n") if isinstance(one, Problem)]
    assert [(one.line, one.key, one.found) for one in problems] == [(2, column, found)]
    assert expected in problems[0].expected


def test_all_errors_of_all_rows_are_told() -> None:
    """Two in one row, one in the next; the row that holds is read."""
    found = read(f"{HEADER}K-1,friend,,nobody,,,,,\nK-2,,,,,,,,\nK-3,,,,12,,,,\n")
    assert [(one.line, one.key) for one in found if isinstance(one, Problem)] == [
        (2, "kind"),
        (2, "addresses"),
        (4, "phones"),
    ]
    assert [one.client.id for one in found if isinstance(one, Row)] == ["K-2"]


def test_an_id_and_a_contact_belong_to_one_row() -> None:
    """The second is told of the first."""
    found = read(f"{HEADER}K-1,,,a@x.example,,,,,\nK-1,,,,,,,,\nK-2,,,A@X.example,,,,,\n")
    problems = [one for one in found if isinstance(one, Problem)]
    assert [(one.line, one.key) for one in problems] == [(3, "id"), (4, "addresses")]
    assert "line 2 gives it to 'K-1'" in problems[1].expected


@pytest.mark.parametrize(
    ("text", "column"),
    [("", ""), ("name\nx\n", "id"), ("id,adress\n1,2\n", "adress"), ("id,id\n1,2\n", "id")],
    ids=["empty", "no id", "misspelt", "twice"],
)
def test_a_header_that_does_not_hold_is_told_and_no_row_is_read(text: str, column: str) -> None:
    """A misspelt column would lose its data silently."""
    found = read(text)
    assert found
    assert all(isinstance(one, Problem) and one.line == 1 for one in found)
    assert column in {one.key for one in found if isinstance(one, Problem)}


def test_bytes_in_another_encoding_are_told_with_their_line() -> None:
    """Excel's plain CSV is not UTF-8."""
    found = read(b"id,name\nK-1,x\n" + "K-2,Лампа\n".encode("cp1251"))
    assert [one.line for one in found if isinstance(one, Problem)] == [3]


def test_a_column_may_say_whose_client_each_is() -> None:
    """And must not contradict the desk that was named."""
    found = read("desk,id,kind\nMDO,U-1,user\nsto,K-1,company\nXYZ,K-2,\n", desk=None)
    assert [one.client.desk for one in found if isinstance(one, Row)] == ["moi-dokumenty-online", "storeolis"]
    assert [one.line for one in found if isinstance(one, Problem)] == [4]
    (contradicts,) = read("desk,id\nMDO,U-1\n", desk="storeolis")
    assert isinstance(contradicts, Problem)


def written(*clients: Client, delimiter: str = ",") -> str:
    """Return clients as a file."""
    to = io.StringIO(newline="")
    assert [*write_clients(clients, to, delimiter=delimiter)] == list(clients)
    return to.getvalue()


WHOLE = Client(
    id="K-1",
    desk="storeolis",
    kind="company",
    name="Лампа, Лтд",
    contacts=(
        Contact(kind=ContactKind.ADDRESS, value="shop@xn--80aa5afp.xn--p1ai"),
        Contact(kind=ContactKind.ADDRESS, value="b@x.example"),
        Contact(kind=ContactKind.PHONE, value="+79120000000"),
        Contact(kind=ContactKind.PHONE, value="+79120000001"),
        Contact(kind=ContactKind.INN, value="9812345679"),
        Contact(kind=ContactKind.CONTRACT, value="СТ-2041"),
        Contact(kind=ContactKind.SITE, value="lampa.storeolis.ru"),
    ),
    full_name="Лебедева Ольга Петровна",
    organisation='ООО "Лампа"; торговый дом',
    position="директор",
    contract="СТ-2041",
    services=("магазин", "хостинг"),
    offer_accepted_on=date(2024, 2, 1),
)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_is_written_is_read_back_the_same(delimiter: str) -> None:
    """Quotes, separators within values and empty cells included."""
    assert clients(written(WHOLE, Client(id="K-2", desk="storeolis"), delimiter=delimiter)) == [
        WHOLE,
        Client(id="K-2", desk="storeolis"),
    ]


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(A1)", "+1", "-5", "@SUM(A1)", "'=1", "''=1", "'кавычка", "Лампа", "a=b", "'"]
)
def test_a_cell_that_a_spreadsheet_would_compute_is_text_there_and_itself_here(name: str) -> None:
    """An apostrophe goes before it on the way out, and is taken off on the way in."""
    client = Client(id="K-1", desk="storeolis", name=name, services=(name, "хостинг"))
    text = written(client)
    assert not re.search(r"[,\n\"][=+\-@]", text)
    assert clients(text) == [client]


def test_telephone_numbers_are_written_as_they_are() -> None:
    """They compute nothing, and a person wants to copy them."""
    assert ",+79120000000;+79120000001," in written(WHOLE)


def test_reading_many_rows_takes_no_more_memory_than_reading_few() -> None:
    """What they claim lies on disk; a second claim is still found at the other end of the file."""

    def file(rows: int) -> Iterator[bytes]:
        yield b"id,addresses\n"
        for number in range(rows):
            yield f"K-{number},a{number}@{'x' * 150}.example\n".encode()
        yield f"K-last,a0@{'x' * 150}.example\n".encode()

    def peak(rows: int) -> int:
        tracemalloc.start()
        problems = [one for one in read_clients(file(rows), "clients.csv", "storeolis") if isinstance(one, Problem)]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert [one.line for one in problems] == [rows + 2]
        return most

    peak(10)
    assert peak(2_000) < peak(200) + 100_000
