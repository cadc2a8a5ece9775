"""From a dial position to a complete recipe. No torch: pages call this."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.base_models.advice import advice_for
from core.base_models.catalog import E5_ALL, E5_ZH_EN, default_for
from core.base_models.long_texts import MEASURED, START
from core.base_models.own import root_of
from core.domain.dataset import DatasetProfile
from core.domain.message import Message, msg, nmsg
from core.domain.recipe import Preset, SettingValue, TrainingRecipe, presets_of
from core.domain.task import CLASSIFICATION, AnswerKind, answer_kind, reads_pairs
from core.errors import UserError
from core.techniques import TECHNIQUES
from core.training.forecasting import forecast_parts, forecast_seconds, labeled_rows, n_tokens
from core.training.machine import Machine
from core.training.search.minutes import folds_for, minutes_for

LENGTH_STEP = 16
LONGEST = {Preset.QUICK: 256, Preset.BALANCED: 256, Preset.BEST: 512}
PASSES = ((1_000, 10), (2_000, 6), (5_000, 4), (50_000, 3), (float("inf"), 2))  # below so many rows so many
PASSES_OF_PAIRS = ((1_000, 10), (10_000, 6), (50_000, 3), (float("inf"), 2))  # on stsb 6 did better than 3
FEW_ROWS_PER_LABEL = 20
MANY_UNLABELED = 500  # texts without a category; fewer hardly change anything
PAIR_LABELS = 10  # at least: with two and with seven categories pairs taught no more than single examples
PAIR_ROWS_PER_LABEL = 16  # of practice, at most: with more it is not measured whether they teach more
PAIR_STEP = 32  # rows of a step of pairs
PAIR_ROWS_READ, PAIR_EPOCHS = 400, (2, 12)  # passes for about so many rows, within limits: more steps only memorise
PAIR_FOLDS = 3  # of a cross-check where a check-up of a tenth would hold too few rows to choose by
LONG_SECONDS = 3600.0  # a Balanced run that takes longer than this is not what we propose first

_Settings = dict[str, Any]
Recommendation = tuple[TrainingRecipe, tuple[Message, ...], bool]


def recommend(
    profile: DatasetProfile,
    preset: Preset,
    *,
    machine: Machine,
    base_model: str | None = None,
    task: str = CLASSIFICATION,
) -> Recommendation:
    """The recipe of a dial position for this data, one sentence per choice, and whether it is the position we propose.

    Raises:
        UserError: the task has no such position.
    """
    if preset not in presets_of(task):
        raise UserError(
            msg(
                "“{preset}” compares settings by right answers, and answers of this kind are not just right or wrong.",
                preset=preset.value,
            ),
            hint=msg("Choose one of: {known}.", known=", ".join(presets_of(task))),
        )
    if answer_kind(task) is not AnswerKind.CATEGORY:
        profile = replace(
            profile, n_labels=1, imbalance=1.0
        )  # what follows from the rows of each category is for sorting
    base = base_model or default_for(profile.language)
    reasons: list[Message] = []
    if base_model is None:
        reasons.append(_language_reason(profile.language))
    max_length = _max_length(profile, preset)
    long_texts = START
    if n_tokens(profile, profile.p95_chars) > max_length and not reads_pairs(task):
        long_texts = MEASURED
        reasons.append(
            msg(
                "More than 1 text in 20 is longer than the {max_length} tokens that are read at once: what to read of them is tried out first.",
                max_length=max_length,
            )
        )
    elif n_tokens(profile, profile.max_chars) > max_length:
        reasons.append(
            msg("The longest texts are cut after {max_length} tokens, which saves time.", max_length=max_length)
        )
    recipe = TrainingRecipe(
        preset=preset,
        task=task,
        base_model=base,
        max_length=max_length,
        long_texts=long_texts,
        **_BUILDERS[preset](profile, base, task, reasons),
    )
    if preset is Preset.BALANCED and recipe.folds:
        reasons.append(_cross_check_reason(recipe.folds))
    if preset is Preset.BEST:
        recipe = _searching(recipe, profile, machine, reasons)
        recipe = _with_unlabeled(recipe, profile, reasons)
    if preset is not Preset.QUICK and profile.imbalance > 10:
        reasons.append(
            msg("Rare categories count more, because the biggest has over 10 times the rows of the smallest.")
        )
    if machine.kind == "cpu":
        reasons.append(msg("It runs on the processor: no graphics card was found."))
    else:
        reasons.append(msg("It runs on {name}.", name=machine.name))
    return recipe, tuple(reasons), preset is _proposed(profile, machine, base, task)


def learning_rate_for(technique: str, recipe: TrainingRecipe) -> float:
    """The learning rate of `recipe` for another technique: the fewer weights learn, the further each must move."""
    rate = recipe.learning_rate / TECHNIQUES[recipe.technique].learning_rate_factor
    return float(f"{min(1.0, rate * TECHNIQUES[technique].learning_rate_factor):.6g}")


def with_overrides(recipe: TrainingRecipe, overrides: Mapping[str, SettingValue]) -> TrainingRecipe:
    """A copy with some settings replaced. Another technique brings its own learning rate unless one is given."""
    changed = recipe.changed(overrides)
    if changed.technique != recipe.technique and "learning_rate" not in overrides:
        return changed.changed({"learning_rate": learning_rate_for(changed.technique, recipe)})
    return changed


def _max_length(profile: DatasetProfile, preset: Preset) -> int:
    """Room for the longest text with a margin, in steps of 16: batches are padded only as far as they need."""
    wanted = 1.3 * n_tokens(profile, profile.max_chars)
    rounded = LENGTH_STEP * -int(-wanted // LENGTH_STEP)
    return min(LONGEST[preset], max(2 * LENGTH_STEP, rounded))


def _proposed(profile: DatasetProfile, machine: Machine, base: str, task: str) -> Preset:
    recipe = TrainingRecipe(base_model=base, **_balanced(profile, base, task, []))
    return Preset.BALANCED if forecast_seconds(profile, recipe, machine) <= LONG_SECONDS else Preset.QUICK


def _language_reason(language: str) -> Message:
    if language == "en":
        return msg("Most texts are English, so the English base model is used.")
    if language == "zh":
        return msg("Most texts are Chinese, so the Chinese base model is used.")
    return msg("The texts are in another language, so the multilingual base model is used.")


# -- the three positions ----------------------------------------------------------------------------------------------


def _quick(profile: DatasetProfile, base: str, task: str, reasons: list[Message]) -> _Settings:
    reasons.append(msg("A linear model on frozen text vectors and word counts gives an honest first answer soon."))
    return {"technique": "draft"}


def _balanced(profile: DatasetProfile, base: str, task: str, reasons: list[Message]) -> _Settings:
    settings = _fine_tuning(profile, base, task, reasons)
    if root_of(base) in (E5_ZH_EN, E5_ALL):
        settings["n_layers"] = 6
        reasons.append(msg("The first 6 of 12 layers are used: half the time, and nothing was lost on reviews."))
    return settings


def _best(profile: DatasetProfile, base: str, task: str, reasons: list[Message]) -> _Settings:
    """Where the search starts: what Balanced would do, so that it can only be better."""
    return _balanced(profile, base, task, reasons)


def _with_unlabeled(recipe: TrainingRecipe, profile: DatasetProfile, reasons: list[Message]) -> TrainingRecipe:
    """Where a cross-check judges, nothing that a model sorted may take part."""
    if profile.n_unlabeled < MANY_UNLABELED or recipe.folds:
        return recipe
    reasons.append(
        msg(
            "{n} texts have no category: those that the quick model sorts surely join practice.",
            n=profile.n_unlabeled,
        )
    )
    return replace(recipe, pseudo_labels="on")


def _searching(
    recipe: TrainingRecipe, profile: DatasetProfile, machine: Machine, reasons: list[Message]
) -> TrainingRecipe:
    folds = folds_for(profile)
    recipe = replace(recipe, folds=folds)
    minutes = minutes_for(recipe, forecast_parts(profile, recipe, machine))
    reasons.append(
        nmsg(
            "Other settings are tried for {n} minute, and those that answer best are used; the recommended ones are tried first.",
            "Other settings are tried for {n} minutes, and those that answer best are used; the recommended ones are tried first.",
            minutes,
        )
    )
    if folds:
        reasons.append(_cross_check_reason(folds))
    return replace(recipe, search_minutes=minutes)


def _cross_check_reason(folds: int) -> Message:
    return msg(
        "Few rows: all of them take turns as the check-up, in {folds} parts, and the final model learns from all.",
        folds=folds,
    )


def _fine_tuning(profile: DatasetProfile, base: str, task: str, reasons: list[Message]) -> _Settings:
    """More passes over few rows, fewer over many: what counts is the number of updates."""
    n_practice = labeled_rows(profile)
    advice = advice_for(base)
    in_pairs = advice.technique == "full" and _few_a_category(profile)
    epochs = next(epochs for rows, epochs in (PASSES_OF_PAIRS if reads_pairs(task) else PASSES) if n_practice < rows)
    if in_pairs:
        fewest, most = PAIR_EPOCHS
        epochs = max(fewest, min(most, round(PAIR_ROWS_READ / n_practice)))
        reasons.append(
            msg(
                "At most {n} rows a category: pairs of examples teach which texts belong together, then a linear model learns the categories.",
                n=PAIR_ROWS_PER_LABEL,
            )
        )
    reasons.append(
        nmsg(
            "{n} pass over {rows} rows is enough.",
            "{n} passes over {rows} rows are enough.",
            epochs,
            rows=profile.n_rows,
        )
    )
    if profile.n_rows < FEW_ROWS_PER_LABEL * profile.n_labels:
        reasons.append(msg("Few rows per category: the quick linear model may well win, and then it is kept."))
    if advice.technique == "lora":
        reasons.append(
            msg("This base model was made to write: small added weights are trained, and its last word counts.")
        )
    settings = {
        "technique": advice.technique,
        "epochs": epochs,
        "learning_rate": advice.learning_rate,
        "pooling": advice.pooling,
        "batch_size": 16 if n_practice < 1_000 else 32,
    }
    return settings | (_pairs(profile) if in_pairs else {})


def _few_a_category(profile: DatasetProfile) -> bool:
    """Whether pairs of examples are proposed. A score has no categories and counts as one."""
    return profile.n_labels >= PAIR_LABELS and labeled_rows(profile) <= PAIR_ROWS_PER_LABEL * profile.n_labels


def _pairs(profile: DatasetProfile) -> _Settings:
    return {
        "extras": ("pairs",),
        "batch_size": PAIR_STEP,
        "checks_per_epoch": 1,  # each reads practice too, to fit the head
        "folds": PAIR_FOLDS if folds_for(profile) else 0,
    }


_BUILDERS: dict[Preset, Callable[[DatasetProfile, str, str, list[Message]], _Settings]] = {
    Preset.QUICK: _quick,
    Preset.BALANCED: _balanced,
    Preset.BEST: _best,
}
