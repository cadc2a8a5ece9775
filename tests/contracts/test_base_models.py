"""What every entry of the catalog promises."""

import pytest

from core.base_models.advice import advice_for
from core.base_models.catalog import BY_NAME, CATALOG, Entry, default_for, list_base_models
from core.base_models.folder import MAX_PARAMETERS
from core.base_models.sources import fetch
from core.errors import WeightsUnavailable
from core.files import is_whole


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(CATALOG)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_entry_says_what_it_is(entry: Entry) -> None:
    assert entry.title and entry.languages and str(entry.good_for).endswith(".")
    assert set(entry.languages) <= {"en", "zh", "multilingual"}
    assert 1_000_000 < entry.n_parameters < MAX_PARAMETERS
    assert 1.9 * entry.n_parameters < entry.n_bytes < 6 * entry.n_parameters  # weights of two or four bytes
    assert bool(entry.packaged) == bool(entry.sha256) == bool(entry.file)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_entry_says_how_it_is_trained(entry: Entry) -> None:
    assert entry.pooling in ("mean", "cls", "last")
    assert entry.max_tokens >= 512
    assert 1e-5 <= entry.learning_rate <= 2e-4
    advice = advice_for(entry.name)
    assert (advice.technique, advice.pooling) == (("lora", "last") if entry.is_decoder else ("full", entry.pooling))
    # layers and the word vectors of the smallest and the largest vocabulary make about the number that is promised
    layers = 12 * entry.n_layers * entry.hidden**2
    layers = layers if not entry.name.startswith("albert/") else layers // entry.n_layers
    assert 0.4 * layers < entry.n_parameters < 2 * layers + 270_000 * entry.hidden


@pytest.mark.parametrize("entry", [e for e in CATALOG if not e.packaged], ids=lambda entry: entry.name)
def test_unreachable_hub_is_said_for_every_entry(entry: Entry, tmp_path) -> None:
    """The tests run offline: huggingface_hub itself says so, before any request."""
    with pytest.raises(WeightsUnavailable, match="cannot be reached") as caught:
        fetch(entry.name, tmp_path)
    assert entry.name in str(caught.value) and "built-in" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", ["en", "zh", "de"])
def test_some_models_suit_every_language_and_the_default_does(language: str, tmp_path) -> None:
    suited = [model for model in list_base_models(tmp_path) if model.suits(language)]
    assert default_for(language) in {model.name for model in suited}
    assert any(model.is_downloaded for model in suited) and any(model.installed for model in suited)
    assert 2 < len(suited) < len(CATALOG)


def test_defaults_are_on_this_machine(tmp_path) -> None:
    installed = {model.name for model in list_base_models(tmp_path) if model.installed}
    assert {default_for(language) for language in ("en", "zh", "other")} <= installed


@pytest.mark.weights
@pytest.mark.parametrize("entry", [e for e in CATALOG if e.packaged], ids=lambda entry: entry.name)
def test_packaged_models_become_whole_folders_of_the_promised_size(entry: Entry, tmp_path) -> None:
    folder = fetch(entry.name, tmp_path)
    assert is_whole(folder)
    n_bytes = sum(p.stat().st_size for p in folder.iterdir())
    assert abs(n_bytes / entry.n_bytes - 1) < 0.05
    assert {"config.json", "model.safetensors", "tokenizer.json", "tunedesk.json"} <= {p.name for p in folder.iterdir()}
