"""Changes the code where deadlines, decisions and quotas are made, and counts the changes that a test notices.

    python -m measure.mutants                        all of it: half an hour or more
    python -m measure.mutants 'domain.ticket.timers*'       a part of it
    python -m measure.mutants --list                 what survived the last run, with each change

mutmut makes the mutants and runs the tests that pass through each (its configuration: `[tool.mutmut]` in
pyproject.toml). Exit status 1 where fewer than the share below are noticed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

LEAST_NOTICED = 0.85
NOTICED = frozenset({"killed", "timeout", "segfault", "suspicious"})
MUTMUT = Path(sys.executable).with_name("mutmut")
_RESULT = re.compile(r"^\s*(\S+): (.+)$")
_MODULE = re.compile(r"\.(?:x_|xǁ).*$")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mutmut and print its results by module; 1 where too many mutants live."""
    parser = argparse.ArgumentParser(prog="make mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants to run, `*` for any text (default: all)")
    parser.add_argument("--list", action="store_true", help="show what survived the last run, and run nothing")
    chosen = parser.parse_args(arguments)
    if not chosen.list:
        ran = subprocess.run([MUTMUT, "run", *chosen.names], check=False)
        if ran.returncode:
            return ran.returncode
    results = dict(read_results(_mutmut("results", "--all", "true")))
    if chosen.list:
        for name in sorted(name for name, status in results.items() if status in ("survived", "no tests")):
            print(_mutmut("show", name))
        return 0
    lines, share = summary(results)
    print("\n".join(lines))
    return 0 if share >= LEAST_NOTICED else 1


def read_results(printed: str) -> Iterable[tuple[str, str]]:
    """Return each mutant's name and what became of it, as `mutmut results` prints them."""
    for line in printed.splitlines():
        found = _RESULT.match(line)
        if found:
            yield found[1], found[2]


def summary(results: dict[str, str]) -> tuple[list[str], float]:
    """Return a table by module and the share of mutants noticed among those that were run."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, status in results.items():
        if status != "not checked":
            counts[_MODULE.sub("", name)]["noticed" if status in NOTICED else "alive"] += 1
    rows = [(module, count["noticed"], count.total()) for module, count in sorted(counts.items())]
    noticed, total = sum(row[1] for row in rows), sum(row[2] for row in rows)
    lines = [f"{module:<32} {good:>5} of {all_:>5}  {good / all_:>6.1%}" for module, good, all_ in rows]
    share = noticed / total if total else 0.0
    lines.append(f"{'all':<32} {noticed:>5} of {total:>5}  {share:>6.1%}  >= {LEAST_NOTICED:.0%}")
    return lines, share


def _mutmut(*arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], check=True, capture_output=True, encoding="utf-8").stdout


if __name__ == "__main__":
    sys.exit(main())
