"""Wording and widgets, one file a screen. `router.py` is the one table of pages; streamlit lives only here."""
