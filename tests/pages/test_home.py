"""Home invites on an empty workspace, and goes on with what is there on a used one."""

import pytest

from core.workspace import Workspace
from tests.pages.conftest import OpenPage


@pytest.mark.parametrize(("lang", "button"), [("en", "Open this sample"), ("zh_CN", "打开此样例")])
def test_empty_home_offers_every_sample_and_the_template(
    open_page: OpenPage, workspace: Workspace, lang: str, button: str
) -> None:
    test = open_page(lang=lang)
    samples = workspace.samples()
    assert len(samples) >= 3
    assert [b.label for b in test.button if b.key and b.key.startswith("sample_")] == [button] * len(samples)
    assert len(test.get("download_button")) == 1


def test_home_says_what_it_runs_on(open_page: OpenPage, workspace: Workspace) -> None:
    test = open_page()
    assert any("Your data never leaves it" in caption.value for caption in test.caption)
    assert any(str(workspace.device()["n_cores"]) in caption.value for caption in test.caption)


def test_a_sample_opens_as_a_dataset_on_the_data_page(open_page: OpenPage, workspace: Workspace) -> None:
    name = workspace.samples()[0].name
    test = open_page()
    test.button(key=f"sample_{name}").click().run()
    dataset = workspace.datasets()[0]
    assert dataset.sample == name
    assert test.query_params["dataset"] == dataset.id
    assert not test.exception


def test_home_with_data_has_a_card_with_the_way_on(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = workspace.open_sample(workspace.samples()[0].name)
    test = open_page()
    assert test.title[0].value == "Home"
    test.button(key=f"train_{dataset.id}").click().run()
    assert test.query_params["dataset"] == dataset.id
    assert test.title[0].value == "Train a model"
