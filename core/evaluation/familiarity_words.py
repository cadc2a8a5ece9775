"""How well a model tells what it was made for, in sentences: the same on the page and in the terminal."""

from core.domain.familiarity import KEEPS, FamiliarityReport
from core.domain.message import Message, msg, nmsg
from core.evaluation.verdict import percent

_STRICTNESS = dict(zip(KEEPS, (msg("Lenient"), msg("In between"), msg("Strict")), strict=True))


def strictness_words(keeps: int) -> Message:
    """Of one of KEEPS."""
    return _STRICTNESS[keeps]


def kept_words(report: FamiliarityReport, keeps: int | None) -> Message:
    """Of the exam, as strict as `keeps` says; None as training chose."""
    level = report.level(keeps)
    n_kept = level.n_kept if level else report.n_kept
    return nmsg(
        "Of {n} exam example {n_kept} looked like what it learned from ({share}); the rest is taken for none of these.",
        "Of {n} exam examples {n_kept} looked like what it learned from ({share}); the rest is taken for none of these.",
        report.n_exam,
        n_kept=n_kept,
        share=percent(n_kept / max(1, report.n_exam)),
    )


def refused_words(report: FamiliarityReport, keeps: int | None) -> Message:
    """Of the marked rows, of which there is one at least."""
    level = report.level(keeps)
    n_refused = level.n_refused if level else report.n_refused
    share = percent(n_refused / report.n_marked)
    if report.n_chosen_by:
        return nmsg(
            "Of {n} text marked as “none of these” it refused {n_refused} ({share}). It never learned from it; {others} other "
            "marked texts chose how strict it is.",
            "Of {n} texts marked as “none of these” it refused {n_refused} ({share}). It never learned from them; {others} "
            "other marked texts chose how strict it is.",
            report.n_marked,
            n_refused=n_refused,
            share=share,
            others=report.n_chosen_by,
        )
    return nmsg(
        "Of {n} text marked as “none of these” it refused {n_refused} ({share}). It never learned from it.",
        "Of {n} texts marked as “none of these” it refused {n_refused} ({share}). It never learned from them.",
        report.n_marked,
        n_refused=n_refused,
        share=share,
    )
