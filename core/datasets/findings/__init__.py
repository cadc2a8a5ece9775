"""The checks, in the order in which they run: a row is set aside by the first check that takes it."""

from collections.abc import Iterable, Mapping

from core.datasets.findings.base import BothFiles, Check
from core.datasets.findings.categories import (
    DateLabels,
    ExamUnknownLabel,
    Imbalance,
    LabelPerRow,
    NoValueLabels,
    RareLabel,
    ScoreLabels,
    SeveralLabels,
    SimilarLabels,
    SingleLabel,
    SwappedColumns,
    TooFewRows,
)
from core.datasets.findings.cells import (
    BlankLabel,
    BlankRow,
    BlankText,
    ErrorCell,
    RaggedRow,
    RepeatedHeader,
    TotalRow,
)
from core.datasets.findings.leaks import GiveawayColumn, LabelInText
from core.datasets.findings.order import NoOrder
from core.datasets.findings.repeats import ConflictingLabels, Duplicate, ExamOverlap, NearDuplicates
from core.datasets.findings.scores import DecimalSigns, FarScores, FewScores, NoNumber, OneScore
from core.datasets.findings.several import ConflictingSets, EverywhereLabel, OneEach, UnclearMark
from core.datasets.findings.texts import (
    ControlCharacter,
    HugeText,
    LongText,
    MailFooter,
    Markup,
    MixedLanguages,
    PersonalData,
)
from core.domain.dataset import Finding, Severity
from core.domain.task import CLASSIFICATION, ORDERED, PAIR, PAIR_SCORE, SCORE, SEVERAL
from core.registry import Registry

CHECKS: Registry[Check] = Registry(
    "finding",
    BlankRow(),
    RaggedRow(),
    RepeatedHeader(),
    TotalRow(),
    BlankText(),
    UnclearMark(),
    BlankLabel(),
    NoNumber(),
    DecimalSigns(),
    ErrorCell(),
    ScoreLabels(),  # these four judge what stands in the category column, before rows are set aside for its sake
    DateLabels(),
    SwappedColumns(),
    LabelPerRow(),
    ConflictingLabels(),
    ConflictingSets(),
    Duplicate(),
    ExamOverlap(),
    RareLabel(),
    ExamUnknownLabel(),
    SingleLabel(),
    TooFewRows(),
    NoOrder(),
    OneScore(),
    FewScores(),
    FarScores(),
    NearDuplicates(),
    NoValueLabels(),
    SimilarLabels(),
    SeveralLabels(),
    Imbalance(),
    OneEach(),
    EverywhereLabel(),
    LabelInText(),
    GiveawayColumn(),
    HugeText(),
    LongText(),
    ControlCharacter(),
    Markup(),
    MailFooter(),
    MixedLanguages(),
    PersonalData(),
)

_OF_SCORES = frozenset(check.name for check in (NoNumber, DecimalSigns, OneScore, FewScores, FarScores))
_OF_CATEGORIES = frozenset(
    check.name
    for check in (
        BlankLabel,
        ScoreLabels,
        DateLabels,
        SwappedColumns,
        LabelPerRow,
        ConflictingLabels,
        Duplicate,
        RareLabel,
        ExamUnknownLabel,
        SingleLabel,
        TooFewRows,
        NoValueLabels,
        SimilarLabels,
        SeveralLabels,
        Imbalance,
        LabelInText,
        GiveawayColumn,
    )
)
_OF_ORDER = frozenset({NoOrder.name})
_OF_SETS = frozenset(check.name for check in (UnclearMark, ConflictingSets, OneEach, EverywhereLabel))
_OF_ONE_CATEGORY = frozenset(
    check.name
    for check in (
        ScoreLabels,
        DateLabels,
        SwappedColumns,
        LabelPerRow,
        ConflictingLabels,
        SeveralLabels,
        LabelInText,
        GiveawayColumn,
    )
)
#: by task: the checks that make no sense of its labels
LEFT_OUT: Mapping[str, frozenset[str]] = {
    CLASSIFICATION: _OF_SCORES | _OF_ORDER | _OF_SETS,
    ORDERED: _OF_SCORES | _OF_SETS,
    SCORE: _OF_CATEGORIES | _OF_ORDER | _OF_SETS,
    PAIR: _OF_SCORES | _OF_ORDER | _OF_SETS | {SwappedColumns.name},
    PAIR_SCORE: _OF_CATEGORIES | _OF_ORDER | _OF_SETS,
    SEVERAL: _OF_SCORES | _OF_ORDER | _OF_ONE_CATEGORY,
}


def run_checks(data: BothFiles) -> tuple[Finding, ...]:
    """Run all checks on `data`, setting rows aside in it. Swapped columns end it: the rest would judge the wrong ones."""
    findings: list[Finding] = []
    for check in CHECKS:
        if check.name in LEFT_OUT[data.task]:
            continue
        findings += check.find(data)
        if check.name == SwappedColumns.name and findings and findings[-1].code == check.name:
            break
    return tuple(findings)


def sorted_by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The most serious come first, otherwise in the order of the checks."""
    rank = list(Severity)
    return tuple(sorted(findings, key=lambda finding: rank.index(finding.severity)))
