"""How often each way is right on unseen rows: Tunedesk's Quick, Balanced and Best against what people use instead.

A cell is one data set, one seed and one way. The seed draws the rows to learn from and seeds the training; all ways of a
seed see the same rows and answer the same exam rows. Every cell runs in a process of its own with one thread and is
written to --results as it ends, so that a run that was cut off goes on where it was. CPU seconds count learning and
answering, with the imports they need, not the reading of files and not the making of a base model's folder.

    python benchmarks/accuracy.py --data DIR/banking77 DIR/waimai_10k --seeds 3 --rows 1000 --results results.jsonl
    python benchmarks/accuracy.py --results results.jsonl --table          # the table of docs/results.md

A data set is a folder with train.csv and test.csv, columns text and label. `--setfit-python` names an interpreter that
can import setfit and everything in requirements.txt; without it that column stays empty.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from peers import PEERS, one_thread

PROJECT_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_DIR))

PRESETS = ("quick", "balanced", "best")
WAYS = (*PRESETS, "tfidf_lr", "svm", "trainer")
CACHE = Path(tempfile.gettempdir()) / "tunedesk-bench"  # of base models
CHINESE = ("一", "鿿")

Cell = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="folders with train.csv and test.csv")
    parser.add_argument("--rows", type=int, default=1000, help="to learn from, drawn by the seed; 0 takes all")
    parser.add_argument("--per-label", type=int, default=0, help="instead of --rows: this many of each category")
    parser.add_argument("--exam-rows", type=int, default=1000, help="drawn once; 0 takes all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=(*PRESETS, *PEERS))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the presets")
    parser.add_argument("--results", type=Path, required=True, help="a file with a JSON line for each cell")
    parser.add_argument("--setfit-python", default="", help="an interpreter that has setfit")
    parser.add_argument("--table", action="store_true", help="measure nothing, print the table")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.cell:
        print(json.dumps(measured(json.loads(args.cell))))
        return
    if not args.table:
        measure_all(args)
    print(table(read(args.results)))


def measure_all(args: argparse.Namespace) -> None:
    done = {key_of(cell) for cell in read(args.results)}
    for seed in range(args.seeds):
        for folder in args.data:
            for way in args.ways:
                cell = {"data": str(folder.resolve()), "set": folder.name, "seed": seed, "way": way}
                cell |= {"rows": args.rows, "per_label": args.per_label, "exam_rows": args.exam_rows}
                cell |= {"settings": args.set if way in PRESETS else []}
                if key_of(cell) in done or (way == "setfit" and not args.setfit_python):
                    continue
                python = args.setfit_python if way == "setfit" else sys.executable
                command = [python, __file__, "--results", str(args.results), "--cell", json.dumps(cell)]
                ran = subprocess.run(command, env=one_thread(), capture_output=True, text=True)
                if ran.returncode:
                    print(f"{folder.name} {way} seed {seed} failed: {ran.stderr[-2000:]}", file=sys.stderr, flush=True)
                    continue
                line = ran.stdout.splitlines()[-1]
                with args.results.open("a") as file:
                    file.write(line + "\n")
                found = json.loads(line)
                print(folder.name, way, seed, found["accuracy"], found["cpu_seconds"], file=sys.stderr, flush=True)


def key_of(cell: Cell) -> str:
    names = ("set", "seed", "way", "rows", "per_label", "exam_rows", "settings")
    return json.dumps([cell[name] for name in names])


def read(path: Path) -> list[Cell]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# -- one cell, in its own process --------------------------------------------------------------------------------------


def measured(cell: Cell) -> Cell:
    import pandas as pd

    from core.base_models.catalog import default_for
    from core.base_models.sources import fetch

    options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    folder = Path(cell["data"])
    rows = pd.read_csv(folder / "train.csv", **options).sample(frac=1, random_state=cell["seed"])[["text", "label"]]
    rows = rows.groupby("label").head(cell["per_label"]) if cell["per_label"] else rows.head(cell["rows"] or len(rows))
    exam = pd.read_csv(folder / "test.csv", **options).sample(frac=1, random_state=0)[["text", "label"]]
    exam = exam.head(cell["exam_rows"] or len(exam))
    language = "zh" if _is_chinese(rows["text"]) else "en"
    base_dir = fetch(default_for(language), CACHE)
    if cell["way"] in PRESETS:
        answers, cpu_seconds, more = tunedesk(cell, rows, exam)
    else:
        started = _cpu_seconds()
        known, labels, asked = list(rows["text"]), list(rows["label"]), list(exam["text"])
        answers = PEERS[cell["way"]](known, labels, asked, base_dir, language, cell["seed"])
        cpu_seconds, more = _cpu_seconds() - started, {}
    right = [answer == label for answer, label in zip(answers, exam["label"], strict=True)]
    n_rows = {"n_rows": len(rows), "n_exam": len(exam), "n_labels": rows["label"].nunique()}
    accuracy, cpu_seconds = round(sum(right) / len(right), 4), round(cpu_seconds, 1)
    return cell | n_rows | {"accuracy": accuracy, "cpu_seconds": cpu_seconds} | more


def tunedesk(cell: Cell, rows: Any, exam: Any) -> tuple[list[str], float, Cell]:
    """The answers of a published model: the same verbs as a person's, the job in this process to count its seconds."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUNEDESK_HOME"] = home
        (Path(home) / "base_models").symlink_to(CACHE, target_is_directory=True)
        from core.domain.recipe import Preset
        from core.jobs.child import run_job
        from core.workspace import Workspace

        space = Workspace.open()
        dataset = space.add_dataset(
            _uploaded(space, rows, "train.csv"),
            text_column="text",
            label_column="label",
            exam_upload=_uploaded(space, exam, "test.csv"),
        )
        settings = dict(one.split("=", 1) for one in cell["settings"])
        started = _cpu_seconds()
        plan = space.plan(dataset.id, Preset(cell["way"]), overrides=settings)
        space.start_training(dataset.id, plan.recipe)
        claimed = space._store.jobs.claim()
        assert claimed is not None
        run_job(claimed.id, claimed.attempt)
        job = space.job(claimed.id)
        if job.model_id is None or job.run_id is None:
            raise SystemExit(f"no model: {job.error}")
        answers = [prediction.label for prediction in space.predict(job.model_id, list(exam["text"]))]
        cpu_seconds = _cpu_seconds() - started
        run = space.run(job.run_id)
        draft = round(run.draft.accuracy, 4) if run.draft else None
        more = {"kept": run.kept, "draft": draft, "seconds": dict(run.seconds)}
        space.close()
        return answers, cpu_seconds, more


def _uploaded(space: Any, rows: Any, name: str) -> Any:
    import io

    return space.receive_upload(io.BytesIO(rows.to_csv(index=False).encode()), name)


def _is_chinese(texts: Any) -> bool:
    letters = "".join(texts.head(200))
    return sum(CHINESE[0] <= letter <= CHINESE[1] for letter in letters) > 0.2 * len(letters)


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


# -- the table ---------------------------------------------------------------------------------------------------------


def table(cells: list[Cell]) -> str:
    """Markdown: a row a data set, a column a way: mean accuracy in percent ± standard deviation over the seeds, and the
    median of the CPU seconds. The last row is the mean over the sets that every way of the table has answered."""
    found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        found[_name(cell), cell["way"]].append(cell)
    sets = sorted({name for name, _ in found})
    ways = [way for way in (*PRESETS, *PEERS) if any(way == other for _, other in found)]
    lines = ["| data (rows, categories, seeds) | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    for name in sets:
        some = next(found[name, way][0] for way in ways if (name, way) in found)
        n_seeds = max(len(found.get((name, way), [])) for way in ways)
        shown = [_shown(found.get((name, way), [])) for way in ways]
        lines.append(f"| {name} ({some['n_rows']}, {some['n_labels']}, {n_seeds}) | " + " | ".join(shown) + " |")
    whole = [name for name in sets if all((name, way) in found for way in ways)]
    if whole:
        means = [statistics.mean(_mean(found[name, way]) for name in whole) for way in ways]
        lines.append(f"| **mean over {len(whole)} sets** | " + " | ".join(f"**{100 * m:.1f}**" for m in means) + " |")
    return "\n".join(lines)


def _name(cell: Cell) -> str:
    return f"{cell['set']}, {cell['per_label']} a category" if cell["per_label"] else str(cell["set"])


def _mean(cells: list[Cell]) -> float:
    return statistics.mean(cell["accuracy"] for cell in cells)


def _shown(cells: list[Cell]) -> str:
    if not cells:
        return "not measured"
    spread = f" ± {100 * statistics.stdev(c['accuracy'] for c in cells):.1f}" if len(cells) > 1 else ""
    seconds = statistics.median(cell["cpu_seconds"] for cell in cells)
    return f"{100 * _mean(cells):.1f}{spread} ({seconds:.0f} s)"


if __name__ == "__main__":
    main()
