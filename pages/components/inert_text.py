"""User text for places that are neither Markdown nor a table."""

import html
import unicodedata


def shorten(text: str, width: int = 24) -> str:
    """`text` on one line and at most `width` wide, where a Chinese character counts two."""
    text = " ".join(text.split())
    used = 0
    for position, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width:
            return text[: max(1, position - 1)].rstrip() + "…"
    return text


def chart_text(text: str, width: int = 24) -> str:
    """For Plotly, which reads tags (`<b>`, `<a href>`) in every text it draws: shortened, with the tags made visible."""
    return html.escape(shorten(text, width), quote=False)
