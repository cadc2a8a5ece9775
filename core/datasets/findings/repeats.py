"""Checks that compare texts with each other: copies, near copies, contradictions, and texts shared with the exam."""

from collections.abc import Callable

import numpy as np

from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix
from core.datasets.findings.cells import MAX_FIXED_ROWS
from core.datasets.hashing import Codes, Mask, paired, repeated, stands_earlier
from core.datasets.near_duplicates import near_groups
from core.datasets.operations.base import row_refs
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg


def copies(text_codes: Codes, label_codes: Codes) -> Mask:
    """Later rows with the same text and the same label."""
    return stands_earlier(paired(text_codes, label_codes))


def contradictions(text_codes: Codes, label_codes: Codes) -> Mask:
    """All rows of texts that stand under more than one label."""
    some = repeated(text_codes)
    _, first, text = np.unique(text_codes[some], return_index=True, return_inverse=True)
    labels = label_codes[some]
    torn = np.zeros(len(first), dtype=bool)
    torn[text[labels != labels[first][text]]] = True
    contradicted = np.zeros(len(text_codes), dtype=bool)
    contradicted[some] = torn[text]
    return contradicted


class Duplicate:
    name = "duplicate"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        later = among_used(data.practice, copies)
        taken = data.set_aside(data.practice, later, self.name)
        if taken.any():
            message = (
                nmsg(
                    "{n} row repeats an earlier text of the same category. The first one is kept, the copy was set aside.",
                    "{n} rows repeat earlier texts of the same category. The first of each is kept, the copies were set aside.",
                    int(taken.sum()),
                )
                if data.practice.members is None
                else nmsg(
                    "{n} row repeats an earlier text with the same categories. The first one is kept, the copy was set aside.",
                    "{n} rows repeat earlier texts with the same categories. The first of each is kept, the copies were set aside.",
                    int(taken.sum()),
                )
            )
            findings.append(finding_of_rows(self.name, Severity.NOTE, data.practice, taken, message))
        if data.exam:
            repeated = among_used(data.exam, copies)
            if repeated.any():
                message = nmsg(
                    "{n} row of the exam file repeats an earlier one. It still counts in the exam.",
                    "{n} rows of the exam file repeat earlier ones. They still count in the exam.",
                    int(repeated.sum()),
                )
                findings.append(finding_of_rows(self.name, Severity.NOTE, data.exam, repeated, message))
        return findings


class ConflictingLabels:
    name = "conflicting_labels"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        taken = data.set_aside(data.practice, among_used(data.practice, contradictions), self.name)
        if taken.any():
            message = nmsg(
                "{n} row has a text that stands under several categories. It was set aside.",
                "{n} rows have texts that stand under several categories. All of them were set aside.",
                int(taken.sum()),
            )
            advice = msg("Decide which category each of these texts belongs to, or let one rule decide for all.")
            fixes = [
                fix(
                    "majority",
                    msg("Take the category that most of a text's rows have"),
                    "resolve_conflicts",
                    keep="majority",
                ),
                fix("first", msg("Take the first category of each text"), "resolve_conflicts", keep="first"),
                fix("last", msg("Take the last category of each text"), "resolve_conflicts", keep="last"),
            ]
            if taken.sum() <= MAX_FIXED_ROWS:
                rows = row_refs(data.practice, taken)
                fixes.append(fix("drop", msg("Take all of these rows out"), "drop_rows", rows=rows))
            findings.append(finding_of_rows(self.name, Severity.WARNING, data.practice, taken, message, advice, fixes))
        if data.exam:
            torn = among_used(data.exam, contradictions)
            if torn.any():
                message = nmsg(
                    "{n} row of the exam file has a text that stands under several categories: nobody can get all of them right.",
                    "{n} rows of the exam file have texts that stand under several categories: nobody can get all of them right.",
                    int(torn.sum()),
                )
                advice = msg("Decide which category each of these texts belongs to, and upload the table again.")
                findings.append(finding_of_rows(self.name, Severity.WARNING, data.exam, torn, message, advice))
        return findings


class NearDuplicates:
    """Sets nothing aside: the split puts the texts of a group into one part, see `FileRows.near`."""

    name = "near_duplicates"

    def find(self, data: BothFiles) -> list[Finding]:
        file = data.practice
        file.near = near_groups(file.texts, file.used, file.same_codes)
        found = (file.near >= 0) & file.used
        if not found.any():
            return []
        message = nmsg(
            "{n} text is almost the same as another one.",
            "{n} texts are almost the same as another one. Texts that belong together are kept on one side, "
            "either in practice or in the exam, so that the exam stays honest.",
            int(found.sum()),
        )
        advice = msg("Nothing needs to be done. If they only repeat each other, keep the first of each.")
        keep_first = fix("keep_first", msg("Keep the first of each group"), "drop_near_duplicates")
        return [finding_of_rows(self.name, Severity.NOTE, file, found, message, advice, [keep_first])]


class ExamOverlap:
    name = "exam_overlap"

    def find(self, data: BothFiles) -> list[Finding]:
        if data.exam is None:
            return []
        exam_texts = np.unique(data.exam.same_codes[data.exam.used])
        taken = data.set_aside(data.practice, np.isin(data.practice.same_codes, exam_texts), self.name)
        if not taken.any():
            return []
        message = nmsg(
            "{n} text of the exam file is also in the practice file. It was set aside from practice, so that the exam stays honest.",
            "{n} texts of the exam file are also in the practice file. They were set aside from practice, so that the exam stays honest.",
            int(taken.sum()),
        )
        return [finding_of_rows(self.name, Severity.WARNING, data.practice, taken, message)]


def among_used(file: FileRows, rule: Callable[[Codes, Codes], Mask]) -> Mask:
    """Apply a rule to the rows still in use; the answer is for all rows."""
    used = file.used
    found = np.zeros(len(used), dtype=bool)
    found[used] = rule(file.text_codes[used], file.label_codes[used])
    return found
