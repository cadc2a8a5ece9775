"""Do promises hold? How often the mistakes among automatic answers exceed what the exam promised, on rows nobody has seen.

Every data set is split anew for each seed into fresh rows (30%), and of the rest, as a table is split, exam (20%), check-up
(10%) and practice. The Quick draft (frozen embeddings, computed once, with TF-IDF) learns from practice and answers the check-up,
learns again from both, as it is published, and answers exam and fresh rows. Thresholds are chosen on the check-up, promised
on the exam, and held against the fresh rows:

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
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from core.domain.goal import Goal
from core.domain.policy import Handle, Policy, Promise
from core.evaluation.policy import Curve, Outcomes, most_wrong, promise_of
from core.training.draft import Draft

HANDLES = {"mistakes 2": (Handle.MISTAKES, 2.0), "mistakes 5": (Handle.MISTAKES, 5.0), "share 80": (Handle.SHARE, 80.0)}
TUNED, TUNED_LIMIT = "tuned 5", 0.05
FRESH, EXAM, CHECKUP = 0.3, 0.2, 0.1  # the last two of what is left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="folders with train.csv")
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
    vectors = embedded(texts, language, args.cache)
    known = {case["seed"] for case in read(args.results) if case["set"] == folder.name}
    for seed in set(range(args.splits)) - known:
        cases = one_split(texts, targets.astype(np.int64), tuple(map(str, labels)), vectors, language, seed)
        with args.results.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"set": folder.name, **case}) + "\n" for case in cases)
        print(folder.name, seed + 1, f"{time.process_time() - started:.0f} s CPU", file=sys.stderr, flush=True)


def embedded(texts: list[str], language: str, cache: Path) -> "np.ndarray[Any, np.dtype[np.float32]]":
    from core.base_models.catalog import default_for
    from core.base_models.encoder import FrozenEncoder
    from core.base_models.sources import fetch

    base_dir = fetch(default_for(language), cache)
    return FrozenEncoder.load(FrozenEncoder.prepare(base_dir, cache)).embed(texts)


def one_split(
    texts: list[str],
    targets: "np.ndarray[Any, np.dtype[np.int64]]",
    labels: tuple[str, ...],
    vectors: "np.ndarray[Any, np.dtype[np.float32]]",
    language: str,
    seed: int,
) -> list[dict[str, Any]]:
    order = np.random.default_rng(seed).permutation(len(texts))
    n_fresh = round(FRESH * len(texts))
    n_exam, n_checkup = (round(share * (len(texts) - n_fresh)) for share in (EXAM, CHECKUP))
    fresh, exam, checkup, practice = np.split(order, np.cumsum([n_fresh, n_exam, n_checkup]))

    def fitted(rows: "np.ndarray[Any, np.dtype[np.int64]]") -> Draft:
        return Draft.fit(
            [texts[i] for i in rows], targets[rows], vectors[rows], n_labels=len(labels), seed=seed, language=language
        )

    def asked(draft: Draft, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> Outcomes:
        return Outcomes.of(labels, draft.predict_proba([texts[i] for i in rows], vectors[rows]), targets[rows])

    on_checkup = asked(fitted(practice), checkup)
    published = fitted(np.concatenate([practice, checkup]))
    on_exam, on_fresh = asked(published, exam), asked(published, fresh)
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
