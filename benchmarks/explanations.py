"""Are the words that an explanation names the ones that moved the answer? And how long does it take?

A way of explaining is faithful when deleting the three words it names lowers the answer's probability more than deleting
three words drawn at random (the mean of five draws), on the same exam texts: a paired one-sided Wilcoxon signed-rank test.
Every way may ask the model equally often. Texts of fewer than six words are left out.

    leave_one_out   what Tunedesk does: every word is left out once
    masked          every word is replaced by an ellipsis once
    sampled         half of the words, drawn anew each time, are left out; ridge regression of the log-odds (as LIME and
                    Kernel SHAP do; Ribeiro et al., 2016; Lundberg and Lee, 2017)
    characters      leave_one_out with single Chinese characters instead of the tokenizer's pieces

    python benchmarks/explanations.py --data DIR/banking77 DIR/waimai_10k --rows 1500 --texts 100
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from trained import read, trained

from core.explanation.occlusion import budget_for, occlude
from core.explanation.words import Span, text_without, words_of

N_TOP, N_DRAWS, LEAST_WORDS, N_TOKENS, N_TIMED = 3, 5, 6, 60, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders with train.csv and test.csv")
    parser.add_argument("--rows", type=int, default=1500, help="to learn from")
    parser.add_argument("--exam-rows", type=int, default=300)
    parser.add_argument("--texts", type=int, default=100, help="to explain, of the exam")
    parser.add_argument("--preset", default="quick")
    args = parser.parse_args()
    print("| data | preset | way | texts | drop top 3 | drop 3 at random | p |\n" + "|---" * 7 + "|")
    for folder in args.data:
        model = trained(
            folder, read(folder, "train.csv", args.rows), read(folder, "test.csv", args.exam_rows), preset=args.preset
        )
        predictor = model.space._predictor(model.model_id)
        faithfulness(predictor, folder.name, args.preset, list(model.exam["text"])[: 2 * args.texts], args.texts)
        seconds(predictor, folder.name, list(model.exam["text"]))
        model.space.close()


def faithfulness(predictor: Any, name: str, preset: str, texts: Sequence[str], n_texts: int) -> None:
    from scipy.stats import wilcoxon

    draw = np.random.default_rng(0)
    ways = {"leave_one_out": leave_one_out, "masked": masked, "sampled": sampled, "characters": characters}
    if not any("\u4e00" <= letter <= "\u9fff" for letter in texts[0]):
        del ways["characters"]
    drops: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    asked = 0
    for text in texts:
        words = words_of(text, predictor.pieces)
        if len(words) < LEAST_WORDS or asked == n_texts:
            continue
        asked += 1
        whole = predictor.predict_proba([text])[0]
        label = int(whole.argmax())
        for way, explained in ways.items():
            spans, effects = explained(predictor, text, words, label, draw)
            n_top = min(N_TOP, len(spans) - 1)
            top = [spans[i] for i in np.argsort(-effects)[:n_top]]
            random = [[spans[i] for i in draw.choice(len(spans), n_top, replace=False)] for _ in range(N_DRAWS)]
            left = predictor.predict_proba([text_without(text, one) for one in [top, *random]])[:, label]
            drops[way].append((whole[label] - left[0], whole[label] - float(left[1:].mean())))
    for way, pairs in drops.items():
        top_drop, random_drop = (np.array(column) for column in zip(*pairs, strict=True))
        p = wilcoxon(top_drop, random_drop, alternative="greater").pvalue
        means = f"{top_drop.mean():.3f} | {random_drop.mean():.3f} | {p:.1e}"
        print(f"| {name} | {preset} | {way} | {len(pairs)} | {means} |", flush=True)


Explained = tuple[list[Span], np.ndarray]


def leave_one_out(predictor: Any, text: str, words: list[Span], label: int, draw: Any) -> Explained:
    spans, without = occlude(predictor.predict_proba, text, words)
    return spans, -log_odds(without[:, label])


def characters(predictor: Any, text: str, words: list[Span], label: int, draw: Any) -> Explained:
    return leave_one_out(
        predictor, text, words_of(text, lambda text: [(i, i + 1) for i in range(len(text))]), label, draw
    )


def masked(predictor: Any, text: str, words: list[Span], label: int, draw: Any) -> Explained:
    texts = [text[:start] + "…" + text[end:] for start, end in words]
    return words, -log_odds(predictor.predict_proba(texts)[:, label])


def sampled(predictor: Any, text: str, words: list[Span], label: int, draw: Any) -> Explained:
    n_asked = max(len(words), min(budget_for(len(words)), 2 * len(words)))
    kept = draw.random((n_asked, len(words))) < 0.5
    texts = [text_without(text, [word for word, stays in zip(words, row, strict=True) if not stays]) for row in kept]
    y = log_odds(predictor.predict_proba(texts)[:, label])
    x = kept - kept.mean(axis=0)
    return words, np.linalg.solve(x.T @ x + np.eye(len(words)), x.T @ (y - y.mean()))


def log_odds(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    values: np.ndarray = np.log(p / (1 - p))
    return values


def seconds(predictor: Any, name: str, texts: Sequence[str]) -> None:
    """CPU and wall seconds of a whole explanation of texts that are put together to have N_TOKENS tokens."""
    long, current = [], ""
    for text in texts:
        current = f"{current} {text}".strip()
        pieces = predictor.pieces(current)
        if len(pieces) >= N_TOKENS:
            long.append(current[: pieces[N_TOKENS - 1][1]])
            current = ""
    took = []
    for text in long[:N_TIMED]:
        started, cpu_started = time.perf_counter(), time.process_time()
        words = words_of(text, predictor.pieces)
        occlude(predictor.predict_proba, text, words)
        if predictor.practice is not None:
            (vector,) = predictor.embed([text])
            predictor.practice.nearest(vector, 5)
        took.append((time.process_time() - cpu_started, time.perf_counter() - started))
    cpu, wall = (statistics.median(column) for column in zip(*took, strict=True))
    print(f"{name}: {N_TOKENS} tokens, {len(took)} texts, median {cpu:.2f} CPU s, {wall:.2f} s wall", file=sys.stderr)


if __name__ == "__main__":
    main()
