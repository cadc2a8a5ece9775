"""MLflow: a run in an experiment, on the server that MLFLOW_TRACKING_URI names, else in a file of the workspace."""

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.domain.job import JobStatus
from core.domain.message import msg
from core.domain.run import MetricPoint
from core.domain.tracking import TrackedRun, TrackingPlace

EXPERIMENT = "Tunedesk"
#: the small package has no pages; the full one needs an older pandas than Tunedesk, so it gets a place of its own
VIEWER = ("pipx", "run", "--spec", "mlflow==3.17.2", "mlflow", "ui")
MAX_BATCH = 1000  #: metrics that MLflow's `log_batch` takes in one call
SERVER_SECONDS = 10  #: how long to wait for an answer, and twice more
_STATUS = {JobStatus.DONE: "FINISHED", JobStatus.FAILED: "FAILED", JobStatus.CANCELLED: "KILLED"}


class MLflow:
    name = "mlflow"
    title = "MLflow"
    about = msg("A run in MLflow: on your MLflow server where one is set up, otherwise in a file on this machine.")
    package = "mlflow"
    modules = ("mlflow.tracking", "mlflow.store.tracking.rest_store", "mlflow.store.tracking.sqlalchemy_store")
    requirement = "mlflow-skinny==3.17.2"

    def record(self, run: TrackedRun, folder: Path, handle: str) -> "MLflowRun":
        from mlflow.tracking import MlflowClient, get_tracking_uri, is_tracking_uri_set

        if is_tracking_uri_set():
            _be_patient_for(SERVER_SECONDS)
            uri, files = get_tracking_uri(), None
        else:  # its own default would be a file in the folder where the process happens to start
            folder.mkdir(parents=True, exist_ok=True)
            uri, files = f"sqlite:///{folder / 'mlflow.db'}", (folder / "mlflow").as_uri()
        client = MlflowClient(tracking_uri=uri)
        if handle:
            client.update_run(handle, status="RUNNING")
            return MLflowRun(client, uri, handle)
        experiment_id = _experiment_id(client, files)
        started = client.create_run(experiment_id, run_name=run.name, tags={"tunedesk.run_id": str(run.run_id)})
        recorder = MLflowRun(client, uri, started.info.run_id)
        recorder.describe(run)
        return recorder


class MLflowRun:
    """`client` is an MlflowClient; `run_id` is MLflow's."""

    def __init__(self, client: Any, uri: str, run_id: str) -> None:
        self._client, self._uri, self._run_id = client, uri, run_id
        self._experiment = client.get_run(run_id).info.experiment_id
        self._last_step = 0

    @property
    def place(self) -> TrackingPlace:
        if self._uri.startswith(("http://", "https://")):
            address = f"{self._uri.rstrip('/')}/#/experiments/{self._experiment}/runs/{self._run_id}"
            return TrackingPlace(handle=self._run_id, where=address)
        name = self._client.get_experiment(self._experiment).name
        return TrackingPlace(
            handle=self._run_id,
            where=f"{self._uri}, {name}, {self._run_id}",
            command=shlex.join([*VIEWER, "--backend-store-uri", self._uri]),
        )

    def describe(self, run: TrackedRun) -> None:
        """The recipe as parameters; the data by name and fingerprint."""
        from mlflow.entities import Dataset, DatasetInput, Param

        params = {"dataset_id": run.dataset_id} | run.recipe.to_json()
        self._client.log_batch(self._run_id, params=[Param(key, str(value)) for key, value in params.items()])
        data = Dataset(name=run.dataset_name, digest=run.dataset_id[:36], source_type="local", source="tunedesk")
        self._client.log_inputs(self._run_id, datasets=[DatasetInput(dataset=data, tags=[])])

    def known(self) -> set[tuple[str, int]]:
        names = self._client.get_run(self._run_id).data.metrics
        found = {(name, m.step) for name in names for m in self._client.get_metric_history(self._run_id, name)}
        self._last_step = max((step for _name, step in found), default=0)
        return found

    def points(self, points: Sequence[MetricPoint]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(p.name, p.value, now, p.step) for p in points]
        for start in range(0, len(metrics), MAX_BATCH):
            self._client.log_batch(self._run_id, metrics=metrics[start : start + MAX_BATCH])
        self._last_step = max([self._last_step, *(p.step for p in points)])

    def environment(self, values: Mapping[str, Any]) -> None:
        from mlflow.entities import RunTag

        tags = [RunTag(f"environment.{key}", str(value)) for key, value in values.items()]
        self._client.log_batch(self._run_id, tags=tags)

    def pause(self) -> None:
        """MLflow keeps every batch when it is given."""

    def end(self, status: JobStatus, scores: Mapping[str, float]) -> None:
        self.points([MetricPoint(name=name, step=self._last_step, value=value) for name, value in scores.items()])
        self._client.set_terminated(self._run_id, status=_STATUS[status])


def _experiment_id(client: Any, files: str | None) -> str:
    """The experiment that MLflow's own variables name, else ours; made where it is missing, its files at `files`."""
    from mlflow.environment_variables import MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME

    given = MLFLOW_EXPERIMENT_ID.get()
    if given:
        return str(given)
    name = MLFLOW_EXPERIMENT_NAME.get() or EXPERIMENT
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name, artifact_location=files))


def _be_patient_for(seconds: int) -> None:
    """MLflow asks a server that does not answer for 16 minutes; here less, unless its own variables say how long."""
    from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES, MLFLOW_HTTP_REQUEST_TIMEOUT

    for variable, value in ((MLFLOW_HTTP_REQUEST_TIMEOUT, seconds), (MLFLOW_HTTP_REQUEST_MAX_RETRIES, 2)):
        if not variable.is_set():
            variable.set(value)
