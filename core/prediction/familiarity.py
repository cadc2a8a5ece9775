"""How many exam texts a published model takes for one of its categories, and how many marked ones for none.

Rows that a person marked as "none of these" take no part in learning. Where there are at least FEWEST_MARKED, a half of them
chooses how strict the model is (kept in 100 + refused in 100, the most of KEEPS), and the other half says what that refuses.
More than this choice they cannot mend: a logistic model of nearness, log-odds and nearness to the marked rows told hint3's junk
no better (docs/results.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.domain.familiarity import KEEPS, USUAL, FamiliarityLevel, FamiliarityReport
from core.prediction.predictor import Predictor
from core.training.calibration import Proba

MOST_MARKED = 2_000  # texts that are asked
FEWEST_MARKED = 20  # of different texts; fewer choose nothing

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiarity:
    exam: Floats  #: how familiar each exam text is, (n,)
    report: FamiliarityReport

    @property
    def threshold(self) -> float:
        """As strict as was chosen."""
        level = self.report.level(None)
        assert level is not None, "measured with all levels"
        return level.threshold


def measure_familiarity(
    predictor: Predictor, texts: Sequence[str], proba: Proba, marked: Sequence[str]
) -> Familiarity | None:
    """Of the exam, whose `proba` are the model's answers, and of texts of no category. None where the model cannot tell."""
    practice = predictor.practice
    if practice is None or not practice.can_tell:
        return None
    exam = predictor.familiarity(texts, proba)
    distinct = list(dict.fromkeys(text for text in marked if text.strip()))[:MOST_MARKED]
    foreign = predictor.familiarity(distinct, predictor.predict_proba(distinct))
    n_chosen_by = len(foreign) // 2 if len(foreign) >= FEWEST_MARKED else 0
    drawn = np.random.default_rng(0).permutation(len(foreign))
    choosing, asked = foreign[drawn[:n_chosen_by]], foreign[drawn[n_chosen_by:]]
    thresholds = (
        dict(zip(KEEPS, practice.thresholds, strict=True)) if practice.thresholds else {USUAL: practice.threshold}
    )
    levels = tuple(
        FamiliarityLevel(
            keeps=keeps,
            threshold=threshold,
            n_kept=int((exam >= threshold).sum()),
            n_refused=int((asked < threshold).sum()),
        )
        for keeps, threshold in thresholds.items()
    )
    keeps = chosen_keeps(thresholds, choosing)
    level = next(level for level in levels if level.keeps == keeps)
    report = FamiliarityReport(
        n_exam=len(exam),
        n_kept=level.n_kept,
        n_marked=len(asked),
        n_refused=level.n_refused,
        keeps=keeps,
        n_chosen_by=n_chosen_by,
        levels=levels,
    )
    return Familiarity(exam=exam, report=report)


def chosen_keeps(thresholds: Mapping[int, float], foreign: Floats) -> int:
    """How strict to be by the familiarity of texts of no category; USUAL without any. The more lenient of equals."""
    if not len(foreign):
        return USUAL
    return max(thresholds, key=lambda keeps: (keeps / 100 + float((foreign < thresholds[keeps]).mean()), keeps))
