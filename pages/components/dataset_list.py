"""The data sets that are here: open one, or delete it with its consequence stated."""

from collections.abc import Sequence

import streamlit as st

from core.domain.dataset import Dataset
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components import keys
from pages.components.dataset_view import labels_in_words, language_name, name_of, repairs_of
from pages.components.layout import format_time, go, plain, show_error
from pages.components.session import workspace

FIRST_SHOWN = 9


def newest_of_families(datasets: Sequence[Dataset], keep: str = "") -> list[Dataset]:
    """One version of each table, the one made last, in the order of `datasets` (newest first).

    The version whose id is `keep` stands for its table where it is among them.
    """
    families: dict[str, Dataset] = {}
    for dataset in datasets:
        families.setdefault(dataset.family, dataset)
        if dataset.id == keep:
            families[dataset.family] = dataset
    return list(families.values())


def show_datasets(datasets: Sequence[Dataset]) -> None:
    """A card for each table, newest first; nothing at all while there are none."""
    datasets = newest_of_families(datasets)
    if not datasets:
        return
    st.header(_("Your data"), anchor=False)
    with st.grid(3, min_column_width=260):
        for dataset in datasets[:FIRST_SHOWN]:
            _show_card(dataset)
    rest = datasets[FIRST_SHOWN:]
    if rest:
        with (
            st.expander(ngettext("{n} older one", "{n} older ones", len(rest)).format(n=len(rest))),
            st.grid(3, min_column_width=260),
        ):
            for dataset in rest:
                _show_card(dataset)


def size_of(dataset: Dataset) -> str:
    examples = ngettext("{n} example", "{n} examples", dataset.n_used).format(n=f"{dataset.n_used:,}")
    parts = [examples, labels_in_words(dataset), language_name(dataset.profile.language), repairs_of(dataset)]
    return " · ".join(part for part in parts if part)


def _show_card(dataset: Dataset) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        with st.container(gap=None):
            st.markdown(f"**{plain(name_of(dataset))}**")
            st.caption(f"{size_of(dataset)}  \n{format_time(dataset.created_at)}")
        if dataset.blocking_findings:
            st.badge(_("Must be mended"), color="red", icon=":material/block:")
        st.space("stretch")
        with st.container(horizontal=True):
            if st.button(_("Open"), key=f"open_{dataset.id}"):
                go("data", dataset=dataset.id)
            if st.button(_("Delete"), key=f"delete_{dataset.id}", type="tertiary"):
                delete_dialog(dataset)


def delete_dialog(dataset: Dataset) -> None:
    """Ask once more, with what goes and what stands in the way."""
    st.dialog(_("Delete this data set?"))(_confirm_delete)(dataset)


def _confirm_delete(dataset: Dataset) -> None:
    versions = workspace().versions(dataset.id)
    st.text(name_of(dataset))
    everything = True
    if len(versions) > 1:
        everything = (
            st.radio(
                _("What to delete"),
                ["all", "one"],
                format_func={
                    "all": _("The table with all its {n} versions").format(n=len(versions)),
                    "one": _("Only this version; the others stay"),
                }.__getitem__,
                key=f"{keys.DELETE_WHAT}_{dataset.id}",
                label_visibility="collapsed",
            )
            == "all"
        )
    doomed = versions if everything else [dataset]
    ids = {version.id for version in doomed}
    n_runs = sum(run.dataset_id in ids for run in workspace().runs())
    if n_runs:
        st.warning(
            ngettext(
                "{n} training run rests on it. Delete that run first, in Runs.",
                "{n} training runs rest on it. Delete those runs first, in Runs.",
                n_runs,
            ).format(n=n_runs),
            icon=":material/link:",
        )
    elif everything:
        st.markdown(
            _("The table, its checks and its split are deleted. Your own file is not touched. This cannot be undone.")
        )
    else:
        st.markdown(_("This version is deleted. Making its repairs again brings it back."))
    if st.button(_("Delete"), key="confirm_delete", type="primary", disabled=bool(n_runs), icon=":material/delete:"):
        try:
            workspace().delete_dataset(dataset.id, all_versions=everything)
        except UserError as error:
            show_error(error)
        else:
            go("data")
