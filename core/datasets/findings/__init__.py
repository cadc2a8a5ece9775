"""The checks, in the order in which they run: a row is set aside by the first check that takes it."""

from collections.abc import Iterable

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
from core.domain.dataset import Finding, Severity
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
    """Run all checks on `data`, setting rows aside in it."""
    return tuple(finding for check in CHECKS for finding in check.find(data))


def sorted_by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The most serious come first, otherwise in the order of the checks."""
    rank = list(Severity)
    return tuple(sorted(findings, key=lambda finding: rank.index(finding.severity)))
