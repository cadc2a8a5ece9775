"""The draft of a model that gives several categories: each is a yes or no of its own, on the features of `core.training.draft`.

    probability of category k = s(a_k (x w_k + b_k) + c_k),   s the logistic function

w_k, b_k are a linear support vector machine, this category against the rest; a_k and c_k make its answers probabilities
(Platt, 1999), fitted on rows that the tried model did not learn from and held near those of all categories together, so
that a category with a handful of rows borrows what the others tell. They are written into the weights: a saved draft
knows nothing of them.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import Interrupted
from core.base_models.long_texts import START
from core.training.calibration import logistic
from core.training.draft import (
    FEW_ROWS,
    MANY_ROWS,
    MAX_COEFFICIENTS,
    MAX_TERMS,
    MIN_TERMS,
    N_FOLDS,
    Draft,
    Solver,
    StopCheck,
    fit_features,
    linear_model,
    stratified_folds,
)
from core.training.several_choice import log_loss_each

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CANDIDATES = (
    Solver(kind="svm", c=0.1, scale=1.5, terms=True),  # held back more than for one category a text: most are rare
    Solver(kind="svm", c=0.3, scale=4.0, terms=True),
    Solver(kind="logistic", c=1.0, scale=8.0, terms=False),
)
NEVER = -2.0  #: score of a category that no row has; an SVM denies with about -1
HELD = 5.0  #: how strongly a category's a and c are held near the common ones
N_NEWTON = 30

Floats = NDArray[np.float64]
Linear = tuple[Floats, Floats]  #: coefficients (n_labels, features) and intercepts (n_labels,)


def fit_several_draft(
    texts: Sequence[str],
    targets: NDArray[np.floating],
    embeddings: NDArray[np.float32],
    *,
    seed: int,
    language: str,
    should_stop: StopCheck | None = None,
    long_texts: str = START,
) -> Draft:
    """Learn `targets` of shape (n, n_labels), 0 or 1, from rows with their embeddings (n, hidden). Same arguments, same draft.

    Raises:
        Interrupted: `should_stop` gave something true; it is asked before every category.
    """
    from threadpoolctl import threadpool_limits

    n_labels = targets.shape[1]
    max_terms = max(MIN_TERMS, min(MAX_TERMS, MAX_COEFFICIENTS // n_labels))
    embeddings, blocks, matrices = fit_features(texts, embeddings, language, max_terms, long_texts, pairs=False)
    problem = _Problem(embeddings, matrices, targets > 0.5, seed, should_stop)
    with threadpool_limits(1):  # as in `core.training.draft`
        solver, slope, shift = _choose(problem)
        coef, intercept = problem.fit(solver, np.ones(len(texts), dtype=bool))
    coef[:, : embeddings.shape[1]] *= solver.scale
    return Draft(
        blocks=blocks if solver.terms else (),
        coef=(slope[:, None] * coef).astype(np.float32),
        intercept=(slope * intercept + shift).astype(np.float32),
        temperature=1.0,
        solver=solver,
        hidden=embeddings.shape[1],
        long_texts=long_texts,
        link="sigmoid",
    )


def rarest_category(targets: NDArray[np.floating] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rarest category of each row, n_labels where it has none: by it rows are dealt out and drawn fairly."""
    n_labels = targets.shape[1]
    order = np.argsort(targets.sum(axis=0), kind="stable")
    by_rarity = targets[:, order] > 0.5
    rarest: NDArray[np.int64] = np.where(by_rarity.any(axis=1), order[by_rarity.argmax(axis=1)], n_labels)
    return rarest


@dataclass(slots=True)
class _Problem:
    """The rows, and how one solver is fitted to some of them."""

    embeddings: NDArray[np.float32]
    matrices: "list[csr_matrix]"
    has: NDArray[np.bool_]
    seed: int
    should_stop: StopCheck | None

    def features(self, solver: Solver) -> Any:
        from scipy.sparse import csr_matrix, hstack

        dense = self.embeddings * np.float32(solver.scale)
        return hstack([csr_matrix(dense), *self.matrices], format="csr") if solver.terms else dense

    def fit(self, solver: Solver, rows: NDArray[np.bool_]) -> Linear:
        x, has = self.features(solver)[rows], self.has[rows]
        coef, intercept = np.zeros((has.shape[1], x.shape[1])), np.where(has.any(axis=0), -NEVER, NEVER)
        for k in np.flatnonzero(has.any(axis=0) & ~has.all(axis=0)):
            if self.should_stop is not None and self.should_stop():
                raise Interrupted
            model = linear_model(solver, self.seed)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # not quite converged is good enough, as in `core.training.draft`
                model.fit(x, has[:, k])
            coef[k], intercept[k] = model.coef_[0], model.intercept_[0]
        return coef, intercept


def _choose(problem: _Problem) -> tuple[Solver, Floats, Floats]:
    """The solver whose answers on left-out rows are likeliest, and what makes probabilities of them."""
    n = len(problem.has)
    fold = stratified_folds(rarest_category(problem.has), N_FOLDS, problem.seed)
    asked = range(1) if n > MANY_ROWS else range(N_FOLDS)
    rows = np.isin(fold, list(asked))
    best: tuple[float, Solver, Floats, Floats] | None = None
    for solver in CANDIDATES if n <= FEW_ROWS else CANDIDATES[:1]:
        scores = np.zeros(problem.has.shape)
        for k in asked:
            coef, intercept = problem.fit(solver, fold != k)
            scores[fold == k] = problem.features(solver)[fold == k] @ coef.T + intercept
        slope, shift = platt(scores[rows], problem.has[rows])
        loss = log_loss_each(logistic(slope * scores[rows] + shift), problem.has[rows])
        if best is None or loss < best[0]:
            best = (loss, solver, slope, shift)
    assert best is not None
    return best[1:]


def platt(scores: Floats, has: NDArray[np.bool_]) -> Linear:
    """Slopes and shifts (n_labels,) that make s(slope * score + shift) likeliest, held near the common ones."""
    common = _newton(scores.reshape(-1, 1), has.reshape(-1, 1), np.array([1.0, 0.0]), 1.0)
    a, b = _newton(scores, has, common[:, 0], HELD)
    return np.maximum(a, 1e-3), b  # a lower score never is a likelier category


def _newton(scores: Floats, has: NDArray[np.bool_], near: Floats, held: float) -> Floats:
    """Slope and shift of every column, (2, n_labels): logistic regressions with a Gaussian prior of precision `held`."""
    found = np.tile(near[:, None], (1, scores.shape[1]))
    for _ in range(N_NEWTON):
        p = logistic(found[0] * scores + found[1])
        spread, error = p * (1 - p), p - has
        g = np.stack([(error * scores).sum(axis=0), error.sum(axis=0)]) + held * (found - near[:, None])
        aa, ab, bb = ((spread * scores**power).sum(axis=0) for power in (2, 1, 0))
        aa, bb = aa + held, bb + held
        step = np.stack([bb * g[0] - ab * g[1], aa * g[1] - ab * g[0]]) / (aa * bb - ab**2)
        found = found - np.clip(step, -1.0, 1.0)  # a full step may overshoot where hardly any row is there
        if np.abs(step).max() < 1e-6:
            break
    return found
