"""The exam's result of a model that gives several categories at once, and what it means for the work."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.domain.message import Message, msg, nmsg
from core.domain.several import CategoryReport, SeveralReport, SeveralScore, Slip, categories_of
from core.evaluation.report import mean_interval, wilson
from core.evaluation.verdict import MIN_EXAM, WIDE_INTERVAL, Readiness, Verdict, percent, small_exam

N_DRAWS = 300  # of exam rows, for the interval of the F1
CHUNK = 2_000  # rows a draw at once
SAVES = 0.25  # of the ticks a text takes by hand: less of a gain changes nobody's day
EXACT = 0.9  # of texts surely get exactly their categories: then nobody needs to look at each
FEW_ROWS = 10  # exam rows of a category: its figures say little

Flags = npt.NDArray[np.bool_]


def build_several_report(
    labels: Sequence[str],
    true: Sequence[str],
    proba: npt.NDArray[np.floating],
    *,
    thresholds: Sequence[float],
    usual_label: str,
    draft_score: SeveralScore | None = None,
    seconds: float,
) -> SeveralReport:
    """Compare probabilities with the truth.

    Args:
        labels: the model's categories, one per column of `proba`.
        true: the label of every row ("delivery|price"). Categories that the model does not know are missed wherever they
            stand; they come after its own, with threshold 1.
        thresholds: a text gets a category from its threshold on.
        usual_label: what the baseline always answers: the most frequent label of the practice rows.
    """
    from core.tasks.several_categories import several_score

    names = tuple(dict.fromkeys([*labels, *(name for label in true for name in categories_of(label))]))
    has = flags_of(true, names)
    chosen = np.zeros_like(has)
    chosen[:, : len(labels)] = proba >= np.asarray(thresholds)
    usual = np.repeat(flags_of([usual_label], names), len(true), axis=0)
    score, n = several_score(chosen, has), len(true)
    n_exact = int((chosen == has).all(axis=1).sum())
    slips, usual_slips = (chosen != has).sum(axis=1), (usual != has).sum(axis=1)
    rival = usual_slips if usual_slips.sum() <= has.sum() else has.sum(axis=1)
    return SeveralReport(
        score=score,
        n_exact=n_exact,
        interval=wilson(n_exact, n),
        f1_interval=f1_interval(chosen, has),
        usual=several_score(usual, has),
        usual_label=usual_label,
        draft=draft_score,
        per_label=_per_label(names, chosen, has, [*thresholds, *[1.0] * (len(names) - len(labels))]),
        missed=_slips(names, has & ~chosen, chosen & ~has, has),
        added=_slips(names, chosen & ~has, has & ~chosen, chosen),
        n_none=int((~has.any(axis=1)).sum()),
        n_answered_none=int((~chosen.any(axis=1)).sum()),
        mean_true=_mean(has.sum(axis=1)),
        mean_answered=_mean(chosen.sum(axis=1)),
        slips=_mean(slips),
        usual_slips=_mean(usual_slips),
        saved=mean_interval(rival - slips),
        seconds=seconds,
    )


def flags_of(labels: Sequence[str], names: Sequence[str]) -> Flags:
    """True where a row has a category, (n, n_names). Categories that are not among `names` are left out."""
    place = {name: i for i, name in enumerate(names)}
    found = np.zeros((len(labels), len(names)), dtype=bool)
    for row, label in enumerate(labels):
        found[row, [place[name] for name in categories_of(label) if name in place]] = True
    return found


def f1_interval(chosen: Flags, has: Flags) -> tuple[float, float]:
    """95% interval of the macro F1: the middle of what it is when as many exam rows are drawn anew, each as often as luck
    would have it (Efron, 1979; counts of a row are Poisson). (0, 1) when nothing was asked."""
    n, n_labels = has.shape
    if not (has | chosen).any():
        return 0.0, 1.0
    draw = np.random.default_rng(0)
    sums = np.zeros((N_DRAWS, 2 * n_labels))
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        counted = np.hstack([chosen[rows] & has[rows], chosen[rows].astype(np.int8) + has[rows]]).astype(np.float32)
        sums += draw.poisson(1.0, (N_DRAWS, len(counted))).astype(np.float32) @ counted
    right, asked = sums[:, :n_labels], sums[:, n_labels:]
    n_occurring = (asked > 0).sum(axis=1)  # a category that a draw lacks is not one that fared badly
    drawn = n_occurring > 0
    f1 = (2 * right / np.maximum(asked, 1)).sum(axis=1)[drawn] / n_occurring[drawn]
    low, high = np.quantile(f1, (0.025, 0.975)) if len(f1) else (0.0, 1.0)
    return float(low), float(high)


def missed_words(slip: Slip) -> Message:
    if slip.other is None:
        return msg("“{label}” is missed in {n} of {all}.", label=slip.label, n=slip.n, all=slip.n_asked)
    return msg(
        "“{label}” is missed in {n} of {all}; most often “{other}” is answered instead.",
        label=slip.label,
        n=slip.n,
        all=slip.n_asked,
        other=slip.other,
    )


def added_words(slip: Slip) -> Message:
    if slip.other is None:
        return msg(
            "“{label}” is wrongly added {n} of {all} times that it is answered.",
            label=slip.label,
            n=slip.n,
            all=slip.n_asked,
        )
    return msg(
        "“{label}” is wrongly added {n} of {all} times that it is answered; most often “{other}” would have been right.",
        label=slip.label,
        n=slip.n,
        all=slip.n_asked,
        other=slip.other,
    )


def judge_several(report: SeveralReport) -> Verdict:
    """The verdict on an exam. "Surely" means at the low end of a 95% interval.

    A person who gives categories by hand makes `mean_true` ticks a text; one who corrects the model changes `slips`.

    1. Not yet, unless 20 exam examples were asked, and the model saves at least a quarter of the ticks that giving the
       categories by hand, or correcting the most usual answer, takes, and surely saves any.
    2. Fill in categories by itself, when surely 90% of the texts get exactly theirs.
    3. Suggest to staff otherwise.
    """
    readiness, headline, reason = _readiness(report)
    return Verdict(readiness=readiness, headline=headline, reason=reason, caution=_caution(report))


def _readiness(report: SeveralReport) -> tuple[Readiness, Message, Message]:
    not_yet = msg("Not ready yet")
    n, by_hand = report.score.n, min(report.mean_true, report.usual_slips)
    if n < MIN_EXAM:
        return Readiness.NOT_YET, not_yet, small_exam(n)
    ticks = {"slips": f"{report.slips:.2f}", "by_hand": f"{by_hand:.2f}"}
    if report.slips > (1 - SAVES) * by_hand:
        reason = msg(
            "Correcting its answers takes {slips} ticks a text, and doing without it {by_hand}. To be useful, a model should save at least a quarter.",
            **ticks,
        )
        return Readiness.NOT_YET, not_yet, reason
    if report.saved[0] <= 0:
        reason = msg(
            "Correcting its answers takes {slips} ticks a text, and doing without it {by_hand}; with so few exam examples that may be luck.",
            **ticks,
        )
        return Readiness.NOT_YET, not_yet, reason
    low = report.interval[0]
    if low < EXACT:
        reason = msg(
            "Correcting its answers takes {slips} ticks a text instead of {by_hand}; {exact} of the texts need none.",
            exact=percent(report.score.exact),
            **ticks,
        )
        return Readiness.SUGGEST, msg("Ready to suggest categories to staff"), reason
    reason = msg(
        "{exact} of the texts get exactly their categories, and surely {low}.",
        exact=percent(report.score.exact),
        low=percent(low),
    )
    return Readiness.AUTOMATE, msg("Ready to fill in categories"), reason


def _caution(report: SeveralReport) -> Message | None:
    low, high = report.interval
    if not report.score.n:
        return None
    if high - low > WIDE_INTERVAL:
        return nmsg(
            "The exam has only {n} example, so the result is rough: anything from {low} to {high} exactly right. More examples make it firmer.",
            "The exam has only {n} examples, so the result is rough: anything from {low} to {high} exactly right. More examples make it firmer.",
            report.score.n,
            low=percent(low),
            high=percent(high),
        )
    few = [one.label for one in report.per_label if one.n < FEW_ROWS]
    if not few:
        return None
    return nmsg(
        "{n} category has fewer than {few} exam examples (“{label}”): what is said of it is rough.",
        "{n} categories have fewer than {few} exam examples (“{label}” and others): what is said of those is rough.",
        len(few),
        few=FEW_ROWS,
        label=few[0],
    )


def _per_label(
    names: Sequence[str], chosen: Flags, has: Flags, thresholds: Sequence[float]
) -> tuple[CategoryReport, ...]:
    right, n_answered, n_true = ((rows).sum(axis=0).tolist() for rows in (chosen & has, chosen, has))
    return tuple(
        CategoryReport(
            label=name,
            threshold=float(thresholds[k]),
            precision=right[k] / max(n_answered[k], 1),
            recall=right[k] / max(n_true[k], 1),
            f1=2 * right[k] / max(n_answered[k] + n_true[k], 1),
            n=n_true[k],
            n_answered=n_answered[k],
        )
        for k, name in enumerate(names)
    )


def _slips(names: Sequence[str], slipped: Flags, other: Flags, asked: Flags) -> tuple[Slip, ...]:
    """Per category how often it slipped, and what most often slipped the other way in the same rows; most often first."""
    n_slipped, n_asked = slipped.sum(axis=0).tolist(), asked.sum(axis=0).tolist()
    together = slipped.T.astype(np.float32) @ other.astype(np.float32)
    found = []
    for k in np.argsort(-slipped.sum(axis=0), kind="stable").tolist():
        if not n_slipped[k]:
            break
        most = int(together[k].argmax())
        n_other = int(together[k, most])
        found.append(
            Slip(
                label=names[k],
                n=n_slipped[k],
                n_asked=n_asked[k],
                other=names[most] if n_other else None,
                n_other=n_other,
            )
        )
    return tuple(found)


def _mean(values: npt.NDArray[np.integer]) -> float:
    return float(values.mean()) if len(values) else 0.0
