"""What frozen vectors say of pairs of texts without learning: the rival of `python -m core train --task pair_score` and `text_pair`.

    python benchmarks/pairs.py --train train.csv --test test.csv --texts text_a text_b --label score --base-model minilm-l6-en

Scores: how well the cosine of both vectors orders the pairs of the test table (Spearman). Two categories: how many are right with
the one threshold of the cosine that is best on the practice table.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

PROJECT_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_DIR))


def read(path: Path, texts: list[str], label: str) -> tuple[list[str], list[str], list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row[texts[0]] for row in rows], [row[texts[1]] for row in rows], [row[label] for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--train", "--test"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--texts", nargs=2, default=["text_a", "text_b"])
    parser.add_argument("--label", default="score")
    parser.add_argument("--base-model", default="minilm-l6-en")
    args = parser.parse_args()

    from scipy.stats import spearmanr

    from core.base_models.encoder import FrozenEncoder
    from core.base_models.sources import fetch
    from core.domain.number import number_of
    from core.settings import load

    home = load().base_models_dir
    encoder = FrozenEncoder.load(FrozenEncoder.prepare(fetch(args.base_model, home), home))

    def cosines(path: Path) -> tuple[np.ndarray, list[str]]:
        first, second, labels = read(path, args.texts, args.label)
        vectors = encoder.embed([*first, *second])
        return (vectors[: len(first)] * vectors[len(first) :]).sum(axis=1), labels

    asked, truth = cosines(args.test)
    names = sorted(set(truth))
    if len(names) > 2:
        spearman = spearmanr(asked, [number_of(label) for label in truth]).statistic
        print(f"cosine: Spearman {spearman:.3f} on {len(truth)}")
        return
    known, labels = cosines(args.train)
    is_match = np.array(labels) == names[1]
    threshold = max(known, key=lambda cut: ((known >= cut) == is_match).mean())
    right = ((asked >= threshold) == (np.array(truth) == names[1])).mean()
    print(f"cosine above {threshold:.3f}: right on {right:.3f} of {len(truth)}")


if __name__ == "__main__":
    main()
