"""Few and many: what a run of very many rows, or of very many categories, holds in memory and takes.

`rows` reads texts made from a real set, each with a number of its own, and makes the first steps of the loop; `draft` trains
the quick model on them; `labels` trains the quick model on a category for every pair of a real one and a product. Each
runs in a process of its own; the peak of a stage is the highest resident memory while it ran (VmHWM), which counts the
pages of mapped files too; `texts` is what the rows themselves take before training begins. A base model with fewer layers
(a folder) saves time, and next to nothing of the memory.

    python benchmarks/scale.py rows --data DIR/banking77 --n 1000000
    python benchmarks/scale.py draft --data DIR/banking77 --n 1000000
    python benchmarks/scale.py labels --data DIR/banking77 --n 1000 --rows-per-label 20
"""

import argparse
import csv
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if TYPE_CHECKING:
    from core.training.types import Examples, TrainingData

BASE_MODELS_DIR = Path(tempfile.gettempdir()) / "tunedesk-bench"
STOP_AFTER = 30  # steps of the loop
N_CHECKUP, N_EXAM = 2_000, 5_000  # as the split makes them of many rows
KINDS = ("debit", "credit", "travel", "business", "student", "joint", "gift")
PRODUCTS = tuple(f"{kind} {thing}" for kind in KINDS for thing in ("card", "account"))


class Meter:
    """Hears what training tells; keeps time and highest memory of every stage, and asks for an end after some steps."""

    def __init__(self) -> None:
        from core.domain.job import Wish

        self.none, self.stop = Wish.NONE, Wish.STOP
        self.stages: dict[str, dict[str, float]] = {}
        self.said: list[str] = []
        self.steps, self.draft_accuracy = 0, 0.0
        self._stage, self._begun = "", 0.0
        self.enter("texts")

    def enter(self, stage: str) -> None:
        self.leave()
        Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
        self._stage, self._begun = stage, time.process_time()

    def leave(self) -> None:
        if self._stage:
            known = self.stages.setdefault(self._stage, {"cpu_seconds": 0.0, "peak_mb": 0.0})
            known["cpu_seconds"] = round(known["cpu_seconds"] + time.process_time() - self._begun, 1)
            known["peak_mb"] = max(known["peak_mb"], round(highest_mb()))
            self._stage = ""

    def stage(self, stage: Any, fraction: float, seconds_left: Any) -> None:
        if stage.value != self._stage:
            self.enter(stage.value)

    def point(self, point: Any) -> None:
        self.steps = max(self.steps, point.step)

    def draft(self, score: Any) -> None:
        self.draft_accuracy = score.accuracy

    def say(self, sentence: Any) -> None:
        self.said.append(str(sentence))

    def environment(self, values: Any) -> None: ...

    def planned(self, n_steps: int) -> None: ...

    def search(self, record: Any) -> None: ...

    def should_stop(self) -> Any:
        return self.stop if self.steps >= STOP_AFTER else self.none


def highest_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rows", "draft", "labels"])
    parser.add_argument("--data", type=Path, required=True, help="a folder with train.csv, columns text and label")
    parser.add_argument("--n", type=int, required=True, help="how many rows, or categories")
    parser.add_argument("--rows-per-label", type=int, default=20)
    parser.add_argument("--base-model", default="minilm-l6-en", help="a name of the catalog or a folder")
    args = parser.parse_args()
    with (args.data / "train.csv").open(encoding="utf-8-sig", newline="") as file:
        pairs = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    meter = Meter()
    data = many_labels(pairs, args.n, args.rows_per_label) if args.what == "labels" else many_rows(pairs, args.n)
    with tempfile.TemporaryDirectory() as folder:
        measured = first_steps if args.what == "rows" else quick_model
        found = measured(data, args.base_model, meter, Path(folder))
    meter.leave()
    about = {"rows": len(data.practice.texts), "categories": len(data.labels), "stages": meter.stages}
    whole = {"cpu_seconds": round(time.process_time(), 1)}
    whole["highest_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(about | found | whole, indent=1))


def many_rows(pairs: list[tuple[str, str]], n: int) -> "TrainingData":
    draw = random.Random(0)
    labels = sorted({label for _text, label in pairs})
    place = {label: i for i, label in enumerate(labels)}

    def made(n: int) -> "Examples":
        from core.training.types import Examples

        chosen = [pairs[draw.randrange(len(pairs))] for _ in range(n)]
        texts = [f"{text} {draw.randrange(10**6)}" for text, _label in chosen]
        return Examples(texts=texts, targets=[place[label] for _text, label in chosen])

    return _data(labels, made(n), made(N_CHECKUP), made(N_EXAM))


def many_labels(pairs: list[tuple[str, str]], n: int, n_rows: int) -> "TrainingData":
    from core.training.types import Examples

    texts_of: dict[str, list[str]] = {}
    for text, label in pairs:
        texts_of.setdefault(label, []).append(text)
    made = [(label, product) for product in PRODUCTS for label in sorted(texts_of)][:n]
    if len(made) < n:
        raise SystemExit(f"This set gives at most {len(made)} categories.")
    parts: list[Examples] = []
    for part, n_each in enumerate((n_rows, max(1, n_rows // 10), max(1, n_rows // 5))):
        draw = random.Random(part)
        rows = [
            (f"{draw.choice(texts_of[label])} My {product}.", i)
            for i, (label, product) in enumerate(made)
            for _ in range(n_each)
        ]
        parts.append(Examples(texts=[text for text, _ in rows], targets=[i for _, i in rows]))
    return _data([f"{label} / {product}" for label, product in made], *parts)


def _data(labels: list[str], practice: "Examples", checkup: "Examples", exam: "Examples") -> "TrainingData":
    from core.training.types import TrainingData

    return TrainingData(labels=tuple(labels), practice=practice, checkup=checkup, exam=exam, language="en")


def first_steps(data: "TrainingData", base_model: str, meter: Meter, folder: Path) -> dict[str, Any]:
    from core.base_models.sources import fetch
    from core.domain.recipe import TrainingRecipe
    from core.tasks import TASKS
    from core.techniques import TECHNIQUES
    from core.training.finetuning import FineTuner
    from core.training.loop import Outlets

    recipe = TrainingRecipe(base_model=base_model, epochs=1, max_length=64)
    meter.enter("base model")
    tuner = FineTuner(
        data,
        recipe,
        TASKS[recipe.task],
        TECHNIQUES[recipe.technique],
        base_dir=fetch(base_model, BASE_MODELS_DIR),
        base_models_dir=folder,
        work_dir=folder / "work",
    )
    meter.enter("tokenizing")
    tokens = tuner.tokenize()
    meter.enter("training")
    result = tuner.train(
        tokens, Outlets(report=meter.point, should_stop=meter.should_stop), tell_environment=lambda values: None
    )
    n_bytes = sum(path.stat().st_size for path in tuner.work_dir.glob("*.i32"))
    return {"tokens": len(tokens.practice.ids), "mapped_mb": round(n_bytes / 1e6), "steps": result.position.step}


def quick_model(data: "TrainingData", base_model: str, meter: Meter, folder: Path) -> dict[str, Any]:
    from core.domain.recipe import TrainingRecipe
    from core.training.pipeline import train_model

    bundle_dir = folder / "bundle"
    bundle_dir.mkdir()
    train_model(
        data,
        TrainingRecipe(base_model=base_model, technique="draft"),
        base_models_dir=BASE_MODELS_DIR,
        work_dir=folder / "work",
        bundle_dir=bundle_dir,
        reporter=meter,
        should_stop=lambda: meter.none,
    )
    meter.enter("exam")
    report_bytes = examined(data, bundle_dir)
    meter.leave()
    n_bytes = sum(path.stat().st_size for path in bundle_dir.rglob("*") if path.is_file())
    return {
        "draft_accuracy": round(meter.draft_accuracy, 4),
        "report_mb": round(report_bytes / 1e6, 2),
        "bundle_mb": round(n_bytes / 1e6, 1),
        "said": meter.said,
    }


def examined(data: "TrainingData", bundle_dir: Path) -> int:
    """Let the exam be answered as a job does; gives how many bytes the report has in the store."""
    from core.domain.plain import to_plain
    from core.evaluation.report import build_report
    from core.files import write_manifest
    from core.prediction.predictor import Predictor

    write_manifest(bundle_dir)
    predictor = Predictor.load(bundle_dir)
    proba = predictor.predict_proba(data.exam.texts)
    names = [data.labels[i] for i in data.exam.targets]
    report = build_report(
        data.labels, names, proba, threshold=predictor.threshold, majority_label=data.labels[0], seconds=0.0
    )
    return len(json.dumps(to_plain(report)))


if __name__ == "__main__":
    main()
