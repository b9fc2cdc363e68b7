"""Python's own start-up hook, on the path only where `scripts.dates` shifts the system clock.

libfaketime up to 0.9.10 answers "Invalid argument" to a sleep until an instant of the monotonic clock that it is
told to leave alone, which is how Python 3.11 and newer sleep (wolfcw/libfaketime#426). `select` sleeps for a span.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], float(seconds))


time.sleep = _sleep
