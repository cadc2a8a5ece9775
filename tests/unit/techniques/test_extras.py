"""The mathematics of each extra, on tensors small enough to see."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.domain.run import GRADIENT_NORM, PRACTICE_LOSS
from core.tasks import TASKS
from core.techniques import EXTRAS, TECHNIQUES
from core.techniques.protocol import Extra, Pass, Running
from core.techniques.word_shift import WordShift
from core.training.batches import padded
from core.training.model import Classifier
from core.training.optimizer import FlatAdamW, fp32_state
from tests.unit.training.tiny import TinyRun, same_tensors, tiny_recipe

TASK = TASKS["text_classification"]


def made(name: str, **changes: float) -> Extra:
    return EXTRAS[name](tiny_recipe(extras=(name,), **changes))


def a_pass(n_rows: int = 6, n_labels: int = 3, weights: torch.Tensor | None = None) -> Pass:
    labels = torch.arange(n_rows) % n_labels
    ids = torch.arange(n_rows * 4).view(n_rows, 4)
    return Pass(
        ids=ids,
        mask=torch.ones_like(ids),
        labels=labels,
        targets=labels,
        label_weights=weights,
        n_labels=n_labels,
        total=float(n_rows),
    )


def loss_of(batch: Pass, extra: Extra, logits: torch.Tensor) -> torch.Tensor:
    batch.logits = logits
    return extra.on_loss(batch, TASK.loss(logits, batch.targets, batch.label_weights)) / batch.copies


def ready(run: TinyRun) -> tuple[Classifier, FlatAdamW]:
    classifier = run.classifier()
    return classifier, FlatAdamW(classifier, run.recipe, fp32_state(classifier))


def running(run: TinyRun, weights: FlatAdamW) -> Running:
    examples = run.practice
    return Running(
        classifier=None,
        weights=weights,
        ids=examples.ids,
        offsets=examples.offsets,
        targets=examples.targets,
        n_labels=3,
        fit_head=lambda: None,
    )


@pytest.fixture
def run(base_dir: Path, tmp_path: Path) -> TinyRun:
    return TinyRun(base_dir, tiny_recipe(), TECHNIQUES["full"], tmp_path)


def test_label_smoothing_is_that_of_torch_weights_included() -> None:
    weights, logits = torch.tensor([1.0, 2.0, 0.5]), torch.randn(6, 3)
    batch = a_pass(weights=weights)
    made("label_smoothing", smoothing=0.2).on_tokens(batch)
    expected = functional.cross_entropy(logits, batch.labels, weight=weights, label_smoothing=0.2, reduction="sum")
    torch.testing.assert_close(TASK.loss(logits, batch.targets, weights), expected)


def test_focal_loss_without_gamma_is_cross_entropy_and_with_it_easy_rows_count_less() -> None:
    weights, logits = torch.tensor([1.0, 2.0, 0.5]), torch.randn(6, 3)
    plain = functional.cross_entropy(logits, a_pass().labels, weight=weights, reduction="sum")
    torch.testing.assert_close(loss_of(a_pass(weights=weights), made("focal_loss", focal_gamma=0.0), logits), plain)
    sure = (20 * functional.one_hot(a_pass().labels, 3).float()).requires_grad_()
    loss = loss_of(a_pass(), made("focal_loss", focal_gamma=0.5), sure)
    loss.backward()
    assert float(loss.detach()) < 1e-6
    assert sure.grad is not None and torch.isfinite(sure.grad).all()


def test_class_balanced_weights_lie_between_equal_and_inverse_counts() -> None:
    targets = np.repeat([0, 1, 2], [5000, 50, 5])
    common, rare, rarest = made("class_balanced").label_weights(targets, 3)  # type: ignore[misc]
    assert common < rare < rarest
    assert rare / common < 100 and rarest / rare == pytest.approx(10, rel=0.05)


def test_r_drop_adds_the_distance_of_both_readings_once_per_text() -> None:
    batch, extra = a_pass(), made("r_drop", r_drop_alpha=2.0)
    extra.on_tokens(batch)
    assert batch.ids.shape == (12, 4) and batch.copies == 2
    one, other = torch.randn(6, 3), torch.randn(6, 3)
    plain = [functional.cross_entropy(z, batch.labels[:6], reduction="sum") for z in (one, other)]
    p, q = one.log_softmax(-1), other.log_softmax(-1)
    apart = functional.kl_div(p, q, log_target=True, reduction="sum")
    apart = apart + functional.kl_div(q, p, log_target=True, reduction="sum")
    torch.testing.assert_close(loss_of(batch, extra, torch.cat([one, other])), sum(plain) / 2 + 2.0 * apart / 2)
    torch.testing.assert_close(loss_of(batch, extra, torch.cat([one, one])), plain[0])


def test_several_dropout_masks_give_the_mean_of_their_losses() -> None:
    batch, extra = a_pass(), made("multi_dropout")
    extra.on_tokens(batch)
    batch.vectors = torch.randn(6, 8)
    extra.on_vectors(batch)
    assert batch.vectors.shape == (30, 8)
    logits = torch.randn(6, 3)
    expected = functional.cross_entropy(logits, a_pass().labels, reduction="sum")
    torch.testing.assert_close(loss_of(batch, extra, logits.repeat(5, 1)), expected)


def test_mixed_texts_have_mixed_targets_of_the_same_shares() -> None:
    torch.manual_seed(0)
    batch, extra = a_pass(), made("mixup")
    extra.on_tokens(batch)
    batch.vectors = functional.one_hot(batch.labels, 3).float()  # so that vectors and targets must come out alike
    extra.on_vectors(batch)
    torch.testing.assert_close(batch.vectors, batch.targets)
    torch.testing.assert_close(batch.targets.sum(1), torch.ones(6))
    assert (batch.targets[torch.arange(6), batch.labels] >= 0.5).all()


def test_contrast_falls_as_categories_draw_together_and_lone_rows_add_nothing() -> None:
    def term(vectors: torch.Tensor, n_labels: int) -> float:
        batch, extra = a_pass(n_labels=n_labels), made("contrastive", contrastive_share=1.0)
        batch.vectors = vectors
        extra.on_vectors(batch)
        return float(extra.on_loss(batch, torch.tensor(0.0)))

    together = functional.one_hot(torch.arange(6) % 3, 3).float()
    assert term(together, 3) < term(together[[0, 1, 2, 1, 2, 0]], 3)
    assert term(torch.randn(6, 3), 6) == 0.0
    assert term(torch.randn(6, 3), 1) > 0.0


@pytest.mark.parametrize("packs", [True, False])
def test_a_shift_climbs_as_far_as_is_allowed_in_every_text_and_never_in_padding(run: TinyRun, packs: bool) -> None:
    classifier = run.classifier().eval()
    classifier.packs = packs
    ids, mask = padded(run.practice, np.arange(12), 0)
    targets = torch.from_numpy(run.practice.targets[:12])
    batch = Pass(ids=ids, mask=mask, labels=targets, targets=targets, label_weights=None, n_labels=3, total=12.0)
    words = classifier.backbone.get_input_embeddings()(ids).detach() * mask.unsqueeze(-1)
    with WordShift(classifier, batch, 0.1) as shift:
        clean = functional.cross_entropy(classifier(ids, mask), targets)
        clean.backward()
        shift.climb(3.0)
        moved = functional.cross_entropy(classifier(ids, mask), targets)
        assert shift.shift is not None
        torch.testing.assert_close(shift._lengths(shift.shift.detach()), 0.1 * words.flatten(1).norm(dim=1))
        if not packs:
            assert not shift.shift[mask == 0].any()
    assert float(moved.detach()) > float(clean.detach())
    torch.testing.assert_close(functional.cross_entropy(classifier(ids, mask), targets), clean)


def test_shifts_are_the_same_with_and_without_padding(run: TinyRun) -> None:
    classifier = run.classifier().eval()
    ids, mask = padded(run.practice, np.arange(12), 0)
    targets = torch.from_numpy(run.practice.targets[:12])
    batch = Pass(ids=ids, mask=mask, labels=targets, targets=targets, label_weights=None, n_labels=3, total=12.0)
    losses = []
    for packs in (True, False):
        classifier.packs = packs
        with WordShift(classifier, batch, 0.1) as shift:
            functional.cross_entropy(classifier(ids, mask), targets).backward()
            shift.climb(1.0)
            losses.append(float(functional.cross_entropy(classifier(ids, mask), targets).detach()))
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_lower_layers_learn_more_slowly() -> None:
    extra = made("layer_decay", layer_decay=0.5)
    assert [extra.layer_rate(depth, 2, 0.0) for depth in range(4)] == [0.125, 0.25, 0.5, 1.0]


def test_layers_join_from_the_top_and_rest_until_then(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(extras=("gradual_unfreezing",), epochs=2), TECHNIQUES["full"], tmp_path)
    extra = made("gradual_unfreezing")
    joined = [sum(extra.layer_rate(depth, 2, step / 24) for depth in range(4)) for step in range(24)]
    assert joined[0] == 1 and joined[8] == 4 and joined == sorted(joined)
    classifier = run.classifier()
    optimizer = FlatAdamW(classifier, run.recipe, fp32_state(classifier), layered=True)
    optimizer.at_depths(lambda depth: extra.layer_rate(depth, optimizer.n_layers, 0.0))
    assert {name for name, p in classifier.named_parameters() if p.requires_grad} == {"head.weight", "head.bias"}
    before = optimizer.weights_by_name()
    ids, mask = padded(run.practice, np.arange(8), 0)
    classifier(ids, mask).sum().backward()
    optimizer.collect()
    optimizer.step(1e-2, optimizer.gradient_norm())
    after = optimizer.weights_by_name()
    assert {name for name in before if not torch.equal(before[name], after[name])} == {"head.weight", "head.bias"}


def test_the_moving_average_is_checked_and_training_goes_on_with_the_weights(run: TinyRun) -> None:
    _, optimizer = ready(run)
    extra = made("ema")
    extra.begin(running(run, optimizer))
    start = optimizer.weights_by_name()
    for vector in optimizer.vectors():
        vector.add_(1.0)
    extra.after_step(optimizer, 1, 1e-3)
    extra.before_check(optimizer)
    average = optimizer.weights_by_name()
    extra.after_check(optimizer)
    trained = optimizer.weights_by_name()
    share = 1 - 2 / 11
    for name, value in start.items():
        torch.testing.assert_close(average[name], value + share)
        torch.testing.assert_close(trained[name], value + 1.0)


def test_the_three_best_check_ups_are_averaged() -> None:
    extra = made("soup")
    extra.begin(None)  # type: ignore[arg-type]
    assert extra.last_try() is None
    for accuracy, value in ((0.5, 1.0), (0.9, 2.0), (0.7, 4.0), (0.8, 6.0), (0.6, 100.0)):
        extra.checked(lambda value=value: {"w": torch.tensor([value])}, accuracy, 1.0)  # type: ignore[misc]
    again = made("soup")
    again.restore(extra.state())
    assert again.last_try() == extra.last_try() == {"w": torch.tensor([4.0])}


def test_the_pull_leaves_the_head_alone(run: TinyRun) -> None:
    _, optimizer = ready(run)
    extra = made("l2_start", start_pull=50.0)
    start = optimizer.weights_by_name()
    extra.begin(running(run, optimizer))
    for vector in optimizer.vectors():
        vector.add_(1.0)
    extra.after_step(optimizer, 1, 1e-2)
    for name, value in optimizer.weights_by_name().items():
        torch.testing.assert_close(value - start[name], torch.full_like(value, 1.0 if "head" in name else 0.5))


def test_mixout_sets_a_share_back_keeps_the_mean_and_restores_what_trains(run: TinyRun) -> None:
    torch.manual_seed(0)
    _, optimizer = ready(run)
    extra = made("mixout", mixout_share=0.25)
    extra.begin(running(run, optimizer))
    start = torch.cat(optimizer.vectors())
    for vector, gradient in zip(optimizer.vectors(), optimizer.gradients(), strict=True):
        vector.add_(1.0)
        gradient.fill_(1.0)
    extra.before_step(optimizer)
    moved = torch.cat(optimizer.vectors()) - start
    back = moved.abs() < 1e-5
    assert float(back.float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(moved.mean()) == pytest.approx(1.0, abs=0.02)
    extra.after_backward(optimizer)
    torch.testing.assert_close(torch.cat(optimizer.vectors()), start + 1.0)
    assert not torch.cat(optimizer.gradients())[back].any()


def test_noise_leaves_special_tokens_depends_on_the_draw_alone_and_never_lengthens(run: TinyRun) -> None:
    _, optimizer = ready(run)
    extra = made("word_noise", noise_share=0.3)
    extra.begin(running(run, optimizer))
    changed = 0
    for row in range(90):
        ids = run.practice.ids[run.practice.offsets[row] : run.practice.offsets[row + 1]]
        one, again = (extra.rewrite(ids, np.random.default_rng([0, 1, row])) for _ in range(2))
        assert np.array_equal(one, again)
        assert (one[0], one[-1]) == (ids[0], ids[-1]) == (2, 3)
        assert 3 <= len(one) <= len(ids)
        assert set(one.tolist()) <= set(run.seen.tolist())
        changed += not np.array_equal(one, ids)
    assert 30 < changed < 75


EXACT = ("class_balanced", "label_smoothing", "focal_loss", "r_drop", "multi_dropout", "layer_decay", "l2_start", "fgm")


@pytest.mark.parametrize("extras", [EXACT[:4], EXACT[4:]], ids="+".join)
def test_accumulated_passes_equal_one_big_batch(base_dir: Path, tmp_path: Path, extras: tuple[str, ...]) -> None:
    runs = []
    for batch_size, n_passes in ((16, 1), (4, 4)):
        recipe = tiny_recipe(
            epochs=1, batch_size=batch_size, gradient_accumulation=n_passes, learning_rate=1e-3, extras=extras
        )
        run = TinyRun(base_dir, recipe, TECHNIQUES["full"], tmp_path / str(batch_size))
        classifier = run.classifier()
        for module in classifier.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0  # it would draw differently for other shapes
        run.classifier = lambda ready=classifier: ready  # type: ignore[method-assign,misc]
        run.train()
        runs.append(run)
    whole, parts = runs
    assert parts.heard.curve(PRACTICE_LOSS) == pytest.approx(whole.heard.curve(PRACTICE_LOSS), abs=1e-4)
    assert parts.heard.curve(GRADIENT_NORM) == pytest.approx(whole.heard.curve(GRADIENT_NORM), rel=1e-2)


@pytest.mark.parametrize(
    ("technique", "extras"),
    [("full", ("r_drop", "freelb", "gradual_unfreezing", "mixout", "ema")), ("adalora", ("fgm", "soup"))],
)
def test_half_precision_learns_and_resumes_to_the_same_bytes(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, technique: str, extras: tuple[str, ...]
) -> None:
    recipe = tiny_recipe(technique=technique, extras=extras, epochs=2)
    whole = TinyRun(base_dir, recipe, TECHNIQUES[technique], tmp_path / "whole").train(precision="bf16")
    run = TinyRun(base_dir, recipe, TECHNIQUES[technique], tmp_path / "killed")
    monkeypatch.setattr(run.checkpoints, "is_due", lambda n_bytes: True)

    def report(point: object) -> None:
        if point.step == 13:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(precision="bf16", report=report)
    again = TinyRun(base_dir, recipe, TECHNIQUES[technique], tmp_path / "killed").train(precision="bf16")
    assert same_tensors(again.best, whole.best)


def test_adalora_ends_with_exactly_its_budget_of_ranks(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(technique="adalora", lora_rank=2, epochs=2), TECHNIQUES["adalora"], tmp_path)
    classifier = run.classifier()
    run.classifier = lambda: classifier  # type: ignore[method-assign]
    run.train()
    places = torch.cat([p.view(-1) for name, p in classifier.named_parameters() if ".lora_E." in name])
    assert len(places) == 12 * 3  # 12 linear maps, at the start with half as many ranks again
    assert int((places != 0).sum()) == 12 * 2
    assert len({int((p != 0).sum()) for name, p in classifier.named_parameters() if ".lora_E." in name}) > 1
