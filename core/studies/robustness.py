"""Do the answers hold when texts are written otherwise? Exam texts are changed in eleven ways and asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.message import Message, msg, nmsg
from core.domain.task import reads_pairs
from core.errors import UserError
from core.evaluation.robustness import BY_NAME, WAYS, Change, WayResult, changed_texts, result_of
from core.evaluation.verdict import percent
from core.studies import asking
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    import pandas

    from core.training.machine import Machine

SYNONYM_SHARE = 0.35  # of the words that have near ones
MOST_LOST = 2.0  # points; a way that costs less is not worth teaching against


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessOptions:
    rows: int = 300  #: exam texts that are changed, drawn by the seed
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessResult:
    ways: tuple[WayResult, ...]  #: those that change a text here, in the order of `core.evaluation.robustness.WAYS`
    n_asked: int

    def worst(self) -> WayResult | None:
        """The way that costs most right answers, if any costs enough to be worth something."""
        kept = [way for way in self.ways if BY_NAME[way.name].keeps_meaning and way.points_lost >= MOST_LOST]
        return max(kept, key=lambda way: way.points_lost, default=None)


class RobustnessStudy:
    name = "robustness"
    title = msg("Do the answers hold when texts are written otherwise?")
    help = msg(
        "Exam texts are asked again with typing errors, in capitals, in the other Chinese script, cut in half and more."
    )
    options = RobustnessOptions
    result = RobustnessResult

    def refusal(self, subject: Subject) -> Message | None:
        return asking.refusal(subject)

    def seconds(self, subject: Subject, options: RobustnessOptions, machine: "Machine") -> float:
        return asking.seconds(subject, machine, len(WAYS) * min(1.0, options.rows / max(1, subject.report.score.n)))

    def run(self, context: StudyContext, options: RobustnessOptions) -> RobustnessResult:
        exam = context.exam()
        exam = exam.sample(n=min(options.rows, len(exam)), random_state=options.seed).reset_index(drop=True)
        predictor, pairs = context.predictor(), reads_pairs(context.subject.recipe.task)
        context.progress(0.0)
        synonyms = _synonyms(context, list(exam["text"]))
        found = []
        for number, way in enumerate(WAYS):
            part = context.part(number / len(WAYS), (number + 1) / len(WAYS))
            part.progress(0.0)
            change = way.change or synonyms
            if change is None:
                continue
            texts = changed_texts(list(exam["text"]), list(exam["row"]), way, change, options.seed, pairs=pairs)
            asked = exam[[new != old for new, old in zip(texts, exam["text"], strict=True)]]
            if asked.empty:
                continue
            after = [texts[i] for i in asked.index]
            answers = part.kept(
                f"answers-{way.name}",
                lambda after=after, part=part: predictor.predict_proba(  # type: ignore[misc]
                    after, progress=part.told, should_stop=part.should_stop
                ).argmax(axis=1),
            )
            found.append(_result(way.name, asked, after, [predictor.labels[i] for i in answers]))
        return RobustnessResult(ways=tuple(found), n_asked=len(exam))

    def sentences(self, result: RobustnessResult) -> Sequence[Message]:
        return [overall_sentence(result), *(way_sentence(way) for way in result.ways)]


def overall_sentence(result: RobustnessResult) -> Message:
    worst = result.worst()
    if worst is None:
        return msg("No way of writing that was tried costs more than {n} of 100 answers.", n=f"{MOST_LOST:.0f}")
    return msg(
        "“{way}” costs most: right on {after} instead of {before}.",
        way=BY_NAME[worst.name].title,
        after=percent(worst.n_right_after / worst.n),
        before=percent(worst.n_right_before / worst.n),
    )


def way_sentence(way: WayResult) -> Message:
    about = BY_NAME[way.name]
    if not about.keeps_meaning:
        return nmsg(
            "{way}: of {n} text {share} are answered as before.",
            "{way}: of {n} texts {share} are answered as before.",
            way.n,
            way=about.title,
            share=percent(1 - way.n_flipped / way.n),
        )
    return nmsg(
        "{way}: right on {after} instead of {before} of {n} text; {share} of the answers change.",
        "{way}: right on {after} instead of {before} of {n} texts; {share} of the answers change.",
        way.n,
        way=about.title,
        after=percent(way.n_right_after / way.n),
        before=percent(way.n_right_before / way.n),
        share=percent(way.n_flipped / way.n),
    )


def _result(name: str, asked: "pandas.DataFrame", after: list[str], answers: list[str]) -> WayResult:
    return result_of(
        BY_NAME[name],
        rows=list(asked["row"]),
        before=list(asked["text"]),
        after=after,
        labels=list(asked["label"]),
        answers_before=list(asked["predicted"]),
        answers_after=answers,
    )


def _synonyms(context: StudyContext, texts: list[str]) -> Change | None:
    """Near words by the model's own word table; None where it has none that can be read."""
    import numpy as np

    from core.base_models.sources import fetch
    from core.base_models.tokenizer import encode, load_tokenizer
    from core.base_models.words import Words
    from core.techniques.rewording import N_WORDS, Rewordings
    from core.techniques.synonyms import Synonyms

    folder = context.model_dir / "fine_tuned"
    try:
        if not (folder / "model.safetensors").exists():
            folder = fetch(context.subject.recipe.base_model, context.base_models_dir)
        tokenizer = load_tokenizer(folder, context.subject.recipe.max_length)
    except UserError:  # the base model is gone: one way less
        return None
    words = Words(tokenizer, folder)
    ids = encode(tokenizer, texts)
    offsets = np.cumsum([0, *map(len, ids)])
    spans = words.common(np.concatenate(ids), offsets, N_WORDS)
    made = Rewordings(words=words, others=Synonyms.others(words, spans, context.subject.recipe))
    return (lambda text, draw: made.reworded_text(text, SYNONYM_SHARE, draw)) if made.others else None
