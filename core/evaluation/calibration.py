"""How far stated and real certainty are apart, from the exam's answers in a bundle. Numpy only."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.damage import reading_model
from core.domain.calibration import CalibrationReport, SureBin
from core.evaluation.report import expected_calibration_error
from core.training.answers import EXAM, load_answers
from core.training.calibration import Proba

N_BINS = 10  # of the picture; fewer than the error's 15, so that each holds enough answers to look at


def calibration_of(model_dir: Path) -> CalibrationReport | None:
    """None where the bundle keeps no exam answers. Raises DamagedModel."""
    with reading_model(model_dir):
        kept = load_answers(model_dir, EXAM)
        if kept is None or not len(kept.targets):
            return None
        about = json.loads((model_dir / "model.json").read_text(encoding="utf-8"))
    before, after = kept.sharpened(1.0), kept.sharpened(float(about["temperature"]))
    targets = kept.targets.astype(np.int64)
    return CalibrationReport(
        bins=sure_bins(after, targets),
        ece_before=_error(before, targets),
        ece_after=_error(after, targets),
        brier_before=brier_score(before, targets),
        brier_after=brier_score(after, targets),
    )


def brier_score(proba: Proba, targets: npt.NDArray[np.integer]) -> float:
    """Mean over rows of sum over categories (p - y)^2 (Brier, 1950): 0 for certainty in the truth, 2 for certainty in an
    error. A truth that the model does not know (-1) has no column: all its probability is error."""
    truth = np.take_along_axis(proba, np.maximum(targets, 0)[:, None], axis=1)[:, 0] * (targets >= 0)
    return float(((proba**2).sum(axis=1) - 2 * truth + 1).mean())


def sure_bins(proba: Proba, targets: npt.NDArray[np.integer]) -> tuple[SureBin, ...]:
    """Answers in N_BINS equal steps of how sure they are (DeGroot and Fienberg, 1983)."""
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == targets
    places = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    return tuple(
        SureBin(
            confidence=float(confidence[places == place].mean()),
            accuracy=float(right[places == place].mean()),
            n=int((places == place).sum()),
        )
        for place in np.unique(places)
    )


def _error(proba: Proba, targets: npt.NDArray[np.integer]) -> float:
    return expected_calibration_error(proba.max(axis=1), proba.argmax(axis=1) == targets)
