"""How a model answers texts that are written otherwise: a table of ways, the answers that changed, and what teaches it."""

import pandas
import streamlit as st

from core.domain.model import ModelVersion
from core.domain.study import StudyRecord
from core.evaluation.robustness import BY_NAME, WayResult
from core.i18n import gettext as _
from core.i18n import ngettext, say
from core.studies.robustness import MOST_LOST, RobustnessResult, overall_sentence
from core.techniques import EXTRAS
from pages.components.changed_texts import show_changed_texts
from pages.components.layout import go
from pages.components.session import workspace
from pages.components.url_state import text_of


def show_robustness(record: StudyRecord, model: ModelVersion) -> None:
    result: RobustnessResult = record.result
    st.text(say(overall_sentence(result)))
    st.caption(
        ngettext(
            "{n} exam example was changed in each way that fits it and asked again.",
            "{n} exam examples were changed in each way that fits them and asked again.",
            result.n_asked,
        ).format(n=f"{result.n_asked:,}")
    )
    _show_table(result, model)
    _show_examples(result, model)
    _show_lesson(result, model)


def _show_table(result: RobustnessResult, model: ModelVersion) -> None:
    table = pandas.DataFrame(
        {
            "way": say(BY_NAME[way.name].title),
            "n": way.n,
            "before": 100 * way.n_right_before / way.n,
            "after": 100 * way.n_right_after / way.n if BY_NAME[way.name].keeps_meaning else None,
            "flipped": 100 * way.n_flipped / way.n,
        }
        for way in result.ways
    )
    share = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        key=f"robustness_{model.id}",
        placeholder="–",
        alt=_("Right answers and changed answers for each way of writing"),
        column_config={
            "way": st.column_config.TextColumn(_("Written with"), width="medium"),
            "n": st.column_config.NumberColumn(_("Texts"), help=_("Texts that this way changes."), format="localized"),
            "before": share(_("Right before"), format="%.0f%%"),
            "after": share(
                _("Right after"), format="%.0f%%", help=_("Empty where the meaning, and so the right answer, changes.")
            ),
            "flipped": share(_("Answers that change"), format="%.0f%%"),
        },
    )


def _show_examples(result: RobustnessResult, model: ModelVersion) -> None:
    shown = [way for way in result.ways if way.examples]
    if not shown:
        return
    with st.expander(_("Examples"), icon=":material/compare_arrows:"):
        chosen = st.selectbox(
            _("Written with"),
            [way.name for way in shown],
            format_func=lambda name: say(BY_NAME[name].title),
            key=f"robustness_way_{model.id}",
        )
        way = next(way for way in shown if way.name == chosen)
        st.caption(say(BY_NAME[chosen].help) + " " + _what_is_shown(way))
        show_changed_texts(
            way.examples,
            last="label",
            values=[flip.label for flip in way.examples],
            column=st.column_config.TextColumn(_("True category")),
            key=f"robustness_flips_{model.id}",
        )


def _what_is_shown(way: WayResult) -> str:
    if BY_NAME[way.name].keeps_meaning:
        return _("Shown are answers that changed.")
    return _("Shown are answers that stayed as they were.")


def _show_lesson(result: RobustnessResult, model: ModelVersion) -> None:
    """The way that costs most and can be taught against, with the button that opens its training."""
    taught = [way for way in result.ways if BY_NAME[way.name].technique and way.points_lost >= MOST_LOST]
    if not taught:
        return
    way = max(taught, key=lambda way: way.points_lost)
    extra, run = BY_NAME[way.name].technique, workspace().run(model.run_id)
    if run.recipe.technique == "draft":
        st.caption(
            _("Balanced and Best can practise against this: choose the extra “{extra}” there, under Details.").format(
                extra=say(EXTRAS[extra].title)
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Train with “{extra}”").format(extra=say(EXTRAS[extra].title)),
            icon=":material/school:",
            key=f"robustness_train_{model.id}",
            help=_("Opens the Train page with the same data and settings and this way to practise."),
        ):
            changed = text_of({"extras": (*run.recipe.extras, extra)})
            go("train", dataset=run.dataset_id, preset=run.recipe.preset.value, run=run.id, set=changed)
        st.caption(say(EXTRAS[extra].help), width="stretch")
