"""Which rows of a dataset are looked at, in the URL: ?q= ?category= ?finding= ?which= ?file= ?rows= ?sort= ?page=."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import streamlit as st

from core.datasets.rows import REASONS
from core.domain.dataset import Dataset, Split
from core.domain.rows import RowFilter, RowOrder
from core.domain.several import NONE_OF_THEM
from core.i18n import gettext as _
from core.i18n import say
from pages.components import keys
from pages.components.category_sets import none_of_them

PARAMETERS = ("q", "category", "finding", "which", "file", "rows", "sort", "page")
MAX_ROWS = 200  #: named one by one in a URL
MAX_NUMBER = 1 << 31
SEARCH_CHARS = 200
NAME_CHARS = 80  #: of a finding's sentence in the list of findings

#: ?sort= -> order, and whether from the end
SORTS: dict[str, tuple[RowOrder, bool]] = {
    "": (RowOrder.ROW, False),
    "longest": (RowOrder.LENGTH, True),
    "shortest": (RowOrder.LENGTH, False),
    "category": (RowOrder.LABEL, False),
}


def asked_filter() -> RowFilter:
    asked = st.query_params
    code, _colon, file = asked.get("finding", "").partition(":")
    which = asked.get("which", "")
    numbers = [int(row) for row in asked.get("rows", "").split(",")[:MAX_ROWS] if row.isascii() and row.isdigit()]
    of_file = asked.get("file", "") or "practice"
    return RowFilter(
        text=asked.get("q", ""),
        labels=tuple(dict.fromkeys(asked.get_all("category"))),
        finding=code,
        file=(file or "practice") if code else asked.get("file", ""),
        split=which if which in tuple(Split) else "",
        reason=which if which in REASONS else "",
        used={"used": True, "aside": False}.get(which),
        rows=tuple((of_file, row) for row in numbers if row < MAX_NUMBER) or None,
    )


def rows_in_url(rows: Iterable[int]) -> str:
    """Row numbers for ?rows=, the first ones where there are very many."""
    return ",".join(str(row) for row in islice(rows, MAX_ROWS))


def asked_order() -> tuple[RowOrder, bool]:
    return SORTS.get(st.query_params.get("sort", ""), SORTS[""])


def asked_page() -> int:
    asked = st.query_params.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def ask_page(number: int) -> None:
    st.query_params["page"] = str(number)


def show_everything() -> None:
    """For callbacks: no filter, the order of the file, the first page."""
    for parameter in PARAMETERS:
        st.query_params.pop(parameter, None)


def show_filters(dataset: Dataset, labels: Sequence[str], reasons: Sequence[str]) -> None:
    """`labels` and `reasons` are those that stand in some row."""
    with st.grid(6 if dataset.exam_upload else 5, min_column_width=150):
        st.text_input(
            _("Search"),
            key=_settled("q", st.query_params.get("q", "")),
            on_change=_ask,
            args=("q",),
            placeholder=_("Words in the text"),
            icon=":material/search:",
            max_chars=SEARCH_CHARS,
        )
        asked = st.query_params.get_all("category")
        without = [NONE_OF_THEM] if dataset.profile.n_without else []
        st.multiselect(
            _("Categories"),
            list(dict.fromkeys((*dataset.label_counts, *labels, *without, *asked))),
            key=_settled("category", asked),
            on_change=_ask,
            args=("category",),
            format_func=lambda label: none_of_them() if label == NONE_OF_THEM else label,
            placeholder=_("All categories"),
            filter_mode="contains",
            select_all=False,
        )
        _select("which", _("Which rows"), _whiches(reasons))
        _select("finding", _("What the checks found"), _findings(dataset))
        if dataset.exam_upload and not st.query_params.get("finding"):
            _select("file", _("File"), {"": _("Both files"), "practice": _("Practice file"), "exam": _("Exam file")})
        _select(
            "sort",
            _("Order"),
            {
                "": _("As in the file"),
                "longest": _("Longest texts first"),
                "shortest": _("Shortest texts first"),
                "category": _("By category"),
            },
        )


def _select(parameter: str, label: str, names: Mapping[str, str]) -> None:
    """A choice among `names` by their value in the URL; "" is no condition. What is no longer there stays named."""
    asked = st.query_params.get(parameter, "")
    options = dict(names) if asked in names else {**names, asked: asked}
    st.selectbox(
        label,
        list(options),
        key=_settled(parameter, asked),
        format_func=options.__getitem__,
        on_change=_ask,
        args=(parameter,),
    )


def _settled(parameter: str, asked: str | list[str]) -> str:
    """The key of the widget of `parameter`, which shows what the URL says."""
    key = f"{keys.ROWS_ASKED}_{parameter}"
    if st.session_state.get(key) != asked:
        st.session_state[key] = asked
    return key


def _ask(parameter: str) -> None:
    """A filter was changed: it goes into the URL, and the first page is shown."""
    value = st.session_state[f"{keys.ROWS_ASKED}_{parameter}"]
    if value:
        st.query_params[parameter] = value
    else:
        st.query_params.pop(parameter, None)
    st.query_params.pop("page", None)


def _whiches(reasons: Sequence[str]) -> dict[str, str]:
    names = {"": _("All rows"), "used": _("Rows in use"), **split_names()}
    if reasons:
        names["aside"] = _("Set aside")
        names |= {code: _("Set aside: {reason}").format(reason=say(REASONS[code])) for code in reasons}
    return names


def split_names() -> dict[str, str]:
    return {
        Split.PRACTICE.value: _("Practice"),
        Split.CHECKUP.value: _("Check-ups"),
        Split.EXAM.value: _("Exam"),
    }


def _findings(dataset: Dataset) -> dict[str, str]:
    """Those about rows, by code and file as in ?finding=."""
    names = {"": _("Anything")}
    for finding in dataset.findings:
        if finding.rows:
            sentence = say(finding.message)
            key = finding.code if finding.file == "practice" else f"{finding.code}:{finding.file}"
            names[key] = sentence if len(sentence) <= NAME_CHARS else sentence[: NAME_CHARS - 1] + "…"
    return names
