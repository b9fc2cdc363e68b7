"""Where the project's own files are: a test that moves to another folder still finds them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "tests" / "fixtures" / "letters"
BESIDE = ROOT.parent / "shared"
"""Collections that may lie beside the project; tests of them are skipped where they do not."""
