"""Report: is the model good enough, where is it weak, and what did it get wrong?"""

import dataclasses

import pandas
import streamlit as st

from core.domain.dataset import Dataset
from core.domain.job import Stage
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.run import STARTING, Run
from core.domain.task import ORDERED, AnswerKind
from core.errors import UserError
from core.evaluation.ordered import steps_off
from core.i18n import gettext as _
from core.i18n import say
from pages.components import number_report, several_report
from pages.components.automation import show_automation, show_what_decides
from pages.components.confusion import show_mix_ups
from pages.components.exam_table import show_wrong_examples
from pages.components.familiarity import show_familiarity
from pages.components.goal_form import show_goal
from pages.components.going_wrong import show_going_wrong
from pages.components.layout import format_bytes, go, page_header, page_link, plain, show_error, tells_errors
from pages.components.model_comparison import compare_picker
from pages.components.number_report import show_number_report
from pages.components.pair_texts import halves_of_model
from pages.components.pickers import pick_model
from pages.components.reliability import show_reliability
from pages.components.report_cards import (
    kept_sentence,
    result_sentence,
    show_categories,
    show_result_cards,
    show_verdict,
)
from pages.components.rivals import show_rivals
from pages.components.session import workspace
from pages.components.several_report import show_several_report
from pages.components.stages import stage_title
from pages.components.telling_words import show_telling_words, words_of_model


def show(model: ModelVersion) -> None:
    if model.answers is not AnswerKind.CATEGORY:
        show_number_report(model) if model.answers is AnswerKind.NUMBER else show_several_report(model)
        show_details(model)
        return
    report = workspace().report(model.id)
    run = workspace().run(model.run_id)
    dataset = workspace().dataset(model.dataset_id)
    counts = dict(dataset.label_counts)
    show_verdict(workspace().verdict(model.id), result_sentence(report), workspace().goal(dataset.id).use)
    show_goal(dataset)
    outlook = workspace().outlook(model.id)
    show_result_cards(report, outlook.promise, outlook.goal.use)
    show_what_decides(outlook)
    st.text(kept_sentence(model, run, report))
    if model.task == ORDERED and (steps := steps_off(report)) is not None:
        st.text(say(steps.words))
    show_automation(model)
    show_rivals(workspace().rivals(model.id), report)
    show_categories(report, counts)
    halves = halves_of_model(model)
    show_mix_ups(report, model.id, halves)
    wrong = workspace().exam_rows(model.id, wrong_only=True)
    show_wrong_examples(wrong.sort_values("probability", ascending=False, ignore_index=True), model.id, halves)
    show_going_wrong(model)
    if not halves:  # how two texts relate is not told by the words that stand in either
        words = words_of_model(str(workspace().settings.home), model.id)
        show_telling_words(words, key=f"words_{model.id}")
    show_familiarity(model, workspace().familiarity(model.id))
    show_details(model)


@st.fragment
@tells_errors
def show_details(model: ModelVersion) -> None:
    """Drawn when they are opened."""
    details = st.expander(_("Details"), icon=":material/tune:", key=f"report_details_{model.id}", on_change="rerun")
    if not details.open:
        return
    with details:
        _show_facts(model, workspace().run(model.run_id), workspace().dataset(model.dataset_id), facts_of(model))
        if model.answers is AnswerKind.CATEGORY:
            show_reliability(workspace().calibration(model.id), key=f"reliability_{model.id}")


def facts_of(model: ModelVersion) -> dict[str, str]:
    """What its own kind of report adds to the facts that every model has."""
    if model.answers is AnswerKind.NUMBER:
        return number_report.facts(workspace().number_report(model.id))
    if model.answers is AnswerKind.CATEGORIES:
        return several_report.facts(workspace().several_report(model.id))
    return facts_of_categories(model, workspace().report(model.id))


def facts_of_categories(model: ModelVersion, report: EvaluationReport) -> dict[str, str]:
    return {
        _("Categories"): str(len(model.labels)),
        _("Macro-F1 on the exam"): f"{report.score.macro_f1:.4f}",
        _("Calibration error (ECE)"): f"{report.ece:.4f}",
        _("Threshold for “sure”"): f"{report.threshold:.4f}",
        _("Seconds for the exam"): f"{report.seconds:.2f}",
    }


def _show_facts(model: ModelVersion, run: Run, dataset: Dataset, result: dict[str, str]) -> None:
    """`result` are further facts by their names, shown with those that every model has."""
    with st.container(horizontal=True):
        page_link(
            "data",
            _("Dataset: {name}").format(name=plain(dataset.name)),
            icon=":material/table_view:",
            dataset=dataset.id,
        )
        page_link(
            "runs", _("Training run: {name}").format(name=plain(run.name)), icon=":material/timeline:", run=run.id
        )
    sizes = dataset.split_sizes
    known = {
        _("Base model"): model.base_model,
        _("Practice / check-up / exam examples"): " / ".join(
            str(sizes.get(split, 0)) for split in ("practice", "checkup", "exam")
        ),
        _("Size on disk"): format_bytes(model.n_bytes),
    } | result
    known |= {
        _("Seconds: {stage}").format(stage=_stage_name(stage)): f"{seconds:.1f}"
        for stage, seconds in run.seconds.items()
    }
    _show_pairs(known, _("Facts about this model"))
    st.markdown("**" + _("Recipe") + "**")
    recipe = {say(f.metadata["label"]): str(getattr(run.recipe, f.name)) for f in dataclasses.fields(run.recipe)}
    _show_pairs(recipe, _("Every setting of the training"))
    st.markdown("**" + _("Environment") + "**")
    _show_pairs({key: str(value) for key, value in run.environment.items()}, _("Where it was trained"))


def _stage_name(stage: str) -> str:
    if stage == STARTING:
        return _("Starting")
    return stage_title(Stage(stage)) if stage in set(Stage) else stage


def _show_pairs(pairs: dict[str, str], alt: str) -> None:
    """Names and values as a table that formats nothing: values may come from the person's own data."""
    table = pandas.DataFrame({"name": list(pairs), "value": list(pairs.values())})
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        alt=alt,
        column_config={
            "name": st.column_config.TextColumn(_("Name"), width="medium"),
            "value": st.column_config.TextColumn(_("Value"), width="large"),
        },
    )


actions = page_header(_("Report"), _("How good the model is on examples it has never seen."))
if (model := pick_model("report_model")) is not None:
    with actions:
        compare_picker(model)
        if st.button(_("Score a file"), key="report_score"):
            go("score", model=model.id)
        if st.button(_("Try it"), type="primary", key="report_try"):
            go("try", model=model.id)
    try:
        show(model)
    except UserError as error:
        show_error(error)
