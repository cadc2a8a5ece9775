"""Which techniques there are and which cannot go together, checked where a recipe is born."""

from typing import TYPE_CHECKING

from core.domain.message import Message, msg
from core.domain.task import ORDERED, AnswerKind, answer_kind, reads_pairs

if TYPE_CHECKING:
    from core.domain.recipe import TrainingRecipe

#: extras in the order in which the loop calls them, whatever order a person named them in
EXTRAS = (
    "word_noise",
    "synonyms",
    "typos",
    "class_balanced",
    "label_smoothing",
    "focal_loss",
    "self_distillation",
    "r_drop",
    "contrastive",
    "mixup",
    "multi_dropout",
    "fgm",
    "pgd",
    "freelb",
    "layer_decay",
    "gradual_unfreezing",
    "l2_start",
    "mixout",
    "ema",
    "pairs",
    "soup",
)

#: of these only one at a time, and why
_ONE_OF = {
    ("fgm", "pgd", "freelb"): msg("FGM, PGD and FreeLB are three ways to do the same: choose one of them."),
    ("ema", "soup"): msg("Both the moving average and the average of check-ups average weights: choose one of them."),
    ("l2_start", "mixout"): msg("L2-SP and Mixout both hold the weights near their start: choose one of them."),
    ("self_distillation", "mixup"): msg(
        "In self-distillation the teacher answers each text alone, mixup reads two texts as one: choose one of them."
    ),
    ("r_drop", "mixup"): msg(
        "R-Drop compares two readings of one text, mixup reads two texts as one: choose one of them."
    ),
}

#: of use only where the pretrained weights themselves change
_NEED_FULL = {
    "layer_decay": msg("Layer-wise learning rates protect pretrained weights; only technique “full” changes them."),
    "gradual_unfreezing": msg("Only technique “full” changes pretrained layers, so there is nothing else to unfreeze."),
    "l2_start": msg("L2-SP holds pretrained weights near their start; only technique “full” moves them."),
    "mixout": msg("Mixout sets pretrained weights back to their start; only technique “full” moves them."),
}

#: teach the head by its answers, which pairs leave to a linear model
_TEACH_ANSWERS = (
    "class_balanced",
    "label_smoothing",
    "focal_loss",
    "self_distillation",
    "r_drop",
    "contrastive",
    "mixup",
    "multi_dropout",
)

_NEED_DROPOUT = {
    "r_drop": msg("R-Drop compares two readings that dropout makes different: dropout must be above 0."),
    "multi_dropout": msg("Several dropout masks are all the same without dropout: dropout must be above 0."),
}


_NEED_CATEGORIES = ("class_balanced", "label_smoothing", "focal_loss", "r_drop", "contrastive", "mixup", "pairs")


_NEED_ONE_CATEGORY = tuple(name for name in _NEED_CATEGORIES if name != "mixup")


def _conflicts_of_several(recipe: "TrainingRecipe") -> list[Message]:
    """What works on exactly one category a text, in a recipe for several at once."""
    named = [name for name in _NEED_ONE_CATEGORY if name in recipe.extras]
    reasons = [
        msg("“{name}” works on exactly one category a text, and here a text may have several.", name=name)
        for name in named
    ]
    if recipe.class_weights == "balanced":
        reasons.append(
            msg("Rare categories need no weights here: each category gets a threshold of its own. Set them to “auto”.")
        )
    if recipe.search_minutes or recipe.folds:
        reasons.append(
            msg(
                "Settings are compared, and cross-checked, by right answers: with several categories an answer may be right in part. Set both to 0."
            )
        )
    if recipe.pseudo_labels == "on":
        reasons.append(
            msg("Texts without categories cannot join practice: of several categories the quick model may miss some.")
        )
    if recipe.head_start == "fitted":
        reasons.append(
            msg("A fitted head start is made for one category a text: set it to “random” for several at once.")
        )
    return reasons


def _conflicts_of_numbers(recipe: "TrainingRecipe") -> list[Message]:
    """What works on categories, in a recipe for scores."""
    named = [name for name in _NEED_CATEGORIES if name in recipe.extras]
    reasons = [msg("“{name}” works on categories, and a score has none.", name=name) for name in named]
    if recipe.search_minutes or recipe.folds:
        reasons.append(
            msg("Settings are compared, and cross-checked, by right answers: a score has none. Set both to 0.")
        )
    if recipe.pseudo_labels == "on":
        reasons.append(msg("How sure a score is cannot be told, so texts without one cannot join practice."))
    if recipe.head_start == "fitted":
        reasons.append(msg("A fitted head start is made for categories: set it to “random” for a score."))
    return reasons


def _conflicts_of_pairs(recipe: "TrainingRecipe") -> list[Message]:
    """What works on single texts, in a recipe for pairs."""
    reasons = []
    if recipe.long_texts != "start":
        reasons.append(
            msg("A pair is read as one: of texts that are too long their starts count. Set long_texts to “start”.")
        )
    if "word_noise" in recipe.extras:
        reasons.append(msg("Word noise would take out what stands between the two texts of a pair."))
    return reasons


def conflicts(recipe: "TrainingRecipe") -> list[Message]:
    """Why the chosen techniques make no sense together, one sentence per reason; empty where they do."""
    extras = set(recipe.extras)
    of_pairs = _conflicts_of_pairs(recipe) if reads_pairs(recipe.task) else []
    if recipe.technique == "draft":
        if extras:
            return [msg("Extras teach the base model, and technique “draft” leaves it as it is.")]
        return of_pairs
    reasons = of_pairs + [reason for names, reason in _ONE_OF.items() if len(extras.intersection(names)) > 1]
    if "pairs" in extras and extras.intersection(_TEACH_ANSWERS):
        reasons.append(
            msg(
                "Pairs of examples have a loss of their own, in which the other one changes nothing: choose one of both."
            )
        )
    if recipe.technique != "full":
        reasons += [reason for name, reason in _NEED_FULL.items() if name in extras]
    if not recipe.dropout:
        reasons += [reason for name, reason in _NEED_DROPOUT.items() if name in extras]
    if "word_noise" in extras and recipe.long_texts in ("windows", "measured"):
        reasons.append(
            msg("Word noise takes tokens out of a text, and then its windows no longer fit: choose one of both.")
        )
    if "class_balanced" in extras and recipe.class_weights == "balanced":
        reasons.append(msg("Class-balanced weights replace the category weights “balanced”: choose one of them."))
    if answer_kind(recipe.task) is AnswerKind.NUMBER:
        reasons += _conflicts_of_numbers(recipe)
    if answer_kind(recipe.task) is AnswerKind.CATEGORIES:
        reasons += _conflicts_of_several(recipe)
    if recipe.task == ORDERED and "focal_loss" in extras:
        reasons.append(
            msg(
                "Focal loss replaces the loss that knows the order of the categories: leave it out, or learn them without one."
            )
        )
    if recipe.folds == 1:
        reasons.append(msg("A cross-check needs at least 2 parts; 0 turns it off."))
    if recipe.folds and recipe.pseudo_labels == "on":
        reasons.append(
            msg("In a cross-check all examples judge, and texts that a model sorted must not: choose one of both.")
        )
    return reasons
