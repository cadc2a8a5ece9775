"""Checks that look at one row at a time, and take out of use what is no example."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.comparing import equality_codes
from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, fix
from core.datasets.hashing import Mask
from core.datasets.operations.base import row_refs
from core.datasets.taking import take_rows
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg
from core.domain.task import reads_pairs

MAX_FIXED_ROWS = 10_000  #: more rows than these are not named one by one in a repair
TOTAL = r"(?i)^\s*(?:(?:grand |sub-?)?totals?|sum|count|average|合计|总计|小计|共计|总数|平均)\s*[:：]?\s*$"
TOTAL_LABEL = r"^\s*[-+]?[\d,.\s]*\d\s*%?\s*$"
TOTAL_ROWS = 3  #: so many of the last rows may be sums
ERROR_CELL = r"^#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|BLOCKED!|CONNECT!|FIELD!)$"


class BlankRow:
    name = "blank_row"

    def find(self, data: BothFiles) -> list[Finding]:
        return [
            Finding(
                code=self.name,
                severity=Severity.NOTE,
                count=file.n_blank,
                rows=file.blank_rows,
                message=nmsg("{n} wholly blank row was skipped.", "{n} wholly blank rows were skipped.", file.n_blank),
                file=file.file,
            )
            for file in data.files
            if file.n_blank
        ]


class RaggedRow:
    name = "ragged_row"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            taken = data.set_aside(file, file.ragged, self.name)
            if taken.any():
                message = nmsg(
                    "{n} row does not have as many cells as there are columns. It was set aside.",
                    "{n} rows do not have as many cells as there are columns. They were set aside.",
                    int(taken.sum()),
                )
                advice = msg(
                    "Put quotation marks around texts that contain the separator or a line break, or save the table as .xlsx."
                )
                findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, advice))
        return findings


class RepeatedHeader:
    """Files that were pasted together carry their column names again further down."""

    name = "repeated_header"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            if file.label_column not in file.label_names:
                continue
            same_label = file.label_codes == file.label_names.index(file.label_column)
            same_text = pc.equal(file.texts, file.text_column).to_numpy()
            taken = data.set_aside(file, same_label & same_text, self.name)
            if taken.any():
                message = nmsg(
                    "{n} row repeats the column names. It was set aside.",
                    "{n} rows repeat the column names. They were set aside.",
                    int(taken.sum()),
                )
                findings.append(finding_of_rows(self.name, Severity.NOTE, file, taken, message))
        return findings


class TotalRow:
    """A sum below the table: "Total" beside a number, in one of the last rows."""

    name = "total_row"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            taken = data.set_aside(file, self._sums(file), self.name)
            if taken.any():
                message = nmsg(
                    "{n} row at the end looks like a sum, not like an example. It was set aside.",
                    "{n} rows at the end look like sums, not like examples. They were set aside.",
                    int(taken.sum()),
                )
                advice = msg("Take it out for good, or leave it as it is.")
                drop = fix("drop", msg("Take it out"), "drop_rows", rows=row_refs(file, taken))
                findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, advice, [drop]))
        return findings

    def _sums(self, file: FileRows) -> Mask:
        sums = np.zeros(len(file.rows), dtype=bool)
        last = np.flatnonzero(file.used)[-TOTAL_ROWS:]
        texts = take_rows(file.texts, last)
        labels = pa.array(
            [file.label_names[code] if code >= 0 else "0" for code in file.label_codes[last]], pa.string()
        )
        is_total = pc.match_substring_regex(texts, TOTAL).to_numpy()
        sums[last] = is_total & pc.match_substring_regex(labels, TOTAL_LABEL).to_numpy(zero_copy_only=False)
        seen = (
            [row for notice in file.raw.notices if notice.code == self.name for row in notice.rows] if file.raw else []
        )
        return sums | np.isin(file.rows, seen)  # the reader saw the word in another column


class ErrorCell:
    """What Excel shows where a formula failed, as a text or as a category."""

    name = "error_cells"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            counts = file.category_counts()
            names = pa.array(file.category_names, pa.string())
            is_error = pc.match_substring_regex(names, ERROR_CELL).to_numpy(zero_copy_only=False) & (counts > 0)
            labels = [file.category_names[code] for code in np.flatnonzero(is_error)]
            in_label = file.with_categories(np.flatnonzero(is_error)) & file.used
            in_text = (file.lengths <= 14) & file.used
            if in_text.any():
                in_text &= pc.match_substring_regex(file.texts, ERROR_CELL).to_numpy()
            found = in_label | in_text
            if not found.any():
                continue
            fixes = []
            if labels:
                title = msg("These rows have no category")
                fixes.append(fix("blank", title, "blank_labels", labels=labels))
            if found.sum() <= MAX_FIXED_ROWS:
                fixes.append(fix("drop", msg("Take these rows out"), "drop_rows", rows=row_refs(file, found)))
            message = nmsg(
                "{n} row holds an error of a spreadsheet program, such as {example}, in place of a text or category.",
                "{n} rows hold errors of a spreadsheet program, such as {example}, in place of a text or category.",
                int(found.sum()),
                example=labels[0] if labels else file.texts[int(np.flatnonzero(in_text)[0])].as_py().strip(),
            )
            advice = msg("Mend the formula in your spreadsheet, or go on without these rows.")
            findings.append(finding_of_rows(self.name, Severity.WARNING, file, found, message, advice, fixes))
        return findings


class BlankText:
    name = "blank_text"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        blank = equality_codes(pa.array([""], pa.large_string()))[0]
        for file in data.files:
            taken = data.set_aside(file, file.text_codes == blank, self.name)
            if taken.any():
                n = int(taken.sum())
                message = nmsg(
                    "{n} row has no text. It was set aside.", "{n} rows have no text. They were set aside.", n
                )
                advice = msg(
                    "Fill in the text, or check that “{column}” is the right text column.", column=file.text_column
                )
                if reads_pairs(data.task):
                    message = nmsg(
                        "{n} row lacks one of its two texts. It was set aside.",
                        "{n} rows lack one of their two texts. They were set aside.",
                        n,
                    )
                    advice = msg(
                        "Fill in both texts, or check that “{column}” are the right columns.", column=file.text_column
                    )
                findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, advice))
        return findings


class BlankLabel:
    name = "blank_label"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            taken = data.set_aside(file, file.label_codes < 0, self.name)
            if taken.any():
                message = nmsg(
                    "{n} row has no category. It was set aside.",
                    "{n} rows have no category. They were set aside.",
                    int(taken.sum()),
                )
                if file.members is None:
                    fixes = []
                    advice = msg(
                        "Fill in the category, or check that “{column}” is the right category column.",
                        column=file.label_column,
                    )
                else:
                    fixes = [fix("none", msg("They belong to none of the categories"), "blank_as_none")]
                    advice = msg(
                        "If a blank means that no category fits, say so: then these texts teach that. Else fill it in."
                    )
                findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, advice, fixes))
        return findings
