"""Widgets that more than one page uses, and the names of everything kept in the session."""
