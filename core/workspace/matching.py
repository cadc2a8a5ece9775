"""Verbs about best matches: of many texts those that go best with one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.dataset import TableFormat, Upload
from core.domain.matching import MOST_MATCHES, N_MATCHES, Matches
from core.domain.message import msg
from core.domain.task import reads_pairs
from core.errors import NotPossible
from core.workspace.base import need_label
from core.workspace.judging import JudgingVerbs

if TYPE_CHECKING:
    from core.prediction.matching import Candidates


class MatchingVerbs(JudgingVerbs):
    def best_matches(
        self,
        model_id: int,
        text: str,
        *,
        candidates: Upload | None = None,
        format: TableFormat | None = None,
        column: str | None = None,
        label: str | None = None,
        n: int = N_MATCHES,
    ) -> Matches:
        """The texts that go best with `text`, by a model of pairs. The first call reads the candidates: about 5 ms a new text.

        Args:
            candidates: a table with the texts to choose from; the second texts of the model's own table if None.
            column: of that table; that of the model's second texts, or what looks like texts, if None.
            label: the category whose probability is compared; see `matching_label`. Scores have none.

        Raises:
            NotPossible: the model reads single texts, or the text is blank.
            NotFound: there is no such category or column.
            BadData: no column looks like texts, or there are too many or none to choose from.
        """
        from core.prediction.matching import best_matches

        self._may_match(model_id, n)
        if not text.strip():
            raise NotPossible(msg("There is no text to find matches for."), hint=msg("Type one and ask again."))
        label = self._label_of_matches(model_id, label)
        known = self._candidates(model_id, candidates, format or TableFormat(), column)
        return best_matches(self._predictor(model_id), text, known, label=label, n=n)

    def matching_label(self, model_id: int) -> str:
        """The category that means a match: of two the one called yes, else the one whose practice pairs are most alike; "" for
        scores. Raises NotPossible as `best_matches`."""
        from core.datasets.rows import load_rows
        from core.prediction.matching import likely_label

        self._may_match(model_id)
        dataset_dir = self._dataset_dir(self._store.models.get(model_id).dataset_id)
        return likely_label(self._predictor(model_id), load_rows(dataset_dir, ["row", "file", "label"]))

    def match_now(
        self,
        model_id: int,
        upload: Upload,
        out_path: Path,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        candidates: Upload | None = None,
        candidates_format: TableFormat | None = None,
        column: str | None = None,
        label: str | None = None,
        n: int = N_MATCHES,
    ) -> Mapping[str, Any]:
        """The best matches of every row of a table, written to `out_path`, in this process; see
        `core.prediction.match_table.match_file`. Other arguments and errors are those of `best_matches`."""
        from core.prediction.match_table import match_file

        self._may_match(model_id, n)
        return match_file(
            self._predictor(model_id),
            self._candidates(model_id, candidates, candidates_format or TableFormat(), column),
            label=self._label_of_matches(model_id, label),
            n=n,
            path=self._upload_path(upload),
            filename=upload.filename,
            format=format or TableFormat(),
            text_columns=[text_column] if text_column else [],
            out_path=out_path,
        )

    def _label_of_matches(self, model_id: int, label: str | None) -> str:
        label = label or self.matching_label(model_id)
        if label:
            need_label(label, self._store.models.get(model_id).labels)
        return label

    def _may_match(self, model_id: int, n: int = N_MATCHES) -> None:
        if not reads_pairs(self._store.models.get(model_id).task):
            raise NotPossible(
                msg("Model {model_id} reads single texts.", model_id=model_id),
                hint=msg("Best matches need a model that compares two texts."),
            )
        if not 1 <= n <= MOST_MATCHES:
            raise NotPossible(
                msg("{n} matches cannot be shown.", n=n), hint=msg("Ask for 1 to {most}.", most=MOST_MATCHES)
            )

    def _candidates(
        self, model_id: int, upload: Upload | None, format: TableFormat, column: str | None
    ) -> "Candidates":
        """They are kept in this process."""
        from core.datasets.rows import load_rows
        from core.prediction.cache import kept_candidates
        from core.prediction.matching import file_candidates, own_candidates

        model = self._store.models.get(model_id)
        predictor = self._predictor(model_id)

        def make() -> "Candidates":
            if upload is None:
                return own_candidates(
                    predictor, load_rows(self._dataset_dir(model.dataset_id), ["row", "file", "text", "split"])
                )
            return file_candidates(predictor, self._upload_path(upload), upload.filename, format, column)

        source = (upload.sha256, str(format), column) if upload else ()
        return kept_candidates((self._model_dir(model.id).resolve(), *source), make)
