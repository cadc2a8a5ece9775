"""Would more rows help? The quick draft learns from growing shares of what it has, and a curve tells what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.dataset import Split
from core.domain.message import Message, msg, nmsg
from core.evaluation.learning_curve import (
    CurvePoint,
    Outlook,
    curve_line,
    curve_points,
    drawn_f1_mistakes,
    drawn_mistakes,
    fit_power_laws,
    look_out,
)
from core.evaluation.verdict import percent
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.studies.drafts import Drafts, Rows
    from core.training.draft import Draft
    from core.training.machine import Machine

SHARES = (0.125, 0.25, 0.375, 0.5, 0.75, 1.0)  # of the practice rows
N_REPEATS = 3  # of each share with other rows; the whole is learned once
CATEGORY_SHARES = (0.25, 0.5, 1.0)  # of one category's rows, with all rows of the others
N_FOLDS = 4  # in which a category's rows are asked: few of them are in the exam
N_WEAKEST = 3
MIN_PRACTICE, MIN_CATEGORY, MIN_ASKED = 60, 12, 20
MOST_MORE = 2.0  # times what there is: farther no curve of so few points can see
FIRST_FIT = 3.0  # fits' worth of trying out the draft's solver


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurveOptions:
    more_rows: int = 200  #: of one category, whose worth is told
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurveResult:
    """`overall` and each of `categories` speak of the quick draft, not of the model itself."""

    points: tuple[CurvePoint, ...]  #: measured
    line: tuple[CurvePoint, ...]  #: fitted, up to twice the rows there are
    overall: Outlook  #: of twice the rows
    categories: tuple[Outlook, ...]  #: the weakest ones that have rows enough
    n_asked: int  #: check-up and exam rows behind each point


class LearningCurveStudy:
    name = "learning_curve"
    title = msg("Would more examples help?")
    help = msg(
        "The quick draft learns from growing shares of your practice examples; the curve tells what more of them would bring."
    )
    options = LearningCurveOptions
    result = LearningCurveResult

    def refusal(self, subject: Subject) -> Message | None:
        sizes = subject.dataset.split_sizes
        n_asked = sizes.get("checkup", 0) + sizes.get("exam", 0)
        if sizes.get("practice", 0) < MIN_PRACTICE or n_asked < MIN_ASKED:
            return msg(
                "A curve needs at least {practice} practice examples and {asked} to ask; more examples surely help here.",
                practice=MIN_PRACTICE,
                asked=MIN_ASKED,
            )
        return None

    def seconds(self, subject: Subject, options: LearningCurveOptions, machine: "Machine") -> float:
        from core.studies.drafts import study_seconds

        n_fits = FIRST_FIT + N_REPEATS * sum(SHARES[:-1]) + 1
        n_fits += N_FOLDS * (1 + N_WEAKEST * (len(CATEGORY_SHARES) - 1))
        return study_seconds(subject, machine, n_fits=n_fits)

    def run(self, context: StudyContext, options: LearningCurveOptions) -> LearningCurveResult:
        import numpy as np

        from core.studies.drafts import Drafts, rows_in_use

        rows = rows_in_use(context)
        split = rows["split"].to_numpy()
        practice, asked = np.flatnonzero(split == Split.PRACTICE.value), np.flatnonzero(split != Split.PRACTICE.value)
        drafts = Drafts(context.part(0.0, 0.4), rows, context.subject.dataset.labels)
        model = drafts.fit(practice, seed=options.seed)
        sizes, right = _overall(context.part(0.45, 0.7), drafts, model, practice, asked, options.seed)
        mistakes = drawn_mistakes(right, options.seed)
        laws = fit_power_laws(sizes, mistakes)
        known = np.flatnonzero(split != Split.EXAM.value)
        return LearningCurveResult(
            points=curve_points(sizes, mistakes),
            line=curve_line(laws, sizes[0], 2 * sizes[-1]),
            overall=look_out(laws, n_now=sizes[-1], n_more=sizes[-1]),
            categories=_categories(context.part(0.7, 1.0), drafts, model, known, options),
            n_asked=len(asked),
        )

    def sentences(self, result: LearningCurveResult) -> Sequence[Message]:
        return [overall_sentence(result.overall), *(category_sentence(one) for one in result.categories)]


def overall_sentence(outlook: Outlook) -> Message:
    if not outlook.is_clear:
        return nmsg(
            "Whether more examples of all categories would help cannot be told from {n} example: the curve is too flat or too "
            "uneven.",
            "Whether more examples of all categories would help cannot be told from {n} examples: the curve is too flat or too "
            "uneven.",
            outlook.n_now,
        )
    return msg(
        "With twice the examples the quick draft would likely be right on {then} instead of {now} (likely {low} to {high}).",
        then=percent(outlook.then),
        now=percent(outlook.now),
        low=percent(outlook.low),
        high=percent(outlook.high),
    )


def category_sentence(outlook: Outlook) -> Message:
    if not outlook.is_clear:
        return nmsg(
            "“{label}”: what {n} more example would bring cannot be told from the {n_now} there are.",
            "“{label}”: what {n} more examples would bring cannot be told from the {n_now} there are.",
            outlook.n_more,
            label=outlook.label,
            n_now=outlook.n_now,
        )
    return nmsg(
        "“{label}”: with {n} more example about {now} → {then} (found and reliable; likely {low} to {high}).",
        "“{label}”: with {n} more examples about {now} → {then} (found and reliable; likely {low} to {high}).",
        outlook.n_more,
        label=outlook.label,
        now=percent(outlook.now),
        then=percent(outlook.then),
        low=percent(outlook.low),
        high=percent(outlook.high),
    )


def _overall(
    context: StudyContext, drafts: "Drafts", model: "Draft", practice: "Rows", asked: "Rows", seed: int
) -> "tuple[list[int], list[NDArray[np.bool_]]]":
    """Sizes, and which of the asked rows were right: (repetitions, asked) for each size."""
    import numpy as np

    steps = [(share, repeat) for share in SHARES for repeat in range(N_REPEATS if share < 1 else 1)]
    right: dict[int, list[NDArray[np.bool_]]] = {}
    for done, (share, repeat) in enumerate(steps):
        context.progress(done / len(steps))
        chosen = _share_of(practice, drafts.targets, share, seed + repeat)
        size = max(1, round(share * len(practice)))
        right.setdefault(size, []).append(drafts.right(drafts.fit(chosen, seed=seed, like=model), asked))
    return list(right), [np.array(one) for one in right.values()]


def _categories(
    context: StudyContext, drafts: "Drafts", model: "Draft", known: "Rows", options: LearningCurveOptions
) -> tuple[Outlook, ...]:
    """The weakest categories: each of their rows is asked once, by a draft that knows all others and a share of its own."""
    import numpy as np

    from core.training.draft import stratified_folds

    report, labels = context.subject.report, context.subject.dataset.labels
    n_of = np.bincount(drafts.targets[known], minlength=len(labels))
    asked = [one for one in report.per_label if one.n and one.f1 < 1 and one.label in labels]
    asked = [one for one in asked if n_of[labels.index(one.label)] >= MIN_CATEGORY]
    weakest = [labels.index(one.label) for one in sorted(asked, key=lambda one: one.f1)[:N_WEAKEST]]
    fold = stratified_folds(drafts.targets[known], N_FOLDS, options.seed)
    answers = {target: np.full((len(CATEGORY_SHARES), len(known)), -1) for target in weakest}
    for k in range(N_FOLDS):
        learned, held_out = known[fold != k], fold == k
        for place, target in enumerate(weakest):
            own = learned[drafts.targets[learned] == target]
            others = learned[drafts.targets[learned] != target]
            for i, share in enumerate(CATEGORY_SHARES):
                context.progress((k + (place + i / len(CATEGORY_SHARES)) / len(weakest)) / N_FOLDS)
                if share == 1 and place:  # everything was learned from for the first of them
                    answers[target][i, held_out] = answers[weakest[0]][i, held_out]
                    continue
                few = _share_of(own, drafts.targets, share, options.seed + k)
                draft = drafts.fit(np.sort([*others, *few]), seed=options.seed, like=model)
                answers[target][i, held_out] = drafts.proba(draft, known[held_out]).argmax(axis=1)
    return tuple(
        _outlook(labels[target], answers[target] == target, drafts.targets[known] == target, fold, options)
        for target in weakest
    )


def _outlook(
    label: str,
    answered: "NDArray[np.bool_]",
    is_it: "NDArray[np.bool_]",
    fold: "NDArray[np.int64]",
    options: LearningCurveOptions,
) -> Outlook:
    """`answered` has shape (shares, rows): whether the category was the answer; `is_it` whether it should have been."""
    n_now = round(int(is_it.sum()) * (N_FOLDS - 1) / N_FOLDS)
    sizes = [max(1, round(share * n_now)) for share in CATEGORY_SHARES]
    mistakes = drawn_f1_mistakes(list(answered & is_it), list(answered ^ is_it), fold, options.seed)
    laws = fit_power_laws(sizes, mistakes)
    return look_out(laws, n_now=n_now, n_more=min(options.more_rows, round(MOST_MORE * n_now)), label=label)


def _share_of(rows: "Rows", targets: "NDArray[np.int64]", share: float, seed: int) -> "Rows":
    """About `share` of the rows of each category, at least one of each, in their order."""
    import numpy as np

    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(of_label)[: max(1, round(share * len(of_label)))]
        for target in np.unique(targets[rows])
        if len(of_label := rows[targets[rows] == target])
    ]
    return np.sort(np.concatenate(chosen))
