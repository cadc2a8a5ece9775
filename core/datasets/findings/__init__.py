"""The checks, in the order in which they run: a row is set aside by the first check that takes it."""

from core.datasets.findings.base import BothFiles, Check
from core.datasets.findings.categories import (
    ExamUnknownLabel,
    Imbalance,
    NumericLabels,
    RareLabel,
    SimilarLabels,
    SingleLabel,
    TooFewRows,
)
from core.datasets.findings.cells import (
    BlankLabel,
    BlankRow,
    BlankText,
    ControlCharacter,
    LongText,
    RaggedRow,
    RepeatedHeader,
)
from core.datasets.findings.repeats import ConflictingLabels, Duplicate, ExamOverlap
from core.domain.dataset import Finding
from core.registry import Registry

CHECKS: Registry[Check] = Registry(
    "finding",
    BlankRow(),
    RaggedRow(),
    RepeatedHeader(),
    BlankText(),
    BlankLabel(),
    Duplicate(),
    ConflictingLabels(),
    ExamOverlap(),
    NumericLabels(),
    RareLabel(),
    ExamUnknownLabel(),
    SingleLabel(),
    TooFewRows(),
    SimilarLabels(),
    Imbalance(),
    LongText(),
    ControlCharacter(),
)


def run_checks(data: BothFiles) -> tuple[Finding, ...]:
    """Run all checks on `data`, setting rows aside in it; the most serious findings come first."""
    findings = [finding for check in CHECKS for finding in check.find(data)]
    rank = {"blocking": 0, "warning": 1, "note": 2}
    return tuple(sorted(findings, key=lambda finding: rank[finding.severity]))
