"""The profile of a dataset: one picture each for sizes, use, lengths, languages and telling words, each with one sentence."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go_
import streamlit as st

from core.domain.dataset import Dataset, Split
from core.domain.picture import DatasetPicture, LabelWords, Lengths
from core.errors import UserError
from core.i18n import gettext as _
from core.i18n import ngettext
from pages.components.inert_text import chart_text
from pages.components.layout import chart_layout, format_percent, plain, show_chart, show_error
from pages.components.numbers_view import numbers_figure, spread_sentence
from pages.components.row_filters import split_names
from pages.components.session import workspace
from pages.components.url_state import url_select

CHARTED = 12  #: categories drawn
FEWEST_BARS = 4  #: that a picture has place for, so that one bar is not thicker than ten
LISTED_WORDS = 5  #: of each category, in the table
NAME_WIDTH = 22


def show_profile(dataset: Dataset) -> None:
    """Worked out when first looked at, then kept: a million rows take about three seconds."""
    if not dataset.n_used:
        st.info(_("No row could be used, so there is nothing to draw."), icon=":material/info:")
        return
    try:
        with st.spinner(_("Reading the texts…"), show_time=True):
            picture = workspace().profile(dataset.id)
    except UserError as error:
        show_error(error)
        return
    with st.grid(2, min_column_width=340):
        if dataset.numbers is not None:
            with _card(_("Scores")):
                show_chart(
                    numbers_figure(dataset.numbers),
                    key="profile_numbers",
                    alt=_("How the scores are spread"),
                    sentence=spread_sentence(dataset.numbers),
                )
        else:
            with _card(_("Categories")):
                _show_categories(dataset)
        with _card(_("Length of the texts")):
            _show_lengths(picture.lengths, picture.n_texts, height=_height(len(dataset.label_counts)))
        with _card(_("How the examples are used")):
            _show_use(dataset)
        with _card(_("Languages")):
            _show_languages(picture)
    if dataset.numbers is None and any(one.words for one in picture.words):
        with _card(_("Telling words")):
            _show_words(picture.words)


def _card(title: str) -> st.delta_generator.DeltaGenerator:
    card = st.container(border=True, height="stretch", gap="small")
    card.subheader(title, anchor=False)
    return card


# -- sizes -----------------------------------------------------------------------------------------------------------


def _show_categories(dataset: Dataset) -> None:
    counts = dict(sorted(dataset.label_counts.items(), key=lambda item: -item[1]))
    drawn = dict(list(counts.items())[:CHARTED])
    show_chart(
        bars([chart_text(label, NAME_WIDTH) for label in drawn], list(drawn.values())),
        key="profile_categories",
        alt=_("Examples per category"),
        sentence=sizes_in_words(counts),
    )


def sizes_in_words(counts: Mapping[str, int]) -> str:
    """The biggest and the smallest category; Markdown. `counts` are in falling order."""
    labels, n = list(counts), len(counts)
    if n == 1:
        return _("There is one category, “{label}”.").format(label=plain(labels[0]))
    biggest, smallest = counts[labels[0]], counts[labels[-1]]
    if biggest == smallest:
        sentence = _("Each of the {n} categories has {examples} examples.").format(n=n, examples=f"{biggest:,}")
    else:
        sentence = _("“{big}” is the biggest with {n_big} examples, “{small}” the smallest with {n_small}.").format(
            big=plain(labels[0]), n_big=f"{biggest:,}", small=plain(labels[-1]), n_small=f"{smallest:,}"
        )
    if n > CHARTED:
        sentence = _("{sentence} The {drawn} biggest of {n} are drawn.").format(sentence=sentence, drawn=CHARTED, n=n)
    return sentence


def _show_use(dataset: Dataset) -> None:
    names = split_names()
    sizes = [dataset.split_sizes.get(split.value, 0) for split in Split]
    show_chart(
        bars([names[split.value] for split in Split], sizes),
        key="profile_use",
        alt=_("Examples for practice, check-ups and exam"),
        sentence=_(
            "{practice} examples to practise on, {checkup} for check-ups while it learns, "
            "and {exam} for an exam it never sees before."
        ).format(practice=f"{sizes[0]:,}", checkup=f"{sizes[1]:,}", exam=f"{sizes[2]:,}"),
    )


# -- texts -----------------------------------------------------------------------------------------------------------


def _show_lengths(lengths: Lengths, n_texts: int, height: int) -> None:
    show_chart(
        lengths_figure(lengths, max(height, 240)),
        key="profile_lengths",
        alt=_("Texts by their number of characters"),
        sentence=lengths_in_words(lengths, n_texts),
    )


def lengths_figure(lengths: Lengths, height: int) -> go_.Figure:
    """A bar for each bin, the last one for all longer texts; the limit as a line where it is in sight."""
    width = lengths.starts[1] - lengths.starts[0] if len(lengths.starts) > 1 else 1
    ranges = [f"{start:,}–{start + width - 1:,}" if width > 1 else f"{start:,}" for start in lengths.starts]
    ranges[-1] = _("{n} or more").format(n=f"{lengths.starts[-1]:,}")
    figure = go_.Figure(
        go_.Bar(
            x=[start + width / 2 for start in lengths.starts],
            y=lengths.counts,
            width=width,
            customdata=ranges,
            hovertemplate="%{customdata}: %{y:,}<extra></extra>",
        )
    )
    chart_layout(figure, height=height)
    figure.update_layout(hovermode="closest", margin={"t": 24}, bargap=0, showlegend=False)
    figure.update_xaxes(title=_("Characters"), rangemode="tozero")
    if lengths.limit <= lengths.starts[-1] + width:
        figure.add_vline(x=lengths.limit, line_dash="dot", annotation_text=_("what a model reads"))
    return figure


def lengths_in_words(lengths: Lengths, n_texts: int) -> str:
    usual = _("Half of the texts have at most {median} characters, 95 of 100 at most {p95}").format(
        median=f"{lengths.median:,}", p95=f"{lengths.p95:,}"
    )
    if not lengths.n_cut:
        return _("{usual}; none is longer than the {limit} that a model reads.").format(
            usual=usual, limit=f"{lengths.limit:,}"
        )
    return ngettext(
        "{usual}; {n} ({share}) is longer than the {limit} that a model reads at once.",
        "{usual}; {n} ({share}) are longer than the {limit} that a model reads at once.",
        lengths.n_cut,
    ).format(usual=usual, n=f"{lengths.n_cut:,}", share=share_of(lengths.n_cut, n_texts), limit=f"{lengths.limit:,}")


def share_of(n: int, total: int) -> str:
    """A percentage with as many digits as tell it from 0 and from all."""
    ratio = n / max(total, 1)
    digits = 0 if 0.01 <= ratio <= 0.99 or n in (0, total) else 1
    if 0 < n < total and not 0.0005 <= ratio <= 0.9995:
        return _("under 0.1%") if ratio < 0.5 else _("over 99.9%")
    return format_percent(ratio, digits)


def _show_languages(picture: DatasetPicture) -> None:
    names = {"en": _("English"), "zh": _("Chinese"), "other": _("Other languages"), "": _("Too short to tell")}
    show_chart(
        bars([names[name] for name in picture.languages], list(picture.languages.values())),
        key="profile_languages",
        alt=_("Texts by language"),
        sentence=languages_in_words(picture),
    )


def languages_in_words(picture: DatasetPicture) -> str:
    """ "Of the texts, 97% are in Chinese, 3% are in English."; the share of each, the most frequent first."""
    patterns = {
        "en": _("{share} are in English"),
        "zh": _("{share} are in Chinese"),
        "other": _("{share} are in other languages"),
        "": _("{share} are too short to tell"),
    }
    looked_at = picture.n_language_texts
    shares = [patterns[name].format(share=share_of(n, looked_at)) for name, n in picture.languages.items()]
    sentence = _("Of the texts, {shares}.").format(shares=_(", ").join(shares))
    if looked_at < picture.n_texts:
        return _("{sentence} {n} of {all} were looked at.").format(
            sentence=sentence, n=f"{looked_at:,}", all=f"{picture.n_texts:,}"
        )
    return sentence


# -- words -----------------------------------------------------------------------------------------------------------


def _show_words(words: Sequence[LabelWords]) -> None:
    """One category drawn, all of them in a table."""
    by_label = {one.label: one for one in words}
    asked = st.query_params.get("words", "")
    chosen = by_label[asked] if asked in by_label else next(one for one in words if one.words)
    url_select("words", _("Category"), list(by_label), chosen.label)
    left, right = st.columns([3, 2])
    with left:
        _show_words_of(chosen)
    with right:
        st.dataframe(
            {
                "label": [one.label for one in words],
                "words": [" · ".join(word.word for word in one.words[:LISTED_WORDS]) for one in words],
            },
            hide_index=True,
            height="content" if len(words) < 9 else 340,
            row_height=36,
            key="profile_words",
            alt=_("Telling words of each category"),
            column_config={
                "label": st.column_config.TextColumn(_("Category"), width=150),
                "words": st.column_config.TextColumn(_("Telling words")),
            },
        )


def _show_words_of(chosen: LabelWords) -> None:
    if not chosen.words:
        st.caption(_("No word tells this category from the others."))
        return
    names = [chart_text(word.word, NAME_WIDTH) for word in chosen.words]
    figure = go_.Figure()
    for title, values in (
        (_("In this category"), [word.ratio for word in chosen.words]),
        (_("In the others"), [word.ratio_elsewhere for word in chosen.words]),
    ):
        figure.add_bar(
            x=values,
            y=list(range(len(names))),
            orientation="h",
            name=title,
            hovertemplate="%{x:.1%}<extra></extra>",
        )
    chart_layout(figure, height=90 + 26 * len(names))
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=names, autorange="reversed", showgrid=False
    )
    first = chosen.words[0]
    show_chart(
        figure,
        key="profile_words_of",
        alt=_("Share of texts that contain each word"),
        sentence=_("“{word}” stands in {share} of the texts of “{label}” and in {elsewhere} of the others.").format(
            word=plain(first.word),
            share=format_percent(first.ratio, 1),
            label=plain(chosen.label),
            elsewhere=format_percent(first.ratio_elsewhere, 1),
        ),
    )


def bars(names: Sequence[str], values: Sequence[int]) -> go_.Figure:
    """Horizontal bars with their numbers, in the order given. `names` are safe for charts."""
    figure = go_.Figure(
        go_.Bar(
            x=list(values),
            y=list(range(len(values))),
            orientation="h",
            text=[f"{n:,}" for n in values],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        )
    )
    chart_layout(figure, height=_height(len(values)))
    figure.update_layout(hovermode=False, dragmode=False, margin={"t": 8, "r": 64})
    figure.update_xaxes(title=None, showgrid=False, showticklabels=False, rangemode="tozero")
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[max(len(values), FEWEST_BARS) - 0.5, -0.5],
        showgrid=False,
        title=None,
    )
    return figure


def _height(n_bars: int) -> int:
    return 40 + 28 * max(min(n_bars, CHARTED), FEWEST_BARS)
