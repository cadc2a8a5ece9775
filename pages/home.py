"""Home: go on with what is there, or open a sample at once."""

from collections.abc import Sequence

import streamlit as st

from core.domain.dataset import Dataset, Sample
from core.domain.job import JobStatus
from core.domain.model import ModelVersion
from core.domain.run import Run
from core.domain.task import AnswerKind, answer_kind
from core.errors import UserError
from core.evaluation.numbers import judge_number
from core.evaluation.several import judge_several
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.dataset_list import newest_of_families, size_of
from pages.components.dataset_view import language_name, name_of
from pages.components.layout import (
    format_bytes,
    format_percent,
    format_time,
    go,
    page_header,
    plain,
    show_error,
    show_status,
)
from pages.components.session import workspace
from pages.components.template import show_template

PROJECTS_SHOWN = 6


def show_projects(datasets: Sequence[Dataset], runs: Sequence[Run], models: Sequence[ModelVersion]) -> None:
    """A card per table: the version made last, the newest model and run of any version, and the ways on."""
    family_of = {dataset.id: dataset.family for dataset in datasets}
    tables = newest_of_families(datasets)
    with st.grid(3, min_column_width=280):
        for dataset in tables[:PROJECTS_SHOWN]:
            run = next((run for run in runs if family_of.get(run.dataset_id) == dataset.family), None)
            model = next((model for model in models if family_of.get(model.dataset_id) == dataset.family), None)
            _show_project(dataset, run, model)
    if len(tables) > PROJECTS_SHOWN:
        st.button(_("All data"), key="all_projects", type="tertiary", on_click=go, args=("data",))


def _show_project(dataset: Dataset, run: Run | None, model: ModelVersion | None) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        with st.container(gap=None):
            st.markdown(f"**{plain(name_of(dataset))}**")
            st.caption(size_of(dataset))
        if run:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                show_status(run.status)
                st.caption(format_time(run.finished_at or run.created_at))
        if model:
            st.markdown(_verdict(model))
        elif run and run.live_sentence and run.status is JobStatus.RUNNING:
            st.markdown(plain(say(run.live_sentence)))
        elif dataset.blocking_findings:
            st.markdown(_("The data must be mended before training."))
        elif run is None:
            st.markdown(_("Checked and ready to train."))
        st.space("stretch")
        with st.container(horizontal=True, gap="small"):
            _show_ways_on(dataset, run, model)


def _verdict(model: ModelVersion) -> str:
    if model.answers is AnswerKind.NUMBER:
        numbers = workspace().number_report(model.id)
        return f"**{plain(say(judge_number(numbers).headline))}**: {say(numbers.score.words)}"
    if model.answers is AnswerKind.CATEGORIES:
        sets = workspace().several_report(model.id)
        return f"**{plain(say(judge_several(sets).headline))}**: {say(sets.score.words)}"
    report = workspace().report(model.id)
    share = _("right on {share} of {n} unseen examples").format(
        share=format_percent(report.score.accuracy), n=report.score.n
    )
    return f"**{plain(say(workspace().verdict(model.id).headline))}**: {share}"


def _show_ways_on(dataset: Dataset, run: Run | None, model: ModelVersion | None) -> None:
    if run and run.status.is_active and st.button(_("Watch it learn"), key=f"watch_{run.id}"):
        go("runs", run=run.id)
    if model:
        if st.button(_("Report"), key=f"report_{model.id}"):
            go("report", model=model.id)
        if st.button(_("Try it"), key=f"try_{model.id}"):
            go("try", model=model.id)
    elif not (run and run.status.is_active):
        if dataset.blocking_findings:
            if st.button(_("See what to mend"), key=f"mend_{dataset.id}"):
                go("data", dataset=dataset.id)
        elif st.button(_("Train a model"), key=f"train_{dataset.id}"):
            go("train", dataset=dataset.id)
    if st.button(_("Data"), key=f"data_{dataset.id}", type="tertiary"):
        go("data", dataset=dataset.id)


def show_samples(samples: Sequence[Sample]) -> None:
    """A tile per business scene; one click opens it as a data set."""
    with st.grid(3, min_column_width=260):
        for sample in samples:
            with st.container(border=True, height="stretch", gap="small"):
                st.badge(plain(say(sample.scene)), color="blue")
                rows = ngettext("{n} example", "{n} examples", sample.n_rows).format(n=f"{sample.n_rows:,}")
                labels = kinds_of(sample)
                with st.container(gap=None):
                    st.markdown(f"**{plain(say(sample.title))}**")
                    st.caption(f"{rows} · {labels} · {language_name(sample.language)}")
                st.space("stretch")
                if st.button(_("Open this sample"), key=f"sample_{sample.name}"):
                    _open(sample)


def kinds_of(sample: Sample) -> str:
    """ "3 categories", or what else is learned of a text."""
    if answer_kind(sample.task) is AnswerKind.NUMBER:
        return _("a score each")
    if answer_kind(sample.task) is AnswerKind.CATEGORIES:
        return ngettext("{n} category, several at once", "{n} categories, several at once", sample.n_labels).format(
            n=sample.n_labels
        )
    return ngettext("{n} category", "{n} categories", sample.n_labels).format(n=sample.n_labels)


def _open(sample: Sample) -> None:
    try:
        with st.spinner(_("Checking every row…")):
            dataset = workspace().open_sample(sample.name)
    except UserError as error:
        show_error(error)
    else:
        go("data", dataset=dataset.id)


def show_steps() -> None:
    """What the next two minutes look like."""
    steps = [
        (
            ":material/table_view:",
            _("Bring a table"),
            _("Texts in one column, categories in another. Excel or CSV, in English or Chinese."),
        ),
        (
            ":material/fact_check:",
            _("See what it found"),
            _("Blanks, doubles and contradictions are named row by row, before anything is trained."),
        ),
        (
            ":material/school:",
            _("Train in the background"),
            _("A quick model answers in about a minute. Close the tab if you like; it goes on."),
        ),
        (
            ":material/playlist_add_check:",
            _("Use it"),
            _("Read how often it is right, try a sentence, or have a whole file sorted."),
        ),
    ]
    with st.grid(4, min_column_width=200):
        for icon, title, text in steps:
            with st.container(gap=None):
                st.markdown(f"{icon} **{title}**")
                st.caption(text)


def machine_sentence() -> str:
    """Which processor or graphics card training runs on, and that nothing leaves it."""
    device = workspace().device()
    name, memory = plain(str(device["name"])), format_bytes(int(device["memory_bytes"]))
    if device["kind"] == "cpu":
        cores = ngettext("{n} core", "{n} cores", device["n_cores"]).format(n=device["n_cores"])
        text = _("Training runs on the processor of this computer: {name}, {cores}, {memory} memory.").format(
            name=name, cores=cores, memory=memory
        )
    else:
        text = _("Training runs on the graphics card of this computer: {name}, {memory} memory.").format(
            name=name, memory=memory
        )
    promise = _("Your data never leaves it.")
    return f"{text} {promise}"


def main() -> None:
    datasets = workspace().datasets()
    slot = page_header(
        _("Home") if datasets else _("Welcome to Tunedesk"),
        _("Teach a language model to sort your texts, from a spreadsheet, on your own computer."),
    )
    if slot.button(_("Add your data"), type="primary", key="add_data", icon=":material/upload:"):
        go("data")
    if datasets:
        show_projects(datasets, workspace().runs(), workspace().models())
        st.header(_("Samples to look at"), anchor=False)
    else:
        show_steps()
        st.header(_("Start with a sample"), anchor=False)
    show_samples(workspace().samples())
    show_template()
    st.caption(f":material/memory: {machine_sentence()}")


main()
