"""Does the model know what it was not made for? In-scope texts kept against junk refused, for every way of telling them apart.

All ways are measured on the same Quick model. None sees junk: the threshold is where 95% (or what --keep says) of check-up
rows are kept. AUROC needs no threshold: how often a text in scope looks more familiar than one that is not.

    max_prob      the highest calibrated probability (Hendrycks and Gimpel, 2017)
    max_score     the draft's highest raw score, one against the rest: about -1 for what no category knows
    energy        ln sum exp of the raw scores (Liu et al., 2020)
    mahalanobis   distance to the nearest category mean under one shared, shrunk covariance (Lee et al., 2018)
    neighbours    mean cosine to the 1, 3 or 10 nearest practice rows (Sun et al., 2022)
    familiarity   what Tunedesk uses: neighbours 3 and the log-odds of max_prob (core/training/familiarity.py)

With --marked so many junk texts are drawn (10 times), as if a person had marked them: a half of them chooses how strict the
model is (core/prediction/familiarity.py), and a logistic model learns from all of them, in the last two lines; both are asked the rest.

    python benchmarks/out_of_scope.py --data DIR/hint3_curekart --junk oos_test.csv --marked 20 100
    python benchmarks/out_of_scope.py --data DIR/snips --leave-out PlayMusic --rows 700
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from trained import read, trained

Scores = dict[str, np.ndarray]
KEEPS = (0.98, 0.95, 0.93, 0.90, 0.85)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with train.csv and test.csv")
    parser.add_argument("--junk", help="a file of the folder with texts of no category")
    parser.add_argument(
        "--leave-out", nargs="*", default=[], help="categories that are not taught: their exam rows are junk"
    )
    parser.add_argument("--marked", type=int, nargs="*", default=[], help="junk texts that a person has marked")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--exam-rows", type=int, default=0)
    args = parser.parse_args()
    rows, exam = read(args.data, "train.csv", args.rows), read(args.data, "test.csv", args.exam_rows)
    junk = (
        list(read(args.data, args.junk)["text"])
        if args.junk
        else list(exam[exam["label"].isin(args.leave_out)]["text"])
    )
    rows, exam = (frame[~frame["label"].isin(args.leave_out)].reset_index(drop=True) for frame in (rows, exam))
    model = trained(args.data, rows, exam, preset="quick")
    predictor = model.space._predictor(model.model_id)
    frame = model.space.dataset_rows(model.space.model(model.model_id).dataset_id, limit=None)
    practice, checkup = (frame[frame["split"] == split] for split in ("practice", "checkup"))
    # the published draft knows the check-up, so the ways are fitted on one that does not
    asked = fitted(predictor, practice)
    found = {
        name: asked(list(texts))
        for name, texts in (("checkup", checkup["text"]), ("exam", exam["text"]), ("junk", junk))
    }
    name = f"{args.data.name}{' without ' + ', '.join(args.leave_out) if args.leave_out else ''}"
    print(f"{name}: {len(practice)} practice, {len(checkup)} check-up, {len(exam)} exam, {len(junk)} junk")
    print("| way | AUROC | " + " | ".join(f"kept / refused at {keep:.0%}" for keep in KEEPS) + " |")
    print("|---" * (2 + len(KEEPS)) + "|")
    for way in found["exam"]:
        cells = []
        for keep in KEEPS:
            threshold = np.quantile(found["checkup"][way], 1 - keep)
            kept, refused = (found["exam"][way] >= threshold).mean(), (found["junk"][way] < threshold).mean()
            cells.append(f"{kept:.3f} / {refused:.3f}")
        print(f"| {way} | {auroc(found['exam'][way], found['junk'][way]):.3f} | " + " | ".join(cells) + " |")
    for n_marked in args.marked:
        print(with_marked(found, n_marked))
    model.space.close()


def with_marked(found: dict[str, Scores], n_marked: int) -> str:
    """Means over 10 draws: kept and refused as strict as the marked texts choose, and at 90% by a logistic model of them."""
    from sklearn.linear_model import LogisticRegression

    from core.domain.familiarity import KEEPS as CHOICES
    from core.prediction.familiarity import chosen_keeps

    thresholds = {keeps: float(np.quantile(found["checkup"]["familiarity"], 1 - keeps / 100)) for keeps in CHOICES}
    features = {
        name: np.stack([ways["neighbours 3"], log_odds(ways["max_prob"])], axis=1) for name, ways in found.items()
    }
    chosen, learned, keeps_found = [], [], []
    for seed in range(10):
        drawn = np.random.default_rng(seed).permutation(len(found["junk"]["familiarity"]))
        marked, rest = drawn[:n_marked], drawn[n_marked:]
        keeps = chosen_keeps(thresholds, found["junk"]["familiarity"][marked[: n_marked // 2]])
        keeps_found.append(keeps)
        chosen.append(shares(found["exam"]["familiarity"], found["junk"]["familiarity"][rest], thresholds[keeps]))
        both = np.concatenate([features["checkup"], features["junk"][marked]])
        scale, is_known = both.std(axis=0), np.arange(len(both)) < len(features["checkup"])
        judge = LogisticRegression(class_weight="balanced").fit(both / scale, is_known)
        known, exam, junk = (
            judge.decision_function(values / scale)
            for values in (features["checkup"], features["exam"], features["junk"][rest])
        )
        learned.append((*shares(exam, junk, float(np.quantile(known, 0.1))), auroc(exam, junk)))
    kept, refused = np.mean(chosen, axis=0)
    return (
        f"{n_marked} marked: chosen {sorted(keeps_found)}, kept {kept:.3f} / refused {refused:.3f}; "
        "logistic at 90%: kept {:.3f} / refused {:.3f}, AUROC {:.3f}".format(*np.mean(learned, axis=0))
    )


def shares(inside: np.ndarray, outside: np.ndarray, threshold: float) -> tuple[float, float]:
    return float((inside >= threshold).mean()), float((outside < threshold).mean())


def log_odds(p: np.ndarray) -> np.ndarray:
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def fitted(predictor: Any, practice: Any) -> Any:
    """From texts to how familiar each looks, by every way."""
    from core.training.draft import Draft
    from core.training.familiarity import PracticeRows

    labels = {label: i for i, label in enumerate(predictor.labels)}
    targets = np.array([labels[label] for label in practice["label"]])
    texts = list(practice["text"])
    vectors = predictor.embed(texts)
    draft = Draft.fit(texts, targets, vectors, n_labels=len(labels), seed=0, language=str(predictor.about["language"]))
    means = np.stack([vectors[targets == i].mean(axis=0) for i in range(len(labels))])
    centered = vectors - means[targets]
    covariance = centered.T @ centered / len(vectors)
    shrunk = 0.9 * covariance + 0.1 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    inverse = np.linalg.inv(shrunk)
    practice_rows = PracticeRows.of(vectors, (), seed=0)

    def asked(texts: list[str]) -> Scores:
        found = predictor.embed(texts)
        scores = draft.scores(texts, found)
        proba = draft.predict_proba(texts, found)
        cosines = np.sort(found @ vectors.T, axis=1)
        away = np.stack([np.einsum("ij,jk,ik->i", found - mean, inverse, found - mean) for mean in means], axis=1)
        near = cosines[:, -3:].mean(axis=1)
        return {
            "max_prob": proba.max(axis=1),
            "max_score": scores.max(axis=1),
            "energy": np.log(np.exp(scores).sum(axis=1)),
            "mahalanobis": -away.min(axis=1),
            "neighbours 1": cosines[:, -1],
            "neighbours 3": near,
            "neighbours 10": cosines[:, -10:].mean(axis=1),
            "max_prob * neighbours 3": proba.max(axis=1) * near,
            "familiarity": practice_rows.familiarity(found, proba.max(axis=1)),
        }

    return asked


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(inside, outside).statistic / (len(inside) * len(outside)))


if __name__ == "__main__":
    main()
