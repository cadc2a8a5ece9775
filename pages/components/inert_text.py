"""User text for places that are neither Markdown nor a table."""

import html
import unicodedata


def shorten(text: str, width: int = 24) -> str:
    """`text` on one line and at most `width` columns wide."""
    text = " ".join(text.split())
    if text_width(text) <= width:
        return text
    text = text[:width]
    while text and text_width(text) >= width:
        text = text[:-1]
    return text.rstrip() + "…"


def text_width(text: str) -> int:
    """How many columns `text` takes where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def chart_text(text: str, width: int = 24) -> str:
    """For Plotly, which reads tags (`<b>`, `<a href>`) in every text it draws: shortened, with the tags made visible."""
    return html.escape(shorten(text, width), quote=False)
