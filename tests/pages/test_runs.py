"""The history and the live page, on runs as a worker leaves them."""

from dataclasses import replace

import pandas
import pytest

from core.domain.job import JobStatus, Wish
from core.domain.search import SearchRecord, Trial, TrialEnd
from core.store.store import Store
from core.workspace import Workspace
from pages.components.history import matching, runs_frame
from tests.pages import training_seeds as seeds
from tests.pages.conftest import OpenPage

HOSTILE = "![x](http://example.org/a.png) <b>bold</b> $a$ :red[no]"


@pytest.fixture
def store(workspace: Workspace) -> Store:
    return Store.open(workspace.settings.database_path)


def all_text(test: object) -> str:
    kinds = ("title", "markdown", "caption", "subheader", "info", "error", "button", "text")
    return "\n".join(
        str(getattr(element, "label", "")) + str(getattr(element, "value", ""))
        for kind in kinds
        for element in getattr(test, kind)
    )


def test_without_runs_the_page_says_what_to_do_next(open_page: OpenPage) -> None:
    test = open_page("runs")
    assert not test.exception
    assert "No runs yet" in all_text(test)
    assert any(button.label == "Train a model" for button in test.button)


@pytest.mark.parametrize(("lang", "words"), [("en", "Number 2 in the queue"), ("zh_CN", "Support")])
def test_the_history_lists_runs_and_the_queue(store: Store, open_page: OpenPage, lang: str, words: str) -> None:
    data = seeds.add_dataset(store)
    seeds.done_run(store, data, "Finished", seed=1)
    seeds.failed_run(store, data, "Broken", seed=2)
    seeds.queue_run(store, data, "Support one", seed=3)
    seeds.queue_run(store, data, "Support two", seed=4)
    test = open_page("runs", lang=lang)
    assert not test.exception
    frame = test.dataframe[0].value
    assert list(frame["name"]) == ["Support two", "Support one", "Broken", "Finished"]
    assert frame["result"].iloc[3] == "94.0%"
    assert pandas.isna(frame["result"].iloc[0])
    assert len(frame["curve"].iloc[3]) == 24
    assert words in all_text(test)


def test_the_search_matches_every_word_in_any_column(store: Store, workspace: Workspace) -> None:
    data = seeds.add_dataset(store, "Reviews")
    seeds.done_run(store, data, "Alpha", seed=1)
    seeds.done_run(store, data, "Beta", seed=2)
    runs = workspace.runs()
    assert [run.name for run in matching(runs, "reviews ALPHA")] == ["Alpha"]
    assert len(matching(runs, "")) == 2
    assert matching(runs, "alpha beta") == []


def test_a_selection_does_not_slip_to_a_neighbour_when_the_list_changes(store: Store, open_page: OpenPage) -> None:
    data = seeds.add_dataset(store)
    seeds.done_run(store, data, "Alpha", seed=1)
    test = open_page("runs")
    before = test.dataframe[0].key
    assert test.run().dataframe[0].key == before
    seeds.done_run(store, data, "Beta", seed=2)
    assert test.run().dataframe[0].key != before


def test_times_are_shown_in_the_readers_time_zone(store: Store, workspace: Workspace) -> None:
    seeds.done_run(store, seeds.add_dataset(store))
    run = workspace.runs()[0]
    shown = runs_frame([run], {}, "Asia/Shanghai")["started"].iloc[0]
    assert shown == pandas.Timestamp(run.created_at).tz_convert("Asia/Shanghai").tz_localize(None)


def test_a_running_job_shows_stage_time_left_sentence_and_first_answer(store: Store, open_page: OpenPage) -> None:
    job = seeds.running_run(store, seeds.add_dataset(store), "Night run")
    test = open_page("runs", job=str(job.id))
    assert not test.exception
    text = all_text(test)
    assert test.title[0].value == "Night run"
    assert ":blue-badge[:material/arrow_right: Learning]" in text
    assert ":green-badge[:material/check: First answer]" in text
    assert "43% · 6–9 minutes left" in text
    assert "Right on 261 of 300 check\\-up examples, still improving" in text
    assert "First answer: right on 277 of 300 unseen examples (92%)." in text
    assert "You can close this tab; it keeps running." in text


SEARCH = SearchRecord(
    trials=(
        Trial(
            number=1,
            settings={"learning_rate": 2e-4, "epochs": 10, "head_start": "random", "extras": ""},
            end=TrialEnd.FINISHED,
            seconds=90.0,
            n_asked=500,
            accuracy=0.87,
            scores=(0.8, 0.84),
        ),
        Trial(
            number=2,
            settings={"learning_rate": 4e-4, "epochs": 10, "head_start": "random", "extras": "r_drop"},
            end=TrialEnd.FINISHED,
            seconds=150.0,
            n_asked=500,
            accuracy=0.89,
            scores=(0.82, 0.87),
            n_gained=15,
            n_lost=5,
        ),
        Trial(
            number=3,
            settings={"learning_rate": 2e-4, "epochs": 10, "head_start": "fitted", "extras": ""},
            end=TrialEnd.BEHIND,
            seconds=31.0,
            scores=(0.79,),
            accuracy=0.82,
        ),
    ),
    best=2,
    budget_seconds=300.0,
    folds=3,
)


@pytest.mark.parametrize(("lang", "title", "chosen"), [("en", "What was tried", "R-Drop"), ("zh_CN", None, "R-Drop")])
def test_what_a_search_tried_stands_on_the_page_with_the_best_on_top(
    store: Store, open_page: OpenPage, lang: str, title: str | None, chosen: str
) -> None:
    seeds.queue_run(store, seeds.add_dataset(store), folds=3, search_minutes=5)
    job = store.jobs.claim()
    assert job is not None
    store.runs.record(job.id, job.attempt, search=SEARCH)
    test = open_page("runs", lang=lang, job=str(job.id))
    assert not test.exception
    assert title is None or f"**{title}**" in all_text(test)
    table = test.dataframe[0].value
    assert list(table.iloc[:, 0]) == ["★ 2", "1", "3"]
    assert chosen in table.iloc[0, 1] and "0.0004" in table.iloc[0, 1]
    assert list(table.iloc[:, 2]) == ["89.0%", "87.0%", "82.0%"]
    if lang == "en":
        text = all_text(test)
        assert "right on 89.0%; the recommended ones on 87.0% (+2.0 points)" in text
        assert "Given up: others were better at this point" in table.iloc[2, 4]
        assert (
            "(R-Drop): +0.9 points (likely -1.1 to +2.8)" in text
            and "Learning rate 0.0004 instead of 0.0002: +" in text
        )
        assert ":gray-badge[Trying settings]" in text


def test_a_trial_without_the_recommended_extra_says_so(store: Store, open_page: OpenPage) -> None:
    seeds.queue_run(store, seeds.add_dataset(store), folds=3, search_minutes=5)
    job = store.jobs.claim()
    assert job is not None
    first, other, _ = SEARCH.trials
    trials = tuple(replace(t, settings=t.settings | {"extras": e}) for t, e in ((first, "pairs"), (other, "")))
    store.runs.record(job.id, job.attempt, search=replace(SEARCH, trials=trials))
    test = open_page("runs", job=str(job.id))
    assert not test.exception
    assert test.dataframe[0].value.iloc[0, 1].endswith("No extra")
    assert "Without Pairs of examples (few-example mode): +" in all_text(test)


def test_stop_and_keep_the_best_is_asked_once(store: Store, workspace: Workspace, open_page: OpenPage) -> None:
    job = seeds.running_run(store, seeds.add_dataset(store))
    test = open_page("runs", job=str(job.id))
    next(b for b in test.button if b.label == "Stop and keep the best").click().run()
    assert workspace.job(job.id).wish is Wish.STOP
    assert next(b for b in test.button if b.label == "Stop and keep the best").disabled
    assert "Stopping: the best so far takes the exam and is kept." in all_text(test)


def test_cancelling_asks_first_and_what_is_cancelled_can_be_started_again(
    store: Store, workspace: Workspace, open_page: OpenPage
) -> None:
    job = seeds.queue_run(store, seeds.add_dataset(store))
    test = open_page("runs", job=str(job.id))
    next(b for b in test.button if b.label == "Cancel and delete").click().run()
    assert workspace.job(job.id).status is JobStatus.QUEUED
    assert "Its entry stays in the list, marked as cancelled" in all_text(test)
    assert test.button(key="cancel_yes").label == "Cancel it"
    workspace.cancel(job.id)  # AppTest cannot press buttons inside a dialog; tests/e2e does
    test.run()
    assert "thrown away" in all_text(test)
    test.button(key="resume").click().run()
    assert workspace.job(job.id).status is JobStatus.QUEUED


def test_a_failure_names_its_cause_and_what_to_do(store: Store, open_page: OpenPage) -> None:
    job = seeds.failed_run(store, seeds.add_dataset(store))
    test = open_page("runs", job=str(job.id))
    text = all_text(test)
    assert "ran out of memory" in text
    assert "smaller batch size" in text
    assert test.button(key="resume").label == "Resume"


@pytest.mark.parametrize(("lang", "report"), [("en", "See the report"), ("zh_CN", None)])
def test_a_finished_run_leads_to_its_report(store: Store, open_page: OpenPage, lang: str, report: str | None) -> None:
    job = seeds.done_run(store, seeds.add_dataset(store), kept="draft")
    test = open_page("runs", lang=lang, run=str(job.run_id))
    assert not test.exception
    assert [metric.value for metric in test.metric][:2] == ["94.0%", "92.3%"]
    if report:
        assert report in [button.label for button in test.button]
        assert "Fine-tuning did not beat the first answer" in all_text(test)


@pytest.mark.parametrize(("lang", "words"), [("en", "Let Best look for better settings"), ("zh_CN", "")])
def test_what_to_try_next_stands_below_the_result_and_only_there(
    store: Store, open_page: OpenPage, lang: str, words: str
) -> None:
    data = seeds.add_dataset(store)
    done = seeds.done_run(store, data, kept="draft", seed=1)
    test = open_page("runs", lang=lang, run=str(done.run_id))
    assert not test.exception
    assert words in all_text(test)
    assert [str(b.key).split("_")[1] for b in test.button if str(b.key).startswith("next_")] == ["best", "quick"]
    failed = open_page("runs", run=str(seeds.failed_run(store, data, seed=2).run_id))
    assert not [b for b in failed.button if str(b.key).startswith("next_")]


def test_names_that_look_like_markdown_stay_text(store: Store, open_page: OpenPage) -> None:
    job = seeds.cancelled_run(store, seeds.add_dataset(store), HOSTILE)
    test = open_page("runs", job=str(job.id))
    assert "![x]" not in test.title[0].value
    assert "<b>" not in test.title[0].value


def test_a_run_is_renamed_and_deleting_it_tells_the_consequence(
    store: Store, workspace: Workspace, open_page: OpenPage
) -> None:
    job = seeds.done_run(store, seeds.add_dataset(store), "Old name")
    run_id = job.run_id
    assert run_id is not None
    test = open_page("runs", run=str(run_id))
    next(t for t in test.text_input if t.label == "New name").set_value("New name 1")
    next(b for b in test.button if b.label == "Save the name").click().run()
    assert workspace.run(run_id).name == "New name 1"
    test.button(key=f"delete_{run_id}").click().run()
    assert "model** are deleted" in all_text(test)
    assert len(workspace.models()) == 1


def test_two_runs_are_compared_in_words(store: Store, open_page: OpenPage) -> None:
    data = seeds.add_dataset(store)
    first = seeds.done_run(store, data, "First", n_right=279, seed=1)
    second = seeds.done_run(store, data, "Second", n_right=282, seed=2)
    test = open_page("runs", compare=f"{first.run_id},{second.run_id}")
    assert not test.exception
    text = all_text(test)
    assert "“Second” is right on 3 more of the same 300 exam examples." in text
    assert "**Seed**: 1 in the first, 2 in the second" in text
    table = test.dataframe[0].value
    assert list(table.iloc[0])[1:] == ["93.0%", "94.0%"]


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_two_models_are_compared_on_the_examples_that_both_were_asked(
    store: Store, workspace: Workspace, open_page: OpenPage, lang: str
) -> None:
    data, other = seeds.add_dataset(store), seeds.add_dataset(store, "Corrected", number=2)
    first = seeds.done_run(store, data, "First *one*", seed=1)
    second = seeds.done_run(store, other, "Second", seed=2, epochs=7)
    for job, wrong in ((first, range(0, 30)), (second, range(20, 32))):
        seeds.leave_exam(workspace, job, n=100, wrong=wrong)
    test = open_page("runs", lang=lang, model=str(first.model_id), other=str(second.model_id))
    assert not test.exception
    labels, changed = (table.value for table in test.dataframe[1:3])
    assert list(labels["more"]) == [9, 9] and list(labels["n"]) == [50, 50]
    assert list(changed["text"])[:2] == ["example 0", "example 1"] and len(changed) == 22
    if lang == "en":
        text = all_text(test)
        assert "“Second” is right on 88 of the 100 examples that both were asked, the other on 70" in text
        assert "That is no accident" in text
        test.segmented_control(key="select_changed").set_value("lost").run()
        assert list(test.dataframe[2].value["text"]) == ["example 30", "example 31"]


@pytest.mark.parametrize(
    "query", [{"run": "99"}, {"job": "x"}, {"compare": "1"}, {"run": "9" * 40}, {"model": "1", "other": "2"}]
)
def test_an_address_of_nothing_is_explained(open_page: OpenPage, query: dict[str, str]) -> None:
    test = open_page("runs", **query)
    assert not test.exception
    assert len(test.error) == 1
    assert any(button.label == "All runs" for button in test.button)
