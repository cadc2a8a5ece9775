"""Train: how thorough, from which base model, how long it will take, and the one button that starts it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.dataset import Dataset
from core.domain.job import JobKind
from core.domain.model import BaseModel
from core.domain.recipe import Plan, Preset, presets_of
from core.domain.task import AnswerKind
from core.errors import NotFound, UserError
from core.evaluation.choices import label_of, setting_text, value_of
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys
from pages.components.dataset_view import labels_in_words
from pages.components.goal_form import show_goal
from pages.components.layout import (
    format_bytes,
    format_seconds_range,
    go,
    page_header,
    page_link,
    plain,
    show_error,
)
from pages.components.pickers import pick_dataset
from pages.components.pretraining import delete_button, reading_words, show_pretraining
from pages.components.recipes import overrides_between, preset_text, preset_title, recipe_form
from pages.components.session import workspace
from pages.components.tracking import choose_trackers
from pages.components.url_state import settings_of


def show() -> None:
    header = page_header(_("Train a model"), _("On your own examples, on this machine."))
    dataset = pick_dataset(keys.TRAIN_DATASET)
    if dataset is None:
        return
    _show_dataset(dataset)
    if dataset.blocking_findings:
        _show_blocked(dataset, header)
        return
    _take_over_run(dataset)
    try:
        plans = {
            preset: workspace().plan(dataset.id, preset, base_model=_asked_model(dataset))
            for preset in presets_of(dataset.task)
        }
        preset = _preset(plans)
        base = plans[preset]
        changes = _changes(dataset, base)
        plan = workspace().plan(dataset.id, preset, base_model=_asked_model(dataset), overrides=changes)
    except UserError as error:
        header.button(_("Start training"), type="primary", disabled=True)
        show_error(error)
        _show_base_model(dataset, _asked_model(dataset) or "")
        return
    _show_presets(plans, preset)
    left, right = st.columns(2)
    with left:
        _show_base_model(dataset, plan.recipe.base_model)
    with right:
        name = st.text_input(
            _("Name of the run"), key=keys.TRAIN_NAME, placeholder=dataset.name, max_chars=120, on_change="ignore"
        )
    if dataset.answers is AnswerKind.CATEGORY:
        show_goal(dataset)
    show_pretraining(dataset, _described(plan.recipe.base_model), _model_key(dataset))
    _show_machine(plan, changed=bool(changes))
    _show_search_minutes(dataset, plan, base)
    trackers = _show_details(dataset, plan, base)
    if header.button(_("Start training"), type="primary", icon=":material/play_arrow:"):
        _start(dataset, plan, name, trackers)


def _show_dataset(dataset: Dataset) -> None:
    categories = labels_in_words(dataset)
    splits = _("{practice} to practise on, {checkup} for check-ups, {exam} kept unseen for the exam").format(
        practice=dataset.split_sizes.get("practice", 0),
        checkup=dataset.split_sizes.get("checkup", 0),
        exam=dataset.split_sizes.get("exam", 0),
    )
    st.caption(f"{categories} · {splits}")


def _show_blocked(dataset: Dataset, header: DeltaGenerator) -> None:
    header.button(_("Start training"), type="primary", disabled=True)
    findings = dataset.blocking_findings
    lines = [
        ngettext(
            "Training cannot start: one thing must be mended first.",
            "Training cannot start: {n} things must be mended first.",
            len(findings),
        ).format(n=len(findings))
    ]
    for finding in findings:
        advice = f" {plain(say(finding.advice))}" if finding.advice else ""
        lines.append(f"- **{plain(say(finding.message))}**{advice}")
    st.error("\n".join([lines[0], "", *lines[1:]]), icon=":material/error:")
    page_link("data", _("See the rows and mend them under Data"), icon=":material/table_view:", dataset=dataset.id)


def _preset(plans: dict[Preset, Plan]) -> Preset:
    """The preset in the URL, else the recommended one."""
    asked = st.query_params.get("preset")
    if asked in {p.value for p in plans}:
        return Preset(asked)
    return next((p for p, plan in plans.items() if plan.recommended), Preset.BALANCED)


def _show_presets(plans: dict[Preset, Plan], chosen: Preset) -> None:
    with st.grid(len(plans), min_column_width=240):
        for preset, plan in plans.items():
            with st.container(border=True, height="stretch", key=f"preset_{preset.value}"):
                badge = f" :blue-badge[:material/thumb_up: {_('Recommended')}]" if plan.recommended else ""
                st.subheader(preset_title(preset) + badge, anchor=False)
                with st.container(height="stretch"):
                    st.markdown(preset_text(preset))
                st.markdown(f":material/schedule: **{_minutes(plan)}**  \n:gray[:material/memory: {_memory(plan)}]")
                st.button(
                    _("Chosen") if preset is chosen else _("Choose {preset}").format(preset=preset_title(preset)),
                    key=f"choose_{preset.value}",
                    icon=":material/check:" if preset is chosen else None,
                    disabled=preset is chosen,
                    on_click=_choose,
                    args=(preset,),
                    width="stretch",
                )


def _choose(preset: Preset) -> None:
    st.query_params["preset"] = preset.value


def _minutes(plan: Plan) -> str:
    return format_seconds_range(plan.forecast.low_seconds, plan.forecast.high_seconds)


def _memory(plan: Plan) -> str:
    megabytes = plan.forecast.memory_bytes / 2**20
    size = f"{megabytes / 1024:.1f} GB" if megabytes >= 1000 else f"{round(megabytes, -1):.0f} MB"
    return _("about {size} of memory").format(size=size)


def _model_key(dataset: Dataset) -> str:
    return f"{keys.TRAIN_BASE_MODEL}_{dataset.id}"


def _asked_model(dataset: Dataset) -> str | None:
    """What was chosen or typed for this dataset; None leaves it to the recommendation."""
    return st.session_state.get(_model_key(dataset)) or None


def _show_base_model(dataset: Dataset, current: str) -> None:
    catalog = {model.name: model for model in _best_first(workspace().base_models(), dataset.profile.language)}
    options = [*catalog, *([current] if current and current not in catalog else [])]
    key = _model_key(dataset)
    if key not in st.session_state:
        st.session_state[key] = current
    chosen = st.selectbox(
        _("Base model"),
        options,
        key=key,
        format_func=lambda name: _model_title(catalog[name], dataset) if name in catalog else name,
        accept_new_options=True,
        placeholder=_("Choose, or type a Hugging Face id or a folder"),
        help=_(
            "The pretrained language model that training starts from; ★ suits the language of these examples. You can "
            "also type the id of a model on Hugging Face, or a folder on this machine; it must come as safetensors."
        ),
    )
    if chosen in catalog:
        st.caption(_about_model(catalog[chosen]))
        if catalog[chosen].pretrained:
            delete_button(catalog[chosen], key)
    elif chosen:
        st.caption(_("From Hugging Face or a folder; checked when training starts."))


def _described(name: str) -> BaseModel:
    return workspace().base_model(name)


def _best_first(models: list[BaseModel], language: str) -> list[BaseModel]:
    """Those that suit the language, then the others; in each part one's own, those on this machine, then the smallest."""
    return sorted(
        models,
        key=lambda m: (not m.suits(language), m.pretrained is None, not m.installed, m.n_parameters),
    )


def _about_model(model: BaseModel) -> str:
    licence = model.licence or _("see its page on Hugging Face")
    about = reading_words(model) or plain(_(model.good_for))
    parts = [about, _("Licence: {licence}.").format(licence=plain(licence))]
    if model.is_downloaded:
        size = format_bytes(model.n_bytes)
        parts.append(
            _("Not on this machine yet: the start downloads {size} from the Hugging Face hub.").format(size=size)
        )
    elif not model.installed:
        parts.append(_("Not on this machine yet; it is fetched at the start."))
    return " ".join(parts)


def _model_title(model: BaseModel, dataset: Dataset) -> str:
    star = "★ " if model.suits(dataset.profile.language) else ""
    size = _("{millions} million parameters").format(millions=round(model.n_parameters / 1e6))
    size_on_disk = format_bytes(model.n_bytes)
    if model.is_downloaded:
        size_on_disk = _("downloads {size}").format(size=size_on_disk)
    licence = [model.licence] if model.licence else []
    return star + " · ".join([model.title, _languages(model.languages), size, size_on_disk, *licence])


def _languages(names: tuple[str, ...]) -> str:
    words = {"en": _("English"), "zh": _("Chinese"), "multilingual": _("multilingual")}
    return ", ".join(words.get(name, name) for name in names)


def _show_machine(plan: Plan, *, changed: bool) -> None:
    device = workspace().device()
    name = plain(str(device.get("name", "")))
    if device["kind"] == "cpu":
        where = ngettext(
            "Runs on this machine's processor: {name}, {n} core.",
            "Runs on this machine's processor: {name}, {n} cores.",
            int(device["n_cores"]),
        ).format(name=name, n=device["n_cores"])
    else:
        where = _("Runs on this machine's graphics processor: {name}.").format(name=name)
    with st.container(border=True, gap="small"):
        forecast = _("{duration}, {memory}").format(duration=_minutes(plan), memory=_memory(plan))
        mine = " " + _("(with your changes)") if changed else ""
        st.markdown(f"**{forecast}**{mine}")
        reasons = () if changed else plan.reasons  # they speak of the recommendation
        lines = [where, *(plain(say(reason)) for reason in reasons)]
        st.caption("\n".join(f"- {line}" for line in lines))


def _scope(dataset: Dataset, plan: Plan) -> str:
    """What changes to a recipe belong to; another dataset, preset or base model starts from its own recommendation."""
    return f"{dataset.id}:{plan.recipe.preset.value}:{plan.recipe.base_model}"


def _changes(dataset: Dataset, base: Plan) -> dict[str, str | int | float]:
    return dict(st.session_state.get(keys.TRAIN_CHANGES, {}).get(_scope(dataset, base), {}))


def _keep_changes(scope: str, changes: dict[str, str | int | float]) -> None:
    st.session_state[keys.TRAIN_CHANGES] = st.session_state.get(keys.TRAIN_CHANGES, {}) | {scope: changes}
    st.session_state[keys.TRAIN_FORM_TURN] = st.session_state.get(keys.TRAIN_FORM_TURN, 0) + 1


def _show_search_minutes(dataset: Dataset, plan: Plan, base: Plan) -> None:
    """How long to look for better settings, where the recommendation looks for any."""
    if not base.recipe.search_minutes:
        return
    scope, turn = _scope(dataset, base), st.session_state.get(keys.TRAIN_FORM_TURN, 0)
    setting = type(plan.recipe).__dataclass_fields__["search_minutes"].metadata
    minutes = st.number_input(
        say(setting["label"]),
        min_value=int(setting["low"]),
        max_value=int(setting["high"]),
        value=plan.recipe.search_minutes,
        step=1,
        help=say(setting["help"]),
        key=f"{keys.TRAIN_SEARCH_MINUTES}_{scope}_{turn}",
        width=320,
    )
    if minutes != plan.recipe.search_minutes:
        changes = _changes(dataset, base) | {"search_minutes": int(minutes)}
        if minutes == base.recipe.search_minutes:
            del changes["search_minutes"]
        _keep_changes(scope, changes)
        st.rerun()


def _show_details(dataset: Dataset, plan: Plan, base: Plan) -> list[str]:
    """Every setting; comes back with the trackers that record the run too."""
    changes = _changes(dataset, base)
    scope = _scope(dataset, base)
    with st.expander(_("Details: every setting of this run"), icon=":material/tune:", key=keys.TRAIN_DETAILS):
        st.caption(
            _(
                "The recommendation is filled in. Change what you know about; the rest can stay. Technique “draft” "
                "learns the quick answer only."
            )
        )
        if changes:
            listed = ", ".join(f"{name} = {setting_text(value)}" for name, value in changes.items())
            st.markdown(_("Changed: {settings}").format(settings=plain(listed)))
            st.button(_("Back to the recommendation"), icon=":material/undo:", on_click=_keep_changes, args=(scope, {}))
        turn = st.session_state.get(keys.TRAIN_FORM_TURN, 0)
        applied = recipe_form(plan.recipe, base.recipe, key=f"recipe_{scope}_{turn}")
        if applied is not None:
            try:
                base.recipe.changed(applied)
            except UserError as error:
                show_error(error)
            else:
                _keep_changes(scope, dict(applied))
                st.rerun()
        return choose_trackers()


def _take_over_run(dataset: Dataset) -> None:
    """?run=12: start from the settings of that run ("Train again"); with &set=epochs=9 from those with some changed."""
    asked, changes = st.query_params.get("run", ""), st.query_params.get("set", "")
    if not asked.isdigit():
        return
    try:
        run = workspace().run(int(asked))
        recipe = run.recipe.changed(settings_of(changes))
    except NotFound:
        return
    except UserError as error:
        show_error(error)
        return
    if st.session_state.get(keys.TRAIN_TAKEN_OVER) != (run.id, changes):
        st.session_state[keys.TRAIN_TAKEN_OVER] = (run.id, changes)
        st.session_state[_model_key(dataset)] = recipe.base_model
        base = workspace().plan(dataset.id, recipe.preset, base_model=recipe.base_model)
        _keep_changes(_scope(dataset, base), overrides_between(base.recipe, recipe))
    if st.query_params.get("preset", recipe.preset.value) == recipe.preset.value:
        words = _("With the settings of the run “{name}”.")
    else:
        words = _("With the base model of the run “{name}”.")
    changed = ", ".join(
        f"{say(label_of(name))} = {say(value_of(name, getattr(recipe, name)))}" for name in settings_of(changes)
    )
    told = " " + _("Changed: {settings}").format(settings=plain(changed)) if changed else ""
    st.caption(":material/content_copy: " + words.format(name=plain(run.name)) + told)


def _start(dataset: Dataset, plan: Plan, name: str | None, trackers: list[str]) -> None:
    """Queue it and go to its live page; the same thing that is already under way is shown instead."""
    under_way = {job.id for job in workspace().jobs(JobKind.TRAIN) if job.status.is_active}
    try:
        job = workspace().start_training(dataset.id, plan.recipe, name=(name or "").strip() or None, trackers=trackers)
    except UserError as error:
        show_error(error)
        return
    if job.id in under_way:
        st.session_state[keys.RUNS_NOTICE] = keys.NOTICE_UNDER_WAY
    go("runs", job=job.id)


show()
