"""Checks on tables in which a row may have several categories at once."""

import numpy as np

from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix, names_listed
from core.datasets.findings.cells import MAX_FIXED_ROWS
from core.datasets.findings.repeats import among_used, contradictions
from core.datasets.operations.base import row_refs
from core.domain.dataset import Finding, Severity
from core.domain.message import Message, msg, nmsg

EVERYWHERE = 0.95  #: of all rows: a category of so many tells nothing about a text
FEW_OTHERS = 0.01  #: of all rows: with fewer that have several categories or none, this is plain sorting


class UnclearMark:
    """Of 0/1 columns: a cell that says neither yes nor no."""

    name = "unclear_mark"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            if file.unclear is None:
                continue
            taken = data.set_aside(file, file.unclear & (file.label_codes < 0), self.name)
            if not taken.any():
                continue
            message = nmsg(
                "{n} row has a cell that says neither yes nor no. It was set aside.",
                "{n} rows have cells that say neither yes nor no. They were set aside.",
                int(taken.sum()),
            )
            findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, _spelling(file)))
        return findings


def _spelling(file: FileRows) -> Message:
    if not file.unclear_cells:
        return msg("Write 1 or 0, yes or no, or an x for yes and nothing for no.")
    return msg(
        "What stands there instead: {cells}. Write 1 or 0, yes or no, or an x for yes and nothing for no.",
        cells=names_listed(list(file.unclear_cells)),
    )


class ConflictingSets:
    """The same text with different categories: a copy may lack one, or one of them is wrong."""

    name = "conflicting_sets"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        practice = data.practice
        taken = data.set_aside(practice, among_used(practice, contradictions), self.name)
        if taken.any():
            message = nmsg(
                "{n} row has a text that stands elsewhere with other categories. It was set aside.",
                "{n} rows have texts that stand elsewhere with other categories. All of them were set aside.",
                int(taken.sum()),
            )
            advice = msg("Decide which categories each of these texts has, or let one rule decide for all.")
            fixes = [
                fix("all", msg("Give each text all categories of its rows"), "resolve_conflicts", keep="all"),
                fix(
                    "majority",
                    msg("Take the categories that most of a text's rows have"),
                    "resolve_conflicts",
                    keep="majority",
                ),
            ]
            if taken.sum() <= MAX_FIXED_ROWS:
                rows = row_refs(practice, taken)
                fixes.append(fix("drop", msg("Take all of these rows out"), "drop_rows", rows=rows))
            findings.append(finding_of_rows(self.name, Severity.WARNING, practice, taken, message, advice, fixes))
        if data.exam:
            torn = among_used(data.exam, contradictions)
            if torn.any():
                message = nmsg(
                    "{n} row of the exam file has a text that stands there with other categories too: nobody can get both right.",
                    "{n} rows of the exam file have texts that stand there with other categories too: nobody can get all of them right.",
                    int(torn.sum()),
                )
                advice = msg("Decide which categories each of these texts has, and upload the table again.")
                findings.append(finding_of_rows(self.name, Severity.WARNING, data.exam, torn, message, advice))
        return findings


class OneEach:
    name = "one_category_each"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        if practice.members is None or not practice.used.any():
            return []
        sizes = np.bincount(practice.members.labels, minlength=len(practice.label_names))
        n_categories = np.append(sizes, 1)[practice.label_codes][practice.used]  # -1, a blank label, takes the last one
        if (n_categories != 1).mean() >= FEW_OTHERS:
            return []
        n_several = int((n_categories > 1).sum())
        message = (
            nmsg(
                "Only {n} row has more than one category.",
                "Only {n} rows have more than one category.",
                n_several,
            )
            if n_several
            else msg("No row has more than one category.")
        )
        advice = msg("Learning one category for each text is easier and can do more: bring the table again for that.")
        return [finding_of_rows(self.name, Severity.WARNING, practice, practice.used, message, advice)]


class EverywhereLabel:
    name = "category_everywhere"

    def find(self, data: BothFiles) -> list[Finding]:
        practice = data.practice
        n_used = int(practice.used.sum())
        if not n_used:
            return []
        counts = practice.category_counts()
        everywhere = np.flatnonzero(counts >= EVERYWHERE * n_used)
        if not len(everywhere):
            return []
        names = [practice.category_names[code] for code in everywhere]
        message = nmsg(
            "{n} category stands in nearly every row: {names}. It tells nothing about a text.",
            "{n} categories stand in nearly every row: {names}. They tell nothing about a text.",
            len(names),
            names=names_listed(names),
        )
        advice = msg("Leave it out, unless the few rows without it are what matters.")
        leave_out = fix("leave_out", msg("Leave it out of all rows"), "leave_out_labels", labels=names)
        rows = practice.with_categories(everywhere) & practice.used
        return [finding_of_rows(self.name, Severity.WARNING, practice, rows, message, advice, [leave_out])]
