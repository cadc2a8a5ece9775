"""Is the answer another one when the text is about somebody else? Exam texts are asked again with the terms turned round."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.message import Message, msg, nmsg
from core.evaluation.group_terms import KINDS
from core.evaluation.verdict import percent
from core.evaluation.wording import MIN_TEXTS, KindResult, Shift, kind_results, shifts, wordings_of
from core.studies import asking
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    from core.training.machine import Machine

MAX_TOLD = 5  # terms that push one way


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessWordingOptions:
    rows: int = 200  #: exam texts of each kind that are asked again, drawn by the seed
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessWordingResult:
    kinds: tuple[KindResult, ...]  #: all of them, in the order of `core.evaluation.group_terms.KINDS`
    shifts: tuple[Shift, ...]  #: terms that make a category likelier, the strongest first
    n_exam: int


class FairnessWordingStudy:
    name = "fairness_wording"
    title = msg("Does it matter whom a message is about?")
    help = msg(
        "Exam texts that name a gender, an age, a region or an ethnicity are asked again about somebody else: he becomes "
        "she, 北京 becomes 河南. The answer should stay."
    )
    options = FairnessWordingOptions
    result = FairnessWordingResult

    def refusal(self, subject: Subject) -> Message | None:
        return asking.refusal(subject)

    def seconds(self, subject: Subject, options: FairnessWordingOptions, machine: "Machine") -> float:
        """As if a third of the texts named each kind, in two wordings."""
        share = min(1 / 3, options.rows / max(1, subject.report.score.n))
        return asking.seconds(subject, machine, len(KINDS) * 3 * share)

    def run(self, context: StudyContext, options: FairnessWordingOptions) -> FairnessWordingResult:
        import numpy as np

        context.progress(0.0)
        exam = context.exam()
        texts = [str(text) for text in exam["text"]]
        asked = wordings_of(texts, most_texts=options.rows, seed=options.seed)
        predictor = context.predictor()
        context.progress(0.1)
        places = sorted({one.place for one in asked})
        everything = [*(texts[place] for place in places), *(one.text for one in asked)]

        part = context.part(0.1, 1.0)
        proba = context.kept(
            "answers",
            lambda: predictor.predict_proba(everything, progress=part.told, should_stop=part.should_stop),
        )
        known = {place: i for i, place in enumerate(places)}
        before = proba[[known[one.place] for one in asked]].astype(np.float64)
        after = proba[len(places) :].astype(np.float64)
        return FairnessWordingResult(
            kinds=kind_results(
                asked, texts=texts, rows=list(exam["row"]), labels=predictor.labels, before=before, after=after
            ),
            shifts=shifts(asked, labels=predictor.labels, before=before, after=after),
            n_exam=len(exam),
        )

    def sentences(self, result: FairnessWordingResult) -> Sequence[Message]:
        return [
            overall_sentence(result),
            *(shift_sentence(one) for one in result.shifts[:MAX_TOLD]),
            *(kind_sentence(one) for one in result.kinds),
        ]


def overall_sentence(result: FairnessWordingResult) -> Message:
    judged = [one for one in result.kinds if one.is_judged]
    if not judged:
        return nmsg(
            "Too few of the {n} exam text name a gender, an age, a region or an ethnicity: {least} of one kind are needed.",
            "Too few of the {n} exam texts name a gender, an age, a region or an ethnicity: {least} of one kind are needed.",
            result.n_exam,
            least=MIN_TEXTS,
        )
    worst = max(judged, key=lambda one: one.n_flipped / one.n_texts)
    if not worst.n_flipped:
        return msg("No answer changes when a text is about somebody else.")
    return msg(
        "“{kind}” matters most: {share} of the texts that name it are answered otherwise when they are about somebody else.",
        kind=KINDS[worst.kind],
        share=percent(worst.n_flipped / worst.n_texts),
    )


def kind_sentence(one: KindResult) -> Message:
    if not one.is_judged:
        return nmsg(
            "{kind}: {n} exam text names it; at least {least} are needed to judge.",
            "{kind}: {n} exam texts name it; at least {least} are needed to judge.",
            one.n_texts,
            kind=KINDS[one.kind],
            least=MIN_TEXTS,
        )
    low, high = one.interval
    return nmsg(
        "{kind}: of {n} text {n_flipped} change their answer ({share}, likely {low} to {high}); the sure % moves by {points} "
        "points on average.",
        "{kind}: of {n} texts {n_flipped} change their answer ({share}, likely {low} to {high}); the sure % moves by {points} "
        "points on average.",
        one.n_texts,
        kind=KINDS[one.kind],
        n_flipped=one.n_flipped,
        share=percent(one.n_flipped / one.n_texts),
        low=percent(low),
        high=percent(high),
        points=f"{100 * one.mean_change:.1f}",
    )


def shift_sentence(one: Shift) -> Message:
    return nmsg(
        "With “{put_in}” put in, “{label}” gets {points} points likelier on average of {n} text: more than chance.",
        "With “{put_in}” put in, “{label}” gets {points} points likelier on average of {n} texts: more than chance.",
        one.n,
        put_in=one.put_in,
        label=one.label,
        points=f"{100 * one.change:.1f}",
    )
