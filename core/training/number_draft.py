"""The draft of a model that answers with a number: ridge regression on frozen embeddings together with TF-IDF.

    answer = [scale * embedding | tf-idf words | tf-idf characters] w + b,   w minimizes sum (answer - y)^2 + |w|^2 / c

Of a pair of texts the features are those of `core.training.pair_features`. How strongly it is held back, and whether words
take part, is decided on rows the tried model did not learn from.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import Interrupted
from core.base_models.long_texts import START
from core.training.draft import MAX_TERMS, N_FOLDS, Draft, Solver, StopCheck, fit_features

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MANY_ROWS = 5_000  # from here one fold is asked instead of all
CANDIDATES = (
    Solver(kind="ridge", c=0.5, scale=2.0, terms=True),
    Solver(kind="ridge", c=1.0, scale=4.0, terms=True),
    Solver(kind="ridge", c=1.0, scale=2.0, terms=False),
    Solver(kind="ridge", c=1.0, scale=8.0, terms=False),
)
PAIR_CANDIDATES = (
    Solver(kind="ridge", c=0.1, scale=1.0, terms=False),
    Solver(kind="ridge", c=0.03, scale=1.0, terms=False),
    Solver(kind="ridge", c=0.01, scale=1.0, terms=False),
)


def fit_number_draft(
    texts: Sequence[str],
    targets: NDArray[np.floating],
    embeddings: NDArray[np.float32],
    *,
    seed: int,
    language: str,
    should_stop: StopCheck | None = None,
    long_texts: str = START,
    pairs: bool = False,
) -> Draft:
    """Learn numbers of shape (n,) from rows with their embeddings (n, hidden), of pairs (n, 2 hidden). Same arguments,
    same draft.

    Raises:
        Interrupted: `should_stop` gave something true; it is asked between fits.
    """
    from threadpoolctl import threadpool_limits

    y = np.asarray(targets, dtype=np.float64)
    embeddings, blocks, matrices = fit_features(texts, embeddings, language, MAX_TERMS, long_texts, pairs=pairs)

    def fit(solver: Solver, rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
        if should_stop is not None and should_stop():
            raise Interrupted
        return _ridge(solver, _features(solver, embeddings, matrices)[rows], y[rows], seed)

    def loss(solver: Solver) -> float:
        errors = []
        for k in range(1 if len(y) > MANY_ROWS else N_FOLDS):
            coef, intercept = fit(solver, fold != k)
            held_out = _features(solver, embeddings, matrices)[fold == k]
            errors.append(np.square(held_out @ coef + intercept - y[fold == k]))
        return float(np.concatenate(errors).mean())

    fold = np.random.default_rng(seed).permutation(len(y)) % N_FOLDS
    with threadpool_limits(1):  # as in `core.training.draft`
        solver = min(PAIR_CANDIDATES if pairs else CANDIDATES, key=loss)
        coef, intercept = fit(solver, np.ones(len(y), dtype=bool))
    coef[: embeddings.shape[1]] *= solver.scale
    return Draft(
        blocks=blocks if solver.terms else (),
        coef=coef[None, :].astype(np.float32),
        intercept=np.array([intercept], dtype=np.float32),
        temperature=1.0,
        solver=solver,
        hidden=embeddings.shape[1],
        long_texts=long_texts,
        pairs=pairs,
        link="identity",
    )


def _features(solver: Solver, embeddings: NDArray[np.float32], matrices: "list[csr_matrix]") -> Any:
    from scipy.sparse import csr_matrix, hstack

    dense = embeddings * np.float32(solver.scale)
    return hstack([csr_matrix(dense), *matrices], format="csr") if solver.terms else dense


def _ridge(solver: Solver, x: Any, y: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float64], float]:
    """Coefficients (features,) and the intercept."""
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1 / solver.c, solver="sparse_cg" if solver.terms else "cholesky", tol=1e-4, random_state=seed)
    model.fit(x, y)
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)
