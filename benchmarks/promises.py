"""Do promises hold? How often the mistakes among automatic answers exceed what the exam promised, on rows nobody has seen.

Every data set is split anew for each seed into fresh rows (30%), and of the rest, as a table is split, exam (20%), check-up
(10%) and practice. A linear model on the Quick draft's frozen embeddings, computed once, learns from practice and answers the
check-up, learns again from both, as a draft is published, and answers exam and fresh rows. It is fitted by least squares, and
calibrated on left-out rows: with --model draft it is the whole draft with its TF-IDF, which takes a hundred times as long.
Thresholds are chosen on the check-up, promised on the exam, and held against the fresh rows:

    mistakes 2, 5   the handle "most mistakes allowed per 100 automatic answers"
    share 80        the handle "share to automate"
    tuned 5         a person who moves the slider as far as the exam promises 5 in 100: chosen by looking at the exam, which the
                    bound does not cover

A promise counts as exceeded when more fresh answers are wrong than the bound for just as many answers says.

Every split is written to --results as it ends, so that a run that was cut off goes on where it was.

    python benchmarks/promises.py --data DIR/banking77 DIR/waimai_10k --results results.jsonl
    python benchmarks/promises.py --results results.jsonl          # only the table of docs/results.md
    (a data set is a folder with train.csv, columns text and label)
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import numpy.typing as npt

from core.domain.goal import Goal
from core.domain.policy import Handle, Policy, Promise
from core.evaluation.policy import Curve, Outcomes, most_wrong, promise_of
from core.training.calibration import fit_temperature, softmax
from core.training.draft import N_FOLDS, Draft, stratified_folds

Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.int64]
Ask = Callable[[Rows, Rows, int], Floats]  # rows to learn from, rows to answer, seed -> their probabilities

HANDLES = {"mistakes 2": (Handle.MISTAKES, 2.0), "mistakes 5": (Handle.MISTAKES, 5.0), "share 80": (Handle.SHARE, 80.0)}
TUNED, TUNED_LIMIT = "tuned 5", 0.05
RIDGE = 1.0
FRESH, EXAM, CHECKUP = 0.3, 0.2, 0.1  # the last two of what is left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="folders with train.csv")
    parser.add_argument("--model", choices=("linear", "draft"), default="linear")
    parser.add_argument("--rows", type=int, default=4500, help="drawn once; they are embedded once")
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "tunedesk-bench")
    parser.add_argument("--results", type=Path, required=True, help="a file with a JSON line for each promise")
    args = parser.parse_args()
    for folder in args.data:
        measure_set(folder, args)
    print(readable(read(args.results)))


def read(results: Path) -> list[dict[str, Any]]:
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return [json.loads(line) for line in lines]


def measure_set(folder: Path, args: argparse.Namespace) -> None:
    import pandas as pd

    started = time.process_time()
    table = pd.read_csv(folder / "train.csv", dtype=str, keep_default_na=False)
    drawn = np.random.default_rng(0).permutation(len(table))[: args.rows]
    texts = [str(text) for text in table["text"].iloc[drawn]]
    targets, labels = pd.factorize(table["label"].iloc[drawn])
    language = "zh" if any("一" <= c <= "鿿" for c in "".join(texts[:50])) else "en"
    vectors = embedded(texts, language, args.cache, args.cache / f"promises-{folder.name}-{len(texts)}.npy")
    ask = asking(args.model, texts, targets.astype(np.int64), len(labels), vectors, language)
    known = {case["seed"] for case in read(args.results) if case["set"] == folder.name}
    for seed in set(range(args.splits)) - known:
        cases = one_split(ask, targets.astype(np.int64), tuple(map(str, labels)), seed)
        with args.results.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"set": folder.name, **case}) + "\n" for case in cases)
        print(folder.name, seed + 1, f"{time.process_time() - started:.0f} s CPU", file=sys.stderr, flush=True)


def embedded(texts: list[str], language: str, cache: Path, kept: Path) -> Floats:
    """Vectors of the frozen encoder that the language's drafts use; the second time they are read from `kept`."""
    if kept.exists():
        known: Floats = np.load(kept)
        return known
    from core.base_models.catalog import default_for
    from core.base_models.encoder import FrozenEncoder
    from core.base_models.sources import fetch

    base_dir = fetch(default_for(language), cache)
    vectors = FrozenEncoder.load(FrozenEncoder.prepare(base_dir, cache)).embed(texts)
    np.save(kept, vectors)
    return vectors


def asking(model: str, texts: list[str], targets: Rows, n_labels: int, vectors: Floats, language: str) -> Ask:
    """A function that learns from some rows and answers others."""

    def linear(known: Rows, asked: Rows, seed: int) -> Floats:
        return Linear.fit(vectors[known], targets[known], n_labels, seed).proba(vectors[asked])

    def draft(known: Rows, asked: Rows, seed: int) -> Floats:
        fitted = Draft.fit(
            [texts[i] for i in known], targets[known], vectors[known], n_labels=n_labels, seed=seed, language=language
        )
        return fitted.predict_proba([texts[i] for i in asked], vectors[asked])

    return {"linear": linear, "draft": draft}[model]


@dataclass(frozen=True)
class Linear:
    """Least squares on one-hot targets with a ridge, softmax(scores / T)."""

    weights: Floats
    temperature: float

    @classmethod
    def fit(cls, vectors: Floats, targets: Rows, n_labels: int, seed: int) -> "Linear":
        fold = stratified_folds(targets, N_FOLDS, seed)
        scores = np.zeros((len(targets), n_labels))
        for k in range(N_FOLDS):
            scores[fold == k] = _with_one(vectors[fold == k]) @ _solved(
                vectors[fold != k], targets[fold != k], n_labels
            )
        return cls(_solved(vectors, targets, n_labels), fit_temperature(softmax(scores), targets))

    def proba(self, vectors: Floats) -> Floats:
        return softmax(_with_one(vectors) @ self.weights / self.temperature)


def _solved(vectors: Floats, targets: Rows, n_labels: int) -> Floats:
    x = _with_one(vectors)
    solved: Floats = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ np.eye(n_labels)[targets])
    return solved


def _with_one(vectors: Floats) -> Floats:
    return np.hstack([vectors, np.ones((len(vectors), 1))])


def one_split(ask: Ask, targets: Rows, labels: tuple[str, ...], seed: int) -> list[dict[str, Any]]:
    order = np.random.default_rng(seed).permutation(len(targets))
    n_fresh = round(FRESH * len(targets))
    n_exam, n_checkup = (round(share * (len(targets) - n_fresh)) for share in (EXAM, CHECKUP))
    fresh, exam, checkup, practice = np.split(order, np.cumsum([n_fresh, n_exam, n_checkup]))

    def outcomes(known: Rows, asked: Rows) -> Outcomes:
        return Outcomes.of(labels, ask(known, asked, seed), targets[asked])

    on_checkup = outcomes(practice, checkup)
    both = outcomes(np.concatenate([practice, checkup]), np.concatenate([exam, fresh]))
    on_exam, on_fresh = (
        replace(both, confidence=both.confidence[part], answer=both.answer[part], target=both.target[part])
        for part in (slice(None, n_exam), slice(n_exam, None))
    )
    curve = Curve(on_checkup, on_exam, goal=Goal())
    policies = {name: curve.policy(*handle) for name, handle in HANDLES.items()}
    kept = [i for i, one in enumerate(curve.promises) if one.n_auto and one.highest_rate <= TUNED_LIMIT]
    if kept:
        policies[TUNED] = Policy(threshold=float(curve.thresholds[kept[-1]]))
    return [
        {"seed": seed, "handle": name, **held(promise, policy, on_fresh)}
        for name, policy in policies.items()
        if (promise := promise_of(on_exam, policy)).n_auto
    ]


def held(promise: Promise, policy: Policy, fresh: Outcomes) -> dict[str, Any]:
    """What was promised beside what came."""
    automatic = fresh.automatic(policy)
    n_auto, n_wrong = int(automatic.sum()), int((automatic & (fresh.answer != fresh.target)).sum())
    return {
        "share": promise.share,
        "promised_rate": promise.highest_rate,
        "fresh_share": n_auto / len(fresh),
        "fresh_rate": n_wrong / max(1, n_auto),
        "exceeded": n_wrong > most_wrong(promise.n_wrong, promise.n_auto, n_auto),
        "over_shown_rate": n_wrong > promise.highest_rate * n_auto,
    }


def readable(cases: list[dict[str, Any]]) -> str:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        groups[case["set"], case["handle"]].append(case)
        groups["all", case["handle"]].append(case)
    lines = [
        "| set | handle | promises made | exceeded | above the rate shown | automatic | promised at most | wrong of fresh |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, handle), found in sorted(groups.items(), key=lambda group: (group[0][0] == "all", group[0])):
        mean = {key: np.mean([case[key] for case in found]) for key in ("fresh_share", "promised_rate", "fresh_rate")}
        n_exceeded, n_over = (sum(case[key] for case in found) for key in ("exceeded", "over_shown_rate"))
        lines.append(
            f"| {name} | {handle} | {len(found)} | {n_exceeded} | {n_over} | {mean['fresh_share']:.1%} | "
            f"{mean['promised_rate']:.2%} | {mean['fresh_rate']:.2%} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
