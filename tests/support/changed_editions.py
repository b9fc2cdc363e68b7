"""The desks that ship, with one thing changed in MDO's edition."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain.regulation import editions
from tests.support.builders import MDO

BEGAN = "effective_from = 2013-01-01\n"


def forget() -> None:
    """Let the editions be read again."""
    editions.editions.cache_clear()
    editions._desks_by_address.cache_clear()


@contextmanager
def mdo_changed(folder: Path, monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> Iterator[Path]:
    """Let MDO's edition have the second text of each change for the first; return its file."""
    shutil.copytree(editions.DESKS, folder / "desks")
    file = folder / "desks" / MDO / "2013-01-01.toml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"the edition no longer has {old!r}"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    monkeypatch.setattr(editions, "DESKS", folder / "desks")
    forget()
    try:
        yield file
    finally:
        forget()


@contextmanager
def mdo_ended(folder: Path, monkeypatch: pytest.MonkeyPatch, until: str) -> Iterator[Path]:
    """Let MDO's edition end with a day, and none follow."""
    with mdo_changed(folder, monkeypatch, (BEGAN, f"{BEGAN}effective_until = {until}\n")) as file:
        yield file
