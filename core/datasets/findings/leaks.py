"""Checks for answers that are given away: in the text itself, or in another column."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix, names_listed
from core.datasets.findings.label_kinds import LabelKind, label_kind
from core.datasets.hashing import Codes, Mask
from core.datasets.operations.strip_labels_from_text import CLOSE, COLON, OPEN, words_of
from core.datasets.taking import take_rows
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg

MAX_LABELS = 1_000  #: with more categories nobody writes them into the texts
ENDS_CHARS = 120  #: of a text's start and of its end that are looked at
MIN_LEAKED_ROWS, MIN_LEAKED_RATIO = 5, 0.02
MIN_RIGHT = 0.9  #: of the texts that start or end with a marked category, how many have that one
MIN_OPENING_RATIO = 0.5  #: of all texts, for a category that opens or closes them without any mark
PURE = 0.995  #: of the rows that another column's values sort into the right category
MAX_COLUMNS, LOOKED_AT = 200, 5_000


class LabelInText:
    """Judged by how well a category at a text's start or end tells the row's own, so that words which simply occur
    ("I want a refund") do not count."""

    name = "label_in_text"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        codes = np.flatnonzero(practice.used_counts())
        if not 2 <= len(codes) <= MAX_LABELS or label_kind(practice) is not LabelKind.CATEGORY:
            return []
        marked, opening = self._own(practice, codes)
        n_used = int(practice.used.sum())
        n_marked, n_opening = int(marked.sum()), int(opening.sum())
        advice = msg(
            "The model would read the answer instead of learning it, and fail on messages that do not give it away."
        )
        if n_marked >= max(MIN_LEAKED_ROWS, MIN_LEAKED_RATIO * n_used):
            if n_marked < MIN_RIGHT * self._with_any(practice, codes, marked=True):
                return []
            found, fixes = marked, [fix("strip", msg("Take the categories out of the texts"), "strip_labels_from_text")]
        elif n_opening >= max(MIN_LEAKED_ROWS, MIN_OPENING_RATIO * n_used):
            if n_opening < MIN_RIGHT * self._with_any(practice, codes, marked=False):
                return []
            found, fixes = opening, []
        else:
            return []
        message = nmsg(
            "{n} text names its own category at its start or end, e.g. “{example}”.",
            "{n} texts name their own category at the start or end, e.g. “{example}”.",
            int(found.sum()),
            example=practice.texts[int(np.flatnonzero(found)[0])].as_py()[:60],
        )
        return [finding_of_rows(self.name, Severity.WARNING, practice, found, message, advice, fixes)]

    def _own(self, file: FileRows, codes: Codes) -> tuple[Mask, Mask]:
        """Rows whose own category stands at an end of the text: with a mark, and with or without one."""
        marked, opening = np.zeros(len(file.rows), dtype=bool), np.zeros(len(file.rows), dtype=bool)
        used = np.flatnonzero(file.used)
        order = used[np.argsort(file.label_codes[used], kind="stable")]
        bounds = np.searchsorted(file.label_codes[order], [codes, codes + 1])
        for code, start, end in zip(codes.tolist(), *bounds.tolist(), strict=True):
            name = file.label_names[code]
            if not any(char.isalpha() for char in name):
                continue
            own = take_rows(file.texts, order[start:end])
            # most texts do not hold the word at all
            holds = pc.match_substring_regex(own, f"(?i){words_of(name)}").to_numpy()
            rows = order[start:end][holds]
            if not len(rows):
                continue
            own = own.filter(pa.array(holds))
            marked[rows] = pc.match_substring_regex(own, _marked([name])).to_numpy()
            opening[rows] = pc.match_substring_regex(own, _opening([name])).to_numpy()
        return marked, opening | marked

    def _with_any(self, file: FileRows, codes: Codes, *, marked: bool) -> int:
        """Rows that start or end with any of the categories."""
        names = [file.label_names[code] for code in codes.tolist()]
        found = pc.match_substring_regex(file.texts, _marked(names) if marked else _opening(names)).to_numpy()
        return int((found & file.used).sum())


def _marked(names: list[str]) -> str:
    """As `strip_labels_from_text` takes it out: [name], name:, - name."""
    name = "(?:" + "|".join(words_of(name) for name in names) + ")"
    return rf"(?i)^\s*(?:{OPEN}\s*{name}\s*{CLOSE}|{name}\s*{COLON})|(?:{OPEN}\s*{name}\s*{CLOSE}|{COLON}\s*{name})\s*$"


def _opening(names: list[str]) -> str:
    name = "(?:" + "|".join(words_of(name) for name in names) + ")"
    return rf"(?i)^\s*{name}(?:\s|\pP|$)|(?:^|\s|\pP){name}\s*$"


class GiveawayColumn:
    """Another column from whose values the category follows. Models read the text alone, so it is only told."""

    name = "giveaway_column"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        raw = practice.raw
        if raw is None or len(raw.columns) > len(practice.rows) or label_kind(practice) is not LabelKind.CATEGORY:
            return []
        used = np.flatnonzero(practice.used[: len(raw.columns)])
        counts = practice.used_counts()
        n_labels = int((counts > 0).sum())
        if len(used) < 20 or n_labels < 2:
            return []
        read = {practice.label_column, *practice.text_column.split(" + "), practice.text_column}
        some = used[:: max(len(used) // LOOKED_AT, 1)]
        columns = [
            column
            for column in [name for name in raw.names if name not in read][:MAX_COLUMNS]
            if self._tells(raw.column(column), practice.label_codes, some, n_labels)
            and self._tells(raw.column(column), practice.label_codes, used, n_labels)
        ]
        if not columns:
            return []
        message = nmsg(
            "{n} other column gives the category away: {names}. Only the text is used.",
            "{n} other columns give the category away: {names}. Only the text is used.",
            len(columns),
            names=names_listed(columns),
        )
        advice = msg(
            "Leave it so: what is filled in together with the category is not known when a new message comes in."
        )
        nowhere = np.zeros(len(practice.rows), dtype=bool)
        found = finding_of_rows(self.name, Severity.NOTE, practice, nowhere, message, advice)
        return [replace(found, count=len(columns))]

    def _tells(self, cells: pa.ChunkedArray, labels: Codes, rows: Codes, n_labels: int) -> bool:
        """Whether few different values sort the rows into their categories."""
        encoded = take_rows(cells, rows).combine_chunks().dictionary_encode()
        n_values = len(encoded.dictionary)
        if not 2 <= n_values <= max(3 * n_labels, 20) or n_values > 0.2 * len(rows):
            return False
        values = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        own, of_row = np.unique(labels[rows], return_inverse=True)
        table = np.bincount(values * len(own) + of_row, minlength=n_values * len(own)).reshape(n_values, len(own))
        most_frequent = table.sum(axis=0).max() / len(rows)
        return bool(table.max(axis=1).sum() >= PURE * len(rows) and most_frequent < 0.95)
