"""What is proposed after runs of every kind. Ten categories of 60 examples, an exam of 100."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.dataset import Dataset, DatasetProfile, TableFormat, Upload
from core.domain.job import JobStatus
from core.domain.model import EvaluationReport, LabelReport
from core.domain.recipe import Preset, SettingValue, TrainingRecipe
from core.domain.run import Run, Score
from core.domain.search import SearchRecord, Trial, TrialEnd
from core.evaluation.next_steps import N_STEPS, NextStep, next_steps
from core.training.coach import CheckUp

LABELS = tuple(f"label {i}" for i in range(10))
NOW = datetime(2026, 11, 29, tzinfo=UTC)
GOOD = Score(accuracy=0.9, macro_f1=0.9, n=100)
STEADY = [(1.2, 0.9, 0.80), (0.8, 0.61, 0.86), (0.7, 0.60, 0.86), (0.65, 0.60, 0.86)]
MEMORISED = [(1.2, 0.9, 0.80), (0.8, 0.6, 0.86), (0.3, 0.7, 0.85), (0.1, 0.8, 0.85)]
IMPROVING = [(2.0, 1.6, 0.5), (1.2, 0.9, 0.7), (0.8, 0.6, 0.8), (0.6, 0.5, 0.86)]
JUMPING = [(2.0, 1.6, 0.5), (1.2, 0.9, 0.7), (1.1, 1.3, 0.6), (1.2, 0.8, 0.72), (1.1, 1.2, 0.6)]
GUESSING = [(2.31, 2.31, 0.1), (2.30, 2.30, 0.1), (2.29, 2.31, 0.1)]


def dataset(**changes: object) -> Dataset:
    usual = Dataset(
        id="0" * 12,
        name="Tickets",
        upload=Upload(sha256="0" * 64, filename="a.csv", n_bytes=1),
        format=TableFormat(),
        exam_upload=None,
        exam_format=None,
        text_column="text",
        label_column="label",
        task="text_classification",
        split_seed=0,
        n_rows=600,
        n_used=600,
        n_set_aside=0,
        split_sizes={"practice": 400, "checkup": 100, "exam": 100},
        label_counts=dict.fromkeys(LABELS, 60),
        findings=(),
        profile=DatasetProfile(
            n_rows=600, n_labels=10, language="en", mean_chars=50, p95_chars=90, max_chars=120, imbalance=1.0
        ),
        created_at=NOW,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def run(
    preset: Preset = Preset.BALANCED, kept: str = "mix", search: SearchRecord | None = None, **settings: SettingValue
) -> Run:
    return Run(
        id=7,
        name="A run",
        dataset_id="0" * 12,
        dataset_name="Tickets",
        recipe=TrainingRecipe(preset=preset, **{"epochs": 4, "learning_rate": 2e-4, **settings}),  # type: ignore[arg-type]
        status=JobStatus.DONE,
        job_id=1,
        model_id=1,
        environment={},
        draft=GOOD,
        score=GOOD,
        kept=kept,
        best_step=200,
        n_steps=400,
        seconds={"drafting": 20.0, "training": 170.0, "evaluating": 10.0},
        live_sentence=None,
        created_at=NOW,
        finished_at=NOW,
        search=search,
    )


def checks(values: list[tuple[float, float, float]]) -> list[CheckUp]:
    """Spread over 400 steps."""
    every = 400 // len(values)
    return [
        CheckUp(step=every * n, practice_loss=practice, loss=loss, accuracy=accuracy)
        for n, (practice, loss, accuracy) in enumerate(values, start=1)
    ]


def report(wrong: dict[str, int]) -> EvaluationReport:
    """Of the ten exam examples of each category so many are answered wrong."""
    each = tuple(
        LabelReport(label=label, precision=1.0, recall=1 - n / 10, f1=1 - n / 10, n=10, n_predicted=10)
        for label, n in ((label, wrong.get(label, 0)) for label in LABELS)
    )
    n_right = 100 - sum(wrong.values())
    return EvaluationReport(
        score=Score(accuracy=n_right / 100, macro_f1=0.9, n=100),
        n_right=n_right,
        interval=(0.8, 0.95),
        majority=Score(accuracy=0.1, macro_f1=0.02, n=100),
        draft=GOOD,
        labels=LABELS,
        per_label=each,
        confusion=(),
        threshold=0.5,
        n_sure=80,
        n_sure_right=78,
        ece=0.02,
        seconds=1.0,
    )


def codes(found: list[NextStep]) -> list[str]:
    return [step.code for step in found]


def test_a_run_that_memorised_gets_fewer_passes_and_a_pull_to_its_start() -> None:
    fewer, pull = next_steps(run(), dataset(), checks(MEMORISED), None)[:2]
    assert (fewer.code, fewer.changes) == ("fewer_passes", {"epochs": 2})
    assert str(fewer.title) == "2 passes instead of 4"
    assert "After step 200" in str(fewer.reason)
    [half, *_] = next_steps(replace(run(epochs=10), n_steps=4000), dataset(), checks(MEMORISED), None)
    assert half.changes == {"epochs": 5}  # an early best is no reason for a single pass
    assert pull.changes == {"extras": ("l2_start",)}
    assert "pull_to_start" not in codes(next_steps(run(extras=("l2_start",)), dataset(), checks(MEMORISED), None))
    assert "pull_to_start" not in codes(next_steps(run(technique="lora"), dataset(), checks(MEMORISED), None))


def test_a_run_that_still_improved_gets_more_passes_unless_it_was_stopped() -> None:
    more = next_steps(run(), dataset(), checks(IMPROVING), None)[0]
    assert (more.code, more.changes) == ("more_passes", {"epochs": 6})
    stopped = next_steps(replace(run(), n_steps=1000), dataset(), checks(IMPROVING), None)[0]
    assert (stopped.code, stopped.changes, stopped.trains) == ("finish", {}, True)
    assert "stopped at step 400 of 1000" in str(stopped.reason)


def test_a_run_that_jumped_about_gets_half_the_learning_rate() -> None:
    [lower, *_] = next_steps(run(), dataset(), checks(JUMPING), None)
    assert (lower.code, lower.changes) == ("lower_rate", {"learning_rate": 1e-4})


def test_a_run_that_learned_nothing_lets_the_rate_be_found_or_gets_another_one() -> None:
    [find, *_] = next_steps(run(), dataset(), checks(GUESSING), None)
    assert (find.code, find.changes) == ("find_rate", {"find_learning_rate": "on"})
    [other, *_] = next_steps(run(find_learning_rate="on"), dataset(), checks(GUESSING), None)
    assert other.changes == {"learning_rate": pytest.approx(8e-4)}  # it did move, only too slowly


def test_where_fine_tuning_did_not_pay_quick_is_named_with_what_it_saves() -> None:
    found = {step.code: step for step in next_steps(run(kept="draft"), dataset(), checks(STEADY), None)}
    assert list(found) == ["best", "quick"]
    assert found["quick"].preset is Preset.QUICK and "in 15% of the time" in str(found["quick"].reason)


def test_a_first_answer_that_did_better_on_the_exam_is_named_with_what_it_may_mean() -> None:
    worse = replace(run(), score=Score(accuracy=0.86, macro_f1=0.86, n=100))
    [quick, *_] = next_steps(worse, dataset(), checks(STEADY), None)
    assert quick.preset is Preset.QUICK and "right on 4 of 100 examples more" in str(quick.reason)


def test_a_steady_run_is_told_that_best_would_look_further_and_a_quick_one_that_there_is_balanced() -> None:
    assert codes(next_steps(run(), dataset(), checks(STEADY), None)) == ["best"]
    quick = next_steps(run(Preset.QUICK, kept="draft", technique="draft"), dataset(), [], None)
    assert [(step.code, step.preset) for step in quick] == [("balanced", Preset.BALANCED)]


def test_the_weak_category_with_few_examples_is_named_with_its_share_of_the_mistakes() -> None:
    few = dataset(label_counts=dict.fromkeys(LABELS, 60) | {"label 1": 500})
    found = next_steps(run(), few, checks(STEADY), report({"label 1": 6, "label 2": 5, "label 3": 1}))
    step = next(step for step in found if step.code == "more_examples")
    assert str(step.title) == "More examples of “label 2”" and not step.trains
    assert "60 examples of it, and 5 of all 12 mistakes" in str(step.reason)
    assert "more_examples" not in codes(next_steps(run(), few, checks(STEADY), report({"label 3": 2})))


def test_rows_that_taught_nothing_are_named() -> None:
    profile = replace(dataset().profile, n_unlabeled=900)
    found = next_steps(run(), dataset(n_rows=1600, n_set_aside=1000, profile=profile), checks(STEADY), None)
    assert codes(found) == ["set_aside", "unlabeled", "best"]
    assert found[1].changes == {"pseudo_labels": "on"}


def trial(
    number: int,
    gained: int | None = None,
    lost: int | None = None,
    end: TrialEnd = TrialEnd.FINISHED,
    **changes: object,
) -> Trial:
    settings = {"learning_rate": 2e-4, "epochs": 4, "head_start": "random", "extras": "", **changes}
    return Trial(number=number, settings=settings, end=end, seconds=60, n_asked=1000, n_gained=gained, n_lost=lost)


def test_what_the_search_found_good_but_did_not_combine_comes_first_with_its_expected_gain() -> None:
    search = SearchRecord(
        trials=(
            trial(1),
            trial(2, 80, 20, learning_rate=4e-4),
            trial(3, 60, 20, extras="r_drop"),
            trial(4, 10, 60, head_start="fitted"),
            trial(5, 50, 20, learning_rate=1e-4),
        ),
        best=2,
        budget_seconds=300,
        folds=0,
    )
    found = next_steps(run(Preset.BEST, search_minutes=5, search=search), dataset(), checks(MEMORISED), None)
    step = found[0]
    assert (step.code, str(step.title)) == ("choice", "With Two readings agree (R-Drop)")
    assert step.gain is not None and 0 < step.gain.low < step.gain.gain < 0.04
    assert step.changes == {"learning_rate": 4e-4, "extras": ("r_drop",), "search_minutes": 0}
    assert codes(found) == ["choice", "fewer_passes", "pull_to_start"]  # another rate would undo what was chosen
    assert found[1].changes == {"learning_rate": 4e-4, "search_minutes": 0, "epochs": 2}


def test_a_search_that_ran_out_of_minutes_gets_more() -> None:
    search = SearchRecord(trials=(trial(1), trial(2, end=TrialEnd.OUT_OF_TIME)), best=1, budget_seconds=300, folds=0)
    found = next_steps(run(Preset.BEST, search_minutes=5, search=search), dataset(), checks(STEADY), None)
    assert [(step.code, step.changes) for step in found] == [("longer_search", {"search_minutes": 15})]


def test_a_few_steps_are_enough() -> None:
    full = dataset(n_set_aside=500, profile=replace(dataset().profile, n_unlabeled=900))
    found = next_steps(run(kept="draft"), full, checks(MEMORISED), report({"label 2": 6}))
    assert len(found) == N_STEPS
    assert all(step.title.text and step.reason.text for step in found)


def test_pages_may_ask_without_torch() -> None:
    code = "import sys, core.evaluation.next_steps; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
