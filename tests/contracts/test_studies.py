"""What every study must hold, on a real model with real rows."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.job import JobStatus, Wish
from core.domain.model import ModelVersion
from core.domain.plain import from_plain, to_plain
from core.i18n import say, speaking
from core.settings import Settings
from core.studies import STUDIES, Study, StudyContext
from core.training.types import Cancelled
from core.workspace import Workspace
from pages.components.studies import RENDERERS
from tests.study_seeds import studied_model, work_off

EVERY = pytest.mark.parametrize("study", list(STUDIES), ids=lambda study: study.name)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studies") / "home"


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch, in_this_process: None) -> Iterator[Workspace]:
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    workspace = Workspace.open(Settings(home=home))
    yield workspace
    workspace.close()


@pytest.fixture
def model(workspace: Workspace) -> ModelVersion:
    return next(iter(workspace.models()), None) or studied_model(workspace)


@EVERY
def test_options_are_a_frozen_record_with_defaults(study: Study) -> None:
    options = study.options()
    assert options.__dataclass_params__.frozen
    assert from_plain(study.options, json.loads(json.dumps(to_plain(options)))) == options


@EVERY
def test_a_page_can_draw_what_it_finds(study: Study) -> None:
    assert study.name in RENDERERS


@EVERY
def test_it_runs_as_a_job_and_its_result_comes_back_and_is_told(
    study: Study, workspace: Workspace, model: ModelVersion
) -> None:
    plan = workspace.study_plan(model.id, study.name)
    assert plan.refusal is None and 0 < plan.low_seconds < plan.high_seconds
    workspace.start_study(model.id, study.name)
    job = work_off(workspace)
    assert (job.status, job.error) == (JobStatus.DONE, None), workspace.job_log(job.id)
    record = workspace.study(model.id, study.name)
    assert record is not None and isinstance(record.result, study.result)
    assert dataclasses.is_dataclass(study.result) and study.result.__dataclass_params__.frozen  # type: ignore[attr-defined]
    for language in ("en", "zh_CN"):
        with speaking(language):
            told = [say(sentence) for sentence in study.sentences(record.result)]
        assert told and all(told)


@EVERY
def test_it_ends_at_once_when_the_person_wishes(
    study: Study, workspace: Workspace, model: ModelVersion, tmp_path: Path
) -> None:
    from core.jobs.handlers.study import subject_of

    context = StudyContext(
        subject=subject_of(workspace._store, model.id),
        model_dir=workspace.settings.models_dir / str(model.id),
        dataset_dir=workspace.settings.datasets_dir / model.dataset_id,
        base_models_dir=workspace.settings.base_models_dir,
        uploads_dir=workspace.settings.uploads_dir,
        tables_dir=workspace.settings.tables_dir,
        work_dir=tmp_path,
        should_stop=lambda: Wish.CANCEL,
    )
    with pytest.raises(Cancelled):
        study.run(context, study.options())
