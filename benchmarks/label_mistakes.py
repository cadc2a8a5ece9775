"""Can wrong categories be found, and what is fixing them worth? Flips 5% of the labels of real data and looks for them.

For each set practice rows are drawn once; for each seed 5% of their labels are replaced by another one at random, and the finder
ranks all rows (`core.evaluation.label_mistakes` on answers out of fold, as the study does). Told are the share of the flips within
the first 5% and 10% of the rows, and the accuracy on the untouched exam of quick drafts that learned from the clean labels, from
the flipped ones, and from those after a person put right what is wrong among the first 10%, or among all that are listed.

    python -m benchmarks.label_mistakes --data FOLDER [--sets banking77 waimai_10k] [--rows 3000] [--exam 3000] [--seeds 5]

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


class Case:
    """The texts of one set, embedded once."""

    def __init__(self, name: str, folder: Path, cache: Path, n_rows: int, n_exam: int) -> None:
        self.name = name
        self.texts, labels = read(folder / name / "train.csv", n_rows, 0)
        self.exam_texts, exam_labels = read(folder / name / "test.csv", n_exam, 0)
        self.names = sorted({*labels, *exam_labels})
        self.clean, self.exam = (np.array([self.names.index(one) for one in of]) for of in (labels, exam_labels))
        self.language = language_of(self.texts[:1000])
        encoder = FrozenEncoder.load(FrozenEncoder.prepare(fetch(default_for(self.language), cache), cache))
        self.vectors, self.exam_vectors = encoder.embed(self.texts), encoder.embed(self.exam_texts)

    def fit(self, rows: np.ndarray, targets: np.ndarray, seed: int, like: Draft | None = None) -> Draft:
        return Draft.fit(
            [self.texts[i] for i in rows],
            targets[rows],
            self.vectors[rows],
            n_labels=len(self.names),
            seed=seed,
            language=self.language,
            like=like,
        )

    def accuracy(self, targets: np.ndarray, model: Draft, seed: int) -> float:
        draft = self.fit(np.arange(len(self.texts)), targets, seed, like=model)
        answers = draft.predict_proba(self.exam_texts, self.exam_vectors).argmax(axis=1)
        return round(float((answers == self.exam).mean()), 4)

    def out_of_fold(self, targets: np.ndarray, model: Draft, seed: int) -> np.ndarray:
        fold, proba = stratified_folds(targets, N_FOLDS, seed), np.zeros((len(self.texts), len(self.names)))
        for k in range(N_FOLDS):
            rows = np.flatnonzero(fold == k)
            draft = self.fit(np.flatnonzero(fold != k), targets, seed, like=model)
            proba[rows] = draft.predict_proba([self.texts[i] for i in rows], self.vectors[rows])
        return proba


def one(case: Case, seed: int) -> dict[str, object]:
    started = time.process_time()
    n, n_labels = len(case.texts), len(case.names)
    given = flipped(case.clean, n_labels, seed)
    is_wrong = given != case.clean
    model = case.fit(np.arange(n), given, seed)
    proba = case.out_of_fold(given, model, seed)
    votes = neighbour_votes(case.vectors, given, n_labels)
    found = find_suspects(proba, votes, given)
    no_votes, no_proba = np.zeros_like(votes), np.full_like(proba, 1 / n_labels)
    ranked = {
        "": found.suspicion,
        ", draft alone": find_suspects(proba, no_votes, given).suspicion,
        ", neighbours alone": find_suspects(no_proba, votes, given).suspicion,
    }

    def share_in(first: int, suspicion: np.ndarray) -> float:
        return round(float(is_wrong[np.argsort(-suspicion, kind="stable")[:first]].sum() / is_wrong.sum()), 3)

    tenth, listed = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    tenth[np.argsort(-found.suspicion, kind="stable")[: n // 10]] = True
    listed[found.order] = True
    return {
        "set": case.name,
        "seed": seed,
        "rows": n,
        "exam": len(case.exam_texts),
        "labels": n_labels,
        "flips": int(is_wrong.sum()),
        "in_first_5%": share_in(n // 20, found.suspicion),
        **{f"in_first_10%{part}": share_in(n // 10, suspicion) for part, suspicion in ranked.items()},
        "listed": len(found.order),
        "flips_among_listed": int(is_wrong[listed].sum()),
        "share_estimated": round(found.share, 3),
        "likely_label_right": round(float((found.likely == case.clean)[is_wrong & tenth].mean()), 3),
        "clean": case.accuracy(case.clean, model, seed),
        "flipped": case.accuracy(given, model, seed),
        "fixed_first_10%": case.accuracy(np.where(tenth, case.clean, given), model, seed),
        "fixed_listed": case.accuracy(np.where(listed, case.clean, given), model, seed),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=["banking77", "waimai_10k"])
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--exam", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "label-mistakes")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    for name in args.sets:
        case = Case(name, args.data, args.cache, args.rows, args.exam)
        for seed in range(args.seeds):
            print(json.dumps(one(case, seed), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
