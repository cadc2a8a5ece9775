"""Training speed on a GPU: rows a second, share of peak and peak memory, ours against a plain Trainer in one run.

    ours           the loop's own steps: no padding where the kernel for it runs, half precision, fused flat AdamW
    trainer        transformers.Trainer as it comes: fp32, batch 8, dynamic padding
    trainer_tuned  the same with bf16 and our batch size

Models have the shape of MiniLM-L6 and of BERT base and random weights; texts are random tokens with the lengths of short
messages (mean 16). Every side runs in a process of its own; the first steps are not timed. The peak is what one large
matrix product reaches on this device in the side's number format, so that no data sheet is needed; only what the texts'
own tokens need counts as work, so padding lowers the share.

    python benchmarks/gpu_speed.py
    python benchmarks/gpu_speed.py --device cpu --tiny       # a smoke check: seconds, and the figures mean nothing
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PROJECT_DIR = Path(__file__).resolve().parent.parent
SIDES = ("ours", "trainer", "trainer_tuned")
SHAPES = {  # layers, hidden, heads
    "minilm": (6, 384, 12),
    "bert-base": (12, 768, 12),
    "tiny": (2, 32, 4),
}
VOCABULARY, MEAN_LENGTH, LONGEST, N_LABELS = 30_522, 16, 64, 77
PLAIN_BATCH = 8
TARGET = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--models", nargs="+", choices=list(SHAPES), default=["minilm", "bert-base"])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--batch-size", type=int, default=128, help="of ours and of trainer_tuned")
    parser.add_argument("--steps", type=int, default=60, help="timed steps of each side")
    parser.add_argument("--warm-up", type=int, default=15)
    parser.add_argument("--tiny", action="store_true", help="a model and a number of steps that a CPU does in a second")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", nargs=2, metavar=("SIDE", "MODEL"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.tiny:
        args.models, args.batch_size, args.steps, args.warm_up = ["tiny"], 16, 4, 2
    if args.run:
        print(json.dumps(run_side(args, *args.run)))
        return
    if args.device == "cuda" and not _has_cuda():
        parser.error("there is no CUDA device here; --device cpu --tiny checks that this program runs")
    report = {model: {side: _in_process(side, model) for side in args.sides} for model in args.models}
    print(json.dumps(report) if args.json else readable(report))


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _in_process(side: str, model: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR), "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, __file__, *sys.argv[1:], "--run", side, model]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(model, side, found, file=sys.stderr, flush=True)
    return found


def readable(report: dict[str, dict[str, dict[str, Any]]]) -> str:
    lines = []
    for model, sides in report.items():
        lines.append(f"{model} on {next(iter(sides.values()))['device']}")
        for side, found in sides.items():
            line = (
                f"  {side:14} {found['rows_per_second']:10.1f} rows/s  {100 * found['share_of_peak']:5.1f}% of peak"
                f"  {found['peak_memory_mb']:7d} MB  ({found['how']})"
            )
            if side != "ours" and "ours" in sides:
                ratio = sides["ours"]["rows_per_second"] / found["rows_per_second"]
                line += f"  ours is {ratio:.1f}x faster" + (f" (target {TARGET:.0f}x)" if side == "trainer" else "")
            lines.append(line)
    return "\n".join(lines)


# -- one side, in its own process -------------------------------------------------------------------------------------


def run_side(args: argparse.Namespace, side: str, model: str) -> dict[str, Any]:
    import torch

    device = torch.device(args.device)
    batch_size = PLAIN_BATCH if side == "trainer" else args.batch_size
    n_steps = args.warm_up + args.steps
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.gamma(4.0, MEAN_LENGTH / 4, n_steps * batch_size).round().astype(np.int64), 4, LONGEST)
    ids = rng.integers(5, VOCABULARY, lengths.sum(), dtype=np.int32)
    targets = rng.integers(0, N_LABELS, len(lengths))
    run = run_ours if side == "ours" else run_trainer
    with tempfile.TemporaryDirectory() as folder:
        timed = run(args, device, _base_model(Path(folder), model), side, batch_size, lengths, ids, targets)
    n_layers, hidden, _ = SHAPES[model]
    rows, tokens, squares = timed["rows"], timed["tokens"], timed["squares"]
    work = 6 * tokens * n_layers * 12 * hidden**2 + 12 * squares * n_layers * hidden  # matrices; scores and their use
    if device.type == "cuda":
        memory, name = torch.cuda.max_memory_allocated(), torch.cuda.get_device_name()
    else:
        memory, name = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "CPU"
    return {
        "device": name,
        "rows_per_second": round(rows / timed["seconds"], 1),
        "share_of_peak": round(work / timed["seconds"] / _peak(device, timed["dtype"], args.tiny), 4),
        "peak_memory_mb": int(memory) >> 20,
        "how": timed["how"],
    }


def _base_model(folder: Path, model: str) -> Path:
    """A BERT of that shape with random weights, as an ordinary folder."""
    import torch
    from transformers import BertConfig, BertModel

    n_layers, hidden, heads = SHAPES[model]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        num_hidden_layers=n_layers,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
    )
    BertModel(config).save_pretrained(folder / "base")
    return folder / "base"


def _peak(device: Any, dtype: Any, tiny: bool) -> float:
    """Floating point operations a second of one large matrix product."""
    import torch

    n, times = (256, 3) if tiny else (8192, 20) if device.type == "cuda" else (2048, 3)
    left = torch.randn(n, n, device=device, dtype=dtype)
    best = float("inf")
    for _ in range(times):
        _wait(device)
        started = time.perf_counter()
        left @ left
        _wait(device)
        best = min(best, time.perf_counter() - started)
    return 2 * n**3 / best


def _wait(device: Any) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize()


def _timed(rows: Any, lengths: Any, seconds: float, dtype: Any, how: str) -> dict[str, Any]:
    own = lengths[rows]
    return {
        "seconds": seconds,
        "rows": len(own),
        "tokens": int(own.sum()),
        "squares": int((own**2).sum()),
        "dtype": dtype,
        "how": how,
    }


def run_ours(
    args: argparse.Namespace,
    device: Any,
    base_dir: Path,
    side: str,
    batch_size: int,
    lengths: Any,
    ids: Any,
    targets: Any,
) -> dict[str, Any]:
    import torch

    from core.domain.recipe import TrainingRecipe
    from core.tasks import TASKS
    from core.techniques import TECHNIQUES
    from core.training.batches import TokenizedExamples, seen_ids, steps_of_epoch
    from core.training.checkpoints import Checkpoints
    from core.training.loop import Loop, Outlets
    from core.training.model import training_classifier
    from core.training.optimizer import DTYPES
    from core.training.packed import packs_on
    from core.training.probe import measure

    offsets = np.concatenate([[0], np.cumsum(lengths)])
    practice = TokenizedExamples(ids=ids, offsets=offsets, targets=targets)
    recipe = TrainingRecipe(epochs=1, batch_size=batch_size, max_length=LONGEST, device=args.device)
    task, technique = TASKS[recipe.task], TECHNIQUES[recipe.technique]
    classifier = training_classifier(base_dir, recipe, technique, N_LABELS, seen_ids([practice], 0))
    precision = measure(classifier, practice, recipe=recipe, task=task, device=device, pad_id=0).precision
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    checkpoints = Checkpoints(base_dir.parent / "checkpoints", "benchmark")
    loop = Loop(classifier, practice, practice, recipe, task, technique, precision, device, 0, checkpoints, Outlets())
    steps = steps_of_epoch(lengths, batch_size, recipe.seed, 0)
    for number, rows in enumerate(steps, start=1):
        if number == args.warm_up + 1:
            _wait(device)
            started = time.perf_counter()
        _, norm = loop.gradients(rows, 0, number)
        loop.update(number, recipe.learning_rate, norm)
    _wait(device)
    seconds = time.perf_counter() - started
    packs = classifier.packs and packs_on(classifier.backbone, device)
    how = f"{precision}, batch {batch_size}, {'no padding' if packs else 'padded, similar lengths together'}"
    return _timed(np.concatenate(steps[args.warm_up :]), lengths, seconds, DTYPES[precision], how)


def run_trainer(
    args: argparse.Namespace,
    device: Any,
    base_dir: Path,
    side: str,
    batch_size: int,
    lengths: Any,
    ids: Any,
    targets: Any,
) -> dict[str, Any]:
    import torch
    from transformers import AutoModelForSequenceClassification, Trainer, TrainerCallback, TrainingArguments

    bf16 = side == "trainer_tuned" and device.type == "cuda"
    model = AutoModelForSequenceClassification.from_pretrained(base_dir, num_labels=N_LABELS, dtype=torch.float32)
    model.accepts_loss_kwargs = False  # transformers 5.23 computes a wrong loss for classification heads without this
    pieces = np.split(ids, np.cumsum(lengths)[:-1])
    examples = [{"ids": piece, "row": i, "label": int(targets[i])} for i, piece in enumerate(pieces)]
    batches: list[list[int]] = []

    def collate(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """What the stock collator does, for examples that need no tokenizer; it notes which rows a batch has."""
        batches.append([row["row"] for row in rows])
        width = max(len(row["ids"]) for row in rows)
        padded = torch.zeros(len(rows), width, dtype=torch.int64)
        mask = torch.zeros_like(padded)
        for i, row in enumerate(rows):
            padded[i, : len(row["ids"])] = torch.from_numpy(row["ids"].astype(np.int64))
            mask[i, : len(row["ids"])] = 1
        return {"input_ids": padded, "attention_mask": mask, "labels": torch.tensor([row["label"] for row in rows])}

    clock: list[float] = []

    class Watch(TrainerCallback):
        def on_step_end(self, options: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step in (args.warm_up, args.warm_up + args.steps):
                _wait(device)
                clock.append(time.perf_counter())

    options = TrainingArguments(
        output_dir=str(base_dir.parent / "trainer"),
        max_steps=args.warm_up + args.steps,
        per_device_train_batch_size=batch_size,
        learning_rate=5e-5,
        bf16=bf16,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        seed=0,
        use_cpu=device.type == "cpu",
    )
    run: Callable[[], Any] = Trainer(
        model=model, args=options, train_dataset=examples, data_collator=collate, callbacks=[Watch()]
    ).train
    run()
    rows = np.concatenate(batches[args.warm_up : args.warm_up + args.steps])
    dtype = torch.bfloat16 if bf16 else torch.float32
    how = f"{'bf16' if bf16 else 'fp32'}, batch {batch_size}, dynamic padding"
    return _timed(rows, lengths, clock[1] - clock[0], dtype, how)


if __name__ == "__main__":
    main()
