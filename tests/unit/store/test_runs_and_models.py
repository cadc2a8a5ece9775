import pytest

from core.domain.goal import Goal, Use, WorstMixUp
from core.domain.job import JobFailure, JobStatus, Wish
from core.domain.message import msg
from core.domain.policy import NEVER, Handle, Policy
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint, Score
from core.domain.search import SearchRecord, Trial, TrialEnd
from core.errors import NotFound, NotPossible
from core.store import Fenced, Store
from tests.unit.store.records import a_report, claim, publish, start


def point(step: int, value: float, name: str = CHECKUP_LOSS) -> MetricPoint:
    return MetricPoint(name=name, step=step, value=value)


def test_points_are_read_on_from_a_cursor(store: Store) -> None:
    run_id = start(store).run_id
    job = claim(store)
    store.runs.record(job.id, 1, points=[point(1, 0.9), point(1, 0.8, PRACTICE_LOSS)])
    cursor, points = store.runs.points(run_id)
    assert points == [point(1, 0.9), point(1, 0.8, PRACTICE_LOSS)]
    assert store.runs.points(run_id, after=cursor) == (cursor, [])
    store.runs.record(job.id, 1, points=[point(2, 0.7)])
    assert store.runs.points(run_id, after=cursor)[1] == [point(2, 0.7)]


def test_a_point_reported_again_after_a_crash_is_one_point(store: Store) -> None:
    run_id = start(store).run_id
    job = claim(store)
    store.runs.record(job.id, 1, points=[point(1, 0.9), point(2, 0.8)])
    cursor, _ = store.runs.points(run_id)
    store.jobs.requeue(job.id, 1)
    claim(store)
    store.runs.record(job.id, 2, points=[point(2, 0.8), point(3, 0.7)])
    assert store.runs.points(run_id)[1] == [point(1, 0.9), point(2, 0.8), point(3, 0.7)]
    assert store.runs.points(run_id, after=cursor)[1] == [point(3, 0.7)]


def test_a_cancelled_job_that_is_resumed_draws_its_curve_anew(store: Store) -> None:
    job = start(store)
    claim(store)
    store.runs.record(job.id, 1, points=[point(1, 0.9)])
    cursor, _ = store.runs.points(job.run_id)
    store.jobs.mark_cancelled(job.id, 1)
    store.jobs.resume(job.id)
    assert store.runs.points(job.run_id) == (0, [])
    claim(store)
    store.runs.record(job.id, 2, points=[point(1, 0.9)])
    assert store.runs.points(job.run_id, after=cursor)[1] == [point(1, 0.9)]


def test_what_training_tells_is_on_record_and_the_rest_stays(store: Store) -> None:
    job = start(store)
    claim(store)
    draft = Score(accuracy=0.7, macro_f1=0.6, n=10)
    store.runs.record(job.id, 1, draft=draft, environment={"device": "cpu"}, n_steps=12)
    store.runs.record(job.id, 1, live_sentence=msg("Right on {n} of 10.", n=7))
    run = store.runs.get(job.run_id)
    assert (run.draft, run.environment, run.n_steps) == (draft, {"device": "cpu"}, 12)
    assert str(run.live_sentence) == "Right on 7 of 10."
    assert run.recipe == TrainingRecipe()


def test_what_a_search_tried_comes_back_as_it_was(store: Store) -> None:
    job = start(store)
    assert store.runs.get(job.run_id).search is None
    claim(store)
    first = Trial(number=1, settings={"epochs": 3}, end=TrialEnd.FINISHED, seconds=4.5, n_asked=50, accuracy=0.8)
    behind = Trial(
        number=2, settings={"epochs": 6, "learning_rate": 1e-4}, end=TrialEnd.BEHIND, seconds=2.0, scores=(0.5, 0.6)
    )
    record = SearchRecord(trials=(first, behind), best=1, budget_seconds=60.0, folds=3)
    store.runs.record(job.id, 1, search=record)
    found = store.runs.get(job.run_id).search
    assert found == record
    assert found.chosen == first and found.seconds == 6.5


def test_sparklines_are_the_check_up_losses_in_order_of_steps(store: Store) -> None:
    job = start(store)
    claim(store)
    store.runs.record(job.id, 1, points=[point(4, 0.5), point(2, 0.9), point(3, 0.1, PRACTICE_LOSS)])
    assert store.runs.sparklines([job.run_id, 99]) == {job.run_id: [0.9, 0.5], 99: []}


def test_publishing_ends_job_and_run_and_records_model_and_report_at_once(store: Store) -> None:
    queued = start(store)
    model = publish(store, claim(store))
    job, run = store.jobs.get(queued.id), store.runs.get(queued.run_id)
    assert (job.status, job.model_id, run.status, run.model_id) == (JobStatus.DONE, model.id, JobStatus.DONE, model.id)
    assert (run.score, run.draft, run.kept, run.best_step) == (a_report().score, a_report().draft, "mix", 7)
    assert run.seconds == {"training": 3.5}
    assert store.models.report(model.id) == a_report()
    assert store.models.get(model.id) == model
    assert (model.name, model.labels, model.base_model) == ("Tickets", ("退款", "other"), TrainingRecipe().base_model)
    assert store.models.list() == [model]


def test_a_run_has_one_model_however_often_publishing_is_tried(store: Store) -> None:
    start(store)
    job = claim(store)
    model_id = store.models.reserve(job.id, 1)
    assert store.models.reserve(job.id, 1) == model_id
    store.jobs.requeue(job.id, 1)
    again = claim(store)
    assert store.models.reserve(job.id, 2) == model_id
    assert store.models.list() == [] and store.models.unpublished_ids() == {model_id}
    assert store.runs.get(job.run_id).model_id is None
    model = publish(store, again)
    assert model.id == model_id
    with pytest.raises(Fenced):
        publish(store, again)
    assert store.models.unpublished_ids() == set()


def test_a_reserved_model_is_not_found_yet(store: Store) -> None:
    start(store)
    job = claim(store)
    model_id = store.models.reserve(job.id, 1)
    for act in (store.models.get, store.models.report, store.models.delete):
        with pytest.raises(NotFound, match=str(model_id)):
            act(model_id)


def test_a_deleted_model_leaves_its_run(store: Store) -> None:
    job = start(store)
    model = publish(store, claim(store))
    store.models.delete(model.id)
    run = store.runs.get(job.run_id)
    assert (run.model_id, run.score, store.jobs.get(job.id).model_id) == (None, a_report().score, None)
    with pytest.raises(NotFound):
        store.models.report(model.id)


def test_a_model_carries_the_name_of_its_run(store: Store) -> None:
    job = start(store)
    model = publish(store, claim(store))
    store.runs.rename(job.run_id, "Autumn tickets")
    assert store.models.get(model.id).name == "Autumn tickets"


def test_deleting_a_run_takes_everything_with_it(store: Store) -> None:
    job = start(store)
    running = claim(store)
    store.runs.record(job.id, 1, points=[point(1, 0.9)])
    with pytest.raises(NotPossible, match="still at work"):
        store.runs.delete(job.run_id)
    model = publish(store, running)
    store.runs.delete(job.run_id)
    assert store.runs.points(job.run_id) == (0, [])
    for act in (
        lambda: store.runs.get(job.run_id),
        lambda: store.jobs.get(job.id),
        lambda: store.models.get(model.id),
        lambda: store.runs.rename(job.run_id, "x"),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_run_tells_the_status_of_its_job(store: Store) -> None:
    job = start(store)
    seen = [store.runs.get(job.run_id).status]
    claim(store)
    seen.append(store.runs.get(job.run_id).status)
    store.jobs.requeue(job.id, 1)
    seen.append(store.runs.get(job.run_id).status)
    claim(store)
    store.jobs.fail(job.id, 2, JobFailure(code="bug", message=msg("x")))
    seen.append(store.runs.get(job.run_id).status)
    store.jobs.resume(job.id)
    store.jobs.set_wish(job.id, Wish.CANCEL)
    seen.append(store.runs.get(job.run_id).status)
    assert seen == ["queued", "running", "queued", "failed", "cancelled"]


def test_a_policy_stays_with_its_model_until_it_is_taken_back(store: Store) -> None:
    start(store)
    model = publish(store, claim(store))
    assert model.policy is None and model.rule == Policy(threshold=model.threshold)
    policy = Policy(threshold=0.8, overrides={"退款": NEVER}, handle=Handle.MISTAKES, value=2)
    assert store.models.set_policy(model.id, policy).policy == policy
    assert store.models.get(model.id).rule.threshold_of("退款") == NEVER
    assert store.models.set_policy(model.id, None).policy is None
    with pytest.raises(NotFound):
        store.models.set_policy(99, policy)


def test_a_goal_is_kept_per_table_and_open_until_told(store: Store) -> None:
    assert store.goals.get("0123456789ab") == Goal()
    goal = Goal(use=Use.SUGGEST, n_messages=5000, worst=WorstMixUp(truth="退款", answer="other", weight=5))
    store.goals.put("0123456789ab", goal)
    store.goals.put("another table", Goal(allowed=1))
    assert store.goals.get("0123456789ab") == goal
    store.goals.put("0123456789ab", Goal())
    assert store.goals.get("0123456789ab") == Goal()
