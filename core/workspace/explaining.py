"""Verbs about why a model answers as it does."""

from collections.abc import Sequence

from core.domain.explanation import Explanation
from core.domain.message import msg
from core.domain.picture import LabelWords
from core.domain.rows import TableRow
from core.errors import NotPossible
from core.workspace.judging import JudgingVerbs


class ExplainingVerbs(JudgingVerbs):
    def explain(self, model_id: int, text: str) -> Explanation:
        """The words that moved the answer and the nearest practice rows. Hints, not proof.

        Raises:
            NotPossible: the text is blank.
        """
        from core.datasets.row_query import practice_rows
        from core.explanation.explaining import explain

        if not text.strip():
            raise NotPossible(msg("There is no text to explain."), hint=msg("Type one and ask again."))
        dataset_dir = self._dataset_dir(self._store.models.get(model_id).dataset_id)

        def rows_at(positions: Sequence[int]) -> list[TableRow]:
            return practice_rows(dataset_dir, positions)

        return explain(self._predictor(model_id), text, rows_at)

    def telling_words(self, model_id: int) -> tuple[LabelWords, ...]:
        """For each category the words that stand in the exam texts it was answered for, more than in the others."""
        import pandas as pd

        from core.datasets.telling import words_by_label

        path = self._model_dir(self._store.models.get(model_id).id) / "exam.parquet"
        exam = pd.read_parquet(path, columns=["text", "predicted"])
        return words_by_label(exam["text"].tolist(), exam["predicted"].tolist())
