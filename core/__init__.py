"""The Tunedesk engine. It knows no page: `core.workspace` is what pages, terminal and services call."""
