"""`reglament attachment`: what came with the letters is found in the bucket and saved where it can do no harm."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import boto3
import pytest

from cli.attachments import safe_name
from cli.main import main
from domain.ticket.events import LetterAdded
from tests.support.builders import MDO_ADDRESS, moscow
from tests.support.client_letters import COMPLETE
from tests.support.command_line import Run
from tests.support.functions import Functions, opened
from tests.support.tnef import file as tnef_file
from tests.support.tnef import tnef

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 100


def carrying(*files: tuple[str, bytes], text: str = COMPLETE, name: str = "m1", **headers: str) -> bytes:
    """Return a letter with files, given by name and content; an `.eml` is sent along as a letter."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Ольга Лебедева <olga@client.example>"
    message["To"] = MDO_ADDRESS
    message["Subject"] = "Не приходит код"
    message["Message-ID"] = f"<{name}@client.example>"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    for called, content in files:
        kind = "ms-tnef" if called == "winmail.dat" else "pdf" if called.endswith(".pdf") else "octet-stream"
        message.add_attachment(content, maintype="application", subtype=kind, filename=called)
    return message.as_bytes()


def a_ticket_with(functions: Functions, *files: tuple[str, bytes]) -> str:
    """Let a letter with files arrive and return the number of its ticket."""
    functions.receive((carrying(*files), "m1"), at=moscow("2026-11-20 10:00"))
    (number,) = functions.numbers()
    return number


def test_files_are_listed_by_letter_with_the_numbers_that_show_prints(functions: Functions, run: Run) -> None:
    number = a_ticket_with(functions, ("акт.pdf", PDF), ("фото.png", b"x" * 2_000_000))
    second = carrying(("ещё.txt", b"1"), name="m2", text="Вот ещё файл.", In_Reply_To="<m1@client.example>")
    functions.receive((second, "m2"), at=moscow("2026-11-20 11:00"))
    listed = run("attachment", number, "--json").objects
    assert [(one["number"], one["letter"], one["name"], one["type"]) for one in listed] == [
        ("1.1", 1, "акт.pdf", "application/pdf"),
        ("1.2", 1, "фото.png", "application/octet-stream"),
        ("2.1", 2, "ещё.txt", "application/octet-stream"),
    ]
    shown = run("show", number).out
    assert all(f"[{one['number']}] {one['name']} ({one['type']}, " in shown for one in listed)
    assert [one["number"] for one in run("attachment", number, "--letter", "2", "--json").objects] == ["2.1"]
    assert "2.1" in run("attachment", number).out


def test_one_file_is_saved_by_number_or_name(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("акт.pdf", PDF), ("фото.png", b"png"))
    assert run("attachment", number, "1.1", "--save", tmp_path / "new" / "folder").status == 0
    assert (tmp_path / "new" / "folder" / "акт.pdf").read_bytes() == PDF
    assert run("attachment", number, "ФОТО.png", "-o", tmp_path / "mine.png").status == 0
    assert (tmp_path / "mine.png").read_bytes() == b"png"


def test_one_file_without_a_folder_is_saved_where_one_stands(
    functions: Functions, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = a_ticket_with(functions, ("акт.pdf", PDF))
    monkeypatch.chdir(tmp_path)
    assert run("attachment", number, "акт.pdf").status == 0
    assert (tmp_path / "акт.pdf").read_bytes() == PDF


def test_a_file_goes_to_standard_output_byte_for_byte(
    functions: Functions, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    number = a_ticket_with(functions, ("акт.pdf", PDF))
    capfdbinary.readouterr()
    assert main(["attachment", number, "1.1", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == PDF


def test_all_files_are_saved_each_under_a_name_of_its_own(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("a.pdf", b"1"), ("A.pdf", b"2"), ("a.pdf", b"3"))
    told = run("attachment", number, "--save", tmp_path, "--json").objects
    assert [Path(one["file"]).name for one in told] == ["a.pdf", "A (2).pdf", "a (3).pdf"]
    assert [(tmp_path / Path(one["file"]).name).read_bytes() for one in told] == [b"1", b"2", b"3"]


def test_files_within_a_winmail_dat_are_listed_and_saved(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("winmail.dat", tnef(tnef_file("Договор.pdf", PDF, "application/pdf"))))
    listed = run("attachment", number, "--json").objects
    assert [(one["number"], one["name"]) for one in listed] == [("1.1", "winmail.dat"), ("1.1.1", "Договор.pdf")]
    assert run("attachment", number, "1.1.1", "--save", tmp_path).status == 0
    assert (tmp_path / "Договор.pdf").read_bytes() == PDF


def test_nothing_is_written_over_unless_forced(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("a.pdf", b"new"), ("b.pdf", b"new"))
    (tmp_path / "b.pdf").write_bytes(b"old")
    refused = run("attachment", number, "--save", tmp_path)
    assert (refused.status, refused.out) == (1, "")
    assert "already there" in refused.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b.pdf": b"old"}
    assert run("attachment", number, "--save", tmp_path, "--force").status == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.pdf": b"new", "b.pdf": b"new"}


def test_a_link_in_the_folder_is_not_followed(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("a.pdf", b"new"))
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.write_bytes(b"old")
    folder.mkdir()
    (folder / "a.pdf").symlink_to(outside)
    assert run("attachment", number, "--save", folder).status == 1
    assert run("attachment", number, "--save", folder, "--force").status == 0
    assert (outside.read_bytes(), (folder / "a.pdf").read_bytes()) == (b"old", b"new")


def test_a_name_that_climbs_out_of_the_folder_stays_in_it(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = a_ticket_with(functions, ("../../../evil.sh", b"1"), ("/etc/passwd", b"2"), ("..", b"3"))
    folder = tmp_path / "in" / "here"
    assert run("attachment", number, "--save", folder).status == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in written} == {folder}
    assert sorted(path.read_bytes() for path in written) == [b"1", b"2", b"3"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("акт.pdf", "акт.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\win.ini", "_.._win.ini"),
        ("C:\\x.txt", "C__x.txt"),
        ("a\x00b\nc\u202egpj.exe", "a_b_c_gpj.exe"),
        ("-rf", "_-rf"),
        (".profile", "profile"),
        ("CON", "_CON"),
        ("lpt1.tar.gz", "_lpt1.tar.gz"),
        ("console.log", "console.log"),
        ("x. . ", "x"),
        ("и\u0306.txt", "й.txt"),
        ("...", "other"),
        ("///", "other"),
        ("", "other"),
    ],
)
def test_a_name_is_made_safe_for_any_system(name: str, safe: str) -> None:
    assert safe_name(name, "other") == safe


def test_a_long_name_is_cut_and_keeps_its_suffix() -> None:
    cut = safe_name("ж" * 5_000 + ".pdf", "other")
    assert cut.endswith("ж.pdf")
    assert len(cut.encode()) <= 200


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["9.9"], 1, "no attachment '9.9'"),
        (["nothing.pdf"], 1, "no attachment 'nothing.pdf'"),
        (["999999999999999999999999.1"], 1, "no attachment"),
        (["a.pdf"], 1, "say one of 1.1, 1.2"),
        (["--letter", "7"], 1, "has 1 letter"),
        (["--letter", "0"], 1, "has 1 letter"),
        (["--letter", "x"], 2, "not a valid integer"),
        (["-o", "x"], 2, "which"),
        (["1.1", "-o", "x", "--save", "y"], 2, "not both"),
        (["1.1", "-o", "-", "--json"], 2, "--json"),
        (["1.1", "-o", "no/such/folder/x"], 1, "No such file"),
    ],
)
def test_bad_input_is_told_plainly_and_writes_nothing(
    functions: Functions, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], status: int, says: str,
) -> None:  # fmt: skip
    number = a_ticket_with(functions, ("a.pdf", b"1"), ("a.pdf", b"2"))
    monkeypatch.chdir(tmp_path)
    told = run("attachment", number, *arguments)
    assert told.status == status
    assert says in told.err
    assert not list(tmp_path.iterdir())


def test_a_ticket_without_files_says_so(functions: Functions, run: Run, tmp_path: Path) -> None:
    number = opened(functions)
    assert run("attachment", number).out == "no attachments\n"
    assert run("attachment", number, "--json").out == ""
    assert run("attachment", number, "--save", tmp_path).status == 1
    assert run("attachment", "MDO-0000-0000").status == 1
    assert run("attachment", "nonsense").status == 2


def test_files_of_a_letter_that_was_erased_are_known_by_name_only(
    functions: Functions, run: Run, tmp_path: Path
) -> None:
    number = a_ticket_with(functions, ("акт.pdf", PDF))
    boto3.client("s3").delete_object(Bucket=functions.bucket, Key="letters/m1")
    listed = run("attachment", number, "--json")
    assert [(one["name"], one["kept"]) for one in listed.objects] == [("акт.pdf", False)]
    assert "no longer in the bucket" in listed.err
    told = run("attachment", number, "1.1", "--save", tmp_path)
    assert (told.status, list(tmp_path.iterdir())) == (1, [])


def test_a_ticket_recorded_before_places_were_is_shown_and_its_files_are_opened(functions: Functions, run: Run) -> None:
    """The raw letter says what the record does not."""
    number = a_ticket_with(functions, ("a.pdf", b"1"), ("b.pdf", b"2"))
    client = boto3.client("dynamodb")
    rows = client.query(
        TableName="desk",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
        ExpressionAttributeValues={":pk": {"S": f"TICKET#{number}"}, ":event": {"S": "EVENT#"}},
    )["Items"]
    for row in rows:
        body = json.loads(row["body"]["S"])
        for attachment in body.get("attachments", ()):
            del attachment["number"]
        client.put_item(TableName="desk", Item={**row, "body": {"S": json.dumps(body)}})
    added = [event for _, event in functions.services.store.history(number) if isinstance(event, LetterAdded)]
    assert [attachment.number for attachment in added[0].attachments] == ["", ""]
    assert "[1.2] b.pdf" in run("show", number).out
    assert [one["number"] for one in run("attachment", number, "--json").objects] == ["1.1", "1.2"]
