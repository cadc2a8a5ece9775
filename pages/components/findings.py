"""What the checks found: a sentence, advice, the rows, and the ways to mend it. All but the blocking ones are advice.

Which findings a person called fine is in the URL (?fine=code,code:exam), so a refresh keeps it.
"""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.datasets.findings import CHECKS
from core.datasets.findings.categories import SeveralLabels
from core.domain.dataset import Dataset, Finding, Severity, TableFormat
from core.domain.repair import Fix
from core.domain.task import SEVERAL, AnswerKind
from core.i18n import gettext as _
from core.i18n import ngettext, say
from pages.components.changes import repair, show_change
from pages.components.dataset_view import show_rows
from pages.components.layout import plain
from pages.components.notices import show_notice
from pages.components.pair_texts import halves_of
from pages.components.reading import ask_for_format
from pages.components.session import workspace

FINE = "fine"
BUTTONS = 3  #: fixes shown at once; more wait behind one button


def show_findings(dataset: Dataset) -> None:
    """Blocking ones first. Rows are loaded only when a finding is opened."""
    fine = fine_keys()
    open_findings = [f for f in sorted_findings(dataset) if key_of(f) not in fine and not is_of_reader(f)]
    if not dataset.findings:
        st.success(_("Nothing to mend. Every row can be used."), icon=":material/check_circle:")
    for severity in Severity:
        group = [finding for finding in open_findings if finding.severity is severity]
        if group:
            _show_heading(severity, len(group))
            for finding in group:
                _show_finding(dataset, finding, key=widget_key(dataset, finding))
    _show_fine(dataset, fine)
    _show_reading(dataset)


def is_of_reader(finding: Finding) -> bool:
    """Whether it tells how the file was read, which the person has seen and confirmed, and not what a check found."""
    return finding.code not in CHECKS.names() and finding.severity is not Severity.BLOCKING


def sorted_findings(dataset: Dataset) -> list[Finding]:
    """Blocking ones first, otherwise as the checks ran."""
    order = list(Severity)
    return sorted(dataset.findings, key=lambda finding: order.index(finding.severity))


def open_warnings(dataset: Dataset) -> list[Finding]:
    """What is worth a look and was not called fine."""
    fine = fine_keys()
    return [
        f for f in dataset.findings if f.severity is Severity.WARNING and key_of(f) not in fine and not is_of_reader(f)
    ]


def key_of(finding: Finding) -> str:
    return finding.code if finding.file == "practice" else f"{finding.code}:{finding.file}"


def widget_key(dataset: Dataset, finding: Finding) -> str:
    """Its own for every finding: a check may find several things."""
    alike = [one for one in dataset.findings if key_of(one) == key_of(finding)]
    number = alike.index(finding)
    return f"{dataset.id}_{key_of(finding)}" + (f"_{number}" if number else "")


def fine_keys() -> list[str]:
    return [key for key in st.query_params.get(FINE, "").split(",") if key]


def severity_badge(severity: Severity) -> tuple[str, str, str]:
    return {
        Severity.BLOCKING: (_("Must be mended"), "red", ":material/block:"),
        Severity.WARNING: (_("Worth a look"), "orange", ":material/warning:"),
        Severity.NOTE: (_("For your information"), "gray", ":material/info:"),
    }[severity]


def _show_heading(severity: Severity, n: int) -> None:
    label, color, icon = severity_badge(severity)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(label, color=color, icon=icon)  # type: ignore[arg-type]
        st.caption(f"{n:,}", width="content")


def _show_finding(dataset: Dataset, finding: Finding, key: str) -> None:
    with st.container(border=True, gap="small", key=f"card_{key}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{plain(say(finding.message))}**")
                if finding.advice:
                    st.caption(plain(say(finding.advice)))
                if dataset.exam_upload:
                    st.caption(_("Exam file") if finding.file == "exam" else _("Practice file"))
            if finding.severity is Severity.WARNING:
                st.button(
                    _("Looks fine to me"),
                    key=f"fine_{key}",
                    type="tertiary",
                    icon=":material/thumb_up:",
                    on_click=_call_fine,
                    args=(key_of(finding),),
                )
        if finding.fixes:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"ways_{key}"):
                _show_fixes(dataset, finding, key)
        show_change(dataset, key)
        _show_rows_of(dataset, finding, key)


def _show_fixes(dataset: Dataset, finding: Finding, key: str) -> None:
    """The usual fix first. Several merges (one for each group of names) can also be made at once."""
    fixes = finding.fixes
    merges = len(fixes) > 1 and {fix.operation.name for fix in fixes} == {"merge_labels"}
    if merges:
        st.button(
            ngettext("Merge {n} group", "Merge all {n} groups", len(fixes)).format(n=len(fixes)),
            key=f"fix_{key}_all",
            icon=":material/merge:",
            on_click=repair,
            args=(dataset, tuple(fix.operation for fix in fixes), key),
        )
    if finding.code == SeveralLabels.name:
        st.button(
            _("Learn several categories at once"),
            key=f"learn_several_{key}",
            type="primary",
            on_click=_bring_again,
            args=(dataset, SEVERAL),
        )
    shown = 0 if merges else 1 if len(fixes) > BUTTONS else len(fixes)
    for fix in fixes[:shown]:
        _fix_button(dataset, fix, key)
    if fixes[shown:]:
        title = _("One by one") if merges else _("More ways")
        with st.popover(title, key=f"more_{key}"):
            for fix in fixes[shown:]:
                _fix_button(dataset, fix, key)


def _fix_button(dataset: Dataset, fix: Fix, key: str) -> None:
    st.button(
        plain(say(fix.title)),
        key=f"fix_{key}_{fix.key}",
        wrap=True,
        on_click=repair,
        args=(dataset, (fix.operation,), key),
    )


def _show_reading(dataset: Dataset) -> None:
    """What the reader guessed; another guess leads back to the upload."""
    told = [finding for finding in sorted_findings(dataset) if is_of_reader(finding)]
    if not told:
        return
    title = ngettext("{n} thing about how the file was read", "{n} things about how the file was read", len(told))
    with st.expander(title.format(n=len(told)), icon=":material/tune:", key="reading_findings"):
        for finding in told:
            prefix = "exam_" if finding.file == "exam" else ""
            show_notice(finding, widget_key(dataset, finding), partial(_read_again, dataset, prefix))


def _bring_again(dataset: Dataset, task: str) -> None:
    """Back to the upload as it was read, for another task."""
    _read_again(dataset, "", dataset.format)
    st.query_params["task"] = task


def _read_again(dataset: Dataset, prefix: str, format: TableFormat) -> None:
    kept = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
    exam = {"exam": dataset.exam_upload.sha256} if dataset.exam_upload else {}
    st.query_params.from_dict({**kept, "upload": dataset.upload.sha256, **exam})
    ask_for_format(dataset.format)
    if dataset.exam_format:
        ask_for_format(dataset.exam_format, "exam_")
    ask_for_format(format, prefix)
    st.query_params["text"] = list(dataset.read_columns)
    st.query_params["label"] = list(dataset.learned_columns)
    st.query_params["task"] = dataset.task


def _show_rows_of(dataset: Dataset, finding: Finding, key: str) -> None:
    if not finding.rows:
        return
    shown = len(finding.rows)
    title = ngettext("Show the row", "Show {n} rows", shown).format(n=shown)
    if shown < finding.count:
        title = ngettext("Show the first row", "Show the first {n} rows", shown).format(n=shown)
    expander = st.expander(title, key=f"rows_{key}", on_change="rerun", type="compact")
    if expander.open:
        with expander:
            rows = workspace().dataset_rows(dataset.id, row_numbers=finding.rows, file=finding.file)
            show_rows(
                rows,
                key=f"rows_{key}_table",
                halves=halves_of(dataset),
                several=dataset.answers is AnswerKind.CATEGORIES,
            )
            st.button(
                _("Work on these rows"),
                key=f"see_{key}",
                type="tertiary",
                icon=":material/table_rows:",
                on_click=_see_rows_of,
                args=(finding,),
            )


def see_rows(**filters: str) -> None:
    """For callbacks: the view of the rows with these filters (see `row_grid`) and no others."""
    kept = {name: st.query_params.get_all(name) for name in ("dataset", FINE, "lang") if name in st.query_params}
    st.query_params.from_dict({**kept, "view": "rows", **filters})


def _see_rows_of(finding: Finding) -> None:
    see_rows(finding=key_of(finding))


def _show_fine(dataset: Dataset, fine: Sequence[str]) -> None:
    """Those called fine stay one click away."""
    put_away = [f for f in sorted_findings(dataset) if key_of(f) in fine and f.severity is not Severity.BLOCKING]
    if not put_away:
        return
    title = ngettext("{n} finding you called fine", "{n} findings you called fine", len(put_away))
    with st.expander(title.format(n=len(put_away)), icon=":material/thumb_up:", key="called_fine"):
        for finding in put_away:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(plain(say(finding.message)), width="content")
                st.button(
                    _("Show again"),
                    key=f"again_{key_of(finding)}",
                    type="tertiary",
                    on_click=_call_open,
                    args=(key_of(finding),),
                )


def _call_fine(key: str) -> None:
    st.query_params[FINE] = ",".join(dict.fromkeys((*fine_keys(), key)))


def _call_open(key: str) -> None:
    left = [one for one in fine_keys() if one != key]
    if left:
        st.query_params[FINE] = ",".join(left)
    else:
        st.query_params.pop(FINE, None)
