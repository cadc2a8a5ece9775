"""A part of a page that runs again by itself says so when what it shows was deleted in another tab."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.model import ModelVersion
from core.workspace import Workspace
from pages.components import keys
from pages.components.confusion import show_mix_ups
from pages.components.label_review import _review
from pages.components.slices import show_slices
from pages.components.studies import _show_live
from pages.components.what_if import show_what_if
from pages.components.why import what_if_boxes
from tests.pages.model_seeds import publish_model
from tests.pages.test_label_review import mistake


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return publish_model(workspace, copies=1)


def drawn(draw: Callable[[], None], **state: str) -> AppTest:
    def page(draw):  # its source runs alone, without the imports above
        draw()

    test = AppTest.from_function(page, args=(draw,), default_timeout=60)
    for key, value in state.items():
        test.session_state[key] = value
    return test.run()


def says(test: AppTest, words: str) -> bool:
    return not test.exception and [words in error.value for error in test.error] == [True]


def test_parts_of_a_deleted_model_say_that_it_is_gone(workspace: Workspace, model: ModelVersion) -> None:
    report = workspace.report(model.id)
    (prediction,) = workspace.predict(model.id, ["my money please"])
    workspace.delete_model(model.id)
    gone = f"There is no model {model.id}"
    assert says(drawn(lambda: show_slices(model)), gone)
    text = {f"{keys.TRY_WHAT_IF}_{model.id}": "my parcel"}
    assert says(drawn(lambda: show_what_if(model, prediction, what_if_boxes(model.id, ())), **text), gone)
    cell = {f"{keys.CELL_TRUTH}_{model.id}": "refund", f"{keys.CELL_ANSWER}_{model.id}": "refund"}
    assert says(drawn(lambda: show_mix_ups(report, model.id), **cell), gone)


def test_parts_of_a_deleted_table_or_job_say_that_it_is_gone(workspace: Workspace, model: ModelVersion) -> None:
    assert says(drawn(lambda: _review(model.id, "f" * 12, (mistake(2, "refund", "delivery"),))), "There is no data set")
    job = replace(workspace.job(workspace.run(model.run_id).job_id), id=99)
    assert says(drawn(lambda: _show_live(job)), "There is no job 99")
