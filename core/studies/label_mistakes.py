"""Which rows likely stand under a wrong category: by quick drafts that did not learn from them, and by their neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.label_mistake import LabelMistake
from core.domain.message import Message, msg, nmsg
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    from core.training.machine import Machine

N_FOLDS = 5
MIN_ROWS = 40
MAX_LISTED = 500  # nobody reads more in one go; after fixing these the next study lists the rest
FIRST_FIT = 3.0  # fits' worth of trying out the draft's solver


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMistakesOptions:
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMistakesResult:
    mistakes: tuple[LabelMistake, ...]  #: the most suspicious first
    n_found: int  #: also those that are not listed
    n_rows: int  #: that were looked at: practice, check-up and exam
    share: float  #: of them that is likely wrong, by confident learning
    label_shares: Mapping[str, float]  #: category -> the same of its rows


class LabelMistakesStudy:
    name = "label_mistakes"
    title = msg("Likely wrong categories in your data")
    help = msg(
        "Quick drafts answer every row without having learned from it, and its nearest neighbours vote: rows where both "
        "disagree with the given category are listed for you to check."
    )
    options = LabelMistakesOptions
    result = LabelMistakesResult

    def refusal(self, subject: Subject) -> Message | None:
        if subject.dataset.n_used < MIN_ROWS:
            return msg("At least {n} examples are needed to tell a mistake from a rare case.", n=MIN_ROWS)
        return None

    def seconds(self, subject: Subject, options: LabelMistakesOptions, machine: "Machine") -> float:
        from core.studies.drafts import study_seconds

        return study_seconds(subject, machine, n_fits=1.25 * (FIRST_FIT + N_FOLDS * (N_FOLDS - 1) / N_FOLDS))

    def run(self, context: StudyContext, options: LabelMistakesOptions) -> LabelMistakesResult:
        from core.evaluation.label_mistakes import find_suspects, neighbour_votes
        from core.studies.drafts import Drafts, rows_in_use

        labels = context.subject.dataset.labels
        rows = rows_in_use(context)
        drafts = Drafts(context.part(0.0, 0.5), rows, labels)
        proba = drafts.out_of_fold(context.part(0.5, 0.95), n_folds=N_FOLDS, seed=options.seed)
        votes = neighbour_votes(drafts.vectors, drafts.targets, len(labels))
        found = find_suspects(proba, votes, drafts.targets)
        context.progress(1.0)
        return LabelMistakesResult(
            mistakes=tuple(
                LabelMistake(
                    file=str(rows["file"].iat[i]),
                    row=int(rows["row"].iat[i]),
                    split=str(rows["split"].iat[i]),
                    given=labels[drafts.targets[i]],
                    likely=labels[found.likely[i]],
                    suspicion=round(float(found.suspicion[i]), 4),
                    proba_given=round(float(proba[i, drafts.targets[i]]), 4),
                    proba_likely=round(float(proba[i, found.likely[i]]), 4),
                    n_votes=int(found.votes[i]),
                )
                for i in found.order[:MAX_LISTED].tolist()
            ),
            n_found=len(found.order),
            n_rows=len(rows),
            share=round(found.share, 4),
            label_shares=dict(zip(labels, found.label_shares.round(4).tolist(), strict=True)),
        )

    def sentences(self, result: LabelMistakesResult) -> Sequence[Message]:
        return [found_sentence(result), *(mistake_sentence(one) for one in result.mistakes[:20])]


def found_sentence(result: LabelMistakesResult) -> Message:
    if not result.n_found:
        return nmsg(
            "{n} row was looked at, and no category looks wrong.",
            "{n} rows were looked at, and no category looks wrong.",
            result.n_rows,
        )
    return nmsg(
        "{n} of {n_rows} rows is worth a look; about {n_likely} of all rows likely stand under a wrong category.",
        "{n} of {n_rows} rows are worth a look; about {n_likely} of all rows likely stand under a wrong category.",
        result.n_found,
        n_rows=result.n_rows,
        n_likely=round(result.share * result.n_rows),
    )


def mistake_sentence(mistake: LabelMistake) -> Message:
    return msg(
        "Row {row}: “{given}” is given, “{likely}” is likely.",
        row=mistake.row,
        given=mistake.given,
        likely=mistake.likely,
    )
