"""How much goes out by itself: a slider in messages and mistakes, what it promises, and the button that makes it so."""

import pandas
import streamlit as st

from core.domain.goal import Use
from core.domain.message import Message
from core.domain.model import ModelVersion
from core.domain.policy import NEVER, Handle, Policy
from core.domain.use_words import USE_WORDS
from core.errors import UserError
from core.evaluation.promises import money_of, savings_of, sentence_of, shortfall
from core.evaluation.rule_words import in_use_words, rule_words
from core.i18n import gettext as _
from core.i18n import say
from core.workspace.judging import Outlook
from pages.components import keys
from pages.components.layout import plain, show_error
from pages.components.promise_curve import promise_curve
from pages.components.session import workspace

MISTAKES = (0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)  # per 100


def show_automation(model: ModelVersion) -> None:
    """The section of the report. Moving the slider draws only this part anew."""
    outlook = workspace().outlook(model.id)
    st.subheader(_headings()[outlook.goal.use], anchor=False)
    if outlook.curve is None:
        st.text(say(in_use_words(model, outlook.goal.use)))
        st.text(say(sentence_of(outlook.promise, outlook.goal)))
        if outlook.fixed_because:
            st.caption(plain(say(outlook.fixed_because)))
        return
    if said := st.session_state.pop(f"{keys.POLICY_SAVED}_{model.id}", None):
        st.toast(said, icon=":material/check_circle:")
    st.fragment(_slider)(model, outlook)


def let_the_slider_go() -> None:
    """Sliders that were moved start again from what is in use or recommended."""
    for key in list(st.session_state):
        if str(key).startswith((keys.POLICY_HANDLE, keys.POLICY_VALUE, keys.POLICY_OWN)):
            del st.session_state[key]


def show_what_decides(outlook: Outlook) -> None:
    """Under numbers that speak of a policy: what is in use, where that is another one."""
    if outlook.is_in_use:
        return
    rule = rule_words(outlook.model.rule, outlook.model.labels, outlook.goal.use)
    words = _(
        "These numbers are of what is recommended for your goal. It is not in use yet; until you save it, {rule}."
    )
    st.text(words.format(rule=say(rule)))


def _show_in_use(outlook: Outlook) -> None:
    """The rule that decides at present, and what it does: first, and plainly, whatever stands on the slider."""
    words = plain(say(in_use_words(outlook.model, outlook.goal.use)))
    if outlook.is_in_use:
        st.success(f"**{words}** {_('It is what you see here.')}", icon=":material/check_circle:")
        return
    now = plain(say(sentence_of(outlook.promise_now, outlook.goal)))
    what_next = _("What stands below is not in use until you save it.")
    st.info(f"**{words}** {now} {what_next}", icon=":material/info:")


def _headings() -> dict[Use, str]:
    return {
        Use.FILL: _("How much goes automatic"),
        Use.SUGGEST: _("How much gets a suggestion"),
        Use.WATCH: _("How much is counted for sure"),
    }


def _slider(model: ModelVersion, first: Outlook) -> None:
    with st.container(border=True, gap="small"):
        in_use = st.empty()  # known when the slider is read
        chosen = _handle(model, first)
        value = _value(model, first, chosen)
        overrides = _kept_own(model, first.policy)
        try:
            outlook = _outlook(model, first, chosen, value, overrides)
        except UserError as error:
            show_error(error)
            return
        with in_use:
            _show_in_use(outlook)
        st.markdown(f"**{plain(say(sentence_of(outlook.promise, outlook.goal)))}**")
        if (saved := savings_of(outlook.promise, outlook.goal)) is not None:
            st.text(say(money_of(saved)))
        if (lacking := _lacking(outlook, chosen)) is not None:
            st.caption(f":material/warning: {plain(say(lacking))}")
        assert outlook.curve is not None, "a handle was asked for"
        promise_curve(outlook.curve, outlook.promise, outlook.goal, key=f"promise_curve_{model.id}")
        st.caption(
            _(
                "The line is what the exam shows, the band what is promised at most: exceeded in 1 of 20 cases, if messages stay "
                "like those of the exam. The threshold was chosen on the check-up examples."
            )
        )
        _own_thresholds(model, outlook)
        _buttons(model, outlook)


def _outlook(model: ModelVersion, first: Outlook, handle: Handle, value: float, overrides: dict[str, float]) -> Outlook:
    """`first` itself where nothing was moved: a whole percent may stand for a looser threshold than its own."""
    policy = first.policy
    if (policy.handle, policy.value, dict(policy.overrides)) == (handle, value, overrides):
        return first
    return workspace().outlook(model.id, handle=handle, value=value, overrides=overrides)


def _lacking(outlook: Outlook, handle: Handle) -> Message | None:
    """Why the limit is not promised, where something is to go out by itself."""
    if outlook.goal.use is not Use.FILL or (handle is Handle.SHARE and not outlook.promise.n_auto):
        return None
    return shortfall(outlook.promise, outlook.goal.limit)


def _handle(model: ModelVersion, first: Outlook) -> Handle:
    share = say(USE_WORDS[first.goal.use].share_handle)
    words = {Handle.MISTAKES: _("Most mistakes allowed"), Handle.SHARE: share}
    chosen: Handle | None = st.segmented_control(
        _("What to hold on to"),
        list(Handle),
        format_func=words.__getitem__,
        default=first.policy.handle or Handle.MISTAKES,
        required=True,
        key=f"{keys.POLICY_HANDLE}_{model.id}",
        label_visibility="collapsed",
    )
    return chosen or Handle.MISTAKES


def _value(model: ModelVersion, first: Outlook, handle: Handle) -> float:
    """Where the slider of this handle stands; before it is moved, where the policy is."""
    key = f"{keys.POLICY_VALUE}_{handle.value}_{model.id}"
    words = USE_WORDS[first.goal.use]
    is_own = first.policy.handle is handle and first.policy.value is not None
    if handle is Handle.MISTAKES:
        start = float(first.policy.value or 0) if is_own else first.goal.limit
        steps = sorted({*MISTAKES, start, float(st.session_state.get(key, start))})
        return st.select_slider(
            say(words.mistakes_title),
            steps,
            value=start,
            format_func="{:g}".format,
            key=key,
        )
    share = float(first.policy.value or 0) if is_own else 100 * first.promise.share
    return float(st.slider(say(words.share_title), 0, 100, value=round(share), key=key))


def _kept_own(model: ModelVersion, policy: Policy) -> dict[str, float]:
    """Thresholds of single categories: what stands in the table of this tab, else what is in use."""
    kept = st.session_state.get(f"{keys.POLICY_OWN}_{model.id}")
    return dict(policy.overrides) if kept is None else dict(kept)


def _own_thresholds(model: ModelVersion, outlook: Outlook) -> None:
    own, words = dict(outlook.policy.overrides), USE_WORDS[outlook.goal.use]
    title = _("Categories with a rule of their own: {n}").format(n=len(own))
    with st.expander(title, icon=":material/rule:", key=f"{keys.POLICY_OWN}_open_{model.id}"):
        st.caption(_("Tick a category or give it a limit of its own. The others follow the slider."))
        table = pandas.DataFrame(
            {
                "label": list(model.labels),
                "never": [own.get(label, 0.0) >= NEVER for label in model.labels],
                "from": [100 * own[label] if label in own and own[label] < NEVER else None for label in model.labels],
            }
        ).astype({"from": float})
        edited = st.data_editor(
            table,
            hide_index=True,
            height="content" if len(table) <= 8 else 320,
            placeholder="–",
            disabled=["label"],
            key=f"{keys.POLICY_OWN}_table_{model.id}",
            column_config={
                "label": st.column_config.TextColumn(_("Category")),
                "never": st.column_config.CheckboxColumn(say(words.never_title)),
                "from": st.column_config.NumberColumn(
                    say(words.from_title), min_value=0.0, max_value=100.0, step=1.0, format="%.0f"
                ),
            },
        )
        if st.button(_("Apply"), key=f"{keys.POLICY_OWN}_apply_{model.id}"):
            st.session_state[f"{keys.POLICY_OWN}_{model.id}"] = own_of(edited)
            st.rerun(scope="fragment")


def own_of(table: pandas.DataFrame) -> dict[str, float]:
    """The thresholds that a table of rules stands for."""
    found = {}
    for row in table.itertuples():
        if row.never:
            found[str(row.label)] = NEVER
        elif pandas.notna(row[3]):
            found[str(row.label)] = float(row[3]) / 100
    return found


def _buttons(model: ModelVersion, outlook: Outlook) -> None:
    now = workspace().model(model.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Save and use it"),
            icon=":material/check:",
            disabled=outlook.is_saved,
            key=f"policy_save_{model.id}",
            help=_("Try it, scored files and the terminal obey it from then on."),
        ):
            workspace().save_policy(model.id, outlook.policy)
            _drawn_anew(model, _("Saved. Every answer obeys it from now on."))
        if now.has_own_rule and st.button(
            _("Back to training's threshold"), type="tertiary", key=f"policy_reset_{model.id}"
        ):
            workspace().save_policy(model.id, None)
            let_the_slider_go()
            _drawn_anew(model, _("Training's threshold decides again."))


def _drawn_anew(model: ModelVersion, said: str) -> None:
    """The whole page: its verdict speaks of what is in use."""
    st.session_state[f"{keys.POLICY_SAVED}_{model.id}"] = said
    st.rerun()
