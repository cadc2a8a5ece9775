"""Can wrong categories be found, and what is fixing them worth? Flips 5% of the labels of real data and looks for them.

For each set and seed: practice rows are drawn, 5% of their labels replaced by another one at random; the finder ranks all
rows (`core.evaluation.label_mistakes` on answers out of fold, as the study does). Told are the share of the flips within the
first 5% and 10% of the rows, and the accuracy on the untouched exam of quick drafts that learned from the clean labels, from
the flipped ones, and from those after a person who looked at the first 10% and put right what is wrong among them.

    python -m benchmarks.label_mistakes --data FOLDER [--sets banking77 waimai_10k] [--rows 3000] [--exam 3000] [--seeds 3]

FOLDER holds <set>/train.csv and <set>/test.csv. CPU seconds are of this process.
"""

import argparse
import csv
import json
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from core.base_models.catalog import default_for
from core.base_models.encoder import FrozenEncoder
from core.base_models.sources import fetch
from core.datasets.language import language_of
from core.evaluation.label_mistakes import find_suspects, neighbour_votes
from core.training.draft import Draft, stratified_folds

SHARE, N_FOLDS = 0.05, 5


def read(path: Path, n: int, seed: int) -> tuple[list[str], list[str]]:
    """`n` different texts with their labels, drawn by the seed."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list({row["text"]: row["label"] for row in csv.DictReader(file) if row["text"].strip()}.items())
    random.Random(seed).shuffle(rows)
    return [text for text, _ in rows[:n]], [label for _, label in rows[:n]]


def flipped(targets: np.ndarray, n_labels: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(targets))[: round(SHARE * len(targets))]
    wrong = targets.copy()
    wrong[rows] = (targets[rows] + rng.integers(1, n_labels, size=len(rows))) % n_labels
    return wrong


def one(name: str, folder: Path, cache: Path, n_rows: int, n_exam: int, seed: int) -> dict[str, object]:
    started = time.process_time()
    texts, labels = read(folder / name / "train.csv", n_rows, seed)
    exam_texts, exam_labels = read(folder / name / "test.csv", n_exam, seed)
    names = sorted({*labels, *exam_labels})
    clean, exam = (np.array([names.index(one) for one in of]) for of in (labels, exam_labels))
    language = language_of(texts[:1000])
    base_dir = fetch(default_for(language), cache)
    encoder = FrozenEncoder.load(FrozenEncoder.prepare(base_dir, cache))
    vectors, exam_vectors = encoder.embed(texts), encoder.embed(exam_texts)

    def fit(rows: np.ndarray, targets: np.ndarray, like: Draft | None = None) -> Draft:
        return Draft.fit(
            [texts[i] for i in rows],
            targets[rows],
            vectors[rows],
            n_labels=len(names),
            seed=seed,
            language=language,
            like=like,
        )

    def accuracy(targets: np.ndarray) -> float:
        draft = fit(every, targets, like=model)
        return float((draft.predict_proba(exam_texts, exam_vectors).argmax(axis=1) == exam).mean())

    every, given = np.arange(len(texts)), flipped(clean, len(names), seed)
    is_wrong = given != clean
    model = fit(every, given)
    fold, proba = stratified_folds(given, N_FOLDS, seed), np.zeros((len(texts), len(names)))
    for k in range(N_FOLDS):
        rows = np.flatnonzero(fold == k)
        draft = fit(np.flatnonzero(fold != k), given, like=model)
        proba[rows] = draft.predict_proba([texts[i] for i in rows], vectors[rows])
    votes = neighbour_votes(vectors, given, len(names))
    found = find_suspects(proba, votes, given)
    ranked = np.argsort(-found.suspicion, kind="stable")
    no_votes, no_proba = np.zeros_like(votes), np.full_like(proba, 1 / len(names))
    parts = {
        "draft alone": np.argsort(-find_suspects(proba, no_votes, given).suspicion, kind="stable"),
        "neighbours alone": np.argsort(-find_suspects(no_proba, votes, given).suspicion, kind="stable"),
    }
    seen = np.zeros(len(texts), dtype=bool)
    seen[ranked[: len(texts) // 10]] = True
    scores = [accuracy(clean), accuracy(given), accuracy(np.where(seen, clean, given))]
    right_name = (found.likely == clean)[is_wrong & seen]
    return {
        "set": name,
        "seed": seed,
        "rows": len(texts),
        "exam": len(exam_texts),
        "labels": len(names),
        "flips": int(is_wrong.sum()),
        "in_first_5%": round(float(is_wrong[ranked[: len(texts) // 20]].sum() / is_wrong.sum()), 3),
        "in_first_10%": round(float(is_wrong[ranked[: len(texts) // 10]].sum() / is_wrong.sum()), 3),
        **{
            f"in_first_10%, {part}": round(float(is_wrong[order[: len(texts) // 10]].sum() / is_wrong.sum()), 3)
            for part, order in parts.items()
        },
        "listed": len(found.order),
        "flips_among_listed": int(is_wrong[found.order].sum()),
        "share_estimated": round(found.share, 3),
        "likely_label_right": round(float(right_name.mean()), 3),
        "clean": round(scores[0], 4),
        "flipped": round(scores[1], 4),
        "fixed": round(scores[2], 4),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["banking77", "waimai_10k"])
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--exam", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "label-mistakes")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        for seed in range(args.seeds):
            print(
                json.dumps(one(name, args.data, args.cache, args.rows, args.exam, seed), ensure_ascii=False), flush=True
            )


if __name__ == "__main__":
    main()
