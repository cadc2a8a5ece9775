"""A head that starts with what a linear model learns from the base model's vectors as they are.

A random head sends gradients through the pretrained weights that tell nothing; one that is fitted first (LP-FT, Kumar et
al., 2022, arXiv:2202.10054) bends them less. The vectors are those of the classifier itself, so its pooling and layers count.
"""

import warnings

import numpy as np
import torch

from core.training.balance import label_weights
from core.training.batches import TokenizedExamples, answer_passes, padded, subset, windows_of
from core.training.draft import ABSENT_SCORE
from core.training.model import Classifier

MAX_ROWS = 5_000  # more tell a linear model little, and each is read once
LENGTH = 8.0  # that vectors are brought to on average: how little the fit is regularized
C = 1.0  # inverse strength of the regularization


def fit_head(
    classifier: Classifier,
    practice: TokenizedExamples,
    *,
    class_weights: str,
    seed: int,
    pad_id: int,
    device: torch.device,
) -> None:
    """Put a logistic regression on the vectors of `practice` into the head. Same arguments, same head."""
    if len(practice) > MAX_ROWS:
        drawn = np.random.default_rng(seed).choice(len(practice), MAX_ROWS, replace=False)
        practice = subset(practice, np.sort(drawn))
    targets, n_labels = practice.targets, classifier.head.out_features
    if len(np.unique(targets)) < 2:
        return  # nothing to tell apart
    vectors = _vectors(classifier, practice, pad_id, device)
    scale = LENGTH / float(np.linalg.norm(vectors, axis=1).mean())
    weights = label_weights(targets, n_labels, class_weights)
    coef, intercept = _fitted(vectors * scale, targets, weights, n_labels, seed)
    with torch.no_grad():
        classifier.head.weight.copy_(torch.from_numpy(coef * scale))
        classifier.head.bias.copy_(torch.from_numpy(intercept))


def _vectors(classifier: Classifier, examples: TokenizedExamples, pad_id: int, device: torch.device) -> np.ndarray:
    """Of shape (n, hidden), without dropout."""
    vectors = np.zeros((len(examples), classifier.head.in_features), dtype=np.float32)
    was_training = classifier.training
    classifier.to(device).eval()
    with torch.inference_mode():
        for rows in answer_passes(examples):
            ids, mask = (t.to(device) for t in padded(examples, rows, pad_id))
            vectors[rows] = (
                classifier.vectors(ids, mask, counts=windows_of(examples, rows).counts).float().cpu().numpy()
            )
    classifier.train(was_training)
    return vectors


def _fitted(
    vectors: np.ndarray, targets: np.ndarray, weights: np.ndarray | None, n_labels: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (n_labels, hidden) and intercepts of a logistic regression; categories without rows score low."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=C, max_iter=300, tol=1e-3, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # not quite converged is good enough to start from
        model.fit(vectors, targets, sample_weight=None if weights is None else weights[targets])
    coef = np.zeros((n_labels, vectors.shape[1]), dtype=np.float32)
    intercept = np.full(n_labels, ABSENT_SCORE, dtype=np.float32)
    if len(model.classes_) == 2:  # one row of coefficients tells the two apart: each gets half of it
        coef[model.classes_] = np.concatenate([-model.coef_, model.coef_]) / 2
        intercept[model.classes_] = np.concatenate([-model.intercept_, model.intercept_]) / 2
    else:
        coef[model.classes_], intercept[model.classes_] = model.coef_, model.intercept_
    return coef, intercept
