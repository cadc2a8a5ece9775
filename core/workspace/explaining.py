"""Verbs about why a model answers as it does."""

from collections.abc import Sequence

from core.domain.calibration import CalibrationReport
from core.domain.explanation import Explanation
from core.domain.message import msg
from core.domain.picture import LabelWords
from core.domain.rows import RowFilter, TableRow
from core.domain.task import AnswerKind
from core.errors import NotPossible
from core.workspace.judging import JudgingVerbs


class ExplainingVerbs(JudgingVerbs):
    def explain(self, model_id: int, text: str) -> Explanation:
        """The words that moved the answer and the nearest practice rows. Hints, not proof.

        Raises:
            NotPossible: the text is blank or half a pair.
        """
        from core.datasets.findings.base import PRACTICE_FILE
        from core.datasets.row_query import find_page
        from core.explanation.explaining import explain

        if not text.strip():
            raise NotPossible(msg("There is no text to explain."), hint=msg("Type one and ask again."))
        self._whole(model_id, [text])
        dataset_dir = self._dataset_dir(self._store.models.get(model_id).dataset_id)

        def rows_of(numbers: Sequence[int]) -> list[TableRow]:
            wanted = RowFilter(rows=tuple((PRACTICE_FILE, number) for number in numbers))
            found = {row.row: row for row in find_page(dataset_dir, wanted, size=len(numbers)).rows}
            return [found[number] for number in numbers if number in found]

        return explain(self._predictor(model_id), text, rows_of)

    def telling_words(self, model_id: int) -> tuple[LabelWords, ...]:
        """For each category the words that stand in the exam texts it was answered for, more than in the others."""
        from core.datasets.telling import words_by_label

        self._answers_with(model_id, AnswerKind.CATEGORY)
        exam = self._exam(model_id, ["text", "predicted"])
        return words_by_label(exam["text"].tolist(), exam["predicted"].tolist())

    def calibration(self, model_id: int) -> CalibrationReport | None:
        """How sure against how right on the exam; None where the model keeps no exam answers."""
        from core.evaluation.calibration import calibration_of

        self._answers_with(model_id, AnswerKind.CATEGORY)
        return calibration_of(self._model_dir(model_id))
