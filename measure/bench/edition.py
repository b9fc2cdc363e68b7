"""What it costs to have a desk's regulation: its editions read and checked, in fresh interpreters."""

from __future__ import annotations

from measure.bench.loading import STANDARD, measure
from measure.bench.rows import Row, hand_over

PART = "edition"
FIRST = STANDARD + "import dataclasses, pydantic, tomllib"
READS = "from domain.regulation.editions import editions\neditions('{}')"
LOADS = {
    "pydantic, which every function has": (
        STANDARD + "import dataclasses, tomllib",
        "import pydantic\npydantic.BaseModel",
    ),
    "the edition of MDO": (FIRST, READS.format("moi-dokumenty-online")),
    "the edition of Storeolis": (FIRST, READS.format("storeolis")),
}


def main() -> None:
    """Measure and hand over."""
    seconds, memory = measure(LOADS)
    hand_over([Row(PART, name, taken * 1e3, "ms", note=f"{memory[name]:.1f} MB") for name, taken in seconds.items()])


if __name__ == "__main__":
    main()
