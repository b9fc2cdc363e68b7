"""`make corpus`: a user's own mail is read whole, told by kinds, and never quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.mail.cutting import MAX_LETTER_BYTES
from domain.letter import LetterKind
from measure import corpus
from tests.support.repository import LETTERS

PLAIN = b"From: zoya@desk.example\nSubject: secret words\n\nFrom the beginning nothing worked.\n"


def test_every_fixture_is_read_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus.main([str(LETTERS)]) == corpus.READ
    shown = capsys.readouterr().out
    assert "0 exceptions" in shown
    assert ".eml: no header" not in shown
    assert "README.md: no header field could be read" in shown  # a file that is no letter is named, not dropped


def test_a_maildir_and_an_mbox_are_read_letter_by_letter(tmp_path: Path) -> None:
    (tmp_path / ".Sent" / "cur").mkdir(parents=True)
    (tmp_path / ".Sent" / "cur" / "1764.M1P2.host:2,S").write_bytes(PLAIN)
    separator = b"From zoya@desk.example Mon Nov 23 10:15:00 2026\n"
    (tmp_path / "inbox").write_bytes(separator + PLAIN + b"\n" + separator + PLAIN)
    (tmp_path / "one.txt").write_bytes(b"From the road\n\nFrom: not a letter\n")
    outcomes = [corpus.read(place) for place in corpus.places(tmp_path)]
    assert [(one.name, one.kind) for one in outcomes] == [
        (".Sent/cur/1764.M1P2.host:2,S", LetterKind.REQUEST),
        ("inbox#1", LetterKind.REQUEST),
        ("inbox#2", LetterKind.REQUEST),
        ("one.txt", LetterKind.REQUEST),
    ]
    assert outcomes[1].size == len(PLAIN)


def test_an_exception_is_told_by_place_alone_and_ends_in_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(raw: bytes, _envelope: object) -> None:
        raise ValueError(raw.decode())

    monkeypatch.setattr(corpus, "read_or_raise", broken)
    (tmp_path / "a\nb.eml").write_bytes(PLAIN)
    assert corpus.main([str(tmp_path)]) == corpus.NOT_ALL_READ
    shown = capsys.readouterr().out
    assert "a?b.eml: ValueError at test_corpus.py:" in shown
    assert "secret" not in shown


def test_a_letter_past_the_limit_of_size_is_quarantined_and_no_failure(tmp_path: Path) -> None:
    with (tmp_path / "huge.eml").open("wb") as file:
        file.write(PLAIN)
        file.truncate(MAX_LETTER_BYTES + 5)
    assert corpus.main([str(tmp_path)]) == corpus.READ


def test_a_folder_that_is_not_there_and_one_without_files_are_told_apart_from_success(tmp_path: Path) -> None:
    assert corpus.main([str(tmp_path / "nowhere")]) == corpus.NOTHING_READ
    assert corpus.main([str(tmp_path)]) == corpus.NOTHING_READ


def test_many_letters_are_read_by_several_processes_in_order(tmp_path: Path) -> None:
    for number in range(corpus._WORTH_PROCESSES):
        (tmp_path / f"{number:04}.eml").write_bytes(PLAIN)
    found = list(corpus.places(tmp_path))
    names = [one.name for one in corpus.read_all(found, 2)]
    assert names == [f"{number:04}.eml" for number in range(len(found))]
