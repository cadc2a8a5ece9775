"""How many exam texts a published model takes for one of its categories, and how many marked ones for none."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.damage import reading_model
from core.domain.familiarity import FamiliarityReport
from core.prediction.predictor import Predictor

FAMILIARITY_FILE = "familiarity.json"
MOST_MARKED = 2_000  # texts that are asked


def measure_familiarity(
    predictor: Predictor, exam_familiar: npt.NDArray[np.bool_], marked: Sequence[str]
) -> FamiliarityReport | None:
    """`exam_familiar` is what `Predictor.is_familiar` says of the exam, (n,); `marked` are texts of no category; they took no part in learning. None where the model cannot tell."""
    if predictor.practice is None or not predictor.practice.can_tell:
        return None
    texts = list(dict.fromkeys(text for text in marked if text.strip()))[:MOST_MARKED]
    refused = ~predictor.is_familiar(texts, predictor.predict_proba(texts))
    return FamiliarityReport(
        n_exam=len(exam_familiar),
        n_kept=int(exam_familiar.sum()),
        n_marked=len(texts),
        n_refused=int(refused.sum()),
    )


def load_familiarity(bundle_dir: Path) -> FamiliarityReport | None:
    """None where it was not measured. Raises DamagedModel."""
    path = bundle_dir / FAMILIARITY_FILE
    with reading_model(bundle_dir):
        return FamiliarityReport.from_json(json.loads(path.read_text())) if path.exists() else None
