"""Time to an accuracy: CPU seconds from a process's start until its answers reach 99% of a rival's final accuracy.

    ours      what the product does with the Balanced recipe: the draft, then fine-tuning; its answer at any moment is
              what it would publish if it were stopped there (draft, fine-tuned or both mixed, chosen on the check-up)
    trainer   transformers.Trainer: a new head, 3 epochs, learning rate 5e-5, batch 8, dynamic padding
    setfit    SetFit's defaults on the same rows (its own interpreter, `--setfit-python`)

All seconds count: the interpreter's start, imports, loading, tokenizing, the draft. Asking the test rows does not, on
any side. Trainer and ours are asked as they go (four times an epoch, each check-up), so both may reach the mark before
their end; SetFit is asked once, at its end. The base model lies on the disk, with its graph for embedding, as after a first use.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parent.parent
BASE_MODELS_DIR = Path(tempfile.gettempdir()) / "tunedesk-bench"
RIVALS = ("trainer", "setfit")
SHARE = 0.99  #: of the rival's final accuracy
CHECKUP_SHARE = 0.1
PLAIN_EPOCHS, PLAIN_RATE, PLAIN_BATCH = 3, 5e-5, 8
ASKED_PER_EPOCH = 4  # of the plain Trainer
MAX_LENGTH = 128


@dataclass
class Clock:
    """CPU seconds of this process and its children since it began, without what `paused` covers."""

    paused_seconds: float = 0.0
    answers: list[tuple[float, float]] = field(default_factory=list)  #: (seconds, accuracy), as they came

    def seconds(self) -> float:
        spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(use.ru_utime + use.ru_stime for use in spent) - self.paused_seconds

    def ask(self, accuracy_of: Callable[[], float]) -> float:
        """Note when the question was put and how it was answered; answering takes no time."""
        now = self.seconds()
        accuracy = accuracy_of()
        self.paused_seconds += self.seconds() - now
        self.answers.append((round(now, 2), round(accuracy, 4)))
        print(f"  {now:8.1f} s  {accuracy:.4f}", file=sys.stderr, flush=True)
        return accuracy


@dataclass
class Rows:
    labels: list[str]
    texts: list[str]
    targets: list[int]
    test_texts: list[str]
    test_targets: list[int]


def read_rows(args: argparse.Namespace) -> Rows:
    """The same rows for every side: `--rows` drawn at random, or `--per-label` of each category."""
    import csv
    import random

    def read(path: Path) -> list[tuple[str, str]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
        random.Random(0).shuffle(rows)
        return rows

    rows, test = read(args.data), read(args.test)
    if args.per_label:
        seen: dict[str, int] = {}
        kept = []
        for text, label in rows:
            seen[label] = seen.get(label, 0) + 1
            if seen[label] <= args.per_label:
                kept.append((text, label))
        rows = kept
    rows = rows[: args.rows or len(rows)]
    labels = sorted({label for _, label in rows})
    test = [(text, label) for text, label in test if label in labels][: args.test_rows or len(test)]
    return Rows(
        labels=labels,
        texts=[text for text, _ in rows],
        targets=[labels.index(label) for _, label in rows],
        test_texts=[text for text, _ in test],
        test_targets=[labels.index(label) for _, label in test],
    )


# -- ours -------------------------------------------------------------------------------------------------------------


class Reached(Exception):
    """The mark is reached: what follows would not change the answer to our question."""


def run_ours(args: argparse.Namespace, rows: Rows, clock: Clock) -> str:
    """Draft, then the loop, as `core.training.pipeline` runs them. Ends early once `--mark` is reached."""
    import numpy as np
    import torch

    from core.base_models.encoder import FrozenEncoder
    from core.base_models.sources import fetch
    from core.base_models.tokenizer import load_tokenizer
    from core.domain.dataset import DatasetProfile
    from core.domain.recipe import Preset
    from core.domain.run import CHECKUP_ACCURACY, MetricPoint
    from core.tasks import TASKS
    from core.techniques import TECHNIQUES
    from core.training.batches import seen_ids, tokenize
    from core.training.checkpoints import Checkpoints
    from core.training.choosing import choose
    from core.training.draft import Draft, stratified_folds
    from core.training.finetuning import FineTuner
    from core.training.loop import Outlets, answer_logits, train
    from core.training.machine import detect_machine
    from core.training.model import training_classifier
    from core.training.probe import choose_device, measure
    from core.training.recommend import recommend
    from core.training.types import Examples, TrainingData

    torch.set_num_threads(1)
    targets = np.asarray(rows.targets)
    fold = stratified_folds(targets, round(1 / CHECKUP_SHARE), 0)

    def part(chosen: Any) -> Examples:
        numbers = np.flatnonzero(chosen)
        return Examples(texts=[rows.texts[i] for i in numbers], targets=targets[numbers].tolist())

    data = TrainingData(
        labels=tuple(rows.labels),
        practice=part(fold != 0),
        checkup=part(fold == 0),
        exam=Examples(texts=rows.test_texts, targets=rows.test_targets),
        language=args.language,
    )
    lengths = np.asarray([len(text) for text in rows.texts])
    profile = DatasetProfile(
        n_rows=len(rows.texts),
        n_labels=len(rows.labels),
        language=args.language,
        mean_chars=float(lengths.mean()),
        p95_chars=int(np.quantile(lengths, 0.95)),
        max_chars=int(lengths.max()),
        imbalance=float(np.bincount(targets).max() / np.bincount(targets).min()),
    )
    recipe, _, _ = recommend(profile, Preset.BALANCED, machine=detect_machine(), base_model=args.base_model)
    base_dir = fetch(recipe.base_model, BASE_MODELS_DIR)
    encoder = FrozenEncoder.load(FrozenEncoder.prepare(base_dir, BASE_MODELS_DIR))
    n_practice = len(data.practice.texts)
    vectors = encoder.embed([*data.practice.texts, *data.checkup.texts])
    draft = Draft.fit(
        data.practice.texts,
        np.asarray(data.practice.targets),
        vectors[:n_practice],
        n_labels=len(rows.labels),
        seed=recipe.seed,
        language=args.language,
    )
    draft_checkup = draft.predict_proba(data.checkup.texts, vectors[n_practice:])
    draft_test: Any = None
    test_targets = np.asarray(rows.test_targets)

    def right(proba: Any) -> float:
        return float((proba.argmax(axis=1) == test_targets).mean())

    def of_draft() -> float:
        nonlocal draft_test
        draft_test = draft.predict_proba(rows.test_texts, encoder.embed(rows.test_texts))
        return right(draft_test)

    if clock.ask(of_draft) >= args.mark:
        return recipe.fingerprint
    task, technique, device = TASKS[recipe.task], TECHNIQUES[recipe.technique], choose_device("cpu")
    with tempfile.TemporaryDirectory() as folder:
        tuner = FineTuner(
            data,
            recipe,
            task,
            technique,
            base_dir=base_dir,
            base_models_dir=BASE_MODELS_DIR,
            work_dir=Path(folder),
        )
        tokens = tuner.tokenize()
        asked = tokenize(load_tokenizer(base_dir, tokens.max_length), rows.test_texts, rows.test_targets)
        seen = seen_ids([tokens.practice, tokens.checkup, asked], tokens.pad_id)  # so that it can be asked as it stands
        classifier = training_classifier(base_dir, recipe, technique, len(rows.labels), seen)
        probe = measure(classifier, tokens.practice, recipe=recipe, task=task, device=device, pad_id=tokens.pad_id)

        def probabilities(examples: Any) -> Any:
            return task.answers(answer_logits(classifier, examples, tokens.pad_id, device))

        def of_both() -> float:
            choice = choose(draft_checkup, probabilities(tokens.checkup), np.asarray(data.checkup.targets))
            return right(choice.draft_weight * draft_test + (1 - choice.draft_weight) * probabilities(asked))

        def report(point: MetricPoint) -> None:
            if point.name == CHECKUP_ACCURACY and clock.ask(of_both) >= args.mark:
                raise Reached

        with contextlib.suppress(Reached):
            train(
                classifier,
                tokens.practice,
                tokens.checkup,
                recipe=recipe,
                task=task,
                technique=technique,
                precision=probe.precision,
                device=device,
                pad_id=tokens.pad_id,
                checkpoints=Checkpoints(Path(folder) / "checkpoints", "benchmark"),
                outlets=Outlets(report=report),
            )
    return recipe.fingerprint


# -- theirs -----------------------------------------------------------------------------------------------------------


def run_trainer(args: argparse.Namespace, rows: Rows, clock: Clock) -> str:
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    from core.base_models.sources import fetch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    base_dir = fetch(args.base_model, BASE_MODELS_DIR)
    tokenizer = AutoTokenizer.from_pretrained(base_dir)
    n_labels = len(rows.labels)
    model = AutoModelForSequenceClassification.from_pretrained(base_dir, num_labels=n_labels, dtype=torch.float32)
    model.accepts_loss_kwargs = False  # transformers 5.23 computes a wrong loss for classification heads without this

    def encoded(texts: list[str], targets: list[int]) -> list[dict[str, Any]]:
        tokens = tokenizer(texts, truncation=True, max_length=MAX_LENGTH)
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": target}
            for ids, mask, target in zip(tokens["input_ids"], tokens["attention_mask"], targets, strict=True)
        ]

    collate = DataCollatorWithPadding(tokenizer)

    def right() -> float:
        was_training, n_right = model.training, 0
        model.eval()
        order = sorted(range(len(asked)), key=lambda i: len(asked[i]["input_ids"]))
        with torch.inference_mode():
            for start in range(0, len(order), 64):
                batch = collate([asked[i] for i in order[start : start + 64]])
                targets = batch.pop("labels")
                n_right += int((model(**batch).logits.argmax(-1) == targets).sum())
        model.train(was_training)
        return n_right / len(asked)

    class Asking(TrainerCallback):
        def on_step_end(self, options: Any, state: Any, control: Any, **kwargs: Any) -> None:
            every = max(1, round(state.max_steps / (PLAIN_EPOCHS * ASKED_PER_EPOCH)))
            if state.global_step % every == 0 and state.global_step < state.max_steps:
                clock.ask(right)

    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            output_dir=folder,
            num_train_epochs=PLAIN_EPOCHS,
            per_device_train_batch_size=PLAIN_BATCH,
            learning_rate=PLAIN_RATE,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            seed=0,
            use_cpu=True,
        )
        practice = encoded(rows.texts, rows.targets)
        asked = encoded(rows.test_texts, rows.test_targets)
        Trainer(model=model, args=options, train_dataset=practice, data_collator=collate, callbacks=[Asking()]).train()
        clock.ask(right)
    return f"{PLAIN_EPOCHS} epochs, {PLAIN_RATE}, batch {PLAIN_BATCH}"


def run_setfit(args: argparse.Namespace, rows: Rows, clock: Clock) -> str:
    import setfit
    import torch
    from datasets import Dataset

    from core.base_models.sources import fetch

    torch.set_num_threads(1)
    model = setfit.SetFitModel.from_pretrained(str(fetch(args.base_model, BASE_MODELS_DIR)), labels=rows.labels)
    with tempfile.TemporaryDirectory() as folder:
        options = setfit.TrainingArguments(output_dir=folder, seed=0, report_to="none", show_progress_bar=False)
        practice = Dataset.from_dict({"text": rows.texts, "label": [rows.labels[i] for i in rows.targets]})
        setfit.Trainer(model=model, args=options, train_dataset=practice).train()

    def right() -> float:
        answers = model.predict(rows.test_texts, show_progress_bar=False)
        pairs = zip(answers, rows.test_targets, strict=True)
        return sum(str(answer) == rows.labels[target] for answer, target in pairs) / len(rows.test_targets)

    clock.ask(right)
    return f"setfit {setfit.__version__}, its defaults"


# -- the comparison ---------------------------------------------------------------------------------------------------

RUNS: dict[str, Callable[[argparse.Namespace, Rows, Clock], str]] = {
    "ours": run_ours,
    "trainer": run_trainer,
    "setfit": run_setfit,
}


def run_side(args: argparse.Namespace) -> dict[str, Any]:
    """One side, in its own process."""
    clock = Clock()
    rows = read_rows(args)
    told = RUNS[args.run](args, rows, clock)
    return {"how": told, "rows": len(rows.texts), "labels": len(rows.labels), "answers": clock.answers}


def compare_times(args: argparse.Namespace) -> dict[str, Any]:
    """Rivals first, so that ours can end once it reached 99% of the best of them."""
    found: dict[str, dict[str, Any]] = {}
    rivals = [side for side in RIVALS if side in args.sides]
    for side in rivals:
        if side == "setfit" and args.setfit_python is None:
            print("SetFit was not measured: --setfit-python names no interpreter that has it.", file=sys.stderr)
            continue
        found[side] = _run(side, [], args.setfit_python if side == "setfit" else Path(sys.executable))
    marks = {side: round(SHARE * found[side]["answers"][-1][1], 4) for side in found}
    found["ours"] = _run("ours", ["--mark", str(max(marks.values(), default=1.0))], Path(sys.executable))
    times = {}
    for side, mark in marks.items():
        theirs, ours = first_at(found[side]["answers"], mark), first_at(found["ours"]["answers"], mark)
        times[side] = {
            "mark": mark,
            "theirs": theirs,
            "theirs_at_end": found[side]["answers"][-1][0],
            "ours": ours,
            "ratio": round(theirs / ours, 1) if theirs and ours else None,
            "ratio_to_end": round(found[side]["answers"][-1][0] / ours, 1) if ours else None,
        }
    return {"data": args.data.parent.name, "times": times, "sides": found}


def first_at(answers: list[list[float]], mark: float) -> float | None:
    """Seconds at which an accuracy of `mark` was first seen; None when it never was."""
    return next((seconds for seconds, accuracy in answers if accuracy >= mark), None)


def readable_times(report: dict[str, Any]) -> str:
    lines = [f"{report['data']}: {report['sides']['ours']['rows']} rows, CPU seconds to 99% of a rival's accuracy"]
    for side, at in report["times"].items():
        ratio = "ours did not reach it"
        if at["ratio"]:
            ratio = f"ours is {at['ratio']}x faster ({at['ratio_to_end']}x counted to its end)"
        lines.append(
            f"  {side} ends at {at['theirs_at_end']} s; {at['mark']} is reached by it after {at['theirs']} s,"
            f" by ours after {at['ours']} s: {ratio}"
        )
    return "\n".join(lines)


def _run(side: str, more: list[str], python: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONPATH": str(PROJECT_DIR),
    }
    print(side, file=sys.stderr, flush=True)
    program = str(PROJECT_DIR / "benchmarks" / "train_speed.py")
    command = [str(python), program, *sys.argv[1:], "--run", side, *more]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
