"""Where else a run is recorded: chosen on the Train page, told on the run's page."""

import pytest

from core.domain.message import msg
from core.domain.tracking import TrackingPlace
from core.store.store import Store
from core.workspace import Workspace
from pages.components import keys, tracking
from tests.pages import training_seeds as seeds
from tests.pages.conftest import OpenPage
from tests.pages.test_runs import all_text
from tests.pages.test_train import start_button


@pytest.fixture
def store(workspace: Workspace) -> Store:
    return Store.open(workspace.settings.database_path)


def test_a_run_is_recorded_where_the_person_says_and_what_is_missing_says_how_to_add_it(
    store: Store, workspace: Workspace, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "is_installed", lambda tracker: tracker.name != "wandb")
    test = open_page("train", dataset=seeds.add_dataset(store).id)
    choice = test.multiselect(key=keys.TRAIN_TRACKERS)
    assert (choice.options, choice.value) == (["TensorBoard", "MLflow"], [])
    assert "-m pip install wandb==" in all_text(test)
    assert "pip install tensorboard" not in all_text(test)
    choice.set_value(["tensorboard"]).run()
    start_button(test).click().run()  # type: ignore[attr-defined]
    assert not test.exception
    [job] = workspace.jobs()
    assert job.payload["trackers"] == ["tensorboard"]


def test_the_runs_page_says_where_it_was_recorded_and_what_opens_it(store: Store, open_page: OpenPage) -> None:
    run_id = seeds.done_run(store, seeds.add_dataset(store)).run_id or 0
    store.runs.keep_place(
        run_id, "tensorboard", TrackingPlace(handle="1", where="/logs/1", command="tensorboard /logs")
    )
    problem = msg("It said: {problem}", problem="no *answer*")
    store.runs.keep_place(run_id, "mlflow", TrackingPlace(where="https://mlflow.example/#/runs/1", problem=problem))
    store.runs.keep_place(run_id, "of a later version", TrackingPlace(where="/elsewhere"))
    test = open_page("runs", run=str(run_id))
    assert "/logs/1" not in all_text(test)
    test.session_state[f"{keys.RUN_DETAILS}_{run_id}"] = True
    test.run()
    assert not test.exception
    text = all_text(test)
    assert "TensorBoard: /logs/1" in text and "of a later version: /elsewhere" in text
    assert "tensorboard /logs" in [code.value for code in test.code]
    assert [warning.value for warning in test.warning] == ["It keeps no more of this run. It said\\: no \\*answer\\*"]
