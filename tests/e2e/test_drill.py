"""`make drill-loss`: functions stop, fail and lose messages, and each letter ends in one ticket all the same."""

from __future__ import annotations

import os
import subprocess
import sys

from local.drill import ROUNDS
from tests.support.repository import ROOT


def test_the_drill_loses_no_letter_and_doubles_none() -> None:
    """It counts every letter and ends with 0."""
    ran = subprocess.run(
        [sys.executable, "-m", "local.drill", "--letters", "2"],
        cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=1_800, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "WRONG" not in ran.stdout
    assert f"letters, {len(ROUNDS)} rounds: 0 letters lost, 0 doubled, 0 promises broken" in ran.stdout
