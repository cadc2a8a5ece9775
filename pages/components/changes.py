"""Changing a data set: a button asks, the page makes the new version where the button stood, and says what was done.

Every change makes a new version and moves ?dataset= to it, so it can be undone and nothing asks "Are you sure?".
"""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.datasets.limited_child import Progress
from core.datasets.operations import title_of
from core.domain.dataset import Dataset
from core.domain.message import Message
from core.domain.repair import Effect, Operation
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components import keys
from pages.components.layout import plain, show_error
from pages.components.session import workspace
from pages.components.working import Make, work_in_words

TOLD = 5  #: repairs named one by one in a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person asked for and is not made yet."""

    dataset_id: str  #: the version it starts from
    place: str  #: where on the page it was asked for, and its progress stands
    key: str  #: the same change has the same key
    make: Make
    remark: Message | None = None  #: what it leaves undone


@dataclass(slots=True, kw_only=True)
class Done:
    """What the last change of this tab did; shown until the next one."""

    before: Dataset
    after: Dataset
    remark: Message | None = None
    is_new: bool = True  #: not yet told as a toast


def ask_for(change: Change) -> None:
    """For callbacks: make `change` in the run that follows. While one is under way, others are not taken."""
    st.session_state.setdefault(keys.CHANGE, change)


def repair(dataset: Dataset, operations: tuple[Operation, ...], place: str) -> None:
    """For callbacks: `operations` after those that `dataset` has."""

    def make(progress: Progress) -> Dataset:
        return verbs.repair(dataset.id, *operations, progress=progress)

    verbs = workspace()
    ask_for(Change(dataset_id=dataset.id, place=place, key=f"repair {dataset.id} {operations}", make=make))


def undo(dataset: Dataset, positions: tuple[int, ...], place: str) -> None:
    """For callbacks: the version without the repairs at `positions` (1 is the first)."""

    def make(progress: Progress) -> Dataset:
        return verbs.undo(dataset.id, *positions, progress=progress)

    verbs = workspace()
    ask_for(Change(dataset_id=dataset.id, place=place, key=f"undo {dataset.id} {positions}", make=make))


def show_change(dataset: Dataset, place: str) -> None:
    """Where the change that was asked for at `place` is made, while the person looks at it. Moves on to what it made."""
    change = st.session_state.get(keys.CHANGE)
    if not isinstance(change, Change) or (change.dataset_id, change.place) != (dataset.id, place):
        return
    try:
        after = work_in_words(change.key, change.make)
    except UserError as error:
        del st.session_state[keys.CHANGE]
        show_error(error)
        return
    del st.session_state[keys.CHANGE]
    st.session_state[keys.DONE] = Done(before=dataset, after=after, remark=change.remark)
    st.query_params["dataset"] = after.id
    st.rerun()


def forget_stray_change(dataset: Dataset) -> None:
    """Drop what was asked for on another version and left before it was made."""
    change = st.session_state.get(keys.CHANGE)
    if isinstance(change, Change) and change.dataset_id != dataset.id:
        del st.session_state[keys.CHANGE]


def show_done(dataset: Dataset) -> None:
    """What the last change did, with Undo; nothing on any other version."""
    done = st.session_state.get(keys.DONE)
    if not isinstance(done, Done) or done.after.id != dataset.id:
        return
    sentences = told(done.before, done.after)
    if done.remark:
        sentences.append(plain(say(done.remark)))
    n_added = len(done.after.operations) - len(done.before.operations)
    if done.is_new:
        several = ngettext("Done: {n} repair.", "Done: {n} repairs.", n_added).format(n=n_added)
        st.toast(sentences[0] if n_added < 2 else several, icon=":material/check:")
        done.is_new = False
    with st.container(border=True, key="done", horizontal=True, vertical_alignment="center"):
        st.markdown(":material/check_circle: " + "  \n".join(sentences), width="stretch")
        if n_added > 0:
            positions = tuple(range(len(done.before.operations) + 1, len(done.after.operations) + 1))
            st.button(
                _("Undo"), key="undo_last", icon=":material/undo:", on_click=undo, args=(dataset, positions, "done")
            )
        st.button(_("Close"), key="close_done", type="tertiary", on_click=partial(st.session_state.pop, keys.DONE))
    show_change(dataset, "done")


def told(before: Dataset, after: Dataset) -> list[str]:
    """What lies between two versions of which one has the repairs of the other and more, in sentences of Markdown."""
    if after.operations[: len(before.operations)] == before.operations:
        added = range(len(before.operations), len(after.operations))
        if len(added) > TOLD:
            rows = effect_in_words(_sum([after.effects[index] for index in added]))
            return [ngettext("Done: {n} repair.", "Done: {n} repairs.", len(added)).format(n=len(added)) + " " + rows]
        return [
            _("Done: {repair}.").format(repair=plain(say(title_of(after.operations[index]))))
            + " "
            + effect_in_words(after.effects[index])
            for index in added
        ] + _copies_in_words(before, after)
    gone = _missing(before.operations, after.operations)
    if len(gone) == 1:
        return [_("Undone: {repair}.").format(repair=plain(say(title_of(gone[0]))))]
    return [ngettext("Undone: {n} repair.", "Undone: {n} repairs.", len(gone)).format(n=len(gone))]


def effect_in_words(effect: Effect) -> str:
    """How many rows it touched, as one sentence or several."""
    sentences = []
    if n := effect.n_changed:
        sentences.append(ngettext("{n} row changed.", "{n} rows changed.", n).format(n=f"{n:,}"))
    if n := effect.n_removed:
        sentences.append(ngettext("{n} row taken out.", "{n} rows taken out.", n).format(n=f"{n:,}"))
    if n := effect.n_added:
        sentences.append(ngettext("{n} row added.", "{n} rows added.", n).format(n=f"{n:,}"))
    return " ".join(sentences) or _("It found nothing to change.")


def _copies_in_words(before: Dataset, after: Dataset) -> list[str]:
    """Where rows came in: how many of them were there already."""
    n = _n_copies(after) - _n_copies(before)
    if n <= 0 or not any(effect.n_added for effect in after.effects[len(before.effects) :]):
        return []
    return [
        ngettext(
            "{n} of them is a copy of a row that was there and does not count twice.",
            "{n} of them are copies of rows that were there and do not count twice.",
            n,
        ).format(n=f"{n:,}")
    ]


def _n_copies(dataset: Dataset) -> int:
    return sum(f.count for f in dataset.findings if f.code == "duplicate" and f.file == "practice")


def _missing(before: tuple[Operation, ...], after: tuple[Operation, ...]) -> list[Operation]:
    """What is in `before` and not in `after`, which is in the same order."""
    kept = iter((*after, None))
    expected = next(kept)
    gone = []
    for one in before:
        if one == expected:
            expected = next(kept)
        else:
            gone.append(one)
    return gone


def _sum(effects: list[Effect]) -> Effect:
    return Effect(
        n_changed=sum(one.n_changed for one in effects),
        n_removed=sum(one.n_removed for one in effects),
        n_added=sum(one.n_added for one in effects),
    )
