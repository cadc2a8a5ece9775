"""Quick drafts of parts of a dataset, for studies: texts are embedded once, then many small linear models are fitted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import Interrupted
from core.domain.task import reads_pairs
from core.studies.protocol import StudyContext, Subject
from core.training.balance import label_weights
from core.training.calibration import Proba
from core.training.draft import FEW_ROWS, MANY_ROWS, Draft, stratified_folds
from core.training.forecasting import fit_seconds, formula_parts, shape_of
from core.training.machine import Machine
from core.training.types import Cancelled

if TYPE_CHECKING:
    import pandas

Rows = NDArray[np.int64]  #: places in the frame, from 0
MOST_ROWS = 20_000  # that a study looks at: minutes, not hours
NEW_PROCESS_SECONDS = 3.0


def rows_in_use(context: StudyContext) -> "pandas.DataFrame":
    """The rows of practice, check-up and exam in their order; of very many a share that is drawn, the same each time."""
    rows = context.rows()
    rows = rows[rows["split"] != ""]
    if len(rows) > MOST_ROWS:
        rows = rows.sample(MOST_ROWS, random_state=0).sort_index()
    return rows.reset_index(drop=True)


def study_seconds(subject: Subject, machine: Machine, *, n_fits: float) -> float:
    """Embedding all rows, and so many fits of a draft to them that take over their solver, on a quiet machine."""
    profile = replace(subject.dataset.profile, n_rows=min(MOST_ROWS, subject.dataset.profile.n_rows))
    whole_fit = fit_seconds(profile, shape_of(subject.recipe).hidden, machine)
    tried = (
        0.2 if profile.n_rows <= FEW_ROWS else 0.4 if profile.n_rows <= MANY_ROWS else 0.6
    )  # one of the fits it makes
    embedding = formula_parts(profile, subject.recipe, machine)["embedding"]
    return NEW_PROCESS_SECONDS + embedding + n_fits * tried * whole_fit


class Drafts:
    """The rows in use of a dataset as texts, targets and vectors."""

    def __init__(self, context: StudyContext, rows: "pandas.DataFrame", labels: Sequence[str]) -> None:
        """`rows` has text and label, one of `labels`; embedding them is the context's progress. Raises Cancelled."""
        target_of = {label: i for i, label in enumerate(labels)}
        self.texts = [str(text) for text in rows["text"]]
        self.targets = np.array([target_of[label] for label in rows["label"]], dtype=np.int64)
        self.n_labels = len(labels)
        self._language = context.subject.dataset.profile.language
        self._class_weights = context.subject.recipe.class_weights
        self._long_texts = context.subject.recipe.long_texts
        self._pairs = reads_pairs(context.subject.recipe.task)
        self._should_stop = context.should_stop
        self.vectors = context.vectors("vectors", self.texts)

    def fit(self, rows: Rows, *, seed: int = 0, like: Draft | None = None, targets: Rows | None = None) -> Draft:
        """A draft that learned from `rows`; `targets` of all rows replace those of the dataset. Raises Cancelled."""
        known = (self.targets if targets is None else targets)[rows]
        try:
            return Draft.fit(
                [self.texts[i] for i in rows],
                known,
                self.vectors[rows],
                n_labels=self.n_labels,
                seed=seed,
                language=self._language,
                class_weight=label_weights(known, self.n_labels, self._class_weights),
                should_stop=self._should_stop,
                long_texts=self._long_texts,
                pairs=self._pairs,
                like=like,
            )
        except Interrupted:
            raise Cancelled from None

    def proba(self, draft: Draft, rows: Rows) -> Proba:
        """Shape (n, n_labels)."""
        return draft.predict_proba([self.texts[i] for i in rows], self.vectors[rows])

    def right(self, draft: Draft, rows: Rows) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.proba(draft, rows).argmax(axis=1) == self.targets[rows]
        return found

    def out_of_fold(self, context: StudyContext, *, n_folds: int, seed: int) -> Proba:
        """Answers on all rows, (n, n_labels), each by a draft that did not learn from the row's fold; calibrated by what
        the whole draft was calibrated by. Raises Cancelled."""
        every = np.arange(len(self.targets))
        model = self.fit(every, seed=seed)
        fold, proba = stratified_folds(self.targets, n_folds, seed), np.zeros((len(every), self.n_labels))
        for k in range(n_folds):
            context.progress((k + 1) / (n_folds + 1))
            rows = np.flatnonzero(fold == k)
            if len(rows):
                proba[rows] = self.proba(self.fit(np.flatnonzero(fold != k), seed=seed, like=model), rows)
        return proba
