"""Does "90% sure" mean right 90 times in 100? Calibration error and Brier score on the exam, before and after calibration.

    none          the model's scores without any temperature
    temperature   one number, as published (Guo et al., 2017)
    bias          one more number a category, fitted on the check-up with a prior (L2 of 5 rows); not used by Tunedesk, see
                  docs/results.md. Its out-of-fold log loss on the check-up stands beside that of the temperature alone
    vector        a scale and a bias a category (Guo et al., 2017), with the prior, of 2 to 100 rows, that has the least
                  out-of-fold log loss; not used either

ECE with 15 bins of equal width; Brier is the mean squared distance of the probabilities to the truth, summed over categories.

    python benchmarks/calibration.py --data DIR/banking77 DIR/waimai_10k --rows 1200 --exam-rows 1000
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from trained import read, trained

from core.evaluation.calibration import brier_score
from core.evaluation.report import expected_calibration_error
from core.training.answers import CHECKUP, EXAM, load_answers
from core.training.calibration import log_loss, sharpen, softmax
from core.training.draft import Draft

PRIOR_ROWS, N_FOLDS = 5, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders with train.csv and test.csv")
    parser.add_argument("--rows", type=int, default=1200)
    parser.add_argument("--exam-rows", type=int, default=1000)
    parser.add_argument("--preset", default="quick")
    args = parser.parse_args()
    print("| data (check-up, exam) | calibration | right | ECE | Brier | check-up log loss |\n" + "|---" * 6 + "|")
    for folder in args.data:
        rows, exam = read(folder, "train.csv", args.rows), read(folder, "test.csv", args.exam_rows)
        model = trained(folder, rows, exam, preset=args.preset)
        bundle, about = model.space._model_dir(model.model_id), model.space._predictor(model.model_id).about
        model.space.close()
        checkup, asked = load_answers(bundle, CHECKUP), load_answers(bundle, EXAM)
        assert checkup is not None and asked is not None
        own = Draft.load(bundle / "draft").temperature if about["kept"] == "draft" else 1.0
        plain, known = (one.sharpened(float(about["temperature"])) for one in (asked, checkup))
        ways = {
            "none": (sharpen(asked.proba, 1 / own), ""),
            "temperature": (plain, f"{log_loss(known, checkup.targets):.4f}"),
            "bias": (shifted(plain, bias(known, checkup.targets)), f"{out_of_fold(known, checkup.targets):.4f}"),
            "vector": vector(known, checkup.targets, plain),
        }
        for way, (proba, loss) in ways.items():
            right = proba.argmax(axis=1) == asked.targets
            ece = expected_calibration_error(proba.max(axis=1), right)
            numbers = f"{right.mean():.3f} | {ece:.4f} | {brier_score(proba, asked.targets):.4f} | {loss}"
            print(f"| {folder.name} ({len(known)}, {len(plain)}) | {way} | {numbers} |", flush=True)


def shifted(proba: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return softmax(np.log(np.maximum(proba, 1e-12)) + bias)


def bias(proba: np.ndarray, targets: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    truth, n = np.eye(proba.shape[1])[targets], len(targets)

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        found = shifted(proba, b)
        penalty = PRIOR_ROWS * float(b @ b) / (2 * n)
        return log_loss(found, targets) + penalty, (found - truth).mean(axis=0) + PRIOR_ROWS * b / n

    fitted: np.ndarray = minimize(loss, np.zeros(proba.shape[1]), jac=True, method="L-BFGS-B").x
    return fitted


def vector(known: np.ndarray, targets: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, str]:
    """`asked` calibrated, and the out-of-fold log loss with the prior that was chosen."""
    folds = np.random.default_rng(0).permutation(len(targets)) % N_FOLDS
    losses = {}
    for prior in (2, 5, 20, 100):
        found = known.copy()
        for fold in range(N_FOLDS):
            rest = folds != fold
            found[~rest] = scaled(known[~rest], scales(known[rest], targets[rest], prior))
        losses[prior] = log_loss(found, targets)
    prior = min(losses, key=losses.__getitem__)
    return scaled(asked, scales(known, targets, prior)), f"{losses[prior]:.4f} (prior {prior})"


def scaled(proba: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    scale, shift = np.split(fitted, 2)
    return softmax(np.log(np.maximum(proba, 1e-12)) * (1 + scale) + shift)


def scales(proba: np.ndarray, targets: np.ndarray, prior: float) -> np.ndarray:
    """What is added to a scale of 1, and a bias, of every category: (2 n_labels,)."""
    from scipy.optimize import minimize

    logits, truth, n = np.log(np.maximum(proba, 1e-12)), np.eye(proba.shape[1])[targets], len(targets)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        found = scaled(proba, x)
        slope = (found - truth) / n
        gradient = np.concatenate([(slope * logits).sum(axis=0), slope.sum(axis=0)]) + prior * x / n
        return log_loss(found, targets) + prior * float(x @ x) / (2 * n), gradient

    fitted: np.ndarray = minimize(loss, np.zeros(2 * proba.shape[1]), jac=True, method="L-BFGS-B").x
    return fitted


def out_of_fold(proba: np.ndarray, targets: np.ndarray) -> float:
    folds, found = np.arange(len(targets)) % N_FOLDS, proba.copy()
    for fold in range(N_FOLDS):
        found[folds == fold] = shifted(proba[folds == fold], bias(proba[folds != fold], targets[folds != fold]))
    return log_loss(found, targets)


if __name__ == "__main__":
    main()
