import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from core.base_models import bert_graph, encoder
from core.base_models.encoder import FrozenEncoder, Interrupted, copy_encoder
from core.base_models.sources import fetch
from core.base_models.tokenizer import encode, load_tokenizer
from core.errors import WeightsUnavailable

TEXTS = ["where is my card", "refund", "i need help with the login password now please", "refund", ""]


@pytest.fixture(scope="module")
def base_dir(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch(str(tiny_bert), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def encoder_dir(base_dir: Path) -> Path:
    return FrozenEncoder.prepare(base_dir, base_dir.parent)


def _expected(base_dir: Path, n_layers: int) -> np.ndarray:
    model = AutoModel.from_pretrained(base_dir).eval()
    model.encoder.layer = model.encoder.layer[:n_layers]
    vectors = []
    for ids in encode(load_tokenizer(base_dir, 40), TEXTS):
        with torch.no_grad():
            states = model(torch.from_numpy(ids)[None]).last_hidden_state[0]
        vectors.append(torch.nn.functional.normalize(states.mean(0), dim=0).numpy())
    return np.stack(vectors)


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("directly", [True, False])
def test_vectors_are_those_of_the_base_model(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_layers: int, directly: bool
) -> None:
    if not directly:
        monkeypatch.setattr(encoder, "write_bert_encoder", lambda *args, **kwargs: False)
    folder = FrozenEncoder.prepare(base_dir, tmp_path, n_layers=n_layers)
    got = FrozenEncoder.load(folder).embed(TEXTS)
    assert np.abs(got - _expected(base_dir, n_layers)).max() < 2e-3


@pytest.mark.parametrize("directly", [True, False])
def test_models_made_for_their_first_token_are_drafted_by_it(
    base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directly: bool
) -> None:
    source = tmp_path / "source"
    shutil.copytree(base_dir, source)
    known = json.loads((source / "tunedesk.json").read_text())
    (source / "tunedesk.json").write_text(json.dumps(known | {"pooling": "cls"}))
    if not directly:
        monkeypatch.setattr(encoder, "write_bert_encoder", lambda *args, **kwargs: False)
    got = FrozenEncoder.load(FrozenEncoder.prepare(source, tmp_path)).embed(TEXTS)
    model = AutoModel.from_pretrained(base_dir).eval()
    for vector, ids in zip(got, encode(load_tokenizer(base_dir, 40), TEXTS), strict=True):
        with torch.no_grad():
            first = model(torch.from_numpy(ids)[None]).last_hidden_state[0, 0]
        assert np.abs(vector - torch.nn.functional.normalize(first, dim=0).numpy()).max() < 2e-3


def test_other_architectures_and_options_take_the_general_path(tmp_path: Path) -> None:
    for config in ('{"model_type": "roberta"}', '{"model_type": "bert", "hidden_act": "relu"}'):
        (tmp_path / "config.json").write_text(config)
        assert not bert_graph.write_bert_encoder(tmp_path, tmp_path / "x.onnx", output_name="vectors")


def test_prepared_encoder_is_used_again(base_dir: Path, encoder_dir: Path) -> None:
    before = (encoder_dir / "encoder.onnx").stat().st_mtime_ns
    assert FrozenEncoder.prepare(base_dir, base_dir.parent) == encoder_dir
    assert (encoder_dir / "encoder.onnx").stat().st_mtime_ns == before


def test_vectors_do_not_depend_on_the_company(encoder_dir: Path) -> None:
    frozen = FrozenEncoder.load(encoder_dir, n_threads=1)
    together = frozen.embed(TEXTS * 40)
    alone = np.concatenate([frozen.embed([text]) for text in TEXTS])
    assert together.shape == (200, frozen.hidden)
    assert np.abs(together[:5] - alone).max() < 1e-5


def test_long_texts_are_cut_where_the_model_ends(encoder_dir: Path) -> None:
    vectors = FrozenEncoder.load(encoder_dir).embed(["card " * 500, "card " * 600])
    assert np.isfinite(vectors).all()
    assert np.allclose(vectors[0], vectors[1])


def test_progress_reaches_one_and_stopping_is_heard(encoder_dir: Path) -> None:
    frozen = FrozenEncoder.load(encoder_dir)
    seen: list[float] = []
    frozen.embed(TEXTS, progress=seen.append)
    assert seen[-1] == 1.0
    with pytest.raises(Interrupted):
        frozen.embed(TEXTS, should_stop=lambda: True)


def test_no_texts_give_no_vectors(encoder_dir: Path) -> None:
    frozen = FrozenEncoder.load(encoder_dir)
    assert frozen.embed([]).shape == (0, frozen.hidden)


def test_bundle_gets_what_it_needs(encoder_dir: Path, tmp_path: Path) -> None:
    copy_encoder(encoder_dir, tmp_path / "encoder")
    assert FrozenEncoder.load(tmp_path / "encoder").embed(["card"]).shape == (1, 16)


def test_damaged_encoder_is_named(encoder_dir: Path, tmp_path: Path) -> None:
    copy_encoder(encoder_dir, tmp_path / "encoder")
    (tmp_path / "encoder" / "encoder.onnx").unlink()
    with pytest.raises(WeightsUnavailable, match="damaged"):
        FrozenEncoder.load(tmp_path / "encoder")


def test_embedding_needs_no_torch(encoder_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.base_models.encoder import FrozenEncoder;"
        f"FrozenEncoder.load(Path({str(encoder_dir)!r})).embed(['card']);"
        "assert not {'torch', 'transformers', 'onnx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
