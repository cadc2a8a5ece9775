"""What each technique is worth: alone against the base recipe, on the same rows with the same seeds.

For each data set the base recipe ("full", no extras) and then every other technique and every extra is trained once per
seed; all answer the same exam, as it is and with a typo in about every second word. CPU time is that of one thread and
counts steps and check-ups, not loading.

    python benchmarks/techniques.py --data banking77 sms --rows 1000 --json
    (a data set is a folder with train.csv and test.csv, columns text and label)
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

if TYPE_CHECKING:
    from core.domain.recipe import TrainingRecipe

BASE = "full"
CHECKUP_SHARE = 0.15
LEARNING_RATE = 2e-4
TYPO_SHARE = 0.5  # of the words of four letters and more


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders with train.csv and test.csv")
    parser.add_argument("--base-model", default="minilm-l6-en")
    parser.add_argument("--rows", type=int, default=1000, help="rows to train on, drawn with a fixed seed")
    parser.add_argument("--test-rows", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0, help="so that a long measurement can be made in parts")
    parser.add_argument("--only", nargs="+", help="names of techniques and extras; the base recipe always runs")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    report = {folder.name: measure_set(folder, args) for folder in args.data}
    print(json.dumps(report, indent=1) if args.json else readable(report))


def members(only: list[str] | None) -> list[tuple[str, tuple[str, ...]]]:
    """Every technique alone and every extra with the base technique, the base recipe first."""
    from core.techniques import EXTRAS, TECHNIQUES

    names = [(t.name, ()) for t in TECHNIQUES if t.changes_weights and t.name != BASE]
    extras = [(BASE, (extra.name,)) for extra in EXTRAS]
    wanted = [one for one in (*extras, *names) if only is None or label(*one) in only]
    return [(BASE, ()), *wanted]


def label(technique: str, extras: tuple[str, ...]) -> str:
    return "+".join(extras) or technique


def measure_set(folder: Path, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    bench = Bench(folder, args)
    found: dict[str, dict[str, float]] = {}
    for technique, extras in members(args.only):
        runs = [bench.run(technique, extras, seed) for seed in range(args.first_seed, args.first_seed + args.seeds)]
        mean = {key: statistics.mean(run[key] for run in runs) for key in runs[0]}
        base = found.get(BASE, mean)
        spread = statistics.stdev([run["accuracy"] for run in runs]) if len(runs) > 1 else 0.0
        found[label(technique, extras)] = {
            "accuracy": round(mean["accuracy"], 4),
            "accuracy_with_typos": round(mean["accuracy_with_typos"], 4),
            "spread": round(spread, 4),
            "cpu_seconds": round(mean["cpu_seconds"], 1),
            "cpu_ratio": round(mean["cpu_seconds"] / base["cpu_seconds"], 2),
        }
        print(folder.name, label(technique, extras), found[label(technique, extras)], file=sys.stderr, flush=True)
    return found


class Bench:
    """One data set, tokenized once."""

    def __init__(self, folder: Path, args: argparse.Namespace) -> None:
        import pandas as pd
        import torch

        from core.base_models.sources import fetch
        from core.base_models.tokenizer import load_tokenizer
        from core.datasets.typos import with_typos
        from core.training.batches import tokenize

        torch.set_num_threads(1)
        read: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
        rows = pd.read_csv(folder / "train.csv", **read).sample(frac=1, random_state=0).head(args.rows)
        test = pd.read_csv(folder / "test.csv", **read).sample(frac=1, random_state=0).head(args.test_rows)
        self.labels = sorted(set(rows["label"]))
        test = test[test["label"].isin(self.labels)]
        self.epochs = args.epochs
        self.base_dir = fetch(args.base_model, Path(tempfile.gettempdir()) / "tunedesk-bench")
        tokenizer = load_tokenizer(self.base_dir, 128)

        def tokens(texts: list[str], names: list[str]) -> Any:
            return tokenize(tokenizer, texts, [self.labels.index(name) for name in names])

        n_checkup = round(CHECKUP_SHARE * len(rows))
        self.checkup = tokens(list(rows["text"][:n_checkup]), list(rows["label"][:n_checkup]))
        self.practice = tokens(list(rows["text"][n_checkup:]), list(rows["label"][n_checkup:]))
        draw = np.random.default_rng(0)
        self.exam = tokens(list(test["text"]), list(test["label"]))
        self.exam_with_typos = tokens(
            [with_typos(text, draw, TYPO_SHARE) for text in test["text"]], list(test["label"])
        )
        self.precision = ""

    def run(self, technique: str, extras: tuple[str, ...], seed: int) -> dict[str, float]:
        import torch

        from core.domain.recipe import TrainingRecipe
        from core.tasks import TASKS
        from core.techniques import TECHNIQUES, rewordings_for
        from core.training.batches import seen_ids
        from core.training.checkpoints import Checkpoints
        from core.training.loop import Outlets, answer_logits, train
        from core.training.model import finished_classifier, training_classifier
        from core.training.recommend import with_overrides

        base = TrainingRecipe(epochs=self.epochs, learning_rate=LEARNING_RATE, batch_size=32, seed=seed)
        recipe = with_overrides(base, {"technique": technique, "extras": extras})
        adaptation, task, device = TECHNIQUES[technique], TASKS[recipe.task], torch.device("cpu")
        rewordings = rewordings_for(recipe, self.base_dir, self.practice.ids, self.practice.offsets)
        practice = replace(self.practice, rewordings=rewordings)
        seen = seen_ids([practice, self.checkup], 0)
        classifier = training_classifier(self.base_dir, recipe, adaptation, len(self.labels), seen)
        precision = self._precision(classifier, recipe)
        with tempfile.TemporaryDirectory() as folder:
            started = time.process_time()
            result = train(
                classifier,
                practice,
                self.checkup,
                recipe=recipe,
                task=task,
                technique=adaptation,
                precision=precision,
                device=device,
                pad_id=0,
                checkpoints=Checkpoints(Path(folder), "benchmark"),
                outlets=Outlets(),
            )
            cpu_seconds = time.process_time() - started
        finished = finished_classifier(self.base_dir, recipe, adaptation, len(self.labels), seen, result.best)

        def right(asked: Any) -> float:
            return float((answer_logits(finished, asked, 0, device).argmax(axis=1) == asked.targets).mean())

        return {
            "accuracy": right(self.exam),
            "accuracy_with_typos": right(self.exam_with_typos),
            "cpu_seconds": cpu_seconds / result.position.step * result.n_steps,  # as if none had stopped early
        }

    def _precision(self, classifier: Any, recipe: "TrainingRecipe") -> str:
        """Measured once, so that all members compute alike."""
        import torch

        from core.tasks import TASKS
        from core.training.probe import measure

        if not self.precision:
            device, task = torch.device("cpu"), TASKS[recipe.task]
            probe = measure(classifier, self.practice, recipe=recipe, task=task, device=device, pad_id=0)
            self.precision = probe.precision
        return self.precision


def readable(report: dict[str, dict[str, dict[str, float]]]) -> str:
    lines = []
    for name, found in report.items():
        lines.append(f"{name}: accuracy, with typos, CPU time against the base recipe")
        for member, one in found.items():
            lines.append(
                f"  {member:20} {one['accuracy']:.4f}  {one['accuracy_with_typos']:.4f}  {one['cpu_ratio']:.2f}x"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
