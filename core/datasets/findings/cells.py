"""Checks that look at one row at a time."""

import numpy as np
import pyarrow.compute as pc

from core.datasets.comparing import equality_codes
from core.datasets.findings.base import BothFiles, finding_of_rows
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg

#: Characters of a text that the models read; the rest is cut. About 512 tokens.
READ_CHARS = {"zh": 500, "en": 2_000, "other": 1_200}


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


class BlankText:
    name = "blank_text"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        blank = int(equality_codes_of_blank())
        for file in data.files:
            taken = data.set_aside(file, file.text_codes == blank, self.name)
            if taken.any():
                message = nmsg(
                    "{n} row has no text. It was set aside.",
                    "{n} rows have no text. They were set aside.",
                    int(taken.sum()),
                )
                advice = msg(
                    "Fill in the text, or check that “{column}” is the right text column.", column=file.text_column
                )
                findings.append(finding_of_rows(self.name, Severity.NOTE, file, taken, message, advice))
        return findings


def equality_codes_of_blank() -> np.int64:
    import pyarrow as pa

    return np.int64(equality_codes(pa.array([""], pa.large_string()))[0])


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
                advice = msg(
                    "Fill in the category, or check that “{column}” is the right category column.",
                    column=file.label_column,
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


class LongText:
    name = "long_text"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            limit = READ_CHARS[file.language]
            long = (file.lengths > limit) & file.used
            if long.any():
                message = nmsg(
                    "{n} text is longer than a model reads: only about its first {limit} characters count.",
                    "{n} texts are longer than a model reads: only about their first {limit} characters count.",
                    int(long.sum()),
                    limit=limit,
                )
                advice = msg("Shorten them to the part that decides the category, if you can.")
                findings.append(finding_of_rows(self.name, Severity.NOTE, file, long, message, advice))
        return findings


class ControlCharacter:
    name = "control_character"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            odd = pc.match_substring_regex(file.texts, "[\\x00-\\x08\\x0e-\\x1f]").to_numpy() & file.used
            if odd.any():
                message = nmsg(
                    "{n} text contains invisible control characters. It is used as it is.",
                    "{n} texts contain invisible control characters. They are used as they are.",
                    int(odd.sum()),
                )
                advice = msg("Look whether these rows were damaged on the way here.")
                findings.append(finding_of_rows(self.name, Severity.NOTE, file, odd, message, advice))
        return findings
