"""Frozen layers that are computed once: the same training, and a file that is whole or absent."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.domain.job import Wish
from core.domain.recipe import SettingValue
from core.domain.run import PRACTICE_LOSS, MetricPoint
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training import trunk
from core.training.batches import padded
from core.training.checkpoints import Checkpoints
from core.training.finetuning import CHOICES, FineTuner
from core.training.loop import Loop, LoopResult, Outlets
from core.training.model import Classifier
from core.training.trunk import FOLDER, ROWS, compute_trunk, frozen_depth, why_not
from core.training.types import Cancelled
from tests.unit.training.tiny import CPU, TinyRun, same_tensors, tiny_data, tiny_recipe


def a_run(base_dir: Path, folder: Path, technique: str = "full", **changes: SettingValue) -> TinyRun:
    recipe = tiny_recipe(technique=technique, **{"frozen_layers": 1, "dropout": 0.0, **changes})
    return TinyRun(base_dir, recipe, TECHNIQUES[technique], folder)


def tuner_of(base_dir: Path, folder: Path, **changes: SettingValue) -> FineTuner:
    folder.mkdir(exist_ok=True)
    return FineTuner(
        tiny_data(),
        tiny_recipe(**{"frozen_layers": 1, "epochs": 2, **changes}),
        TASKS["text_classification"],
        TECHNIQUES["full"],
        base_dir=base_dir,
        base_models_dir=folder,
        work_dir=folder,
    )


def tuned(base_dir: Path, folder: Path, outlets: Outlets | None = None, **changes: SettingValue) -> LoopResult:
    tuner = tuner_of(base_dir, folder, **changes)
    return tuner.train(tuner.tokenize(), outlets or Outlets(), lambda values: None)


@pytest.mark.parametrize("frozen_layers", [1, 2], ids=["top layer", "head only"])
def test_answers_and_gradients_are_those_of_all_layers(base_dir: Path, tmp_path: Path, frozen_layers: int) -> None:
    run = a_run(base_dir, tmp_path / "run", frozen_layers=frozen_layers)
    classifier = run.classifier().eval()
    assert frozen_depth(classifier.backbone) == frozen_layers
    parts = [run.practice, run.checkup]
    cached = compute_trunk(classifier.backbone, parts, work_dir=tmp_path, fingerprint="a")
    for part, numbered in zip(parts, cached.examples(parts), strict=True):
        rows = np.arange(24)[::-1].copy()
        targets = torch.from_numpy(part.targets[rows])
        plain = logits_and_gradients(classifier, *padded(part, rows, 0), targets)
        classifier.trunk = cached
        logits, gradients = logits_and_gradients(classifier, *padded(numbered, rows, 0), targets)
        classifier.trunk = None
        torch.testing.assert_close(logits, plain[0], atol=1e-5, rtol=1e-5)
        assert gradients.keys() == plain[1].keys()
        for name, gradient in gradients.items():
            torch.testing.assert_close(gradient, plain[1][name], atol=1e-5, rtol=1e-3, msg=name)


def logits_and_gradients(
    classifier: Classifier, ids: torch.Tensor, mask: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    classifier.zero_grad()
    logits = classifier(ids, mask)
    functional.cross_entropy(logits, targets).backward()
    return logits.detach(), {name: p.grad.clone() for name, p in classifier.named_parameters() if p.grad is not None}


def test_training_from_the_trunk_is_training_without_dropout_below(
    exact_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_trunk = tuned(exact_dir, tmp_path / "trunk", dropout=0.0)
    assert (tmp_path / "trunk" / FOLDER / ROWS).exists()
    monkeypatch.setattr(trunk, "MAX_BYTES", 0)
    said: list[str] = []
    whole = tuned(exact_dir, tmp_path / "whole", Outlets(say=lambda s: said.append(str(s))), dropout=0.0)
    assert not (tmp_path / "whole" / FOLDER).exists()
    assert any("MB" in one for one in said)
    assert from_trunk.best.keys() == whole.best.keys()
    assert from_trunk.position.best_accuracy == whole.position.best_accuracy
    for name, value in from_trunk.best.items():
        torch.testing.assert_close(value, whole.best[name], atol=2e-4, rtol=1e-3, msg=name)


def test_killed_it_goes_on_from_the_same_trunk_to_the_same_bytes(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = tuned(base_dir, tmp_path / "undisturbed")
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: True)
    steps = iter(range(100))
    update = Loop.update

    def killed(loop: Loop, *args: object) -> None:
        if next(steps) == 9:
            raise KeyboardInterrupt
        update(loop, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Loop, "update", killed)
        with pytest.raises(KeyboardInterrupt):
            tuned(base_dir, tmp_path / "killed")
    written = (tmp_path / "killed" / FOLDER / ROWS).stat().st_mtime_ns
    monkeypatch.setattr(trunk, "_fill", None)  # it is there: nobody computes it again
    again = tuned(base_dir, tmp_path / "killed")
    assert (tmp_path / "killed" / FOLDER / ROWS).stat().st_mtime_ns == written
    assert again.position.step == undisturbed.position.step
    assert same_tensors(again.best, undisturbed.best)


def test_a_damaged_or_foreign_trunk_is_computed_again(base_dir: Path, tmp_path: Path) -> None:
    run = a_run(base_dir, tmp_path / "run")
    backbone, parts = run.classifier().backbone, [run.practice, run.checkup]
    rows = compute_trunk(backbone, parts, work_dir=tmp_path, fingerprint="a").rows.clone()
    path = tmp_path / FOLDER / ROWS
    path.write_bytes(path.read_bytes()[:-4] + b"\x00\x00\x80\x7f")
    assert torch.equal(compute_trunk(backbone, parts, work_dir=tmp_path, fingerprint="a").rows, rows)
    first = path.stat().st_ino
    compute_trunk(backbone, parts, work_dir=tmp_path, fingerprint="a")
    assert path.stat().st_ino == first
    compute_trunk(backbone, parts, work_dir=tmp_path, fingerprint="b")
    assert path.stat().st_ino != first


def test_thrown_away_while_it_is_computed_it_leaves_nothing(base_dir: Path, tmp_path: Path) -> None:
    asked = iter([Wish.NONE, Wish.CANCEL])
    with pytest.raises(Cancelled):
        tuned(base_dir, tmp_path / "work", Outlets(should_stop=lambda: next(asked)))
    assert {path.name for path in (tmp_path / "work").iterdir()} <= {CHOICES, "speed.json"}


@pytest.mark.parametrize(
    ("technique", "changes", "word"),
    [
        ("full", {"extras": ("word_noise",)}, "word_noise"),
        ("full", {"extras": ("fgm",)}, "fgm"),
        ("lora", {}, "technique"),
        ("adapters", {}, "technique"),
        ("full", {}, ""),
        ("full", {"extras": ("r_drop", "ema"), "dropout": 0.1}, ""),
    ],
)
def test_what_changes_below_is_computed_in_every_pass(
    base_dir: Path, tmp_path: Path, technique: str, changes: dict[str, SettingValue], word: str
) -> None:
    run = a_run(base_dir, tmp_path / "run", technique, **changes)
    reason = why_not(run.classifier(), run.recipe, [run.practice], tmp_path, CPU)
    assert word in str(reason) if word else reason is None


def test_extras_that_repeat_texts_learn_from_the_trunk(base_dir: Path, tmp_path: Path) -> None:
    losses: list[float] = []

    def heard(point: MetricPoint) -> None:
        if point.name == PRACTICE_LOSS:
            losses.append(point.value)

    extras = ("r_drop", "contrastive", "multi_dropout", "layer_decay", "ema")
    tuned(base_dir, tmp_path / "work", Outlets(report=heard), extras=extras, epochs=4)
    assert (tmp_path / "work" / FOLDER).exists()
    assert np.mean(losses[-8:]) < 0.97 * np.mean(losses[:8])
