"""Training speed: the same epochs of the same model on the same rows, ours against two plain recipes, in CPU time.

    ours       core.training.loop with the Balanced recipe: no padding (similar lengths together), compact word
               embedding, flat AdamW
    trainer    transformers.Trainer, dynamic padding, batch 8
    autotrain  the same Trainer as AutoTrain sets it up by default: batch 8, every text padded to 128 tokens

Every side runs in a process of its own with one thread; rounds are interleaved, so that other work on the machine
touches all sides alike. What is timed is tokenizing and training, not imports and loading.

    python benchmarks/train_speed.py --data banking77/train.csv                 # ratios on 1,280 rows
    python benchmarks/train_speed.py --data train.csv --test test.csv --accuracy --rows 2000 --epochs 3
    python benchmarks/train_speed.py --data train.csv --test test.csv --reach --rows 2000 --sides trainer
    python benchmarks/train_speed.py --data train.csv --test test.csv --reach --rows 0 --per-label 8 --sides setfit \\
        --setfit-python PATH

`--reach` asks for the time to an accuracy instead, see `reaching.py` beside this file.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reaching import compare_times, readable_times
from reaching import run_side as run_towards

PROJECT_DIR = Path(__file__).resolve().parent.parent
SIDES = ("ours", "trainer", "autotrain")
MAX_LENGTH = 128
PLAIN_LEARNING_RATE, OUR_LEARNING_RATE = 5e-5, 2e-4
TARGETS = {"trainer": 4.0, "autotrain": 14.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a CSV file with the columns text and label")
    parser.add_argument("--test", type=Path, help="rows to answer after training; needed for --accuracy")
    parser.add_argument("--base-model", default="minilm-l6-en")
    parser.add_argument("--rows", type=int, default=1280, help="rows to train on, drawn with a fixed seed; 0 takes all")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accuracy", action="store_true", help="one round, then answer --test")
    parser.add_argument("--sides", nargs="+", choices=(*SIDES, "setfit"), default=list(SIDES))
    parser.add_argument("--precision", default="auto")
    parser.add_argument(
        "--frozen-layers", type=int, default=0, help="of ours: layers left as they are, for a trade-off"
    )
    parser.add_argument("--reach", action="store_true", help="CPU seconds to 99%% of the other sides' final accuracy")
    parser.add_argument("--language", default="en", help="of the texts, for --reach")
    parser.add_argument("--per-label", type=int, default=0, help="for --reach: rows of each category; 0 takes all")
    parser.add_argument("--test-rows", type=int, default=0, help="for --reach: rows to ask; 0 takes all")
    parser.add_argument("--setfit-python", type=Path, help="for --reach: an interpreter that has the package setfit")
    parser.add_argument("--mark", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", choices=(*SIDES, "setfit"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if (args.accuracy or args.reach) and args.test is None:
        parser.error("--accuracy and --reach need --test")
    if "setfit" in args.sides and not args.reach:
        parser.error("setfit is measured with --reach only")
    if args.reach:
        if args.run:
            print(json.dumps(run_towards(args)))
            return
        found = compare_times(args)
        print(json.dumps(found) if args.json else readable_times(found))
        return
    if args.run:
        print(json.dumps(run_side(args)))
        return
    report = compare(args)
    print(json.dumps(report) if args.json else readable(report))


def compare(args: argparse.Namespace) -> dict[str, Any]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
    }
    environment["PYTHONPATH"] = str(PROJECT_DIR)
    rounds: list[dict[str, dict[str, Any]]] = []
    for n in range(1 if args.accuracy else args.rounds):
        order = args.sides if n % 2 == 0 else args.sides[::-1]
        found = {}
        for side in order:
            command = [sys.executable, __file__, *sys.argv[1:], "--run", side]
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            found[side] = json.loads(done.stdout.splitlines()[-1])
            print(f"round {n + 1}: {side} {found[side]}", file=sys.stderr, flush=True)
        rounds.append(found)
    per_row = {side: statistics.median(r[side]["cpu_ms_per_row"] for r in rounds) for side in args.sides}
    ratios = {
        side: statistics.median(r[side]["cpu_ms_per_row"] / r["ours"]["cpu_ms_per_row"] for r in rounds)
        for side in args.sides
        if side != "ours" and "ours" in args.sides
    }
    return {
        "data": args.data.parent.name,
        "rows": rounds[0][args.sides[0]]["rows"],
        "epochs": args.epochs,
        "rounds": len(rounds),
        "cpu_ms_per_row": per_row,
        "ratio": ratios,
        "targets": TARGETS,
        "accuracy": {side: rounds[0][side].get("accuracy") for side in args.sides} if args.accuracy else None,
        "precision": rounds[0].get("ours", {}).get("precision"),
        "frozen_layers": args.frozen_layers,
    }


def readable(report: dict[str, Any]) -> str:
    lines = [
        f"{report['rows']} rows of {report['data']}, {report['epochs']} epoch(s), median of {report['rounds']} round(s), one thread"
    ]
    for side, milliseconds in report["cpu_ms_per_row"].items():
        ratio = report["ratio"].get(side)
        accuracy = (report["accuracy"] or {}).get(side)
        note = f"ours is {ratio:.1f}x faster (target {TARGETS[side]:.0f}x)" if ratio else f"({report['precision']})"
        lines.append(
            f"  {side:10} {milliseconds:8.1f} ms CPU a row  {note}" + (f"  accuracy {accuracy:.4f}" if accuracy else "")
        )
    return "\n".join(lines)


# -- one side, in its own process -------------------------------------------------------------------------------------


def run_side(args: argparse.Namespace) -> dict[str, Any]:
    import pandas as pd
    import torch

    from core.base_models.sources import fetch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    read = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    rows = pd.read_csv(args.data, **read).sample(frac=1, random_state=0)
    labels = sorted(set(rows["label"]))
    rows = rows.head(args.rows or len(rows))
    test = pd.read_csv(args.test, **read) if args.accuracy else rows.head(0)
    base_dir = fetch(args.base_model, Path(tempfile.gettempdir()) / "tunedesk-bench")
    run = run_ours if args.run == "ours" else run_trainer
    result = run(args, base_dir, labels, list(rows["text"]), list(rows["label"]), list(test["text"]))
    answers = result.pop("answers")
    result["rows"] = len(rows)
    result["cpu_ms_per_row"] = round(1000 * result["cpu_seconds"] / len(rows) / args.epochs, 2)
    if args.accuracy:
        result["accuracy"] = sum(labels[a] == t for a, t in zip(answers, test["label"], strict=True)) / len(test)
    return result


def run_ours(
    args: argparse.Namespace, base_dir: Path, labels: list[str], texts: list[str], names: list[str], test: list[str]
) -> dict[str, Any]:
    import torch

    from core.base_models.tokenizer import load_tokenizer
    from core.domain.recipe import TrainingRecipe
    from core.tasks import TASKS
    from core.techniques import TECHNIQUES
    from core.training.batches import seen_ids, tokenize
    from core.training.checkpoints import Checkpoints
    from core.training.loop import Outlets, answer_logits, train
    from core.training.model import finished_classifier, training_classifier
    from core.training.probe import measure

    task, technique, device = TASKS["text_classification"], TECHNIQUES["full"], torch.device("cpu")
    recipe = TrainingRecipe(
        epochs=args.epochs,
        learning_rate=OUR_LEARNING_RATE,
        batch_size=32,
        max_length=MAX_LENGTH,
        checks_per_epoch=1,
        frozen_layers=args.frozen_layers,
    )
    tokenizer = load_tokenizer(base_dir, MAX_LENGTH)
    targets = [labels.index(name) for name in names]
    warm = tokenize(tokenizer, texts, targets)
    classifier = training_classifier(base_dir, recipe, technique, len(labels), seen_ids([warm], 0))
    precision = args.precision
    if precision == "auto":
        precision = measure(classifier, warm, recipe=recipe, task=task, device=device, pad_id=0).precision
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        practice = tokenize(tokenizer, texts, targets)
        seen = seen_ids([practice], 0)
        # the last rows stand in for a check-up: only the weights at the end count here
        checkup = tokenize(tokenizer, texts[-16:], targets[-16:])
        result = train(
            classifier,
            practice,
            checkup,
            recipe=recipe,
            task=task,
            technique=technique,
            precision=precision,
            device=device,
            pad_id=0,
            checkpoints=Checkpoints(Path(folder), "benchmark"),
            outlets=Outlets(),
        )
        cpu_seconds = time.process_time() - started
    answers: list[int] = []
    if test:
        finished = finished_classifier(base_dir, recipe, technique, len(labels), seen, result.best)
        asked = tokenize(tokenizer, test, [0] * len(test))
        answers = answer_logits(finished, asked, 0, device).argmax(axis=1).tolist()
    return {"cpu_seconds": round(cpu_seconds, 2), "precision": precision, "answers": answers}


def run_trainer(
    args: argparse.Namespace, base_dir: Path, labels: list[str], texts: list[str], names: list[str], test: list[str]
) -> dict[str, Any]:
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    padding = "max_length" if args.run == "autotrain" else False
    tokenizer = AutoTokenizer.from_pretrained(base_dir)
    model = AutoModelForSequenceClassification.from_pretrained(base_dir, num_labels=len(labels), dtype=torch.float32)
    model.accepts_loss_kwargs = False  # transformers 5.23 computes a wrong loss for classification heads without this

    def encoded(texts: list[str], names: list[str]) -> list[dict[str, Any]]:
        tokens = tokenizer(texts, truncation=True, max_length=MAX_LENGTH, padding=padding)
        columns = {key: tokens[key] for key in ("input_ids", "attention_mask")}
        return [
            {key: column[i] for key, column in columns.items()} | {"labels": labels.index(name)}
            for i, name in enumerate(names)
        ]

    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            output_dir=folder,
            num_train_epochs=args.epochs,
            per_device_train_batch_size=8,
            per_device_eval_batch_size=64,
            learning_rate=PLAIN_LEARNING_RATE,
            warmup_steps=0.1,
            max_grad_norm=1.0,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            seed=0,
            use_cpu=True,
        )
        started = time.process_time()
        trainer = Trainer(
            model=model,
            args=options,
            train_dataset=encoded(texts, names),
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        trainer.train()
        cpu_seconds = time.process_time() - started
        answers = []
        if test:
            answers = trainer.predict(encoded(test, [labels[0]] * len(test))).predictions.argmax(axis=1).tolist()
    return {"cpu_seconds": round(cpu_seconds, 2), "precision": "fp32", "answers": answers}


if __name__ == "__main__":
    main()
