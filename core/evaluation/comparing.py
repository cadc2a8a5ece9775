"""What a model has to beat, on the same exam, with a paired test for each."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.damage import reading_model
from core.domain.message import Message, msg
from core.domain.model import ModelVersion
from core.errors import DamagedModel
from core.evaluation.answered import Answered
from core.evaluation.paired import Paired, compare_paired


class RivalKind(StrEnum):
    BIGGEST = "biggest"  #: always the biggest category
    KEYWORDS = "keywords"  #: a linear model on words alone
    DRAFT = "draft"  #: the quick draft of the same run
    OLDER = "older"  #: an earlier model of the same table


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    kind: RivalKind
    n_right: int
    paired: Paired  #: the model first, the rival second
    model: ModelVersion | None = None  #: where the rival is one


def baselines_of(answered: Answered, *, biggest: str, kept: str) -> list[Rival]:
    """Those that sat the exam. Where the draft itself was kept, it is no second model to compare with."""
    exam = answered.exam
    answers = {RivalKind.BIGGEST: np.full(len(exam), exam.labels.index(biggest))}
    for kind in (RivalKind.KEYWORDS, RivalKind.DRAFT):
        if kind.value in answered.baselines and not (kind is RivalKind.DRAFT and kept == "draft"):
            answers[kind] = answered.baselines[kind.value]
    right = exam.answer == exam.target
    return [_rival(kind, right, given == exam.target) for kind, given in answers.items()]


def older_version(folder: Path, older_folder: Path, older: ModelVersion) -> Rival | None:
    """The older model as a rival; None where it sat another exam, or its files are gone."""
    import pandas as pd

    def exam_of(model_dir: Path) -> "pd.DataFrame":
        with reading_model(model_dir):
            return pd.read_parquet(model_dir / "exam.parquet", columns=["text", "label", "predicted"])

    mine = exam_of(folder)
    try:
        its = exam_of(older_folder)
    except DamagedModel:
        return None
    mine, its = (one.sort_values(["text", "label"], kind="stable", ignore_index=True) for one in (mine, its))
    if len(mine) != len(its) or not mine[["text", "label"]].equals(its[["text", "label"]]):
        return None
    right, its_right = ((one["predicted"] == one["label"]).to_numpy(dtype=bool) for one in (mine, its))
    return _rival(RivalKind.OLDER, right, its_right, older)


def title_of(rival: Rival) -> Message:
    if rival.model is not None:
        return msg("The version before: {name}", name=rival.model.name)
    return _TITLES[rival.kind]


def difference_of(rival: Rival) -> Message:
    """How the model stands against it, and whether that is more than chance."""
    paired = rival.paired
    if paired.n_first == paired.n_second:
        return msg("Right equally often.")
    gained = paired.n_first - paired.n_second
    n, real = abs(gained), paired.is_real
    if gained > 0:
        if real:
            return msg("This model is right on {n} more: a real difference.", n=n)
        return msg("This model is right on {n} more, which may be chance.", n=n)
    if real:
        return msg("This model is right on {n} fewer: a real difference.", n=n)
    return msg("This model is right on {n} fewer, which may be chance.", n=n)


_TITLES = {
    RivalKind.BIGGEST: msg("Always the biggest category"),
    RivalKind.KEYWORDS: msg("Keyword model"),
    RivalKind.DRAFT: msg("Quick draft"),
}


def _rival(
    kind: RivalKind, right: npt.NDArray[np.bool_], its_right: npt.NDArray[np.bool_], model: ModelVersion | None = None
) -> Rival:
    return Rival(kind=kind, n_right=int(its_right.sum()), paired=compare_paired(right, its_right), model=model)
