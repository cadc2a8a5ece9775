"""The routes beside the pages, against a real store."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.domain.run import CHECKUP_LOSS, LEARNING_RATE, PRACTICE_LOSS, MetricPoint
from core.settings import Settings
from core.store.store import Store
from core.workspace import Workspace
from pages import api
from tests.pages import training_seeds as seeds


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "tunedesk.db")


@pytest.fixture
def workspace(tmp_path: Path, store: Store) -> Workspace:
    return Workspace(Settings(home=tmp_path), store)


@pytest.fixture
def client(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(api, "workspace", lambda: workspace)
    monkeypatch.setattr(api, "_feed", api.CurveFeed())
    return TestClient(Starlette(routes=api.routes))


def test_a_cursor_brings_only_what_is_new(store: Store, client: TestClient) -> None:
    job = seeds.running_run(store, seeds.add_dataset(store), steps=20)
    first = client.get(f"/api/runs/{job.run_id}/points").json()
    assert [step for step, _ in first["points"][PRACTICE_LOSS]] == list(range(1, 21))
    assert first["ended"] is False
    store.runs.record(job.id, job.attempt, points=seeds.curve(21, 23))
    second = client.get(f"/api/runs/{job.run_id}/points?after={first['cursor']}").json()
    assert [step for step, _ in second["points"][PRACTICE_LOSS]] == [21, 22, 23]
    assert client.get(f"/api/runs/{job.run_id}/points?after={second['cursor']}").json()["points"] == {}


def test_an_ended_run_says_so_and_names_its_best_step(store: Store, client: TestClient) -> None:
    job = seeds.done_run(store, seeds.add_dataset(store))
    answer = client.get(f"/api/runs/{job.run_id}/points").json()
    assert answer["ended"] is True
    assert answer["best_step"] == 150


def test_steps_that_a_resumed_run_reports_again_come_once() -> None:
    points = [MetricPoint(name=CHECKUP_LOSS, step=s, value=1.0 / s) for s in (10, 20, 30, 20, 30, 40)]
    assert [step for step, _ in api.by_curve(points)[CHECKUP_LOSS]] == [10, 20, 30, 40]


def test_values_that_json_cannot_hold_and_curves_nobody_draws_stay_out() -> None:
    points = [
        MetricPoint(name=PRACTICE_LOSS, step=1, value=float("nan")),
        MetricPoint(name=PRACTICE_LOSS, step=2, value=0.5),
        MetricPoint(name=LEARNING_RATE, step=2, value=1e-4),
    ]
    assert api.by_curve(points) == {PRACTICE_LOSS: [[2, 0.5]]}


def test_more_curves_come_on_demand_with_what_techniques_tell(store: Store, client: TestClient) -> None:
    job = seeds.running_run(store, seeds.add_dataset(store), steps=3)
    told = [
        MetricPoint(name=name, step=2, value=0.25)
        for name in (LEARNING_RATE, "r_drop_divergence", "adalora_ranks", "x")
    ]
    store.runs.record(job.id, job.attempt, points=told)
    usual = client.get(f"/api/runs/{job.run_id}/points").json()
    assert set(usual["points"]) == {PRACTICE_LOSS}
    more = client.get(f"/api/runs/{job.run_id}/points?after=0&more=1").json()
    assert set(more["points"]) == {PRACTICE_LOSS, LEARNING_RATE, "r_drop_divergence", "adalora_ranks"}
    assert more["points"]["adalora_ranks"] == [[2, 0.25]]


def test_a_long_curve_keeps_its_peak_its_valley_and_its_ends() -> None:
    curve = [[float(step), 1.0] for step in range(1, 20_001)]
    curve[7000][1], curve[13_000][1] = 9.0, 0.1
    thin = api.thinned(curve, 1000)
    assert len(thin) <= 1001
    assert [7001.0, 9.0] in thin
    assert [13_001.0, 0.1] in thin
    assert thin[-1] == curve[-1]
    assert [p[0] for p in thin] == sorted({p[0] for p in thin})
    assert api.thinned(curve[:50], 1000) == curve[:50]


def test_viewers_at_the_same_cursor_share_one_read(
    store: Store, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = seeds.running_run(store, seeds.add_dataset(store), steps=5)
    assert job.run_id is not None
    reads = []
    read = api.read_points
    monkeypatch.setattr(api, "read_points", lambda *asked, more: reads.append(asked) or read(*asked, more=more))
    feed = api.CurveFeed()
    answers = {feed.answer(workspace, job.run_id, 0) for _ in range(20)}
    assert len(answers) == len(reads) == 1
    feed.answer(workspace, job.run_id, 1)
    assert len(reads) == 2


def test_an_unknown_run_and_a_bad_cursor_are_answered_as_such(client: TestClient) -> None:
    assert client.get("/api/runs/99/points").status_code == 404
    assert client.get("/api/runs/1/points?after=x").status_code == 400


def test_plotly_comes_from_this_machine_and_is_cached_by_its_version(client: TestClient) -> None:
    answer = client.get(api.PLOTLY_URL)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert b"Plotly" in answer.content
    plain = client.get(api.PLOTLY_URL, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
