"""What frozen vectors say of pairs of texts without learning: the rival of `python -m core train --task pair_score` and `text_pair`.

    python benchmarks/pairs.py --train train.csv --test test.csv --texts text_a text_b --label score --base-model minilm-l6-en

    python benchmarks/pairs.py --test test.csv --model 2 --queries 60                  # best matches, by the vectors and by the model

Scores: how well the cosine of both vectors orders the pairs of the test table (Spearman). Two categories: how many are right with
the one threshold of the cosine that is best on the practice table. With `--model`: of the pairs with at least nine tenths of the highest score (or of the category that means a match) how
often the second text is the first, or among the first five, of all second texts of the test table.
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
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--texts", nargs=2, default=["text_a", "text_b"])
    parser.add_argument("--label", default="score")
    parser.add_argument("--base-model", default="minilm-l6-en")
    parser.add_argument("--model", type=int, help="a model of the workspace that TUNEDESK_HOME names")
    parser.add_argument("--queries", type=int, default=60)
    args = parser.parse_args()
    if args.model is not None:
        matches(args)
    else:
        rival(args)


def rival(args: argparse.Namespace) -> None:
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


def matches(args: argparse.Namespace) -> None:
    from core.domain.number import number_of
    from core.files import receive_upload
    from core.workspace import Workspace

    first, second, labels = read(args.test, args.texts, args.label)
    workspace = Workspace.open()
    label = workspace.matching_label(args.model)
    highest = max(number_of(one) or 0.0 for one in labels)
    is_match = [one == label if label else (number_of(one) or 0.0) >= 0.9 * highest for one in labels]
    asked = np.random.default_rng(0).permutation(np.flatnonzero(is_match))[: args.queries]
    with args.test.open("rb") as file:
        upload = receive_upload(file, args.test.name, workspace.settings.uploads_dir)
    hits = {"vectors alone": [0, 0], "the model": [0, 0]}
    shortlisted, seconds = 0, 0.0
    for place in asked:
        found = workspace.best_matches(args.model, first[place], candidates=upload, column=args.texts[1], n=50)
        partner = second[place].strip()
        by_cosine = sorted(found.matches, key=lambda one: -one.cosine)
        for way, ranked in (("vectors alone", by_cosine), ("the model", found.matches)):
            hits[way][0] += ranked[0].text == partner
            hits[way][1] += partner in [one.text for one in ranked[:5]]
        shortlisted += partner in [one.text for one in found.matches]
        seconds += found.seconds
    n = len(asked)
    print(f"{n} texts, {found.n_candidates} candidates, {seconds / n:.2f} s each; {shortlisted} partners shortlisted")
    for way, (one, five) in hits.items():
        print(f"{way}: first {one}, among five {five}")


if __name__ == "__main__":
    main()
