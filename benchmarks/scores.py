"""What frozen embeddings under a ridge regression reach on a table of scores: the rival of `python -m core train --task score`.

    python benchmarks/scores.py --train train.csv --test test.csv --text text --label score

Each model is fitted on the practice table, its strength of regularization chosen by leave-one-out, and asked the test table.
"""

import argparse
import csv
from pathlib import Path

import numpy as np


def read(path: Path, text: str, label: str) -> tuple[list[str], np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row[text] for row in rows], np.array([float(row[label]) for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--train", "--test"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="score")
    parser.add_argument("--base-model", default="minilm-l6-en")
    args = parser.parse_args()

    from sklearn.linear_model import RidgeCV

    from core.base_models.encoder import FrozenEncoder
    from core.base_models.sources import fetch
    from core.settings import load
    from core.tasks.score import number_score

    home = load().base_models_dir
    encoder = FrozenEncoder.load(FrozenEncoder.prepare(fetch(args.base_model, home), home))
    texts, numbers = read(args.train, args.text, args.label)
    asked, truth = read(args.test, args.text, args.label)
    model = RidgeCV(alphas=np.logspace(-3, 3, 25)).fit(encoder.embed(texts), numbers)
    score = number_score(model.predict(encoder.embed(asked)), truth)
    print(f"embeddings + ridge (alpha {model.alpha_:.3g}): R² {score.r2:.3f}, off by {score.mae:.3f} on {score.n}")


if __name__ == "__main__":
    main()
