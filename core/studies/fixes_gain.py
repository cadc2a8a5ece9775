"""What fixing wrong categories brings: the quick draft learns once from the rows as they were and once as corrected, and
both sit the same exam."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.dataset import Split
from core.domain.message import Message, msg, nmsg
from core.evaluation.paired import Paired
from core.evaluation.verdict import percent
from core.studies.protocol import StudyContext, Subject

if TYPE_CHECKING:
    from core.training.machine import Machine

MIN_PRACTICE, MIN_EXAM = 20, 5
FIRST_FIT = 3.0  # fits' worth of trying out the draft's solver


@dataclass(frozen=True, slots=True, kw_only=True)
class FixesGainOptions:
    dataset_id: str = ""  #: the corrected version of the model's dataset; "" for the dataset as it is
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FixesGainResult:
    """Both drafts were asked the exam rows of the model's dataset, under the corrected categories."""

    n_changed: int  #: practice rows under another category
    n_left_out: int  #: practice rows that are no longer learned from
    n_exam_changed: int
    n_before: int  #: right answers of the draft that learned from the rows as they were
    n_after: int
    paired: Paired  #: the first is the one before


class FixesGainStudy:
    name = "fixes_gain"
    title = msg("What fixing them brings")
    help = msg(
        "The quick draft learns from the practice examples as they were and as corrected; both answer the same exam."
    )
    options = FixesGainOptions
    result = FixesGainResult

    def refusal(self, subject: Subject) -> Message | None:
        sizes = subject.dataset.split_sizes
        if sizes.get("practice", 0) < MIN_PRACTICE or sizes.get("exam", 0) < MIN_EXAM:
            return msg("Too few examples to learn from and to ask.")
        return None

    def seconds(self, subject: Subject, options: FixesGainOptions, machine: "Machine") -> float:
        from core.studies.drafts import study_seconds

        return study_seconds(subject, machine, n_fits=FIRST_FIT + 2)

    def run(self, context: StudyContext, options: FixesGainOptions) -> FixesGainResult:
        import numpy as np

        from core.evaluation.paired import compare_paired
        from core.studies.drafts import Drafts, rows_in_use

        before = rows_in_use(context)
        after = context.rows(options.dataset_id or context.subject.dataset.id).set_index(["file", "row"])
        after = after.loc[list(zip(before["file"], before["row"], strict=True))]
        names = tuple(dict.fromkeys([*context.subject.dataset.labels, *after["label"]]))
        place = {name: i for i, name in enumerate(names)}
        corrected = np.array([place[name] for name in after["label"]], dtype=np.int64)
        is_used = after["set_aside"].to_numpy() == ""
        split = before["split"].to_numpy()
        practice = np.flatnonzero(split == Split.PRACTICE.value)
        exam = np.flatnonzero((split == Split.EXAM.value) & is_used)

        drafts = Drafts(context.part(0.0, 0.7), before, names)
        context.progress(0.7)
        first = drafts.fit(practice, seed=options.seed)
        context.progress(0.9)
        kept = practice[is_used[practice]]
        second = drafts.fit(kept, seed=options.seed, like=first, targets=corrected)
        right = [drafts.proba(draft, exam).argmax(axis=1) == corrected[exam] for draft in (first, second)]
        context.progress(1.0)
        is_changed = corrected != drafts.targets
        return FixesGainResult(
            n_changed=int(is_changed[kept].sum()),
            n_left_out=len(practice) - len(kept),
            n_exam_changed=int(is_changed[exam].sum()),
            n_before=int(right[0].sum()),
            n_after=int(right[1].sum()),
            paired=compare_paired(right[0], right[1]),
        )

    def sentences(self, result: FixesGainResult) -> Sequence[Message]:
        return [gain_sentence(result), certainty_sentence(result)]


def gain_sentence(result: FixesGainResult) -> Message:
    n = max(1, result.paired.n)
    return nmsg(
        "Learned from the corrected examples the quick draft is right on {n_after} of {n} exam example ({after}); before it "
        "was {n_before} ({before}).",
        "Learned from the corrected examples the quick draft is right on {n_after} of {n} exam examples ({after}); before it "
        "was {n_before} ({before}).",
        result.paired.n,
        n_after=result.n_after,
        n_before=result.n_before,
        after=percent(result.n_after / n),
        before=percent(result.n_before / n),
    )


def certainty_sentence(result: FixesGainResult) -> Message:
    if result.n_changed + result.n_left_out == 0:
        return msg("No practice example was corrected.")
    if result.paired.is_real:
        return msg("The difference is real: chance alone would hardly make it that big.")
    return msg("A difference this small can be chance: more corrections or a bigger exam would tell.")
