"""The seven pages: address, file, and how one page sends the person to another."""

from pathlib import Path
from typing import NoReturn

import streamlit as st

PAGES_DIR = Path(__file__).resolve().parent.parent

#: address (stays English and for ever) -> file in `pages/`
FILES = {
    "home": "home.py",  # answers at "/"
    "data": "data.py",
    "train": "train.py",
    "runs": "runs.py",
    "report": "report.py",
    "try": "try_it.py",
    "score": "score.py",
}


def file_of(page: str) -> str:
    """The script behind an address, e.g. "try"."""
    return str(PAGES_DIR / FILES[page])


def go(page: str, **query: str | int) -> NoReturn:
    """Leave this page for `page` (a key of FILES) with `query` in the URL. Works in callbacks too."""
    st.switch_page(file_of(page), query_params={name: str(value) for name, value in query.items()})


def page_link(page: str, label: str, *, icon: str | None = None, **query: str | int) -> None:
    """A link in the text to another page. `label` is Markdown: user text in it goes through `plain`."""
    st.page_link(
        file_of(page), label=label, icon=icon, query_params={name: str(value) for name, value in query.items()}
    )
