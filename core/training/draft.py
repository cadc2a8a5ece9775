"""The draft: a linear model on frozen embeddings together with TF-IDF. The first honest answer, within a minute.

    features = [scale * embedding | tf-idf words | tf-idf characters],  scores = features W^T + b,
    probabilities = softmax(scores / T)

Of a pair of texts the features are those of `core.training.pair_features`, under a logistic regression.

W is a linear support vector machine, one against the rest (Fan et al., 2008); where rows are few a logistic regression
on the embeddings alone may be better. Which one, and T, is decided on rows the tried model did not learn from.
Everything is kept as JSON and safetensors.
"""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import Interrupted
from core.base_models.long_texts import START
from core.domain.message import msg
from core.errors import UserError
from core.training.calibration import fit_temperature, log_loss, logistic, sharpen, softmax
from core.training.pair_features import VERSION, pair_features
from core.training.tfidf import TfidfBlock, analyzers_for, normalize

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FORMAT = 1
WEIGHTS_FILE, OPTIONS_FILE = "draft.safetensors", "draft.json"
N_FOLDS = 4
FEW_ROWS = 2_000  # up to here all candidates are tried
MANY_ROWS = 5_000  # from here one fold is asked instead of all: it holds enough rows to fit one number
MAX_TERMS = 70_000
MAX_COEFFICIENTS = 6_000_000  # 24 MB
MIN_TERMS = 10_000
ABSENT_SCORE = -2.0  # of a category without rows; an SVM gives the wrong categories about -1

StopCheck = Callable[[], object]
#: what makes answers of scores, by name: of one category, of several, of numbers
LINKS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "softmax": softmax,
    "sigmoid": logistic,
    "identity": lambda scores: scores,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """A way to fit the linear model."""

    kind: str  #: "svm", "logistic" or "ridge"
    c: float  #: inverse strength of the regularization
    scale: float  #: embeddings have length 1; this is their weight against TF-IDF
    terms: bool  #: whether TF-IDF takes part


DEFAULT = Solver(kind="svm", c=0.3, scale=1.5, terms=True)
CANDIDATES = (
    DEFAULT,
    Solver(kind="svm", c=0.3, scale=4.0, terms=True),
    Solver(kind="logistic", c=1.0, scale=8.0, terms=False),
)
PAIR_CANDIDATES = (
    Solver(kind="logistic", c=1.0, scale=1.0, terms=False),
    Solver(kind="logistic", c=10.0, scale=1.0, terms=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fitted draft. `coef` has shape (n_labels, hidden + terms of all blocks)."""

    blocks: tuple[TfidfBlock, ...]
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]
    temperature: float
    solver: Solver
    hidden: int
    long_texts: str = START  #: what it reads of texts that are too long, see `core.base_models.long_texts`
    pairs: bool = False  #: whether a text is a pair of texts, and the features are those of pairs
    link: str = "softmax"  #: see `LINKS`

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        targets: Sequence[int] | NDArray[np.integer],
        embeddings: NDArray[np.float32],
        *,
        n_labels: int,
        seed: int,
        language: str,
        class_weight: Sequence[float] | NDArray[np.floating] | None = None,
        should_stop: StopCheck | None = None,
        long_texts: str = START,
        pairs: bool = False,
        like: "Draft | None" = None,
    ) -> "Draft":
        """Learn from rows with their embeddings (n, hidden), of pairs (n, 2 hidden), rows of length 1. Same arguments,
        same draft.

        `long_texts` is how the embeddings were made. `class_weight` counts the rows of each label (n_labels numbers).
        `should_stop` is asked between fits. `like` is a draft of much the same rows: its solver and temperature are taken
        over instead of being tried out, which saves most of the time.

        Raises:
            Interrupted: `should_stop` gave something true.
        """
        from threadpoolctl import threadpool_limits

        y = np.asarray(targets, dtype=np.int64)
        row_weight = np.ones(len(y)) if class_weight is None else np.asarray(class_weight, dtype=np.float64)[y]
        max_terms = max(MIN_TERMS, min(MAX_TERMS, MAX_COEFFICIENTS // n_labels))
        embeddings, blocks, matrices = fit_features(texts, embeddings, language, max_terms, long_texts, pairs=pairs)
        problem = _Problem(embeddings, matrices, y, row_weight, n_labels, seed, should_stop)
        with threadpool_limits(1):  # the solvers' idle threads spin: 29 instead of 2.3 CPU seconds for one fit
            solver, temperature = (like.solver, like.temperature) if like else _choose(problem, pairs)
            coef, intercept = problem.fit(solver, np.ones(len(y), dtype=bool))
        coef[:, : embeddings.shape[1]] *= solver.scale
        return cls(
            blocks=blocks if solver.terms else (),
            coef=coef.astype(np.float32),
            intercept=intercept.astype(np.float32),
            temperature=temperature,
            solver=solver,
            hidden=embeddings.shape[1],
            long_texts=long_texts,
            pairs=pairs,
        )

    def predict_proba(self, texts: Sequence[str], embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of shape (n, n_labels), rows sum to 1 unless each category is a question of its own;
        numbers of shape (n, 1) where it learned those."""
        return LINKS[self.link]((self.scores(texts, embeddings) / self.temperature).astype(np.float64))

    def scores(self, texts: Sequence[str], embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the linear model says of every label, (n, n_labels); of an SVM below 0 for the labels that it denies."""
        if self.pairs:
            embeddings = pair_features(texts, embeddings)
        scores: NDArray[np.float32] = embeddings.astype(np.float32) @ self.coef[:, : self.hidden].T + self.intercept
        normalized = [normalize(text, self.long_texts) for text in texts] if self.blocks else []
        start = self.hidden
        for block in self.blocks:
            end = start + len(block.terms)
            scores += block.transform(normalized) @ self.coef[:, start:end].T
            start = end
        return scores

    def save(self, folder: Path) -> None:
        """Write draft.json and draft.safetensors into `folder`."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        options = {
            "format": FORMAT,
            "hidden": self.hidden,
            "long_texts": self.long_texts,
            "pairs": self.pairs,
            "pair_features": VERSION,
            "temperature": self.temperature,
            "solver": asdict(self.solver),
            "link": self.link,
            "blocks": [{"analyzer": block.analyzer, "terms": block.terms} for block in self.blocks],
        }
        tensors = {"coef": self.coef, "intercept": self.intercept}
        tensors |= {f"idf.{i}": block.idf for i, block in enumerate(self.blocks)}
        save_file({name: np.ascontiguousarray(t) for name, t in tensors.items()}, folder / WEIGHTS_FILE)
        (folder / OPTIONS_FILE).write_text(json.dumps(options, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Draft":
        """A saved draft; needs neither torch nor scikit-learn.

        Raises:
            UserError: it learned from other features of pairs than this version makes.
        """
        from safetensors.numpy import load_file

        options = json.loads((folder / OPTIONS_FILE).read_text(encoding="utf-8"))
        if options.get("pairs", False) and options.get("pair_features", VERSION) != VERSION:
            raise UserError(
                msg("This model compares pairs in a way that this version of Tunedesk does not know."),
                hint=msg("Train it again, or open it with the version of Tunedesk that made it."),
            )
        tensors = load_file(folder / WEIGHTS_FILE)
        blocks = tuple(
            TfidfBlock(analyzer=block["analyzer"], terms=tuple(block["terms"]), idf=tensors[f"idf.{i}"])
            for i, block in enumerate(options["blocks"])
        )
        return cls(
            blocks=blocks,
            coef=tensors["coef"],
            intercept=tensors["intercept"],
            temperature=options["temperature"],
            solver=Solver(**options["solver"]),
            hidden=options["hidden"],
            long_texts=options.get("long_texts", START),
            pairs=options.get("pairs", False),
            link=options.get("link", "softmax"),
        )


def fit_features(
    texts: Sequence[str],
    embeddings: NDArray[np.float32],
    language: str,
    max_terms: int,
    long_texts: str,
    *,
    pairs: bool,
) -> "tuple[NDArray[np.float32], tuple[TfidfBlock, ...], list[csr_matrix]]":
    """Dense features, (n, hidden) or those of pairs, and beside them the TF-IDF blocks with their matrices; pairs have none."""
    if pairs:
        return pair_features(texts, embeddings), (), []
    normalized = [normalize(text, long_texts) for text in texts]
    blocks = fit_blocks(normalized, language, max_terms)
    return embeddings, blocks, [block.transform(normalized) for block in blocks]


def fit_blocks(texts: Sequence[str], language: str, max_terms: int) -> tuple[TfidfBlock, ...]:
    names = analyzers_for(language)
    min_df = 2 if len(texts) > 200 else 1
    shares = (0.3, 0.7) if len(names) == 2 else (1.0,)  # words are fewer than character n-grams
    return tuple(
        TfidfBlock.fit(texts, name, min_df=min_df, max_terms=int(max_terms * share))
        for name, share in zip(names, shares, strict=True)
    )


@dataclass(slots=True)
class _Problem:
    """The training rows, and how one solver is fitted to some of them."""

    embeddings: NDArray[np.float32]
    matrices: "list[csr_matrix]"
    y: NDArray[np.int64]
    row_weight: NDArray[np.float64]
    n_labels: int
    seed: int
    should_stop: StopCheck | None

    def features(self, solver: Solver) -> Any:
        from scipy.sparse import csr_matrix, hstack

        dense = self.embeddings * np.float32(solver.scale)
        return hstack([csr_matrix(dense), *self.matrices], format="csr") if solver.terms else dense

    def fit(self, solver: Solver, rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficients (n_labels, features) and intercepts; categories without rows get a low constant score."""
        if self.should_stop is not None and self.should_stop():
            raise Interrupted
        return self._fit(solver, self.features(solver)[rows], rows)

    def _fit(self, solver: Solver, x: Any, rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        coef = np.zeros((self.n_labels, x.shape[1]))
        intercept = np.full(self.n_labels, ABSENT_SCORE)
        present = np.unique(self.y[rows])
        if len(present) == 1:
            intercept[present] = -ABSENT_SCORE
            return coef, intercept
        model = linear_model(solver, self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not quite converged is good enough, and checked by what it answers
            model.fit(x, self.y[rows], sample_weight=self.row_weight[rows])
        if len(present) == 2:  # one row of coefficients: its sign tells the two apart
            coef[present] = np.concatenate([-model.coef_, model.coef_])
            intercept[present] = np.concatenate([-model.intercept_, model.intercept_])
        else:
            coef[present], intercept[present] = model.coef_, model.intercept_
        return coef, intercept


def linear_model(solver: Solver, seed: int) -> Any:
    if solver.kind == "svm":
        from sklearn.svm import LinearSVC

        return LinearSVC(C=solver.c, tol=1e-2, random_state=seed)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=solver.c, max_iter=300, tol=1e-3, random_state=seed)


def _choose(problem: _Problem, pairs: bool) -> tuple[Solver, float]:
    """The solver and temperature whose answers on left-out rows are most likely."""
    n = len(problem.y)
    fold = stratified_folds(problem.y, N_FOLDS, problem.seed)
    asked = range(1) if n > MANY_ROWS else range(N_FOLDS)
    best: tuple[float, Solver, float] | None = None
    candidates = PAIR_CANDIDATES if pairs else CANDIDATES
    for solver in candidates if n <= FEW_ROWS else candidates[:1]:
        scores = np.zeros((n, problem.n_labels))
        for k in asked:
            coef, intercept = problem.fit(solver, fold != k)
            held_out = fold == k
            scores[held_out] = problem.features(solver)[held_out] @ coef.T + intercept
        rows = np.isin(fold, list(asked))
        proba = softmax(scores[rows])
        temperature = fit_temperature(proba, problem.y[rows])
        loss = log_loss(sharpen(proba, temperature), problem.y[rows])
        if best is None or loss < best[0]:
            best = (loss, solver, temperature)
    assert best is not None
    return best[1], best[2]


def stratified_folds(y: NDArray[np.int64], n_folds: int, seed: int) -> NDArray[np.int64]:
    """A fold number per row; the rows of each label are dealt out in turn, starting anywhere."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(y), dtype=np.int64)
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        fold[rows] = (np.arange(len(rows)) + rng.integers(n_folds)) % n_folds
    return fold


__all__ = ["Draft", "Interrupted", "stratified_folds"]
