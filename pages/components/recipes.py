"""A recipe as a person sees it: the three presets in words, its settings as a table, a difference or a form."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.domain.message import msg
from core.domain.recipe import Preset, SettingValue, TrainingRecipe
from core.evaluation.choices import setting_text
from core.i18n import gettext as _
from core.i18n import say
from core.techniques import EXTRAS, TECHNIQUES
from core.techniques.protocol import Extra, Technique

#: every unit that a setting names; here so that translators see them
UNITS = {
    unit.text: unit
    for unit in (
        msg("passes"),
        msg("examples"),
        msg("tokens"),
        msg("layers"),
        msg("check-ups"),
        msg("minutes"),
        msg("parts"),
    )
}
#: chosen elsewhere on the page, or not for people
NOT_IN_FORM = frozenset({"preset", "task", "base_model"})
#: chosen above the form, because the form's settings depend on them
TECHNIQUE_FIELDS = ("technique", "extras")

Setting = SettingValue


def preset_title(preset: Preset) -> str:
    return {Preset.QUICK: _("Quick"), Preset.BALANCED: _("Balanced"), Preset.BEST: _("Best")}[preset]


def preset_text(preset: Preset) -> str:
    return {
        Preset.QUICK: _(
            "Reads your texts with a ready-made language model and learns only the last step. "
            "An honest first answer; often enough for topics and intents."
        ),
        Preset.BALANCED: _(
            "Makes the quick answer first, then teaches the language model itself your examples, "
            "and stops when it gets no better. Keeps whichever is better."
        ),
        Preset.BEST: _(
            "Starts as Balanced does, then tries other settings for as many minutes as you allow and keeps what answers "
            "best. For the last few percent."
        ),
    }[preset]


def kept_words(kept: str) -> str:
    """What the published model consists of."""
    return {"draft": _("First answer"), "fine_tuned": _("Fine-tuned"), "mix": _("Mix of both")}.get(kept, kept)


def fields() -> tuple["dataclasses.Field[Any]", ...]:
    return dataclasses.fields(TrainingRecipe)


def setting_label(field: "dataclasses.Field[Any]") -> str:
    """ "Epochs (passes)"."""
    label, unit = say(field.metadata["label"]), field.metadata["unit"]
    unit = say(UNITS[unit]) if unit else ""
    return label if unit.casefold() in label.casefold() else _("{label} ({unit})").format(label=label, unit=unit)


def settings_table(recipe: TrainingRecipe) -> dict[str, str]:
    """Every setting that means something in this recipe, by its label."""
    return {setting_label(f): setting_text(getattr(recipe, f.name)) for f in fields() if recipe.concerns(f)}


def differences(first: TrainingRecipe, second: TrainingRecipe) -> list[tuple[str, str, str]]:
    """(label, value in the first, value in the second) of the settings that differ."""
    pairs = ((f, getattr(first, f.name), getattr(second, f.name)) for f in fields())
    return [(say(f.metadata["label"]), setting_text(a), setting_text(b)) for f, a, b in pairs if a != b]


def overrides_between(base: TrainingRecipe, wanted: TrainingRecipe) -> dict[str, Setting]:
    """What turns `base` into `wanted`, among the settings that the form offers."""
    names = (f.name for f in fields() if f.name not in NOT_IN_FORM)
    changed = {name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(base, name)}
    # another technique would bring its own learning rate
    return changed | ({"learning_rate": wanted.learning_rate} if "technique" in changed else {})


def recipe_form(recipe: TrainingRecipe, base: TrainingRecipe, *, key: str) -> Mapping[str, Setting] | None:
    """A form of all settings, filled with `recipe`. Comes back with what differs from `base` once it is applied.

    Technique and extras stand above it: choosing one shows its settings.
    """
    technique, extras = _technique(recipe.technique, key), _extras(recipe.extras, key)
    values: dict[str, Setting] = {"technique": technique, "extras": extras}
    with st.form(key, border=False):
        with st.grid(3, min_column_width=220):
            for field in fields():
                if field.name in NOT_IN_FORM or field.name in TECHNIQUE_FIELDS:
                    continue
                of, now = field.metadata["of"], getattr(recipe, field.name)
                is_shown = not of or bool({technique, *extras}.intersection(of))
                values[field.name] = _input(field, now, key) if is_shown else now
        applied = st.form_submit_button(_("Apply changes"), icon=":material/check:")
    return {k: v for k, v in values.items() if v != getattr(base, k)} if applied else None


def _technique(value: str, key: str) -> str:
    names = TECHNIQUES.names()
    chosen: str = st.selectbox(
        _("Technique"),
        names,
        index=names.index(value),
        format_func=lambda name: say(TECHNIQUES[name].title),
        key=f"{key}_technique",
    )
    st.caption(_about(TECHNIQUES[chosen]))
    return chosen


def _extras(value: tuple[str, ...], key: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        _("Extras"),
        EXTRAS.names(),
        default=value,
        format_func=lambda name: say(EXTRAS[name].title),
        help=say(TrainingRecipe.__dataclass_fields__["extras"].metadata["help"]),
        placeholder=_("None: the technique alone"),
        key=f"{key}_extras",
    )
    for name in chosen:
        st.caption(f"**{say(EXTRAS[name].title)}**: {_about(EXTRAS[name])}")
    return tuple(name for name in EXTRAS.names() if name in chosen)


def _about(member: Technique | type[Extra]) -> str:
    """What it does, its cost, and where it was published."""
    paper = f"({member.paper})" if member.paper else ""
    return " ".join(part for part in (say(member.help), say(member.cost), paper) if part)


def _input(field: "dataclasses.Field[Any]", value: Setting, key: str) -> Setting:
    about, label = field.metadata, setting_label(field)
    shared: dict[str, Any] = {"help": say(about["help"]), "key": f"{key}_{field.name}"}
    if about["choices"]:
        choices = list(about["choices"])
        return st.selectbox(label, choices, index=choices.index(value), **shared)
    if isinstance(value, float):
        step = 10.0 ** round_down(value) if value else 0.01
        return st.number_input(label, about["low"], about["high"], value, step, format="%g", **shared)
    if isinstance(value, int):
        return st.number_input(label, int(about["low"]), int(about["high"]), value, 1, **shared)
    return st.text_input(label, value, **shared) or value


def round_down(value: float) -> int:
    """The exponent of a step one digit finer than `value`: 0.0001 -> -5."""
    return int(f"{value:e}".split("e")[1]) - 1
