"""What a bundle keeps of the exam and the check-up, read once: the ground of its promises. Needs no weights."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.damage import reading_model
from core.domain.goal import Goal
from core.evaluation.familiarity import load_familiarity
from core.evaluation.policy import LEAST_CHECKUP, Curve, Outcomes
from core.training.answers import CHECKUP, load_answers, load_baselines

if TYPE_CHECKING:
    import pandas as pd

UNREACHED = -1.0  # a confidence below every threshold
KEPT = 32  # models whose answers stay in memory: a few numbers a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    exam: Outcomes
    checkup: Outcomes | None  #: None in bundles that were made before their answers were kept
    baselines: dict[str, npt.NDArray[np.int32]]  #: by name the places of their answers in the labels, one an exam row


def answered_by(model_dir: Path, keeps: int | None = None) -> Answered:
    """As strict about "none of these" as `keeps` says (`Policy.keeps`). Raises DamagedModel where files of the bundle are
    gone."""
    with reading_model(model_dir):
        return _answered_by(model_dir, (model_dir / "exam.parquet").stat().st_mtime_ns, keeps)


def curve_of(
    model_dir: Path, goal: Goal, own: tuple[tuple[str, float], ...] = (), keeps: int | None = None
) -> Curve | None:
    """The curve of a bundle under a goal, with thresholds of their own for some categories; None where no threshold can
    be chosen: too few check-up answers are kept. `keeps` and what it raises: see `answered_by`."""
    with reading_model(model_dir):
        return _curve_of(model_dir, (model_dir / "exam.parquet").stat().st_mtime_ns, goal, own, keeps)


@lru_cache(maxsize=KEPT)
def _answered_by(model_dir: Path, stamp: int, keeps: int | None) -> Answered:
    import pandas as pd
    from pyarrow.parquet import read_schema

    path = model_dir / "exam.parquet"
    about = json.loads((model_dir / "model.json").read_text(encoding="utf-8"))
    labels = tuple(about["labels"])
    place = {label: i for i, label in enumerate(labels)}
    exam = pd.read_parquet(path, columns=[name for name in _NEEDED if name in read_schema(path).names])
    kept = load_answers(model_dir, CHECKUP)
    return Answered(
        exam=Outcomes(
            labels=labels,
            confidence=_confidence(exam, _threshold_at(model_dir, keeps)),
            answer=exam["predicted"].map(place).to_numpy(dtype=np.int64),
            target=exam["label"].map(place).fillna(-1).to_numpy(dtype=np.int64),
        ),
        checkup=Outcomes.of(labels, kept.sharpened(float(about["temperature"])), kept.targets) if kept else None,
        baselines=load_baselines(model_dir),
    )


_NEEDED = ("label", "predicted", "probability", "familiar", "familiarity")


def _threshold_at(model_dir: Path, keeps: int | None) -> float | None:
    """Below which a text is none of the categories; None where training's own holds."""
    report = load_familiarity(model_dir) if keeps is not None else None
    level = report.level(keeps) if report else None
    return level.threshold if level else None


def _confidence(exam: "pd.DataFrame", threshold: float | None) -> npt.NDArray[np.float64]:
    """Of every answer, (n,); UNREACHED where the text is like none of the categories, so that it goes to a person under
    every policy, as when the model serves. Bundles of earlier versions do not tell which texts those are."""
    confidence = exam["probability"].to_numpy(dtype=np.float64)
    if threshold is not None and "familiarity" in exam:
        return np.where(exam["familiarity"] >= threshold, confidence, UNREACHED)
    return np.where(exam["familiar"], confidence, UNREACHED) if "familiar" in exam else confidence


@lru_cache(maxsize=KEPT)
def _curve_of(
    model_dir: Path, stamp: int, goal: Goal, own: tuple[tuple[str, float], ...], keeps: int | None
) -> Curve | None:
    answered = _answered_by(model_dir, stamp, keeps)
    if answered.checkup is None or len(answered.checkup) < LEAST_CHECKUP:
        return None
    return Curve(answered.checkup, answered.exam, goal=goal, overrides=dict(own))
