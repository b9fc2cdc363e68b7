"""Train the model that tells what a letter is about.

    python -m generate.letters_model           write src/domain/russian/model/letters.table
    python -m generate.letters_model --check   say whether it would change, and exit with 1 if it would
    python -m generate.letters_model --report  only say how it does on writers it has not seen

The letters are generate/letters/*.txt, a file a writer (see `generate.labelled_letters`). They are invented. Training is a linear
support vector machine, one label against all others, by scikit-learn, which only this needs (`make train` has it in an
environment of its own); the same letters and the pinned versions give the same table, bit for bit. What it says of
writers it has not seen turns its margins into likelihoods (Platt's scaling).

For each label it prints how a model does that has not seen that writer's letters, all writers together: its thresholds
come from there too.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np  # type: ignore[import-not-found,unused-ignore] # .venv-train has it
from scipy.sparse import csr_matrix  # type: ignore[import-untyped,import-not-found,unused-ignore] # .venv-train has it
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped,import-not-found,unused-ignore] # too
from sklearn.svm import LinearSVC  # type: ignore[import-untyped,import-not-found,unused-ignore] # too

from domain.russian.letter_model import BUCKETS, LABELS, features, words_of
from generate.labelled_letters import FOLDER, LabelledText, digest, letters_of

TARGET = Path(__file__).resolve().parent.parent / "src" / "domain" / "russian" / "model" / "letters.table"
STEPS = 127
STRENGTH = 1.5
"""Inverse of the penalty: larger fits the letters closer."""
IN_TABLES = "tables-"
"""How the names of files begin that hold single sentences for the tests of rules: they teach, and judge nothing."""
CERTAIN = 0.95
"""The precision, on unseen writers, above which the model is certain."""
SUGGESTED = {
    "critical": 0.9,
    "password": 0.94,
    "scope": 0.92,
    "third": 0.9,
    "unclear": 0.9,
    "thanks": 0.95,
    "withdrawal": 0.95,
}
"""The precision above which a finding is worth a specialist's look, by label."""


def matrix(letters: Sequence[LabelledText]) -> csr_matrix:
    """Return the letters as rows of what each has, of length one."""
    places = [features(*words_of(one.subject, one.body)) for one in letters]
    ends = np.cumsum([0, *map(len, places)])
    values = np.concatenate([np.full(len(found), 1 / np.sqrt(len(found))) for found in places])
    return csr_matrix((values, np.concatenate(places), ends), shape=(len(letters), BUCKETS))


def train(rows: csr_matrix, is_label: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights and the bias of the margin for one label."""
    model = LinearSVC(C=STRENGTH, random_state=0, max_iter=10_000)
    model.fit(rows, is_label)
    return model.coef_[0], float(model.intercept_[0])


def unseen(rows: csr_matrix, is_label: np.ndarray, writers: np.ndarray) -> np.ndarray:
    """Return each letter's margin for the label by a model that has not seen its writer; NaN for examples in tables."""
    margins = np.full(len(writers), np.nan)
    for writer in np.unique(writers):
        if writer.startswith(IN_TABLES):
            continue
        weights, bias = train(rows[writers != writer], is_label[writers != writer])
        margins[writers == writer] = rows[writers == writer] @ weights + bias
    return margins


def scaled(margins: np.ndarray, is_label: np.ndarray) -> tuple[float, float]:
    """Return by what a margin is multiplied, and what is added, to have the log odds of the label."""
    model = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000).fit(margins.reshape(-1, 1), is_label)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def threshold(scores: np.ndarray, is_label: np.ndarray, precision: float) -> float:
    """Return the lowest score above which at least that share of the letters is of the label, to two digits."""
    for least in np.arange(0.05, 1.0, 0.01):
        found = scores >= least
        if found.any() and is_label[found].mean() >= precision:
            return round(float(least), 2)
    return 1.0


def main() -> int:
    """Train, say how well, and write or compare."""
    parser = argparse.ArgumentParser(prog="make train", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--report", action="store_true", help="only say how it does on unseen writers")
    asked = parser.parse_args()
    files = sorted(FOLDER.glob("*.txt"))
    letters = [one for file in files for one in letters_of(file)]
    writers = np.array([file.stem for file in files for _ in letters_of(file)])
    rows = matrix(letters)
    table = bytearray()
    steps, biases, certain, suggested = [], [], [], []
    print(f"{len(letters)} letters by {len(files)} writers")
    for label in LABELS:
        is_label = np.array([one.label == label for one in letters])
        margins = unseen(rows, is_label, writers)
        judged = ~np.isnan(margins)
        margins, wanted = margins[judged], is_label[judged]
        scale, shift = scaled(margins, wanted)
        scores = 1 / (1 + np.exp(-(margins * scale + shift)))
        limits = [threshold(scores, wanted, precision) for precision in (CERTAIN, SUGGESTED[label])]
        shown = []
        for limit in limits:
            found = scores >= limit
            right = (found & wanted).sum()
            shown.append(f"above {limit:.2f} {right / max(found.sum(), 1):.3f}/{right / max(wanted.sum(), 1):.3f}")
        print(f"{label:<12}{wanted.sum():>5} letters; precision/recall on unseen writers: {'; '.join(shown)}")
        weights, bias = train(rows, is_label)
        weights, bias = weights * scale, bias * scale + shift
        step = float(np.abs(weights).max()) / STEPS
        table += np.round(weights / step).astype(np.int8).tobytes()
        steps.append(round(step, 9))
        biases.append(round(bias, 6))
        certain.append(limits[0])
        suggested.append(limits[1])
    if asked.report:
        return 0
    fields = {"made_of": digest(), "certain": certain, "suggested": suggested, "biases": biases, "steps": steps}
    made = json.dumps(fields).encode() + b"\n" + bytes(table)
    if asked.check:
        same = TARGET.exists() and TARGET.read_bytes() == made
        print("the table is up to date" if same else "the table would change")
        return 0 if same else 1
    TARGET.write_bytes(made)
    print(f"{TARGET.name}: {len(made)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
