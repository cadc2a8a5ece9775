import pytest

from core.domain.job import Job, JobKind, JobStatus
from core.errors import NotFound
from core.store import Fenced, Store
from tests.unit.store.records import claim, publish, start


@pytest.fixture
def model_id(store: Store) -> int:
    start(store)
    return publish(store, claim(store)).id


def study(store: Store, model_id: int) -> Job:
    store.jobs.enqueue(JobKind.STUDY, {"model_id": model_id, "study": "some"}, "Tickets")
    return claim(store)


def keep(store: Store, job: Job, model_id: int, found: int, name: str = "some") -> None:
    store.studies.publish(
        job.id, job.attempt, model_id=model_id, name=name, options={"seed": 1}, result={"found": found}, seconds=2.5
    )


def test_a_model_keeps_the_newest_result_of_each_study(store: Store, model_id: int) -> None:
    assert store.studies.get(model_id, "some") is None
    for found, name in ((1, "some"), (2, "some"), (3, "other")):
        job = study(store, model_id)
        keep(store, job, model_id, found, name)
        assert store.jobs.get(job.id).status is JobStatus.DONE
    record = store.studies.get(model_id, "some")
    assert record is not None and record.result == {"found": 2} and record.options == {"seed": 1}
    assert [one.name for one in store.studies.list(model_id)] == ["other", "some"]


def test_results_go_with_their_model(store: Store, model_id: int) -> None:
    keep(store, study(store, model_id), model_id, 1)
    store.models.delete(model_id)
    assert store.studies.list(model_id) == []


def test_a_result_of_a_model_that_is_gone_is_refused_in_words(store: Store, model_id: int) -> None:
    job = study(store, model_id)
    store.models.delete(model_id)
    with pytest.raises(NotFound, match="was deleted while it was studied"):
        keep(store, job, model_id, 1)
    assert store.jobs.get(job.id).status is JobStatus.RUNNING


def test_an_attempt_that_lost_its_job_keeps_nothing(store: Store, model_id: int) -> None:
    job = study(store, model_id)
    store.jobs.requeue(job.id, job.attempt)
    with pytest.raises(Fenced):
        keep(store, job, model_id, 1)
    assert store.studies.list(model_id) == []
