"""What every entry of the catalog promises."""

import pytest

from core.base_models.catalog import BY_NAME, CATALOG, Entry, default_for, list_base_models
from core.base_models.sources import fetch
from core.files import is_whole


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(CATALOG)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_entry_says_what_it_is(entry: Entry) -> None:
    assert entry.title and entry.languages and entry.licence and str(entry.good_for).endswith(".")
    assert entry.n_parameters > 1_000_000
    assert 3 * entry.n_parameters < entry.n_bytes < 6 * entry.n_parameters
    assert bool(entry.packaged) == bool(entry.sha256) == bool(entry.file)


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
