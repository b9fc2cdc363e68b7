"""What a test may say of speed: processor time, which a busy machine does not lengthen, and with a wide margin."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

HOSTILE_SECONDS = 20.0
"""Ten times what the slowest hostile letter takes; work that grows with the square of a megabyte takes hours."""


def cpu_seconds(act: Callable[[], object]) -> float:
    """Return the processor time that this process spends on an act."""
    before = process_time()
    act()
    return process_time() - before
