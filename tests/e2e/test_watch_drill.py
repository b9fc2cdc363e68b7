"""`make drill`: a marked fault goes the real way, is paged, and is acknowledged by answering the page's mail."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.support.repository import ROOT


def test_an_exercise_is_paged_and_answered_and_says_in_how_many_seconds() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "local.watch_drill"],
        cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=600, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    points = re.findall(r"^ +([0-9.]+) s  (\w+)", ran.stdout, re.MULTILINE)
    assert [point for _, point in points if point != "escalated"] == ["opened", "paged", "acknowledged"]
    assert "WRONG" not in ran.stdout
