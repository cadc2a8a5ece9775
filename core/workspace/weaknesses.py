"""Verbs about what a model gets wrong: the kinds of messages with more mistakes, and what to do for the weakest categories."""

from contextlib import suppress
from typing import TYPE_CHECKING

from core.domain.task import AnswerKind
from core.errors import NotFound
from core.workspace.studies import StudyVerbs

if TYPE_CHECKING:
    import pandas

    from core.evaluation.advice import Advice
    from core.evaluation.slices import Slice


class WeaknessVerbs(StudyVerbs):
    def exam_columns(self, model_id: int) -> "pandas.DataFrame":
        """The other columns of the upload (source, region, agent) for the exam rows of a model, in their order.

        Read once, then kept: the first look may take seconds.

        Raises:
            NotFound: rows or upload are gone.
        """
        from core.datasets.other_columns import exam_columns

        dataset = self._store.datasets.get(self._store.models.get(model_id).dataset_id)
        return exam_columns(
            dataset,
            self._dataset_dir(dataset.id),
            uploads_dir=self.settings.uploads_dir,
            tables_dir=self.settings.tables_dir,
        )

    def slices(self, model_id: int) -> "list[Slice]":
        """Kinds of messages (length, language, a column's value, a word) with significantly more mistakes on the exam."""
        import pyarrow

        from core.datasets.text_languages import LANGUAGES, text_languages
        from core.evaluation.slices import find_slices

        self._answers_with(model_id, AnswerKind.CATEGORY)
        exam = self._exam(model_id)
        texts = [str(text) for text in exam["text"]]
        columns = {}
        with suppress(NotFound):  # the texts alone tell much
            others = self.exam_columns(model_id)
            if len(others) == len(exam):
                columns = {str(name): list(others[name]) for name in others}
        codes = text_languages(pyarrow.chunked_array([pyarrow.array(texts, pyarrow.large_string())]))
        right = (exam["label"] == exam["predicted"]).to_numpy()
        return find_slices(texts, right, columns, [LANGUAGES[code] for code in codes])

    def advice(self, model_id: int) -> "list[Advice]":
        """What to do next for the weakest categories; with what the study of label mistakes found, once it was made."""
        from core.evaluation.advice import advise

        self._answers_with(model_id, AnswerKind.CATEGORY)
        model = self._store.models.get(model_id)
        found = self.study(model_id, "label_mistakes")
        return advise(
            self._store.models.report(model_id),
            self._store.datasets.get(model.dataset_id).label_counts,
            found.result.label_shares if found else None,
        )
