from pathlib import Path

import pytest

from core.techniques.lora import LoRA
from core.training.model import trainable
from tests.unit.training.tiny import TinyRun, build_base, tiny_recipe


@pytest.fixture(scope="module")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_base(tmp_path_factory.mktemp("lora") / "tiny-bert")


@pytest.mark.parametrize("rank", [2, 8])
def test_only_the_added_weights_and_the_head_are_trained(base_dir: Path, tmp_path: Path, rank: int) -> None:
    run = TinyRun(base_dir, tiny_recipe(technique="lora", lora_rank=rank), LoRA(), tmp_path)
    parameters = trainable(run.classifier())
    assert all("lora_" in name or name.startswith("head.") for name in parameters)
    a, b = (next(p for name, p in parameters.items() if f"lora_{x}" in name) for x in "AB")
    assert a.shape[0] == b.shape[1] == rank


def test_what_is_kept_of_a_run_is_small(base_dir: Path, tmp_path: Path) -> None:
    run = TinyRun(base_dir, tiny_recipe(technique="lora", epochs=1, lora_rank=2), LoRA(), tmp_path)
    n_kept = sum(value.numel() for value in run.train().best.values())
    n_all = sum(p.numel() for p in run.classifier().parameters())
    assert n_kept < n_all / 5
