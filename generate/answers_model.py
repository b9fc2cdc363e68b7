"""Train the model that tells what a specialist writes to a client from what is for the team.

    python -m generate.answers_model           write src/domain/russian/model/internal_lines.json
    python -m generate.answers_model --check   say whether it would change, and exit with 1 if it would

The texts are generate/answers/texts.jsonl, an object a line: `for` (client or team), `by` (who wrote it), `text`. They
are invented. For each of the writers it prints how a model does that has not seen that writer's texts. Training is
logistic regression by gradient descent, in plain Python and in a fixed order: the same texts give the same table.
"""

import argparse
import hashlib
import json
import math
import sys
from base64 import b85encode
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from domain.russian.internal_lines import SOUNDS_INTERNAL
from domain.russian.linear_model import BUCKETS, features

TEXTS = Path(__file__).resolve().parent / "answers" / "texts.jsonl"
TARGET = Path(__file__).resolve().parent.parent / "src" / "domain" / "russian" / "model" / "internal_lines.json"
ROUNDS, FIRST_STEP, SLOWING, BIAS_STEP = 20, 2.0, 0.3, 0.05
STEPS = 127

Sample = tuple[list[int], int]
"""What a text has, and 1 for one for the team."""


def digest() -> str:
    """Return what tells one set of texts from another."""
    return hashlib.sha256(TEXTS.read_bytes()).hexdigest()


def train(samples: Sequence[Sample]) -> tuple[list[float], float]:
    """Return weights and bias; the two kinds of text weigh the same however many there are of each."""
    weights, bias = [0.0] * BUCKETS, 0.0
    team = sum(kind for _, kind in samples)
    balance = (len(samples) - team) / team
    for round_ in range(ROUNDS):
        # Another order in each round, and the same in each run.
        order = sorted(range(len(samples)), key=lambda at: crc32(f"{round_} {at}".encode()))
        step = FIRST_STEP / (1 + round_ * SLOWING)
        for found, kind in map(samples.__getitem__, order):
            norm = 1 / math.sqrt(len(found))
            sure = 1 / (1 + math.exp(-max(-30.0, min(30.0, bias + norm * sum(weights[at] for at in found)))))
            pull = (kind - sure) * (balance if kind else 1.0) * step
            bias += pull * BIAS_STEP
            for at in found:
                weights[at] += pull * norm
    return weights, bias


def table(weights: Sequence[float], bias: float) -> str:
    """Return what is written to the file."""
    step = max(map(abs, weights)) / STEPS
    packed = b85encode(bytes(round(weight / step) & 0xFF for weight in weights)).decode()
    fields = {"made_of": digest(), "bias": round(bias, 6), "step": round(step, 9), "weights": packed}
    return json.dumps(fields, indent=1) + "\n"


def main() -> int:
    """Train, say how well, and write or compare."""
    parser = argparse.ArgumentParser(prog="make model", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    rows = [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]
    samples = [(row["by"], (features(row["text"]), int(row["for"] == "team"))) for row in rows]
    for writer in sorted({by for by, _ in samples}):
        weights, bias = train([sample for by, sample in samples if by != writer])
        unseen = [sample for by, sample in samples if by == writer]
        held = [
            bias + sum(weights[at] for at in found) / math.sqrt(len(found)) > SOUNDS_INTERNAL for found, _ in unseen
        ]
        for kind, name in ((0, "for the client, held"), (1, "for the team, held")):
            of_kind = [is_held for is_held, (_, of) in zip(held, unseen, strict=True) if of == kind]
            print(f"{writer}: {name}: {sum(of_kind)} of {len(of_kind)}")
    made = table(*train([sample for _, sample in samples]))
    if check:
        same = TARGET.exists() and TARGET.read_text("utf-8") == made
        print("the table is up to date" if same else "the table would change")
        return 0 if same else 1
    TARGET.write_text(made, "utf-8")
    print(f"{TARGET.name}: {len(made)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
