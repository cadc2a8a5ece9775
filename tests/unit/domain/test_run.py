from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.job import JobStatus
from core.domain.recipe import TrainingRecipe
from core.domain.run import Run

RUN = Run(
    id=1,
    name="tickets",
    dataset_id="0123456789ab",
    dataset_name="tickets",
    recipe=TrainingRecipe(),
    status=JobStatus.DONE,
    job_id=None,
    model_id=1,
    environment={"forecast_seconds": [80, 160]},
    draft=None,
    score=None,
    kept="draft",
    best_step=None,
    n_steps=None,
    seconds={"drafting": 90.0, "starting": 10.0},
    live_sentence=None,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    finished_at=None,
)


def test_a_forecast_is_compared_with_what_the_run_took() -> None:
    assert RUN.forecast_seconds == (80.0, 160.0)
    assert RUN.forecast_error == pytest.approx(0.2)


@pytest.mark.parametrize(
    "changes",
    [{"environment": {}}, {"seconds": {"drafting": 90.0}}, {"seconds": {}}],
    ids=["an older version's run", "an interrupted run", "a run without an end"],
)
def test_what_cannot_be_compared_is_not(changes: dict[str, Any]) -> None:
    assert replace(RUN, **changes).forecast_error is None


def test_what_a_recipe_left_to_a_measurement_is_settled_by_the_run() -> None:
    measured = replace(RUN, recipe=TrainingRecipe(long_texts="measured"))
    assert measured.settled_recipe.long_texts == "measured"
    assert replace(measured, environment={"long_texts": "windows"}).settled_recipe.long_texts == "windows"
    assert RUN.settled_recipe == RUN.recipe
