"""Checks on the set of categories: what is none, what looks alike, too few, too rare, out of balance."""

import numpy as np

from core.datasets.comparing import label_form, shown_form
from core.datasets.decimal_signs import column_numbers
from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix, names_listed
from core.datasets.findings.label_kinds import LabelKind, label_kind
from core.datasets.hashing import Codes
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg
from core.domain.repair import Fix

MIN_ROWS_OF_LABEL = 2
MIN_ROWS = 10
MIN_EXAM_ROWS = 1
IMBALANCE, STRONG_IMBALANCE = 10.0, 50.0
ENOUGH_ROWS, THINNED = 50, 5  #: a category is thinned to no fewer rows, nor to fewer than 5 times the smallest one
N_RANGES = 3
REST = {"en": "other", "zh": "其他"}  #: what rare categories are called together, by the language of the texts
MAX_FIXES = 20
MAX_COMPARED = 20_000  #: more categories are not compared with each other
NO_VALUE = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "nan",
        "null",
        "nil",
        "none",
        "-",
        "--",
        "---",
        "—",
        "–",
        ".",
        "..",
        "?",
        "??",
        "/",
        "\\",
        "(blank)",
        "(empty)",
        "blank",
        "empty",
        "missing",
        "unknown",
        "undefined",
        "无",
        "空",
        "空白",
        "未知",
        "暂无",
        "没有",
        "不详",
        "未填",
        "未填写",
        "缺失",
        "待定",
        "(空白)",
        "（空白）",
        "（空）",
        "tbd",
    ]
) | {"not available", "not applicable", "no value", "not set"}
SEPARATORS = (";", "；", "|", "、", ",", "，", "/")


class ScoreLabels:
    """A score (4.27) is not a category."""

    name = "numeric_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) is not LabelKind.SCORE:
            return []
        message = msg(
            "“{column}” holds {n} different decimal numbers: that is a score, not a category.",
            column=practice.label_column,
            n=int((practice.used_counts() > 0).sum()),
        )
        advice = msg(
            "Sort the numbers into a few ranges, choose another category column, or bring the table again to learn a score."
        )
        used = practice.used
        fixes = [] if (ranges := _ranges(practice)) is None else [ranges]
        return [finding_of_rows(self.name, Severity.BLOCKING, practice, used, message, advice, fixes)]


def _ranges(file: FileRows) -> Fix | None:
    """Ranges with about as many rows each."""
    numbers = column_numbers(file.label_names)
    values = np.array([np.nan if number is None else number for number in numbers])[file.label_codes[file.used]]
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    cuts = np.quantile(values, np.arange(1, N_RANGES) / N_RANGES)
    edges = sorted({float(f"{cut:.4g}") for cut in cuts})
    if not edges or edges[0] <= values.min():
        edges = [edge for edge in edges if edge > values.min()]
    return (
        fix("ranges", msg("Sort them into {n} ranges", n=len(edges) + 1), "ranges_of_scores", edges=edges)
        if edges
        else None
    )


class DateLabels:
    name = "dates_as_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) is not LabelKind.DATE:
            return []
        message = msg("“{column}” holds dates, which are rarely categories.", column=practice.label_column)
        advice = msg("Choose another category column, unless each date really is a group of its own.")
        return [finding_of_rows(self.name, Severity.WARNING, practice, practice.used, message, advice)]


class SwappedColumns:
    name = "swapped_columns"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) is not LabelKind.TEXT:
            return []
        message = msg(
            "Text and category seem to be swapped: “{label_column}” holds longer texts, nearly all different, “{text_column}” a few short ones.",
            label_column=practice.label_column,
            text_column=practice.text_column,
        )
        advice = msg("Swap them, or choose other columns.")
        swap = fix("swap", msg("Swap text and category"), "swap_text_and_label")
        return [finding_of_rows(self.name, Severity.WARNING, practice, practice.used, message, advice, [swap])]


class LabelPerRow:
    name = "label_per_row"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) is not LabelKind.OWN:
            return []
        counts = practice.used_counts()
        names = [practice.label_names[code] for code in np.flatnonzero(counts == 1)[:10]]
        message = msg(
            "Almost every row has a category of its own ({names}), so there is nothing to learn from.",
            names=names_listed(names),
        )
        advice = msg(
            "Check that “{column}” is the right category column; every category needs at least 2 examples.",
            column=practice.label_column,
        )
        return [finding_of_rows(self.name, Severity.BLOCKING, practice, practice.used, message, advice)]


class NoValueLabels:
    """NA, None, null, 无: perhaps a category, more often a cell that nobody filled in."""

    name = "no_value_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.category_counts()
        codes = [
            c for c in np.flatnonzero(counts).tolist() if shown_form(practice.category_names[c]).casefold() in NO_VALUE
        ]
        if not codes:
            return []
        labels = [practice.category_names[code] for code in codes]
        message = nmsg(
            "{n} category looks like a cell that nobody filled in: {names}.",
            "{n} categories look like cells that nobody filled in: {names}.",
            len(labels),
            names=names_listed(labels),
        )
        advice = msg("If they mean “missing”, take them as blank. If they are real categories, leave them as they are.")
        fixes = [fix("blank", msg("They mean “missing”"), "blank_labels", labels=labels)]
        if practice.members is not None:
            fixes.append(fix("none", msg("They mean that no category fits"), "leave_out_labels", labels=labels))
        rows = practice.with_categories(np.array(codes)) & practice.used
        return [finding_of_rows(self.name, Severity.WARNING, practice, rows, message, advice, fixes)]


class SeveralLabels:
    """Cells such as "a;b" beside "a" and "b;c"."""

    name = "several_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) is not LabelKind.CATEGORY:
            return []
        codes = np.flatnonzero(practice.used_counts())[:MAX_COMPARED].tolist()
        for separator in SEPARATORS:
            cells = {code: practice.label_names[code].split(separator) for code in codes}
            several = [code for code, parts in cells.items() if len(parts) > 1 and all(part.strip() for part in parts)]
            if not several:
                continue
            stands_in: dict[str, int] = {}
            for parts in cells.values():
                for part in {part.strip().casefold() for part in parts}:
                    stands_in[part] = stands_in.get(part, 0) + 1
            parts_of_several = [part.strip().casefold() for code in several for part in cells[code]]
            shared = sum(1 for part in parts_of_several if stands_in[part] > 1)
            if shared < 0.75 * len(parts_of_several):
                continue
            rows = np.isin(practice.label_codes, several) & practice.used
            message = nmsg(
                "{n} row seems to have several categories in one cell, divided by “{separator}”: {names}.",
                "{n} rows seem to have several categories in one cell, divided by “{separator}”: {names}.",
                int(rows.sum()),
                separator=separator,
                names=names_listed([practice.label_names[code] for code in several]),
            )
            advice = msg(
                "As they are, each combination counts as a category of its own. Learn several categories at once, or keep the first one of each cell."
            )
            first = fix(
                "first", msg("Keep the first category of each cell"), "first_label_of_cell", separator=separator
            )
            return [finding_of_rows(self.name, Severity.WARNING, practice, rows, message, advice, [first])]
        return []


class RareLabel:
    name = "rare_label"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if label_kind(practice) in (LabelKind.OWN, LabelKind.SCORE, LabelKind.TEXT):
            return []
        rare, taken = np.zeros(0, dtype=np.int64), np.zeros(len(practice.rows), dtype=bool)
        while True:  # of rows with several categories, those set aside may make others rare
            counts = practice.category_counts()
            more = np.flatnonzero((counts > 0) & (counts < MIN_ROWS_OF_LABEL))
            if not len(more):
                break
            rare = np.append(rare, more)
            taken |= data.set_aside(practice, practice.with_categories(more), self.name)
        if not len(rare):
            return []
        labels = [practice.category_names[code] for code in rare]
        message = nmsg(
            "{n} category has fewer than 2 examples and was set aside: {names}.",
            "{n} categories have fewer than 2 examples and were set aside: {names}.",
            len(rare),
            names=names_listed(labels),
        )
        advice = msg("Add examples (20 or more are good), merge it with another category, or drop it.")
        fixes = (
            [fix("drop", msg("Drop them"), "drop_labels", labels=labels)]
            if practice.members is None
            else [fix("drop", msg("Leave them out and keep the rows"), "leave_out_labels", labels=labels)]
        )
        if len(rare) > 1:
            into = REST.get(practice.language, REST["en"])
            title = msg("Put them together as “{into}”", into=into)
            fixes.insert(0, fix("merge", title, "merge_rare_labels", below=MIN_ROWS_OF_LABEL, into=into))
        return [finding_of_rows(self.name, Severity.WARNING, practice, taken, message, advice, fixes)]


class ExamUnknownLabel:
    name = "exam_unknown_label"

    def find(self, data: BothFiles) -> list[Finding]:
        if data.exam is None:
            return []
        unknown = np.flatnonzero(data.practice.category_counts() == 0)
        names = [data.exam.category_names[code] for code in np.flatnonzero(self._counts(data.exam, unknown))]
        taken = data.set_aside(data.exam, data.exam.with_categories(unknown), self.name)
        if not taken.any():
            return []
        message = nmsg(
            "{n} row of the exam file has a category that is never practiced: {names}. It was set aside.",
            "{n} rows of the exam file have categories that are never practiced: {names}. They were set aside.",
            int(taken.sum()),
            names=names_listed(names),
        )
        advice = msg("Add examples of these categories to the practice file, or correct their names.")
        return [finding_of_rows(self.name, Severity.WARNING, data.exam, taken, message, advice)]

    def _counts(self, exam: FileRows, categories: Codes) -> Codes:
        """Used rows of the exam under each category; 0 for all but these."""
        counts = exam.category_counts()
        wanted = np.zeros(len(counts), dtype=np.int64)
        wanted[categories] = counts[categories]
        return wanted


class SingleLabel:
    name = "single_label"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        present = np.flatnonzero(practice.category_counts())
        if len(present) >= 2:
            return []
        advice = msg("Add rows of at least one other category, or choose another category column.")
        if len(present) == 1:
            message = msg(
                "All usable rows belong to one category, “{label}”.", label=practice.category_names[present[0]]
            )
        else:
            message = msg("No row has both a text and a category.")
        return [finding_of_rows(self.name, Severity.BLOCKING, practice, practice.used, message, advice)]


class TooFewRows:
    name = "too_few_rows"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file, least in ((data.practice, MIN_ROWS), (data.exam, MIN_EXAM_ROWS)):
            if file is None or (n := int(file.used.sum())) >= least:
                continue
            if file is data.practice:
                message = nmsg(
                    "Only {n} usable row is left; at least {least} are needed.",
                    "Only {n} usable rows are left; at least {least} are needed.",
                    n,
                    least=least,
                )
            else:
                message = msg("No usable row is left in the exam file.")
            advice = msg("Add more examples: 50 of each category is a good start.")
            findings.append(finding_of_rows(self.name, Severity.BLOCKING, file, file.used, message, advice))
        return findings


class SimilarLabels:
    """Suggested, never merged unasked: 007 and 7 may be two products."""

    name = "similar_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.category_counts()
        codes = np.flatnonzero(counts)
        if len(codes) > MAX_COMPARED or label_kind(practice) not in (LabelKind.CATEGORY, LabelKind.DATE):
            return []
        forms: dict[str, list[int]] = {}
        for code in codes.tolist():
            forms.setdefault(label_form(practice.category_names[code]), []).append(code)
        groups = [sorted(group, key=lambda code: -counts[code]) for group in forms.values() if len(group) > 1]
        if not groups:
            return []
        named = [[practice.category_names[code] for code in group] for group in groups]
        told_only = all(_differ_unseen(names) for names in named)
        rows = practice.with_categories(np.array([code for group in groups for code in group])) & practice.used
        message = nmsg(
            "{n} group of categories differs only in how they are written: {names}. They were kept apart.",
            "{n} groups of categories differ only in how they are written: {names}. They were kept apart.",
            len(groups),
            names=names_listed([name for names in named for name in names], 8),
        )
        advice = msg("If they mean the same, merge them.")
        severity = Severity.NOTE if told_only else Severity.WARNING
        fixes = [self._merge(names) for names in named[:MAX_FIXES]]
        return [finding_of_rows(self.name, severity, practice, rows, message, advice, fixes)]

    def _merge(self, names: list[str]) -> Fix:
        into = names[0]
        title = msg("Merge {labels} into “{into}”", labels=names_listed(names[1:]), into=into)
        return fix(f"merge:{into}", title, "merge_labels", labels=names, into=into)


def _differ_unseen(names: list[str]) -> bool:
    """Only in what a screen does not show (width, composition, invisible characters), or in zeros before a number."""
    return len({shown_form(name) for name in names}) == 1 or all(name.isdigit() for name in names)


class Imbalance:
    name = "imbalance"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.category_counts()
        present = np.flatnonzero(counts)
        if len(present) < 2 or label_kind(practice) in (LabelKind.OWN, LabelKind.SCORE, LabelKind.TEXT):
            return []
        biggest, smallest = int(present[counts[present].argmax()]), int(present[counts[present].argmin()])
        ratio = counts[biggest] / counts[smallest]
        if ratio < IMBALANCE:
            return []
        names: dict[str, str | int] = {
            "big": practice.category_names[biggest],
            "n_big": int(counts[biggest]),
            "small": practice.category_names[smallest],
            "n_small": int(counts[smallest]),
        }
        if ratio < STRONG_IMBALANCE:
            message = msg("“{big}” has {n_big} examples, “{small}” only {n_small}.", **names)
        else:
            message = msg(
                "“{big}” has {n_big} examples, “{small}” only {n_small}: more than 50 times fewer, and likely to be overlooked.",
                **names,
            )
        advice = (
            msg("Rare categories are given more weight while training. More examples of them help most.")
            if practice.members is None
            else msg(
                "Each category gets a threshold of its own, which helps rare ones. More examples of them help most."
            )
        )
        few = practice.with_categories(present[counts[present] * IMBALANCE <= counts[biggest]]) & practice.used
        return [
            finding_of_rows(
                self.name,
                Severity.WARNING,
                practice,
                few,
                message,
                advice,
                self._fixes(counts[present], practice),
            )
        ]

    def _fixes(self, counts: Codes, practice: FileRows) -> list[Fix]:
        limit = max(int(counts.min()) * THINNED, ENOUGH_ROWS)
        fixes = []
        if (counts > limit).any() and practice.members is None:
            title = msg("Keep at most {n} examples of each category", n=limit)
            fixes.append(fix("thin", title, "thin_labels", limit=limit))
        below = int(np.ceil(counts.max() / IMBALANCE))
        if (counts < below).sum() > 1 and (counts >= below).sum() > 0:
            into = REST.get(practice.language, REST["en"])
            title = msg("Put categories with fewer than {n} examples together as “{into}”", n=below, into=into)
            fixes.append(fix("merge", title, "merge_rare_labels", below=below, into=into))
        return fixes
