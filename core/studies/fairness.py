"""Are groups served alike? The exam's answers by the values of other columns of the upload."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.message import Message, msg, nmsg
from core.errors import NotFound
from core.evaluation.fairness import (
    MAX_GROUPS,
    MIN_GROUP,
    ColumnGroups,
    Comparison,
    Difference,
    Measure,
    SmallGroup,
    compare_groups,
)
from core.evaluation.verdict import percent
from core.studies import asking
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    from core.training.machine import Machine

MAX_LABELS = 12  # whose rates are told unless one is asked for
MAX_TOLD = 10  # differences in words; more make nobody wiser
READING_SECONDS, SECONDS_PER_ROW = 3.0, 1e-4  # of the upload, measured once per data set


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessOptions:
    column: str = ""  #: of the upload; "" for every other column
    outcome: str = ""  #: the category that matters, e.g. the good outcome; "" for the biggest ones


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessResult:
    comparison: Comparison
    labels: tuple[str, ...]  #: categories whose rates are told
    other_columns: tuple[str, ...]  #: looked at, but without two groups


class FairnessStudy:
    name = "fairness"
    title = msg("Are all groups served alike?")
    help = msg(
        "Right answers, missed and wrongly given categories and how far the sure % can be trusted, by the other columns of "
        "your table: region, gender, channel, age."
    )
    options = FairnessOptions
    result = FairnessResult

    def refusal(self, subject: Subject) -> Message | None:
        return asking.refusal(subject)

    def seconds(self, subject: Subject, options: FairnessOptions, machine: "Machine") -> float:
        return READING_SECONDS + SECONDS_PER_ROW * subject.dataset.n_rows

    def run(self, context: StudyContext, options: FairnessOptions) -> FairnessResult:
        """Raises NotFound when the column, the category or the upload is not there."""
        context.progress(0.0)
        exam, others = context.exam(), context.exam_columns()
        context.progress(0.5)
        if len(others.columns) and len(others) != len(exam):
            raise NotFound(
                msg("The other columns of the exam rows are not on record."), hint=msg("Train again on the same data.")
            )
        names = [str(name) for name in others]
        labels = _chosen(options.outcome, _by_size(list(exam["label"])), MAX_LABELS, msg("category"))
        columns = {name: list(others[name]) for name in _chosen(options.column, names, len(names), msg("column"))}
        found = compare_groups(
            columns,
            true=list(exam["label"]),
            answered=list(exam["predicted"]),
            sure=list(exam["probability"]),
            labels=labels,
        )
        context.progress(1.0)
        kept = [one for one in found.columns if options.column or _has_groups(one)]
        return FairnessResult(
            comparison=Comparison(columns=tuple(kept), differences=found.differences, n_compared=found.n_compared),
            labels=tuple(labels),
            other_columns=tuple(name for name in columns if name not in {one.column for one in kept}),
        )

    def sentences(self, result: FairnessResult) -> Sequence[Message]:
        differences = result.comparison.differences
        told = [overall_sentence(result), *(difference_sentence(one) for one in differences[:MAX_TOLD])]
        for column in result.comparison.columns:
            told += [small_sentence(column.column, one) for one in column.too_small[:3]]
        return told


def overall_sentence(result: FairnessResult) -> Message:
    if not result.comparison.columns and not result.other_columns:
        return msg("Your table has no column besides text and category, so there are no groups to compare.")
    if not result.comparison.n_compared:
        return msg("No column has two groups of {n} exam examples or more, so nothing can be compared.", n=MIN_GROUP)
    if not result.comparison.differences:
        return nmsg(
            "{n} comparison was made, and no group differs by more than chance. In a bigger exam smaller differences would show.",
            "{n} comparisons were made, and no group differs by more than chance. In a bigger exam smaller differences would "
            "show.",
            result.comparison.n_compared,
        )
    return nmsg(
        "{n} difference between groups is more than chance.",
        "{n} differences between groups are more than chance.",
        len(result.comparison.differences),
    )


def difference_sentence(one: Difference) -> Message:
    where = {"column": one.column, "value": one.value, "label": one.label}
    shares = {"here": percent(one.here), "elsewhere": percent(one.elsewhere)}
    match one.measure:
        case Measure.RIGHT:
            return msg(
                "Messages with {column} “{value}” are answered right {here} of the time, others {elsewhere}: more than chance.",
                **where,
                **shares,
            )
        case Measure.MISSED:
            return msg(
                "“{label}” is missed in {here} of its messages with {column} “{value}”, in {elsewhere} of others: more than "
                "chance.",
                **where,
                **shares,
            )
        case Measure.WRONGLY_GIVEN:
            return msg(
                "{here} of the messages with {column} “{value}” that are not “{label}” are taken for it, {elsewhere} of "
                "others: more than chance.",
                **where,
                **shares,
            )
        case Measure.GIVEN:
            return msg(
                "Among messages with {column} “{value}”, “{label}” is answered {here} of the time but true {elsewhere} of "
                "the time: more than chance.",
                **where,
                **shares,
            )
        case Measure.SURER:
            return msg(
                "The sure % of messages with {column} “{value}” is {here} points above the right answers, of others "
                "{elsewhere}: more than chance.",
                **where,
                here=f"{100 * one.here:+.0f}",
                elsewhere=f"{100 * one.elsewhere:+.0f}",
            )


def small_sentence(column: str, group: SmallGroup) -> Message:
    return nmsg(
        "{column} “{value}” has only {n} exam example and is not judged; {n_missing} more would do.",
        "{column} “{value}” has only {n} exam examples and is not judged; {n_missing} more would do.",
        group.n,
        column=column,
        value=group.value,
        n_missing=group.n_missing,
    )


def _has_groups(column: ColumnGroups) -> bool:
    """Not one value for all, and no column of names and free text."""
    n_values = len(column.groups) + column.n_too_small
    return n_values >= 2 and (bool(column.groups) or n_values <= MAX_GROUPS)


def _by_size(labels: Sequence[str]) -> list[str]:
    return [label for label, _n in Counter(labels).most_common()]


def _chosen(asked: str, known: Sequence[str], most: int, kind: Message) -> list[str]:
    if not asked:
        return list(known[:most])
    if asked not in known:
        raise NotFound(
            msg("There is no {kind} “{name}” in the exam.", kind=kind, name=asked),
            hint=msg("Known ones: {known}.", known=", ".join(known) or "-"),
        )
    return [asked]
