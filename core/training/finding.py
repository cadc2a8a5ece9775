"""What a recipe asks to be found by trying: the learning rate, and how many examples are read at once."""

from typing import TYPE_CHECKING, Any

from core.domain.job import Wish
from core.domain.message import msg, nmsg
from core.domain.recipe import TrainingRecipe
from core.domain.run import FINDER_LOSS, FINDER_RATE, MetricPoint
from core.tasks.protocol import Task
from core.techniques.protocol import Technique
from core.training.batches import TokenizedExamples
from core.training.types import Cancelled

if TYPE_CHECKING:
    import torch

    from core.training.loop import Outlets
    from core.training.model import Classifier

RATE, PASS_ROWS = "learning_rate", "pass_rows"  # names of what was found


def find(
    classifier: "Classifier",
    practice: TokenizedExamples,
    *,
    recipe: TrainingRecipe,
    task: Task,
    technique: Technique,
    precision: str,
    device: "torch.device",
    pad_id: int,
    outlets: "Outlets",
) -> dict[str, Any]:
    """What was chosen, by name; empty where the recipe asks for nothing. The curve of the rates is reported.

    Raises:
        Cancelled
    """
    from core.training.lr_finder import find_learning_rate
    from core.training.pass_size import find_pass_rows

    def obey() -> None:
        if outlets.should_stop() == Wish.CANCEL:
            raise Cancelled

    as_planned: dict[str, Any] = {"recipe": recipe, "task": task, "technique": technique, "precision": precision}
    as_planned |= {"device": device, "pad_id": pad_id, "obey": obey}
    choices: dict[str, Any] = {}
    if recipe.find_learning_rate == "on":
        found = find_learning_rate(classifier, practice, **as_planned)
        for step, (rate, loss) in enumerate(zip(found.rates, found.losses, strict=True), start=1):
            outlets.report(MetricPoint(name=FINDER_RATE, step=step, value=rate))
            outlets.report(MetricPoint(name=FINDER_LOSS, step=step, value=loss))
        choices[RATE] = found.learning_rate
        outlets.say(
            msg(
                "Tried learning rates up to {highest}: {found} is used, {usual} would have been.",
                highest=f"{max(found.rates, default=found.learning_rate):.2g}",
                found=f"{found.learning_rate:.2g}",
                usual=f"{recipe.learning_rate:.2g}",
            )
        )
    if recipe.find_batch_size == "on":
        rows = find_pass_rows(classifier, practice, **as_planned)
        choices[PASS_ROWS] = rows.n_rows
        why = {
            "step": nmsg(
                "{n} example is read at once: the whole step.",
                "{n} examples are read at once: the whole step.",
                rows.n_rows,
            ),
            "speed": nmsg(
                "{n} example is read at once: more would not be faster.",
                "{n} examples are read at once: more would not be faster.",
                rows.n_rows,
            ),
            "memory": nmsg(
                "{n} example is read at once: there is no memory for more.",
                "{n} examples are read at once: there is no memory for more.",
                rows.n_rows,
            ),
        }
        outlets.say(why[rows.limited_by])
    return choices
