"""The Train page: presets, settings, and the start."""

import pytest

from core.domain.recipe import Preset, TrainingRecipe
from core.store.store import Store
from core.workspace import Workspace
from pages.components.recipes import NOT_IN_FORM, UNITS, differences, fields, overrides_between, round_down
from tests.pages import training_seeds as seeds
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text


@pytest.fixture
def store(workspace: Workspace) -> Store:
    return Store.open(workspace.settings.database_path)


def start_button(test: object) -> object:
    return next(b for b in test.button if b.label in ("Start training", "开始训练"))  # type: ignore[attr-defined]


def test_without_data_the_page_leads_to_it(open_page: OpenPage) -> None:
    test = open_page("train")
    assert not test.exception
    assert "No data yet" in all_text(test)


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_three_presets_with_minutes_and_memory_one_recommended(store: Store, open_page: OpenPage, lang: str) -> None:
    data = seeds.add_dataset(store)
    test = open_page("train", lang=lang, dataset=data.id)
    assert not test.exception
    chosen = [test.button(key=f"choose_{preset.value}").disabled for preset in Preset]
    assert sum(chosen) == 1
    titles = [heading.value for heading in test.subheader]
    assert sum("blue-badge" in title for title in titles) == 1
    assert sum(":material/schedule:" in m.value for m in test.markdown) == 4  # and one for reading texts first
    assert sum("GB" in m.value or "MB" in m.value for m in test.markdown) >= 3


def test_the_form_offers_every_setting_of_the_recipe(store: Store, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id)
    widgets = [*test.number_input, *test.selectbox, *test.text_input, *test.multiselect]
    offered = {str(w.key).rsplit("_0_", 1)[-1] for w in widgets if str(w.key).startswith("recipe_")}
    recipe = TrainingRecipe()
    assert offered == {f.name for f in fields() if recipe.concerns(f)} - NOT_IN_FORM


def test_an_extra_says_when_it_helps_shows_its_settings_and_reaches_the_run(
    store: Store, workspace: Workspace, open_page: OpenPage
) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id, preset="balanced")
    assert not [n for n in test.number_input if n.label == "Smoothing"]
    test.multiselect[0].set_value(["label_smoothing"]).run()
    assert "some labels are wrong" in all_text(test)
    next(n for n in test.number_input if n.label == "Smoothing").set_value(0.2)
    next(b for b in test.button if b.label == "Apply changes").click().run()
    assert not test.exception
    start_button(test).click().run()  # type: ignore[attr-defined]
    recipe = workspace.runs()[0].recipe
    assert (recipe.extras, recipe.smoothing) == (("label_smoothing",), 0.2)


def test_extras_that_make_no_sense_together_are_refused_with_the_reason(store: Store, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id, preset="balanced")
    test.multiselect[0].set_value(["fgm", "pgd"]).run()
    next(b for b in test.button if b.label == "Apply changes").click().run()
    assert not test.exception
    assert "three ways to do the same" in test.error[0].value


def test_changed_settings_reach_the_run(store: Store, workspace: Workspace, open_page: OpenPage) -> None:
    data = seeds.add_dataset(store)
    test = open_page("train", dataset=data.id, preset="best")
    next(n for n in test.number_input if n.label == "Epochs (passes)").set_value(7)
    next(b for b in test.button if b.label == "Apply changes").click().run()
    assert "Changed: epochs \\= 7" in all_text(test)
    next(t for t in test.text_input if t.label == "Name of the run").set_value("Seven passes")
    start_button(test).click().run()  # type: ignore[attr-defined]
    assert not test.exception
    run = workspace.runs()[0]
    assert (run.name, run.recipe.epochs, run.recipe.preset) == ("Seven passes", 7, Preset.BEST)
    assert workspace.job(run.job_id or 0).queue_position == 1


def test_the_minutes_of_the_search_are_seen_and_set(store: Store, workspace: Workspace, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id, preset="best")
    minutes = next(n for n in test.number_input if str(n.key).startswith("train_search_minutes"))
    assert minutes.label == "Minutes to look for the best settings" and minutes.value >= 3
    minutes.set_value(21).run()
    assert not test.exception
    start_button(test).click().run()  # type: ignore[attr-defined]
    assert workspace.runs()[0].recipe.search_minutes == 21
    other = open_page("train", dataset=seeds.add_dataset(store, "Others", number=2).id, preset="balanced")
    assert not [n for n in other.number_input if str(n.key).startswith("train_search_minutes")]


def test_back_to_the_recommendation_drops_the_changes(store: Store, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id)
    epochs = next(n for n in test.number_input if n.label == "Epochs (passes)")
    recommended = epochs.value
    epochs.set_value(recommended + 5)
    next(b for b in test.button if b.label == "Apply changes").click().run()
    next(b for b in test.button if b.label == "Back to the recommendation").click().run()
    assert next(n for n in test.number_input if n.label == "Epochs (passes)").value == recommended
    assert "Changed:" not in all_text(test)


def test_starting_the_same_thing_twice_shows_the_job_that_is_there(
    store: Store, workspace: Workspace, open_page: OpenPage
) -> None:
    data = seeds.add_dataset(store)
    for _ in range(2):
        test = open_page("train", dataset=data.id, preset="quick")
        start_button(test).click().run()  # type: ignore[attr-defined]
    assert len(workspace.jobs()) == 1
    assert "already under way" in all_text(test)


def test_blocking_findings_stop_the_start_and_lead_to_the_data(store: Store, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store, blocked=True).id)
    assert start_button(test).disabled  # type: ignore[attr-defined]
    assert "There is only one category" in test.error[0].value
    assert "Add examples of a second one" in test.error[0].value


def test_train_again_brings_the_settings_of_the_run(store: Store, workspace: Workspace, open_page: OpenPage) -> None:
    data = seeds.add_dataset(store)
    wanted = workspace.plan(data.id, Preset.BALANCED, overrides={"epochs": 9, "seed": 4}).recipe
    job = store.start_training(data, wanted, name="Mine")
    test = open_page("train", dataset=data.id, preset="balanced", run=str(job.run_id))
    assert not test.exception
    assert next(n for n in test.number_input if n.label == "Epochs (passes)").value == 9
    start_button(test).click().run()  # type: ignore[attr-defined]
    assert len(workspace.jobs()) == 1  # the very same recipe


def test_a_next_step_opens_the_form_filled_with_the_run_and_what_changes_in_it(
    store: Store, open_page: OpenPage
) -> None:
    data = seeds.add_dataset(store)
    job = seeds.done_run(store, data)
    run = {"dataset": data.id, "preset": "balanced", "run": str(job.run_id)}
    test = open_page("train", **run, set="epochs=9;extras=r_drop,l2_start")
    assert not test.exception
    assert next(n for n in test.number_input if n.label == "Epochs (passes)").value == 9
    assert test.multiselect[0].value == ["r_drop", "l2_start"]
    assert "With the settings of the run “A run”. Changed: Epochs \\= 9, Extras" in all_text(test)
    best = open_page("train", **run | {"preset": "best"})
    assert "With the base model of the run" in all_text(best)
    refused = open_page("train", **run, set="epochs=many")
    assert not refused.exception and "not a valid value" in refused.error[0].value


def test_the_whole_catalog_of_base_models_is_offered(store: Store, open_page: OpenPage, workspace: Workspace) -> None:
    data = seeds.add_dataset(store)
    test = open_page("train", dataset=data.id)
    options = [model.name for model in workspace.base_models()]
    box = next(s for s in test.selectbox if s.label == "Base model")
    assert len(options) >= 2
    assert len(box.options) == len(options)
    starred = [option.startswith("★") for option in box.options]
    assert (
        starred == sorted(starred, reverse=True) and any(starred) and not all(starred)
    )  # those for the language first


def test_model_from_the_hub_says_what_it_downloads(store: Store, open_page: OpenPage) -> None:
    test = open_page("train", dataset=seeds.add_dataset(store).id)
    next(s for s in test.selectbox if s.label == "Base model").set_value("microsoft/deberta-v3-base").run()
    assert not test.exception
    said = " ".join(caption.value for caption in test.caption)
    assert "downloads 353.8 MB from the Hugging Face hub" in said
    assert "Licence: MIT." in said
    next(s for s in test.selectbox if s.label == "Base model").set_value("google-bert/bert-base-chinese").run()
    assert any("Licence: see its page on Hugging Face." in caption.value for caption in test.caption)


def test_every_unit_of_a_setting_is_translatable() -> None:
    assert {f.metadata["unit"] for f in fields()} - {""} <= set(UNITS)


def test_differences_and_overrides_name_what_changed() -> None:
    base = TrainingRecipe()
    other = base.changed({"epochs": 5, "learning_rate": 3e-5})
    assert differences(base, other) == [("Epochs", "3", "5"), ("Learning rate", "0.0001", "3e-05")]
    assert base.changed(overrides_between(base, other)) == other
    assert round_down(1e-4) == -5
