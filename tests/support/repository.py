"""Where files are: a test that moves to another folder still finds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "tests" / "fixtures" / "letters"


def collection(name: str) -> Path:
    """Return a folder of those that are no part of the project, below the one that REGLAMENT_COLLECTIONS names.

    CONTRIBUTING.md says what each holds. Where the variable is not set, the folder does not exist.
    """
    return Path(os.environ.get("REGLAMENT_COLLECTIONS", os.devnull), name)


def needs(folder: Path) -> pytest.MarkDecorator:
    """Return the mark of a test that is skipped where a collection is missing."""
    return pytest.mark.skipif(
        not folder.is_dir(), reason=f"REGLAMENT_COLLECTIONS names no folder that holds {folder.name}/ (CONTRIBUTING.md)"
    )
