"""From a dropped file to its findings, against a plain `pandas.read_csv` of the same file. Target: <= 6x, <= 4x the file.

The file has a million rows in four columns (about 80 MB) whose texts are put together from the sentences of a shipped
sample, with copies, contradictions, near copies, personal data and odd category names planted in it. Ours is what the
Data page does: receive the upload, read and guess for the preview, then read, check, split and freeze. Both sides run
in fresh processes, in turns, and their memory is the highest sum over the process and its children. `own_growth_mb` is
what our calling process alone, the pages' process in real life, grew by at its highest.

    python benchmarks/ingest.py [--rows 1000000] [--rounds 3]     # JSON on stdout
"""

import argparse
import csv
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

PROJECT_DIR = Path(__file__).resolve().parent.parent
SAMPLE = PROJECT_DIR / "data" / "samples" / "products" / "data.csv"
CATEGORIES = [
    f"{team} {kind}" for team in ("parcel", "bill", "account", "device") for kind in ("late", "wrong", "lost")
]
PANDAS = """
import sys, pandas
frame = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
print(0, len(frame))
"""
OURS = """
import resource, sys
from pathlib import Path
from core.settings import Settings
from core.workspace import Workspace

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3

workspace = Workspace.open(Settings(home=Path(sys.argv[2])))
before = peak()
with open(sys.argv[1], "rb") as file:
    upload = workspace.receive_upload(file, "big.csv")
preview = workspace.preview(upload)
dataset = workspace.add_dataset(upload, format=preview.format, text_column=preview.text_column, label_column="category")
print(dataset.n_rows, " ".join(f"{f.code}={f.count}" for f in dataset.findings), file=sys.stderr)
print(peak() - before, dataset.n_rows)
"""


def write_table(path: Path, n_rows: int, seed: int) -> None:
    draw = random.Random(seed)
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        sentences = [row["review"] for row in csv.DictReader(file) if 15 < len(row["review"]) < 90]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "created", "message", "category"])
        text, category = "", ""
        for i in range(n_rows):
            kind = draw.random()
            if kind < 0.005 and text:
                pass  # a copy of the row above
            elif kind < 0.007 and text:
                category = draw.choice(CATEGORIES)
            elif kind < 0.012 and text:
                text = text.upper() + "!"
            else:
                parts = (draw.choice(sentences)[: draw.randint(12, 40)] for _ in range(2))
                text = " ".join(part.strip() for part in parts)
                category = draw.choice(CATEGORIES)
            shown = f"{text} Call 13{draw.randint(10**8, 10**9 - 1)}" if kind > 0.998 else text
            odd = f"{category.title()} " if draw.random() < 0.001 else category
            writer.writerow([i, f"2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}", shown, odd])


class Memory(threading.Thread):
    """The highest resident memory of a process and its children, shared pages counted once (proportional set size)."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.peak, self.over = process, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            try:
                family = [self.process, *self.process.children(recursive=True)]
                self.peak = max(self.peak, sum(_proportional_bytes(one) for one in family))
            except psutil.Error:
                continue


def _proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def measure(code: str, *args: str) -> dict[str, float]:
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", code, *args], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True)
    memory = Memory(psutil.Process(process.pid))
    memory.start()
    out, _ = process.communicate()
    seconds = time.monotonic() - started
    memory.over.set()
    if process.returncode != 0:
        raise SystemExit(f"a side failed with {process.returncode}")
    growth, n_rows = out.split()[-2:]
    return {"seconds": seconds, "peak_mb": memory.peak / 1e6, "own_growth_mb": float(growth), "rows": float(n_rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.csv"
        write_table(path, asked.rows, asked.seed)
        file_mb = path.stat().st_size / 1e6
        pandas, ours = [], []
        for turn in range(asked.rounds):
            pandas.append(measure(PANDAS, str(path)))
            ours.append(measure(OURS, str(path), str(Path(folder) / f"home-{turn}")))
        middle: dict[str, Any] = {
            name: {key: round(statistics.median(one[key] for one in rounds), 2) for key in rounds[0]}
            for name, rounds in (("pandas", pandas), ("tunedesk", ours))
        }
        ratios = [mine["seconds"] / theirs["seconds"] for mine, theirs in zip(ours, pandas, strict=True)]
        middle |= {
            "file_mb": round(file_mb, 1),
            "times_pandas": round(statistics.median(ratios), 2),
            "memory_times_file": round(middle["tunedesk"]["peak_mb"] / file_mb, 2),
        }
        print(json.dumps(middle))


if __name__ == "__main__":
    main()
