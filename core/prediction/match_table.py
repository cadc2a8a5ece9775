"""Best matches for every row of a table. Same rows, same order, same columns, plus matches."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import i18n
from core.datasets.writing import Row
from core.domain.dataset import TableFormat
from core.domain.matching import Match
from core.i18n import gettext as _
from core.prediction.filling import SCORING, look, open_to_fill, write_filled
from core.prediction.matching import Candidates, matches_of
from core.prediction.predictor import Predictor, Progress
from core.prediction.table import SUREST, choose_texts, columns_of
from core.training.types import ShouldStop

SHORTLIST = 20  # candidates that the model is asked about for each text; fewer than for a single text
TEXTS_AT_ONCE = 64
DIGITS = 4  # that count, of a score


def match_file(
    predictor: Predictor,
    candidates: Candidates,
    *,
    label: str,
    n: int,
    path: Path,
    filename: str,
    format: TableFormat,
    text_columns: Sequence[str] = (),
    out_path: Path,
    language: str | None = None,
    should_stop: ShouldStop | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the table to `out_path` (.xlsx or .csv) with the `n` best matches of every row: for each a column with its text
    and one with its sure % or score, named in `language` (the language of this context if None).

    Args:
        text_columns: the column with the texts to find matches for; that of the model's first texts, or what looks like
            texts, if none is named.

    Returns:
        n_rows, n_scored, n_blank, n_candidates, label, text_column, text_columns, seconds.

    Raises:
        Cancelled: `should_stop` asked for an end; no file is left behind.
        UserError: as `core.prediction.table.score_file`.
    """
    started = time.monotonic()
    table = open_to_fill(path, filename, format, out_path=out_path, n_added=2 * n)
    columns = list(table.frame.columns)
    chosen = choose_texts(columns, text_columns[:1], columns_of(predictor)[:1], table.text_column, filename)
    texts = [text.strip() for text in table.frame[chosen[0]]]
    distinct = [text for text in dict.fromkeys(texts) if text]
    found: dict[str, tuple[Match, ...]] = {}
    for start in range(0, len(distinct), TEXTS_AT_ONCE):
        look(should_stop, progress, SCORING * start / len(distinct))
        chunk = distinct[start : start + TEXTS_AT_ONCE]
        n_asked = min(max(n, SHORTLIST), len(candidates.texts))
        matches = matches_of(predictor, chunk, candidates, label=label, n_asked=n_asked, should_stop=should_stop)
        found |= {text: best[:n] for text, best in zip(chunk, matches, strict=True)}
    with i18n.speaking(language or i18n.language()):
        names = [_("match {n}"), _("sure % {n}") if label else _("score {n}")]
        added = [name.format(n=number) for number in range(1, n + 1) for name in names]

    def cells_of(place: int) -> Row:
        best = found.get(texts[place], ())
        return tuple(cell for one in best for cell in (one.text, _shown(one.value, bool(label))))

    n_rows = write_filled(table, out_path, added, cells_of, should_stop=should_stop, progress=progress)
    n_scored = sum(text in found for text in texts)
    return {
        "n_rows": n_rows,
        "n_scored": n_scored,
        "n_blank": n_rows - n_scored,
        "n_candidates": len(candidates.texts),
        "label": label,
        "text_column": chosen[0],
        "text_columns": list(chosen),
        "seconds": round(time.monotonic() - started, 3),
    }


def _shown(value: float, is_probability: bool) -> float:
    return min(round(100 * value, 1), SUREST) if is_probability else float(f"{value:.{DIGITS}g}")
