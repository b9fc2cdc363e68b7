"""Writes `events/*.json` and `events/README.md`: what AWS sends the functions, made from the letters beside them.

`make events` after changing a letter or `event_cases.py`; `make events ARGS=--check` says whether the files are up to date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from generate.aws_events import EVENTS
from generate.event_cases import CASES

INTRODUCTION = """\
# Events

What AWS sends each function, one file a case, and beside a letter's event the letter itself as SES stores it in
the bucket. People, companies and numbers are invented. `sam local invoke -e events/clock.json ClockFunction` takes
them as they are; the tests feed them to the handlers.

The JSON and this page are made by `make events` from the letters and the table in `generate/event_cases.py`.

| event | letter | what is odd about it |
| --- | --- | --- |
"""


def readme() -> str:
    """The page that lists the cases."""
    rows = []
    for case in CASES:
        emls = "<br>".join(f"[{eml}.eml]({eml}.eml)" for eml in case.emls)
        rows.append(f"| [{case.name}.json]({case.name}.json) | {emls} | {case.odd} |\n")
    return INTRODUCTION + "".join(rows)


def files() -> dict[Path, str]:
    """Every generated file with what it should hold."""
    made = {
        EVENTS / f"{case.name}.json": json.dumps(case.build(), ensure_ascii=False, indent=2) + "\n" for case in CASES
    }
    return {**made, EVENTS / "README.md": readme()}


def stale() -> list[Path]:
    """The files that are missing, differ from what would be written, or have no case."""
    wanted = files()
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    orphans = [path for path in EVENTS.glob("*.json") if path not in wanted]
    named = {eml for case in CASES for eml in case.emls}
    return [*differing, *orphans, *(path for path in EVENTS.glob("*.eml") if path.stem not in named)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make events", description="Write events/*.json and its README.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is out of date")
    if parser.parse_args(arguments).check:
        found = stale()
        for path in found:
            print(f"{path.relative_to(EVENTS.parent)} is out of date: run make events", file=sys.stderr)
        return 1 if found else 0
    for path, text in files().items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
