import numpy as np
import pytest

from core.training.calibration import (
    HIGHEST_THRESHOLD,
    choose_threshold,
    fit_mix,
    fit_temperature,
    log_loss,
    sharpen,
    softmax,
)

LABELS = 4


def _world(n: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """True probabilities, and targets drawn from them."""
    rng = np.random.default_rng(seed)
    proba = softmax(rng.normal(size=(n, LABELS)) * sharpness)
    targets = np.array([rng.choice(LABELS, p=p) for p in proba])
    return proba, targets


@pytest.mark.parametrize("distortion", [0.4, 1.0, 2.5])
def test_temperature_undoes_a_distortion(distortion: float) -> None:
    honest, targets = _world(4000, 2.0)
    temperature = fit_temperature(sharpen(honest, distortion), targets)
    assert temperature == pytest.approx(1 / distortion, rel=0.1)


def test_sharpening_keeps_the_best_answer_and_the_sum() -> None:
    proba, _ = _world(50, 1.0)
    for temperature in (0.1, 3.0):
        changed = sharpen(proba, temperature)
        assert (changed.argmax(1) == proba.argmax(1)).all()
        assert np.allclose(changed.sum(1), 1)


def test_few_examples_do_not_become_certainty() -> None:
    assert fit_temperature(np.array([[0.6, 0.4], [0.3, 0.7]]), [0, 1]) > 0.3
    assert fit_temperature(np.empty((0, 3)), []) == 1.0


def test_mix_prefers_what_knows_more() -> None:
    honest, targets = _world(1000, 2.0)
    noise, _ = _world(1000, 1.0, seed=1)
    assert fit_mix(targets, honest, noise) > 0.8
    assert fit_mix(targets, noise, honest) < 0.2


def test_mix_is_never_worse_than_either_where_it_was_fitted() -> None:
    honest, targets = _world(300, 2.0)
    a, b = sharpen(honest, 0.5), sharpen(honest, 2.0)
    weight = fit_mix(targets, a, b)
    mixed = log_loss(weight * a + (1 - weight) * b, targets)
    assert mixed <= min(log_loss(a, targets), log_loss(b, targets))


def test_sure_answers_are_right_about_95_times_in_100() -> None:
    proba, targets = _world(5000, 3.0)
    threshold = choose_threshold(proba, targets)
    fresh, fresh_targets = _world(5000, 3.0, seed=9)
    sure = fresh.max(1) >= threshold
    assert 0.1 < sure.mean() < 0.95
    assert (fresh.argmax(1) == fresh_targets)[sure].mean() == pytest.approx(0.95, abs=0.02)


def test_threshold_stays_in_its_bounds() -> None:
    perfect = np.eye(LABELS)[np.arange(200) % LABELS] * 0.2 + 0.2
    assert choose_threshold(perfect, np.arange(200) % LABELS) >= 0.3
    hopeless, targets = _world(200, 0.1)
    assert choose_threshold(hopeless, targets) == HIGHEST_THRESHOLD
    assert choose_threshold(np.empty((0, 2)), []) == HIGHEST_THRESHOLD


def test_two_categories_can_be_unsure() -> None:
    proba = np.tile([[0.51, 0.49], [0.02, 0.98]], (500, 1))
    assert choose_threshold(proba, np.tile([0, 1], 500)) > 0.51


def test_three_lucky_answers_do_not_lower_the_threshold() -> None:
    proba = np.array([[0.6, 0.4], [0.45, 0.55], [0.62, 0.38]])
    assert choose_threshold(proba, [0, 1, 0]) == HIGHEST_THRESHOLD
