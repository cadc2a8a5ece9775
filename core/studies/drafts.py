"""Quick drafts of parts of a dataset, for studies: texts are embedded once, then many small linear models are fitted."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import Interrupted
from core.domain.dataset import Dataset
from core.studies.protocol import StudyContext
from core.training.balance import label_weights
from core.training.calibration import Proba
from core.training.draft import Draft
from core.training.types import Cancelled

if TYPE_CHECKING:
    import pandas

Rows = NDArray[np.int64]  #: places in the frame, from 0


class Drafts:
    """The rows in use of a dataset as texts, targets and vectors."""

    def __init__(self, context: StudyContext, rows: "pandas.DataFrame", dataset: Dataset) -> None:
        """`rows` has text and label; embedding them is the context's progress. Raises Cancelled."""
        target_of = {label: i for i, label in enumerate(dataset.labels)}
        self.texts = [str(text) for text in rows["text"]]
        self.targets = np.array([target_of[label] for label in rows["label"]], dtype=np.int64)
        self.n_labels = len(dataset.labels)
        self._language = dataset.profile.language
        self._class_weights = context.subject.recipe.class_weights
        self._long_texts = context.subject.recipe.long_texts
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
