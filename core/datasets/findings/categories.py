"""Checks on the set of categories: too few rows, too few categories, imbalance, look-alikes."""

import re

import numpy as np
import pyarrow as pa

from core.datasets.comparing import compared
from core.datasets.findings.base import BothFiles, finding_of_rows, names_listed
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg

MIN_ROWS_OF_LABEL = 2
MIN_ROWS = 10
MIN_EXAM_ROWS = 1
IMBALANCE = 10.0
MIN_SCORES = 20
DECIMAL = re.compile(r"[-+]?\d*[.,]\d+")


class SimilarLabels:
    name = "similar_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.used_counts()
        names = [name for name, count in zip(practice.label_names, counts, strict=True) if count]
        forms: dict[str, list[str]] = {}
        for name, form in zip(names, compared(pa.array(names, pa.large_string())).to_pylist(), strict=True):
            forms.setdefault(form, []).append(name)
        groups = [group for group in forms.values() if len(group) > 1]
        if not groups:
            return []
        codes = [practice.label_names.index(name) for group in groups for name in group]
        mask = np.isin(practice.label_codes, codes) & practice.used
        message = nmsg(
            "{n} group of categories differs only in capitals, spaces or full-width signs: {names}. They were kept apart.",
            "{n} groups of categories differ only in capitals, spaces or full-width signs: {names}. They were kept apart.",
            len(groups),
            names=names_listed([name for group in groups for name in group], 8),
        )
        advice = msg("If they mean the same, give them the same name in your table and upload it again.")
        found = finding_of_rows(self.name, Severity.WARNING, practice, mask, message, advice)
        return [found]


class NumericLabels:
    """A score (4.27) is not a category."""

    name = "numeric_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.used_counts()
        names = [name for name, count in zip(practice.label_names, counts, strict=True) if count]
        n_decimal = sum(1 for name in names if DECIMAL.fullmatch(name))
        if len(names) < MIN_SCORES or n_decimal < 0.5 * len(names):
            return []
        message = msg(
            "“{column}” holds {n} different decimal numbers: that is a score, not a category.",
            column=practice.label_column,
            n=len(names),
        )
        advice = msg("Sort the numbers into a few named ranges in your table, or choose another category column.")
        return [finding_of_rows(self.name, Severity.BLOCKING, practice, practice.used, message, advice)]


class RareLabel:
    name = "rare_label"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.used_counts()
        rare = np.flatnonzero((counts > 0) & (counts < MIN_ROWS_OF_LABEL))
        if not len(rare):
            return []
        names = names_listed([practice.label_names[code] for code in rare])
        mask = np.isin(practice.label_codes, rare) & practice.used
        if (counts >= MIN_ROWS_OF_LABEL).sum() < 2:
            message = msg(
                "Almost every row has a category of its own ({names}), so there is nothing to learn from.", names=names
            )
            advice = msg(
                "Check that “{column}” is the right category column; every category needs at least 2 examples.",
                column=practice.label_column,
            )
            return [finding_of_rows(self.name, Severity.BLOCKING, practice, mask, message, advice)]
        taken = data.set_aside(practice, mask, self.name)
        message = nmsg(
            "{n} category has fewer than 2 examples and was set aside: {names}.",
            "{n} categories have fewer than 2 examples and were set aside: {names}.",
            len(rare),
            names=names,
        )
        advice = msg("Add examples (20 or more are good), or merge it with another category.")
        return [finding_of_rows(self.name, Severity.WARNING, practice, taken, message, advice)]


class ExamUnknownLabel:
    name = "exam_unknown_label"

    def find(self, data: BothFiles) -> list[Finding]:
        if data.exam is None:
            return []
        known = np.flatnonzero(data.practice.used_counts())
        taken = data.set_aside(data.exam, ~np.isin(data.exam.label_codes, known), self.name)
        if not taken.any():
            return []
        names = [data.exam.label_names[code] for code in np.unique(data.exam.label_codes[taken])]
        message = nmsg(
            "{n} row of the exam file has a category that is never practiced: {names}. It was set aside.",
            "{n} rows of the exam file have categories that are never practiced: {names}. They were set aside.",
            int(taken.sum()),
            names=names_listed(names),
        )
        advice = msg("Add examples of these categories to the practice file, or correct their names.")
        return [finding_of_rows(self.name, Severity.WARNING, data.exam, taken, message, advice)]


class SingleLabel:
    name = "single_label"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        present = np.flatnonzero(practice.used_counts())
        if len(present) >= 2:
            return []
        advice = msg("Add rows of at least one other category, or choose another category column.")
        if len(present) == 1:
            message = msg("All usable rows belong to one category, “{label}”.", label=practice.label_names[present[0]])
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


class Imbalance:
    name = "imbalance"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        counts = practice.used_counts()
        present = np.flatnonzero(counts)
        if len(present) < 2:
            return []
        biggest, smallest = int(present[counts[present].argmax()]), int(present[counts[present].argmin()])
        ratio = counts[biggest] / counts[smallest]
        if ratio < IMBALANCE:
            return []
        message = msg(
            "“{big}” has {n_big} examples, “{small}” only {n_small}.",
            big=practice.label_names[biggest],
            n_big=int(counts[biggest]),
            small=practice.label_names[smallest],
            n_small=int(counts[smallest]),
        )
        advice = msg("Rare categories are given more weight while training. More examples of them help most.")
        few = np.isin(practice.label_codes, present[counts[present] * IMBALANCE <= counts[biggest]]) & practice.used
        return [finding_of_rows(self.name, Severity.WARNING, practice, few, message, advice)]
