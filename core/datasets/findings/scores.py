"""Checks on a column of numbers that is learned as a score."""

import numpy as np

from core.datasets.decimal_signs import decimal_sign_of
from core.datasets.findings.base import BothFiles, FileRows, finding_of_rows, names_listed
from core.datasets.hashing import Mask
from core.datasets.numbers import numbers_of
from core.domain.dataset import Finding, Severity
from core.domain.message import msg, nmsg
from core.domain.number import COMMA, POINT, decimal_sign_in, is_either, number_of, shown

MIN_SCORES = 20  # fewer teach nothing and examine nothing
FEW_SCORES = 200  # below it the exam has fewer than about 40 rows
FAR = 8.0  # times the middle half's width: a slip of the finger rather than a score


class NoNumber:
    """A cell without a number cannot be a score."""

    name = "no_number"

    def find(self, data: BothFiles) -> list[Finding]:
        findings = []
        for file in data.files:
            taken = data.set_aside(file, ~np.isfinite(numbers_of(file)), self.name)
            if not taken.any():
                continue
            message = nmsg(
                "{n} row has no number in “{column}”. It was set aside.",
                "{n} rows have no number in “{column}”. They were set aside.",
                int(taken.sum()),
                column=file.label_column,
            )
            codes = np.unique(file.label_codes[taken & (file.label_codes >= 0)])
            advice = (
                msg(
                    "What stands there instead: {cells}. Write numbers only, such as 4.5.",
                    cells=names_listed([file.label_names[code] for code in codes]),
                )
                if len(codes)
                else msg("Fill in the number, or check that “{column}” is the right column.", column=file.label_column)
            )
            findings.append(finding_of_rows(self.name, Severity.WARNING, file, taken, message, advice))
        return findings


class DecimalSigns:
    """Cells such as “1,250” are 1250 in one column and 1.25 in another; what the rest of the column says decides."""

    name = "decimal_signs"

    def find(self, data: BothFiles) -> list[Finding]:
        cells = data.practice.label_names
        doubtful = [code for code, cell in enumerate(cells) if is_either(cell)]
        told = {decimal_sign_in(cell) for cell in cells}
        if COMMA not in told and (POINT in told or not any(COMMA in cells[code] for code in doubtful)):
            return []  # nothing speaks for a comma before decimals
        sign = decimal_sign_of(cells)
        masks = ((file, np.isin(file.label_codes, doubtful) & file.used) for file in data.files)
        return [self._finding(file, mask, sign) for file, mask in masks if mask.any()]

    def _finding(self, file: FileRows, mask: Mask, sign: str) -> Finding:
        cells = [file.label_names[code] for code in np.unique(file.label_codes[mask])]
        cell = next((cell for cell in cells if COMMA in cell), cells[0])
        number = number_of(cell, sign)
        assert number is not None, "only cells that are numbers are doubtful"
        told = {"cell": cell, "number": f"{number:g}", "column": file.label_column}
        if sign == COMMA:
            message = nmsg(
                "{n} cell such as “{cell}” in “{column}” was read as {number}: most others have a comma before their "
                "decimals.",
                "{n} cells such as “{cell}” in “{column}” were read as {number}: most others have a comma before their "
                "decimals.",
                int(mask.sum()),
                **told,
            )
        else:
            message = nmsg(
                "{n} cell such as “{cell}” in “{column}” was read as {number}, but it cannot be told whether its sign "
                "sets thousands or decimals apart.",
                "{n} cells such as “{cell}” in “{column}” were read as {number}, but it cannot be told whether their sign "
                "sets thousands or decimals apart.",
                int(mask.sum()),
                **told,
            )
        advice = msg("If that is wrong, write all numbers of the column alike, without a sign for thousands.")
        severity = Severity.NOTE if sign == COMMA else Severity.WARNING
        return finding_of_rows(self.name, severity, file, mask, message, advice)


class OneScore:
    name = "one_score"

    def find(self, data: BothFiles) -> list[Finding]:
        file = data.practice
        values = numbers_of(file)[file.used]
        if not len(values) or np.ptp(values) > 0:
            return []
        message = msg(
            "All rows have the same number, {number}: there is nothing to learn.", number=shown(float(values[0]))
        )
        advice = msg("Choose another column, or add rows with other numbers.")
        return [finding_of_rows(self.name, Severity.BLOCKING, file, file.used, message, advice)]


class FewScores:
    name = "few_scores"

    def find(self, data: BothFiles) -> list[Finding]:
        file = data.practice
        n = int(file.used.sum())
        if n >= FEW_SCORES:
            return []
        if n < MIN_SCORES:
            message = nmsg(
                "Only {n} usable row is left; at least {least} are needed to learn a score.",
                "Only {n} usable rows are left; at least {least} are needed to learn a score.",
                n,
                least=MIN_SCORES,
            )
        else:
            message = nmsg(
                "{n} row is few for a score: the result will be rough.",
                "{n} rows are few for a score: the result will be rough.",
                n,
            )
        advice = msg(
            "Add more examples: from {enough} rows on the exam tells how far off the answers are.", enough=FEW_SCORES
        )
        severity = Severity.BLOCKING if n < MIN_SCORES else Severity.WARNING
        return [finding_of_rows(self.name, severity, file, file.used, message, advice)]


class FarScores:
    """Sets nothing aside: an outlier may be true."""

    name = "far_scores"

    def find(self, data: BothFiles) -> list[Finding]:
        file = data.practice
        far = _far(file)
        if not far.any():
            return []
        values = numbers_of(file)
        message = nmsg(
            "{n} number lies far from all others, such as {number}.",
            "{n} numbers lie far from all others, such as {number}.",
            int(far.sum()),
            number=shown(float(values[far][np.argmax(np.abs(values[far]))])),
        )
        advice = msg("Check for a slip of the finger, such as a missing decimal point. A few such rows spoil much.")
        return [finding_of_rows(self.name, Severity.WARNING, file, far, message, advice)]


def _far(file: FileRows) -> Mask:
    """Used rows further from the quartiles than FAR times their distance (Tukey's fences use 1.5 and 3)."""
    values = numbers_of(file)
    used = file.used & np.isfinite(values)
    if not used.any():
        return np.zeros(len(values), dtype=bool)
    low, high = np.quantile(values[used], [0.25, 0.75])
    reach = FAR * (high - low)
    far: Mask = used & ((values < low - reach) | (values > high + reach)) & (reach > 0)
    return far
