"""The keyword model: what a linear model on words alone would answer to the exam. A rival for the report, never published."""

import warnings

import numpy as np
import numpy.typing as npt

from core.training.tfidf import TfidfBlock, analyzers_for, normalize
from core.training.types import TrainingData

MAX_ROWS = 20_000  # drawn at random; more change the answer little and cost minutes with many categories
MAX_TERMS = 30_000


def keyword_answers(data: TrainingData, seed: int) -> npt.NDArray[np.int32]:
    """Answers to the exam rows, as places in the labels, of a linear support vector machine on TF-IDF of words and pairs
    of words (in Chinese up to four characters), learned from practice and check-up together."""
    from sklearn.svm import LinearSVC
    from threadpoolctl import threadpool_limits

    texts = [*data.practice.texts, *data.checkup.texts]
    targets = np.asarray([*data.practice.targets, *data.checkup.targets], dtype=np.int64)
    if not data.exam.texts:
        return np.zeros(0, dtype=np.int32)
    if len(texts) > MAX_ROWS:
        drawn = np.random.default_rng(seed).permutation(len(texts))[:MAX_ROWS]
        texts, targets = [texts[i] for i in drawn], targets[drawn]
    present = np.unique(targets)
    if len(present) == 1:
        return np.full(len(data.exam.texts), present[0], dtype=np.int32)
    known = [normalize(text) for text in texts]
    analyzer = analyzers_for(data.language)[0]
    block = TfidfBlock.fit(known, analyzer, min_df=2 if len(known) > 200 else 1, max_terms=MAX_TERMS)
    model = LinearSVC(tol=1e-2, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not quite converged is good enough
        model.fit(block.transform(known), targets)
    answers: npt.NDArray[np.int32] = model.predict(
        block.transform([normalize(text) for text in data.exam.texts])
    ).astype(np.int32)
    return answers
