"""Files of people and rotas as arguments: read whole, or refused with every error at its line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from adapters.people_files import Written, WrittenRota, read_people, read_rota, time_zone_of
from adapters.problems import Problem
from cli.target import Failed, Misuse

T = TypeVar("T")


def people_in(file: str, desk: str) -> Written:
    """Return the people in a file, and their rota where it has one; raises Misuse or Failed."""
    return _valid(file, read_people(_there(file), time_zone_of(desk)))


def rota_in(file: str, desk: str) -> WrittenRota:
    """Return the rota in a file; raises Misuse or Failed."""
    return _valid(file, read_rota(_there(file), time_zone_of(desk)))


def _there(file: str) -> Path:
    path = Path(file)
    if not path.is_file():
        raise Misuse(f"{file}: no such file")
    return path


def _valid(file: str, read: T | list[Problem]) -> T:
    if isinstance(read, list):
        lines = "\n".join(map(str, read))
        raise Failed(f"{file} is not valid; nothing was written:\n{lines}")
    return read
