"""Runs the benchmark, prints its table and keeps it as JSON.

    python -m measure.bench                        everything, in some minutes
    python -m measure.bench --only working-time    a part of it; may be given again

Exit status 1 where a requirement is short of its bar, 2 where a part could not be run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure.bench.rows import Row, progress

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "var" / "bench.json"
COMPARED = ROOT / ".venv-bench" / "bin" / "python"
"""The environment of what is compared with; the desk itself needs the standard library alone there."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the benchmark: a module that hands over rows, and the interpreter that runs it."""

    title: str
    module: str
    interpreter: Path


PARTS = {
    "working-time": Part("Working time against timegrid and businesstimedelta", "measure.bench.working_time", COMPARED),
    "loading": Part("Loading the production calendar", "measure.bench.loading", COMPARED),
    "edition": Part("Loading a regulation", "measure.bench.edition", Path(sys.executable)),
    "reading": Part(
        "Reading a letter against the standard library's walk", "measure.bench.reading", Path(sys.executable)
    ),
    "intake": Part("All rules over a letter against its bare reading", "measure.bench.intake", Path(sys.executable)),
    "million": Part("The sweep in memory", "measure.bench.million", Path(sys.executable)),
    "sweep": Part("The sweep in the embedded AWS", "measure.bench.sweep", Path(sys.executable)),
}
SETTINGS = {
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_METRICS_NAMESPACE": "Reglament",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
}


class NotRun(RuntimeError):
    """A part of the benchmark could not be run; the message says which and why."""


def run(part: Part) -> list[Row]:
    """Run a part in a process of its own and return its rows; raises NotRun."""
    if not part.interpreter.exists():
        raise NotRun(f"{part.interpreter} is not there: `make bench` builds it")
    progress(part.title)
    done = subprocess.run(
        [str(part.interpreter), "-m", part.module],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("AWS_")}, **SETTINGS},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise NotRun(f"{part.module} ended with status {done.returncode}; what it said is above")
    return [Row(**row) for row in json.loads(done.stdout)]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as people read them, requirements marked."""
    cells = [("measure", "value", "", "bar", "", "note")]
    cells += [(row.what, _shown(row.value), row.unit, row.bar, row.verdict, row.note) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for number, line in enumerate(cells):
        text = "  ".join(
            cell.rjust(width) if place == 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        lines.append(text.rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _shown(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios of speed, requests and memory, in one run.")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the report is kept (var/bench.json)")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    rows: list[Row] = []
    try:
        for name, part in PARTS.items():
            if asked.only is None or name in asked.only:
                rows += run(part)
    except NotRun as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 2
    short = [row for row in rows if row.verdict == "short"]
    report = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "seconds": round(time.monotonic() - began, 1),
        "rows": [row.as_json() for row in rows],
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    required = [row for row in rows if row.verdict]
    print(
        f"\n{len(required) - len(short)} of {len(required)} requirements met, {report['seconds']} s,"
        f" Python {report['python']}, {report['system']}; kept in {_named(asked.json)}"
    )
    return 1 if short else 0


def _named(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


if __name__ == "__main__":
    sys.exit(main())
